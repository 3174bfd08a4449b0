/*
 * Exact best-first search on the trie (Stahlberg and Byrne 2019; Meister et al. 2020). log p <= 0, so no item below a
 * prefix is more probable than the prefix: once the best open prefix is no better than what is known, the rest need not
 * be looked at. Prefixes are expanded in batches, one model call each, and only such as the answer may depend on.
 */
#ifndef SEARCH_EXACT_H
#define SEARCH_EXACT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "search/scorer.h"
#include "search/trace.h"

#define EXACT_BATCH 32 /* prefixes expanded at once unless told otherwise */

struct exact_options {
	size_t top;      /* how many best items are wanted; 0: only the target's rank */
	uint32_t target; /* leaf whose rank is wanted, or TRIE_NONE */
	size_t budget;   /* most nodes to expand; 0: no limit. A single child under MASK_BEFORE costs nothing */
	size_t batch;    /* prefixes expanded at once; 0: EXACT_BATCH */
	size_t rank_limit; /* the target's rank is not followed once it is beyond this one; 0: it always is */
};

struct exact_result {
	struct trace_result *items; /* owned, [n_items], exact order; equal probabilities in order of leaf */
	size_t n_items;      /* as many as are proved, at most `top`; items of probability zero are not listed */
	double target_logp;  /* -inf where the model gives the target probability zero; NaN without a target */
	size_t target_rank;  /* 1 + leaves found with a larger probability: the rank where proved, else rank >= this */
	size_t target_rank_most; /* rank <= this; both are 0 without a target */
	bool proved;         /* the target's rank is settled */
	bool complete;       /* all of `top` were found, or there are no more items */
	size_t expanded;     /* nodes taken from the queue and expanded; what the budget counts */
	size_t scored;       /* token probabilities computed by this call; those known before cost nothing */
};

/* Searches below the scorer's prompt. Released by the caller, also on failure. */
int exact_search(struct exact_result *r, struct scorer *s, const struct exact_options *o, struct err *err) MUST_CHECK;
void exact_release(struct exact_result *r);

#endif
