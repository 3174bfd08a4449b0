/*
 * Lines: dots from point to point, marks at the points where these are few.
 */
#include <math.h>

#include "minmax.h"
#include "plot_priv.h"

#define MARK_CELLS 3 /* points that are so far apart on the mean have marks */
#define OPEN_PATTERN 0x3333

/* By look; ends meet, so that a dash goes on from one round to the next. */
static const uint16_t patterns[CHART_SERIES] = {0, 0x3f3f, 0x5555, 0x27ff, 0x0fff, 0x1111, 0x24ff, 0x0f0f};

/* Where in its pattern a sample of few dots begins, so that it has a gap and each looks like no other. */
static const unsigned sample_from[CHART_SERIES] = {0, 2, 0, 9, 9, 0, 7, 2};

/* Points that are seen; those outside of a part that is shown are not. */
static size_t seen(const struct plot *p, const struct chart_series *r)
{
	size_t n = 0;

	for (size_t i = 0; i < r->n; i++)
		n += chart_has_point(p->c, r, i) && r->x[i] >= p->x.low && r->x[i] <= p->x.high;
	return n;
}

/* All series of a chart have marks or none has. */
static bool has_marks(const struct plot *p)
{
	for (size_t s = 0; s < p->c->n_series; s++)
		if (seen(p, &p->c->series[s]) * MARK_CELLS > (size_t)p->in.w + MARK_CELLS)
			return false;
	return true;
}

static struct dots_pen pen_of(const struct plot *p, size_t series, bool marks)
{
	const struct chart_series *r = &p->c->series[series];
	struct dots_pen pen = {.style = plot_role(p, series), .layer = LAYER_SERIES, .by_column = !marks};

	pen.ascii = marks ? '.' : (char)plot_mark(p, series);
	if (r->faint) {
		pen.style = ROLE_FRAME;
		pen.layer = LAYER_FAINT;
		pen.ascii = '.';
	} else if (p->o->strong == series + 1) {
		pen.layer = LAYER_STRONG;
	}
	if (p->graph != GRAPH_ASCII && !r->faint)
		pen.pattern = r->open ? OPEN_PATTERN : marks ? 0 : patterns[r->look % CHART_SERIES];
	return pen;
}

static int dot_x(const struct plot *p, const struct dots *d, double v)
{
	return (int)lround(fmax(0, fmin(1, chart_axis_share(&p->x, v))) * (d->w - 1));
}

static bool is_seen(const struct plot *p, double x)
{
	double share = chart_axis_share(&p->x, x);

	return share >= 0 && share <= 1;
}

/* A point in shares of the axes. */
struct share {
	double x, y;
};

static void draw_segment(struct dots *d, struct dots_pen *pen, struct share a, struct share b)
{
	if (!chart_clip(&a.x, &a.y, &b.x, &b.y))
		return;
	dots_line(d, pen, (int)lround(a.x * (d->w - 1)), d->h - 1 - (int)lround(a.y * (d->h - 1)),
		(int)lround(b.x * (d->w - 1)), d->h - 1 - (int)lround(b.y * (d->h - 1)));
	pen->drawn--; /* the next one begins where this one ends */
}

static void draw_series(const struct plot *p, struct dots *d, size_t series, bool marks)
{
	const struct chart_series *r = &p->c->series[series];
	struct dots_pen pen = pen_of(p, series, marks);
	struct share last = {0, 0};
	bool before = false;

	for (size_t i = 0; i < r->n; i++) {
		struct share here;

		if (!chart_has_point(p->c, r, i)) {
			before = false;
			continue;
		}
		here = (struct share){chart_axis_share(&p->x, r->x[i]), chart_axis_share(&p->y, r->y[i])};
		draw_segment(d, &pen, before ? last : here, here);
		last = here;
		before = true;
	}
}

static void draw_intervals(const struct plot *p, struct dots *d, size_t series)
{
	const struct chart_series *r = &p->c->series[series];
	struct dots_pen pen = {.style = plot_role(p, series), .layer = LAYER_INTERVAL, .ascii = '|'};

	for (size_t i = 0; r->low && r->high && i < r->n; i++)
		if (chart_has_point(p->c, r, i) && !isnan(r->low[i]) && !isnan(r->high[i]) && is_seen(p, r->x[i])) {
			int x = dot_x(p, d, r->x[i]);

			dots_line(d, &pen, x, plot_dot_y(p, d, r->low[i]), x, plot_dot_y(p, d, r->high[i]));
		}
}

