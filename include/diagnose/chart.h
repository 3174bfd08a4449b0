/*
 * Charts as data: what is drawn, apart from where. One description is drawn as SVG here and as characters by the
 * screens, with the same axes and ticks.
 */
#ifndef DIAGNOSE_CHART_H
#define DIAGNOSE_CHART_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"

enum chart_kind {
	CHART_BARS,  /* a bar a category and series, side by side */
	CHART_LINES, /* points joined, with their intervals as a band or whiskers */
	CHART_BOXES, /* five numbers a category: whiskers, box, median */
};

#define CHART_SERIES 8

struct chart_series {
	const char *name;
	const double *x; /* [n] LINES; BARS and BOXES: NULL, the categories' places */
	const double *y; /* [n]; NaN: nothing there. BOXES: [n][5], rising */
	const double *low, *high; /* [n] 95 % intervals; NULL: none */
	size_t n;
};

struct chart {
	enum chart_kind kind;
	const char *title, *x_title, *y_title; /* plain text, escaped by what draws it */
	const char *const *categories;         /* [n_categories] BARS and BOXES */
	size_t n_categories;
	struct chart_series series[CHART_SERIES];
	size_t n_series;
	bool log_x;        /* LINES; x > 0 */
	bool percent;      /* y is a share: 0.25 is shown as 25 % */
	bool zero_line;    /* a line at y = 0, which is in the range */
	const char *note;  /* below; NULL: none */
};

/* Round values that cover low … high: steps of 1, 2 or 5 times a power of ten, about `want` of them, at most
 * CHART_TICKS. Returns their number; *decimals are those that tell them apart. A range of no width or not finite is
 * widened. */
#define CHART_TICKS 16
size_t chart_ticks(double ticks[CHART_TICKS], double low, double high, size_t want, int *decimals);
size_t chart_log_ticks(double ticks[CHART_TICKS], double low, double high); /* 1, 2, 5, 10, … */
void chart_range(const struct chart *c, double *x_low, double *x_high, double *y_low, double *y_high);

/* Appends one <svg> element of width × height units that needs nothing else: series differ in dash and mark as well as
 * in colour, and it has a <title> and a <desc> for those who cannot see it. */
void chart_svg(const struct chart *c, double width, double height, struct buf *out);

#endif
