#include <math.h>

#include "kern/adamw.h"
#include "kern_priv.h"

#define VALUES_A_TASK ((size_t)1 << 13)
#define WORTH_SPLITTING ((size_t)1 << 15)

struct adamw_args {
	struct kern *k;
	float *w, *m, *v;
	const float *g;
	struct adamw_by by;
	size_t n;
};

static void adamw_block(void *arg, size_t task, size_t thread)
{
	const struct adamw_args *a = arg;
	size_t at = task * VALUES_A_TASK;

	(void)thread;
	a->k->isa->adamw(a->w + at, a->m + at, a->v + at, a->g + at, &a->by, block_len(a->n, VALUES_A_TASK, task));
}

void adamw_update(
	struct kern *k, float *w, float *m, float *v, const float *g, const struct adamw *a, double by, size_t n)
{
	struct adamw_args args = {.k = k, .w = w, .m = m, .v = v, .g = g, .n = n};

	args.by = (struct adamw_by){
		.g = (float)by,
		.keep = (float)(1.0 - a->lr * a->weight_decay),
		.beta1 = (float)a->beta1,
		.beta2 = (float)a->beta2,
		.part1 = (float)(1.0 - a->beta1),
		.part2 = (float)(1.0 - a->beta2),
		.step = (float)(a->lr / (1.0 - pow(a->beta1, (double)a->step))),
		.root = (float)(1.0 / sqrt(1.0 - pow(a->beta2, (double)a->step))),
		.eps = (float)a->eps,
	};
	kern_run(k, n >= WORTH_SPLITTING, blocks_of(n, VALUES_A_TASK), adamw_block, &args);
}

struct squares_args {
	struct kern *k;
	const float *x;
	double *sums; /* one a task */
	size_t n;
};

static void squares_block(void *arg, size_t task, size_t thread)
{
	const struct squares_args *s = arg;

	(void)thread;
	s->sums[task] = s->k->isa->sum_squares(s->x + task * VALUES_A_TASK, block_len(s->n, VALUES_A_TASK, task));
}

double sum_squares(struct kern *k, const float *x, size_t n)
{
	struct squares_args s = {.k = k, .x = x, .n = n};
	size_t blocks = blocks_of(n, VALUES_A_TASK);
	double sum = 0.0;

	s.sums = (double *)kern_shared(k, blocks * (sizeof(double) / sizeof(float)));
	kern_run(k, n >= WORTH_SPLITTING, blocks, squares_block, &s);
	for (size_t i = 0; i < blocks; i++)
		sum += s.sums[i];
	return sum;
}