/* The mark of a point; what lies beyond the axis points there. */
static void draw_mark(const struct plot *p, const struct dots *d, size_t series, size_t i)
{
	const struct chart_series *r = &p->c->series[series];
	int x = p->in.x + dot_x(p, d, r->x[i]) / d->per_x, y = p->in.y + plot_dot_y(p, d, r->y[i]) / d->per_y;

	if (isinf(r->y[i]))
		canvas_put(p->canvas, x, y, plot_role(p, series) | STYLE_STRONG,
			r->y[i] < 0 ? GLYPH_MORE_DOWN : GLYPH_MORE_UP);
	else
		canvas_char(p->canvas, x, y, plot_role(p, series), plot_mark(p, series));
}

/* Marks, the strong series' last. Where points are many, only those at the cursor and the infinite ones. */
static void draw_marks(const struct plot *p, const struct dots *d, bool marks, bool strong)
{
	double cursor = p->o->has_cursor ? plot_move(p->c, p->o->cursor, 0) : (double)NAN;

	for (size_t s = 0; s < p->c->n_series; s++) {
		const struct chart_series *r = &p->c->series[s];

		if ((p->o->strong == s + 1) != strong || r->faint)
			continue;
		for (size_t i = 0; i < r->n; i++)
			if (chart_has_point(p->c, r, i) && is_seen(p, r->x[i]) &&
				(marks || isinf(r->y[i]) || r->x[i] == cursor))
				draw_mark(p, d, s, i);
	}
}

static void draw_cursor(const struct plot *p, const struct dots *d)
{
	int x;

	if (!p->o->has_cursor || !is_seen(p, p->o->cursor))
		return;
	x = p->in.x + dot_x(p, d, p->o->cursor) / d->per_x;
	for (int y = p->in.y; y < p->in.y + p->in.h; y++)
		canvas_put(p->canvas, x, y, ROLE_FRAME, GLYPH_VERTICAL);
	if (p->axis_row)
		canvas_put(p->canvas, x, p->in.y + p->in.h, ROLE_HOT, GLYPH_MORE_UP);
}

static void draw_ticks(const struct plot *p, const struct dots *d)
{
	int free_from = p->area.x, y = p->in.y + p->in.h;

	for (size_t i = 0; p->axis_row && i < p->x.n; i++) {
		int at = p->in.x + dot_x(p, d, p->x.ticks[i]) / d->per_x, w, x;
		struct buf b = {0};

		chart_axis_label(&p->x, i, false, &b);
		w = canvas_width(p->canvas, buf_str(&b));
		x = at - w / 2;
		x = max(min(x, p->area.x + p->area.w - w), p->area.x);
		canvas_put(p->canvas, at, y, ROLE_FRAME, GLYPH_TICK_BELOW);
		if (w <= p->area.w && x >= free_from) {
			canvas_text(p->canvas, x, y + 1, w, ROLE_DIM, buf_str(&b));
			free_from = x + w + 1;
		}
		buf_release(&b);
	}
}

void plot_lines(struct plot *p)
{
	bool marks = has_marks(p);
	struct dots d;

	dots_init(&d, p->graph, p->in.w, p->in.h);
	if (d.w < 1 || d.h < 1) {
		dots_release(&d);
		return;
	}
	draw_ticks(p, &d);
	draw_cursor(p, &d);
	plot_zero_line(p, &d);
	for (size_t s = 0; s < p->c->n_series; s++)
		draw_intervals(p, &d, s);
	for (size_t s = 0; s < p->c->n_series; s++)
		draw_series(p, &d, s, marks);
	dots_draw(&d, p->canvas, p->in.x, p->in.y);
	draw_marks(p, &d, marks, false);
	draw_marks(p, &d, marks, true);
	dots_release(&d);
}

void plot_lines_sample(const struct plot *p, size_t series, int x, int y)
{
	bool marks = has_marks(p);
	struct dots_pen pen = pen_of(p, series, marks);
	struct dots d;

	if (pen.by_column) {
		pen.by_column = false;
		pen.drawn = sample_from[p->c->series[series].look % CHART_SERIES];
	}
	dots_init(&d, p->graph, PLOT_SAMPLE, 1);
	dots_line(&d, &pen, 0, d.h / 2, d.w - 1, d.h / 2);
	dots_draw(&d, p->canvas, x, y);
	if (marks)
		canvas_char(p->canvas, x + PLOT_SAMPLE / 2, y, plot_role(p, series), plot_mark(p, series));
	dots_release(&d);
}
