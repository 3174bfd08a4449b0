/*
 * Boxes of five numbers: whiskers, the middle half, the median.
 */
#include <math.h>

#include "plot_priv.h"

static void upright(struct dots *d, struct dots_pen *pen, const struct plot *p, int x, double from, double to)
{
	pen->ascii = '|';
	dots_line(d, pen, x, plot_dot_y(p, d, from), x, plot_dot_y(p, d, to));
}

static void level(struct dots *d, struct dots_pen *pen, const struct plot *p, int x0, int x1, double v, char ascii)
{
	pen->ascii = ascii;
	dots_line(d, pen, x0, plot_dot_y(p, d, v), x1, plot_dot_y(p, d, v));
}

/* The box of one category and series, `each` cells wide from column x of the raster on. */
static void draw_box(const struct plot *p, struct dots *d, size_t series, const double y[5], int x, int each)
{
	struct dots_pen pen = {.style = plot_role(p, series), .layer = LAYER_SERIES};
	struct dots_pen bold = {.style = ROLE_TEXT | STYLE_STRONG, .layer = LAYER_STRONG};
	int left = x * d->per_x, right = (x + each) * d->per_x - 1, middle = left + (right - left) / 2;

	if (each > 2 && p->graph != GRAPH_ASCII)
		right--;
	upright(d, &pen, p, middle, y[0], y[1]);
	upright(d, &pen, p, middle, y[3], y[4]);
	upright(d, &pen, p, left, y[1], y[3]);
	upright(d, &pen, p, right, y[1], y[3]);
	level(d, &pen, p, left, right, y[1], '-');
	level(d, &pen, p, left, right, y[3], '-');
	level(d, &bold, p, left, right, y[2], '=');
}

static bool is_there(const double y[5])
{
	for (size_t k = 0; k < 5; k++)
		if (isnan(y[k]))
			return false;
	return true;
}

void plot_boxes(struct plot *p)
{
	struct plot_bands b = plot_bands(p);
	struct dots d;

	dots_init(&d, p->graph, p->in.w, p->in.h);
	if (d.w < 1 || d.h < 1) {
		dots_release(&d);
		return;
	}
	plot_zero_line(p, &d);
	for (size_t s = 0; s < p->c->n_series; s++) {
		const struct chart_series *r = &p->c->series[s];

		for (size_t i = 0; i < r->n && i < p->shown; i++)
			if (is_there(r->y + 5 * i))
				draw_box(p, &d, s, r->y + 5 * i, plot_slot(p, &b, i, s) - p->in.x, b.each);
	}
	dots_draw(&d, p->canvas, p->in.x, p->in.y);
	plot_categories(p, &b);
	dots_release(&d);
}
