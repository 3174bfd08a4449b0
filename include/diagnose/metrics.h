/*
 * What the outcomes of many cases amount to (SPEC section 3, "over a dataset").
 */
#ifndef DIAGNOSE_METRICS_H
#define DIAGNOSE_METRICS_H

#include <stddef.h>
#include <stdint.h>

#include "diagnose/figures.h"
#include "diagnose/finding.h"
#include "diagnose/outcome.h"

struct metrics {
	size_t width, cases;
	struct figure hr, ndcg; /* at K = width, over all cases; an unreachable positive counts as a miss */
	/* Of the exact best `width`, over all cases that are not undecided; the gain only where the rank is proved. */
	struct figure exact_hr, exact_ndcg;
	struct figure pruning_rate;       /* incorrectly pruned ÷ cases whose exact rank is settled and <= B */
	struct figure search_recall;      /* mean, where the exact best B are known, of the share of them returned */
	struct figure lucky;              /* returned though the exact rank is beyond B, of the cases returned */
	struct figure condition_violated; /* of the reachable cases */
	struct figure nll_before, nll_after; /* means over the reachable cases */
	size_t undecided; /* cases whose exact rank the budget left open against B */
};

/* The outcomes were found with B = width. */
void metrics_find(struct metrics *m, const struct outcome *outcomes, size_t n, size_t width, uint64_t seed);

/* The same of findings; the means are there once means_find has found them. */
void metrics_gather(
	struct metrics *m, const struct finding *const *findings, size_t n, size_t width, struct means *means);

/* Is the exact rank within the best k: 1, 0 (that of an unreachable item too), or -1 where the budget left it open? */
int metrics_exact_within(const struct finding *f, size_t k);

/* The discounted gain of the one item that counts: 1 / log2(rank + 1), 0 beyond the best k and without a rank (0). */
double metrics_gain(size_t rank, size_t k);

#endif
