/*
 * The same figures for parts of the cases: by popularity, length, history, branching, first token.
 */
#ifndef DIAGNOSE_SLICES_H
#define DIAGNOSE_SLICES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "diagnose/column.h"
#include "diagnose/metrics.h"
#include "diagnose/survey.h"
#include "store/json.h"

/* How cases are put into buckets: by the number in a column and where a bucket ends; or by their first token, of which
 * the most frequent ones have buckets of their own and the others the last one. */
struct slicing {
	const char *name;    /* that of the column: "popularity" */
	const char *title;   /* "times the item occurs in the training split" */
	const double *edges; /* last number of each bucket, rising; ends with INFINITY. NULL: by the first token */
	bool pruned_only;    /* only wrongly pruned cases belong to a bucket */
};

extern const struct slicing *const slicings[]; /* ends with NULL */
const struct column *slicing_column(const struct slicing *by);

struct slice {
	char label[64];  /* "6-20", "> 100", '"Canon'; may be shown as it is */
	size_t cases;
	size_t pruned;   /* wrongly */
	struct metrics metrics;
};

#define SLICE_TOKENS 8 /* first tokens that have a slice of their own */

struct slices {
	const struct slicing *by;
	const struct column *column;
	struct slice *at; /* owned, [n] in the order of the buckets; empty ones are left out */
	size_t n;
	uint32_t tokens[SLICE_TOKENS]; /* by first token: those of the first slices; the rest have the last one */
	size_t n_tokens;
	int *place; /* owned; of every bucket, the slice that it became; -1: it was empty */
};

/* Where only wrongly pruned cases belong to a bucket, shares of them would mean nothing: all figures have n = 0. */
void slices_init(struct slices *s, const struct slicing *by, const struct survey *survey);
void slices_release(struct slices *s); /* a zeroed one is fine */

/* The slice of a case, an index of s->at; -1: it belongs to none. Also for the findings of another survey than the one
 * that the slices are made of: so they are compared slice by slice. */
int slices_find(const struct slices *s, const struct finding *f);

json_t *slices_json(const struct survey *survey); /* all slicings; an array. One reference */

#endif
