/* The small kernels of training against double: backward passes of a layer, cross-entropy, the optimiser, dropout. */
#include "kern_test.h"

#include "kern/adamw.h"
#include "kern/dropout.h"
#include "kern/layers.h"
#include "kern/xent.h"

/* Three arrays of n floats and one more of m. */
struct arrays {
	float *a, *b, *c, *d;
	void *block;
};

static struct arrays arrays_new(struct rng *rng, size_t n, size_t m)
{
	struct arrays r;

	r.a = test_floats(rng, 3 * n + m, 1, &r.block);
	r.b = r.a + n;
	r.c = r.b + n;
	r.d = r.c + n;
	return r;
}

static float *copy_of(const float *p, size_t n)
{
	float *copy = malloc(n * sizeof(*copy));

	assert_non_null(copy);
	memcpy(copy, p, n * sizeof(*copy));
	return copy;
}

/* a: x, b: dy, c: dx, d: w and dw */
static void check_rmsnorm(struct kern *k, struct rng *rng, size_t T, size_t C, bool wanted)
{
	const double eps = 1e-3;
	struct arrays r = arrays_new(rng, T * C, 2 * C);
	float *w = r.d, *dw = r.d + C, *before = copy_of(r.c, T * C + 2 * C);
	double *sum = calloc(2 * C, sizeof(*sum));

	assert_non_null(sum);
	rmsnorm_bwd(k, r.c, wanted ? dw : NULL, r.b, r.a, w, T, C, eps);
	for (size_t t = 0; t < T; t++) {
		const float *x = r.a + t * C, *dy = r.b + t * C;
		double squares = 0.0, across = 0.0, inv;

		for (size_t c = 0; c < C; c++) {
			squares += (double)x[c] * x[c];
			across += (double)dy[c] * w[c] * x[c];
		}
		inv = 1.0 / sqrt(squares / (double)C + eps);
		for (size_t c = 0; c < C; c++) {
			double start = before[t * C + c], dx = (double)dy[c] * w[c] * inv;

			dx -= x[c] * inv * inv * inv * across / (double)C;
			assert_near(r.c[t * C + c], start + dx, 2e-6, 1.0 + fabs(start) + fabs(dx));
			sum[c] += dy[c] * x[c] * inv;
			sum[C + c] += fabs(dy[c] * x[c] * inv);
		}
	}
	for (size_t c = 0; c < C; c++) {
		double start = before[T * C + C + c];

		assert_near(dw[c], start + (wanted ? sum[c] : 0.0), 1e-6, fabs(start) + sum[C + c]);
	}
	free(before);
	free(sum);
	free(r.block);
}

static void rmsnorm_against_double(struct kern *k, struct rng *rng)
{
	check_rmsnorm(k, rng, 1, 1, true);
	check_rmsnorm(k, rng, 3, 7, false);
	check_rmsnorm(k, rng, 33, 64, true);
	check_rmsnorm(k, rng, 130, 577, true);
	check_rmsnorm(k, rng, 700, 100, true);
}

static void test_rmsnorm(void **state)
{
	(void)state;
	each_kern(rmsnorm_against_double);
}

/* a: x, b: dy, c: dx, d: w, dw and db */
static void check_layernorm(struct kern *k, struct rng *rng, size_t T, size_t C, bool wanted)
{
	const double eps = 1e-3;
	struct arrays r = arrays_new(rng, T * C, 3 * C);
	float *w = r.d, *dw = wanted ? r.d + C : NULL, *db = wanted ? r.d + 2 * C : NULL;
	float *before = copy_of(r.c, T * C + 3 * C);
	double *sum = calloc(3 * C, sizeof(*sum));

	assert_non_null(sum);
	layernorm_bwd(k, r.c, dw, db, r.b, r.a, w, T, C, eps);
	for (size_t t = 0; t < T; t++) {
		const float *x = r.a + t * C, *dy = r.b + t * C;
		double n = (double)C, mean = 0.0, squares = 0.0, g = 0.0, across = 0.0, inv;

		for (size_t c = 0; c < C; c++)
			mean += x[c] / n;
		for (size_t c = 0; c < C; c++)
			squares += (x[c] - mean) * (x[c] - mean);
		inv = 1.0 / sqrt(squares / n + eps);
		for (size_t c = 0; c < C; c++) {
			g += (double)dy[c] * w[c] / n;
			across += (double)dy[c] * w[c] * (x[c] - mean) * inv / n;
		}
		for (size_t c = 0; c < C; c++) {
			double start = before[t * C + c], hat = (x[c] - mean) * inv;
			double dx = inv * ((double)dy[c] * w[c] - g - hat * across);

			assert_near(r.c[t * C + c], start + dx, 4e-6, 1.0 + fabs(start) + fabs(dx));
			sum[c] += dy[c] * hat;
			sum[C + c] += dy[c];
			sum[2 * C + c] += fabs(dy[c]) * (1.0 + fabs(hat));
		}
	}
	for (size_t c = 0; c < 2 * C; c++) {
		double start = before[T * C + C + c];

		assert_near(r.d[C + c], start + (wanted ? sum[c] : 0.0), 1e-6, fabs(start) + sum[2 * C + c % C]);
	}
	free(before);
	free(sum);
	free(r.block);
}

