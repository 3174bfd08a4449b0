#include <cblas.h>

#include "kern/linear.h"
#include "kern_priv.h"

/* Multiplications and additions below which waking the pool costs more than it gives. */
#define WORTH_SPLITTING ((size_t)1 << 16)

/* What a task computes; fixed, since the bits of sgemm may depend on it. */
#define BLOCK_ROWS 480
#define BLOCK_COLUMNS 192

struct bwd_x_args {
	struct kern *k;
	float *dx;
	const float *dy;
	const struct tensor *w;
	bool add;
	size_t rows, row_blocks;
};

/* Columns first … first+n-1 of w as floats: in place, or widened into scratch. Sets *ld. */
static const float *weight_columns(const struct bwd_x_args *b, size_t first, size_t n, size_t thread, size_t *ld)
{
	const struct tensor *w = b->w;
	size_t out = w->shape[0], in = w->shape[1], size = dtype_size(w->dtype);
	float *wide;

	*ld = in;
	if (w->dtype == DTYPE_F32)
		return (const float *)w->data + first;
	wide = kern_scratch(b->k, thread, out * n);
	for (size_t o = 0; o < out; o++)
		b->k->isa->widen(wide + o * n, (const char *)w->data + (o * in + first) * size, w->dtype, n);
	*ld = n;
	return wide;
}

static void bwd_x_block(void *arg, size_t task, size_t thread)
{
	const struct bwd_x_args *b = arg;
	size_t out = b->w->shape[0], in = b->w->shape[1], row = task % b->row_blocks, column = task / b->row_blocks;
	size_t rows = block_len(b->rows, BLOCK_ROWS, row), n = block_len(in, BLOCK_COLUMNS, column), ld;
	const float *w = weight_columns(b, column * BLOCK_COLUMNS, n, thread, &ld);

	cblas_sgemm(CblasRowMajor, CblasNoTrans, CblasNoTrans, (int)rows, (int)n, (int)out, 1.0f,
		b->dy + row * BLOCK_ROWS * out, (int)out, w, (int)ld, b->add ? 1.0f : 0.0f,
		b->dx + row * BLOCK_ROWS * in + column * BLOCK_COLUMNS, (int)in);
}

void linear_bwd_x(struct kern *k, float *dx, const float *dy, const struct tensor *w, bool add, size_t rows)
{
	struct bwd_x_args b = {.k = k, .dx = dx, .dy = dy, .w = w, .add = add, .rows = rows};
	size_t out = w->shape[0], in = w->shape[1];

	b.row_blocks = blocks_of(rows, BLOCK_ROWS);
	kern_run(k, rows * out * in >= WORTH_SPLITTING, b.row_blocks * blocks_of(in, BLOCK_COLUMNS), bwd_x_block, &b);
}

#define BLOCK_OUTS 96

struct bwd_w_args {
	struct kern *k;
	float *dw, *db;
	const float *dy, *x;
	size_t rows, out, in;
};

static void bwd_w_block(void *arg, size_t task, size_t thread)
{
	const struct bwd_w_args *b = arg;
	size_t first = task * BLOCK_OUTS, n = block_len(b->out, BLOCK_OUTS, task);

	(void)thread;
	cblas_sgemm(CblasRowMajor, CblasTrans, CblasNoTrans, (int)n, (int)b->in, (int)b->rows, 1.0f, b->dy + first,
		(int)b->out, b->x, (int)b->in, 1.0f, b->dw + first * b->in, (int)b->in);
	for (size_t r = 0; b->db && r < b->rows; r++)
		b->k->isa->add(b->db + first, b->dy + r * b->out + first, 1.0f, n);
}

void linear_bwd_w(struct kern *k, float *dw, float *db, const float *dy, const float *x, size_t rows, size_t out,
	size_t in)
{
	struct bwd_w_args b = {
		.k = k, .dw = dw, .db = db, .dy = dy, .x = x, .rows = rows, .out = out, .in = in};

	if (rows > 0)
		kern_run(k, rows * out * in >= WORTH_SPLITTING, blocks_of(out, BLOCK_OUTS), bwd_w_block, &b);
}
