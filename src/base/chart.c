/*
 * What a chart spans and what stands at its axes.
 */
#include "base/chart.h"

#include <float.h>
#include <math.h>
#include <stdint.h>

#define WIDEST 1e300       /* ends of a range beyond are cut, so that its width is a number */
#define LEAST_WIDTH 1e-300 /* below it there are no round steps left between denormal numbers */
#define SAME 1e-12         /* of the larger end: nearer ends are one value */
#define MOST_DECIMALS 9

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

/* Takes finite values into a range. */
static void take(double *low, double *high, const double *v, size_t n)
{
	for (size_t i = 0; v && i < n; i++) {
		if (!isfinite(v[i]))
			continue;
		*low = fmin(*low, v[i]);
		*high = fmax(*high, v[i]);
	}
}

static void settle(double *low, double *high)
{
	if (*low > *high) {
		*low = 0;
		*high = 1;
	}
}

void chart_range(const struct chart *c, double *x_low, double *x_high, double *y_low, double *y_high)
{
	static const double zero = 0;
	size_t each = c->kind == CHART_BOXES ? 5 : 1;

	*x_low = *y_low = INFINITY;
	*x_high = *y_high = -INFINITY;
	for (size_t s = 0; s < c->n_series; s++) {
		const struct chart_series *r = &c->series[s];

		take(y_low, y_high, r->y, each * r->n);
		if (c->kind == CHART_BOXES)
			continue;
		take(y_low, y_high, r->low, r->n);
		take(y_low, y_high, r->high, r->n);
		if (c->kind == CHART_LINES)
			take(x_low, x_high, r->x, r->n);
	}
	if (c->kind == CHART_BARS || c->percent || c->zero_line)
		take(y_low, y_high, &zero, 1);
	if (c->kind != CHART_LINES) {
		*x_low = 0;
		*x_high = (double)c->n_categories;
	}
	settle(x_low, x_high);
	settle(y_low, y_high);
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
	if (percent) {
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
