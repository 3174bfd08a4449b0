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
	bool back;
};

static void rope_rows(void *arg, size_t task, size_t thread)
{
	const struct rope_args *p = arg;
	size_t first = task * ROWS_A_TASK, end = first + block_len(p->T, ROWS_A_TASK, task), half = p->d / 2;

	(void)thread;
	for (size_t t = first; t < end; t++) {
		size_t at = p->position[t] * half;

		for (size_t h = 0; h < p->heads; h++) {
			float *a = p->x + t * p->stride + h * p->d, *b = a + half;

			p->k->isa->rope(p->back ? b : a, p->back ? a : b, p->cos + at, p->sin + at, half);
		}
	}
}

static void turn(struct rope_args *p)
{
	kern_run(p->k, p->T * p->heads * p->d >= WORTH_SPLITTING, blocks_of(p->T, ROWS_A_TASK), rope_rows, p);
}

void rope_fwd(struct kern *k, float *x, const uint32_t *position, const float *cos, const float *sin, size_t T,
	size_t heads, size_t d, size_t stride)
{
	turn(&(struct rope_args){k, x, position, cos, sin, T, heads, d, stride, false});
}

void rope_bwd(struct kern *k, float *dx, const uint32_t *position, const float *cos, const float *sin, size_t T,
	size_t heads, size_t d, size_t stride)
{
	turn(&(struct rope_args){k, dx, position, cos, sin, T, heads, d, stride, true});
}
