#include "check.h"

#include <math.h>

#include "base/rng.h"

/* The first numbers of xoshiro256** from the state {1, 2, 3, 4}, worked out by hand from its definition. */
static void follows_the_published_recurrence(void **state)
{
	struct rng r = {{1, 2, 3, 4}};

	(void)state;
	/* rotl(2 * 5, 7) * 9 = 1280 * 9 */
	assert_int_equal(rng_u64(&r), 11520);
	/* state is now {7, 0, 262146, 6 << 45}; rotl(0, 7) * 9 = 0 */
	assert_int_equal(r.s[0], 7);
	assert_int_equal(r.s[1], 0);
	assert_int_equal(r.s[2], 262146);
	assert_int_equal(r.s[3], (uint64_t)6 << 45);
	assert_int_equal(rng_u64(&r), 0);
	assert_int_equal(rng_u64(&r), 1509978240);
}

/* splitmix64 from 0 begins with these published numbers. */
static void seeds_through_splitmix64(void **state)
{
	struct rng r;

	(void)state;
	rng_seed(&r, 0);
	assert_true(r.s[0] == 0xe220a8397b1dcdafu);
	assert_true(r.s[1] == 0x6e789e6aa1b965f4u);
	assert_true(r.s[2] == 0x06c45d188009454fu);
	assert_true(r.s[3] == 0xf88bb8a8724c81ecu);
}

static void the_state_is_all(void **state)
{
	struct rng a, b;

	(void)state;
	rng_seed(&a, 42);
	for (int i = 0; i < 100; i++)
		rng_normal(&a);
	b = a;
	for (int i = 0; i < 100; i++) {
		assert_true(rng_normal(&a) == rng_normal(&b));
		assert_int_equal(rng_below(&a, 1000), rng_below(&b, 1000));
	}
}

static void below_is_uniform(void **state)
{
	static const uint32_t sizes[] = {1, 2, 3, 7, 10, 100};
	struct rng r;

	(void)state;
	rng_seed(&r, 7);
	for (size_t k = 0; k < ARRAY_LEN(sizes); k++) {
		unsigned count[100] = {0};
		uint32_t n = sizes[k];
		double each = 100000.0 / n, chi = 0;

		for (int i = 0; i < 100000; i++) {
			uint32_t x = rng_below(&r, n);

			assert_true(x < n);
			count[x]++;
		}
		for (uint32_t i = 0; i < n; i++)
			chi += (count[i] - each) * (count[i] - each) / each;
		assert_true(chi <= (n - 1) + 6 * sqrt(2.0 * n));
	}
	/* A modulus near 2^32, where a biased method would favour the lower part two to one. */
	{
		uint32_t low = 0;

		for (int i = 0; i < 100000; i++)
			low += rng_below(&r, 3u << 30) < 3u << 29;
		assert_true(low > 49000 && low < 51000);
	}
}

static void uniform_and_normal_have_their_moments(void **state)
{
	enum {
		N = 200000
	};
	double sum = 0, squares = 0, fourth = 0, u_sum = 0;
	struct rng r;

	(void)state;
	rng_seed(&r, 3);
	for (int i = 0; i < N; i++) {
		double u = rng_uniform(&r), x = rng_normal(&r);

		assert_true(u >= 0 && u < 1);
		u_sum += u;
		sum += x;
		squares += x * x;
		fourth += x * x * x * x;
	}
	assert_true(fabs(u_sum / N - 0.5) < 6 * 0.2887 / sqrt(N));
	assert_true(fabs(sum / N) < 6 / sqrt(N));
	assert_true(fabs(squares / N - 1) < 6 * sqrt(2.0 / N));
	assert_true(fabs(fourth / N - 3) < 6 * sqrt(96.0 / N));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(follows_the_published_recurrence),
		cmocka_unit_test(seeds_through_splitmix64),
		cmocka_unit_test(the_state_is_all),
		cmocka_unit_test(below_is_uniform),
		cmocka_unit_test(uniform_and_normal_have_their_moments),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
