/*
 * A chart as SVG. Text is in the page's own fonts and colour; lines that carry no data are thin and pale.
 */
#include <math.h>
#include <string.h>

#include "base/chart.h"
#include "base/svg.h"
#include "base/utf8.h"

#define FONT 12.0
#define LINE 16.0 /* of text, with its leading */
#define CELL 7.2  /* about the mean width of a character, in a wide face */
#define GAP 6.0
#define SMALL 10.0 /* font of the counts over bars */
#define SMALL_CELL 5.6
#define LABEL_MOST 14 /* cells of a category's label */
#define INSET 8.0     /* between the ends of an axis of numbers and its first and last tick */
#define X_TICKS 5     /* about as many */
#define Y_TICKS 5     /* about as many, more in a tall chart */
#define TOLD 200      /* values in a <desc> */

/* What tells the looks apart. Hatches are drawn as lines of their own, since a pattern would need an id. */
enum hatch {
	HATCH_FULL,
	HATCH_RISING,
	HATCH_NONE,
	HATCH_CROSSED,
	HATCH_FALLING,
	HATCH_LEVEL,
	HATCH_UPRIGHT,
	HATCH_GRID
};

static const struct look {
	const char *colour; /* where the page sets none */
	const char *mark;   /* a path around 0,0 */
	enum hatch hatch;
} looks[CHART_SERIES] = {
	{"#1f5f9e", "M-3.2 0a3.2 3.2 0 1 0 6.4 0a3.2 3.2 0 1 0-6.4 0z", HATCH_FULL},
	{"#d2700f", "M-3 -3h6v6h-6z", HATCH_RISING},
	{"#23292e", "M0 -3.8L3.6 2.6H-3.6z", HATCH_NONE},
	{"#7db4de", "M0 -4L4 0L0 4L-4 0z", HATCH_CROSSED},
	{"#7d3c00", "M-3 -3L3 3M-3 3L3 -3", HATCH_FALLING},
	{"#98a2aa", "M-3.8 0H3.8M0 -3.8V3.8", HATCH_LEVEL},
	{"#12304f", "M0 3.8L3.6 -2.6H-3.6z", HATCH_UPRIGHT},
	{"#e5bb80", "M-3.6 -2h7.2v4h-7.2z", HATCH_GRID},
};

#define OPEN_DASH "5 3"
#define MARKS_MOST 80 /* points of a line that has marks */

/* Where values lie on the paper. */
struct plot {
	const struct chart *c;
	struct buf *out;
	double left, right, top, bottom; /* of the axes */
	struct chart_axis x, y;
	bool slanted; /* the categories' labels */
	double foot;  /* what they need besides the line that all have */
};

static const struct look *look_of(const struct plot *p, size_t series)
{
	return &looks[p->c->series[series].look % CHART_SERIES];
}

static double within(double v, double low, double high)
{
	return fmax(low, fmin(high, v));
}

static void point(struct buf *out, char command, double x, double y)
{
	buf_addch(out, command);
	svg_number(out, x);
	buf_addch(out, ' ');
	svg_number(out, y);
}

static double text_width(const char *text)
{
	return CELL * (double)utf8_width(text, strlen(text));
}

/* anchor: "start", "middle" or "end". */
static void text(const struct plot *p, double x, double y, const char *anchor, const char *words)
{
	buf_addstr(p->out, "<text");
	svg_attribute(p->out, "x", x);
	svg_attribute(p->out, "y", y);
	buf_addf(p->out, " text-anchor=\"%s\">", anchor);
	svg_text(p->out, words);
	buf_addstr(p->out, "</text>\n");
}

/* A label as people print it: with a minus sign. */
static void typeset(struct buf *out, const char *number)
{
	if (*number == '-' && number[1]) {
		buf_addstr(out, "\xe2\x88\x92");
		number++;
	}
	buf_addstr(out, number);
}

