/*
 * Linear maps with weights kept in their stored type (base/tensor.h), widened as they are used.
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

/* Whether the bits of a row never depend on the other rows. */
bool linear_rows_alone(const struct kern *k);

/* linear_fwd for a batch in training, where no other computation has to agree with it bit by bit: many rows, or short
 * sums, take less time. Its bits do not depend on the number of threads. */
void linear_batch_fwd(
	struct kern *k, float *y, const float *x, const struct tensor *w, const float *b, bool add, size_t rows);

/* Single outputs: y[j] = x[row[j]] · w[id[j]] for j < n, x: [*, in], with the bits that linear_fwd gives for few rows.
 * For logits of a few vocabulary ids. */
void linear_pick_fwd(struct kern *k, float *y, const float *x, const struct tensor *w, const uint32_t *row,
	const uint32_t *id, size_t n);

/* lse[r] = log Σ_v exp(inv_tau · (x[r] · w[v])) over all rows v of w, without keeping the products. Products of -inf
 * count nothing (all of them: -inf); any that is not a number makes the result so. */
void linear_lse_fwd(struct kern *k, double *lse, const float *x, const struct tensor *w, double inv_tau, size_t rows);

/* dx[rows, in] = dy[rows, out] · w, or dx += that when add is set: where several outputs share x. */
void linear_bwd_x(struct kern *k, float *dx, const float *dy, const struct tensor *w, bool add, size_t rows);

/* dw[out, in] += dyᵀ · x, and db[out] += Σ_r dy[r] unless db is NULL. x: [rows, in], dy: [rows, out]. */
void linear_bwd_w(
	struct kern *k, float *dw, float *db, const float *dy, const float *x, size_t rows, size_t out, size_t in);

/* y[rows, n] = x[rows, in] · w[ids]ᵀ: a few outputs, the same ones of every row (logits of a trie node's children). The
 * ids are distinct and below w's rows. */
void linear_rows_fwd(
	struct kern *k, float *y, const float *x, const struct tensor *w, const uint32_t *ids, size_t rows, size_t n);

/* dx[rows, in] += dy · w[ids], and dw[ids[j]] += Σ_r dy[r, j] · x[r] unless dw ([out, in]) is NULL: frozen. */
void linear_rows_bwd(struct kern *k, float *dx, float *dw, const float *dy, const float *x, const struct tensor *w,
	const uint32_t *ids, size_t rows, size_t n);

#endif