static void layernorm_against_double(struct kern *k, struct rng *rng)
{
	check_layernorm(k, rng, 1, 1, true);
	check_layernorm(k, rng, 3, 7, false);
	check_layernorm(k, rng, 33, 64, true);
	check_layernorm(k, rng, 130, 577, true);
	check_layernorm(k, rng, 700, 100, true);
}

static void test_layernorm(void **state)
{
	(void)state;
	each_kern(layernorm_against_double);
}

/* a: x, c: dy; the result takes the place of dy, and that of x. */
static void gelu_against_double(struct kern *k, struct rng *rng)
{
	static const size_t sizes[] = {1, 5, 16, 100, 40003};
	const float far[] = {1e30f, -1e30f, 30.0f, -30.0f}, one[] = {1.0f, 1.0f, 1.0f, 1.0f};
	float dx[ARRAY_LEN(far)];

	for (size_t i = 0; i < ARRAY_LEN(sizes); i++) {
		size_t n = sizes[i];
		struct arrays r = arrays_new(rng, n, n);

		for (size_t j = 0; j < n; j++)
			r.a[j] *= j % 7 == 0 ? 60.0f : 3.0f;
		gelu_bwd(k, r.d, r.c, r.a, n);
		for (size_t j = 0; j < n; j++) {
			double x = r.a[j], by = sqrt(2 / M_PI), u = by * (x + 0.044715 * x * x * x), th = tanh(u);
			double slope = (1 + th) / 2 + x / 2 * (1 - th * th) * by * (1 + 3 * 0.044715 * x * x);

			assert_near(r.d[j], r.c[j] * slope, 3e-6, fabsf(r.c[j]));
		}
		memcpy(r.b, r.c, n * sizeof(*r.b));
		gelu_bwd(k, r.b, r.b, r.a, n);
		assert_memory_equal(r.b, r.d, n * sizeof(*r.b));
		gelu_bwd(k, r.a, r.c, r.a, n);
		assert_memory_equal(r.a, r.d, n * sizeof(*r.a));
		free(r.block);
	}
	gelu_bwd(k, dx, one, far, ARRAY_LEN(far));
	assert_true(dx[0] == 1.0f && dx[1] == 0.0f && dx[2] == 1.0f && dx[3] == 0.0f);
}

static void test_gelu(void **state)
{
	(void)state;
	each_kern(gelu_against_double);
}

/* a: gate, b: up, c: dy; the results take the places of gate and dy, and then places of their own. */
static void swiglu_against_double(struct kern *k, struct rng *rng)
{
	static const size_t sizes[] = {1, 5, 16, 100, 40003};

	for (size_t i = 0; i < ARRAY_LEN(sizes); i++) {
		size_t n = sizes[i];
		struct arrays r = arrays_new(rng, n, 2 * n);

		for (size_t j = 0; j < n; j++)
			r.a[j] *= j % 7 == 0 ? 60.0f : 3.0f;
		swiglu_bwd(k, r.d, r.d + n, r.c, r.a, r.b, n);
		for (size_t j = 0; j < n; j++) {
			double gate = r.a[j], s = 1.0 / (1.0 + exp(-gate)), dup = r.c[j] * gate * s;
			double dgate = (double)r.c[j] * r.b[j] * (s + gate * s * (1.0 - s));

			assert_near(r.d[j], dgate, 2e-6, fabs(dgate) + fabs((double)r.c[j] * r.b[j] * s) + 1e-30);
			assert_near(r.d[n + j], dup, 1e-6, fabs(dup) + 1e-30);
		}
		swiglu_bwd(k, r.a, r.c, r.c, r.a, r.b, n);
		assert_memory_equal(r.a, r.d, n * sizeof(*r.a));
		assert_memory_equal(r.c, r.d + n, n * sizeof(*r.c));
		free(r.block);
	}
}

