#include "kern/linear.h"
#include "kern_priv.h"

/* Values below which waking the pool costs more than it gives. */
#define WORTH_SPLITTING ((size_t)1 << 16)
#define COLUMNS_A_TASK 64

void linear_bwd_x(struct kern *k, float *dx, const float *dy, const struct tensor *w, bool add, size_t rows)
{
	size_t out = w->shape[0], in = w->shape[1];
	struct gemm g = {
		.y = dx,
		.ldy = in,
		.a = dy,
		.a_row = out,
		.a_step = 1,
		.b = w->data,
		.type = w->dtype,
		.b_step = in,
		.b_column = 1,
		.rows = rows,
		.n = out,
		.columns = in,
		.add = add,
	};

	gemm_run(k, &g, NULL);
}

struct bias_args {
	struct kern *k;
	float *db;
	const float *dy;
	size_t rows, out;
};

static void bias_columns(void *arg, size_t task, size_t thread)
{
	const struct bias_args *b = arg;
	size_t first = task * COLUMNS_A_TASK, n = block_len(b->out, COLUMNS_A_TASK, task);

	(void)thread;
	for (size_t r = 0; r < b->rows; r++)
		b->k->isa->add(b->db + first, b->dy + r * b->out + first, 1.0f, n);
}

void linear_bwd_w(
	struct kern *k, float *dw, float *db, const float *dy, const float *x, size_t rows, size_t out, size_t in)
{
	struct gemm g = {
		.y = dw,
		.ldy = in,
		.a = dy,
		.a_row = 1,
		.a_step = out,
		.b = x,
		.type = DTYPE_F32,
		.b_step = in,
		.b_column = 1,
		.rows = out,
		.n = rows,
		.columns = in,
		.add = true,
	};
	struct bias_args b = {.k = k, .db = db, .dy = dy, .rows = rows, .out = out};

	gemm_run(k, &g, NULL);
	if (db)
		kern_run(k, rows * out >= WORTH_SPLITTING, blocks_of(out, COLUMNS_A_TASK), bias_columns, &b);
}
