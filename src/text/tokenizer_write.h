/* Writing a tokenizer of our own making: tokenizer.json and, beside it, tokenizer_config.json. */
#ifndef TEXT_TOKENIZER_WRITE_H
#define TEXT_TOKENIZER_WRITE_H

#include <stdbool.h>
#include <stddef.h>

#include "store/json.h"
#include "text/bpe_learn.h"

/* All borrowed. */
struct tokenizer_parts {
	const struct bpe_special *specials;
	size_t n_specials;
	const char *const *added; /* further tokens that are found in a text before anything else */
	size_t n_added;
	json_t *vocab;   /* {"spelling": id}, specials and added tokens included */
	json_t *merges;  /* ["a b", …] */
	bool byte_level; /* texts are split into GPT-2's words and spelt in bytes; otherwise they are neither */
};

int tokenizer_write(const char *dir, const struct tokenizer_parts *parts, struct err *err) MUST_CHECK;

#endif