static void test_swiglu(void **state)
{
	(void)state;
	each_kern(swiglu_against_double);
}

/* Back and forth with cosines and sines of one angle gives what was there. */
static void rope_turns_back(struct kern *k, struct rng *rng)
{
	enum {
		T = 150,
		HEADS = 5,
		D = 44,
		STRIDE = 230
	};
	struct arrays r = arrays_new(rng, T * D / 2, T * STRIDE);
	float *before = copy_of(r.d, T * STRIDE);
	uint32_t position[T];

	for (size_t i = 0; i < T * D / 2; i++) {
		r.b[i] = sinf(r.a[i]);
		r.a[i] = cosf(r.a[i]);
	}
	for (size_t t = 0; t < T; t++)
		position[t] = rng_below(rng, T);
	rope_fwd(k, r.d, position, r.a, r.b, T, HEADS, D, STRIDE);
	rope_bwd(k, r.d, position, r.a, r.b, T, HEADS, D, STRIDE);
	for (size_t i = 0; i < T * STRIDE; i++)
		assert_near(r.d[i], before[i], 1e-6, 1.0 + fabsf(before[i]));
	free(before);
	free(r.block);
}

static void test_rope(void **state)
{
	(void)state;
	each_kern(rope_turns_back);
}

/* Tokens that come again and again; b: dy, d: the table's gradient */
static void embed_against_double(struct kern *k, struct rng *rng)
{
	enum {
		VOCAB = 30,
		T = 500,
		C = 135
	};
	struct arrays r = arrays_new(rng, T * C, VOCAB * C);
	double *want = calloc(VOCAB * C, sizeof(*want));
	uint32_t ids[T];

	assert_non_null(want);
	for (size_t i = 0; i < VOCAB * C; i++)
		want[i] = r.d[i];
	for (size_t t = 0; t < T; t++) {
		ids[t] = rng_below(rng, VOCAB - 1);
		for (size_t c = 0; c < C; c++)
			want[ids[t] * C + c] += r.b[t * C + c];
	}
	embed_bwd(k, r.d, r.b, ids, T, C);
	for (size_t i = 0; i < VOCAB * C; i++)
		assert_near(r.d[i], want[i], 2e-6, 20.0);
	free(want);
	free(r.block);
}

static void test_embed(void **state)
{
	(void)state;
	each_kern(embed_against_double);
}

static void check_xent_row(const float *z, const float *dz, uint32_t label, double inv_tau, size_t n, double logp,
	double lse, double dlogp)
{
	double max = -INFINITY, sum = 0.0, want;

	for (size_t v = 0; v < n; v++)
		max = fmax(max, z[v]);
	for (size_t v = 0; v < n; v++)
		sum += exp(inv_tau * (z[v] - max));
	want = inv_tau * max + log(sum);
	assert_near(lse, want, 3e-7, 1.0 + fabs(want));
	assert_near(logp, inv_tau * z[label] - want, 3e-7, 1.0 + fabs(want));
	for (size_t v = 0; v < n; v++) {
		want = dlogp * inv_tau * ((v == label) - exp(inv_tau * (z[v] - max)) / sum);
		assert_near(dz[v], want, 1e-6 * (1.0 + fabs(lse)), fabs(dlogp) * inv_tau);
	}
}

