#include "kern/layers.h"
#include "kern_priv.h"

#define VALUES_A_TASK ((size_t)1 << 13)
#define WORTH_SPLITTING ((size_t)1 << 15)

struct swiglu_args {
	struct kern *k;
	float *y;
	const float *gate, *up;
	size_t n;
};

static void swiglu_block(void *arg, size_t task, size_t thread)
{
	const struct swiglu_args *s = arg;
	size_t at = task * VALUES_A_TASK;

	(void)thread;
	s->k->isa->swiglu(s->y + at, s->gate + at, s->up + at, block_len(s->n, VALUES_A_TASK, task));
}

void swiglu_fwd(struct kern *k, float *y, const float *gate, const float *up, size_t n)
{
	struct swiglu_args s = {.k = k, .y = y, .gate = gate, .up = up, .n = n};

	kern_run(k, n >= WORTH_SPLITTING, blocks_of(n, VALUES_A_TASK), swiglu_block, &s);
}

struct swiglu_bwd_args {
	struct kern *k;
	float *dgate, *dup;
	const float *dy, *gate, *up;
	size_t n;
};

static void swiglu_bwd_block(void *arg, size_t task, size_t thread)
{
	const struct swiglu_bwd_args *s = arg;
	size_t at = task * VALUES_A_TASK;

	(void)thread;
	s->k->isa->swiglu_bwd(
		s->dgate + at, s->dup + at, s->dy + at, s->gate + at, s->up + at, block_len(s->n, VALUES_A_TASK, task));
}

void swiglu_bwd(struct kern *k, float *dgate, float *dup, const float *dy, const float *gate, const float *up, size_t n)
{
	struct swiglu_bwd_args s = {.k = k, .dgate = dgate, .dup = dup, .dy = dy, .gate = gate, .up = up, .n = n};

	kern_run(k, n >= WORTH_SPLITTING, blocks_of(n, VALUES_A_TASK), swiglu_bwd_block, &s);
}

struct gelu_args {
	struct kern *k;
	float *y;        /* dx on the way back */
	const float *dy; /* NULL: forward */
	const float *x;
	size_t n;
};

static void gelu_block(void *arg, size_t task, size_t thread)
{
	const struct gelu_args *g = arg;
	size_t at = task * VALUES_A_TASK, n = block_len(g->n, VALUES_A_TASK, task);

	(void)thread;
	if (g->dy)
		g->k->isa->gelu_bwd(g->y + at, g->dy + at, g->x + at, n);
	else
		g->k->isa->gelu(g->y + at, g->x + at, n);
}

void gelu_fwd(struct kern *k, float *y, const float *x, size_t n)
{
	struct gelu_args g = {.k = k, .y = y, .x = x, .n = n};

	kern_run(k, n >= WORTH_SPLITTING, blocks_of(n, VALUES_A_TASK), gelu_block, &g);
}

void gelu_bwd(struct kern *k, float *dx, const float *dy, const float *x, size_t n)
{
	struct gelu_args g = {.k = k, .y = dx, .dy = dy, .x = x, .n = n};

	kern_run(k, n >= WORTH_SPLITTING, blocks_of(n, VALUES_A_TASK), gelu_block, &g);
}
