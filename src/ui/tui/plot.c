/*
 * What all charts have: room, axes, ticks and the legend; and what the cursor says.
 */
#include "plot_priv.h"

#include <math.h>

#include "minmax.h"

/* Lines of an area from which on a chart has … */
#define AXIS_H 4       /* an axis below with its labels */
#define HEAD_H 6       /* a line for the legend and the title of y */
#define X_TITLE_H 9    /* the title of x */
#define LEGEND_SHARE 4 /* of its lines, the legend takes one in so many at most */
#define LEAST_W 10     /* cells of the values, before labels of y have room */
#define ENTRY_GAP 2
#define LEGEND_W 8 /* from this width on it says something */

static bool is_strong(const struct plot *p, size_t series)
{
	return p->o->strong == series + 1;
}

unsigned plot_role(const struct plot *p, size_t series)
{
	unsigned role = ROLE_SERIES_1 + (unsigned)(p->c->series[series].look % CHART_SERIES);

	if (p->o->strong > 0 && p->o->strong <= p->c->n_series && !is_strong(p, series))
		return ROLE_FRAME;
	return is_strong(p, series) ? role | STYLE_STRONG : role;
}

uint32_t plot_mark(const struct plot *p, size_t series)
{
	static const char ascii[2][CHART_SERIES] = {
		{'*', 'o', 'x', '+', '#', '@', '%', '&'}, {'~', 'e', 's', 't', 'n', 'a', 'd', 'q'}};
	static const uint16_t full[CHART_SERIES] = {0x25cf, 0x25a0, 0x25b2, 0x25c6, 0x25bc, 0x25c9, 0x25a3, 0x25c8};
	static const uint16_t open[CHART_SERIES] = {0x25cb, 0x25a1, 0x25b3, 0x25c7, 0x25bd, 0x25ce, 0x25a2, 0x25ca};
	size_t look = p->c->series[series].look % CHART_SERIES;

	if (p->graph == GRAPH_ASCII)
		return (unsigned char)ascii[p->c->series[series].open][look];
	return p->c->series[series].open ? open[look] : full[look];
}

/* A value of lines and boxes in a readout has as many decimals as tell neighbours apart. */
static int decimals_of(double v)
{
	double a = fabs(v);

	return v == floor(v) && a < 1e6 ? 0 : a >= 100 ? 1 : a >= 0.1 || a == 0 ? 3 : 6;
}

void plot_value(const struct chart *c, double v, bool bare, struct buf *out)
{
	if (c->percent && bare)
		chart_number(100 * v, 1, out);
	else
		chart_tick_label(v, c->percent ? 3 : decimals_of(v), c->percent, out);
}

int plot_dot_y(const struct plot *p, const struct dots *d, double v)
{
	double share = fmax(0, fmin(1, chart_axis_share(&p->y, v)));

	return d->h - 1 - (int)lround(share * (d->h - 1));
}

void plot_zero_line(const struct plot *p, struct dots *d)
{
	struct dots_pen pen = {.style = ROLE_DIM, .layer = LAYER_GROUND, .ascii = '-', .pattern = 0x5555};

	if (!p->c->zero_line || p->y.log || d->h < 1 || d->w < 1)
		return;
	if (p->graph == GRAPH_ASCII)
		pen.pattern = 0;
	dots_line(d, &pen, 0, plot_dot_y(p, d, 0), d->w - 1, plot_dot_y(p, d, 0));
}

/* The legend. */

static const char *name_of(const struct plot *p, size_t series)
{
	return p->c->series[series].name ? p->c->series[series].name : "";
}

static bool is_named(const struct plot *p, size_t series)
{
	return !p->c->series[series].faint;
}

static bool has_legend(const struct plot *p)
{
	size_t n = 0;

	for (size_t s = 0; s < p->c->n_series; s++)
		n += is_named(p, s);
	return n > 1 && p->area.w >= LEGEND_W;
}

static int entry_width(const struct plot *p, size_t series)
{
	return PLOT_SAMPLE + 1 + canvas_width(p->canvas, name_of(p, series));
}

static void draw_sample(const struct plot *p, size_t series, int x, int y)
{
	if (p->c->kind == CHART_LINES) {
		plot_lines_sample(p, series, x, y);
		return;
	}
	for (int i = 0; i < PLOT_SAMPLE - 1; i++)
		canvas_char(p->canvas, x + 1 + i, y, plot_role(p, series), plot_fill(p, series));
}

/* Cells of the legend in one line. */
static int legend_width(const struct plot *p)
{
	int w = -ENTRY_GAP;

	for (size_t s = 0; s < p->c->n_series; s++)
		if (is_named(p, s))
			w += entry_width(p, s) + ENTRY_GAP;
	return w;
}

/* Draws the legend into at most `lines` lines, or only counts those it takes. */
static int legend(const struct plot *p, struct rect r, bool draw)
{
	int x = 0, y = 0;

	for (size_t s = 0; s < p->c->n_series; s++) {
		int w = entry_width(p, s);

		if (!is_named(p, s))
			continue;
		if (x > 0 && x + w > r.w) {
			x = 0;
			y++;
		}
		if (draw && y < r.h) {
			unsigned style = p->o->strong == 0 ? ROLE_TEXT
					 : is_strong(p, s) ? ROLE_TEXT | STYLE_STRONG
							   : ROLE_DIM;

			draw_sample(p, s, r.x + x, r.y + y);
			canvas_text(p->canvas, r.x + x + PLOT_SAMPLE + 1, r.y + y, r.w - x - PLOT_SAMPLE - 1, style,
				name_of(p, s));
		}
		x += w + ENTRY_GAP;
	}
	return y + 1;
}

