/*
 * Text to token ids and back, as a Hugging Face tokenizer.json says.
 *
 * Three families: byte-level BPE (GPT-2, Llama 3, Qwen: a pre-tokeniser expression run by PCRE2, bytes mapped to
 * printable characters), BPE with byte fallback (Llama 2, Mistral, TinyStories: "▁" for spaces, `<0xNN>` for bytes
 * that no token covers) and Unigram (T5, mT5, XLM-R, ALBERT: SentencePiece's character map and pieces with scores). The
 * steps are those of the file: added tokens split the text first, then normaliser, pre-tokeniser, merges by rank or the
 * best way by scores, post-processor. A step of a kind that is not known is refused at load time by name.
 *
 * A loaded tokenizer is constant: any number of threads may use it at once.
 */
#ifndef TEXT_TOKENIZER_H
#define TEXT_TOKENIZER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/vec.h"

#define TOKEN_NONE UINT32_MAX /* no id */

struct gguf;
struct tokenizer;
struct gguf_writer;

/*
 * path: a tokenizer.json, or a directory that holds one. Caller frees. The special tokens are those that
 * tokenizer_config.json beside it names, or else special_tokens_map.json, or else the post-processor; a name that no
 * token has counts as none. Ids need not be consecutive. One id for two spellings, two ids for one, an id above two
 * million and a merge whose parts or whole are not in the vocabulary are errors.
 */
int tokenizer_load(struct tokenizer **out, const char *path, struct err *err) MUST_CHECK;

/*
 * The tokenizer of a GGUF file, whose models "gpt2" (byte-level BPE, by tokenizer.ggml.pre), "llama" (SentencePiece's
 * BPE, by scores), "t5" (Unigram) and "none" with a whole tokenizer.json are known; others and an unknown pre-tokeniser
 * are refused by name. Control and user-defined tokens are found in texts as the added tokens of a tokenizer.json are.
 * g is not needed after. Caller frees.
 */
int tokenizer_load_gguf(struct tokenizer **out, const struct gguf *g, struct err *err) MUST_CHECK;
void tokenizer_free(struct tokenizer *t); /* NULL is fine */

/*
 * Writes DIR/tokenizer.json and DIR/tokenizer_config.json into a directory that exists: from them Hugging Face and
 * tokenizer_load make the same ids of every text. ERR_UNSUPPORTED: there is no tokenizer.json for it.
 */
int tokenizer_save(const struct tokenizer *t, const char *dir, struct err *err) MUST_CHECK;

/*
 * Puts the tokenizer's keys (tokenizer.ggml.*) for a model of `vocab` ids; those that no token has become unused
 * tokens, [PADn]. eos: the id that the model ends with, TOKEN_NONE where that is the tokenizer's own; a tokenizer that
 * puts its own behind texts keeps it. Reads back as the same tokenizer, but for two things that GGUF has no words for:
 * a mark that was put before the first text only, and special tokens that were found in normalised text.
 * ERR_UNSUPPORTED, and nothing is put: nor has it words for something else. ERR_VALUE: there are more ids than the
 * model has.
 */
int tokenizer_gguf(const struct tokenizer *t, size_t vocab, uint32_t eos, struct gguf_writer *w,
	struct err *err) MUST_CHECK;

/* Puts a tokenizer of any kind as a tokenizer.json (tokenizer.huggingface.json), under the model "none": programs that
 * know only GGUF's own keys take and give ids. ERR_UNSUPPORTED as tokenizer_save. */
int tokenizer_gguf_json(const struct tokenizer *t, uint32_t eos, struct gguf_writer *w, struct err *err) MUST_CHECK;

/* One more than the largest id, added tokens included. */
size_t tokenizer_vocab_size(const struct tokenizer *t);
/* The same of the ids that words are spelt with: added tokens, which a model may have no row for, do not count. */
size_t tokenizer_word_size(const struct tokenizer *t);
uint32_t tokenizer_bos(const struct tokenizer *t); /* TOKEN_NONE if the tokenizer names none */
uint32_t tokenizer_eos(const struct tokenizer *t);
uint32_t tokenizer_unk(const struct tokenizer *t);
uint32_t tokenizer_find(const struct tokenizer *t, const char *token, size_t len); /* by its spelling in the file */
const char *tokenizer_kind(const struct tokenizer *t); /* "byte-level BPE", for `info` */

/* Appends the ids of text to *ids. specials: as HF's add_special_tokens, what the post-processor puts around the text.
 * Invalid UTF-8 is an error that names the offset; *ids is then unchanged. *unknown (may be NULL) is increased by the
 * number of ids that stand for text the vocabulary cannot spell, and, where there is no unknown token, of characters
 * that were dropped. */
int tokenizer_encode(const struct tokenizer *t, const char *text, size_t len, bool specials, struct vec_u32 *ids,
	size_t *unknown, struct err *err) MUST_CHECK;

/* Appends the text of ids, as HF's decode, but bytes that are not valid UTF-8 come out as they are (an id may end
 * inside a character). An id that no token has is an error; *text is then unchanged. */
int tokenizer_decode(const struct tokenizer *t, const uint32_t *ids, size_t n, bool skip_specials, struct buf *text,
	struct err *err) MUST_CHECK;

/* Appends what one token adds to a text in its middle: " PG" for "ĠPG" or "▁PG"; special tokens as they are spelled.
 * Raw bytes: pass them through utf8_show before they reach a terminal. */
int tokenizer_piece(const struct tokenizer *t, uint32_t id, struct buf *text, struct err *err) MUST_CHECK;

#endif
