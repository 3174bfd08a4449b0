#include <math.h>
#include <string.h>

#include "kern/attn.h"
#include "kern_priv.h"

/* Multiplications and additions of the scores below which waking the pool costs more than it gives. */
#define WORTH_SPLITTING ((size_t)1 << 15)

/* Query rows a task: whole tiles of rows for every instruction set. */
#define ROWS_A_TASK 12

/*
 * z[i] = exp(by · (z[i] - max)) for i < n, and 0 from there to the whole vectors of `wide`. Returns 1 / Σ z: it is
 * cheaper to scale what the weights are used for.
 */
static float exp_row(const struct isa *isa, float *z, size_t n, size_t wide, float by)
{
	for (size_t i = n; i < wide; i++)
		z[i] = -INFINITY;
	return 1.0f / isa->exp_sum(z, z, wide, by, isa->max(z, wide));
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
	size_t first = block * SLOTS_A_TASK, n = block_len(c->past + c->T, SLOTS_A_TASK, block);
	float *to = c->across + kv * d * c->slots + first;

	(void)thread;
	c->k->isa->turn(to, c->slots, c->keys + (first * kv_heads + kv) * d, kv_heads * d, n, d);
	for (size_t i = 0; i < d; i++)
		memset(to + i * c->slots + n, 0, (whole_vectors(n) - n) * sizeof(*to));
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
	float *scores = kern_scratch(c->k, thread, rows * wide), *out = c->out + (first * heads + head) * d,
	      norm[ROWS_A_TASK];

	isa->mix(&(struct mix){
		.y = scores,
		.ldy = wide,
		.s = c->q + (first * heads + head) * d,
		.s_row = heads * d,
		.s_step = 1,
		.v = c->across + kv * d * c->slots,
		.ldv = c->slots,
		.rows = rows,
		.n = d,
		.d = wide,
	});
	for (size_t r = 0; r < rows; r++)
		norm[r] = exp_row(isa, scores + r * wide, c->past + first + r + 1, wide, 1.0f / sqrtf((float)d));
	isa->mix(&(struct mix){
		.y = out,
		.ldy = heads * d,
		.s = scores,
		.s_row = wide,
		.s_step = 1,
		.v = c->values + kv * d,
		.ldv = kv_heads * d,
		.rows = rows,
		.n = seen,
		.d = d,
	});
	for (size_t r = 0; r < rows; r++)
		isa->scale(out + r * heads * d, d, norm[r]);
}

