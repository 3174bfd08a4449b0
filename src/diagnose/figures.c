#include "diagnose/figures.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/rng.h"

#define DRAWS 1000
#define ABREAST 8             /* means drawn at once: a row of them is a line of the cache */
#define ROUNDING 1e-12        /* of a mean, relative to the largest value */
#define Z95 1.959963984540054 /* of the standard normal distribution, 97.5 % lie below */

static const struct figure nothing = {NAN, NAN, NAN, 0, 0, false}; /* a mean of no value */

struct figure figure_share(size_t count, size_t n)
{
	double p, z2, middle, half;

	if (n == 0)
		return (struct figure){NAN, NAN, NAN, 0, 0, true};
	p = (double)count / (double)n;
	z2 = Z95 * Z95 / (double)n;
	middle = (p + z2 / 2) / (1 + z2);
	half = Z95 * sqrt(p * (1 - p) / (double)n + z2 / (4 * (double)n)) / (1 + z2);
	/* At the ends the bounds are 0 and 1 by algebra, but not by rounding. */
	return (struct figure){p, count == 0 ? 0 : middle - half, count == n ? 1 : middle + half, count, n, true};
}

int figure_rising(const void *left, const void *right)
{
	double a = *(const double *)left, b = *(const double *)right;

	return a < b ? -1 : a > b;
}

double figure_quantile(const double *sorted, size_t n, double q)
{
	double at = q * (double)(n - 1);
	size_t i = (size_t)at;

	/* What is infinite has no difference. */
	if (at == (double)i || isinf(sorted[i]) || sorted[i] == sorted[i + 1])
		return sorted[i];
	return sorted[i] + (at - (double)i) * (sorted[i + 1] - sorted[i]);
}

/* Two-sided: as often as the draws' means lie on the rarer side of zero, twice. */
static double draws_p(const double draws[DRAWS], const double *x, size_t n)
{
	size_t below = 0, above = 0, rarer;
	double tiny = 0;

	/* What cancels out in a draw is not quite zero after rounding. */
	for (size_t i = 0; i < n; i++)
		tiny = fmax(tiny, ROUNDING * fabs(x[i]));
	for (size_t d = 0; d < DRAWS; d++) {
		below += draws[d] <= tiny;
		above += draws[d] >= -tiny;
	}
	rarer = below < above ? below : above;
	return fmin(fmax(2 * (double)rarer, 1) / DRAWS, 1);
}

/* The means of DRAWS draws of n rows from x[n][k]. With k a constant the inner loop is a few vector instructions, and
 * the draws of k columns cost little more than those of one. */
static inline void draw_rows(double (*draws)[DRAWS], const double *x, size_t n, size_t k, uint64_t seed)
{
	struct rng r;

	rng_seed(&r, seed);
	for (size_t d = 0; d < DRAWS; d++) {
		double sums[ABREAST] = {0};

		for (size_t i = 0; i < n; i++) {
			const double *row = x + k * rng_below(&r, (uint32_t)n);

			for (size_t j = 0; j < k; j++)
				sums[j] += row[j];
		}
		for (size_t j = 0; j < k; j++)
			draws[j][d] = sums[j] / (double)n;
	}
}

/* The figure of x by the means of its draws, which are sorted. */
static struct figure of_draws(double draws[DRAWS], const double *x, size_t n)
{
	double sum = 0;

	for (size_t i = 0; i < n; i++)
		sum += x[i];
	qsort(draws, DRAWS, sizeof(*draws), figure_rising);
	return (struct figure){sum / (double)n, figure_quantile(draws, DRAWS, 0.025),
		figure_quantile(draws, DRAWS, 0.975), n, n, false};
}

static struct figure bootstrap(const double *x, size_t n, uint64_t seed, double *p)
{
	double draws[1][DRAWS];

	*p = 1;
	if (n == 0)
		return nothing;
	draw_rows(draws, x, n, 1, seed);
	*p = draws_p(draws[0], x, n);
	return of_draws(draws[0], x, n);
}

struct figure figure_mean(const double *x, size_t n, uint64_t seed)
{
	double p;

	return bootstrap(x, n, seed, &p);
}

void means_init(struct means *m)
{
	arena_init(&m->values);
	memset(&m->of, 0, sizeof(m->of));
}

double *means_room(struct means *m, size_t n)
{
	return arena_alloc(&m->values, (n + 1) * sizeof(double));
}

void means_want(struct means *m, const double *x, size_t n, struct figure *out)
{
	vec_push(&m->of, (struct mean_of){x, n, out});
}

/* Up to ABREAST means of the same n at once, their values in rows. */
static void find_together(const struct mean_of *of, size_t k, uint64_t seed)
{
	double draws[ABREAST][DRAWS], *rows;
	size_t n = of->n;

	rows = xcalloc(n * ABREAST, sizeof(*rows));
	for (size_t j = 0; j < k; j++)
		for (size_t i = 0; i < n; i++)
			rows[i * ABREAST + j] = of[j].x[i];
	draw_rows(draws, rows, n, ABREAST, seed);
	for (size_t j = 0; j < k; j++)
		*of[j].out = of_draws(draws[j], of[j].x, n);
	free(rows);
}

static int by_n(const void *left, const void *right)
{
	const struct mean_of *a = left, *b = right;

	return a->n < b->n ? -1 : a->n > b->n;
}

void means_find(struct means *m, uint64_t seed)
{
	size_t k;

	if (m->of.n > 0)
		qsort(m->of.at, m->of.n, sizeof(*m->of.at), by_n);
	for (size_t i = 0; i < m->of.n; i += k) {
		const struct mean_of *of = &m->of.at[i];

		for (k = 1; k < ABREAST && i + k < m->of.n && of[k].n == of->n; k++)
			;
		if (k == 1)
			*of->out = figure_mean(of->x, of->n, seed);
		else if (of->n > 0)
			find_together(of, k, seed);
		else
			for (size_t j = 0; j < k; j++)
				*of[j].out = nothing;
	}
	vec_release(&m->of);
	arena_release(&m->values);
}

struct figure figure_paired(const double *x, const double *y, size_t n, uint64_t seed, double *p)
{
	double *difference = xmalloc((n + 1) * sizeof(*difference)), least = 2;
	struct figure f;

	for (size_t i = 0; i < n; i++) {
		difference[i] = y[i] - x[i];
		least /= difference[i] != 0 ? 2 : 1;
	}
	f = bootstrap(difference, n, seed, p);
	*p = fmin(fmax(*p, least), 1);
	free(difference);
	return f;
}

static double log_factorial(double n)
{
	int sign;

	return lgamma_r(n + 1, &sign);
}

double figure_mcnemar(size_t b, size_t c)
{
	double n = (double)(b + c), fewer = (double)(b < c ? b : c), p = 0;

	for (double k = 0; k <= fewer; k++)
		p += exp(log_factorial(n) - log_factorial(k) - log_factorial(n - k) - n * M_LN2);
	return fmin(2 * p, 1);
}
