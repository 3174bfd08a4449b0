/*
 * Bars, upright over an axis or level with their labels at the left, and what stands below a category.
 */
#include <math.h>

#include "minmax.h"
#include "plot_priv.h"

#define LABEL_W 6 /* from this width on a label is shortened rather than left out */
#define LEAST_LEVEL_W 24

uint32_t plot_fill(const struct plot *p, size_t series)
{
	static const char ascii[CHART_SERIES] = {'#', '=', 'o', ':', '%', '+', 'x', '-'};
	static const uint16_t fills[CHART_SERIES] = {0x2588, 0x2592, 0x25a0, 0x2591, 0x2593, 0x25a4, 0x25a6, 0x25a5};
	const struct chart_series *r = &p->c->series[series];

	if (p->graph == GRAPH_ASCII)
		return r->open ? '.' : (unsigned char)ascii[r->look % CHART_SERIES];
	return r->open ? 0x2591 : fills[r->look % CHART_SERIES];
}

/* A full bar can end within a cell; hatched ones cannot. */
static bool is_full(const struct plot *p, size_t series)
{
	return p->graph != GRAPH_ASCII && plot_fill(p, series) == 0x2588;
}

static double value_of(const struct plot *p, size_t series, size_t category)
{
	const struct chart_series *r = &p->c->series[series];

	return category < r->n ? r->y[category] : (double)NAN;
}

static int label_width(const struct plot *p, size_t category)
{
	return canvas_width(p->canvas, p->c->categories[category]);
}

static int widest_label(const struct plot *p)
{
	int most = 0;

	for (size_t i = 0; i < p->c->n_categories; i++)
		most = max(most, label_width(p, i));
	return most;
}

struct plot_bands plot_bands(struct plot *p)
{
	struct plot_bands b = {.each = 1};
	size_t n = p->c->n_categories, series = p->c->n_series > 0 ? p->c->n_series : 1;
	size_t room = p->in.w > 0 ? (size_t)p->in.w / series : 0;

	p->shown = n < room ? n : room;
	if (p->shown == 0)
		return b;
	b.width = (double)p->in.w / (double)p->shown;
	b.each = (int)((b.width - (b.width >= 3 ? 1 : 0)) / (double)series);
	b.each = clamp(b.each, 1, 9);
	return b;
}

int plot_slot(const struct plot *p, const struct plot_bands *b, size_t category, size_t series)
{
	int used = b->each * (int)p->c->n_series;
	double middle = b->width * ((double)category + 0.5);

	return p->in.x + (int)floor(middle - used / 2.0) + (int)series * b->each;
}

static bool is_cursor(const struct plot *p, size_t category)
{
	return p->o->has_cursor && p->o->cursor == (double)category;
}

void plot_categories(const struct plot *p, const struct plot_bands *b)
{
	int y = p->in.y + p->in.h, widest = widest_label(p), room = (int)b->width - 1;
	int w = room >= LABEL_W && room < widest ? room : widest;
	size_t stride = 1;

	if (!p->axis_row || p->shown == 0)
		return;
	while (b->width * (double)stride < w + 1 && stride < p->shown)
		stride++;
	for (size_t i = 0; i < p->shown; i++) {
		int middle = p->in.x + (int)floor(b->width * ((double)i + 0.5));
		int lw = label_width(p, i), x;

		if (is_cursor(p, i))
			canvas_put(p->canvas, middle, y, ROLE_HOT, GLYPH_MORE_UP);
		lw = min(min(lw, w), p->area.w);
		x = middle - lw / 2;
		x = max(min(x, p->area.x + p->area.w - lw), p->area.x);
		if (i % stride == 0)
			canvas_text(p->canvas, x, y + 1, lw, is_cursor(p, i) ? ROLE_TEXT | STYLE_STRONG : ROLE_DIM,
				p->c->categories[i]);
	}
	if (p->shown < p->c->n_categories)
		canvas_put(p->canvas, p->in.x + p->in.w - 1, y, ROLE_DIM, GLYPH_GAP);
}