static void tick_text(const struct chart_axis *a, size_t i, bool percent, struct buf *out)
{
	struct buf b = {0};

	chart_axis_label(a, i, percent, &b);
	typeset(out, buf_str(&b));
	buf_release(&b);
}

/* Of shares of the axes. */
static double at_x(const struct plot *p, double share)
{
	return p->left + INSET + (p->right - p->left - 2 * INSET) * share;
}

static double at_y(const struct plot *p, double share)
{
	return p->bottom - (p->bottom - p->top) * share;
}

static double place_x(const struct plot *p, double v)
{
	return at_x(p, within(chart_axis_share(&p->x, v), 0, 1));
}

static double place_y(const struct plot *p, double v)
{
	return at_y(p, within(chart_axis_share(&p->y, v), 0, 1));
}

static void colours(const struct plot *p, const char *property, size_t series)
{
	const struct look *look = look_of(p, series);

	buf_addf(p->out, "%s:var(--series-%zu,%s)", property, (size_t)(look - looks) + 1, look->colour);
}

/* One line across a box, x going right by `slope` for every unit up; where both ends are outside, none. */
static void stroke(struct buf *out, double x, double slope, double left, double top, double right, double bottom)
{
	double y0 = bottom, y1 = top, x0 = x, x1 = x + slope * (bottom - top);

	if (x0 < left) {
		y0 = bottom - (left - x0) / slope;
		x0 = left;
	} else if (x0 > right) {
		y0 = bottom - (right - x0) / slope;
		x0 = right;
	}
	if (x1 > right) {
		y1 = bottom - (right - x) / slope;
		x1 = right;
	} else if (x1 < left) {
		y1 = bottom - (left - x) / slope;
		x1 = left;
	}
	if (y0 < y1 || (x < left && slope <= 0) || (x > right && slope >= 0))
		return;
	point(out, 'M', x0, y0);
	point(out, 'L', x1, y1);
}

static void slanting(struct buf *out, double slope, double pace, double l, double t, double r, double b)
{
	double reach = b - t;

	for (double x = slope > 0 ? l - reach : l; x < (slope > 0 ? r : r + reach); x += pace)
		stroke(out, x, slope, l, t, r, b);
}

static void hatch_lines(struct buf *out, enum hatch h, double l, double t, double r, double b)
{
	if (h == HATCH_RISING || h == HATCH_CROSSED)
		slanting(out, 1, 4.5, l, t, r, b);
	if (h == HATCH_FALLING || h == HATCH_CROSSED)
		slanting(out, -1, 4.5, l, t, r, b);
	if (h == HATCH_UPRIGHT || h == HATCH_GRID)
		slanting(out, 0, 4, l + 2, t, r, b);
	if (h == HATCH_LEVEL || h == HATCH_GRID) {
		for (double y = b - 4; y > t; y -= 4) {
			point(out, 'M', l, y);
			point(out, 'L', r, y);
		}
	}
}

/* A rectangle that is filled or hatched as its series. `full` is how dark a full one is. */
static void box(const struct plot *p, size_t series, const char *full, double l, double t, double r, double b)
{
	enum hatch h = p->c->series[series].open ? HATCH_NONE : look_of(p, series)->hatch;

	buf_addstr(p->out, "<rect");
	svg_attribute(p->out, "x", l);
	svg_attribute(p->out, "y", t);
	svg_attribute(p->out, "width", fmax(r - l, 0));
	svg_attribute(p->out, "height", fmax(b - t, 0));
	buf_addstr(p->out, " style=\"");
	colours(p, "stroke", series);
	buf_addch(p->out, ';');
	colours(p, "fill", series);
	buf_addf(p->out, "\" fill-opacity=\"%s\"/>\n",
		h == HATCH_FULL                ? full
		: p->c->series[series].open ? ".07"
					       : ".25");
	if (h == HATCH_FULL || h == HATCH_NONE || b - t < 1 || r - l < 1)
		return;
	buf_addstr(p->out, "<path fill=\"none\" stroke-width=\".9\" style=\"");
	colours(p, "stroke", series);
	buf_addstr(p->out, "\" d=\"");
	hatch_lines(p->out, h, l, t, r, b);
	buf_addstr(p->out, "\"/>\n");
}

