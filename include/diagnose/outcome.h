/*
 * What came of one case, in numbers (SPEC section 3).
 */
#ifndef DIAGNOSE_OUTCOME_H
#define DIAGNOSE_OUTCOME_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/vec.h"
#include "diagnose/diagnosis.h"

struct outcome {
	enum verdict_kind kind;
	enum unreachable_why why;
	size_t rank;       /* in the result; 0: not returned */
	size_t exact_rank; /* 1 + items found with a larger probability; 0 if unreachable */
	bool exact_proved; /* otherwise the rank is at least exact_rank */
	size_t pruned_at;  /* step at which it left the beam; 0: it never did, or is unreachable */
	bool condition_holds;
	size_t returned;   /* items in the result, at most B */
	size_t recalled;   /* of the exact best B, those that were returned, or one as probable as the last */
	size_t exact_n;    /* exact best items: B, or all there are; 0: the budget ended the search for them */
	double nll_before, nll_after; /* -log P of the positive item under the two masks; both inf if unreachable */
};

/* The scorer holds the case's prompt; its answers are computed anew. The exact search goes on until the best B are
 * proved, or o->budget nodes were expanded: an exact rank beyond B is only known to be beyond it (diagnose() finds
 * it). Recall is found for an unreachable positive too. o->max_width has no meaning here. */
int outcome_find(struct outcome *out, struct scorer *s, uint32_t leaf, enum unreachable_why why,
	const struct diagnose_options *o, struct err *err) MUST_CHECK;

#endif