void attn_causal_fwd(struct kern *k, float *out, const float *q, const float *keys, const float *values, size_t past,
	size_t T, const struct attn_shape *s)
{
	struct causal_args c = {
		.k = k, .out = out, .q = q, .keys = keys, .values = values, .past = past, .T = T, .s = s};
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

/*
 * One kv head and a block of rows: a matrix row for every row and head of the group. Scores with the prompt are one
 * product; scores with a row's path follow them.
 */
struct tree_part {
	size_t kv, first, rows, group, wide;
	float *queries, *mixed; /* [rows · group, d] */
	float *scores;          /* [rows · group, wide] */
	float *norm;            /* [rows · group] */
	float *slots;           /* [longest, d]: a path's keys or values, one after the other */
};

static void part_init(struct tree_part *p, const struct tree_args *t, size_t task, size_t thread)
{
	size_t d = t->s->d, kv_heads = t->s->kv_heads, block = task / kv_heads, n;

	p->kv = task % kv_heads;
	p->first = block * t->rows_a_task;
	p->rows = block_len(t->R, t->rows_a_task, block);
	p->group = t->s->heads / kv_heads;
	p->wide = whole_vectors(t->prompt + t->longest);
	n = p->rows * p->group;
	p->queries = kern_scratch(t->k, thread, n * (2 * d + p->wide + 1) + t->longest * d);
	p->mixed = p->queries + n * d;
	p->scores = p->mixed + n * d;
	p->norm = p->scores + n * p->wide;
	p->slots = p->norm + n;
}

/* The place of the group's heads of a row in q and out: [group, d]. */
static size_t group_at(const struct tree_args *t, const struct tree_part *p, size_t r)
{
	return ((p->first + r) * t->s->heads + p->kv * p->group) * t->s->d;
}

/* Gathers the keys or values of a row's path; returns their number. */
static size_t path_slots(const struct tree_args *t, const struct tree_part *p, size_t r, const float *cache)
{
	const size_t *first = t->first + p->first + r;
	size_t d = t->s->d, n = first[1] - first[0];

	for (size_t i = 0; i < n; i++)
		memcpy(p->slots + i * d, cache + (t->path[first[0] + i] * t->s->kv_heads + p->kv) * d,
			d * sizeof(*cache));
	return n;
}

static void score_rows(const struct tree_args *t, const struct tree_part *p)
{
	const struct isa *isa = t->k->isa;
	size_t d = t->s->d, rows = p->group;
	struct product prompt = {
		.y = p->scores,
		.ldy = p->wide,
		.x = p->queries,
		.ldx = d,
		.rows = p->rows * p->group,
		.w = t->keys + p->kv * d,
		.type = DTYPE_F32,
		.ldw = t->s->kv_heads * d,
		.outs = t->prompt,
		.in = d,
	};

	for (size_t r = 0; r < p->rows; r++)
		memcpy(p->queries + r * rows * d, t->q + group_at(t, p, r), rows * d * sizeof(*p->queries));
	isa->product(&prompt);
	for (size_t r = 0; r < p->rows; r++) {
		struct product path = prompt;

		path.y = p->scores + r * rows * p->wide + t->prompt;
		path.x = p->queries + r * rows * d;
		path.rows = rows;
		path.w = p->slots;
		path.ldw = d;
		path.outs = path_slots(t, p, r, t->keys);
		isa->product(&path);
		for (size_t i = r * rows; i < (r + 1) * rows; i++)
			p->norm[i] = exp_row(
				isa, p->scores + i * p->wide, t->prompt + path.outs, p->wide, 1.0f / sqrtf((float)d));
	}
}

static void mix_rows(const struct tree_args *t, const struct tree_part *p)
{
	const struct isa *isa = t->k->isa;
	size_t d = t->s->d, rows = p->group;
	struct mix prompt = {
		.y = p->mixed,
		.ldy = d,
		.s = p->scores,
		.s_row = p->wide,
		.s_step = 1,
		.v = t->values + p->kv * d,
		.ldv = t->s->kv_heads * d,
		.rows = p->rows * rows,
		.n = t->prompt,
		.d = d,
	};

	isa->mix(&prompt);
	for (size_t r = 0; r < p->rows; r++) {
		float *mixed = p->mixed + r * rows * d;
		struct mix path = prompt;

		path.y = mixed;
		path.s += r * rows * p->wide + t->prompt;
		path.v = p->slots;
		path.ldv = d;
		path.rows = rows;
		path.n = path_slots(t, p, r, t->values);
		path.add = true;
		isa->mix(&path);
		for (size_t i = 0; i < rows; i++)
			isa->scale(mixed + i * d, d, p->norm[r * rows + i]);
		memcpy(t->out + group_at(t, p, r), mixed, rows * d * sizeof(*mixed));
	}
}

static void tree_block(void *arg, size_t task, size_t thread)
{
	struct tree_part part;

	part_init(&part, arg, task, thread);
	score_rows(arg, &part);
	mix_rows(arg, &part);
}

void attn_tree_fwd(struct kern *k, float *out, const float *q, const float *keys, const float *values, size_t prompt,
	const uint32_t *path, const size_t *first, size_t R, const struct attn_shape *s)
{
	struct tree_args t = {
		.k = k,
		.out = out,
		.q = q,
		.keys = keys,
		.values = values,
		.prompt = prompt,
		.path = path,
		.first = first,
		.R = R,
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
