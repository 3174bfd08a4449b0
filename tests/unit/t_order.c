/* Keys rise as numbers and texts do, and the order is that of a stable sort. */
#include "check.h"

#include <float.h>
#include <math.h>

#include "base/order.h"
#include "base/rng.h"

#define MOST 3000

static void numbers_rise(void **state)
{
	static const double rising[] = {-INFINITY, -DBL_MAX, -1e9, -256.5, -256, -1, -DBL_MIN, -DBL_TRUE_MIN, 0,
		DBL_TRUE_MIN, DBL_MIN, 0.1, 1, 1 + DBL_EPSILON, 255, 256, 65536, DBL_MAX, INFINITY};

	(void)state;
	for (size_t i = 1; i < ARRAY_LEN(rising); i++) {
		assert_true(order_of_number(rising[i - 1]) < order_of_number(rising[i]));
		assert_true(~order_of_number(rising[i - 1]) > ~order_of_number(rising[i]));
	}
	assert_true(order_of_number(-0.0) == order_of_number(0.0));
	assert_true(order_of_number(NAN) == ORDER_NAN && order_of_number(-(double)NAN) == ORDER_NAN);
	assert_true(order_of_number(INFINITY) < ORDER_NAN && ~order_of_number(-INFINITY) < ORDER_NAN);
	assert_true(ORDER_NAN < ORDER_LAST);
}

static void texts_rise(void **state)
{
	static const char *const rising[] = {"", "\x01", "A", "B", "B ", "B0", "B00", "Ba", "abcdefg", "abcdefgh",
		"abcdefi", "\x7f", "\xc3\xa9", "\xff"};

	(void)state;
	for (size_t i = 1; i < ARRAY_LEN(rising); i++)
		assert_true(order_of_text(rising[i - 1]) < order_of_text(rising[i]));
	assert_true(order_of_text("abcdefgh") == order_of_text("abcdefghi"));
}

/* Each is moved before the larger ones that precede it, as simple as can be. */
static void sort_slowly(struct order_entry *e, size_t n)
{
	for (size_t i = 1; i < n; i++) {
		struct order_entry one = e[i];
		size_t at = i;

		for (; at > 0 && e[at - 1].key > one.key; at--)
			e[at] = e[at - 1];
		e[at] = one;
	}
}

static void is_a_stable_sort(void **state)
{
	static struct order_entry e[MOST], expected[MOST], scratch[MOST];
	static const uint64_t masks[] = {0, 1, 0xff, 0xff00, 0x30000000000003, (uint64_t)0xff << 56, UINT64_MAX};
	static const size_t sizes[] = {0, 1, 2, 3, 255, 256, 257, MOST};
	struct rng rng;

	(void)state;
	rng_seed(&rng, 5);
	for (size_t s = 0; s < ARRAY_LEN(sizes); s++)
		for (size_t m = 0; m < ARRAY_LEN(masks); m++) {
			size_t n = sizes[s];

			for (size_t i = 0; i < n; i++)
				expected[i] = e[i] = (struct order_entry){rng_u64(&rng) & masks[m], (uint32_t)i};
			sort_slowly(expected, n);
			order_sort(e, n, scratch);
			for (size_t i = 0; i < n; i++) {
				assert_true(e[i].key == expected[i].key);
				assert_int_equal(e[i].at, expected[i].at);
			}
		}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(numbers_rise),
		cmocka_unit_test(texts_rise),
		cmocka_unit_test(is_a_stable_sort),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
