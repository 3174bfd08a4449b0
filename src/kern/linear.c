#include <cblas.h>
#include <math.h>

#include "kern/linear.h"
#include "kern_priv.h"

/* Up to here our kernel, which reads a weight once, beats sgemm, which first packs it. */
#define FEW_ROWS 24

/* Rows of w a task. Fixed, so that results do not depend on the number of threads. */
#define FEW_PANEL 32
#define MANY_PANEL 192

/* Values of work below which waking the pool costs more than it gives. */
#define WORTH_SPLITTING ((size_t)1 << 15)

static const void *weight_row(const struct tensor *w, size_t row)
{
	return (const char *)w->data + row * w->shape[1] * dtype_size(w->dtype);
}

struct linear_args {
	struct kern *k;
	float *y;
	const float *x;
	const struct tensor *w;
	const float *b;
	bool add;
	size_t rows;
};

/* y[rows, n] (ldy apart) = or += x[rows, in] · wᵀ with rows first … first+n-1 of w, through our kernel. */
static struct product few_panel(const struct linear_args *l, float *y, size_t ldy, size_t first, size_t n)
{
	size_t in = l->w->shape[1];

	return (struct product){
		.y = y,
		.ldy = ldy,
		.x = l->x,
		.ldx = in,
		.rows = l->rows,
		.w = weight_row(l->w, first),
		.type = l->w->dtype,
		.ldw = in,
		.outs = n,
		.b = l->b ? l->b + first : NULL,
		.in = in,
		.add = l->add,
	};
}

static void few_rows(void *arg, size_t task, size_t thread)
{
	const struct linear_args *l = arg;
	size_t out = l->w->shape[0], first = task * FEW_PANEL;
	struct product p = few_panel(l, l->y + first, out, first, block_len(out, FEW_PANEL, task));

	(void)thread;
	l->k->isa->product(&p);
}

/* The same through sgemm, on weights widened if need be. */
static void many_panel(const struct linear_args *l, float *y, size_t ldy, size_t first, size_t n, size_t thread)
{
	size_t in = l->w->shape[1];
	const float *w = weight_row(l->w, first);

	if (l->w->dtype != DTYPE_F32) {
		float *wide = kern_scratch(l->k, thread, n * in);

		l->k->isa->widen(wide, w, l->w->dtype, n * in);
		w = wide;
	}
	cblas_sgemm(CblasRowMajor, CblasNoTrans, CblasTrans, (int)l->rows, (int)n, (int)in, 1.0f, l->x, (int)in, w, (int)in,
		    l->add ? 1.0f : 0.0f, y, (int)ldy);
}

static void many_rows(void *arg, size_t task, size_t thread)
{
	const struct linear_args *l = arg;
	size_t out = l->w->shape[0], first = task * MANY_PANEL, n = block_len(out, MANY_PANEL, task);

	many_panel(l, l->y + first, out, first, n, thread);
	if (!l->b)
		return;
	for (size_t r = 0; r < l->rows; r++)
		for (size_t o = first; o < first + n; o++)
			l->y[r * out + o] += l->b[o];
}

void linear_fwd(struct kern *k, float *y, const float *x, const struct tensor *w, const float *b, bool add, size_t rows)
{
	struct linear_args l = {.k = k, .y = y, .x = x, .w = w, .b = b, .add = add, .rows = rows};
	size_t out = w->shape[0], in = w->shape[1];

	if (rows == 0)
		return;
	if (rows <= FEW_ROWS)
		kern_run(k, out * in >= WORTH_SPLITTING, blocks_of(out, FEW_PANEL), few_rows, &l);
	else
		kern_run(k, true, blocks_of(out, MANY_PANEL), many_rows, &l);
}

struct pick_args {
	struct kern *k;
	float *y;
	const float *x;
	const struct tensor *w;
	const uint32_t *row, *id;
	size_t n;
};

#define PICK_BLOCK 64

static void pick_block(void *arg, size_t task, size_t thread)
{
	const struct pick_args *p = arg;
	size_t in = p->w->shape[1], first = task * PICK_BLOCK, end = first + block_len(p->n, PICK_BLOCK, task);

	(void)thread;
	for (size_t j = first; j < end; j++)
		p->y[j] = p->k->isa->dot(p->x + p->row[j] * in, weight_row(p->w, p->id[j]), p->w->dtype, in);
}

void linear_pick_fwd(struct kern *k, float *y, const float *x, const struct tensor *w, const uint32_t *row, const uint32_t *id,
		     size_t n)
{
	struct pick_args p = {.k = k, .y = y, .x = x, .w = w, .row = row, .id = id, .n = n};

	kern_run(k, n * w->shape[1] >= WORTH_SPLITTING, blocks_of(n, PICK_BLOCK), pick_block, &p);
}

#define LSE_BLOCK 256

/* Of one row over one block of the vocabulary. */
struct lse_part {
	float max;
	float sum; /* Σ exp(inv_tau · (z - max)); without a maximum 0, or NaN if there is one among the values */
};

struct lse_args {
	struct linear_args l;
	struct lse_part *parts; /* [blocks, rows] */
	float inv_tau;
};

static void lse_block(void *arg, size_t task, size_t thread)
{
	const struct lse_args *a = arg;
	const struct isa *isa = a->l.k->isa;
	size_t in = a->l.w->shape[1], rows = a->l.rows;
	size_t first = task * LSE_BLOCK, n = block_len(a->l.w->shape[0], LSE_BLOCK, task);
	float *z;

	if (rows <= FEW_ROWS) {
		struct product p;

		z = kern_scratch(a->l.k, thread, rows * n);
		p = few_panel(&a->l, z, n, first, n);
		isa->product(&p);
	} else {
		size_t wide = a->l.w->dtype == DTYPE_F32 ? 0 : n * in;

		z = kern_scratch(a->l.k, thread, rows * n + wide) + wide;
		many_panel(&a->l, z, n, first, n, thread);
	}
	for (size_t r = 0; r < rows; r++) {
		struct lse_part *part = &a->parts[task * rows + r];

		part->max = isa->max(z + r * n, n);
		part->sum = isa->exp_sum(NULL, z + r * n, n, a->inv_tau, part->max == -INFINITY ? 0.0f : part->max);
	}
}

void linear_lse_fwd(struct kern *k, double *lse, const float *x, const struct tensor *w, double inv_tau, size_t rows)
{
	struct lse_args a = {.l = {.k = k, .x = x, .w = w, .rows = rows}, .inv_tau = (float)inv_tau};
	size_t blocks = blocks_of(w->shape[0], LSE_BLOCK);

	a.parts = (struct lse_part *)kern_shared(k, blocks * rows * 2);
	kern_run(k, true, blocks, lse_block, &a);
	for (size_t r = 0; r < rows; r++) {
		double max = -INFINITY, sum = 0.0;

		for (size_t i = 0; i < blocks; i++)
			max = fmax(max, a.parts[i * rows + r].max);
		for (size_t i = 0; i < blocks; i++) {
			const struct lse_part *part = &a.parts[i * rows + r];

			sum += part->max == -INFINITY ? part->sum : part->sum * exp(inv_tau * (part->max - max));
		}
		lse[r] = inv_tau * max + log(sum);
	}
}
