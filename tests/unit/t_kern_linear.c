/* Linear maps against sums in double. Errors are measured against Σ |x·w|, the scale of a dot product's rounding. */
#include "kern_test.h"

#include "kern/linear.h"

#define TOLERANCE 5e-7

struct shape {
	size_t rows, out, in;
};

static const struct shape shapes[] = {
	{1, 1, 1},    {1, 5, 3},    {2, 7, 16},   {3, 33, 17},   {4, 64, 64},    {5, 31, 100},   {6, 130, 48},
	{7, 12, 576}, {8, 9, 31},   {10, 70, 80}, {11, 67, 129}, {12, 200, 24},  {13, 40, 65},   {24, 65, 33},
	{25, 65, 33}, {40, 50, 7},  {49, 65, 40}, {97, 300, 70}, {220, 193, 96}, {130, 129, 300}, {10, 1100, 64},
	{9, 21, 1600}, {31, 70, 777},   {10, 40, 2309}, {64, 66, 1537},
};

static double dot_ref(const float *x, const double *w, size_t n, double *scale)
{
	double sum = 0.0;

	*scale = 0.0;
	for (size_t i = 0; i < n; i++) {
		sum += x[i] * w[i];
		*scale += fabs(x[i] * w[i]);
	}
	return sum;
}

static void check_linear(struct kern *k, struct rng *rng, const struct shape *s, enum dtype type, bool bias, bool add)
{
	struct test_weights w;
	void *xb, *yb, *bb;
	float *x = test_floats(rng, s->rows * s->in, 1, &xb), *y = test_floats(rng, s->rows * s->out, 3, &yb);
	float *b = test_floats(rng, s->out, 1, &bb), *before = malloc(s->rows * s->out * sizeof(*before));

	assert_non_null(before);
	test_weights_init(&w, rng, type, s->out, s->in);
	memcpy(before, y, s->rows * s->out * sizeof(*y));
	linear_fwd(k, y, x, &w.t, bias ? b : NULL, add, s->rows);
	for (size_t r = 0; r < s->rows; r++) {
		for (size_t o = 0; o < s->out; o++) {
			double scale, want = dot_ref(x + r * s->in, w.value + o * s->in, s->in, &scale);
			double start = (bias ? b[o] : 0.0) + (add ? before[r * s->out + o] : 0.0);

			assert_near(y[r * s->out + o], want + start, TOLERANCE, scale + fabs(start) + fabs(want));
		}
	}
	test_weights_release(&w);
	free(xb);
	free(yb);
	free(bb);
	free(before);
}

static void linear_against_double(struct kern *k, struct rng *rng)
{
	for (size_t i = 0; i < ARRAY_LEN(shapes); i++)
		for (int type = 0; type < DTYPE_PLAIN_COUNT; type++)
			check_linear(k, rng, &shapes[i], (enum dtype)type, i % 2, i / 2 % 2);
}

static void test_linear(void **state)
{
	(void)state;
	each_kern(linear_against_double);
}

#define MANY 70

/* A row's result has the same bits alone, among others, and in a pick. Inputs enough for two runs. */
static void rows_are_independent(struct kern *k, struct rng *rng)
{
	static const size_t counts[] = {2, 3, 7, 10, 12, 17, 24, 25, MANY};
	const size_t out = 75, in = 803;

	for (int type = 0; type < DTYPE_PLAIN_COUNT; type++) {
		struct test_weights w;
		void *xb;
		float *x = test_floats(rng, MANY * in, 0, &xb), alone[MANY * 75], many[MANY * 75], picked[MANY * 75];
		uint32_t row[MANY * 75], id[MANY * 75];

		test_weights_init(&w, rng, (enum dtype)type, out, in);
		for (size_t r = 0; r < MANY; r++)
			linear_fwd(k, alone + r * out, x + r * in, &w.t, NULL, false, 1);
		for (size_t i = 0; i < ARRAY_LEN(counts) && counts[i] <= k->isa->product_rows; i++) {
			linear_fwd(k, many, x, &w.t, NULL, false, counts[i]);
			assert_memory_equal(many, alone, counts[i] * out * sizeof(float));
		}
		for (size_t j = 0; j < MANY * out; j++) {
			row[j] = rng_below(rng, MANY);
			id[j] = rng_below(rng, (uint32_t)out);
		}
		linear_pick_fwd(k, picked, x, &w.t, row, id, MANY * out);
		for (size_t j = 0; j < MANY * out; j++)
			assert_memory_equal(&picked[j], &alone[row[j] * out + id[j]], sizeof(float));
		test_weights_release(&w);
		free(xb);
	}
}

