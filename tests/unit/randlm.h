/*
 * Random material for the tests of search and diagnosis: a language model whose logits are a hash of the path, and
 * small catalogues full of duplicates, prefixes of others and shared beginnings.
 */
#ifndef TESTS_UNIT_RANDLM_H
#define TESTS_UNIT_RANDLM_H

#include <stddef.h>
#include <stdint.h>

#include "base/rng.h"
#include "model/lm.h"

struct randlm_options {
	size_t vocab;
	uint64_t seed;
	unsigned levels; /* the logits are 0, -1, … -(levels-1): ties; 0: continuous, no ties */
	double zero;     /* share of tokens that get probability zero */
};

struct lm *randlm_new(const struct randlm_options *o); /* lm_close() frees */

/* The logit of a token after prompt and path, as the model gives it: for those who compute the answer another way. */
float randlm_logit(const struct randlm_options *o, const uint32_t *prompt, size_t n_prompt, const uint32_t *path,
	size_t n_path, uint32_t token);

#define RANDITEMS_LONGEST 16 /* tokens of an item, EOS included */

/* Items of tokens of the ids 0 … alphabet-1, each followed by EOS. Zeroed is empty. */
struct randitems {
	uint32_t *tokens; /* owned, as is first */
	size_t *first;    /* [n + 1] */
	size_t n;
};

void randitems_init(struct randitems *items, struct rng *r, size_t n, uint32_t alphabet, uint32_t eos);
void randitems_release(struct randitems *items);

#endif
