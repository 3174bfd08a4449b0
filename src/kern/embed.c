#include "kern/layers.h"
#include "kern_priv.h"

void embed_fwd(float *y, const struct tensor *table, const uint32_t *ids, size_t T)
{
	size_t C = table->shape[1];

	for (size_t t = 0; t < T; t++)
		dtype_widen(y + t * C, table->data, table->dtype, ids[t] * C, C);
}

void embed_add_fwd(struct kern *k, float *y, const struct tensor *table, const uint32_t *ids, size_t T)
{
	size_t C = table->shape[1];
	float *row = kern_scratch(k, 0, C);

	for (size_t t = 0; t < T; t++) {
		dtype_widen(row, table->data, table->dtype, ids[t] * C, C);
		k->isa->add(y + t * C, row, 1.0f, C);
	}
}

/* Columns are cut, not rows: a token may come several times. */
#define COLUMNS_A_TASK 64
#define WORTH_SPLITTING ((size_t)1 << 16) /* values */

struct embed_bwd_args {
	struct kern *k;
	float *dtable;
	const float *dy;
	const uint32_t *ids;
	size_t T, C;
};

static void embed_bwd_columns(void *arg, size_t task, size_t thread)
{
	const struct embed_bwd_args *e = arg;
	size_t first = task * COLUMNS_A_TASK, n = block_len(e->C, COLUMNS_A_TASK, task);

	(void)thread;
	for (size_t t = 0; t < e->T; t++)
		e->k->isa->add(e->dtable + e->ids[t] * e->C + first, e->dy + t * e->C + first, 1.0f, n);
}

void embed_bwd(struct kern *k, float *dtable, const float *dy, const uint32_t *ids, size_t T, size_t C)
{
	struct embed_bwd_args e = {.k = k, .dtable = dtable, .dy = dy, .ids = ids, .T = T, .C = C};

	kern_run(k, T * C >= WORTH_SPLITTING, blocks_of(C, COLUMNS_A_TASK), embed_bwd_columns, &e);
}
