/*
 * What a chart spans and what stands at its axes.
 */
#include "base/chart.h"

#include <float.h>
#include <math.h>
#include <stdint.h>
#include <string.h>

#define WIDEST 1e300       /* ends of a range beyond are cut, so that its width is a number */
#define LEAST_WIDTH 1e-300 /* below it there are no round steps left between denormal numbers */
#define SAME 1e-12         /* of the larger end: nearer ends are one value */
#define MOST_DECIMALS 9
#define LEAST_LOG_TICKS 4 /* with fewer an axis of 1, 2, 5 … is much longer than what it shows */
#define FAR 1e6 /* in lengths of the axis: no value is drawn further away */

/* Ends that differ, in order, and can be subtracted. */
static void widen(double *low, double *high)
{
	double largest;

	*low = isnan(*low) ? 0 : fmax(fmin(*low, WIDEST), -WIDEST);
	*high = isnan(*high) ? 0 : fmax(fmin(*high, WIDEST), -WIDEST);
	if (*low > *high) {
		double t = *low;

		*low = *high;
		*high = t;
	}
	largest = fmax(fabs(*low), fabs(*high));
	if (*high - *low > fmax(LEAST_WIDTH, SAME * largest))
		return;
	if (largest <= LEAST_WIDTH) {
		*low = 0;
		*high = 1;
	} else {
		*low -= largest / 2;
		*high += largest / 2;
	}
}

/* k · m · 10^e with one rounding where 10^|e| is exact. */
static double multiple(double k, int m, int e)
{
	return e < 0 ? k * m / pow(10, -e) : k * m * pow(10, e);
}

size_t chart_ticks(double ticks[CHART_TICKS], double low, double high, size_t want, int *decimals)
{
	static const int steps[] = {1, 2, 5};
	double raw, first, last;
	size_t i = 0, n;
	int e;

	widen(&low, &high);
	raw = (high - low) / (double)(want > 1 ? want : 1);
	e = (int)floor(log10(raw));
	while (multiple(1, steps[i % 3], e + (int)(i / 3)) < raw * (1 - SAME))
		i++;
	for (;; i++) {
		double step = multiple(1, steps[i % 3], e + (int)(i / 3));

		first = floor(low / step + 1e-9);
		last = ceil(high / step - 1e-9);
		if (last - first < CHART_TICKS)
			break;
	}
	e += (int)(i / 3);
	n = (size_t)(last - first) + 1;
	for (size_t t = 0; t < n; t++)
		ticks[t] = multiple(first + (double)t, steps[i % 3], e);
	*decimals = e < 0 ? -e : 0;
	return n;
}

/* 1, 2, 5, 10, …: the tick of a number, also a negative one. */
static double log_tick(int i)
{
	static const double steps[] = {1, 2, 5};
	int decade = i >= 0 ? i / 3 : -((2 - i) / 3);
	double step = steps[i - 3 * decade];

	return decade < 0 ? step / pow(10, -decade) : step * pow(10, decade);
}

size_t chart_log_ticks(double ticks[CHART_TICKS], double low, double high)
{
	int first, last, stride = 1;
	size_t n = 0;

	if (!(low > LEAST_WIDTH))
		low = fmin(1, high > LEAST_WIDTH ? high : 1);
	low = fmin(low, WIDEST);
	high = !(high > low) ? low : fmin(high, WIDEST);
	first = 3 * (int)floor(log10(low)) - 1;
	while (log_tick(first + 1) <= low * (1 + SAME))
		first++;
	last = first + 1;
	while (log_tick(last) < high * (1 - SAME))
		last++;
	if (last - first >= CHART_TICKS) {
		first = 3 * (int)floor(log10(low) + SAME);
		last = 3 * (int)ceil(log10(high) - SAME);
		while ((last - first + 3 * stride - 1) / (3 * stride) >= CHART_TICKS)
			stride++;
		stride *= 3;
	}
	for (int i = first;; i += stride) {
		ticks[n++] = log_tick(i);
		if (i >= last)
			return n;
	}
}

/* The part of the axis that is asked for. */
static bool has_window(const struct chart *c)
{
	return c->kind == CHART_LINES && isfinite(c->x_from) && isfinite(c->x_to) && c->x_from < c->x_to;
}

static void take(double *low, double *high, double v, bool log)
{
	if (!isfinite(v) || (log && v <= 0))
		return;
	*low = fmin(*low, v);
	*high = fmax(*high, v);
}

static void take_boxes(const struct chart_series *r, double *y_low, double *y_high)
{
	for (size_t i = 0; i < 5 * r->n; i++)
		take(y_low, y_high, r->y[i], false);
}

