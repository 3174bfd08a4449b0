/* Small tokenizers for tests, written as tokenizer.json and loaded from there. */
#ifndef TEST_TOKMAKER_H
#define TEST_TOKMAKER_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"
#include "base/err.h"
#include "text/tokenizer.h"

/*
 * A tokenizer.json. In all parts a single quote stands for a double one.
 * vocab: tokens separated by spaces, with ids from 0; "␣" in a token stands for a space, a backslash begins an escape
 * of JSON. merges: pairs "a b" separated by commas; as ["a","b"] with `pairs`. model and rest: further members of the
 * model and of the root, each with a comma before it, or "".
 */
struct tokmaker {
	const char *vocab, *merges;
	bool pairs;
	const char *model, *rest;
};

/* A directory of the test's own, made in the current one by the first write; emptied and removed by tokmaker_clean. */
void tokmaker_write(const char *name, const char *text); /* as it is, but for the quotes */
void tokmaker_clean(void);

int tokmaker_load(struct tokenizer **out, const struct tokmaker *m, struct err *err); /* writes tokenizer.json first */
int tokmaker_load_dir(struct tokenizer **out, struct err *err);                       /* what was written before */
struct tokenizer *tokmaker_need(const struct tokmaker *m);                            /* fails the test on an error */

/* The pieces of the ids of text, each followed by "|"; without a decoder they are the tokens' spellings. */
void tokmaker_pieces(struct buf *out, const struct tokenizer *t, const char *text, bool specials);
void tokmaker_check(const struct tokenizer *t, const char *text, const char *pieces);

/* What encoding a text, without special tokens, adds to a count of unknown ids that is not 0 before. */
size_t tokmaker_unknown(const struct tokenizer *t, const char *text);

#endif
