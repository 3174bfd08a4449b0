/*
 * The same figures for parts of the cases: by popularity, length, history, branching, first token.
 */
#ifndef DIAGNOSE_SLICES_H
#define DIAGNOSE_SLICES_H

#include <stddef.h>

#include "diagnose/column.h"
#include "diagnose/figures.h"
#include "diagnose/survey.h"
#include "store/json.h"

/* How cases are put into buckets: a column, and where a bucket ends. */
struct slicing {
	const char *name;          /* "popularity" */
	const char *title;         /* "popularity of the item in the training split" */
	const struct column *column; /* or, for "first_token", its text: the most frequent ones, and the rest */
	const double *edges;       /* last number of each bucket but the last, rising; ends with INFINITY */
};

extern const struct slicing *const slicings[]; /* ends with NULL */

struct slice {
	char label[64];  /* "6-20", "> 100", '"Canon'; shown safely as it is */
	size_t cases;
	struct figure hr, exact_hr, pruning_rate, search_recall, condition_violated;
	size_t pruned;   /* wrongly */
};

struct slices {
	const struct slicing *by;
	struct slice *at; /* owned, [n] in the order of the buckets; empty ones are left out */
	size_t n;
};

/* siblings: of wrongly pruned cases only, at the step where they were lost (its other figures have n = 0). */
void slices_init(struct slices *s, const struct slicing *by, const struct survey *survey);
void slices_release(struct slices *s);

/* The bucket's number of a case, from 0; -1: it belongs to none. For comparing slice by slice. */
int slicing_bucket(const struct slicing *by, const struct survey *survey, const struct finding *f);

json_t *slices_json(const struct survey *survey); /* all slicings; an array. One reference */

#endif
