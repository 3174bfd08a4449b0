#include <math.h>
#include <string.h>

#include "kern/attn.h"
#include "kern_priv.h"

/* Query rows a task, over all heads that share a kv head. */
#define ROWS_A_TASK 12

/* z = softmax(z · by) */
static void softmax(const struct isa *isa, float *z, size_t n, float by)
{
	float sum = isa->exp_sum(z, z, n, by, isa->max(z, n));

	isa->scale(z, n, 1.0f / sum);
}

struct causal_args {
	struct kern *k;
	float *out;
	const float *q, *keys, *values;
	size_t past, T;
	const struct attn_shape *s;
};

/* One head and a block of rows: all see the slots before the block, and within it those up to their own. */
static void causal_block(void *arg, size_t task, size_t thread)
{
	const struct causal_args *c = arg;
	const struct isa *isa = c->k->isa;
	size_t d = c->s->d, heads = c->s->heads, kv_heads = c->s->kv_heads;
	size_t head = task % heads, block = task / heads, kv = head / (heads / kv_heads);
	size_t first = block * ROWS_A_TASK, rows = block_len(c->T, ROWS_A_TASK, block), seen = c->past + first + rows;
	float *scores = kern_scratch(c->k, thread, rows * seen);
	struct product qk = {
		.y = scores,
		.ldy = seen,
		.x = c->q + first * heads * d + head * d,
		.ldx = heads * d,
		.rows = rows,
		.w = c->keys + kv * d,
		.type = DTYPE_F32,
		.ldw = kv_heads * d,
		.outs = seen,
		.in = d,
	};

	isa->product(&qk);
	for (size_t r = 0; r < rows; r++) {
		float *z = scores + r * seen;
		size_t own = c->past + first + r + 1;

		softmax(isa, z, own, 1.0f / sqrtf((float)d));
		memset(z + own, 0, (seen - own) * sizeof(*z));
	}
	isa->mix(c->out + first * heads * d + head * d, heads * d, scores, seen, c->values + kv * d, kv_heads * d, rows, seen, d,
		 false);
}

void attn_causal_fwd(struct kern *k, float *out, const float *q, const float *keys, const float *values, size_t past, size_t T,
		     const struct attn_shape *s)
{
	struct causal_args c = {.k = k, .out = out, .q = q, .keys = keys, .values = values, .past = past, .T = T, .s = s};

	kern_run(k, true, blocks_of(T, ROWS_A_TASK) * s->heads, causal_block, &c);
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
	size_t kv = task % kv_heads, block = task / kv_heads, wide = t->prompt + t->longest;
	size_t first = block * t->rows_a_task, rows = block_len(t->R, t->rows_a_task, block);
	float *queries = kern_scratch(t->k, thread, rows * group * (2 * d + wide) + t->longest * d);
	float *mixed = queries + rows * group * d, *scores = mixed + rows * group * d, *slots = scores + rows * group * wide;
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
		for (size_t g = 0; g < group; g++)
			softmax(isa, scores + (r * group + g) * wide, t->prompt + n, 1.0f / sqrtf((float)d));
	}
	isa->mix(mixed, d, scores, wide, t->values + kv * d, kv_heads * d, rows * group, t->prompt, d, false);
	for (size_t r = 0; r < rows; r++) {
		const uint32_t *path = t->path + t->first[first + r];
		size_t n = t->first[first + r + 1] - t->first[first + r];

		gather(slots, t->values, kv, path, n, t->s);
		isa->mix(mixed + r * group * d, d, scores + r * group * wide + t->prompt, wide, slots, d, group, n, d, true);
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
	kern_run(k, true, blocks_of(R, t.rows_a_task) * s->kv_heads, tree_block, &t);
}
