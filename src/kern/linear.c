#include <math.h>

#include "kern/linear.h"
#include "kern_priv.h"

/* Multiplications and additions below which waking the pool costs more than it gives. */
#define WORTH_SPLITTING ((size_t)1 << 16)

/*
 * Outputs are cut between groups of 16, so that no two threads write to one cache line. Two tasks a thread were
 * measured to be best: what a task reads first is not fetched ahead.
 */
#define GROUP 16
#define TASKS_A_THREAD 2

struct linear_args {
	struct kern *k;
	float *y;
	const float *x;
	const struct tensor *w;
	const float *b;
	bool add;
	size_t rows;
	bool few;             /* rows: weights are read once, and used as they are */
	size_t groups, tasks; /* of outputs */
};

/* A product of many rows with the n rows of w from `first` on. */
static struct gemm many_product(const struct linear_args *l, float *y, size_t ldy, size_t first, size_t n)
{
	return (struct gemm){
		.y = y,
		.ldy = ldy,
		.a = l->x,
		.a_row = l->w->shape[1],
		.a_step = 1,
		.b = weight_row(l->w, first),
		.type = l->w->dtype,
		.b_step = 1,
		.b_column = l->w->shape[1],
		.rows = l->rows,
		.n = l->w->shape[1],
		.columns = n,
		.add = l->add,
	};
}

/* Floats of scratch that panel_product needs. */
static size_t room_len(const struct linear_args *l)
{
	if (!l->few)
		return GEMM_ROOM;
	return l->w->dtype == DTYPE_F32 ? 0 : PRODUCT_WIDE;
}

/* y[rows, n] (ldy apart) = or += x[rows, in] · wᵀ with rows first … first+n-1 of w; b counts for few rows only.
 * room: [room_len] */
static void panel_product(const struct linear_args *l, float *y, size_t ldy, size_t first, size_t n, float *room)
{
	size_t in = l->w->shape[1];

	if (l->few) {
		struct product p = {
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
			.wide = room,
		};

		l->k->isa->product(&p);
	} else {
		struct gemm g = many_product(l, y, ldy, first, n);

		g.room = room;
		l->k->isa->gemm(&g);
	}
}

static void linear_block(void *arg, size_t task, size_t thread)
{
	const struct linear_args *l = arg;
	size_t out = l->w->shape[0], first = task * l->groups / l->tasks * GROUP;
	size_t end = (task + 1) * l->groups / l->tasks * GROUP, n = (end < out ? end : out) - first;

	panel_product(l, l->y + first, out, first, n, kern_scratch(l->k, thread, room_len(l)));
}

static void linear_run(struct linear_args *l)
{
	size_t out = l->w->shape[0], most = TASKS_A_THREAD * l->k->threads;

	if (l->rows == 0)
		return;
	if (!l->few) {
		struct gemm g = many_product(l, l->y, out, 0, out);

		gemm_run(l->k, &g, l->b);
		return;
	}
	l->groups = blocks_of(out, GROUP);
	l->tasks = most < l->groups ? most : l->groups;
	kern_run(l->k, l->rows * out * l->w->shape[1] >= WORTH_SPLITTING, l->tasks, linear_block, l);
}

void linear_fwd(struct kern *k, float *y, const float *x, const struct tensor *w, const float *b, bool add, size_t rows)
{
	struct linear_args l = {.k = k, .y = y, .x = x, .w = w, .b = b, .add = add, .rows = rows};

	l.few = rows <= k->isa->product_rows;
	linear_run(&l);
}

bool linear_rows_alone(const struct kern *k)
{
	return k->isa->product_rows == SIZE_MAX;
}

/* Measured: long sums, and rows or outputs not above these, are quicker without copying weights into panels. */
#define LONG_SUM 64
#define FEW_ROWS 64
#define FEW_OUTPUTS 15

void linear_batch_fwd(
	struct kern *k, float *y, const float *x, const struct tensor *w, const float *b, bool add, size_t rows)
{
	struct linear_args l = {.k = k, .y = y, .x = x, .w = w, .b = b, .add = add, .rows = rows};

	l.few = rows <= k->isa->product_rows && w->shape[1] >= LONG_SUM &&
		(rows <= FEW_ROWS || w->shape[0] <= FEW_OUTPUTS);
	linear_run(&l);
}

struct pick_args {
	struct kern *k;
	float *y;
	const float *x;
	const struct tensor *w;
	const uint32_t *row, *id;
	size_t n;
};

#define PICKS_A_TASK 64

static void pick_block(void *arg, size_t task, size_t thread)
{
	const struct pick_args *p = arg;
	size_t in = p->w->shape[1], first = task * PICKS_A_TASK, end = first + block_len(p->n, PICKS_A_TASK, task);

	(void)thread;
	for (size_t j = first; j < end; j++)
		p->y[j] = p->k->isa->dot(p->x + p->row[j] * in, weight_row(p->w, p->id[j]), p->w->dtype, in);
}

void linear_pick_fwd(struct kern *k, float *y, const float *x, const struct tensor *w, const uint32_t *row,
	const uint32_t *id, size_t n)
{
	struct pick_args p = {.k = k, .y = y, .x = x, .w = w, .row = row, .id = id, .n = n};

	kern_run(k, n * w->shape[1] >= WORTH_SPLITTING, blocks_of(n, PICKS_A_TASK), pick_block, &p);
}

/* Fixed, so that the order of the sum over the vocabulary is the same for any number of threads. */
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
	size_t rows = a->l.rows, first = task * LSE_BLOCK, n = block_len(a->l.w->shape[0], LSE_BLOCK, task);
	float *z = kern_scratch(a->l.k, thread, rows * n + room_len(&a->l));

	panel_product(&a->l, z, n, first, n, z + rows * n);
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

	if (rows == 0)
		return;
	a.l.few = rows <= k->isa->product_rows;
	a.parts = (struct lse_part *)kern_shared(k, blocks * rows * (sizeof(struct lse_part) / sizeof(float)));
	kern_run(k, rows * w->shape[0] * w->shape[1] >= WORTH_SPLITTING, blocks, lse_block, &a);
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
