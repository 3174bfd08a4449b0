/*
 * Learning a byte-level BPE vocabulary (Sennrich et al. 2016) from texts, and writing it as a tokenizer.json that
 * text/tokenizer.h and HF tokenizers read alike.
 *
 * Words are those of the GPT-2 pre-tokeniser expression; one longer than 1,000 bytes teaches nothing. Ids: the special
 * tokens in the order given, the 256 bytes, then the merges as they were learnt: the most frequent pair first, of equal
 * counts the one of lower ids. A merge that would spell a special token is not made. The same texts in any order give
 * the same vocabulary everywhere.
 *
 * Where a special token has the role "bos_token", the post-processor puts it before a text.
 */
#ifndef TEXT_BPE_LEARN_H
#define TEXT_BPE_LEARN_H

#include <stddef.h>

#include "base/err.h"

struct bpe_special {
	const char *text; /* "<s>" */
	const char *role; /* "bos_token", "eos_token", … in tokenizer_config.json; NULL: just a token */
};

/*
 * Writes DIR/tokenizer.json and DIR/tokenizer_config.json into a directory that exists. vocab: the ids in all, special
 * tokens included; learning ends earlier where no pair occurs twice. *size gets the ids there are. ERR_VALUE: vocab is
 * too small for the bytes; a text is not valid UTF-8; two special tokens are alike.
 */
int bpe_learn(const char *dir, const char *const *texts, size_t n, size_t vocab, const struct bpe_special *specials,
	size_t n_specials, size_t *size, struct err *err) MUST_CHECK;

/* The same files for a vocabulary of whole tokens, each one an added token (the codebook of semantic ids: "<a_159>").
 * Text between them is the token of the role "unk_token". ERR_VALUE: two tokens are alike. */
int codebook_write(const char *dir, const char *const *tokens, size_t n, const struct bpe_special *specials,
	size_t n_specials, size_t *size, struct err *err) MUST_CHECK;

#endif