/* An interval, with its ends marked. */
static void whisker(const struct plot *p, double x, double low, double high, double half)
{
	double y0 = place_y(p, low), y1 = place_y(p, high);

	point(p->out, 'M', x, y0);
	point(p->out, 'L', x, y1);
	point(p->out, 'M', x - half, y0);
	point(p->out, 'L', x + half, y0);
	point(p->out, 'M', x - half, y1);
	point(p->out, 'L', x + half, y1);
}

static bool has_interval(const struct chart_series *r, size_t i)
{
	return r->low && r->high && !isnan(r->low[i]) && !isnan(r->high[i]) && !isnan(r->y[i]);
}

/* Where the box or bar of a category and series lies. */
static double slot(const struct plot *p, size_t category, size_t series, double *width)
{
	double band = (p->right - p->left) / (double)p->c->n_categories;
	double used = fmin(0.72 * band, 34.0 * (double)p->c->n_series);

	*width = used / (double)p->c->n_series;
	return p->left + band * ((double)category + 0.5) - used / 2 + *width * ((double)series + 0.5);
}

static size_t drawn(const struct plot *p, const struct chart_series *r)
{
	return r->n < p->c->n_categories ? r->n : p->c->n_categories;
}

static bool counts_fit(const struct plot *p, const struct chart_series *r)
{
	double width;

	for (size_t i = 0; i < drawn(p, r); i++) {
		struct buf b = {0};
		bool fits;

		slot(p, i, 0, &width);
		if (r->y[i] < 0 || r->y[i] > 1e6 || (!isnan(r->y[i]) && r->y[i] != floor(r->y[i])))
			return false;
		chart_number(r->y[i], 0, &b);
		fits = SMALL_CELL * (double)b.len <= 1.25 * width;
		buf_release(&b);
		if (!fits)
			return false;
	}
	return !r->low && !p->c->percent;
}

/* Counts are written over the bars where there is room for all of them. */
static bool all_counts_fit(const struct plot *p)
{
	for (size_t s = 0; s < p->c->n_series; s++)
		if (!counts_fit(p, &p->c->series[s]))
			return false;
	return true;
}

static void draw_counts(const struct plot *p, size_t series)
{
	const struct chart_series *r = &p->c->series[series];
	double width;

	buf_addf(p->out,
		"<g font-size=\"%.0f\" style=\"paint-order:stroke;stroke:var(--paper,#fff);stroke-width:2.5px\">\n",
		SMALL);
	for (size_t i = 0; i < drawn(p, r); i++) {
		double x = slot(p, i, series, &width);
		struct buf b = {0};

		chart_number(r->y[i], 0, &b);
		if (r->y[i] > 0)
			text(p, x, place_y(p, r->y[i]) - 2.5, "middle", buf_str(&b));
		buf_release(&b);
	}
	buf_addstr(p->out, "</g>\n");
}

static void draw_bars(const struct plot *p, size_t series)
{
	const struct chart_series *r = &p->c->series[series];
	double zero = place_y(p, 0), width;

	for (size_t i = 0; i < drawn(p, r); i++) {
		double x = slot(p, i, series, &width), y;

		if (isnan(r->y[i]))
			continue;
		y = place_y(p, r->y[i]);
		box(p, series, ".88", x - 0.46 * width, fmin(y, zero), x + 0.46 * width, fmax(y, zero));
	}
	buf_addstr(p->out, "<path stroke=\"currentColor\" stroke-width=\"1\" fill=\"none\" d=\"");
	for (size_t i = 0; i < drawn(p, r); i++)
		if (has_interval(r, i))
			whisker(p, slot(p, i, series, &width), r->low[i], r->high[i], fmin(3.5, width / 4));
	buf_addstr(p->out, "\"/>\n");
}

