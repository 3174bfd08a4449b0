#include <math.h>
#include <string.h>

#include "kern/attn.h"
#include "kern_priv.h"

/* Multiplications and additions of the scores below which waking the pool costs more than it gives. */
#define WORTH_SPLITTING ((size_t)1 << 15)

/* Rows, and slots, that are worked on together: whole tiles of rows for every instruction set. */
#define BLOCK 12
/* Rows whose weights are kept for the gradients of keys and values; a multiple of BLOCK. */
#define STRIP (8 * BLOCK)
#define COLUMNS_A_TASK 64

/* Rows of one sequence. */
struct rows {
	size_t begin; /* the sequence's first row */
	size_t first, n;
};

struct packed_args {
	struct kern *k;
	const struct attn_shape *s;
	float *out, *lse;
	const float *q, *keys, *values;
	const size_t *first;
	size_t n;
	const struct rows *blocks; /* forward: of all sequences */
	/* [kv_heads, d, columns]: keys and, going back, values transposed, so that products with them need no sum
	 * across a vector. Columns: T and zeros, so that a vector may begin at any of the T. */
	float *keys_across, *values_across;
	size_t columns;

	float *dq, *dkeys, *dvalues;
	const float *dout;
};

static void transpose(float *across, const float *rows, const struct packed_args *p, size_t kv, size_t first, size_t n)
{
	size_t d = p->s->d, kv_heads = p->s->kv_heads, T = p->first[p->n];

	for (size_t i = 0; i < d; i++)
		for (size_t t = first; t < first + n; t++)
			across[(kv * d + i) * p->columns + t] = t < T ? rows[(t * kv_heads + kv) * d + i] : 0.0f;
}

/* One kv head and a block of columns. */
static void transpose_block(void *arg, size_t task, size_t thread)
{
	const struct packed_args *p = arg;
	size_t kv = task % p->s->kv_heads, block = task / p->s->kv_heads;
	size_t first = block * COLUMNS_A_TASK, n = block_len(p->columns, COLUMNS_A_TASK, block);

	(void)thread;
	transpose(p->keys_across, p->keys, p, kv, first, n);
	if (p->values_across)
		transpose(p->values_across, p->values, p, kv, first, n);
}

static size_t kv_of(const struct packed_args *p, size_t head)
{
	return head / (p->s->heads / p->s->kv_heads);
}

/* scores[rows, wide] = x[rows, d] (heads · d apart) times the columns of the block's sequence up to its last row. */
static void score(const struct packed_args *p, float *scores, size_t wide, const float *x, const float *across,
	const struct rows *b)
{
	size_t d = p->s->d;

	p->k->isa->mix(&(struct mix){
		.y = scores,
		.ldy = wide,
		.s = x,
		.s_row = p->s->heads * d,
		.s_step = 1,
		.v = across + b->begin,
		.ldv = p->columns,
		.rows = b->n,
		.n = d,
		.d = whole_vectors(b->first + b->n - b->begin),
	});
}

/* One head and a block of rows: all see the sequence before the block, and within it those up to their own. */
static void fwd_block(void *arg, size_t task, size_t thread)
{
	const struct packed_args *p = arg;
	const struct isa *isa = p->k->isa;
	size_t d = p->s->d, heads = p->s->heads, head = task % heads, kv = kv_of(p, head);
	const struct rows *b = &p->blocks[task / heads];
	size_t seen = b->first + b->n - b->begin, wide = whole_vectors(seen), at = (b->first * heads + head) * d;
	float *scores = kern_scratch(p->k, thread, b->n * wide), by = 1.0f / sqrtf((float)d), sums[BLOCK];

	score(p, scores, wide, p->q + at, p->keys_across + kv * d * p->columns, b);
	for (size_t r = 0; r < b->n; r++) {
		float *z = scores + r * wide, max;

		for (size_t i = b->first + r + 1 - b->begin; i < wide; i++)
			z[i] = -INFINITY;
		max = isa->max(z, wide);
		sums[r] = isa->exp_sum(z, z, wide, by, max);
		p->lse[(b->first + r) * heads + head] = by * max + logf(sums[r]);
	}
	isa->mix(&(struct mix){
		.y = p->out + at,
		.ldy = heads * d,
		.s = scores,
		.s_row = wide,
		.s_step = 1,
		.v = p->values + (b->begin * p->s->kv_heads + kv) * d,
		.ldv = p->s->kv_heads * d,
		.rows = b->n,
		.n = seen,
		.d = d,
	});
	for (size_t r = 0; r < b->n; r++)
		isa->scale(p->out + at + r * heads * d, d, 1.0f / sums[r]);
}

