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

struct packed_args {
	struct kern *k;
	const struct attn_shape *s;
	float *out, *lse;
	const float *q, *keys, *values;
	const size_t *first;

	float *dq, *dkeys, *dvalues;
	const float *dout;
};

/*
 * What a task works on: one sequence and kv head with the heads that read it, one after the other, so that no other
 * task has to do with its gradients. Rows are counted from the sequence's first.
 *
 * Keys and, going back, values are transposed first, so that products with them need no sum across a vector.
 */
struct part {
	const struct packed_args *p;
	size_t kv, begin, length;
	size_t wide;                        /* length, up to whole vectors */
	float *keys_across, *values_across; /* [d, wide], 0 behind the sequence's end */
	float *scores;                      /* the rest of the scratch */
};

static void transpose(float *across, const float *rows, const struct part *t)
{
	size_t d = t->p->s->d, kv_heads = t->p->s->kv_heads;
	const float *from = rows + (t->begin * kv_heads + t->kv) * d;

	for (size_t i = 0; i < d; i++) {
		for (size_t j = 0; j < t->length; j++)
			across[i * t->wide + j] = from[j * kv_heads * d + i];
		for (size_t j = t->length; j < t->wide; j++)
			across[i * t->wide + j] = 0.0f;
	}
}

/* score_rows: how many rows of `wide` scores are needed. */
static void part_init(struct part *t, const struct packed_args *p, size_t task, size_t thread, size_t score_rows)
{
	size_t s = task / p->s->kv_heads, d = p->s->d;

	t->p = p;
	t->kv = task % p->s->kv_heads;
	t->begin = p->first[s];
	t->length = p->first[s + 1] - t->begin;
	t->wide = whole_vectors(t->length);
	t->keys_across = kern_scratch(p->k, thread, (2 * d + score_rows) * t->wide);
	t->values_across = t->keys_across + d * t->wide;
	t->scores = t->values_across + d * t->wide;
}

static size_t group_of(const struct attn_shape *s)
{
	return s->heads / s->kv_heads;
}

/* The place of a row and head in q and out, and of a row and the part's kv head in keys and values. */
static size_t row_at(const struct part *t, size_t row, size_t head)
{
	return ((t->begin + row) * t->p->s->heads + head) * t->p->s->d;
}

static size_t slot_at(const struct part *t, size_t row)
{
	return ((t->begin + row) * t->p->s->kv_heads + t->kv) * t->p->s->d;
}

/* scores[n, ld] = x[n, d] (heads · d apart) times the columns up to the last row that is seen. */
static void score(
	const struct part *t, float *scores, size_t ld, const float *x, const float *across, size_t n, size_t seen)
{
	size_t d = t->p->s->d;

	t->p->k->isa->mix(&(struct mix){
		.y = scores,
		.ldy = ld,
		.s = x,
		.s_row = t->p->s->heads * d,
		.s_step = 1,
		.v = across,
		.ldv = t->wide,
		.rows = n,
		.n = d,
		.d = whole_vectors(seen),
	});
}

/* The n rows from `first` on of one head: all see the sequence before them, and among them those up to their own. */
static void fwd_block(const struct part *t, size_t head, size_t first, size_t n)
{
	const struct packed_args *p = t->p;
	const struct isa *isa = p->k->isa;
	size_t d = p->s->d, heads = p->s->heads, seen = first + n, wide = whole_vectors(seen);
	float by = 1.0f / sqrtf((float)d), sums[BLOCK], *out = p->out + row_at(t, first, head);

	score(t, t->scores, wide, p->q + row_at(t, first, head), t->keys_across, n, seen);
	for (size_t r = 0; r < n; r++) {
		float *z = t->scores + r * wide, max;

		for (size_t i = first + r + 1; i < wide; i++)
			z[i] = -INFINITY;
		max = isa->max(z, wide);
		sums[r] = isa->exp_sum(z, z, wide, by, max);
		p->lse[(t->begin + first + r) * heads + head] = by * max + logf(sums[r]);
	}
	isa->mix(&(struct mix){
		.y = out,
		.ldy = heads * d,
		.s = t->scores,
		.s_row = wide,
		.s_step = 1,
		.v = p->values + slot_at(t, 0),
		.ldv = p->s->kv_heads * d,
		.rows = n,
		.n = seen,
		.d = d,
	});
	for (size_t r = 0; r < n; r++)
		isa->scale(out + r * heads * d, d, 1.0f / sums[r]);
}

static void fwd_part(void *arg, size_t task, size_t thread)
{
	const struct packed_args *p = arg;
	size_t group = group_of(p->s);
	struct part t;

	part_init(&t, p, task, thread, BLOCK);
	transpose(t.keys_across, p->keys, &t);
	for (size_t head = t.kv * group; head < (t.kv + 1) * group; head++) {
		for (size_t i = 0; i < blocks_of(t.length, BLOCK); i++)
			fwd_block(&t, head, i * BLOCK, block_len(t.length, BLOCK, i));
	}
}