static void take_series(const struct chart *c, const struct chart_series *r, double x[2], double y[2])
{
	bool lines = c->kind == CHART_LINES, log = lines && c->log_y;

	for (size_t i = 0; i < r->n; i++) {
		if (has_window(c) && !(r->x[i] >= c->x_from && r->x[i] <= c->x_to))
			continue;
		if (lines)
			take(&x[0], &x[1], r->x[i], c->log_x);
		take(&y[0], &y[1], r->y[i], log);
		if (r->low)
			take(&y[0], &y[1], r->low[i], log);
		if (r->high)
			take(&y[0], &y[1], r->high[i], log);
	}
}

static void settle(double range[2], bool log)
{
	if (range[0] > range[1]) {
		range[0] = log ? 1 : 0;
		range[1] = log ? 10 : 1;
	}
}

void chart_range(const struct chart *c, double *x_low, double *x_high, double *y_low, double *y_high)
{
	double x[2] = {INFINITY, -INFINITY}, y[2] = {INFINITY, -INFINITY};
	bool lines = c->kind == CHART_LINES;

	for (size_t s = 0; s < c->n_series; s++) {
		if (c->kind == CHART_BOXES)
			take_boxes(&c->series[s], &y[0], &y[1]);
		else
			take_series(c, &c->series[s], x, y);
	}
	if (c->kind == CHART_BARS || c->percent || c->zero_line)
		take(&y[0], &y[1], 0, lines && c->log_y);
	if (!lines) {
		x[0] = 0;
		x[1] = (double)c->n_categories;
	} else if (has_window(c)) {
		x[0] = c->x_from;
		x[1] = c->x_to;
	}
	settle(x, lines && c->log_x);
	settle(y, lines && c->log_y);
	*x_low = x[0];
	*x_high = x[1];
	*y_low = y[0];
	*y_high = y[1];
}

/* Ticks at every whole number, where the range is so narrow that round steps are less than that. */
static void whole_ticks(struct chart_axis *a)
{
	double first = floor(a->low), last = ceil(a->high);

	if (a->decimals == 0 || last - first >= CHART_TICKS)
		return;
	a->decimals = 0;
	a->n = 0;
	if (first == last)
		last = first + 1;
	for (double v = first; v <= last; v++)
		a->ticks[a->n++] = v;
}

/* Round values in even steps, as long as none is 0, where 1, 2, 5 … lie too far apart. */
static void even_log_ticks(struct chart_axis *a, size_t want)
{
	double even[CHART_TICKS];
	int decimals;
	size_t n = chart_ticks(even, a->low, a->high, want, &decimals);

	if (a->n >= LEAST_LOG_TICKS || !(even[0] > 0))
		return;
	memcpy(a->ticks, even, n * sizeof(*even));
	a->n = n;
	a->decimals = decimals;
	a->even = true;
}

static void find_ticks(struct chart_axis *a, size_t want, bool whole)
{
	if (a->log) {
		a->n = chart_log_ticks(a->ticks, a->low, a->high);
		return;
	}
	a->n = chart_ticks(a->ticks, a->low, a->high, want, &a->decimals);
	if (whole)
		whole_ticks(a);
}

/* The axis becomes as long as its ticks; or they are cut to it. */
static void fit_ticks(struct chart_axis *a, bool cut)
{
	size_t n = 0;

	if (!cut) {
		a->low = a->ticks[0];
		a->high = a->ticks[a->n - 1];
		return;
	}
	for (size_t i = 0; i < a->n; i++)
		if (a->ticks[i] >= a->low && a->ticks[i] <= a->high)
			a->ticks[n++] = a->ticks[i];
	a->n = n;
}

void chart_axes(const struct chart *c, size_t want_x, size_t want_y, struct chart_axis *x, struct chart_axis *y)
{
	bool lines = c->kind == CHART_LINES;

	*x = (struct chart_axis){.log = lines && c->log_x};
	*y = (struct chart_axis){.log = lines && c->log_y, .falling = lines && c->falling_y};
	chart_range(c, &x->low, &x->high, &y->low, &y->high);
	if (!lines)
		x->high = fmax(x->high, 1);
	if (x->log && has_window(c) && !(x->low > 0))
		x->low = fmin(1, x->high > 0 ? x->high / 10 : 1);
	if (lines) {
		find_ticks(x, want_x, c->whole_x);
		fit_ticks(x, has_window(c) && x->low < x->high);
	}
	find_ticks(y, want_y, false);
	if (y->log)
		even_log_ticks(y, want_y);
	fit_ticks(y, false);
}