static void draw_boxes(const struct plot *p, size_t series)
{
	const struct chart_series *r = &p->c->series[series];
	double width;

	for (size_t i = 0; i < drawn(p, r); i++) {
		const double *y = r->y + 5 * i;
		double x = slot(p, i, series, &width), half = 0.42 * width;

		if (isnan(y[0]) || isnan(y[4]))
			continue;
		buf_addstr(p->out, "<path fill=\"none\" stroke=\"currentColor\" stroke-width=\".9\" d=\"");
		whisker(p, x, y[0], y[1], half / 2);
		whisker(p, x, y[3], y[4], half / 2);
		buf_addstr(p->out, "\"/>\n");
		box(p, series, ".3", x - half, place_y(p, y[3]), x + half, place_y(p, y[1]));
		buf_addstr(p->out, "<path fill=\"none\" stroke=\"currentColor\" stroke-width=\"2\" d=\"");
		point(p->out, 'M', x - half, place_y(p, y[2]));
		point(p->out, 'L', x + half, place_y(p, y[2]));
		buf_addstr(p->out, "\"/>\n");
	}
}

static void draw_mark(const struct plot *p, size_t series, double x, double y)
{
	buf_addstr(p->out, "<path transform=\"translate(");
	svg_number(p->out, x);
	buf_addch(p->out, ' ');
	svg_number(p->out, y);
	buf_addf(p->out, ")\" d=\"%s\" stroke-width=\"1.4\" style=\"", look_of(p, series)->mark);
	colours(p, "stroke", series);
	buf_addch(p->out, ';');
	if (!p->c->series[series].open)
		colours(p, "fill", series);
	else
		buf_addstr(p->out, "fill:var(--paper,#fff)");
	buf_addstr(p->out, "\"/>\n");
}

static void begin_line(const struct plot *p, size_t series, const char *width, bool dashed)
{
	buf_addf(p->out, "<path fill=\"none\" stroke-width=\"%s\"%s%s style=\"", width,
		dashed ? " stroke-dasharray=\"" OPEN_DASH "\"" : "",
		p->c->series[series].faint ? " stroke-opacity=\".4\"" : "");
	colours(p, "stroke", series);
	buf_addstr(p->out, "\" d=\"");
}

static bool is_seen(const struct plot *p, const struct chart_series *r, size_t i)
{
	double x;

	if (!chart_has_point(p->c, r, i))
		return false;
	x = chart_axis_share(&p->x, r->x[i]);
	return x >= 0 && x <= 1;
}

/* A segment from the point before i, where the pen is if `down`; says whether it stays at point i. */
static bool segment(const struct plot *p, const struct chart_series *r, size_t i, bool down)
{
	double x0 = chart_axis_share(&p->x, r->x[i - 1]), y0 = chart_axis_share(&p->y, r->y[i - 1]);
	double x1 = chart_axis_share(&p->x, r->x[i]), y1 = chart_axis_share(&p->y, r->y[i]);

	if (!chart_clip(&x0, &y0, &x1, &y1))
		return false;
	if (!down)
		point(p->out, 'M', at_x(p, x0), at_y(p, y0));
	point(p->out, 'L', at_x(p, x1), at_y(p, y1));
	return is_seen(p, r, i);
}

static void draw_path(const struct plot *p, const struct chart_series *r)
{
	bool down = false;

	for (size_t i = 0; i < r->n; i++) {
		if (i > 0 && chart_has_point(p->c, r, i) && chart_has_point(p->c, r, i - 1)) {
			down = segment(p, r, i, down);
			continue;
		}
		down = is_seen(p, r, i);
		if (down)
			point(p->out, 'M', place_x(p, r->x[i]), place_y(p, r->y[i]));
	}
}

