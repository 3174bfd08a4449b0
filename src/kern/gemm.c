#include "kern_priv.h"

/* Multiplications and additions below which waking the pool costs more than it gives. */
#define WORTH_SPLITTING ((size_t)1 << 16)

/* Pieces that are never cut, since the bits of sgemm may depend on their size. */
#define FIXED_ROWS 480
#define FIXED_COLUMNS 288

/*
 * Elsewhere every thread has several pieces of one size, so that they end together. But where the steps of a are far
 * apart, in a weight's gradient, the sums are long, and every piece has to bring all steps of its part of a and b into
 * order: then a thread has one piece.
 */
#define PIECES_A_THREAD 3
#define LEAST_ROWS 64
#define LEAST_COLUMNS 192
#define LEAST_COLUMNS_FAR 64
#define WHOLE_ROWS 12    /* tiles of every instruction set */
#define WHOLE_COLUMNS 16 /* lines of the cache */

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
	g.b_first += column * g.b_column;
	g.room = kern_scratch(a->k, thread, GEMM_ROOM);
	a->k->isa->gemm(&g);
	for (r = 0; a->bias && r < g.rows; r++)
		a->k->isa->add(g.y + r * g.ldy, a->bias + column, 1.0f, g.columns);
}

/* Pieces of at least that size that n is cut into, but at most so many, and at least one. */
static size_t pieces_of(size_t n, size_t least, size_t most)
{
	size_t pieces = n / least;

	if (pieces > most)
		return most;
	return pieces > 0 ? pieces : 1;
}

static size_t piece_size(size_t n, size_t pieces, size_t whole)
{
	return blocks_of(blocks_of(n, pieces), whole) * whole;
}

/* First across, so that b is copied but once; or, where a is to be copied too, the wider of the two is cut. */
static void cut(struct gemm_args *a)
{
	bool far = a->g.a_step != 1;
	size_t threads = a->k->threads, want = far || threads == 1 ? threads : PIECES_A_THREAD * threads;
	size_t least = far ? LEAST_COLUMNS_FAR : LEAST_COLUMNS, across, down;

	if (!a->k->isa->gemm_any_cut) {
		a->rows = FIXED_ROWS;
		a->columns = FIXED_COLUMNS;
		return;
	}
	if (far && a->g.rows > a->g.columns) {
		down = pieces_of(a->g.rows, LEAST_ROWS, want);
		across = pieces_of(a->g.columns, least, blocks_of(want, down));
	} else {
		across = pieces_of(a->g.columns, least, want);
		down = pieces_of(a->g.rows, LEAST_ROWS, blocks_of(want, across));
	}
	while (down > 1 && across * down > threads && across * down % threads != 0)
		down--;
	a->rows = piece_size(a->g.rows, down, WHOLE_ROWS);
	a->columns = piece_size(a->g.columns, across, WHOLE_COLUMNS);
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
