/* The demo's process: its probabilities are probabilities, and those by which customers are drawn. */
#include "check.h"

#include <math.h>

#include "../../data/demo/process.h"
#include "base/mem.h"

#define DRAWS 250000

static void buy(const struct process *p, struct customer *c, const size_t *wares, size_t n)
{
	customer_init(c);
	for (size_t i = 0; i < n; i++)
		customer_buys(p, c, wares[i]);
}

static void test_sums(void **state)
{
	struct process p;
	struct rng r;
	double *next;

	(void)state;
	process_init(&p);
	next = xmalloc(p.n * sizeof(*next));
	rng_seed(&r, 5);
	for (int round = 0; round < 50; round++) {
		size_t wares[12], n = rng_below(&r, 13);
		double sum = 0, belief = 0;
		struct customer c;

		process_draw(&p, &r, n, wares);
		buy(&p, &c, wares, n);
		process_next(&p, &c, next);
		for (size_t i = 0; i < p.n; i++) {
			assert_true(next[i] > 0);
			sum += next[i];
		}
		for (size_t z = 0; z < N_INTERESTS; z++)
			belief += c.belief[z];
		assert_true(fabs(sum - 1) < 1e-9 && fabs(belief - 1) < 1e-9);
	}
	free(next);
	process_release(&p);
}

/* How often each ware follows a purchase, counted over many customers whose interest nobody is told, against what is
 * stated. */
static void test_draws(void **state)
{
	struct process p;
	struct customer c;
	struct rng r;
	size_t *count, n = 0, first = 0;
	double *next, chi2 = 0, cells = 0, rest = 0, rest_count;

	(void)state;
	process_init(&p);
	count = xcalloc(p.n, sizeof(*count));
	next = xmalloc(p.n * sizeof(*next));
	rng_seed(&r, 6);
	for (size_t i = 0; i < DRAWS; i++) {
		size_t wares[2];

		process_draw(&p, &r, 2, wares);
		n += wares[0] == first;
		count[wares[1]] += wares[0] == first;
	}
	buy(&p, &c, &first, 1);
	process_next(&p, &c, next);
	rest_count = (double)n;
	for (size_t i = 0; i < p.n; i++) {
		double expected = next[i] * (double)n;

		if (expected < 5) {
			rest += expected;
			continue;
		}
		chi2 += pow((double)count[i] - expected, 2) / expected;
		rest_count -= (double)count[i];
		cells++;
	}
	chi2 += pow(rest_count - rest, 2) / rest;
	/* Mean `cells`, variance twice that: four deviations. */
	assert_true(n > 500 && cells > 20);
	if (chi2 > cells + 4 * sqrt(2 * cells))
		fail_msg("chi square of %g over %g cells", chi2, cells);
	free(next);
	free(count);
	process_release(&p);
}

/* What the constants are there for: the best companion of a paint is bought next more often than any other colour of
 * it, and the line as a whole more often than the companion. */
static void test_shape(void **state)
{
	struct process p;
	struct customer c;
	size_t pan = 0;
	double *next, line = 0, best_sister = 0, best_accessory = 0;

	(void)state;
	process_init(&p);
	next = xmalloc(p.n * sizeof(*next));
	buy(&p, &c, &pan, 1);
	process_next(&p, &c, next);
	for (size_t i = 0; i < p.n; i++) {
		const struct ware *w = &p.wares[i];

		if (w->line == p.wares[pan].line) {
			line += next[i];
			best_sister = fmax(best_sister, next[i]);
		} else if (w->line == PROCESS_NO_LINE) {
			best_accessory = fmax(best_accessory, next[i]);
		}
	}
	assert_true(best_accessory > 2 * best_sister && line > 2 * best_accessory);
	free(next);
	process_release(&p);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_sums),
		cmocka_unit_test(test_draws),
		cmocka_unit_test(test_shape),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
