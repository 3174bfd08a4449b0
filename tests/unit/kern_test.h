/*
 * Shared by the kernel tests: every kernel runs under every instruction set of this machine and several thread counts,
 * and is compared with sums in double written out in the test.
 */
#ifndef KERN_TEST_H
#define KERN_TEST_H

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "kern/kern_priv.h"
#include "base/rng.h"

static inline struct kern *test_kern(size_t threads, const char *isa)
{
	struct kern *k;
	struct err err;

	if (kern_new(&k, threads, &err) < 0)
		fail_msg("%s", err.msg);
	if (isa && kern_force_isa(k, isa) < 0) {
		kern_free(k);
		return NULL;
	}
	return k;
}

/* Calls fn with a kern of every instruction set and 1 to 3 threads. */
static inline void each_kern(void (*fn)(struct kern *k, struct rng *rng))
{
	static const char *const isa[] = {"portable", "avx2", "avx512"};

	for (size_t i = 0; i < ARRAY_LEN(isa); i++) {
		for (size_t threads = 1; threads <= 3; threads++) {
			struct kern *k = test_kern(threads, isa[i]);
			struct rng rng;

			if (!k)
				continue;
			assert_string_equal(kern_isa(k), isa[i]);
			rng_seed(&rng, 7);
			fn(k, &rng);
			kern_free(k);
		}
	}
}

/*
 * fn writes what it computes from random inputs to out, at most `room` bytes, and returns how many: the same bits
 * whatever the number of threads, under every instruction set.
 */
static inline void each_kern_same_bits(size_t (*fn)(struct kern *k, struct rng *rng, void *out), size_t room)
{
	static const char *const isa[] = {"portable", "avx2", "avx512"};
	void *first = malloc(room), *again = malloc(room);

	assert_non_null(first);
	assert_non_null(again);
	for (size_t i = 0; i < ARRAY_LEN(isa); i++) {
		size_t n = 0;

		for (size_t threads = 1; threads <= 3; threads++) {
			struct kern *k = test_kern(threads, isa[i]);
			struct rng rng;

			if (!k)
				continue;
			rng_seed(&rng, 7);
			n = fn(k, &rng, threads == 1 ? first : again);
			assert_in_range(n, 1, room);
			if (threads > 1)
				assert_memory_equal(first, again, n);
			kern_free(k);
		}
	}
	free(first);
	free(again);
}

/* n normal floats, starting `offset` floats past an aligned address. *block is what to free. */
static inline float *test_floats(struct rng *rng, size_t n, size_t offset, void **block)
{
	float *p = malloc((n + offset + 1) * sizeof(*p));

	assert_non_null(p);
	*block = p;
	for (size_t i = 0; i < n; i++)
		p[offset + i] = (float)rng_normal(rng);
	return p + offset;
}

/* The value of a half or bfloat16, from its definition. */
static inline double test_half(uint16_t h, enum dtype type)
{
	int mantissa_bits = type == DTYPE_F16 ? 10 : 7, exponent_bits = 15 - mantissa_bits;
	int top = (1 << exponent_bits) - 1, bias = top / 2;
	int mantissa = h & ((1 << mantissa_bits) - 1), exponent = h >> mantissa_bits & top;
	double sign = h >> 15 ? -1.0 : 1.0;

	if (exponent == top)
		return mantissa ? NAN : sign * INFINITY;
	if (exponent == 0)
		return sign * ldexp(mantissa, 1 - bias - mantissa_bits);
	return sign * ldexp(mantissa + (1 << mantissa_bits), exponent - bias - mantissa_bits);
}

/* A random weight matrix of any type, with the values that it stands for. */
struct test_weights {
	struct tensor t;
	double *value;
	void *block;
};

/* magnitudes from 2^-4 up to 4, any mantissa */
static inline uint16_t test_random_half(struct rng *rng, enum dtype type)
{
	uint16_t exponent = (uint16_t)((type == DTYPE_F16 ? 15 : 127) - 4 + rng_below(rng, 6));

	return (uint16_t)(rng_below(rng, 2) << 15 | exponent << (type == DTYPE_F16 ? 10 : 7) |
			  rng_below(rng, type == DTYPE_F16 ? 1 << 10 : 1 << 7));
}

static inline void test_fill_plain(struct test_weights *w, struct rng *rng, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		if (w->t.dtype == DTYPE_F32) {
			float f = (float)rng_normal(rng);

			((float *)w->block)[i + 1] = f;
			w->value[i] = f;
		} else {
			uint16_t h = test_random_half(rng, w->t.dtype);

			((uint16_t *)w->block)[i + 1] = h;
			w->value[i] = test_half(h, w->t.dtype);
		}
	}
}

/* Any bits, but ordinary scales. tests/num/t_quant.c holds dtype_widen to what the bits mean. */
static inline void test_fill_packed(struct test_weights *w, struct rng *rng, size_t n)
{
	enum dtype type = w->t.dtype;
	size_t size = dtype_bytes(type, dtype_block(type));
	bool two = type == DTYPE_Q4_1 || type == DTYPE_Q5_1 || type == DTYPE_Q4_K || type == DTYPE_Q5_K;
	uint8_t *at = (uint8_t *)w->block + 1;
	float *wide = malloc((n + 1) * sizeof(*wide));

	assert_non_null(wide);
	for (size_t i = 0; i < tensor_bytes(&w->t); i++)
		at[i] = (uint8_t)rng_below(rng, 256);
	for (size_t i = 0; i < tensor_bytes(&w->t); i += size) {
		for (size_t j = 0; j <= two; j++) {
			uint16_t half = test_random_half(rng, DTYPE_F16);

			memcpy(at + i + (type == DTYPE_Q6_K ? size - 2 : 2 * j), &half, sizeof(half));
		}
	}
	dtype_widen(wide, w->t.data, type, 0, n);
	for (size_t i = 0; i < n; i++)
		w->value[i] = wide[i];
	free(wide);
}

/* in: whole blocks of the type. */
static inline void test_weights_init(struct test_weights *w, struct rng *rng, enum dtype type, size_t out, size_t in)
{
	size_t n = out * in;

	w->block = malloc((n + 1) * sizeof(float));
	w->value = malloc((n + 1) * sizeof(*w->value));
	assert_non_null(w->block);
	assert_non_null(w->value);
	/* one element, or one byte, past the aligned address */
	w->t = (struct tensor){
		.name = "w",
		.dtype = type,
		.dims = 2,
		.shape = {out, in},
		.data = (char *)w->block + (dtype_block(type) == 1 ? dtype_bytes(type, 1) : 1),
	};
	if (dtype_block(type) == 1)
		test_fill_plain(w, rng, n);
	else
		test_fill_packed(w, rng, n);
}

static inline void test_weights_release(struct test_weights *w)
{
	free(w->block);
	free(w->value);
}

/* |got - want| <= tolerance · scale. NaN never passes. */
#define assert_near(got, want, tolerance, scale) \
	do { \
		double got_ = (got), want_ = (want), bound_ = (tolerance) * (scale); \
		if (!(fabs(got_ - want_) <= bound_)) \
			fail_msg("got %.9g, want %.9g, off by %.3g, allowed %.3g", got_, want_, fabs(got_ - want_), \
				bound_); \
	} while (0)

#endif