static void check_xent(struct kern *k, struct rng *rng, size_t rows, size_t n, double inv_tau)
{
	struct arrays r = arrays_new(rng, rows * n, 0);
	double *logp = malloc(3 * rows * sizeof(*logp)), *lse = logp + rows, *dlogp = lse + rows;
	uint32_t *label = malloc(rows * sizeof(*label));

	assert_non_null(logp);
	assert_non_null(label);
	for (size_t i = 0; i < rows; i++) {
		label[i] = i == 0 ? (uint32_t)n - 1 : rng_below(rng, (uint32_t)n);
		dlogp[i] = rng_normal(rng);
	}
	for (size_t i = 0; i < rows * n; i++)
		r.a[i] = r.a[i] * 3.0f + 20.0f;
	if (n > 2)
		r.a[label[0] == 0] = -INFINITY;
	xent_fwd(k, logp, lse, r.a, label, inv_tau, rows, n);
	xent_bwd(k, r.b, dlogp, lse, r.a, label, inv_tau, rows, n);
	for (size_t i = 0; i < rows; i++)
		check_xent_row(r.a + i * n, r.b + i * n, label[i], inv_tau, n, logp[i], lse[i], dlogp[i]);
	xent_bwd(k, r.a, dlogp, lse, r.a, label, inv_tau, rows, n);
	assert_memory_equal(r.a, r.b, rows * n * sizeof(*r.a));
	free(logp);
	free(label);
	free(r.block);
}

static void xent_against_double(struct kern *k, struct rng *rng)
{
	static const size_t sizes[][2] = {{1, 1}, {1, 3}, {5, 17}, {40, 1030}, {3, 20001}};
	static const double inv_tau[] = {1.0, 0.25, 3.0};

	for (size_t i = 0; i < ARRAY_LEN(sizes); i++)
		for (size_t t = 0; t < ARRAY_LEN(inv_tau); t++)
			check_xent(k, rng, sizes[i][0], sizes[i][1], inv_tau[t]);
}

static void test_xent(void **state)
{
	(void)state;
	each_kern(xent_against_double);
}

/* Logits of ±1e4, and what is far too unlikely to be a float. */
static void xent_of_large_logits(struct kern *k, struct rng *rng)
{
	float z[] = {1e4f, 1e4f, -1e4f, 9900.0f, NAN}, dz[5];
	const uint32_t label = 2;
	double logp, lse, dlogp = -1.0;

	(void)rng;
	xent_fwd(k, &logp, &lse, z, &label, 1.0, 1, 4);
	assert_near(lse, 1e4 + log(2.0), 1e-12, 1e4);
	assert_near(logp, -2e4 - log(2.0), 1e-12, 1e4);
	xent_bwd(k, dz, &dlogp, &lse, z, &label, 1.0, 1, 4);
	assert_near(dz[0], 0.5, 1e-3, 1.0);
	assert_true(dz[2] == -1.0f && dz[3] == 0.0f);
	xent_fwd(k, &logp, &lse, z, &label, 1.0, 1, 5);
	assert_true(isnan(lse) && isnan(logp));
}

static void test_xent_large(void **state)
{
	(void)state;
	each_kern(xent_of_large_logits);
}

/* Ten updates; a: w, b: m, c: v, d: g */
static void adamw_against_double(struct kern *k, struct rng *rng)
{
	static const size_t sizes[] = {1, 37, 40003};

	for (size_t i = 0; i < ARRAY_LEN(sizes); i++) {
		size_t n = sizes[i];
		struct adamw a = {
			.lr = 3e-3, .beta1 = 0.9, .beta2 = 0.999, .eps = 1e-8, .weight_decay = 0.1 * (double)i};
		struct arrays r = arrays_new(rng, n, n);
		double *w = calloc(3 * n, sizeof(*w)), *m = w + n, *v = m + n;

		assert_non_null(w);
		memset(r.b, 0, 2 * n * sizeof(*r.b));
		for (size_t j = 0; j < n; j++)
			w[j] = r.a[j];
		for (a.step = 1; a.step <= 10; a.step++) {
			double by = a.step % 3 ? 1.0 : 0.3, t = (double)a.step;

			adamw_update(k, r.a, r.b, r.c, r.d, &a, by, n);
			for (size_t j = 0; j < n; j++) {
				double g = by * r.d[j];

				w[j] *= 1.0 - a.lr * a.weight_decay;
				m[j] = a.beta1 * m[j] + (1.0 - a.beta1) * g;
				v[j] = a.beta2 * v[j] + (1.0 - a.beta2) * g * g;
				w[j] -= a.lr * (m[j] / (1.0 - pow(a.beta1, t))) /
					(sqrt(v[j] / (1.0 - pow(a.beta2, t))) + a.eps);
				assert_near(r.a[j], w[j], 1e-6, 1.0 + fabs(w[j]));
				assert_near(r.b[j], m[j], 1e-6, fabs(m[j]) + 0.1);
				assert_near(r.c[j], v[j], 1e-6, v[j] + 1e-9);
				r.d[j] = (float)rng_normal(rng) * (j % 5 ? 1.0f : 1e-4f);
			}
		}
		free(w);
		free(r.block);
	}
}

