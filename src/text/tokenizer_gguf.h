/* What the reader and the writer of tokenizers in GGUF files share. */
#ifndef TEXT_TOKENIZER_GGUF_H
#define TEXT_TOKENIZER_GGUF_H

#define KEY(name) "tokenizer.ggml." name
#define KEY_JSON "tokenizer.huggingface.json" /* a whole tokenizer.json */

/* Types of tokens, numbered as in the file. */
enum token_type {
	TYPE_NORMAL = 1,
	TYPE_UNKNOWN,
	TYPE_CONTROL,
	TYPE_USER_DEFINED,
	TYPE_UNUSED,
	TYPE_BYTE,
	TYPE_LAST = TYPE_BYTE,
};

/* Bytes of a SentencePiece token that words are spelt with; the default limit there is 16 letters. All ways to cut one
 * in two are tried, and each is looked up. */
#define PIECE_MAX 1024

#endif
