/*
 * What came of one case, in numbers, and figures over many (SPEC section 3, "over a dataset").
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
	size_t exact_n;    /* exact best items that were found: B, or all there are, unless the budget ended it */
	double nll_before, nll_after; /* -log P of the positive item under the two masks; both inf if unreachable */
};

/* The scorer holds the case's prompt; its answers are computed anew. The exact search goes on until the best B are
 * proved, or o->budget nodes were expanded: an exact rank beyond B is only known to be beyond it (diagnose() finds
 * it). Recall is found for an unreachable positive too. o->max_width has no meaning here. */
int outcome_find(struct outcome *out, struct scorer *s, uint32_t leaf, enum unreachable_why why,
	const struct diagnose_options *o, struct err *err) MUST_CHECK;

/* A figure, with its count and a 95 % interval: Wilson's for shares; for means the percentile bootstrap. */
struct figure {
	double value, low, high; /* NaN where n is 0 */
	size_t count, n;         /* shares: count of n; means: count is n */
};

struct figure share(size_t count, size_t n);
/* 1000 draws of n; the same seed gives the same interval. */
struct figure mean(const double *x, size_t n, uint64_t seed);

struct metrics {
	size_t width, cases;
	struct figure hr, ndcg;             /* at K = width, over all cases; an unreachable positive counts as a miss */
	struct figure exact_hr, exact_ndcg; /* of the exact best `width`, over all cases that are not undecided */
	struct figure pruning_rate;         /* incorrectly pruned ÷ cases whose exact rank <= B */
	struct figure search_recall;        /* mean over the cases of the share of the exact best B that was returned */
	struct figure lucky;                /* returned though the exact rank is beyond B, of the cases returned */
	struct figure condition_violated;   /* of the reachable cases */
	struct figure nll_before, nll_after; /* means over the reachable cases */
	size_t undecided;                   /* cases whose exact rank the budget left open against B */
};

/* The outcomes were found with B = width. */
void metrics_find(struct metrics *m, const struct outcome *outcomes, size_t n, size_t width, uint64_t seed);

/* Paired: cases that only one of two runs counts (b: first only, c: second only), two-sided exact McNemar p-value:
 * that of a fair coin giving a split of b + c at least so uneven. */
double mcnemar(size_t b, size_t c);
/* Mean of y - x with a paired bootstrap interval. */
struct figure paired_mean(const double *x, const double *y, size_t n, uint64_t seed);

#endif
