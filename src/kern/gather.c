#include <string.h>

#include "kern/layers.h"
#include "kern_priv.h"

#define ROWS_A_TASK 64
#define WORTH_SPLITTING ((size_t)1 << 16) /* values */

struct gather_args {
	float *to;
	const float *from;
	const uint32_t *ids;
	size_t n, T, C;
};

static void gather_block(void *arg, size_t task, size_t thread)
{
	const struct gather_args *g = arg;
	size_t first = task * ROWS_A_TASK, rows = block_len(g->n, ROWS_A_TASK, task);

	(void)thread;
	if (g->ids == NULL) {
		memcpy(g->to + first * g->C, g->from + first * g->C, rows * g->C * sizeof(*g->to));
		return;
	}
	for (size_t i = first; i < first + rows; i++)
		memcpy(g->to + i * g->C, g->from + g->ids[i] * g->C, g->C * sizeof(*g->to));
}

void gather_fwd(struct kern *k, float *y, const float *x, const uint32_t *ids, size_t n, size_t C)
{
	struct gather_args g = {.to = y, .from = x, .ids = ids, .n = n, .C = C};

	kern_run(k, n * C >= WORTH_SPLITTING, blocks_of(n, ROWS_A_TASK), gather_block, &g);
}

/* The first id that is not below `row`. */
static size_t id_from(const struct gather_args *g, size_t row)
{
	size_t low = 0, high = g->n;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (g->ids[middle] < row)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

static void scatter_block(void *arg, size_t task, size_t thread)
{
	const struct gather_args *g = arg;
	size_t first = task * ROWS_A_TASK, end = first + block_len(g->T, ROWS_A_TASK, task), i = id_from(g, first);

	(void)thread;
	for (size_t t = first; t < end; t++) {
		float *to = g->to + t * g->C;

		if (i < g->n && g->ids[i] == t)
			memcpy(to, g->from + i++ * g->C, g->C * sizeof(*to));
		else
			memset(to, 0, g->C * sizeof(*to));
	}
}

void gather_bwd(struct kern *k, float *dx, const float *dy, const uint32_t *ids, size_t n, size_t T, size_t C)
{
	struct gather_args g = {.to = dx, .from = dy, .ids = ids, .n = n, .T = T, .C = C};

	kern_run(k, T * C >= WORTH_SPLITTING, blocks_of(T, ROWS_A_TASK), scatter_block, &g);
}
