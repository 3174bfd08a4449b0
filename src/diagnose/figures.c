#include "diagnose/figures.h"

#include <math.h>
#include <stdlib.h>

#include "base/mem.h"
#include "base/rng.h"

#define DRAWS 1000
#define Z95 1.959963984540054 /* of the standard normal distribution, 97.5 % lie below */

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

static int rising(const void *left, const void *right)
{
	double a = *(const double *)left, b = *(const double *)right;

	return a < b ? -1 : a > b;
}

/* Between the sorted draws that lie on both sides of it. */
static double quantile(const double *sorted, double q)
{
	double at = q * (DRAWS - 1);
	size_t i = (size_t)at;

	if (sorted[i] == sorted[i + 1]) /* infinite ones have no difference */
		return sorted[i];
	return sorted[i] + (at - (double)i) * (sorted[i + 1] - sorted[i]);
}

/* Two-sided: as often as the draws' means lie on the rarer side of zero, twice. */
static double draws_p(const double draws[DRAWS])
{
	size_t below = 0, above = 0, rarer;

	for (size_t d = 0; d < DRAWS; d++) {
		below += draws[d] <= 0;
		above += draws[d] >= 0;
	}
	rarer = below < above ? below : above;
	return fmin(fmax(2 * (double)rarer, 1) / DRAWS, 1);
}

static struct figure bootstrap(const double *x, size_t n, uint64_t seed, double *p)
{
	double draws[DRAWS], sum = 0;
	struct rng r;

	*p = 1;
	if (n == 0)
		return (struct figure){NAN, NAN, NAN, 0, 0, false};
	rng_seed(&r, seed);
	for (size_t i = 0; i < n; i++)
		sum += x[i];
	for (size_t d = 0; d < DRAWS; d++) {
		draws[d] = 0;
		for (size_t i = 0; i < n; i++)
			draws[d] += x[rng_below(&r, (uint32_t)n)];
		draws[d] /= (double)n;
	}
	*p = draws_p(draws);
	qsort(draws, DRAWS, sizeof(*draws), rising);
	return (struct figure){sum / (double)n, quantile(draws, 0.025), quantile(draws, 0.975), n, n, false};
}

struct figure figure_mean(const double *x, size_t n, uint64_t seed)
{
	double p;

	return bootstrap(x, n, seed, &p);
}

struct figure figure_paired(const double *x, const double *y, size_t n, uint64_t seed, double *p)
{
	double *difference = xmalloc((n + 1) * sizeof(*difference));
	struct figure f;

	for (size_t i = 0; i < n; i++)
		difference[i] = y[i] - x[i];
	f = bootstrap(difference, n, seed, p);
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
