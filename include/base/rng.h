/*
 * Random numbers: xoshiro256** (Blackman and Vigna 2018), seeded through splitmix64. The same seed gives the same
 * stream on every machine. The state is plain data, so a checkpoint can keep it.
 */
#ifndef BASE_RNG_H
#define BASE_RNG_H

#include <stdint.h>

struct rng {
	uint64_t s[4];
};

void rng_seed(struct rng *r, uint64_t seed);
uint64_t rng_u64(struct rng *r);
uint32_t rng_below(struct rng *r, uint32_t n); /* uniform on 0 … n-1, without bias; n > 0 */
double rng_uniform(struct rng *r);             /* [0, 1), 53 bits */
double rng_normal(struct rng *r);              /* mean 0, variance 1 (Marsaglia's polar method, no state kept) */

#endif
