/* Attention over packed sequences, forward and backward, against sums in double. */
#include "kern_test.h"

#include "kern/attn.h"

#define TOLERANCE 3e-6

/* Lengths of one row, of blocks and strips of rows that end on and behind a border, and an empty sequence. */
static const size_t first[] = {0, 1, 13, 26, 26, 123, 323};
#define SEQUENCES (ARRAY_LEN(first) - 1)

static const struct attn_shape shapes[] = {{6, 2, 32}, {3, 3, 21}, {2, 1, 64}, {4, 1, 6}, {1, 1, 8}, {2, 2, 80}};

struct packed {
	struct attn_shape s;
	size_t T, q_len, kv_len; /* floats of q and of keys */
	float *q, *keys, *values, *dout, *out, *lse, *dq, *dkeys, *dvalues;
	void *block;
};

static void packed_init(struct packed *p, struct rng *rng, const struct attn_shape *s, size_t T)
{
	p->s = *s;
	p->T = T;
	p->q_len = T * s->heads * s->d;
	p->kv_len = T * s->kv_heads * s->d;
	p->q = test_floats(rng, 4 * p->q_len + 4 * p->kv_len + T * s->heads, 1, &p->block);
	p->dout = p->q + p->q_len;
	p->keys = p->dout + p->q_len;
	p->values = p->keys + p->kv_len;
	p->out = p->values + p->kv_len;
	p->dq = p->out + p->q_len;
	p->dkeys = p->dq + p->q_len;
	p->dvalues = p->dkeys + p->kv_len;
	p->lse = p->dvalues + p->kv_len;
}

static double dot_ref(const float *a, const float *b, size_t n)
{
	double sum = 0.0;

	for (size_t i = 0; i < n; i++)
		sum += (double)a[i] * b[i];
	return sum;
}

/* The gradients in double. */
struct grads {
	double *dq, *dkeys, *dvalues;
};

/* One row and head: checks out and lse, and adds its share of the gradients. */
static void check_row(const struct packed *p, struct grads *g, size_t begin, size_t row, size_t head)
{
	size_t d = p->s.d, kv_heads = p->s.kv_heads, kv = head / (p->s.heads / kv_heads), n = row + 1 - begin;
	size_t at = (row * p->s.heads + head) * d;
	double by = 1.0 / sqrt((double)d), weight[400], sum = 0.0, mean = 0.0;

	for (size_t i = 0; i < n; i++)
		sum += weight[i] = exp(by * dot_ref(p->q + at, p->keys + ((begin + i) * kv_heads + kv) * d, d));
	assert_near(p->lse[row * p->s.heads + head], log(sum), TOLERANCE, 1.0 + fabs(log(sum)));
	for (size_t j = 0; j < d; j++) {
		double want = 0.0;

		for (size_t i = 0; i < n; i++)
			want += weight[i] / sum * p->values[((begin + i) * kv_heads + kv) * d + j];
		assert_near(p->out[at + j], want, TOLERANCE, 1.0 + fabs(want));
	}
	for (size_t i = 0; i < n; i++) {
		weight[i] /= sum;
		mean += weight[i] * dot_ref(p->dout + at, p->values + ((begin + i) * kv_heads + kv) * d, d);
	}
	for (size_t i = 0; i < n; i++) {
		size_t slot = ((begin + i) * kv_heads + kv) * d;
		double dz = by * weight[i] * (dot_ref(p->dout + at, p->values + slot, d) - mean);

		for (size_t j = 0; j < d; j++) {
			g->dq[at + j] += dz * p->keys[slot + j];
			g->dkeys[slot + j] += dz * p->q[at + j];
			g->dvalues[slot + j] += weight[i] * p->dout[at + j];
		}
	}
}

static void check_grads(const float *got, const double *want, size_t n)
{
	for (size_t i = 0; i < n; i++)
		assert_near(got[i], want[i], TOLERANCE, 10.0 + fabs(want[i]));
}

static void run(struct kern *k, struct packed *p)
{
	attn_packed_fwd(k, p->out, p->lse, p->q, p->keys, p->values, first, SEQUENCES, &p->s);
	attn_packed_bwd(
		k, p->dq, p->dkeys, p->dvalues, p->dout, p->lse, p->q, p->keys, p->values, first, SEQUENCES, &p->s);
}

static void packed_against_double(struct kern *k, struct rng *rng)
{
	for (size_t i = 0; i < ARRAY_LEN(shapes); i++) {
		struct packed p;
		struct grads g;

		packed_init(&p, rng, &shapes[i], first[SEQUENCES]);
		g.dq = calloc(p.q_len + 2 * p.kv_len, sizeof(double));
		assert_non_null(g.dq);
		g.dkeys = g.dq + p.q_len;
		g.dvalues = g.dkeys + p.kv_len;
		run(k, &p);
		for (size_t s = 0; s < SEQUENCES; s++)
			for (size_t row = first[s]; row < first[s + 1]; row++)
				for (size_t head = 0; head < p.s.heads; head++)
					check_row(&p, &g, first[s], row, head);
		check_grads(p.dq, g.dq, p.q_len);
		check_grads(p.dkeys, g.dkeys, p.kv_len);
		check_grads(p.dvalues, g.dvalues, p.kv_len);
		free(g.dq);
		free(p.block);
	}
}

