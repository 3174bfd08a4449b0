/*
 * What GGUF's tokenizer.ggml.pre names: how a byte-level tokenizer cuts a text into words. The expressions are those of
 * the tokenizer.json files that came with the models.
 */
#ifndef TEXT_PRE_H
#define TEXT_PRE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"
#include "text/steps.h"

#define PRE_SPLITS 5

struct pre {
	const char *name;
	const char
		*splits[PRE_SPLITS]; /* expressions, one after the other; every match is a piece; NULL after the last */
	bool ignore_merges;          /* a word that is a token stays whole */
	bool adds_bos;               /* the first token goes before every text, where the file does not say */
	bool nfc;                    /* texts are composed first; other programs that read GGUF leave that out */
};

const struct pre *pre_find(const char *name, size_t len); /* NULL: not known */
void pre_list(struct buf *out);                           /* appends all names */

/* The name for the steps of a byte-level tokenizer; NULL: there is none. */
const struct pre *pre_of(const struct steps *normalizer, const struct steps *pre_tokenizer, bool ignore_merges);

#endif
