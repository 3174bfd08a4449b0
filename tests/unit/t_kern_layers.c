/* The small kernels of a layer, and the vector bodies beneath them, against double. */
#include "kern_test.h"

#include "kern/layers.h"

/* Within 2 units in the last place over all of exp's range; 0 where the result would be subnormal. */
static void exp_is_close(struct kern *k, struct rng *rng)
{
	for (int i = 0; i < 40000; i++) {
		float x = (float)(rng_uniform(rng) * 191.0 - 102.5), got;
		double want = exp(x);

		if (want > 3.4e38)
			continue;
		k->isa->exp_sum(&got, &x, 1, 1.0f, 0.0f);
		if (want >= 1.001 * 0x1p-126)
			assert_near(got, want, 2.0, ldexp(want, -24));
		else if (want < 0x1p-126)
			assert_true(got == 0.0f);
	}
}

static float exp_of(struct kern *k, float x)
{
	float y;

	k->isa->exp_sum(&y, &x, 1, 1.0f, 0.0f);
	return y;
}

static void exp_at_the_edges(struct kern *k, struct rng *rng)
{
	(void)rng;
	assert_true(exp_of(k, 0.0f) == 1.0f);
	assert_true(exp_of(k, -0.0f) == 1.0f);
	assert_true(exp_of(k, -INFINITY) == 0.0f);
	assert_true(exp_of(k, -200.0f) == 0.0f);
	assert_true(exp_of(k, INFINITY) == INFINITY);
	assert_true(exp_of(k, 89.0f) == INFINITY);
	assert_true(exp_of(k, 88.7f) < INFINITY);
	assert_true(isnan(exp_of(k, NAN)));
}

static void test_exp(void **state)
{
	(void)state;
	each_kern(exp_is_close);
	each_kern(exp_at_the_edges);
}

static void max_and_sum(struct kern *k, struct rng *rng)
{
	for (size_t n = 1; n < 80; n++) {
		void *zb;
		float *z = test_floats(rng, n, 1, &zb), high = -INFINITY, out[80];
		double sum = 0.0;

		if (n % 3 == 0)
			z[n / 2] = -INFINITY;
		for (size_t i = 0; i < n; i++)
			high = fmaxf(high, z[i]);
		assert_true(k->isa->max(z, n) == high);
		for (size_t i = 0; i < n; i++)
			sum += exp(0.7 * ((double)z[i] - high));
		out[n] = 42.0f;
		assert_near(k->isa->exp_sum(out, z, n, 0.7f, high), sum, 1e-6, sum);
		assert_near(k->isa->exp_sum(NULL, z, n, 0.7f, high), sum, 1e-6, sum);
		for (size_t i = 0; i < n; i++)
			assert_near(out[i], exp(0.7 * ((double)z[i] - high)), 1e-6, 1.0);
		k->isa->scale(out, n, 2.0f);
		assert_true(out[n] == 42.0f);
		assert_near(out[n - 1], 2.0 * exp(0.7 * ((double)z[n - 1] - high)), 1e-6, 1.0);
		free(zb);
	}
	assert_true(k->isa->max(NULL, 0) == -INFINITY);
}

static void test_max_and_sum(void **state)
{
	(void)state;
	each_kern(max_and_sum);
}

static void rmsnorm_against_double(struct kern *k, struct rng *rng)
{
	static const size_t sizes[][2] = {{1, 1}, {3, 7}, {10, 576}, {130, 577}, {5, 64}};

	for (size_t i = 0; i < ARRAY_LEN(sizes); i++) {
		size_t T = sizes[i][0], C = sizes[i][1];
		void *xb, *wb, *yb;
		float *x = test_floats(rng, T * C, 1, &xb), *w = test_floats(rng, C, 3, &wb),
		      *y = test_floats(rng, T * C, 2, &yb);

		rmsnorm_fwd(k, y, x, w, T, C, 1e-5);
		for (size_t t = 0; t < T; t++) {
			double squares = 0.0;

			for (size_t c = 0; c < C; c++)
				squares += (double)x[t * C + c] * x[t * C + c];
			for (size_t c = 0; c < C; c++) {
				double want = w[c] * x[t * C + c] / sqrt(squares / (double)C + 1e-5);

				assert_near(y[t * C + c], want, 1e-6, fabs(want));
			}
		}
		rmsnorm_fwd(k, x, x, w, T, C, 1e-5);
		assert_memory_equal(x, y, T * C * sizeof(*x));
		free(xb);
		free(wb);
		free(yb);
	}
}

static void test_rmsnorm(void **state)
{
	(void)state;
	each_kern(rmsnorm_against_double);
}