/* A bar's height in eighths of a cell from the lower edge of `in`. */
static int eighths(const struct plot *p, int cells, double v)
{
	double share = fmax(0, fmin(1, chart_axis_share(&p->y, v)));
	int step = p->graph == GRAPH_BRAILLE ? 1 : p->graph == GRAPH_BLOCK ? 4 : 8;

	return step * (int)lround(share * cells * 8 / step);
}

/* One cell of an upright bar that fills it from `low` to `high` eighths. */
static void put_cell(const struct plot *p, size_t series, int x, int y, int low, int high)
{
	unsigned style = plot_role(p, series);

	if (high <= low)
		return;
	if (!is_full(p, series)) {
		if (high - low >= 4)
			canvas_char(p->canvas, x, y, style, plot_fill(p, series));
	} else if (low <= 0) {
		canvas_char(p->canvas, x, y, style, 0x2580u + (unsigned)high);
	} else if (high - low >= 2) {
		canvas_char(p->canvas, x, y, style, low <= 2 ? 0x2588 : 0x2580);
	}
}

static void draw_bar(const struct plot *p, size_t series, int x, int each, int cells, double v)
{
	int zero = eighths(p, cells, 0), at = eighths(p, cells, v), low = min(zero, at);
	int high = max(zero, at), bottom = p->in.y + p->in.h - 1;

	if (v != 0 && high == low) { /* what there is shows */
		low -= low > 0;
		high = low + 1;
	}
	if (v != 0 && high - low < 4 && (!is_full(p, series) || low > 0)) {
		for (int i = 0; i < each; i++)
			canvas_char(p->canvas, x + i, bottom - low / 8, plot_role(p, series),
				p->graph == GRAPH_ASCII ? '_' : 0x2581);
		return;
	}
	for (int c = low / 8; c * 8 < high; c++)
		for (int i = 0; i < each; i++)
			put_cell(p, series, x + i, bottom - c, max(low - 8 * c, 0), min(high - 8 * c, 8));
}

static void draw_whisker(const struct plot *p, const struct chart_series *r, size_t i, int x, int cells)
{
	int bottom = p->in.y + p->in.h - 1, low, high;

	if (!r->low || !r->high || isnan(r->low[i]) || isnan(r->high[i]) || isnan(r->y[i]))
		return;
	low = eighths(p, cells, r->low[i]) / 8;
	high = (eighths(p, cells, r->high[i]) - 1) / 8;
	for (int c = low; c <= high && c < cells; c++)
		canvas_put(p->canvas, x, bottom - c, ROLE_TEXT, GLYPH_VERTICAL);
}

static void bar_text(const struct chart *c, double v, bool brief, struct buf *out)
{
	if (isnan(v))
		return;
	if (c->percent && brief && isfinite(v))
		chart_number(100 * v, 0, out);
	else
		plot_value(c, v, brief, out);
}

/* Have all values room over their bars? */
static bool values_fit(const struct plot *p, const struct plot_bands *b)
{
	double room = p->c->n_series > 1 ? b->each : b->width - 1;

	if (p->in.h < 3)
		return false;
	for (size_t s = 0; s < p->c->n_series; s++)
		for (size_t i = 0; i < p->shown; i++) {
			struct buf t = {0};
			double v = value_of(p, s, i);
			bool fits;

			bar_text(p->c, v, true, &t);
			fits = !(v < 0) && (double)t.len <= room && !p->c->series[s].low;
			buf_release(&t);
			if (!fits)
				return false;
		}
	return true;
}

static void draw_value(const struct plot *p, const struct plot_bands *b, size_t series, size_t i, int cells)
{
	double v = value_of(p, series, i);
	int top = p->in.y + p->in.h - 1 - (eighths(p, cells, v) + 7) / 8, x = plot_slot(p, b, i, series);
	struct buf t = {0};

	bar_text(p->c, v, true, &t);
	if (v != 0 && eighths(p, cells, v) == 0)
		top--;
	top = max(top, p->in.y); /* no line may be left over it */
	if (v > 0)
		canvas_text(p->canvas, x + (int)floor((b->each - (double)t.len) / 2 + 0.5), top, (int)t.len, ROLE_TEXT,
			buf_str(&t));
	buf_release(&t);
}

