#include <string.h>

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

/* Rows whose share of dw is summed on its own; fixed, so that the sum does not depend on the number of threads. */
#define ROWS_A_SHARE 32

struct rmsnorm_bwd_args {
	struct kern *k;
	float *dx;
	const float *dy, *x, *w;
	float *shares; /* [blocks, C], or NULL: dw is not wanted */
	size_t T, C;
	double eps;
};

static void rmsnorm_bwd_rows(void *arg, size_t task, size_t thread)
{
	const struct rmsnorm_bwd_args *n = arg;
	size_t C = n->C, first = task * ROWS_A_SHARE, end = first + block_len(n->T, ROWS_A_SHARE, task);
	float *dw = n->shares ? n->shares + task * C : NULL;

	(void)thread;
	if (dw)
		memset(dw, 0, C * sizeof(*dw));
	for (size_t t = first; t < end; t++)
		n->k->isa->rmsnorm_bwd(n->dx + t * C, dw, n->dy + t * C, n->x + t * C, n->w, C, n->eps);
}

void rmsnorm_bwd(struct kern *k, float *dx, float *dw, const float *dy, const float *x, const float *w, size_t T,
	size_t C, double eps)
{
	struct rmsnorm_bwd_args n = {.k = k, .dx = dx, .dy = dy, .x = x, .w = w, .T = T, .C = C, .eps = eps};
	size_t blocks = blocks_of(T, ROWS_A_SHARE);

	n.shares = dw ? kern_shared(k, blocks * C) : NULL;
	kern_run(k, T * C >= WORTH_SPLITTING, blocks, rmsnorm_bwd_rows, &n);
	for (size_t i = 0; dw && i < blocks; i++)
		k->isa->add(dw, n.shares + i * C, 1.0f, C);
}
