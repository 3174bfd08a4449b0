/*
 * Linear maps with weights kept in their stored type (F32, F16, BF16), widened as they are used.
 */
#ifndef KERN_LINEAR_H
#define KERN_LINEAR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/tensor.h"
#include "kern/kern.h"

/* y[rows, out] = x[rows, in] · wᵀ + b, or y += that when add is set. w: [out, in]; b: [out] or NULL. Few rows (a beam)
 * take a kernel that reads each weight once; many go to sgemm. */
void linear_fwd(struct kern *k, float *y, const float *x, const struct tensor *w, const float *b, bool add, size_t rows);

/* Single outputs: y[j] = x[row[j]] · w[id[j]] for j < n, x: [*, in]. For logits of a few vocabulary ids. */
void linear_pick_fwd(struct kern *k, float *y, const float *x, const struct tensor *w, const uint32_t *row, const uint32_t *id,
		     size_t n);

/* lse[r] = log Σ_v exp(inv_tau · (x[r] · w[v])) over all rows v of w, without keeping the products. */
void linear_lse_fwd(struct kern *k, double *lse, const float *x, const struct tensor *w, double inv_tau, size_t rows);

#endif
