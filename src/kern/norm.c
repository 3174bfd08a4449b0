#include "kern/layers.h"
#include "kern_priv.h"

#define ROWS_A_TASK 16
#define WORTH_SPLITTING ((size_t)1 << 16) /* values */

struct rmsnorm_args {
	struct kern *k;
	float *y;
	const float *x, *w;
	size_t T, C;
	double eps;
};

static void rmsnorm_rows(void *arg, size_t task, size_t thread)
{
	const struct rmsnorm_args *n = arg;
	size_t first = task * ROWS_A_TASK, end = first + block_len(n->T, ROWS_A_TASK, task);

	(void)thread;
	for (size_t t = first; t < end; t++)
		n->k->isa->rmsnorm(n->y + t * n->C, n->x + t * n->C, n->w, n->C, n->eps);
}

void rmsnorm_fwd(struct kern *k, float *y, const float *x, const float *w, size_t T, size_t C, double eps)
{
	struct rmsnorm_args n = {.k = k, .y = y, .x = x, .w = w, .T = T, .C = C, .eps = eps};

	kern_run(k, T * C >= WORTH_SPLITTING, blocks_of(T, ROWS_A_TASK), rmsnorm_rows, &n);
}
