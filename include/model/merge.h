/*
 * A LoRA adapter's matrix added into the one that it stands beside: W + scale · B A, some rows at a time, summed in
 * double.
 */
#ifndef MODEL_MERGE_H
#define MODEL_MERGE_H

#include <stddef.h>

#include "base/err.h"
#include "model/adapter.h"

struct merge {
	const struct lora *lora; /* borrowed; NULL: there is nothing to add */
	float *a, *b;            /* owned: [r, in], [out, r] */
	double *row;             /* owned, [in] */
};

int merge_init(struct merge *m, const struct lora *lora, struct err *err) MUST_CHECK;
void merge_release(struct merge *m); /* a zeroed one is fine, and one whose init failed */

/* w[n, in] are rows first … first + n - 1 of the matrix. */
void merge_rows(const struct merge *m, float *w, size_t first, size_t n);

#endif
