#include "kern/layers.h"
#include "kern_priv.h"

#define ROWS_A_TASK 16
#define WORTH_SPLITTING ((size_t)1 << 16) /* values */

struct rope_args {
	struct kern *k;
	float *x;
	const uint32_t *position;
	const float *cos, *sin;
	size_t T, heads, d, stride;
};

static void rope_rows(void *arg, size_t task, size_t thread)
{
	const struct rope_args *p = arg;
	size_t first = task * ROWS_A_TASK, end = first + block_len(p->T, ROWS_A_TASK, task), half = p->d / 2;

	(void)thread;
	for (size_t t = first; t < end; t++) {
		size_t at = p->position[t] * half;

		for (size_t h = 0; h < p->heads; h++)
			p->k->isa->rope(p->x + t * p->stride + h * p->d, p->cos + at, p->sin + at, half);
	}
}

void rope_fwd(struct kern *k, float *x, const uint32_t *position, const float *cos, const float *sin, size_t T,
	size_t heads, size_t d, size_t stride)
{
	struct rope_args p = {
		.k = k,
		.x = x,
		.position = position,
		.cos = cos,
		.sin = sin,
		.T = T,
		.heads = heads,
		.d = d,
		.stride = stride,
	};

	kern_run(k, T * heads * d >= WORTH_SPLITTING, blocks_of(T, ROWS_A_TASK), rope_rows, &p);
}