static void test_rows_independent(void **state)
{
	(void)state;
	each_kern(rows_are_independent);
}

static void check_same_for_threads(enum dtype type, size_t rows, const char *isa)
{
	const size_t out = 2000, in = 200;
	float *y[3];
	double lse[3][60];

	for (size_t threads = 1; threads <= 3; threads++) {
		struct kern *k = test_kern(threads, isa);
		struct test_weights w;
		struct rng rng;
		void *xb;
		float *x;

		rng_seed(&rng, 3);
		x = test_floats(&rng, rows * in, 0, &xb);
		test_weights_init(&w, &rng, type, out, in);
		y[threads - 1] = malloc(rows * out * sizeof(float));
		assert_non_null(y[threads - 1]);
		linear_fwd(k, y[threads - 1], x, &w.t, NULL, false, rows);
		linear_lse_fwd(k, lse[threads - 1], x, &w.t, 0.7, rows);
		test_weights_release(&w);
		free(xb);
		kern_free(k);
	}
	for (size_t i = 1; i < 3; i++) {
		assert_memory_equal(y[i], y[0], rows * out * sizeof(float));
		assert_memory_equal(lse[i], lse[0], rows * sizeof(double));
	}
	for (size_t i = 0; i < 3; i++)
		free(y[i]);
}

static void test_threads_give_same_bits(void **state)
{
	(void)state;
	for (int type = 0; type < DTYPE_PLAIN_COUNT; type++) {
		check_same_for_threads((enum dtype)type, 10, NULL);
		check_same_for_threads((enum dtype)type, 60, NULL);
		check_same_for_threads((enum dtype)type, 60, "portable");
	}
}

static double lse_ref(const double *z, size_t n, double inv_tau)
{
	double max = -INFINITY, sum = 0.0;

	for (size_t i = 0; i < n; i++)
		max = fmax(max, z[i]);
	for (size_t i = 0; i < n; i++)
		sum += exp(inv_tau * (z[i] - max));
	return inv_tau * max + log(sum);
}

static void lse_against_double(struct kern *k, struct rng *rng)
{
	static const struct shape lse_shapes[] = {{1, 1, 4}, {1, 257, 40}, {9, 1000, 64}, {30, 700, 33}, {3, 255, 5}};
	static const double inv_tau[] = {1.0, 0.5, 3.0};

	for (size_t i = 0; i < ARRAY_LEN(lse_shapes) * DTYPE_PLAIN_COUNT; i++) {
		const struct shape *s = &lse_shapes[i / DTYPE_PLAIN_COUNT];
		struct test_weights w;
		void *xb;
		float *x = test_floats(rng, s->rows * s->in, 2, &xb);
		double lse[30], *z = malloc(s->out * sizeof(*z));

		assert_non_null(z);
		test_weights_init(&w, rng, (enum dtype)(i % DTYPE_PLAIN_COUNT), s->out, s->in);
		for (size_t t = 0; t < ARRAY_LEN(inv_tau); t++) {
			linear_lse_fwd(k, lse, x, &w.t, inv_tau[t], s->rows);
			for (size_t r = 0; r < s->rows; r++) {
				double scale, largest = 0.0, want;

				for (size_t o = 0; o < s->out; o++) {
					z[o] = dot_ref(x + r * s->in, w.value + o * s->in, s->in, &scale);
					largest = fmax(largest, scale);
				}
				want = lse_ref(z, s->out, inv_tau[t]);
				assert_near(lse[r], want, 1e-6, 1.0 + inv_tau[t] * largest);
			}
		}
		test_weights_release(&w);
		free(xb);
		free(z);
	}
}