static double work_of(const struct packed_args *p)
{
	double rows = 0.0;

	for (size_t s = 0; s < p->n; s++) {
		double n = (double)(p->first[s + 1] - p->first[s]);

		rows += n * (n + 1.0) / 2.0;
	}
	return rows * (double)(p->s->heads * p->s->d);
}

/* Cuts every sequence into blocks of rows; returns their number. */
static size_t cut(struct rows *blocks, const struct packed_args *p)
{
	size_t n = 0;

	for (size_t s = 0; s < p->n; s++) {
		size_t begin = p->first[s], length = p->first[s + 1] - begin;

		for (size_t i = 0; i < blocks_of(length, BLOCK); i++)
			blocks[n++] = (struct rows){begin, begin + i * BLOCK, block_len(length, BLOCK, i)};
	}
	return n;
}

void attn_packed_fwd(struct kern *k, float *out, float *lse, const float *q, const float *keys, const float *values,
	const size_t *first, size_t n, const struct attn_shape *s)
{
	struct packed_args p = {
		.k = k,
		.s = s,
		.out = out,
		.lse = lse,
		.q = q,
		.keys = keys,
		.values = values,
		.first = first,
		.n = n,
	};
	bool worth = work_of(&p) >= (double)WORTH_SPLITTING;
	size_t T = first[n], most = blocks_of(T, BLOCK) + n;
	struct rows *blocks;

	p.columns = whole_vectors(T) + VECTOR_MAX;
	p.keys_across = kern_shared(k, s->kv_heads * s->d * p.columns + most * (sizeof(*blocks) / sizeof(float)));
	p.blocks = blocks = (struct rows *)(p.keys_across + s->kv_heads * s->d * p.columns);
	kern_run(k, worth, blocks_of(p.columns, COLUMNS_A_TASK) * s->kv_heads, transpose_block, &p);
	kern_run(k, worth, cut(blocks, &p) * s->heads, fwd_block, &p);
}

/* One head and the rows of a strip. */
struct strip {
	size_t head, kv;
	struct rows rows;
	size_t wide;
	float *weights, *dscores; /* [rows, wide] */
};

/* Weights of a block of a strip's rows and the gradients of their scores, 0 where a row does not see; then dq. */
static void bwd_rows(const struct packed_args *p, const struct strip *t, const struct rows *b)
{
	const struct isa *isa = p->k->isa;
	size_t d = p->s->d, heads = p->s->heads, at = (b->first * heads + t->head) * d,
	       seen = b->first + b->n - b->begin;
	float *weights = t->weights + (b->first - t->rows.first) * t->wide, by = 1.0f / sqrtf((float)d);
	float *dscores = t->dscores + (b->first - t->rows.first) * t->wide;

	score(p, weights, t->wide, p->q + at, p->keys_across + t->kv * d * p->columns, b);
	score(p, dscores, t->wide, p->dout + at, p->values_across + t->kv * d * p->columns, b);
	for (size_t r = 0; r < b->n; r++) {
		float *w = weights + r * t->wide, *dz = dscores + r * t->wide;
		size_t row = b->first + r, n = row + 1 - b->begin;
		float mean = isa->dot(p->dout + at + r * heads * d, p->out + at + r * heads * d, DTYPE_F32, d);

		isa->exp_sum(w, w, n, by, p->lse[row * heads + t->head] / by);
		isa->softmax_bwd(dz, w, dz, n, mean, by);
		memset(w + n, 0, (seen - n) * sizeof(*w));
		memset(dz + n, 0, (seen - n) * sizeof(*dz));
	}
	isa->mix(&(struct mix){
		.y = p->dq + at,
		.ldy = heads * d,
		.s = dscores,
		.s_row = t->wide,
		.s_step = 1,
		.v = p->keys + (b->begin * p->s->kv_heads + t->kv) * d,
		.ldv = p->s->kv_heads * d,
		.rows = b->n,
		.n = seen,
		.d = d,
	});
}

