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

/* y[rows, out] = x[rows, in] · wᵀ + b, or y += that when add is set. w: [out, in]; b: [out] or NULL. For few rows (a
 * beam) each weight is read from memory once, and the time is that of reading them. The bits of a row do not depend on
 * the number of threads; nor on the other rows, except where sgemm takes many rows (with neither AVX2 nor AVX-512). */
void linear_fwd(
	struct kern *k, float *y, const float *x, const struct tensor *w, const float *b, bool add, size_t rows);

/* Single outputs: y[j] = x[row[j]] · w[id[j]] for j < n, x: [*, in], with the bits that linear_fwd gives for few rows.
 * For logits of a few vocabulary ids. */
void linear_pick_fwd(struct kern *k, float *y, const float *x, const struct tensor *w, const uint32_t *row,
	const uint32_t *id, size_t n);

/* lse[r] = log Σ_v exp(inv_tau · (x[r] · w[v])) over all rows v of w, without keeping the products. Products of -inf
 * count nothing (all of them: -inf); any that is not a number makes the result so. */
void linear_lse_fwd(struct kern *k, double *lse, const float *x, const struct tensor *w, double inv_tau, size_t rows);

#endif
