/*
 * One case before the court: the beam search, the positive item followed through it, and the exact search, each run
 * once. What outcome_find, finding_search and diagnose have in common.
 */
#ifndef DIAGNOSE_INQUEST_H
#define DIAGNOSE_INQUEST_H

#include "diagnose/diagnosis.h"
#include "diagnose/outcome.h"

/* The part of a diagnosis that comes after diagnosis_follow: the exact rank. What a search returns and is more probable
 * than the item bounds it, whatever the budget allowed. */
void diagnosis_rank(struct diagnosis *d, const struct exact_result *r);
void diagnosis_bound(struct diagnosis *d, const struct trace *trace);

/* No beam narrower than this one returns the item. */
size_t diagnosis_least_width(const struct diagnosis *d, enum search_kind kind);

struct inquest {
	struct trace trace;
	struct exact_result best;
	struct diagnosis d; /* without the verdict, of an item that is reachable */
	double nll_before, nll_after;
	size_t expanded, scored; /* what the scorer had counted before the searches */
};

/* Finds -log P under both masks, searches at o->beam.width with steps, and exactly for the best `top` and the item's
 * rank as far as rank_limit. leaf: TRIE_NONE with `why` saying the cause. The scorer's answers are computed anew.
 * Released by the caller, also on failure. */
int inquest_hold(struct inquest *q, struct scorer *s, uint32_t leaf, enum unreachable_why why,
	const struct diagnose_options *o, size_t top, size_t rank_limit, struct err *err) MUST_CHECK;
void inquest_release(struct inquest *q);

/* Of the exact best `width` (or all items, where there are fewer), those that a search returned; *exact_n: how many
 * these are, 0 where the budget ended the search for them. */
size_t inquest_recalled(const struct inquest *q, const struct trace *returned, size_t width, size_t *exact_n);

/* Writes down what became of the item at width B. After all that bounds the exact rank. */
void inquest_close(struct inquest *q, size_t width, struct outcome *out);

#endif
