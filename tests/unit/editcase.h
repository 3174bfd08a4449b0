/*
 * Random cases for edited searches: a case with its twin under the other mask, and edits that have an effect.
 */
#ifndef TESTS_UNIT_EDITCASE_H
#define TESTS_UNIT_EDITCASE_H

#include "randcase.h"
#include "search/beam.h"

#define EDITCASE_EDITS 6
#define EDITCASE_ALL 256 /* candidates that a step never has */

struct pair {
	struct randcase c;
	struct lm *lm;      /* another of the same model */
	struct scorer twin; /* under the other mask */
};

/* Ties in every third round, tokens of probability zero in every fifth. Every prefix has a distribution. */
void pair_init(struct pair *p, struct rng *r, int round);
void pair_release(struct pair *p);

/* log p of a trie node's last token as the scorer of that mask has it. */
double pair_logp(struct pair *p, enum mask_rule mask, uint32_t node);

uint32_t leaf_random(const struct trie *t, struct rng *r);
struct beam_options options_random(struct rng *r);

/* Of any prefix, or of one on the way to the leaf, so that forced ones have forced parents. */
struct beam_edit edit_random(const struct trie *t, uint32_t leaf, struct rng *r);

#endif
