#include "dots.h"

#include <stdlib.h>

#include "base/mem.h"
#include "minmax.h"

void dots_init(struct dots *d, enum graph_kind graph, int cells_w, int cells_h)
{
	cells_w = max(cells_w, 0);
	cells_h = max(cells_h, 0);
	*d = (struct dots){
		.graph = graph,
		.per_x = graph == GRAPH_ASCII ? 1 : 2,
		.per_y = graph == GRAPH_ASCII   ? 1
			 : graph == GRAPH_BLOCK ? 2
						: 4,
		.cells_w = cells_w,
		.cells_h = cells_h,
	};
	d->w = cells_w * d->per_x;
	d->h = cells_h * d->per_y;
	if (d->w > 0 && d->h > 0)
		d->cells = xcalloc((size_t)cells_w * (size_t)cells_h, sizeof(*d->cells));
}

void dots_release(struct dots *d)
{
	free(d->cells);
	*d = (struct dots){0};
}

/* Of the dot's place within its cell. Braille numbers the upper three rows down the columns, the last row after them.
 */
static uint8_t bit_of(const struct dots *d, int x, int y)
{
	static const uint8_t braille[4][2] = {{0x01, 0x08}, {0x02, 0x10}, {0x04, 0x20}, {0x40, 0x80}};

	x %= d->per_x;
	y %= d->per_y;
	return d->graph == GRAPH_BRAILLE ? braille[y][x] : (uint8_t)(1u << (y * d->per_x + x));
}

static void set_dot(struct dots *d, const struct dots_pen *pen, int x, int y)
{
	struct dots_cell *cell;

	if (x < 0 || y < 0 || x >= d->w || y >= d->h)
		return;
	cell = &d->cells[y / d->per_y * d->cells_w + x / d->per_x];
	if (cell->bits && pen->layer < cell->layer)
		return;
	if (pen->layer > cell->layer)
		cell->bits = 0;
	cell->layer = pen->layer;
	cell->style = (uint8_t)pen->style;
	cell->ascii = pen->ascii;
	cell->bits |= bit_of(d, x, y);
}

static void draw_next(struct dots *d, struct dots_pen *pen, int x, int y)
{
	unsigned i = pen->by_column ? (unsigned)x : pen->drawn;

	pen->drawn++;
	if (pen->pattern == 0 || (pen->pattern >> i % DOTS_PATTERN & 1))
		set_dot(d, pen, x, y);
}

/* Bresenham's: the error is kept in halves of a dot. */
void dots_line(struct dots *d, struct dots_pen *pen, int x0, int y0, int x1, int y1)
{
	int dx = abs(x1 - x0), dy = -abs(y1 - y0), error = dx + dy;
	int step_x = x0 < x1 ? 1 : -1, step_y = y0 < y1 ? 1 : -1;

	for (;;) {
		int twice = 2 * error;

		draw_next(d, pen, x0, y0);
		if (x0 == x1 && y0 == y1)
			return;
		if (twice >= dy) {
			error += dy;
			x0 += step_x;
		}
		if (twice <= dx) {
			error += dx;
			y0 += step_y;
		}
	}
}

/* Quarter blocks by their bits: upper left 1, upper right 2, lower left 4, lower right 8. */
static const uint16_t quarters[16] = {' ', 0x2598, 0x259d, 0x2580, 0x2596, 0x258c, 0x259e, 0x259b, 0x2597, 0x259a,
	0x2590, 0x259c, 0x2584, 0x2599, 0x259f, 0x2588};

static uint32_t character(const struct dots *d, const struct dots_cell *cell)
{
	switch (d->graph) {
	case GRAPH_BRAILLE:
		return 0x2800u + cell->bits;
	case GRAPH_BLOCK:
		return quarters[cell->bits & 15];
	default:
		return (unsigned char)cell->ascii;
	}
}

void dots_draw(const struct dots *d, struct canvas *c, int x, int y)
{
	for (int j = 0; j < d->cells_h && d->w > 0; j++)
		for (int i = 0; i < d->cells_w; i++) {
			const struct dots_cell *cell = &d->cells[j * d->cells_w + i];

			if (cell->bits)
				canvas_char(c, x + i, y + j, cell->style, character(d, cell));
		}
}
