#include <string.h>

#include "kern/linear.h"
#include "kern_priv.h"

/* Multiplications and additions up to which single products cost less than to gather rows. */
#define FEW ((size_t)1 << 16)
#define IDS_A_TASK 32

struct rows_args {
	struct kern *k;
	const struct tensor *w;
	const uint32_t *ids;
	size_t n;
	float *gathered; /* [n, in] */
	float *dw;       /* [out, in] */
};

static void gather_block(void *arg, size_t task, size_t thread)
{
	const struct rows_args *a = arg;
	size_t in = a->w->shape[1], first = task * IDS_A_TASK, end = first + block_len(a->n, IDS_A_TASK, task);

	(void)thread;
	for (size_t j = first; j < end; j++)
		a->k->isa->widen(a->gathered + j * in, weight_row(a->w, a->ids[j]), a->w->dtype, 0, in);
}

/* The rows of w as a matrix of their own, in shared scratch. */
static struct tensor gather(struct rows_args *a)
{
	size_t in = a->w->shape[1];

	a->gathered = kern_shared(a->k, a->n * in);
	kern_run(a->k, true, blocks_of(a->n, IDS_A_TASK), gather_block, a);
	return (struct tensor){.name = a->w->name, .dims = 2, .shape = {a->n, in}, .data = a->gathered};
}

void linear_rows_fwd(
	struct kern *k, float *y, const float *x, const struct tensor *w, const uint32_t *ids, size_t rows, size_t n)
{
	size_t in = w->shape[1];
	struct rows_args a = {.k = k, .w = w, .ids = ids, .n = n};
	struct tensor some;

	if (rows * n * in <= FEW) {
		for (size_t r = 0; r < rows; r++)
			for (size_t j = 0; j < n; j++)
				y[r * n + j] = k->isa->dot(x + r * in, weight_row(w, ids[j]), w->dtype, in);
		return;
	}
	some = gather(&a);
	linear_batch_fwd(k, y, x, &some, NULL, false, rows);
}

static void scatter_block(void *arg, size_t task, size_t thread)
{
	const struct rows_args *a = arg;
	size_t in = a->w->shape[1], first = task * IDS_A_TASK, end = first + block_len(a->n, IDS_A_TASK, task);

	(void)thread;
	for (size_t j = first; j < end; j++)
		a->k->isa->add(a->dw + a->ids[j] * in, a->gathered + j * in, 1.0f, in);
}

/* Row by row, without the pool. */
static void rows_bwd_few(const struct rows_args *a, float *dx, const float *dy, const float *x, size_t rows)
{
	const struct isa *isa = a->k->isa;
	size_t in = a->w->shape[1];
	float *wide = a->w->dtype == DTYPE_F32 ? NULL : kern_scratch(a->k, 0, in);

	for (size_t j = 0; j < a->n; j++) {
		const float *row = weight_row(a->w, a->ids[j]);

		if (wide) {
			isa->widen(wide, row, a->w->dtype, 0, in);
			row = wide;
		}
		for (size_t r = 0; r < rows; r++) {
			isa->add(dx + r * in, row, dy[r * a->n + j], in);
			if (a->dw)
				isa->add(a->dw + a->ids[j] * in, x + r * in, dy[r * a->n + j], in);
		}
	}
}

void linear_rows_bwd(struct kern *k, float *dx, float *dw, const float *dy, const float *x, const struct tensor *w,
	const uint32_t *ids, size_t rows, size_t n)
{
	struct rows_args a = {.k = k, .w = w, .ids = ids, .n = n, .dw = dw};
	size_t in = w->shape[1];
	struct tensor some;

	if (rows * n * in <= FEW) {
		rows_bwd_few(&a, dx, dy, x, rows);
		return;
	}
	some = gather(&a);
	linear_bwd_x(k, dx, dy, &some, true, rows);
	if (!dw)
		return;
	memset(a.gathered, 0, n * in * sizeof(*a.gathered));
	linear_bwd_w(k, a.gathered, NULL, dy, x, rows, n, in);
	kern_run(k, true, blocks_of(n, IDS_A_TASK), scatter_block, &a);
}
