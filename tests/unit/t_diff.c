/* Edit scripts: applied to the one sequence they give the other, and none is shorter (brute force: longest common
 * subsequence). */
#include "check.h"

#include "base/rng.h"
#include "session/diff.h"

#define LONGEST 24

static size_t shortest(const uint32_t *a, size_t n, const uint32_t *b, size_t m)
{
	size_t common[LONGEST + 1][LONGEST + 1] = {{0}};

	for (size_t i = 1; i <= n; i++)
		for (size_t j = 1; j <= m; j++) {
			size_t up = common[i - 1][j], left = common[i][j - 1];

			common[i][j] = a[i - 1] == b[j - 1] ? common[i - 1][j - 1] + 1 : up > left ? up : left;
		}
	return n + m - 2 * common[n][m];
}

/* Copies what lies between the hunks and checks that it is equal in both; returns the edits. */
static size_t apply(const struct diff *d, const uint32_t *a, size_t n, const uint32_t *b, size_t m)
{
	size_t i = 0, j = 0, edits = 0;

	for (size_t k = 0; k <= d->n; k++) {
		size_t a_to = k < d->n ? d->at[k].a_at : n, b_to = k < d->n ? d->at[k].b_at : m;

		assert_int_equal(a_to - i, b_to - j);
		assert_true(k == 0 || k == d->n || a_to > i);
		for (; i < a_to; i++, j++)
			assert_int_equal(a[i], b[j]);
		if (k < d->n) {
			i += d->at[k].a_n;
			j += d->at[k].b_n;
			edits += d->at[k].a_n + d->at[k].b_n;
		}
	}
	assert_int_equal(i, n);
	assert_int_equal(j, m);
	return edits;
}

static void test_random_sequences(void **state)
{
	struct rng r;

	(void)state;
	rng_seed(&r, 7);
	for (int round = 0; round < 5000; round++) {
		size_t n = rng_below(&r, LONGEST + 1), m = rng_below(&r, LONGEST + 1);
		uint32_t a[LONGEST], b[LONGEST], letters = 1 + rng_below(&r, 4);
		struct diff d;
		struct err err;

		for (size_t i = 0; i < LONGEST; i++) {
			a[i] = rng_below(&r, letters);
			b[i] = rng_below(&r, letters);
		}
		check_ok(diff_init(&d, a, n, b, m, 1000, &err), &err);
		assert_int_equal(apply(&d, a, n, b, m), shortest(a, n, b, m));
		diff_release(&d);
	}
}

static void test_too_different(void **state)
{
	static const uint32_t a[] = {1, 2, 3}, b[] = {4, 5, 6};
	struct diff d;
	struct err err;

	(void)state;
	check_refused(diff_init(&d, a, 3, b, 3, 5, &err), &err, ERR_VALUE, "more than 5");
	diff_release(&d);
	check_ok(diff_init(&d, a, 3, b, 3, 6, &err), &err);
	assert_int_equal(d.n, 1);
	diff_release(&d);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_random_sequences),
		cmocka_unit_test(test_too_different),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
