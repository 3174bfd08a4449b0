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

/* A yes-or-no figure in which cases flipped: McNemar's exact test. */
struct flip_test {
	size_t n;           /* cases that both surveys decide */
	size_t gained;      /* no in the first, yes in the second */
	size_t lost;        /* the other way */
	double p;
	struct figure difference; /* of the shares, second minus first; bootstrap over pairs */
};

enum flip_kind { FLIP_HIT, FLIP_PRUNED, FLIP_EXACT_HIT, FLIP_CONDITION, FLIP_KINDS };

/* A mean compared: paired bootstrap, and the two-sided share of draws on the other side of zero. */
struct mean_test {
	size_t n;
	struct figure difference; /* second minus first */
	double p;                 /* of the draws; at least 1 / draws */
};

enum mean_kind { MEAN_NDCG, MEAN_EXACT_NDCG, MEAN_RECALL, MEAN_NLL, MEAN_KINDS };

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

/* One contender against the first. */
struct bout {
	size_t cases;                       /* in both */
	struct flip_test flips[FLIP_KINDS]; /* of FLIP_PRUNED all cases count, wrongly pruned or not */
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
	struct tally *tallies; /* owned, [n] over the cases that all have */
	struct bout *bouts;    /* owned, [n - 1] */
	size_t common;         /* cases that all have */
};

/* ERR_VALUE: no case is common to all; another dataset or split (by digest); B differs where K cannot be the same. */
int contest_init(struct contest *c, const struct contender *contenders, size_t n, struct err *err) MUST_CHECK;
void contest_release(struct contest *c); /* a zeroed one is fine */

extern const char *const flip_names[FLIP_KINDS]; /* keys in JSON */
extern const char *const mean_names[MEAN_KINDS];

json_t *contest_json(const struct contest *c); /* one reference */

#endif
