/*
 * Grouped-query attention over a KV cache.
 *
 * keys and values: [slots, kv_heads · d], one row a cached token, keys already rotated. Query head h reads kv head
 * h / (heads / kv_heads). Scores are scaled by 1/sqrt(d).
 */
#ifndef KERN_ATTN_H
#define KERN_ATTN_H

#include <stddef.h>
#include <stdint.h>

#include "kern/kern.h"

struct attn_shape {
	size_t heads, kv_heads, d;
};

/* Causal: T new tokens whose rows are slots past … past+T-1; token t sees slots 0 … past+t. out, q: [T, heads · d]. */
void attn_causal_fwd(struct kern *k, float *out, const float *q, const float *keys, const float *values, size_t past,
	size_t T, const struct attn_shape *s);

/* A tree below a prompt: row r sees slots 0 … prompt-1 and the slots path[first[r]] … path[first[r+1]-1] (its ancestors
 * and itself). out, q: [R, heads · d]. The prompt part of all rows is one matrix product a kv head. */
void attn_tree_fwd(struct kern *k, float *out, const float *q, const float *keys, const float *values, size_t prompt,
	const uint32_t *path, const size_t *first, size_t R, const struct attn_shape *s);

/* Sequences one after the other without padding: sequence s is the rows first[s] … first[s+1]-1, and a row sees those
 * of its own sequence up to itself. out, q: [T, heads · d]; keys, values: [T, kv_heads · d], T = first[n]; lse,
 * [T, heads], gets log Σ exp of each row's scaled scores, for attn_packed_bwd. */
void attn_packed_fwd(struct kern *k, float *out, float *lse, const float *q, const float *keys, const float *values,
	const size_t *first, size_t n, const struct attn_shape *s);

/* dq, dkeys, dvalues = (not +=: all belong to one layer) the gradients of attn_packed_fwd. Scores are computed again
 * from q, keys and lse. */
void attn_packed_bwd(struct kern *k, float *dq, float *dkeys, float *dvalues, const float *dout, const float *lse,
	const float *q, const float *keys, const float *values, const size_t *first, size_t n,
	const struct attn_shape *s);

#endif
