#include <math.h>
#include <string.h>

#include "kern/attn.h"
#include "kern_priv.h"

/* Multiplications and additions of the scores below which waking the pool costs more than it gives. */
#define WORTH_SPLITTING ((size_t)1 << 15)

/* Query rows a task: whole tiles of rows for every instruction set. */
#define ROWS_A_TASK 12

/*
 * z[i] = exp(by · (z[i] - max)) for i < n, and 0 from there to the whole vectors of `wide`. Returns 1 / Σ z: it is cheaper
 * to scale what the weights are used for.
 */
static float exp_row(const struct isa *isa, float *z, size_t n, size_t wide, float by)
{
	for (size_t i = n; i < wide; i++)
		z[i] = -INFINITY;
	return 1.0f / isa->exp_sum(z, z, wide, by, isa->max(z, wide));
}

static size_t whole_vectors(size_t n)
{
	return blocks_of(n, VECTOR_MAX) * VECTOR_MAX;
}

struct causal_args {
	struct kern *k;
	float *out;
	const float *q, *keys, *values;
	float *across; /* [kv_heads, d, slots]: the keys transposed, so that scores need no sum across a vector */
	size_t slots;  /* past + T and zeros up to whole vectors */
	size_t past, T;
	const struct attn_shape *s;
};

#define SLOTS_A_TASK 64

/* One kv head and a block of slots. */
static void transpose_keys(void *arg, size_t task, size_t thread)
{
	const struct causal_args *c = arg;
	size_t d = c->s->d, kv_heads = c->s->kv_heads, kv = task % kv_heads, block = task / kv_heads;
	size_t first = block * SLOTS_A_TASK, end = first + block_len(c->slots, SLOTS_A_TASK, block);

	(void)thread;
	for (size_t i = 0; i < d; i++)
		for (size_t slot = first; slot < end; slot++)
			c->across[(kv * d + i) * c->slots + slot] =
				slot < c->past + c->T ? c->keys[(slot * kv_heads + kv) * d + i] : 0.0f;
}

/* One head and a block of rows: all see the slots before the block, and within it those up to their own. */
static void causal_block(void *arg, size_t task, size_t thread)
{
	const struct causal_args *c = arg;
	const struct isa *isa = c->k->isa;
	size_t d = c->s->d, heads = c->s->heads, kv_heads = c->s->kv_heads;
	size_t head = task % heads, block = task / heads, kv = head / (heads / kv_heads);
	size_t first = block * ROWS_A_TASK, rows = block_len(c->T, ROWS_A_TASK, block), seen = c->past + first + rows;
	size_t wide = whole_vectors(seen);
	float *scores = kern_scratch(c->k, thread, rows * wide), *out = c->out + (first * heads + head) * d, norm[ROWS_A_TASK];

	isa->mix(scores, wide, c->q + (first * heads + head) * d, heads * d, c->across + kv * d * c->slots, c->slots, rows, d,
		 wide, false);
	for (size_t r = 0; r < rows; r++)
		norm[r] = exp_row(isa, scores + r * wide, c->past + first + r + 1, wide, 1.0f / sqrtf((float)d));
	isa->mix(out, heads * d, scores, wide, c->values + kv * d, kv_heads * d, rows, seen, d, false);
	for (size_t r = 0; r < rows; r++)
		isa->scale(out + r * heads * d, d, norm[r]);
}

void attn_causal_fwd(struct kern *k, float *out, const float *q, const float *keys, const float *values, size_t past, size_t T,
		     const struct attn_shape *s)
{
	struct causal_args c = {.k = k, .out = out, .q = q, .keys = keys, .values = values, .past = past, .T = T, .s = s};
	bool worth = T * (past + T) * s->heads * s->d >= WORTH_SPLITTING;

	c.slots = whole_vectors(past + T);
	c.across = kern_shared(k, s->kv_heads * s->d * c.slots);
	kern_run(k, worth, blocks_of(c.slots, SLOTS_A_TASK) * s->kv_heads, transpose_keys, &c);
	kern_run(k, worth, blocks_of(T, ROWS_A_TASK) * s->heads, causal_block, &c);
}

struct tree_args {
	struct kern *k;
	float *out;
	const float *q, *keys, *values;
	size_t prompt;
	const uint32_t *path;
	const size_t *first;
	size_t R, longest; /* rows, and the most slots on a row's path */
	size_t rows_a_task;
	const struct attn_shape *s;
};

