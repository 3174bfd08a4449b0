#include "kern_priv.h"

/* Multiplications and additions below which waking the pool costs more than it gives. */
#define WORTH_SPLITTING ((size_t)1 << 16)

/* Pieces that are never cut, since the bits of sgemm may depend on their size. */
#define FIXED_ROWS 480
#define FIXED_COLUMNS 288

/*
 * Elsewhere there are this many pieces a thread, so that the last ones end together; but of rows and columns enough
 * that copying a and b into order is little beside multiplying them. Columns are whole panels for every instruction
 * set.
 */
#define PIECES_A_THREAD 6
#define LEAST_ROWS 96
#define LEAST_COLUMNS 192

struct gemm_args {
	struct kern *k;
	struct gemm g;
	const float *bias;
	size_t rows, columns; /* of a piece */
	size_t pieces_across; /* columns / pieces */
};

static void gemm_piece(void *arg, size_t task, size_t thread)
{
	const struct gemm_args *a = arg;
	struct gemm g = a->g;
	size_t r = task / a->pieces_across, c = task % a->pieces_across, column = c * a->columns;

	g.rows = block_len(a->g.rows, a->rows, r);
	g.columns = block_len(a->g.columns, a->columns, c);
	g.y += r * a->rows * g.ldy + column;
	g.a += r * a->rows * g.a_row;
	g.b = weight_at(g.b, g.type, column * g.b_column);
	g.room = kern_scratch(a->k, thread, GEMM_ROOM);
	a->k->isa->gemm(&g);
	for (r = 0; a->bias && r < g.rows; r++)
		a->k->isa->add(g.y + r * g.ldy, a->bias + column, 1.0f, g.columns);
}

static size_t at_least(size_t a, size_t b)
{
	return a > b ? a : b;
}

/* First across, so that what a piece copies of b serves many rows. */
static void cut(struct gemm_args *a)
{
	size_t want = a->k->threads == 1 ? 1 : PIECES_A_THREAD * a->k->threads, groups, down;

	if (!a->k->isa->gemm_any_cut) {
		a->rows = FIXED_ROWS;
		a->columns = FIXED_COLUMNS;
		return;
	}
	groups = blocks_of(a->g.columns, LEAST_COLUMNS);
	a->columns = blocks_of(groups, groups < want ? groups : want) * LEAST_COLUMNS;
	down = blocks_of(want, blocks_of(a->g.columns, a->columns));
	a->rows = at_least(blocks_of(a->g.rows, down), LEAST_ROWS);
}

void gemm_run(struct kern *k, const struct gemm *g, const float *bias)
{
	struct gemm_args a = {.k = k, .g = *g, .bias = bias};

	if (g->rows == 0)
		return;
	cut(&a);
	a.pieces_across = blocks_of(g->columns, a.columns);
	kern_run(k, g->rows * g->n * g->columns >= WORTH_SPLITTING, blocks_of(g->rows, a.rows) * a.pieces_across,
		gemm_piece, &a);
}