static void test_packed(void **state)
{
	(void)state;
	each_kern(packed_against_double);
}

/* A sequence's bits are its own, whatever is packed beside it, numbers or not. */
static void sequences_are_apart(struct kern *k, struct rng *rng)
{
	static const struct attn_shape s = {4, 2, 24};
	size_t begin = first[4], length = first[5] - begin, alone[2] = {0, length};
	size_t q = begin * s.heads * s.d, kv = begin * s.kv_heads * s.d, row = length * s.heads;
	struct packed p;
	float *out, *lse, *dq, *dkeys, *dvalues;
	void *block;

	packed_init(&p, rng, &s, first[SEQUENCES]);
	for (size_t i = 0; i < s.kv_heads * s.d; i++) {
		p.keys[kv - 1 - i] = NAN;
		p.values[kv - 1 - i] = INFINITY;
		p.keys[first[5] * s.kv_heads * s.d + i] = NAN;
		p.values[first[5] * s.kv_heads * s.d + i] = NAN;
	}
	run(k, &p);
	out = test_floats(rng, row * (2 * s.d + 1) + 2 * length * s.kv_heads * s.d, 0, &block);
	dq = out + row * s.d;
	lse = dq + row * s.d;
	dkeys = lse + row;
	dvalues = dkeys + length * s.kv_heads * s.d;
	attn_packed_fwd(k, out, lse, p.q + q, p.keys + kv, p.values + kv, alone, 1, &s);
	attn_packed_bwd(k, dq, dkeys, dvalues, p.dout + q, lse, p.q + q, p.keys + kv, p.values + kv, alone, 1, &s);
	assert_memory_equal(out, p.out + q, row * s.d * sizeof(float));
	assert_memory_equal(lse, p.lse + begin * s.heads, row * sizeof(float));
	assert_memory_equal(dq, p.dq + q, row * s.d * sizeof(float));
	assert_memory_equal(dkeys, p.dkeys + kv, length * s.kv_heads * s.d * sizeof(float));
	assert_memory_equal(dvalues, p.dvalues + kv, length * s.kv_heads * s.d * sizeof(float));
	free(block);
	free(p.block);
}

static void test_apart(void **state)
{
	(void)state;
	each_kern(sequences_are_apart);
}

/* Scores of ±1e4 overflow exp unless the maximum, or the log-sum, is taken off first. */
static void large_scores(struct kern *k, struct rng *rng)
{
	static const struct attn_shape s = {2, 1, 16};
	static const size_t all[] = {0, 4};
	struct packed p;

	packed_init(&p, rng, &s, 4);
	for (size_t i = 0; i < p.q_len; i++)
		p.q[i] = 100.0f;
	for (size_t i = 0; i < p.kv_len; i++) {
		p.keys[i] = i / 16 % 2 ? -30.0f : 25.0f + (float)(i / 16);
		p.values[i] = (float)(i / 16) + 1.0f;
	}
	attn_packed_fwd(k, p.out, p.lse, p.q, p.keys, p.values, all, 1, &s);
	attn_packed_bwd(k, p.dq, p.dkeys, p.dvalues, p.dout, p.lse, p.q, p.keys, p.values, all, 1, &s);
	for (size_t i = 0; i < p.q_len; i++) {
		assert_near(p.out[i], i / 32 < 2 ? 1.0 : 3.0, 1e-6, 1.0);
		assert_near(p.dq[i], 0.0, 1e-6, 30.0); /* the size of a key */
	}
	for (size_t t = 0; t < 4; t++)
		for (size_t j = 0; j < 16; j++)
			assert_near(p.dvalues[t * 16 + j],
				t % 2 ? 0.0
				      : (double)p.dout[2 * t * 16 + j] + p.dout[(2 * t + 1) * 16 + j] +
						p.dout[2 * (t + 1) * 16 + j] + p.dout[(2 * t + 3) * 16 + j],
				1e-5, 1.0);
	free(p.block);
}

static void test_large_scores(void **state)
{
	(void)state;
	each_kern(large_scores);
}

static size_t bits_of_packed(struct kern *k, struct rng *rng, void *out)
{
	static const struct attn_shape s = {6, 3, 40};
	struct packed p;
	size_t size;

	packed_init(&p, rng, &s, first[SEQUENCES]);
	run(k, &p);
	size = (2 * p.q_len + 2 * p.kv_len + p.T * s.heads) * sizeof(float);
	memcpy(out, p.out, size);
	free(p.block);
	return size;
}

static void test_same_bits(void **state)
{
	(void)state;
	each_kern_same_bits(bits_of_packed, (size_t)1 << 21);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_packed),
		cmocka_unit_test(test_apart),
		cmocka_unit_test(test_large_scores),
		cmocka_unit_test(test_same_bits),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