/* The title of y at the left, the legend at the right or, without room there, below. Returns the lines used; without
 * `draw`, only counts them. */
static int head(const struct plot *p, bool draw)
{
	struct rect r = p->area;
	int title_w = p->c->y_title ? canvas_width(p->canvas, p->c->y_title) : 0, lines = title_w > 0, w;

	if (r.h < HEAD_H)
		return 0;
	if (title_w > 0 && draw)
		canvas_text(p->canvas, r.x, r.y, r.w, ROLE_DIM, p->c->y_title);
	if (!has_legend(p))
		return lines;
	w = legend_width(p);
	if (title_w + 3 + w <= r.w) {
		legend(p, (struct rect){r.x + r.w - w, r.y, w, 1}, draw);
		return 1;
	}
	r.h = max(1, r.h / LEGEND_SHARE - lines);
	r.y += lines;
	return lines + min(r.h, legend(p, r, draw));
}

/* Ticks and labels of y. */

static int widest_label(const struct plot *p)
{
	int most = 0;

	for (size_t i = 0; i < p->y.n; i++) {
		struct buf b = {0};

		chart_axis_label(&p->y, i, p->c->percent, &b);
		most = max(most, canvas_width(p->canvas, buf_str(&b)));
		buf_release(&b);
	}
	return most;
}

/* Bars fill cells: the tick is the upper edge of its line, 0 the axis itself. */
static int tick_row(const struct plot *p, double v)
{
	double share = fmax(0, fmin(1, chart_axis_share(&p->y, v)));
	int dots = p->graph == GRAPH_ASCII ? 1 : p->graph == GRAPH_BLOCK ? 2 : 4;

	if (p->c->kind == CHART_BARS)
		return p->in.y + p->in.h - (int)ceil(share * p->in.h - 1e-9);
	return p->in.y + (p->in.h * dots - 1 - (int)lround(share * (p->in.h * dots - 1))) / dots;
}

static void draw_y_axis(const struct plot *p)
{
	int x = p->in.x - 1, free_to = p->in.y + p->in.h + 2;
	size_t n = p->y.n;

	for (int y = p->in.y; y < p->in.y + p->in.h; y++)
		canvas_put(p->canvas, x, y, ROLE_FRAME, GLYPH_VERTICAL);
	for (size_t k = 0; k < n; k++) {
		size_t i = p->y.falling ? n - 1 - k : k; /* from below */
		int y = tick_row(p, p->y.ticks[i]);
		struct buf b = {0};

		if (y < p->in.y + p->in.h)
			canvas_put(p->canvas, x, y, ROLE_FRAME, GLYPH_TICK_LEFT);
		chart_axis_label(&p->y, i, p->c->percent, &b);
		if (y < free_to && (y < p->in.y + p->in.h || p->axis_row)) {
			canvas_right(p->canvas, p->area.x, y, x - 1 - p->area.x, ROLE_DIM, buf_str(&b));
			free_to = y;
		}
		buf_release(&b);
	}
}

static void draw_x_line(const struct plot *p)
{
	int y = p->in.y + p->in.h;

	if (p->in.x > p->area.x)
		canvas_put(p->canvas, p->in.x - 1, y, ROLE_FRAME, GLYPH_BOTTOM_LEFT);
	canvas_repeat(p->canvas, p->in.x, y, p->in.w, ROLE_FRAME, GLYPH_HORIZONTAL);
}

/* Finds the room between the axes, and the axes themselves: their ticks depend on it. */
static void lay_out(struct plot *p, int lines)
{
	bool x_title = p->c->x_title && p->area.h >= X_TITLE_H;
	int labels;

	p->in = p->area;
	p->in.y += lines;
	p->axis_row = p->label_row = p->area.h >= AXIS_H;
	p->in.h = max(0, p->in.h - lines - 2 * p->axis_row - x_title);
	chart_axes(p->c, (size_t)max(2, p->in.w / 12), (size_t)max(1, min(p->in.h / 3, 7)), &p->x, &p->y);
	labels = widest_label(p) + 2;
	if (p->in.w >= labels + LEAST_W && p->in.h > 0) {
		p->in.x += labels;
		p->in.w -= labels;
	}
	if (x_title)
		canvas_text(p->canvas, p->in.x + max(0, (p->in.w - canvas_width(p->canvas, p->c->x_title)) / 2),
			p->area.y + p->area.h - 1, p->in.w, ROLE_DIM, p->c->x_title);
}

static enum graph_kind graph_of(const struct canvas *c)
{
	if (c->ascii)
		return GRAPH_ASCII;
	return c->graph == GRAPH_AUTO ? GRAPH_BRAILLE : c->graph;
}

struct plot_place plot_draw(struct canvas *c, struct rect area, const struct chart *chart, const struct plot_options *o)
{
	static void (*const draw[])(struct plot *) = {
		[CHART_BARS] = plot_bars, [CHART_LINES] = plot_lines, [CHART_BOXES] = plot_boxes};
	struct plot p = {
		.canvas = c, .c = chart, .o = o, .graph = graph_of(c), .area = area, .shown = chart->n_categories};

	if (area.w < 1 || area.h < 1)
		return (struct plot_place){.kind = chart->kind};
	lay_out(&p, head(&p, false));
	head(&p, true);
	if (chart->kind == CHART_BARS && plot_is_level(&p))
		return plot_level(&p);
	if (p.axis_row)
		draw_x_line(&p);
	if (p.in.x > p.area.x)
		draw_y_axis(&p);
	draw[chart->kind](&p);
	return (struct plot_place){.in = p.in, .x = p.x, .kind = chart->kind, .categories = p.shown};
}
