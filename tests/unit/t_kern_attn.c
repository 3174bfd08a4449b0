/* Attention against sums in double, and against itself when the same rows come in other company. */
#include "kern_test.h"

#include "kern/attn.h"

#define TOLERANCE 2e-6

struct cache {
	struct attn_shape s;
	float *keys, *values;
	void *key_block, *value_block;
};

static void cache_init(struct cache *c, struct rng *rng, size_t slots, const struct attn_shape *s)
{
	c->s = *s;
	c->keys = test_floats(rng, slots * s->kv_heads * s->d, 1, &c->key_block);
	c->values = test_floats(rng, slots * s->kv_heads * s->d, 3, &c->value_block);
}

static void cache_release(struct cache *c)
{
	free(c->key_block);
	free(c->value_block);
}

/* One row and head over the given slots. out: [d] */
static void attend_ref(double *out, const float *q, const struct cache *c, size_t head, const uint32_t *slots, size_t n)
{
	size_t d = c->s.d, kv = head / (c->s.heads / c->s.kv_heads);
	double *p = malloc(n * sizeof(*p)), max = -INFINITY, sum = 0.0;

	assert_non_null(p);
	for (size_t i = 0; i < n; i++) {
		p[i] = 0.0;
		for (size_t j = 0; j < d; j++)
			p[i] += (double)q[j] * c->keys[(slots[i] * c->s.kv_heads + kv) * d + j];
		p[i] /= sqrt((double)d);
		max = fmax(max, p[i]);
	}
	for (size_t i = 0; i < n; i++)
		sum += p[i] = exp(p[i] - max);
	for (size_t j = 0; j < d; j++) {
		out[j] = 0.0;
		for (size_t i = 0; i < n; i++)
			out[j] += p[i] / sum * c->values[(slots[i] * c->s.kv_heads + kv) * d + j];
	}
	free(p);
}

static void check_row(const float *out, const float *q, const struct cache *c, const uint32_t *slots, size_t n)
{
	double want[256];

	for (size_t h = 0; h < c->s.heads; h++) {
		attend_ref(want, q + h * c->s.d, c, h, slots, n);
		for (size_t j = 0; j < c->s.d; j++)
			assert_near(out[h * c->s.d + j], want[j], TOLERANCE, 1.0);
	}
}

static const struct attn_shape shapes[] = {
	{9, 3, 64}, {4, 4, 16}, {2, 1, 8}, {6, 2, 24}, {1, 1, 6}, {8, 2, 80}, {14, 1, 32}, {3, 3, 128},
};

static void causal_against_double(struct kern *k, struct rng *rng)
{
	static const size_t lengths[][2] = {{0, 1}, {0, 37}, {5, 1}, {17, 40}, {0, 70}};

	for (size_t i = 0; i < ARRAY_LEN(shapes) * ARRAY_LEN(lengths); i++) {
		const struct attn_shape *s = &shapes[i / ARRAY_LEN(lengths)];
		size_t past = lengths[i % ARRAY_LEN(lengths)][0], T = lengths[i % ARRAY_LEN(lengths)][1],
		       row = s->heads * s->d;
		struct cache c;
		uint32_t slots[128];
		void *qb, *ob;
		float *q = test_floats(rng, T * row, 1, &qb), *out = test_floats(rng, T * row, 2, &ob);

		cache_init(&c, rng, past + T, s);
		for (uint32_t j = 0; j < past + T; j++)
			slots[j] = j;
		attn_causal_fwd(k, out, q, c.keys, c.values, past, T, s);
		for (size_t t = 0; t < T; t++)
			check_row(out + t * row, q + t * row, &c, slots, past + t + 1);
		cache_release(&c);
		free(qb);
		free(ob);
	}
}

static void test_causal(void **state)
{
	(void)state;
	each_kern(causal_against_double);
}

/* A prompt computed in two parts gives the bits of the prompt in one: reusing a cached prefix changes nothing. */
static void causal_in_parts(struct kern *k, struct rng *rng)
{
	const struct attn_shape s = {6, 2, 32};
	const size_t T = 61, cut = 23, row = 6 * 32;
	struct cache c;
	void *qb, *ob, *pb;
	float *q = test_floats(rng, T * row, 0, &qb), *out = test_floats(rng, T * row, 0, &ob);
	float *parts = test_floats(rng, T * row, 0, &pb);

	cache_init(&c, rng, T, &s);
	attn_causal_fwd(k, out, q, c.keys, c.values, 0, T, &s);
	attn_causal_fwd(k, parts, q, c.keys, c.values, 0, cut, &s);
	attn_causal_fwd(k, parts + cut * row, q + cut * row, c.keys, c.values, cut, T - cut, &s);
	assert_memory_equal(out, parts, T * row * sizeof(*out));
	cache_release(&c);
	free(qb);
	free(ob);
	free(pb);
}

