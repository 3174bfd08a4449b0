/*
 * Exact best-first search on the trie: log p <= 0, so finished items leave the queue in the exact order of their overall
 * probability (Stahlberg and Byrne 2019; Meister et al. 2020). Prefixes are expanded in batches, one model call each.
 */
#ifndef SEARCH_EXACT_H
#define SEARCH_EXACT_H

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"
#include "search/scorer.h"
#include "search/trace.h"

struct exact_options {
	size_t top;      /* how many best items are wanted; 0: only the target's rank */
	uint32_t target; /* leaf whose rank is wanted, or TRIE_NONE */
	size_t budget;   /* most nodes to expand; 0: no limit */
	size_t batch;    /* prefixes expanded at once; 0: a default */
};

struct exact_result {
	struct trace_result *items; /* owned, [n_items], exact order; equal probabilities in order of leaf */
	size_t n_items;
	double target_logp;  /* -inf where the model gives the target probability zero */
	size_t target_rank;  /* 1 + leaves with a larger probability; or, where not proved, the bound: rank > this - 1 */
	bool proved;
	bool complete;       /* all of `top` were found, or there are no more items */
	size_t expanded;     /* nodes expanded by this call */
	size_t scored;       /* token probabilities computed by this call */
};

int exact_search(struct exact_result *r, struct scorer *s, const struct exact_options *o, struct err *err) MUST_CHECK;
void exact_release(struct exact_result *r);

#endif
