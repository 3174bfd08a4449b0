/*
 * The figures of a survey (SPEC section 3, "over a dataset"). Made from findings alone: of one run, of shards put
 * together or of a file the same.
 */
#ifndef DIAGNOSE_TALLY_H
#define DIAGNOSE_TALLY_H

#include <stddef.h>

#include "base/err.h"
#include "diagnose/metrics.h"
#include "diagnose/survey.h"
#include "store/json.h"

#define TALLY_KINDS 5 /* of verdicts */
#define TALLY_WHYS 5  /* to be unreachable */
#define TALLY_AT 8    /* most K of HR@K and NDCG@K */

/* HR and NDCG at one K <= B. */
struct tally_at {
	size_t k;
	struct figure hr, ndcg;             /* by sequence: all items of one title count as found together */
	struct figure item_hr, item_ndcg;   /* by item: those of a shared sequence are listed one by one */
	struct figure exact_hr, exact_ndcg; /* of the exact best K */
};

/* One step of all reachable cases that have it. A finished item may lose its place after its last step: it then counts
 * as pruned at a step that it does not have. */
struct tally_step {
	size_t step;         /* from 1 */
	size_t n;            /* positive items with a margin here: so many tokens or more, search not yet ended */
	size_t alive;        /* in the beam before this step */
	size_t pruned;       /* left the beam here, whatever the verdict */
	size_t wrongly;      /* of these, wrongly pruned */
	double prefix_margin[5]; /* smallest, quarter, median, three quarters, largest of those alive; NaN: n is 0 */
	double token_margin[5];
	size_t violated;     /* token rank beyond B, of those alive */
};

/* One beam width of the survival by B. */
struct tally_width {
	size_t width;
	struct figure hr, exact_hr;
	struct figure pruning_rate;  /* of the cases whose exact rank is within this width, those not returned */
	struct figure search_recall;
	size_t saved; /* of the cases wrongly pruned at the survey's own B, those returned at this width */
};

struct tally {
	size_t cases, split_cases, width;
	size_t kinds[TALLY_KINDS];       /* by enum verdict_kind */
	size_t whys[TALLY_WHYS];         /* the unreachable ones, by enum unreachable_why */
	struct metrics metrics;          /* at K = B */
	struct tally_at at[TALLY_AT];    /* [n_at] */
	size_t n_at;
	struct figure held_yet_pruned;   /* of the wrongly pruned, those for which BEAR's condition held */
	struct tally_step *steps;        /* owned, [n_steps] */
	size_t n_steps;
	struct tally_width *widths;      /* owned, [n_widths] those of the survey */
	size_t n_widths;
	size_t smallest_n;               /* wrongly pruned cases that some scanned width returns */
	size_t smallest_median;          /* median over these of the smallest; 0: none */
	size_t scored_median, scored_most; /* token probabilities a case */
};

/* k: [n_k] the K of `at`, each at most B and none 0; none: 1, 5 and B where they differ. ERR_VALUE otherwise. */
int tally_init(struct tally *t, const struct survey *s, const size_t *k, size_t n_k, struct err *err) MUST_CHECK;
void tally_release(struct tally *t); /* a zeroed one is fine */

/* As JSON, "figures" with "value", "n", "low", "high" (and "count" of shares): what `diagnose` and `merge` print and a
 * report holds. The survey is for the slices; NULL: without them. One reference. */
json_t *tally_json(const struct tally *t, const struct survey *s);
json_t *figure_json(const struct figure *f);

/* Adds the figures to an object, under their names: "hr@10", "pruning_rate", … */
void metrics_json(json_t *figures, const struct metrics *m);

#endif
