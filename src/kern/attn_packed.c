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
/* Slots that are transposed at once, a multiple of VECTOR_MAX. */
#define SLOTS_AT_ONCE 64

struct packed_args {
	struct kern *k;
	const struct attn_shape *s;
	float *out, *lse;
	const float *q, *keys, *values;
	const size_t *first;
	size_t n;

	float *dq, *dkeys, *dvalues;
	const float *dout;
};

/* One sequence and kv head. */
struct sequence {
	size_t begin, length; /* its rows */
	size_t kv;
	size_t wide; /* length in whole vectors */
	/* [d, wide]: keys, and values on the way back, transposed: then scores need no sum across a vector */
	float *keys_across, *values_across;
	float *scores, *dscores; /* [BLOCK, wide], on the way back [STRIP, wide] */
};

/* Rows of a sequence, counted from its first. */
struct rows {
	size_t first, n;
};

static struct sequence sequence_at(const struct packed_args *p, size_t i, size_t kv)
{
	struct sequence s = {.begin = p->first[i], .length = p->first[i + 1] - p->first[i], .kv = kv};

	s.wide = whole_vectors(s.length);
	return s;
}

/* Places of a sequence's row in q and in keys. */
static size_t query_at(const struct packed_args *p, const struct sequence *s, size_t row, size_t head)
{
	return ((s->begin + row) * p->s->heads + head) * p->s->d;
}

static size_t slot_at(const struct packed_args *p, const struct sequence *s, size_t row)
{
	return ((s->begin + row) * p->s->kv_heads + s->kv) * p->s->d;
}

static void transpose(float *across, const float *cache, const struct packed_args *p, const struct sequence *s)
{
	size_t d = p->s->d;

	for (size_t i = 0; i < s->length; i += SLOTS_AT_ONCE)
		p->k->isa->turn(across + i, s->wide, cache + slot_at(p, s, i), p->s->kv_heads * d,
			block_len(s->length, SLOTS_AT_ONCE, i / SLOTS_AT_ONCE), d);
	for (size_t i = 0; i < d; i++)
		memset(across + i * s->wide + s->length, 0, (s->wide - s->length) * sizeof(*across));
}

static struct rows rows_at(size_t n, size_t size, size_t i)
{
	return (struct rows){i * size, block_len(n, size, i)};
}

/* scores = x[rows, d] (heads · d apart) times the slots up to the last row, in whole vectors. */
static void score(const struct packed_args *p, const struct sequence *s, float *scores, const float *x,
	const float *across, struct rows b)
{
	p->k->isa->mix(&(struct mix){
		.y = scores,
		.ldy = s->wide,
		.s = x,
		.s_row = p->s->heads * p->s->d,
		.s_step = 1,
		.v = across,
		.ldv = s->wide,
		.rows = b.n,
		.n = p->s->d,
		.d = whole_vectors(b.first + b.n),
	});
}

/* y[rows, d] = scores times the keys or values of the slots up to the last row. */
static void mix_slots(const struct packed_args *p, const struct sequence *s, float *y, const float *scores,
	const float *cache, struct rows b)
{
	p->k->isa->mix(&(struct mix){
		.y = y,
		.ldy = p->s->heads * p->s->d,
		.s = scores,
		.s_row = s->wide,
		.s_step = 1,
		.v = cache + slot_at(p, s, 0),
		.ldv = p->s->kv_heads * p->s->d,
		.rows = b.n,
		.n = b.first + b.n,
		.d = p->s->d,
	});
}

/* One head and a block of rows: all see the sequence before the block, and within it those up to their own. */
static void fwd_rows(const struct packed_args *p, const struct sequence *s, size_t head, struct rows b)
{
	const struct isa *isa = p->k->isa;
	size_t d = p->s->d, heads = p->s->heads, at = query_at(p, s, b.first, head),
	       wide = whole_vectors(b.first + b.n);
	float by = 1.0f / sqrtf((float)d), sums[BLOCK];

	score(p, s, s->scores, p->q + at, s->keys_across, b);
	for (size_t r = 0; r < b.n; r++) {
		float *z = s->scores + r * s->wide, max;

		for (size_t i = b.first + r + 1; i < wide; i++)
			z[i] = -INFINITY;
		max = isa->max(z, wide);
		sums[r] = isa->exp_sum(z, z, wide, by, max);
		p->lse[(s->begin + b.first + r) * heads + head] = by * max + logf(sums[r]);
	}
	mix_slots(p, s, p->out + at, s->scores, p->values, b);
	for (size_t r = 0; r < b.n; r++)
		isa->scale(p->out + at + r * heads * d, d, 1.0f / sums[r]);
}

/* One sequence and head. */
static void fwd_sequence(void *arg, size_t task, size_t thread)
{
	const struct packed_args *p = arg;
	size_t head = task % p->s->heads, group = p->s->heads / p->s->kv_heads;
	struct sequence s = sequence_at(p, task / p->s->heads, head / group);

	s.keys_across = kern_scratch(p->k, thread, (p->s->d + BLOCK) * s.wide);
	s.scores = s.keys_across + p->s->d * s.wide;
	transpose(s.keys_across, p->keys, p, &s);
	for (size_t i = 0; i < blocks_of(s.length, BLOCK); i++)
		fwd_rows(p, &s, head, rows_at(s.length, BLOCK, i));
}