void plot_bars(struct plot *p)
{
	struct plot_bands b = plot_bands(p);
	bool values = values_fit(p, &b);
	int cells = p->in.h;

	for (size_t i = 0; i < p->shown; i++)
		for (size_t s = 0; s < p->c->n_series; s++) {
			double v = value_of(p, s, i);
			int x = plot_slot(p, &b, i, s);

			if (isnan(v))
				continue;
			draw_bar(p, s, x, b.each, cells, v);
			draw_whisker(p, &p->c->series[s], i, x + b.each / 2, cells);
			if (values)
				draw_value(p, &b, s, i, cells);
		}
	plot_categories(p, &b);
}

/* Level bars. */

/* Lines of a category: one for each series and, where there is room, an empty one. */
static size_t lines_each(const struct plot *p, int h)
{
	size_t n = p->c->n_series;

	return n > 1 && (int)(p->c->n_categories * (n + 1)) <= h + 1 ? n + 1 : n;
}

bool plot_is_level(const struct plot *p)
{
	double band;

	if (p->c->n_categories == 0 || p->c->n_series == 0 || p->area.w < LEAST_LEVEL_W || p->y.low < 0)
		return false;
	band = (double)p->in.w / (double)p->c->n_categories;
	if (band >= (double)p->c->n_series && (band >= widest_label(p) + 1 || widest_label(p) <= LABEL_W - 2))
		return false;
	return (int)(p->c->n_categories * p->c->n_series) <= p->area.y + p->area.h - p->in.y;
}

static void draw_level(const struct plot *p, size_t series, size_t i, struct rect r)
{
	const struct chart_series *s = &p->c->series[series];
	struct buf text = {0};
	double v = value_of(p, series, i), share, cells;
	int w = 0;

	bar_text(p->c, v, false, &text);
	if (!isnan(v) && s->low && s->high && !isnan(s->low[i]) && !isnan(s->high[i])) {
		buf_addstr(&text, " [");
		bar_text(p->c, s->low[i], true, &text);
		buf_addstr(&text, ", ");
		bar_text(p->c, s->high[i], true, &text);
		buf_addch(&text, ']');
	}
	share = isnan(v) ? 0 : fmax(0, fmin(1, chart_axis_share(&p->y, v)));
	cells = share * (r.w > 20 ? r.w * 0.7 : r.w / 2.0);
	if (is_full(p, series)) {
		canvas_bar(p->canvas, r.x, r.y, r.w, cells / r.w, false, plot_role(p, series));
		w = (int)ceil(cells);
	} else {
		for (w = 0; w < (int)lround(cells); w++)
			canvas_char(p->canvas, r.x + w, r.y, plot_role(p, series), plot_fill(p, series));
	}
	canvas_text(p->canvas, r.x + w + (w > 0), r.y, r.w - w - (w > 0), ROLE_TEXT, isnan(v) ? "-" : buf_str(&text));
	buf_release(&text);
}

struct plot_place plot_level(struct plot *p)
{
	struct rect r = {p->area.x, p->in.y, p->area.w, p->area.y + p->area.h - p->in.y};
	size_t each = lines_each(p, r.h);
	int labels = widest_label(p);

	labels = min(labels, r.w / 3);
	for (size_t i = 0; i < p->c->n_categories; i++) {
		int y = r.y + (int)(i * each);

		canvas_text(p->canvas, r.x, y, labels, is_cursor(p, i) ? ROLE_TEXT | STYLE_STRONG : ROLE_DIM,
			p->c->categories[i]);
		if (is_cursor(p, i))
			canvas_put(p->canvas, r.x + labels, y, ROLE_HOT, GLYPH_HERE);
		for (size_t s = 0; s < p->c->n_series; s++)
			draw_level(p, s, i, (struct rect){r.x + labels + 1, y + (int)s, r.w - labels - 1, 1});
	}
	return (struct plot_place){
		.in = r, .kind = CHART_BARS, .categories = p->c->n_categories, .level = true, .per_category = each};
}
