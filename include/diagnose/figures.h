/*
 * Figures over many cases with their intervals, and tests of paired ones.
 */
#ifndef DIAGNOSE_FIGURES_H
#define DIAGNOSE_FIGURES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/mem.h"
#include "base/vec.h"

/* A figure, with its count and a 95 % interval. */
struct figure {
	double value, low, high; /* NaN where n is 0 */
	size_t count, n;         /* shares: count of n; means: count is n */
	bool share;
};

struct mean_of {
	const double *x;
	size_t n;
	struct figure *out;
};

/* A share, with Wilson's interval (1927). */
struct figure figure_share(size_t count, size_t n);

/*
 * A mean, with the percentile bootstrap's interval. The procedure, for whoever wants to repeat it to the last bit:
 *
 *     r = a generator that begins with the seed (rng_seed)
 *     1000 times: sum = 0; n times: sum += x[rng_below(r, n)]; the draw's mean is sum / n
 *     sort the 1000 means; the bounds are at q · 999 for q = 0.025 and 0.975: with i the whole part and f the rest of
 *     it, mean[i] + f · (mean[i + 1] - mean[i]), or mean[i] itself where both are equal
 *     the value is the sum of x in its order, divided by n
 *
 * all in double precision and in this order. rng_seed fills the four words of xoshiro256** with the first four outputs
 * of splitmix64 begun with the seed. rng_below(n) takes the upper 32 bits of the generator's next output times n: the
 * upper 32 bits of this product are the result, unless its lower 32 bits are less than 2^32 mod n; then it draws again.
 */
struct figure figure_mean(const double *x, size_t n, uint64_t seed);

/* Many means, the very same as figure_mean's of each by itself: since all begin with the same seed, those of equal n
 * share their draws, which are made once. */
struct means {
	struct arena values; /* owns the arrays */
	VEC(struct mean_of) of;
};

void means_init(struct means *m);
double *means_room(struct means *m, size_t n); /* for n values at most; the means' own */
/* The figure that is wanted of x[0 … n - 1]; both must stay where they are. */
void means_want(struct means *m, const double *x, size_t n, struct figure *out);
void means_find(struct means *m, uint64_t seed); /* writes all figures that are wanted, and releases */

/* The value at q, from 0 to 1, of n > 0 sorted numbers: linearly between the two on both sides of q (n - 1). */
double figure_quantile(const double *sorted, size_t n, double q);
int figure_rising(const void *left, const void *right); /* of two doubles, for qsort; NaN has no place */

/* The mean of y - x, its interval by drawing pairs; and in *p twice the share of the draws' means that are not above
 * zero, or not below it, whichever are fewer: from 1 / 1000 to 1, and 1 where n is 0. Where m pairs differ it is at
 * least 2 / 2^m, the least that a test by their signs could give: a bootstrap of few pairs knows too little. */
struct figure figure_paired(const double *x, const double *y, size_t n, uint64_t seed, double *p);

/* McNemar's test of cases that only one of two runs counts (b: the first only, c: the second only), two-sided and
 * exact: the probability that a fair coin splits b + c at least so unevenly. */
double figure_mcnemar(size_t b, size_t c);

#endif