/* From the low end to the high one. */
static double share_of(const struct chart_axis *a, double v)
{
	double low = a->low, high = a->high;

	if (a->log) {
		if (!(v > 0))
			return 0;
		low = log10(low);
		high = log10(high);
		v = log10(v);
	}
	if (isinf(v))
		return v < 0 ? 0 : 1;
	/* Of halves, whose difference is a number. */
	return fmax(-FAR, fmin(FAR, (v / 2 - low / 2) / (high / 2 - low / 2)));
}

double chart_axis_share(const struct chart_axis *a, double v)
{
	return a->falling ? 1 - share_of(a, v) : share_of(a, v);
}

double chart_axis_value(const struct chart_axis *a, double share)
{
	if (a->falling)
		share = 1 - share;
	if (a->log)
		return pow(10, log10(a->low) + share * (log10(a->high) - log10(a->low)));
	return a->low + share * (a->high - a->low);
}

bool chart_has_point(const struct chart *c, const struct chart_series *r, size_t i)
{
	if (isnan(r->x[i]) || isnan(r->y[i]))
		return false;
	return (!c->log_x || r->x[i] > 0) && (!c->log_y || r->y[i] > 0);
}

/* Of the part t0 … t1 of a way from `at` by `by`, what is within 0 … 1. */
static bool clip_one(double at, double by, double *t0, double *t1)
{
	double a = (0 - at) / by, b = (1 - at) / by;

	if (by == 0)
		return at >= 0 && at <= 1;
	*t0 = fmax(*t0, fmin(a, b));
	*t1 = fmin(*t1, fmax(a, b));
	return *t0 <= *t1;
}

bool chart_clip(double *x0, double *y0, double *x1, double *y1)
{
	double x = *x0, y = *y0, dx = *x1 - x, dy = *y1 - y, t0 = 0, t1 = 1;

	if (!clip_one(x, dx, &t0, &t1) || !clip_one(y, dy, &t0, &t1))
		return false;
	*x0 = fmax(0, fmin(1, x + t0 * dx));
	*y0 = fmax(0, fmin(1, y + t0 * dy));
	*x1 = fmax(0, fmin(1, x + t1 * dx));
	*y1 = fmax(0, fmin(1, y + t1 * dy));
	return true;
}

/* A whole number of units of the last decimal, so that no locale has a say in it. Rounded as printf does: the product
 * may come to lie on a half that v itself is below, and a true half goes to the even side. */
static void add_fixed(double v, int decimals, struct buf *out)
{
	uint64_t scale = 1, units;
	double over; /* by how much v is beyond the half below these units */

	for (int i = 0; i < decimals; i++)
		scale *= 10;
	units = (uint64_t)llround(fabs(v) * (double)scale);
	over = fma(fabs(v), (double)scale, 0.5 - (double)units);
	if (units > 0 && (over < 0 || (over == 0 && units % 2 != 0)))
		units--;
	if (v < 0 && units > 0)
		buf_addch(out, '-');
	buf_addf(out, "%llu", (unsigned long long)(units / scale));
	if (decimals > 0)
		buf_addf(out, ".%0*llu", decimals, (unsigned long long)(units % scale));
}

void chart_number(double v, int decimals, struct buf *out)
{
	int e;

	decimals = decimals < 0 ? 0 : decimals > MOST_DECIMALS ? MOST_DECIMALS : decimals;
	if (!isfinite(v)) {
		buf_addstr(out, isnan(v) ? "-" : v < 0 ? "-inf" : "inf");
		return;
	}
	if (v == 0 || fabs(v) * pow(10, decimals) < 1e15) {
		add_fixed(v, decimals, out);
		return;
	}
	e = (int)floor(log10(fabs(v)));
	/* In two steps: 10^-308 times a denormal's scale is no number. */
	add_fixed(v / pow(10, e / 2) / pow(10, e - e / 2), 1, out);
	buf_addf(out, "e%d", e);
}

void chart_tick_label(double v, int decimals, bool percent, struct buf *out)
{
	if (!isfinite(v)) {
		chart_number(v, 0, out);
	} else if (percent) {
		chart_number(100 * v, decimals > 2 ? decimals - 2 : 0, out);
		buf_addstr(out, " %");
	} else if (v != 0 && (fabs(v) >= 1e6 || decimals > 6)) {
		int e = (int)floor(log10(fabs(v)));

		chart_number(v / pow(10, e / 2) / pow(10, e - e / 2), 1, out);
		buf_addf(out, "e%d", e);
	} else {
		chart_number(v, decimals, out);
	}
}

void chart_axis_label(const struct chart_axis *a, size_t i, bool percent, struct buf *out)
{
	int decimals = a->decimals;

	if (a->log && !a->even)
		for (decimals = 0; decimals < MOST_DECIMALS && a->ticks[i] < pow(10, -decimals) * (1 - 1e-9);)
			decimals++;
	chart_tick_label(a->ticks[i], decimals, percent, out);
}
