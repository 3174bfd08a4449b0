#include <string.h>

#include "kern/layers.h"
#include "kern_priv.h"

#define ROWS_A_TASK 16
#define WORTH_SPLITTING ((size_t)1 << 16) /* values */

struct norm_args {
	struct kern *k;
	float *y;
	const float *x, *w, *b; /* b is NULL: rmsnorm */
	size_t T, C;
	double eps;
};

static void norm_rows(void *arg, size_t task, size_t thread)
{
	const struct norm_args *n = arg;
	const struct isa *isa = n->k->isa;
	size_t C = n->C, first = task * ROWS_A_TASK, end = first + block_len(n->T, ROWS_A_TASK, task);

	(void)thread;
	for (size_t t = first; t < end; t++) {
		if (n->b)
			isa->layernorm(n->y + t * C, n->x + t * C, n->w, n->b, C, n->eps);
		else
			isa->rmsnorm(n->y + t * C, n->x + t * C, n->w, C, n->eps);
	}
}

void rmsnorm_fwd(struct kern *k, float *y, const float *x, const float *w, size_t T, size_t C, double eps)
{
	struct norm_args n = {.k = k, .y = y, .x = x, .w = w, .T = T, .C = C, .eps = eps};

	kern_run(k, T * C >= WORTH_SPLITTING, blocks_of(T, ROWS_A_TASK), norm_rows, &n);
}

void layernorm_fwd(
	struct kern *k, float *y, const float *x, const float *w, const float *b, size_t T, size_t C, double eps)
{
	struct norm_args n = {.k = k, .y = y, .x = x, .w = w, .b = b, .T = T, .C = C, .eps = eps};

	kern_run(k, T * C >= WORTH_SPLITTING, blocks_of(T, ROWS_A_TASK), norm_rows, &n);
}

/* Rows whose share of dw and db is summed on its own; fixed, so that the sum does not depend on the number of threads.
 */
#define ROWS_A_SHARE 32

struct norm_bwd_args {
	struct kern *k;
	bool centred; /* layernorm, whose shares are [blocks, 2, C]: of dw and of db */
	float *dx;
	const float *dy, *x, *w;
	float *shares; /* [blocks, C], or NULL: dw is not wanted */
	size_t T, C;
	double eps;
};

static void norm_bwd_rows(void *arg, size_t task, size_t thread)
{
	const struct norm_bwd_args *n = arg;
	const struct isa *isa = n->k->isa;
	size_t C = n->C, first = task * ROWS_A_SHARE, end = first + block_len(n->T, ROWS_A_SHARE, task);
	size_t share = n->centred ? 2 * C : C;
	float *dw = n->shares ? n->shares + task * share : NULL, *db = dw ? dw + C : NULL;

	(void)thread;
	if (dw)
		memset(dw, 0, share * sizeof(*dw));
	for (size_t t = first; t < end; t++) {
		if (n->centred)
			isa->layernorm_bwd(n->dx + t * C, dw, db, n->dy + t * C, n->x + t * C, n->w, C, n->eps);
		else
			isa->rmsnorm_bwd(n->dx + t * C, dw, n->dy + t * C, n->x + t * C, n->w, C, n->eps);
	}
}

void rmsnorm_bwd(struct kern *k, float *dx, float *dw, const float *dy, const float *x, const float *w, size_t T,
	size_t C, double eps)
{
	struct norm_bwd_args n = {.k = k, .dx = dx, .dy = dy, .x = x, .w = w, .T = T, .C = C, .eps = eps};
	size_t blocks = blocks_of(T, ROWS_A_SHARE);

	n.shares = dw ? kern_shared(k, blocks * C) : NULL;
	kern_run(k, T * C >= WORTH_SPLITTING, blocks, norm_bwd_rows, &n);
	for (size_t i = 0; dw && i < blocks; i++)
		k->isa->add(dw, n.shares + i * C, 1.0f, C);
}

void layernorm_bwd(struct kern *k, float *dx, float *dw, float *db, const float *dy, const float *x, const float *w,
	size_t T, size_t C, double eps)
{
	struct norm_bwd_args n = {
		.k = k, .centred = true, .dx = dx, .dy = dy, .x = x, .w = w, .T = T, .C = C, .eps = eps};
	size_t blocks = blocks_of(T, ROWS_A_SHARE);

	n.shares = dw ? kern_shared(k, blocks * 2 * C) : NULL;
	kern_run(k, T * C >= WORTH_SPLITTING, blocks, norm_bwd_rows, &n);
	for (size_t i = 0; dw && i < blocks; i++) {
		k->isa->add(dw, n.shares + 2 * i * C, 1.0f, C);
		k->isa->add(db, n.shares + (2 * i + 1) * C, 1.0f, C);
	}
}
