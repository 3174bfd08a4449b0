/*
 * Figures over many cases with their intervals, and tests of paired ones.
 */
#ifndef DIAGNOSE_FIGURES_H
#define DIAGNOSE_FIGURES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* A figure, with its count and a 95 % interval. */
struct figure {
	double value, low, high; /* NaN where n is 0 */
	size_t count, n;         /* shares: count of n; means: count is n */
	bool share;
};

/* A share, with Wilson's interval (1927). */
struct figure figure_share(size_t count, size_t n);

/*
 * A mean, with the percentile bootstrap's interval: 1000 times n of the values are drawn with replacement, each by
 * rng_below(n) of one generator that begins with the seed (base/rng.h), draw after draw; the bounds are at 0.025 · 999
 * and 0.975 · 999 of the sorted means, counted from 0, linearly between two. The same seed gives the same interval.
 */
struct figure figure_mean(const double *x, size_t n, uint64_t seed);

/* The mean of y - x, its interval by drawing pairs; and in *p twice the share of the draws' means that are not above
 * zero, or not below it, whichever are fewer: from 1 / 1000 to 1, and 1 where n is 0. */
struct figure figure_paired(const double *x, const double *y, size_t n, uint64_t seed, double *p);

/* McNemar's test of cases that only one of two runs counts (b: the first only, c: the second only), two-sided and
 * exact: the probability that a fair coin splits b + c at least so unevenly. */
double figure_mcnemar(size_t b, size_t c);

#endif
