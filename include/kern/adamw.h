/*
 * AdamW (Loshchilov and Hutter 2019) as torch.optim.AdamW has it.
 */
#ifndef KERN_ADAMW_H
#define KERN_ADAMW_H

#include <stddef.h>
#include <stdint.h>

#include "kern/kern.h"

struct adamw {
	double lr, beta1, beta2, eps, weight_decay;
	uint64_t step; /* 1 for the first update */
};

/*
 * One update of n values with the gradient g · by (by: what clipping leaves of it):
 *   w *= 1 - lr · weight_decay;  m = β1 m + (1 - β1) g;  v = β2 v + (1 - β2) g²
 *   w -= lr · (m / (1 - β1^t)) / (sqrt(v / (1 - β2^t)) + eps)
 */
void adamw_update(
	struct kern *k, float *w, float *m, float *v, const float *g, const struct adamw *a, double by, size_t n);

/* Σ x² in double; the order of the sum does not depend on the number of threads. */
double sum_squares(struct kern *k, const float *x, size_t n);

#endif