/* All series have marks, or none has: on a long curve they would hide it. */
static bool has_marks(const struct plot *p)
{
	for (size_t s = 0; s < p->c->n_series; s++)
		if (p->c->series[s].n > MARKS_MOST)
			return false;
	return true;
}

static void draw_line(const struct plot *p, size_t series)
{
	const struct chart_series *r = &p->c->series[series];

	if (r->low && r->high) {
		begin_line(p, series, "1", false);
		for (size_t i = 0; i < r->n; i++)
			if (has_interval(r, i) && is_seen(p, r, i))
				whisker(p, place_x(p, r->x[i]), r->low[i], r->high[i], 2.5);
		buf_addstr(p->out, "\"/>\n");
	}
	begin_line(p, series, r->faint ? ".8" : "1.8", r->open);
	draw_path(p, r);
	buf_addstr(p->out, "\"/>\n");
	for (size_t i = 0; !r->faint && has_marks(p) && i < r->n; i++)
		if (is_seen(p, r, i))
			draw_mark(p, series, place_x(p, r->x[i]), place_y(p, r->y[i]));
}

/* The sign of a series in the legend, 22 units wide. */
static void draw_sample(const struct plot *p, size_t series, double x, double y)
{
	if (p->c->kind != CHART_LINES) {
		box(p, series, p->c->kind == CHART_BOXES ? ".3" : ".88", x, y - 9, x + 20, y);
		return;
	}
	begin_line(p, series, "1.8", p->c->series[series].open);
	point(p->out, 'M', x, y - 4);
	point(p->out, 'L', x + 22, y - 4);
	buf_addstr(p->out, "\"/>\n");
	if (has_marks(p))
		draw_mark(p, series, x + 11, y - 4);
}

/* The room of a series' entry in the legend, with what lies between it and the next. */
static double entry_width(const struct plot *p, size_t series)
{
	const char *name = p->c->series[series].name;

	return 28 + text_width(name ? name : "") + 14;
}

/* The series that a legend names. */
static size_t named(const struct plot *p, size_t list[CHART_SERIES])
{
	size_t n = 0;

	for (size_t s = 0; s < p->c->n_series; s++)
		if (!p->c->series[s].faint)
			list[n++] = s;
	return n;
}

/* Draws the legend, or only measures it; returns the height of its rows. Where it has more than one, its entries stand
 * below each other. One series needs none. */
static double legend(const struct plot *p, double width, bool draw)
{
	double all = 0, widest = 0;
	size_t list[CHART_SERIES], n = named(p, list), columns = n;

	if (n < 2)
		return 0;
	for (size_t i = 0; i < n; i++) {
		all += entry_width(p, list[i]);
		widest = fmax(widest, entry_width(p, list[i]));
	}
	if (all - 14 > width)
		columns = (size_t)fmax(1, floor((width + 14) / widest));
	for (size_t i = 0; draw && i < n; i++) {
		const char *name = p->c->series[list[i]].name;
		double x = 0, y = LINE * (double)(i / columns);

		for (size_t k = 0; k < i % columns; k++)
			x += columns < n ? widest : entry_width(p, list[k]);
		draw_sample(p, list[i], x + 1, y + FONT);
		text(p, x + 28, y + FONT, "start", name ? name : "");
	}
	return LINE * (double)((n - 1) / columns + 1) + 4;
}

/* A category's label, cut where it is long. */
static void label(const struct plot *p, size_t category, struct buf *out)
{
	const char *s = p->c->categories[category];
	struct buf safe = {0};

	utf8_show(&safe, s, strlen(s), false);
	utf8_fit(out, buf_str(&safe), safe.len, LABEL_MOST, false, false);
	buf_release(&safe);
}

static double widest_label(const struct plot *p)
{
	double most = 0;

	for (size_t i = 0; i < p->c->n_categories; i++) {
		struct buf b = {0};

		label(p, i, &b);
		most = fmax(most, text_width(buf_str(&b)));
		buf_release(&b);
	}
	return most;
}