static bool is_worth_splitting(const struct packed_args *p)
{
	double pairs = 0.0;

	for (size_t s = 0; s < p->n; s++)
		pairs += pow((double)(p->first[s + 1] - p->first[s]), 2.0) / 2.0;
	return pairs * (double)(p->s->heads * p->s->d) >= (double)WORTH_SPLITTING;
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

	kern_run(k, is_worth_splitting(&p), n * s->heads, fwd_sequence, &p);
}

/* One head and the rows of a strip. */
struct strip {
	size_t head;
	struct rows rows;
};

/* Weights of a block of a strip's rows and the gradients of their scores, 0 where a row does not see; then dq. */
static void bwd_rows(const struct packed_args *p, const struct sequence *s, const struct strip *t, struct rows b)
{
	size_t at = query_at(p, s, b.first, t->head), place = (b.first - t->rows.first) * s->wide;
	float *scores = s->scores + place, *dscores = s->dscores + place, by = 1.0f / sqrtf((float)p->s->d);

	score(p, s, scores, p->q + at, s->keys_across, b);
	score(p, s, dscores, p->dout + at, s->values_across, b);
	for (size_t r = 0; r < b.n; r++) {
		float *z = scores + r * s->wide, *dz = dscores + r * s->wide;
		size_t n = b.first + r + 1, hidden = b.n - r - 1;

		p->k->isa->attn_bwd(z, dz, n, by, p->lse[(s->begin + b.first + r) * p->s->heads + t->head] / by);
		memset(z + n, 0, hidden * sizeof(*z));
		memset(dz + n, 0, hidden * sizeof(*dz));
	}
	mix_slots(p, s, p->dq + at, dscores, p->keys, b);
}

/* What a strip's rows give to the keys and values of a block of slots: scores are read across their rows. The first to
 * give to them is the strip that they lie in, of the first head. */
static void bwd_slots(const struct packed_args *p, const struct sequence *s, const struct strip *t, struct rows slots)
{
	size_t from = slots.first > t->rows.first ? slots.first : t->rows.first, row = query_at(p, s, from, t->head);
	size_t place = (from - t->rows.first) * s->wide + slots.first, slot = slot_at(p, s, slots.first);
	bool first = t->head == s->kv * (p->s->heads / p->s->kv_heads) && slots.first >= t->rows.first;
	struct mix m = {
		.y = p->dvalues + slot,
		.ldy = p->s->kv_heads * p->s->d,
		.s = s->scores + place,
		.s_row = 1,
		.s_step = s->wide,
		.v = p->dout + row,
		.ldv = p->s->heads * p->s->d,
		.rows = slots.n,
		.n = t->rows.first + t->rows.n - from,
		.d = p->s->d,
		.add = !first,
	};

	p->k->isa->mix(&m);
	m.y = p->dkeys + slot;
	m.s = s->dscores + place;
	m.v = p->q + row;
	p->k->isa->mix(&m);
}

static void bwd_strip(const struct packed_args *p, const struct sequence *s, const struct strip *t)
{
	size_t end = t->rows.first + t->rows.n; /* of the slots that are seen */

	for (size_t i = t->rows.first / BLOCK; i < blocks_of(end, BLOCK); i++)
		bwd_rows(p, s, t, rows_at(end, BLOCK, i));
	for (size_t i = 0; i < blocks_of(end, BLOCK); i++)
		bwd_slots(p, s, t, rows_at(end, BLOCK, i));
}

/* One sequence and kv head with the heads that read it, one after the other: no other task adds to its gradients. */
static void bwd_sequence(void *arg, size_t task, size_t thread)
{
	const struct packed_args *p = arg;
	size_t kv = task % p->s->kv_heads, group = p->s->heads / p->s->kv_heads, d = p->s->d;
	struct sequence s = sequence_at(p, task / p->s->kv_heads, kv);

	s.keys_across = kern_scratch(p->k, thread, 2 * (d + STRIP) * s.wide);
	s.values_across = s.keys_across + d * s.wide;
	s.scores = s.values_across + d * s.wide;
	s.dscores = s.scores + STRIP * s.wide;
	transpose(s.keys_across, p->keys, p, &s);
	transpose(s.values_across, p->values, p, &s);
	for (size_t head = kv * group; head < (kv + 1) * group; head++)
		for (size_t i = 0; i < blocks_of(s.length, STRIP); i++)
			bwd_strip(p, &s, &(struct strip){head, rows_at(s.length, STRIP, i)});
}

void attn_packed_bwd(struct kern *k, float *dq, float *dkeys, float *dvalues, const float *dout, const float *lse,
	const float *q, const float *keys, const float *values, const size_t *first, size_t n,
	const struct attn_shape *s)
{
	struct packed_args p = {
		.k = k,
		.s = s,
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

	kern_run(k, is_worth_splitting(&p), n * s->kv_heads, bwd_sequence, &p);
}