static void test_adamw(void **state)
{
	(void)state;
	each_kern(adamw_against_double);
}

static void squares_against_double(struct kern *k, struct rng *rng)
{
	static const size_t sizes[] = {1, 7, 100, 8192, 100003};

	assert_true(sum_squares(k, NULL, 0) == 0.0);
	for (size_t i = 0; i < ARRAY_LEN(sizes); i++) {
		struct arrays r = arrays_new(rng, sizes[i], 0);
		double want = 0.0;

		r.a[0] = 1e25f; /* whose square is no float */
		for (size_t j = 0; j < sizes[i]; j++)
			want += (double)r.a[j] * r.a[j];
		assert_near(sum_squares(k, r.a, sizes[i]), want, 1e-12, want);
		r.a[0] = 0.0f;
		want = 0.0;
		for (size_t j = 0; j < sizes[i]; j++)
			want += (double)r.a[j] * r.a[j];
		assert_near(sum_squares(k, r.a, sizes[i]), want, 1e-12, want);
		free(r.block);
	}
}

static void test_squares(void **state)
{
	(void)state;
	each_kern(squares_against_double);
}

#define DROPPED ((size_t)200003)

/* What is kept of ones. */
static float *mask_of(struct kern *k, double p, uint64_t seed, size_t n)
{
	float *x = malloc(n * sizeof(*x)), *y = malloc(n * sizeof(*y));

	assert_non_null(x);
	assert_non_null(y);
	for (size_t i = 0; i < n; i++)
		x[i] = 1.0f;
	dropout_fwd(k, y, x, p, seed, n);
	free(x);
	return y;
}

/* The share of `both` among n is q² within five standard deviations: two draws have nothing to do with each other. */
static void check_together(size_t both, size_t n, double q)
{
	double share = q * q;

	assert_near((double)both / (double)n, share, 5.0, sqrt(share * (1.0 - share) / (double)n));
}

/* Values are kept with probability 1 - p, whatever becomes of those near by, in other places of their block, in the
 * next block (8192 values on) or under the next seed. */
static void dropout_is_random(struct kern *k, struct rng *rng)
{
	static const double p[] = {0.05, 0.5, 0.9};
	static const size_t far[] = {1, 2, 3, 4, 8, 16, 64, 576, 8192, 65536};

	(void)rng;
	for (size_t i = 0; i < ARRAY_LEN(p); i++) {
		double q = 1.0 - p[i];
		float *mask = mask_of(k, p[i], 11, DROPPED), *next = mask_of(k, p[i], 12, DROPPED);
		size_t kept = 0, both = 0;

		for (size_t j = 0; j < DROPPED; j++) {
			assert_true(mask[j] == 0.0f || mask[j] == (float)(1.0 / q));
			kept += mask[j] > 0.0f;
			both += mask[j] > 0.0f && next[j] > 0.0f;
		}
		assert_near((double)kept / (double)DROPPED, q, 5.0, sqrt(q * p[i] / (double)DROPPED));
		check_together(both, DROPPED, q);
		for (size_t f = 0; f < ARRAY_LEN(far); f++) {
			both = 0;
			for (size_t j = far[f]; j < DROPPED; j++)
				both += mask[j] > 0.0f && mask[j - far[f]] > 0.0f;
			check_together(both, DROPPED - far[f], q);
		}
		free(mask);
		free(next);
	}
}

/* Runs of kept values at p = 1/2 are as long as those of coins. */
static void dropout_has_runs(struct kern *k, struct rng *rng)
{
	enum {
		LONGEST = 12
	};
	size_t runs[LONGEST + 1] = {0}, run = 0, total = 0;
	float *mask = mask_of(k, 0.5, 99, DROPPED);

	(void)rng;
	for (size_t i = 0; i < DROPPED; i++) {
		if (mask[i] > 0.0f) {
			run++;
			continue;
		}
		runs[run < LONGEST ? run : LONGEST]++;
		total++;
		run = 0;
	}
	for (size_t n = 0; n < LONGEST; n++) {
		double share = ldexp(1.0, -(int)n - 1);

		assert_near((double)runs[n] / (double)total, share, 5.0, sqrt(share / (double)total));
	}
	free(mask);
}

