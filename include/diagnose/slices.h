/*
 * The same figures for parts of the cases: by popularity, length, history, branching, first token.
 */
#ifndef DIAGNOSE_SLICES_H
#define DIAGNOSE_SLICES_H

#include <stddef.h>
#include <stdint.h>

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

#define SLICE_TOKENS 8 /* first tokens that have a slice of their own */

struct slices {
	const struct slicing *by;
	struct slice *at; /* owned, [n] in the order of the buckets; empty ones are left out */
	size_t n;
	uint32_t tokens[SLICE_TOKENS]; /* by first token: those of the first slices; the rest have the last one */
	size_t n_tokens;
	int *place; /* owned; of every bucket, the slice that it became; -1: it was empty */
};

/* siblings: of wrongly pruned cases only, at the step where they were lost (its other figures have n = 0). */
void slices_init(struct slices *s, const struct slicing *by, const struct survey *survey);
void slices_release(struct slices *s); /* a zeroed one is fine */

/* The slice of a case, an index of s->at; -1: it belongs to none. Also for the findings of another survey than the one
 * that the slices are made of: so they are compared slice by slice. */
int slices_find(const struct slices *s, const struct finding *f);

json_t *slices_json(const struct survey *survey); /* all slicings; an array. One reference */

#endif