/* One row stands far from 0, where squares of values in place of differences would leave nothing of the variance. */
static void layernorm_against_double(struct kern *k, struct rng *rng)
{
	static const size_t sizes[][2] = {{1, 1}, {3, 7}, {10, 576}, {130, 577}, {5, 64}};

	for (size_t i = 0; i < ARRAY_LEN(sizes); i++) {
		size_t T = sizes[i][0], C = sizes[i][1];
		void *xb, *wb, *bb, *yb;
		float *x = test_floats(rng, T * C, 1, &xb), *w = test_floats(rng, C, 3, &wb);
		float *b = test_floats(rng, C, 2, &bb), *y = test_floats(rng, T * C + 1, 2, &yb);

		for (size_t c = 0; c < C; c++)
			x[c] += 1000.0f;
		y[T * C] = 42.0f;
		layernorm_fwd(k, y, x, w, b, T, C, 1e-5);
		assert_true(y[T * C] == 42.0f);
		for (size_t t = 0; t < T; t++) {
			const float *row = x + t * C;
			double mean = 0.0, squares = 0.0, near = t == 0 ? 2e-4 : 1e-6;

			for (size_t c = 0; c < C; c++)
				mean += row[c] / (double)C;
			for (size_t c = 0; c < C; c++)
				squares += (row[c] - mean) * (row[c] - mean);
			for (size_t c = 0; c < C; c++) {
				double want = w[c] * (row[c] - mean) / sqrt(squares / (double)C + 1e-5) + b[c];

				assert_near(y[t * C + c], want, near, 1.0 + fabs(want));
			}
		}
		layernorm_fwd(k, x, x, w, b, T, C, 1e-5);
		assert_memory_equal(x, y, T * C * sizeof(*x));
		free(xb);
		free(wb);
		free(bb);
		free(yb);
	}
}

static void test_layernorm(void **state)
{
	(void)state;
	each_kern(layernorm_against_double);
}

static void check_rope(struct kern *k, struct rng *rng, size_t T, size_t heads, size_t d, size_t stride)
{
	const size_t positions = 300;
	void *xb, *cb, *sb;
	float *x = test_floats(rng, T * stride, 1, &xb), *cos = test_floats(rng, positions * d / 2, 1, &cb);
	float *sin = test_floats(rng, positions * d / 2, 1, &sb), *before = malloc(T * stride * sizeof(*before));
	uint32_t *position = malloc(T * sizeof(*position));

	assert_non_null(before);
	assert_non_null(position);
	memcpy(before, x, T * stride * sizeof(*x));
	for (size_t t = 0; t < T; t++)
		position[t] = rng_below(rng, (uint32_t)positions);
	rope_fwd(k, x, position, cos, sin, T, heads, d, stride);
	for (size_t t = 0; t < T; t++) {
		for (size_t j = 0; j < stride; j++) {
			size_t i = j % d % (d / 2), at = position[t] * d / 2 + i;
			const float *head = before + t * stride + j / d * d;
			double c = cos[at], s = sin[at], want = before[t * stride + j];

			if (j < heads * d)
				want = j % d < d / 2 ? head[i] * c - head[i + d / 2] * s
						     : head[i + d / 2] * c + head[i] * s;
			assert_near(x[t * stride + j], want, 1e-6, 1.0 + fabs(want));
		}
	}
	free(xb);
	free(cb);
	free(sb);
	free(before);
	free(position);
}

static void rope_against_double(struct kern *k, struct rng *rng)
{
	check_rope(k, rng, 3, 2, 8, 16);
	check_rope(k, rng, 5, 3, 6, 25);
	check_rope(k, rng, 10, 9, 64, 576);
	check_rope(k, rng, 140, 9, 64, 580);
	check_rope(k, rng, 2, 1, 2, 3);
}

static void test_rope(void **state)
{
	(void)state;
	each_kern(rope_against_double);
}

static void swiglu_against_double(struct kern *k, struct rng *rng)
{
	static const size_t sizes[] = {1, 5, 16, 100, 1536, 40000};

	for (size_t i = 0; i < ARRAY_LEN(sizes); i++) {
		size_t n = sizes[i];
		void *gb, *ub, *yb;
		float *gate = test_floats(rng, n, 1, &gb), *up = test_floats(rng, n, 2, &ub),
		      *y = test_floats(rng, n, 3, &yb);

		for (size_t j = 0; j < n; j++)
			gate[j] *= j % 7 == 0 ? 60.0f : 3.0f;
		swiglu_fwd(k, y, gate, up, n);
		for (size_t j = 0; j < n; j++) {
			double want = gate[j] / (1.0 + exp(-(double)gate[j])) * up[j];

			assert_near(y[j], want, 1e-6, fabs(want) + 1e-30);
		}
		swiglu_fwd(k, gate, gate, up, n);
		assert_memory_equal(gate, y, n * sizeof(*y));
		free(gb);
		free(ub);
		free(yb);
	}
}

static void test_swiglu(void **state)
{
	(void)state;
	each_kern(swiglu_against_double);
}

