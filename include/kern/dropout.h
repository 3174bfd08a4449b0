/*
 * Inverted dropout whose mask is a function of a seed and the place alone, so that it is drawn again rather than kept.
 */
#ifndef KERN_DROPOUT_H
#define KERN_DROPOUT_H

#include <stddef.h>
#include <stdint.h>

#include "kern/kern.h"

/* y[i] = kept(seed, i) ? x[i] / (1 - p) : 0, 0 <= p < 1; each i is kept with probability 1 - p. y may be x. */
void dropout_fwd(struct kern *k, float *y, const float *x, double p, uint64_t seed, size_t n);

/* dx[i] += the same of dy. */
void dropout_bwd(struct kern *k, float *dx, const float *dy, double p, uint64_t seed, size_t n);

#endif
