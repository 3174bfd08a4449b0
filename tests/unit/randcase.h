/*
 * A random small case: catalogue, trie, model and scorer, with a prompt set. And its probabilities by themselves, from
 * plain lists of items, for brute force.
 */
#ifndef TESTS_UNIT_RANDCASE_H
#define TESTS_UNIT_RANDCASE_H

#include "randlm.h"
#include "search/scorer.h"

#define RANDCASE_EOS 2u
#define RANDCASE_VOCAB 9

struct randcase {
	struct randitems items;
	struct randlm_options model;
	struct trie trie;
	struct lm *lm;
	struct scorer s;
	uint32_t prompt[2];
};

/* Mask, end rule, temperature, size of catalogue and alphabet at random. levels and zero as in randlm_options. */
void randcase_init(struct randcase *c, struct rng *r, size_t most_items, unsigned levels, double zero);
void randcase_release(struct randcase *c);

/* Has the scorer answer every prefix; -1 where one has no distribution. */
int randcase_expand(struct randcase *c, struct err *err);

/* A case of round 0, 1, … of a test, some with ties and some with zeros; false, and nothing to release, where a prefix
 * has no distribution. All is expanded. */
bool randcase_whole(struct randcase *c, struct rng *r, size_t most_items, int round);

#endif