static void test_lse(void **state)
{
	(void)state;
	each_kern(lse_against_double);
}

/* Logits of -inf count nothing, whole blocks of them too; a NaN anywhere is seen. */
static void lse_of_infinities(struct kern *k, struct rng *rng)
{
	enum {
		OUT = 600,
		IN = 2
	};
	float w[OUT * IN], x[IN] = {1.0f, 0.0f};
	struct tensor t = {.name = "w", .dtype = DTYPE_F32, .dims = 2, .shape = {OUT, IN}, .data = w};
	double lse;

	(void)rng;
	for (size_t i = 0; i < OUT * IN; i++)
		w[i] = i % IN == 0 ? -INFINITY : 0.0f;
	linear_lse_fwd(k, &lse, x, &t, 1.0, 1);
	assert_true(lse == -INFINITY);
	w[IN * 300] = 2.5f;
	w[IN * 301] = 2.5f;
	linear_lse_fwd(k, &lse, x, &t, 2.0, 1);
	assert_near(lse, 5.0 + log(2.0), 1e-6, 1.0);
	w[IN * 599] = NAN;
	linear_lse_fwd(k, &lse, x, &t, 1.0, 1);
	assert_true(isnan(lse));
	for (size_t i = 0; i < OUT * IN; i++)
		w[i] = NAN;
	linear_lse_fwd(k, &lse, x, &t, 1.0, 1);
	assert_true(isnan(lse));
}

static void test_lse_infinities(void **state)
{
	(void)state;
	each_kern(lse_of_infinities);
}

/* All 65,536 halves, in rows that end inside a vector. */
static void widens_exactly(struct kern *k, struct rng *rng)
{
	static const enum dtype types[] = {DTYPE_F16, DTYPE_BF16};
	enum {
		ALL = 1 << 16,
		RUN = 1021
	};
	uint16_t *half = malloc(ALL * sizeof(*half));
	float *wide = malloc(ALL * sizeof(*wide));

	(void)rng;
	assert_non_null(half);
	assert_non_null(wide);
	for (size_t i = 0; i < ALL; i++)
		half[i] = (uint16_t)i;
	for (size_t t = 0; t < ARRAY_LEN(types); t++) {
		for (size_t i = 0; i < ALL; i += RUN)
			k->isa->widen(wide + i, half, types[t], i, i + RUN < ALL ? RUN : ALL - i);
		for (size_t i = 0; i < ALL; i++) {
			double want = test_half((uint16_t)i, types[t]);

			assert_true(
				isnan(want) ? isnan(wide[i]) : wide[i] == want && !signbit(wide[i]) == !signbit(want));
		}
	}
	free(half);
	free(wide);
}

static void test_widen(void **state)
{
	(void)state;
	each_kern(widens_exactly);
}

static void no_rows(struct kern *k, struct rng *rng)
{
	struct test_weights w;
	float y = 5.0f;

	test_weights_init(&w, rng, DTYPE_F32, 3, 3);
	linear_fwd(k, &y, &y, &w.t, NULL, false, 0);
	linear_pick_fwd(k, &y, &y, &w.t, NULL, NULL, 0);
	linear_lse_fwd(k, NULL, &y, &w.t, 1.0, 0);
	assert_true(y == 5.0f);
	test_weights_release(&w);
}

static void test_no_rows(void **state)
{
	(void)state;
	each_kern(no_rows);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_widen),
		cmocka_unit_test(test_linear),
		cmocka_unit_test(test_rows_independent),
		cmocka_unit_test(test_threads_give_same_bits),
		cmocka_unit_test(test_lse),
		cmocka_unit_test(test_lse_infinities),
		cmocka_unit_test(test_no_rows),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