static bool is_worth_splitting(const struct packed_args *p, size_t n)
{
	double rows = 0.0;

	for (size_t s = 0; s < n; s++) {
		double length = (double)(p->first[s + 1] - p->first[s]);

		rows += length * (length + 1.0) / 2.0;
	}
	return rows * (double)(p->s->heads * p->s->d) >= (double)WORTH_SPLITTING;
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
	};

	kern_run(k, is_worth_splitting(&p, n), n * s->kv_heads, fwd_part, &p);
}

/* Rows of one head whose weights are kept, from `first` on, and the gradients of their scores: [n, ld]. */
struct strip {
	size_t head, first, n, ld;
	float *weights, *dscores;
};

/* Weights of n rows of a strip and the gradients of their scores, 0 where a row does not see; then dq. */
static void bwd_rows(const struct part *t, const struct strip *strip, size_t first, size_t n)
{
	const struct packed_args *p = t->p;
	const struct isa *isa = p->k->isa;
	size_t d = p->s->d, heads = p->s->heads, at = row_at(t, first, strip->head), seen = first + n;
	float *weights = strip->weights + (first - strip->first) * strip->ld, by = 1.0f / sqrtf((float)d);
	float *dscores = strip->dscores + (first - strip->first) * strip->ld;

	score(t, weights, strip->ld, p->q + at, t->keys_across, n, seen);
	score(t, dscores, strip->ld, p->dout + at, t->values_across, n, seen);
	for (size_t r = 0; r < n; r++) {
		float *w = weights + r * strip->ld, *dz = dscores + r * strip->ld;
		float lse = p->lse[(t->begin + first + r) * heads + strip->head];
		float mean = isa->dot(p->dout + at + r * heads * d, p->out + at + r * heads * d, DTYPE_F32, d);
		size_t sees = first + r + 1;

		isa->exp_sum(w, w, sees, by, lse / by);
		isa->softmax_bwd(dz, w, dz, sees, mean, by);
		memset(w + sees, 0, (seen - sees) * sizeof(*w));
		memset(dz + sees, 0, (seen - sees) * sizeof(*dz));
	}
	isa->mix(&(struct mix){
		.y = p->dq + at,
		.ldy = heads * d,
		.s = dscores,
		.s_row = strip->ld,
		.s_step = 1,
		.v = p->keys + slot_at(t, 0),
		.ldv = p->s->kv_heads * d,
		.rows = n,
		.n = seen,
		.d = d,
	});
}

/* What a strip's rows give to the keys and values of n slots: s is read across its rows. The first to give to them is
 * the strip that they lie in, of the first head. */
static void bwd_slots(const struct part *t, const struct strip *strip, size_t slot, size_t n)
{
	const struct packed_args *p = t->p;
	size_t d = p->s->d, heads = p->s->heads, from = slot > strip->first ? slot : strip->first;
	size_t place = (from - strip->first) * strip->ld + slot;
	bool first = strip->head == t->kv * group_of(p->s) && slot >= strip->first;
	struct mix m = {
		.y = p->dvalues + slot_at(t, slot),
		.ldy = p->s->kv_heads * d,
		.s = strip->weights + place,
		.s_row = 1,
		.s_step = strip->ld,
		.v = p->dout + row_at(t, from, strip->head),
		.ldv = heads * d,
		.rows = n,
		.n = strip->first + strip->n - from,
		.d = d,
		.add = !first,
	};

	p->k->isa->mix(&m);
	m.y = p->dkeys + slot_at(t, slot);
	m.s = strip->dscores + place;
	m.v = p->q + row_at(t, from, strip->head);
	p->k->isa->mix(&m);
}

static void bwd_strip(const struct part *t, size_t head, size_t first, size_t n)
{
	size_t seen = first + n;
	struct strip strip = {.head = head, .first = first, .n = n, .ld = whole_vectors(seen), .weights = t->scores};

	strip.dscores = strip.weights + n * strip.ld;
	for (size_t i = 0; i < blocks_of(n, BLOCK); i++)
		bwd_rows(t, &strip, first + i * BLOCK, block_len(n, BLOCK, i));
	for (size_t i = 0; i < blocks_of(seen, BLOCK); i++)
		bwd_slots(t, &strip, i * BLOCK, block_len(seen, BLOCK, i));
}

static void bwd_part(void *arg, size_t task, size_t thread)
{
	const struct packed_args *p = arg;
	size_t group = group_of(p->s);
	struct part t;

	part_init(&t, p, task, thread, 2 * STRIP);
	transpose(t.keys_across, p->keys, &t);
	transpose(t.values_across, p->values, &t);
	for (size_t head = t.kv * group; head < (t.kv + 1) * group; head++) {
		for (size_t i = 0; i < blocks_of(t.length, STRIP); i++)
			bwd_strip(&t, head, i * STRIP, block_len(t.length, STRIP, i));
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
		.dq = dq,
		.dkeys = dkeys,
		.dvalues = dvalues,
		.dout = dout,
	};

	kern_run(k, is_worth_splitting(&p, n), n * s->kv_heads, bwd_part, &p);
}
