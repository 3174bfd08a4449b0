/*
 * Products of many rows, after Goto and van de Geijn (2008): b is copied, in the order in which it is read, into panels
 * as wide as a tile and GEMM_DEPTH deep, and used from there by all rows.
 *
 *            panel 0        panel 1        rest
 *   step 0   c0 c1 … c63 |  c64 … c127 |   …        GEMM_DEPTH steps of PANEL columns a panel
 *   step 1   c0 c1 … c63 |  …
 *
 * The sum of an output is cut by its length only, so its bits do not depend on the rows and columns beside it.
 */

#define PANEL (MIX_V * VL)
#define PANELS (GEMM_COLUMNS / PANEL)
#define CACHE_LINE 16 /* floats */

/* Where a has to be copied into order anyway, rows of b that are so short are as good as a panel. */
#define GEMM_NEAR 256

/* Rows, columns or steps of a sum that follow each other. */
struct span {
	size_t first, n;
};

/* A panel of a b whose columns are contiguous: a weight matrix in the forward direction. As many columns are turned at
 * once as make a line of the panel. */
static void panel_of_columns(float *panel, const struct gemm *g, struct span step, struct span column, float *wide)
{
	for (size_t c = 0; c < column.n; c += CACHE_LINE) {
		size_t n = block_len(column.n, CACHE_LINE, c / CACHE_LINE),
		       at = g->b_first + (column.first + c) * g->b_column + step.first;
		const float *from = wide;
		size_t ld = GEMM_DEPTH;

		if (g->type == DTYPE_F32) {
			from = (const float *)g->b + at;
			ld = g->b_column;
		} else {
			for (size_t i = 0; i < n; i++)
				widen(wide + i * GEMM_DEPTH, g->b, g->type, at + i * g->b_column, step.n);
		}
		turn(panel + c, PANEL, from, ld, n, step.n);
	}
}

static void panel_of_rows(float *panel, const struct gemm *g, struct span step, struct span column)
{
	for (size_t i = 0; i < step.n; i++)
		widen(panel + i * PANEL, g->b, g->type, g->b_first + (step.first + i) * g->b_step + column.first,
			column.n);
}

/* Panel i of n columns: of nearly the same width, in whole vectors, and the rest of a vector as the last. */
static struct span panel_at(size_t n, size_t i)
{
	size_t vectors = n / VL, parts = blocks_of(vectors, MIX_V), first = i * vectors / (parts ? parts : 1);

	if (i == parts)
		return (struct span){vectors * VL, n % VL};
	return (struct span){first * VL, ((i + 1) * vectors / parts - first) * VL};
}

static size_t panel_count(size_t n)
{
	return blocks_of(n / VL, MIX_V) + (n % VL > 0);
}

/* Rows of a whose steps are far apart, copied so that a tile reads them one after the other: [tiles][steps][MIX_X]. */
static void lay_rows(float *to, const struct gemm *g, struct span row, struct span step)
{
	for (size_t i = 0; i < step.n; i++, to += MIX_X) {
		const float *from = g->a + row.first + (step.first + i) * g->a_step;
		size_t r;

		for (r = 0; r + MIX_X <= row.n; r += MIX_X)
			memcpy(to + r * step.n, from + r, MIX_X * sizeof(*to));
		for (size_t b = 0; r + b < row.n; b++)
			to[r * step.n + b] = from[r + b];
	}
}

/* One depth of the sums, and the columns whose panels there is room for. */
struct block {
	const struct gemm *g;
	struct span step, column;
	bool in_place; /* b is read where it is */
	float *panels; /* [PANELS][GEMM_DEPTH][PANEL] */
	float *rows;   /* [GEMM_ROWS, GEMM_DEPTH], unless the steps of a are contiguous */
	float *wide;   /* [CACHE_LINE, GEMM_DEPTH] */
};

static void lay_panels(const struct block *k)
{
	for (size_t i = 0; i < panel_count(k->column.n); i++) {
		struct span part = panel_at(k->column.n, i);
		float *panel = k->panels + i * GEMM_DEPTH * PANEL;

		part.first += k->column.first;
		if (k->g->b_step == 1)
			panel_of_columns(panel, k->g, k->step, part, k->wide);
		else
			panel_of_rows(panel, k->g, k->step, part);
	}
}

/* The rows of a that the next tile reads: what comes from afar is too scattered for the machine to see it coming. */
static void fetch_rows(const struct block *k, size_t first)
{
	for (size_t r = first; r < first + MIX_X && r < k->g->rows; r++)
		for (size_t i = 0; i < k->step.n; i += CACHE_LINE)
			__builtin_prefetch(k->g->a + r * k->g->a_row + k->step.first + i);
}

/* Tiles of one panel and the rows given. */
static void tiles_of_panel(const struct block *k, struct span row, size_t i)
{
	const struct gemm *g = k->g;
	struct span part = panel_at(k->column.n, i);
	size_t c = k->column.first + part.first;
	bool laid = g->a_step != 1;
	struct mix m = {
		.ldy = g->ldy,
		.s_row = laid ? 1 : g->a_row,
		.s_step = laid ? MIX_X : 1,
		.v = k->in_place ? (const float *)g->b + g->b_first + k->step.first * g->b_step + c
				 : k->panels + i * GEMM_DEPTH * PANEL,
		.ldv = k->in_place ? g->b_step : PANEL,
		.n = k->step.n,
		.add = g->add || k->step.first > 0,
	};

	for (size_t r = 0; r < row.n; r += MIX_X) {
		if (!laid && i == 0)
			fetch_rows(k, row.first + r + MIX_X);
		m.y = g->y + (row.first + r) * g->ldy + c;
		m.s = laid ? k->rows + r * k->step.n : g->a + (row.first + r) * g->a_row + k->step.first;
		mixes[row.n - r < MIX_X ? row.n - r : MIX_X][part.n / VL](&m, 0, 0, part.n % VL);
	}
}

static void gemm_block(const struct block *k)
{
	if (!k->in_place)
		lay_panels(k);
	for (size_t r = 0; r < k->g->rows; r += GEMM_ROWS) {
		struct span row = {r, block_len(k->g->rows, GEMM_ROWS, r / GEMM_ROWS)};

		if (k->g->a_step != 1)
			lay_rows(k->rows, k->g, row, k->step);
		for (size_t i = 0; i < panel_count(k->column.n); i++)
			tiles_of_panel(k, row, i);
	}
}

/* The columns are cut so that a rest of less than a vector has a panel, too. */
static void gemm(const struct gemm *g)
{
	const size_t columns = (PANELS - 1) * PANEL;
	struct block k = {.g = g, .panels = g->room};

	k.rows = k.panels + PANELS * PANEL * GEMM_DEPTH;
	k.wide = k.rows + GEMM_ROWS * GEMM_DEPTH;
	k.in_place = g->type == DTYPE_F32 && g->b_column == 1 && g->b_step <= GEMM_NEAR && g->a_step != 1;
	for (size_t c = 0; c < g->columns; c += columns) {
		for (size_t i = 0; i < g->n; i += GEMM_DEPTH) {
			k.column = (struct span){c, block_len(g->columns, columns, c / columns)};
			k.step = (struct span){i, block_len(g->n, GEMM_DEPTH, i / GEMM_DEPTH)};
			gemm_block(&k);
		}
	}
}