/* The mask is that of seed and place alone: drawn again, in place, for a shorter array, under every instruction set,
 * and on the way back. */
static void dropout_is_drawn_again(struct kern *k, struct rng *rng)
{
	const size_t n = 40001, less = 20017;
	struct kern *other = test_kern(1, "portable");
	float *mask = mask_of(k, 0.3, 77, n), *again = mask_of(other, 0.3, 77, n), *shorter = mask_of(k, 0.3, 77, less);
	struct arrays r = arrays_new(rng, n, 0);

	assert_memory_equal(mask, again, n * sizeof(*mask));
	assert_memory_equal(mask, shorter, less * sizeof(*mask));
	memcpy(r.b, r.c, n * sizeof(*r.b));
	dropout_bwd(k, r.b, r.a, 0.3, 77, n);
	for (size_t i = 0; i < n; i++)
		assert_near(r.b[i], r.c[i] + (double)mask[i] * r.a[i], 1e-6, 1.0 + fabsf(r.b[i]));
	memcpy(r.b, r.a, n * sizeof(*r.b));
	dropout_fwd(k, r.b, r.b, 0.3, 77, n);
	for (size_t i = 0; i < n; i++)
		assert_near(r.b[i], mask[i] * r.a[i], 1e-6, 1.0 + fabsf(r.b[i]));
	dropout_fwd(k, r.b, r.a, 0.0, 77, n);
	assert_memory_equal(r.b, r.a, n * sizeof(*r.b));
	free(mask);
	free(again);
	free(shorter);
	free(r.block);
	kern_free(other);
}

static void test_dropout(void **state)
{
	(void)state;
	each_kern(dropout_is_random);
	each_kern(dropout_has_runs);
	each_kern(dropout_is_drawn_again);
}

/* Everything that is split over threads, in sizes that are. */
static size_t bits_of_all(struct kern *k, struct rng *rng, void *out)
{
	enum {
		T = 400,
		C = 200,
		N = T * C
	};
	struct arrays r = arrays_new(rng, N, 4 * C);
	struct adamw a = {.lr = 0.1, .beta1 = 0.9, .beta2 = 0.99, .eps = 1e-8, .step = 2};
	uint32_t ids[T];
	double *sums = out, logp[T];
	float *to = (float *)(sums + T + 1);

	for (size_t t = 0; t < T; t++)
		ids[t] = rng_below(rng, C);
	sums[T] = sum_squares(k, r.a, N);
	xent_fwd(k, logp, sums, r.a, ids, 1.5, T, C);
	rmsnorm_bwd(k, r.c, r.d, r.b, r.a, r.d + C, T, C, 1e-5);
	layernorm_bwd(k, r.c, r.d, r.d + 3 * C, r.b, r.a, r.d + C, T, C, 1e-5);
	embed_bwd(k, r.c, r.b, ids, T, C);
	dropout_bwd(k, r.c, r.b, 0.1, 3, N);
	xent_bwd(k, r.b, logp, sums, r.a, ids, 1.5, T, C);
	swiglu_bwd(k, r.a, r.b, r.b, r.a, r.c, N);
	gelu_bwd(k, r.b, r.b, r.a, N);
	for (size_t i = 0; i < N; i++)
		r.c[i] = fabsf(r.c[i]);
	adamw_update(k, r.a, r.b, r.c, r.c, &a, 0.5, N);
	memcpy(to, r.a, (3 * N + 4 * C) * sizeof(*to));
	free(r.block);
	return (T + 1) * sizeof(*sums) + (3 * N + 4 * C) * sizeof(*to);
}

static void test_same_bits(void **state)
{
	(void)state;
	each_kern_same_bits(bits_of_all, (size_t)1 << 20);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_rmsnorm),
		cmocka_unit_test(test_layernorm),
		cmocka_unit_test(test_swiglu),
		cmocka_unit_test(test_gelu),
		cmocka_unit_test(test_rope),
		cmocka_unit_test(test_embed),
		cmocka_unit_test(test_xent),
		cmocka_unit_test(test_xent_large),
		cmocka_unit_test(test_adamw),
		cmocka_unit_test(test_squares),
		cmocka_unit_test(test_dropout),
		cmocka_unit_test(test_same_bits),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