static double widest_tick(const struct plot *p)
{
	double most = 0;

	for (size_t i = 0; i < p->y.n; i++) {
		struct buf b = {0};

		tick_text(&p->y, i, p->c->percent, &b);
		most = fmax(most, text_width(buf_str(&b)));
		buf_release(&b);
	}
	return most;
}

/* Ranges, ticks and what lies left and right of the axes. */
static void measure(struct plot *p, double width, size_t want)
{
	double most;

	chart_axes(p->c, X_TICKS, want, &p->x, &p->y);
	p->left = widest_tick(p) + GAP;
	p->right = width - 10;
	if (p->c->kind == CHART_LINES)
		return;
	most = widest_label(p);
	p->slanted = p->c->n_categories > 0 && most > 4 * CELL &&
		     most + 4 > (p->right - p->left) / (double)p->c->n_categories;
	if (p->slanted)
		p->foot = 0.6 * most - 4;
}

void chart_frame(const struct chart *c, double width, struct chart_frame *frame)
{
	struct plot p = {.c = c};

	measure(&p, width, Y_TICKS);
	frame->head = fmax(frame->head, legend(&p, width, false));
	frame->foot = fmax(frame->foot, p.foot);
}

static void lay_out(struct plot *p, double width, double height, const struct chart_frame *least)
{
	double head = legend(p, width, false);

	measure(p, width, height > 300 ? Y_TICKS + 1 : Y_TICKS);
	p->top = fmax(head, least ? least->head : 0) + (p->c->y_title ? LINE + GAP : GAP);
	p->bottom = height - LINE - (p->c->x_title ? LINE + 2 : 0) - 2 - fmax(p->foot, least ? least->foot : 0);
}

static void draw_y_axis(const struct plot *p)
{
	for (size_t i = 0; i < p->y.n; i++) {
		double y = place_y(p, p->y.ticks[i]);
		bool zero = p->y.ticks[i] == 0 && (p->c->zero_line || p->c->kind == CHART_BARS);
		struct buf b = {0};

		buf_addf(p->out, "<path stroke=\"currentColor\" stroke-opacity=\"%s\" d=\"", zero ? ".75" : ".16");
		point(p->out, 'M', p->left, y);
		point(p->out, 'L', p->right, y);
		buf_addstr(p->out, "\"/>\n");
		tick_text(&p->y, i, p->c->percent, &b);
		text(p, p->left - GAP, y + 4, "end", buf_str(&b));
		buf_release(&b);
	}
	if (p->c->y_title)
		text(p, 0, p->top - GAP - 5, "start", p->c->y_title);
}

/* As many categories as have room are named. */
static void draw_categories(const struct plot *p)
{
	double band = (p->right - p->left) / (double)(p->c->n_categories ? p->c->n_categories : 1);
	size_t stride = 1;

	while (band * (double)stride < (p->slanted ? LINE : fmin(widest_label(p), 4 * CELL) + 4))
		stride++;
	for (size_t i = 0; i < p->c->n_categories; i += stride) {
		double x = p->left + band * ((double)i + 0.5);
		struct buf b = {0};

		label(p, i, &b);
		if (p->slanted) {
			buf_addstr(p->out, "<g transform=\"translate(");
			svg_number(p->out, x + 4);
			buf_addch(p->out, ' ');
			svg_number(p->out, p->bottom + 13);
			buf_addstr(p->out, ") rotate(-35)\">");
			text(p, 0, 0, "end", buf_str(&b));
			buf_addstr(p->out, "</g>");
		} else {
			text(p, x, p->bottom + 15, "middle", buf_str(&b));
		}
		buf_release(&b);
	}
}

