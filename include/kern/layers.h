/*
 * The small kernels of a transformer's layer. T: rows (tokens).
 */
#ifndef KERN_LAYERS_H
#define KERN_LAYERS_H

#include <stddef.h>
#include <stdint.h>

#include "base/tensor.h"
#include "kern/kern.h"

/* y[t] = row ids[t] of table, widened. table: [vocab, C]; y: [T, C]. */
void embed_fwd(float *y, const struct tensor *table, const uint32_t *ids, size_t T);

/* y[t] += row ids[t] of table: learned positions. */
void embed_add_fwd(struct kern *k, float *y, const struct tensor *table, const uint32_t *ids, size_t T);

/* dtable[ids[t]] += dy[t]. dtable: [vocab, C]. */
void embed_bwd(struct kern *k, float *dtable, const float *dy, const uint32_t *ids, size_t T, size_t C);

/* y[i] = row ids[i] of x; ids NULL: row i. x: [*, C]; y: [n, C]. */
void gather_fwd(struct kern *k, float *y, const float *x, const uint32_t *ids, size_t n, size_t C);

/* dx[ids[i]] = dy[i], the ids rising, and 0 (not +=) in its other rows. dx: [T, C]; dy: [n, C]. */
void gather_bwd(struct kern *k, float *dx, const float *dy, const uint32_t *ids, size_t n, size_t T, size_t C);

/* y[t, c] = w[c] · x[t, c] / sqrt(mean_c x² + eps) (Zhang and Sennrich 2019). x, y: [T, C], may be the same; w: [C]. */
void rmsnorm_fwd(struct kern *k, float *y, const float *x, const float *w, size_t T, size_t C, double eps);

/* dx += and, unless it is NULL, dw += the gradients of rmsnorm_fwd. dx must not be dy. */
void rmsnorm_bwd(struct kern *k, float *dx, float *dw, const float *dy, const float *x, const float *w, size_t T,
	size_t C, double eps);

/* y[t, c] = w[c] · (x[t, c] - mean) / sqrt(variance + eps) + b[c], both of x[t] (Ba et al. 2016). x, y: [T, C], may be
 * the same; w, b: [C]. */
void layernorm_fwd(
	struct kern *k, float *y, const float *x, const float *w, const float *b, size_t T, size_t C, double eps);

/* dx += and, unless they are NULL, dw += and db += the gradients of layernorm_fwd; dw and db are wanted both or
 * neither. dx must not be dy. */
void layernorm_bwd(struct kern *k, float *dx, float *dw, float *db, const float *dy, const float *x, const float *w,
	size_t T, size_t C, double eps);

/* Rotary positions (Su et al. 2021) in HF's half-split form: of a head's d values, i and i + d/2 turn by the angle
 * position · inv_freq[i]. x: [T, heads, d] with rows `stride` floats apart, in place. cos, sin: [positions, d/2]. */
void rope_fwd(struct kern *k, float *x, const uint32_t *position, const float *cos, const float *sin, size_t T,
	size_t heads, size_t d, size_t stride);

/* The gradient of rope_fwd, in place: turns dx back. */
void rope_bwd(struct kern *k, float *dx, const uint32_t *position, const float *cos, const float *sin, size_t T,
	size_t heads, size_t d, size_t stride);

/* y = silu(gate) · up, elementwise over n values; y may be gate. */
void swiglu_fwd(struct kern *k, float *y, const float *gate, const float *up, size_t n);

/* dgate, dup = (not +=: both belong to one layer) the gradients of swiglu_fwd. dup may be dy, dgate may be gate. */
void swiglu_bwd(
	struct kern *k, float *dgate, float *dup, const float *dy, const float *gate, const float *up, size_t n);

/* y = x · Φ(x) elementwise over n values, in its form by tanh (Hendrycks and Gimpel 2016): x (1 + tanh u) / 2 with
 * u = sqrt(2/π) (x + 0.044715 x³). y may be x. */
void gelu_fwd(struct kern *k, float *y, const float *x, size_t n);

/* dx = (not +=) the gradient of gelu_fwd; dx may be dy or x. */
void gelu_bwd(struct kern *k, float *dx, const float *dy, const float *x, size_t n);

/* log Σ exp(inv_tau · z[i]) over n values in double; -inf when all are -inf. */
double lse_fwd(const float *z, size_t n, double inv_tau);

#endif