static double gelu_of(double x)
{
	return x / 2 * (1 + tanh(sqrt(2 / M_PI) * (x + 0.044715 * x * x * x)));
}

static void gelu_against_double(struct kern *k, struct rng *rng)
{
	static const size_t sizes[] = {1, 5, 16, 100, 1536, 40000};
	float far[] = {1e30f, -1e30f, INFINITY, 0.0f, -20.0f, 20.0f, NAN}, y[ARRAY_LEN(far)];

	for (size_t i = 0; i < ARRAY_LEN(sizes); i++) {
		size_t n = sizes[i];
		void *xb, *yb;
		float *x = test_floats(rng, n, 1, &xb), *out = test_floats(rng, n + 1, 3, &yb);

		for (size_t j = 0; j < n; j++)
			x[j] *= j % 7 == 0 ? 60.0f : 3.0f;
		out[n] = 42.0f;
		gelu_fwd(k, out, x, n);
		assert_true(out[n] == 42.0f);
		for (size_t j = 0; j < n; j++)
			assert_near(out[j], gelu_of(x[j]), 1e-6, fabs(x[j]));
		gelu_fwd(k, x, x, n);
		assert_memory_equal(x, out, n * sizeof(*x));
		free(xb);
		free(yb);
	}
	gelu_fwd(k, y, far, ARRAY_LEN(far));
	assert_true(y[0] == 1e30f && y[1] == 0.0f && y[2] == INFINITY && y[3] == 0.0f);
	assert_true(y[4] == 0.0f && y[5] == 20.0f && isnan(y[6]));
}

static void test_gelu(void **state)
{
	(void)state;
	each_kern(gelu_against_double);
}

static void test_embed(void **state)
{
	const size_t vocab = 50, C = 33;
	struct kern *k = test_kern(1, NULL);
	struct rng rng;

	(void)state;
	rng_seed(&rng, 5);
	for (int type = 0; type < DTYPE_PLAIN_COUNT; type++) {
		struct test_weights table;
		uint32_t ids[20];
		float y[20 * 33];

		test_weights_init(&table, &rng, (enum dtype)type, vocab, C);
		for (size_t t = 0; t < 20; t++)
			ids[t] = t == 0 ? (uint32_t)vocab - 1 : rng_below(&rng, (uint32_t)vocab);
		embed_fwd(y, &table.t, ids, 20);
		for (size_t t = 0; t < 20; t++)
			for (size_t c = 0; c < C; c++)
				assert_true(y[t * C + c] == table.value[ids[t] * C + c]);
		embed_add_fwd(k, y, &table.t, ids + 1, 19);
		for (size_t t = 0; t < 20; t++)
			for (size_t c = 0; c < C; c++)
				assert_true(y[t * C + c] == (float)(table.value[ids[t] * C + c] +
								    (t < 19 ? table.value[ids[t + 1] * C + c] : 0.0)));
		test_weights_release(&table);
	}
	kern_free(k);
}

static void test_lse(void **state)
{
	const float z[] = {1.0f, -INFINITY, 3.0f, 1000.0f, 1000.0f}, none[] = {-INFINITY, -INFINITY},
		    nan[] = {1.0f, NAN, 2.0f};

	(void)state;
	assert_near(lse_fwd(z, 3, 1.0), log(exp(1.0) + exp(3.0)), 1e-14, 3.0);
	assert_near(lse_fwd(z, 3, 0.25), log(exp(0.25) + exp(0.75)), 1e-14, 3.0);
	assert_near(lse_fwd(z, 5, 2.0), 2000.0 + log(2.0), 1e-14, 2000.0);
	assert_near(lse_fwd(z, 1, 2.0), 2.0, 1e-15, 2.0);
	assert_true(lse_fwd(none, 2, 1.0) == -INFINITY);
	assert_true(lse_fwd(z, 0, 1.0) == -INFINITY);
	assert_true(isnan(lse_fwd(nan, 3, 1.0)));
}

static void test_isa_choice(void **state)
{
	struct kern *k = test_kern(2, NULL);

	(void)state;
	assert_int_equal(pool_threads(kern_pool(k)), 2);
	assert_int_equal(kern_force_isa(k, "no such"), -1);
	assert_int_equal((uintptr_t)kern_scratch(k, 1, 100) % 64, 0);
	kern_free(k);
	kern_free(NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_isa_choice),
		cmocka_unit_test(test_exp),
		cmocka_unit_test(test_max_and_sum),
		cmocka_unit_test(test_rmsnorm),
		cmocka_unit_test(test_layernorm),
		cmocka_unit_test(test_rope),
		cmocka_unit_test(test_swiglu),
		cmocka_unit_test(test_gelu),
		cmocka_unit_test(test_embed),
		cmocka_unit_test(test_lse),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
