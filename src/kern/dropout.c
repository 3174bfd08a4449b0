#include <math.h>

#include "kern/dropout.h"
#include "kern_priv.h"

/* Values that share a key. */
#define VALUES_A_TASK ((size_t)1 << 13)
#define WORTH_SPLITTING ((size_t)1 << 15)

struct dropout_args {
	struct kern *k;
	float *y;
	const float *x;
	uint64_t seed;
	uint32_t below;
	float by;
	bool add;
	size_t n;
};

/* The `at`th number of SplitMix64 (Steele, Lea and Flood 2014) from a seed. */
static uint64_t key_of(uint64_t seed, size_t at)
{
	uint64_t z = seed + (at + 1) * UINT64_C(0x9e3779b97f4a7c15);

	z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
	z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
	return z ^ z >> 31;
}

static void dropout_block(void *arg, size_t task, size_t thread)
{
	const struct dropout_args *d = arg;
	size_t at = task * VALUES_A_TASK;

	(void)thread;
	d->k->isa->dropout(d->y + at, d->x + at, block_len(d->n, VALUES_A_TASK, task), key_of(d->seed, task), d->below,
		d->by, d->add);
}

static void drop(struct kern *k, float *y, const float *x, double p, uint64_t seed, bool add, size_t n)
{
	struct dropout_args d = {.k = k, .y = y, .x = x, .seed = seed, .add = add, .n = n};

	d.below = (uint32_t)fmin(p * 0x1p32, (double)UINT32_MAX);
	d.by = (float)(1.0 / (1.0 - p));
	kern_run(k, n >= WORTH_SPLITTING, blocks_of(n, VALUES_A_TASK), dropout_block, &d);
}

void dropout_fwd(struct kern *k, float *y, const float *x, double p, uint64_t seed, size_t n)
{
	drop(k, y, x, p, seed, false, n);
}

void dropout_bwd(struct kern *k, float *dx, const float *dy, double p, uint64_t seed, size_t n)
{
	drop(k, dx, dy, p, seed, true, n);
}