static void draw_x_ticks(const struct plot *p)
{
	double free_from = -INFINITY;

	for (size_t i = 0; i < p->x.n; i++) {
		double x = place_x(p, p->x.ticks[i]), half;
		struct buf b = {0};

		tick_text(&p->x, i, false, &b);
		half = text_width(buf_str(&b)) / 2;
		if (x - half > free_from) {
			text(p, x, p->bottom + 15, "middle", buf_str(&b));
			free_from = x + half + 3;
		}
		buf_addstr(p->out, "<path stroke=\"currentColor\" stroke-opacity=\".5\" d=\"");
		point(p->out, 'M', x, p->bottom);
		point(p->out, 'L', x, p->bottom + 3);
		buf_addstr(p->out, "\"/>\n");
		buf_release(&b);
	}
}

static void tell_value(struct buf *out, const struct chart *c, double v)
{
	chart_tick_label(v, c->percent ? 3 : 2, c->percent, out);
}

/* All values in words. */
static void tell(const struct chart *c, struct buf *out)
{
	size_t told = 0;

	for (size_t s = 0; s < c->n_series; s++) {
		const struct chart_series *r = &c->series[s];

		if (r->faint)
			continue;
		buf_addf(out, " %s:", r->name ? r->name : "values");
		for (size_t i = 0; i < r->n && told < TOLD; i++, told++) {
			buf_addstr(out, i > 0 ? "; " : " ");
			if (c->kind == CHART_LINES)
				tell_value(out, &(struct chart){0}, r->x[i]);
			else if (i < c->n_categories)
				buf_addstr(out, c->categories[i]);
			buf_addch(out, ' ');
			tell_value(out, c, r->y[c->kind == CHART_BOXES ? 5 * i + 2 : i]);
		}
		buf_addch(out, '.');
	}
}

static void describe(const struct plot *p)
{
	const struct chart *c = p->c;
	struct buf b = {0};

	buf_addf(&b, "%s%s%s%s.", c->y_title ? c->y_title : "Values", c->kind == CHART_BOXES ? ", medians" : "",
		c->x_title ? " by " : "", c->x_title ? c->x_title : "");
	tell(c, &b);
	if (c->note)
		buf_addf(&b, " %s", c->note);
	buf_addstr(p->out, "<title>");
	svg_text(p->out, c->title ? c->title : "");
	buf_addstr(p->out, "</title>\n<desc>");
	svg_text(p->out, buf_str(&b));
	buf_addstr(p->out, "</desc>\n");
	buf_release(&b);
}

void chart_svg(const struct chart *c, double width, double height, const struct chart_frame *least, struct buf *out)
{
	static void (*const draw[])(const struct plot *, size_t) = {
		[CHART_BARS] = draw_bars, [CHART_LINES] = draw_line, [CHART_BOXES] = draw_boxes};
	struct plot p = {.c = c, .out = out};

	lay_out(&p, width, height, least);
	buf_addstr(out, "<svg xmlns=\"http://www.w3.org/2000/svg\" role=\"img\"");
	svg_view(out, width, height);
	buf_addstr(out, " style=\"font-size:12px;overflow:visible\" fill=\"currentColor\">\n");
	describe(&p);
	legend(&p, width, true);
	draw_y_axis(&p);
	for (size_t s = 0; s < c->n_series; s++)
		if (c->series[s].faint)
			draw[c->kind](&p, s);
	for (size_t s = 0; s < c->n_series; s++)
		if (!c->series[s].faint)
			draw[c->kind](&p, s);
	for (size_t s = 0; c->kind == CHART_BARS && all_counts_fit(&p) && s < c->n_series; s++)
		draw_counts(&p, s);
	if (c->kind == CHART_LINES)
		draw_x_ticks(&p);
	else
		draw_categories(&p);
	if (c->x_title)
		text(&p, (p.left + p.right) / 2, p.bottom + 15 + LINE + p.foot, "middle", c->x_title);
	buf_addstr(out, "</svg>\n");
}