/* What a strip's rows give to the keys and values of a block of slots: s is read across its rows. The first to give to
 * them is the strip that they lie in, of the first head. */
static void bwd_slots(const struct packed_args *p, const struct strip *t, const struct rows *slots)
{
	size_t d = p->s->d, heads = p->s->heads, kv_heads = p->s->kv_heads;
	size_t from = slots->first > t->rows.first ? slots->first : t->rows.first;
	size_t place = (from - t->rows.first) * t->wide + slots->first - slots->begin;
	bool first = t->head == t->kv * (heads / kv_heads) && slots->first >= t->rows.first;
	size_t row = (from * heads + t->head) * d, slot = (slots->first * kv_heads + t->kv) * d;
	struct mix m = {
		.y = p->dvalues + slot,
		.ldy = kv_heads * d,
		.s = t->weights + place,
		.s_row = 1,
		.s_step = t->wide,
		.v = p->dout + row,
		.ldv = heads * d,
		.rows = slots->n,
		.n = t->rows.first + t->rows.n - from,
		.d = d,
		.add = !first,
	};

	p->k->isa->mix(&m);
	m.y = p->dkeys + slot;
	m.s = t->dscores + place;
	m.v = p->q + row;
	p->k->isa->mix(&m);
}

static void bwd_strip(const struct packed_args *p, struct strip *t, size_t thread)
{
	size_t end = t->rows.first + t->rows.n - t->rows.begin; /* of the slots that are seen */

	t->wide = whole_vectors(end);
	t->weights = kern_scratch(p->k, thread, 2 * t->rows.n * t->wide);
	t->dscores = t->weights + t->rows.n * t->wide;
	for (size_t i = 0; i < blocks_of(t->rows.n, BLOCK); i++)
		bwd_rows(
			p, t, &(struct rows){t->rows.begin, t->rows.first + i * BLOCK, block_len(t->rows.n, BLOCK, i)});
	for (size_t i = 0; i < blocks_of(end, BLOCK); i++)
		bwd_slots(p, t, &(struct rows){t->rows.begin, t->rows.begin + i * BLOCK, block_len(end, BLOCK, i)});
}

/* One sequence and kv head with the heads that read it, one after the other: no other task adds to its gradients. */
static void bwd_sequence(void *arg, size_t task, size_t thread)
{
	const struct packed_args *p = arg;
	size_t kv = task % p->s->kv_heads, group = p->s->heads / p->s->kv_heads, s = task / p->s->kv_heads;
	size_t begin = p->first[s], length = p->first[s + 1] - begin;

	for (size_t head = kv * group; head < (kv + 1) * group; head++) {
		for (size_t i = 0; i < blocks_of(length, STRIP); i++) {
			struct strip t = {
				.head = head,
				.kv = kv,
				.rows = {begin, begin + i * STRIP, block_len(length, STRIP, i)},
			};

			bwd_strip(p, &t, thread);
		}
	}
}

void attn_packed_bwd(struct kern *k, float *dq, float *dkeys, float *dvalues, const float *dout, const float *out,
	const float *lse, const float *q, const float *keys, const float *values, const size_t *first, size_t n,
	const struct attn_shape *s)
{
	struct packed_args p = {
		.k = k,
		.s = s,
		.out = (float *)out,
		.lse = (float *)lse,
		.q = q,
		.keys = keys,
		.values = values,
		.first = first,
		.n = n,
		.dq = dq,
		.dkeys = dkeys,
		.dvalues = dvalues,
		.dout = dout,
	};
	bool worth = work_of(&p) >= (double)WORTH_SPLITTING;

	p.columns = whole_vectors(first[n]) + VECTOR_MAX;
	p.keys_across = kern_shared(k, 2 * s->kv_heads * s->d * p.columns);
	p.values_across = p.keys_across + s->kv_heads * s->d * p.columns;
	kern_run(k, worth, blocks_of(p.columns, COLUMNS_A_TASK) * s->kv_heads, transpose_block, &p);
	kern_run(k, worth, n * s->kv_heads, bwd_sequence, &p);
}
