/*
 * Any dataset as a token dataset (src/data/read_tokens.c has its files): items and complete prompts as token ids, so
 * that it needs neither tokenizer nor template any more.
 */
#ifndef DATA_WRITE_TOKENS_H
#define DATA_WRITE_TOKENS_H

#include <stddef.h>

#include "base/cancel.h"
#include "base/err.h"
#include "data/dataset.h"
#include "store/json.h"

struct write_tokens {
	const struct dataset *d;       /* spelt */
	const struct tokenizer *t;     /* of the model that it is spelt for; NULL for a token dataset */
	const struct template *tm;     /* NULL for a token dataset */
	size_t max_history;            /* as dataset_prompt has it */
	const json_t *meta;            /* an object: what meta.json shall say besides the token that ends a sequence */
	const cancel_flag *cancel;     /* read before every case; NULL: never cancelled */
	void (*tell)(void *arg, size_t done); /* called after every case; NULL: nobody is told */
	void *arg;

	size_t cases[SPLIT_COUNT];     /* out: that were written */
	size_t left_out;               /* out: cases without a single prompt token, which no model can answer */
	size_t pieces;                 /* out: tokens of which vocab.csv says what they stand for */
};

/* Cases of all splits, which is what `tell` counts to. */
size_t write_tokens_cases(const struct dataset *d);

/*
 * Writes items.csv, cases.csv and those of the other splits, vocab.csv and meta.json into a directory that exists.
 * Texts are written as they are, also such as a spreadsheet takes for a formula: what is read back must be the same. An
 * item without a title has its text for one. Popularity is not in these files, and neither are users nor histories, but
 * for what the prompts say of them. ERR_VALUE where the form cannot say something: an item without an id.
 */
int write_tokens(struct write_tokens *w, const char *dir, struct err *err) MUST_CHECK;

#endif
