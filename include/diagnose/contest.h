/*
 * Surveys of the same cases compared: what changed, and whether it is more than chance. All tests are paired.
 */
#ifndef DIAGNOSE_CONTEST_H
#define DIAGNOSE_CONTEST_H

#include <stddef.h>

#include "base/err.h"
#include "diagnose/figures.h"
#include "diagnose/slices.h"
#include "diagnose/survey.h"
#include "diagnose/tally.h"
#include "store/json.h"

/* One of the surveys under a name: "sft", "bear", "tau=0.85". */
struct contender {
	const char *name;            /* borrowed */
	const struct survey *survey; /* borrowed */
};

/* A yes-or-no figure in which cases flipped: McNemar's exact test, and the paired bootstrap of figure_paired. */
struct flip_test {
	size_t n;           /* cases that both surveys decide */
	size_t gained;      /* no in the first, yes in the second */
	size_t lost;        /* the other way */
	double p;
	struct figure difference; /* of the shares, second minus first; bootstrap over pairs */
};

enum flip_kind {
	FLIP_HIT,       /* among the first K returned; all cases decide it */
	FLIP_PRUNED,    /* among the exact best K and not so returned: of all cases, not only of those */
	FLIP_EXACT_HIT, /* among the exact best K */
	FLIP_CONDITION, /* BEAR's condition holds, at each survey's own B; reachable cases decide it */
	FLIP_KINDS,
};

/* A mean compared: the paired bootstrap of figure_paired. */
struct mean_test {
	size_t n;                 /* cases that have it in both surveys */
	struct figure difference; /* second minus first */
	double p;
};

enum mean_kind {
	MEAN_NDCG,       /* at K */
	MEAN_EXACT_NDCG, /* at K */
	MEAN_RECALL,     /* search recall, at each survey's own B */
	MEAN_NLL,        /* of reachable positive items, nats, mask before */
	MEAN_KINDS,
};

/* As JSON: "n", "p", "difference" with "value", "low" and "high", and of flips "gained" and "lost". One reference
 * each. */
json_t *flip_test_json(const struct flip_test *t);
json_t *mean_test_json(const struct mean_test *t);

/* A case whose verdict changed. */
struct flip {
	const struct finding *before, *after; /* borrowed from the surveys */
};

struct slice_difference {
	const struct slicing *by;
	char label[64];
	size_t cases;
	struct flip_test hit, pruned;
};

/* One contender against the first, over the cases that both have. Slices are those by what is known before a search,
 * as the first contender's findings have it. */
struct bout {
	size_t cases;
	struct flip_test flips[FLIP_KINDS];
	struct mean_test means[MEAN_KINDS];
	struct flip *changed;               /* owned, [n_changed] by index of the case */
	size_t n_changed;
	size_t verdicts[TALLY_KINDS][TALLY_KINDS]; /* [first's kind][second's kind] */
	struct slice_difference *slices;    /* owned, [n_slices] */
	size_t n_slices;
};

struct contest {
	const struct contender *contenders; /* borrowed, [n] the first is what the others are compared with */
	size_t n;
	struct survey *surveys; /* owned, [n] the cases that all have; all but the vector is the contender's */
	struct tally *tallies; /* owned, [n] of these */
	struct bout *bouts;    /* owned, [n - 1] */
	size_t common;         /* cases that all have */
	size_t k;              /* K of the bouts: the smallest B of all */
};

/* Cases are paired by their place in the split. The surveys need not be sorted; they outlive the contest. ERR_VALUE: no
 * case is common to all; another split, or a dataset with another "cases_digest"; other ids at the same places. */
int contest_init(struct contest *c, const struct contender *contenders, size_t n, struct err *err) MUST_CHECK;
void contest_release(struct contest *c); /* a zeroed one is fine */

extern const char *const flip_names[FLIP_KINDS]; /* keys in JSON, where "@K" follows if the figure is at K */
extern const char *const mean_names[MEAN_KINDS];

/* "cases" (common), "k", "contenders" with "name", "settings" and the figures of their tallies; "bouts" with "name",
 * "against", "flips", "means", "verdicts" as {before: {after: cases}}, "changed", "slices". What is not a number is
 * null. One reference. */
json_t *contest_json(const struct contest *c);

#endif
