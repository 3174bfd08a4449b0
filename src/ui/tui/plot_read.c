/*
 * What stands at a chart's cursor, and how it moves.
 */
#include <math.h>

#include "plot_priv.h"

/* The x of lines that is nearest to the cursor among those on one side of it (1, -1; 0: on either), not at it unless 0.
 * NaN where there is none. */
static double nearest(const struct chart *c, double at, int side)
{
	double best = (double)NAN;

	for (size_t s = 0; s < c->n_series; s++) {
		const struct chart_series *r = &c->series[s];

		for (size_t i = 0; i < r->n; i++) {
			double x = r->x[i];

			if (isnan(x) || (side > 0 && !(x > at)) || (side < 0 && !(x < at)))
				continue;
			if (isnan(best) || fabs(x - at) < fabs(best - at))
				best = x;
		}
	}
	return best;
}

static double move_category(const struct chart *c, double cursor, int by)
{
	double last = (double)c->n_categories - 1;

	if (c->n_categories == 0)
		return (double)NAN;
	return fmax(0, fmin(last, (isnan(cursor) ? 0 : round(cursor)) + by));
}

double plot_move(const struct chart *c, double cursor, int by)
{
	double at;

	if (c->kind != CHART_LINES)
		return move_category(c, cursor, by);
	at = nearest(c, isnan(cursor) ? 0 : cursor, 0);
	for (int i = 0; i < (by < 0 ? -by : by) && !isnan(at); i++) {
		double next = nearest(c, at, by);

		if (isnan(next))
			break;
		at = next;
	}
	return at;
}

/* The point of a series at an x, or the one nearest to it; r->n: none. */
static size_t point_at(const struct chart_series *r, double x)
{
	size_t best = r->n;

	for (size_t i = 0; i < r->n; i++)
		if (!isnan(r->x[i]) && (best == r->n || fabs(r->x[i] - x) < fabs(r->x[best] - x)))
			best = i;
	return best;
}

static void add_interval(const struct chart *c, const struct chart_series *r, size_t i, struct buf *out)
{
	if (!r->low || !r->high || isnan(r->low[i]) || isnan(r->high[i]))
		return;
	buf_addstr(out, " [");
	plot_value(c, r->low[i], true, out);
	buf_addstr(out, ", ");
	plot_value(c, r->high[i], true, out);
	buf_addch(out, ']');
}

static void add_box(const struct chart *c, const double y[5], struct buf *out)
{
	static const char *const names[5] = {"from ", ", quarter ", ", median ", ", three quarters ", ", to "};

	for (size_t k = 0; k < 5; k++) {
		buf_addstr(out, names[k]);
		plot_value(c, y[k], false, out);
	}
}

/* The index of a series' value at the cursor; r->n: none. */
static size_t index_at(const struct chart *c, const struct chart_series *r, double cursor)
{
	if (c->kind == CHART_LINES)
		return point_at(r, cursor);
	return cursor >= 0 && cursor < (double)r->n && cursor < (double)c->n_categories ? (size_t)cursor : r->n;
}

static bool is_empty(const struct chart *c, double *cursor)
{
	*cursor = plot_move(c, *cursor, 0);
	return isnan(*cursor);
}

static void add_place(const struct chart *c, double cursor, struct buf *out)
{
	buf_addf(out, "%s ", c->x_title ? c->x_title : "at");
	if (c->kind == CHART_LINES)
		plot_value(&(struct chart){0}, cursor, false, out);
	else
		buf_addstr(out, c->categories[(size_t)cursor]);
}

void plot_readout(const struct chart *c, double cursor, struct buf *out)
{
	const char *before = ": ";

	if (is_empty(c, &cursor))
		return;
	add_place(c, cursor, out);
	for (size_t s = 0; s < c->n_series; s++) {
		const struct chart_series *r = &c->series[s];
		size_t i = index_at(c, r, cursor);

		if (r->faint || i == r->n)
			continue;
		buf_addstr(out, before);
		if (r->name && c->n_series > 1)
			buf_addf(out, "%s ", r->name);
		if (c->kind == CHART_BOXES) {
			add_box(c, r->y + 5 * i, out);
		} else {
			plot_value(c, r->y[i], false, out);
			add_interval(c, r, i, out);
		}
		before = ", ";
	}
}

static void add_exact(double v, struct buf *out)
{
	buf_addch(out, '\t');
	if (!isnan(v))
		buf_addf(out, "%.9g", v);
}

static void add_row_heads(const struct chart *c, struct buf *out)
{
	static const char *const five[5] = {"lowest", "quarter", "median", "three quarters", "highest"};

	buf_addstr(out, c->x_title ? c->x_title : "");
	for (size_t s = 0; s < c->n_series; s++) {
		const struct chart_series *r = &c->series[s];
		const char *name = r->name ? r->name : "value";

		for (size_t k = 0; c->kind == CHART_BOXES && k < 5; k++)
			buf_addf(out, "\t%s %s", name, five[k]);
		if (c->kind != CHART_BOXES)
			buf_addf(out, "\t%s", name);
		if (c->kind != CHART_BOXES && r->low && r->high)
			buf_addf(out, "\t%s low\t%s high", name, name);
	}
	buf_addch(out, '\n');
}

void plot_row(const struct chart *c, double cursor, struct buf *out)
{
	if (is_empty(c, &cursor))
		return;
	add_row_heads(c, out);
	if (c->kind == CHART_LINES)
		buf_addf(out, "%.9g", cursor);
	else
		buf_addstr(out, c->categories[(size_t)cursor]);
	for (size_t s = 0; s < c->n_series; s++) {
		const struct chart_series *r = &c->series[s];
		size_t i = index_at(c, r, cursor);
		bool none = i == r->n || (c->kind == CHART_LINES && r->x[i] != cursor);

		for (size_t k = 0; c->kind == CHART_BOXES && k < 5; k++)
			add_exact(none ? (double)NAN : r->y[5 * i + k], out);
		if (c->kind != CHART_BOXES)
			add_exact(none ? (double)NAN : r->y[i], out);
		if (c->kind != CHART_BOXES && r->low && r->high) {
			add_exact(none ? (double)NAN : r->low[i], out);
			add_exact(none ? (double)NAN : r->high[i], out);
		}
	}
}

bool plot_at(const struct plot_place *p, int x, int y, double *cursor)
{
	struct rect r = p->in;

	if (!rect_has(r, x, y))
		return false;
	if (p->kind == CHART_LINES) {
		*cursor = chart_axis_value(&p->x, r.w > 1 ? (double)(x - r.x) / (r.w - 1) : 0);
		return true;
	}
	if (p->categories == 0)
		return false;
	size_t at = p->level ? (size_t)(y - r.y) / p->per_category : (size_t)((x - r.x) * (double)p->categories / r.w);
	*cursor = (double)at;
	return at < p->categories;
}
