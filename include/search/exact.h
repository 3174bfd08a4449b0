/*
 * Exact best-first search on the trie (Stahlberg and Byrne 2019; Meister et al. 2020). log p <= 0, so no item below a
 * prefix is more probable than the prefix: once the best open prefix is no better than what is known, the rest need not
 * be looked at.
 *
 * Prefixes are expanded best first and in batches, one model call each. For a rank, every prefix that is more probable
 * than the target has to be expanded, so that no batch is too large; for the best k, those above the k-th best and no
 * others, so that what a batch takes beyond them is wasted. What the scorer knows costs nothing and is used first:
 * after a beam search over the same scorer the items that it returned bound the k-th best from the start. Once the best
 * are found and all that is open is whether the target's rank is beyond rank_limit, long prefixes go first instead: any
 * items better than the target settle it.
 *
 * The queue holds a prefix at most once, so at most as many entries (16 bytes) as the trie has nodes; those that have
 * come to matter no more are dropped before it grows. The model's tree grows by every prefix that is expanded, which
 * a budget limits.
 */
#ifndef SEARCH_EXACT_H
#define SEARCH_EXACT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "search/scorer.h"
#include "search/trace.h"

/* Prefixes expanded at once unless told otherwise: of those that must be expanded whatever else is found, and of those
 * that may turn out not to be needed. Measured (tests/bench/bench_search.c): with fewer the model's matrices are too
 * small, with more too much is computed for nothing. */
#define EXACT_SURE_BATCH 128
#define EXACT_BATCH 12

struct exact_options {
	size_t top;      /* how many best items are wanted; 0: only the target's rank */
	uint32_t target; /* leaf whose rank is wanted, or TRIE_NONE */
	size_t budget;   /* most nodes to expand; 0: no limit. What the scorer knows, and a single child under
			  * MASK_BEFORE, costs nothing */
	size_t batch;    /* prefixes expanded at once; 0: see above */
	size_t rank_limit; /* the target's rank is not followed once it is beyond this one; 0: it always is */
};

struct exact_result {
	struct trace_result *items; /* owned, [n_items], exact order; equal probabilities in order of leaf */
	size_t n_items;      /* as many as are proved, at most `top`; items of probability zero are not listed */
	double target_logp;  /* -inf where the model gives the target probability zero; NaN without a target */
	/*
	 * target_rank <= rank <= target_rank_most; both are 0 without a target. The lower bound is 1 + the leaves
	 * found with a larger probability. The upper one adds what may be below the prefixes that were not expanded:
	 * the items below a prefix share its probability P, so that at most P / p of them have a probability above p
	 * (one less where the target is among them), and never more than there are. Under both masks all items
	 * together have at most the probability 1, so it is at most 1 / p. Rounding: P and p are sums of at most
	 * max_depth log p in double, far closer than 1e-9; under MASK_AFTER the log-sum of the vocabulary comes from
	 * float sums, so that the children of a prefix may exceed it by some 1e-6. P / p is taken that much larger:
	 * by 1e-9 and 1e-3.
	 */
	size_t target_rank;
	size_t target_rank_most;
	bool proved;         /* the two are equal: this is the target's rank */
	bool complete;       /* all of `top` were found, or there are no more items */
	size_t expanded;     /* nodes that the model was asked about, the target's own path apart: what the budget
			      * counts */
	size_t scored;       /* token probabilities computed, with those of the target's path; what was known before is
			      * in neither */
};

/* Searches below the scorer's prompt. Released by the caller, also on failure. */
int exact_search(struct exact_result *r, struct scorer *s, const struct exact_options *o, struct err *err) MUST_CHECK;
void exact_release(struct exact_result *r);

#endif