static void test_causal_in_parts(void **state)
{
	(void)state;
	each_kern(causal_in_parts);
}

/* Random paths: up to 9 of the slots after the prompt, in rising order, at least one. */
static size_t random_paths(struct rng *rng, uint32_t *path, size_t *first, size_t R, size_t prompt, size_t slots)
{
	size_t n = 0;

	for (size_t r = 0; r < R; r++) {
		size_t want = 1 + rng_below(rng, 9), got = 0;

		first[r] = n;
		for (size_t slot = prompt; slot < slots && got < want; slot++)
			if (rng_below(rng, 4) == 0 || slot + 1 == slots)
				path[n + got++] = (uint32_t)slot;
		n += got;
	}
	first[R] = n;
	return n;
}

static void check_tree(struct kern *k, struct rng *rng, const struct attn_shape *s, size_t prompt, size_t R)
{
	size_t row = s->heads * s->d, slots = prompt + 40, first[64], n;
	uint32_t path[64 * 9], seen[512];
	struct cache c;
	void *qb, *ob;
	float *q = test_floats(rng, R * row, 1, &qb), *out = test_floats(rng, R * row, 2, &ob), *alone;

	alone = malloc(row * sizeof(*alone));
	assert_non_null(alone);
	cache_init(&c, rng, slots, s);
	random_paths(rng, path, first, R, prompt, slots);
	attn_tree_fwd(k, out, q, c.keys, c.values, prompt, path, first, R, s);
	for (uint32_t j = 0; j < prompt; j++)
		seen[j] = j;
	for (size_t r = 0; r < R; r++) {
		size_t own[2];

		n = first[r + 1] - first[r];
		memcpy(seen + prompt, path + first[r], n * sizeof(*path));
		check_row(out + r * row, q + r * row, &c, seen, prompt + n);
		own[0] = 0;
		own[1] = n;
		attn_tree_fwd(k, alone, q + r * row, c.keys, c.values, prompt, path + first[r], own, 1, s);
		assert_memory_equal(alone, out + r * row, row * sizeof(*out));
	}
	cache_release(&c);
	free(alone);
	free(qb);
	free(ob);
}

static void tree_against_double(struct kern *k, struct rng *rng)
{
	static const size_t sizes[][2] = {{0, 3}, {1, 1}, {37, 10}, {220, 7}, {64, 30}};

	for (size_t i = 0; i < ARRAY_LEN(shapes); i++)
		for (size_t j = 0; j < ARRAY_LEN(sizes); j++)
			check_tree(k, rng, &shapes[i], sizes[j][0], sizes[j][1]);
}

static void test_tree(void **state)
{
	(void)state;
	each_kern(tree_against_double);
}

/* Scores of ±1e4 overflow exp unless the maximum is taken off first. */
static void large_scores(struct kern *k, struct rng *rng)
{
	const struct attn_shape s = {2, 1, 16};
	float q[4 * 32], keys[4 * 16], values[4 * 16], out[4 * 32];

	(void)rng;
	for (size_t i = 0; i < 4 * 32; i++)
		q[i] = 100.0f;
	for (size_t t = 0; t < 4; t++) {
		for (size_t j = 0; j < 16; j++) {
			keys[t * 16 + j] = t % 2 ? -30.0f : 25.0f + (float)t;
			values[t * 16 + j] = (float)t + 1.0f;
		}
	}
	attn_causal_fwd(k, out, q, keys, values, 0, 4, &s);
	for (size_t t = 0; t < 4; t++)
		for (size_t j = 0; j < 32; j++)
			assert_near(out[t * 32 + j], t < 2 ? 1.0 : 3.0, 1e-6, 1.0);
}

static void test_large_scores(void **state)
{
	(void)state;
	each_kern(large_scores);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_causal),
		cmocka_unit_test(test_causal_in_parts),
		cmocka_unit_test(test_tree),
		cmocka_unit_test(test_large_scores),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