/* The path's slots of one kv head, one after the other. */
static void gather(float *to, const float *cache, size_t kv, const uint32_t *path, size_t n, const struct attn_shape *s)
{
	for (size_t i = 0; i < n; i++)
		memcpy(to + i * s->d, cache + (path[i] * s->kv_heads + kv) * s->d, s->d * sizeof(*to));
}

/* One kv head and a block of rows. The rows' queries of the group's heads are gathered into one matrix [rows · group, d],
 * whose scores with the prompt are one product; scores with the path follow those in each row. */
static void tree_block(void *arg, size_t task, size_t thread)
{
	const struct tree_args *t = arg;
	const struct isa *isa = t->k->isa;
	size_t d = t->s->d, heads = t->s->heads, kv_heads = t->s->kv_heads, group = heads / kv_heads;
	size_t kv = task % kv_heads, block = task / kv_heads, wide = whole_vectors(t->prompt + t->longest);
	size_t first = block * t->rows_a_task, rows = block_len(t->R, t->rows_a_task, block);
	float *queries = kern_scratch(t->k, thread, rows * group * (2 * d + wide + 1) + t->longest * d);
	float *mixed = queries + rows * group * d, *scores = mixed + rows * group * d, *norm = scores + rows * group * wide;
	float *slots = norm + rows * group;
	struct product qk = {
		.y = scores,
		.ldy = wide,
		.x = queries,
		.ldx = d,
		.rows = rows * group,
		.w = t->keys + kv * d,
		.type = DTYPE_F32,
		.ldw = kv_heads * d,
		.outs = t->prompt,
		.in = d,
	};

	for (size_t r = 0; r < rows; r++)
		memcpy(queries + r * group * d, t->q + ((first + r) * heads + kv * group) * d, group * d * sizeof(*queries));
	isa->product(&qk);
	for (size_t r = 0; r < rows; r++) {
		const uint32_t *path = t->path + t->first[first + r];
		size_t n = t->first[first + r + 1] - t->first[first + r];
		struct product own = qk;

		gather(slots, t->keys, kv, path, n, t->s);
		own.y = scores + r * group * wide + t->prompt;
		own.x = queries + r * group * d;
		own.rows = group;
		own.w = slots;
		own.ldw = d;
		own.outs = n;
		isa->product(&own);
		for (size_t i = r * group; i < (r + 1) * group; i++)
			norm[i] = exp_row(isa, scores + i * wide, t->prompt + n, wide, 1.0f / sqrtf((float)d));
	}
	isa->mix(mixed, d, scores, wide, t->values + kv * d, kv_heads * d, rows * group, t->prompt, d, false);
	for (size_t r = 0; r < rows; r++) {
		const uint32_t *path = t->path + t->first[first + r];
		size_t n = t->first[first + r + 1] - t->first[first + r];

		gather(slots, t->values, kv, path, n, t->s);
		isa->mix(mixed + r * group * d, d, scores + r * group * wide + t->prompt, wide, slots, d, group, n, d, true);
		for (size_t i = r * group; i < (r + 1) * group; i++)
			isa->scale(mixed + i * d, d, norm[i]);
		memcpy(t->out + ((first + r) * heads + kv * group) * d, mixed + r * group * d, group * d * sizeof(*mixed));
	}
}

void attn_tree_fwd(struct kern *k, float *out, const float *q, const float *keys, const float *values, size_t prompt,
		   const uint32_t *path, const size_t *first, size_t R, const struct attn_shape *s)
{
	struct tree_args t = {
		.k = k, .out = out, .q = q, .keys = keys, .values = values, .prompt = prompt, .path = path, .first = first, .R = R,
		.s = s,
	};
	size_t group = s->heads / s->kv_heads;

	for (size_t r = 0; r < R; r++)
		if (first[r + 1] - first[r] > t.longest)
			t.longest = first[r + 1] - first[r];
	t.rows_a_task = group < ROWS_A_TASK ? ROWS_A_TASK / group : 1;
	kern_run(k, R * (prompt + t.longest) * s->heads * s->d >= WORTH_SPLITTING,
		 blocks_of(R, t.rows_a_task) * s->kv_heads, tree_block, &t);
}
