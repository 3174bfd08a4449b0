/*
 * Charts as data: what is drawn, apart from where. One description is drawn as SVG here and as characters by the
 * screens, with the same axes and ticks.
 */
#ifndef BASE_CHART_H
#define BASE_CHART_H

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
	size_t look; /* below CHART_SERIES: its colour and mark, so that one thing looks the same in all charts */
	bool open;   /* what would be, beside what is: dashed, with open marks, or bars that are empty */
};

/* What draws a chart takes a colour, mark and hatch of its own for every look, so that it reads without colour. NaN is
 * left out, an infinite value drawn at the edge. */
struct chart {
	enum chart_kind kind;
	const char *title, *x_title, *y_title; /* plain text, escaped by what draws it */
	const char *const *categories;         /* [n_categories] BARS and BOXES */
	size_t n_categories;
	struct chart_series series[CHART_SERIES];
	size_t n_series;
	bool log_x;        /* LINES; x > 0 */
	bool log_y;        /* LINES; what is not above 0 is left out */
	double x_from, x_to; /* LINES: only this part of the axis is shown; equal: all of it */
	bool percent;      /* y is a share: 0.25 is shown as 25 % */
	bool zero_line;    /* a line at y = 0, which is in the range */
	const char *note;  /* for what stands below; NULL: none */
};


/* Round values that cover low … high: steps of 1, 2 or 5 times a power of ten, about `want` of them, at least 2 and at
 * most CHART_TICKS. Returns their number; *decimals are those that tell them apart. A range of no width or not finite
 * is widened. */
#define CHART_TICKS 16
size_t chart_ticks(double ticks[CHART_TICKS], double low, double high, size_t want, int *decimals);

/* The same on a logarithmic axis: 1, 2, 5, 10, … or, where these are too many, powers of ten alone. low > 0. */
size_t chart_log_ticks(double ticks[CHART_TICKS], double low, double high);

/* What the finite values and intervals span; 0 is in it for bars, shares and where there is a line at zero. Categories
 * lie at 0.5, 1.5, … of 0 to their number. A chart without a value spans 0 to 1. */
void chart_range(const struct chart *c, double *x_low, double *x_high, double *y_low, double *y_high);

/* Appends a number with so many decimals, whatever the locale; a very large one as 1.5e12. Not finite: "-", "inf",
 * "-inf". */
void chart_number(double v, int decimals, struct buf *out);

/* Appends what stands at a tick: with percent, 0.25 as "25 %" (decimals are those of the share). */
void chart_tick_label(double v, int decimals, bool percent, struct buf *out);

/* What a chart needs above and below its axes, in units, besides what all have. */
struct chart_frame {
	double head; /* the legend */
	double foot; /* labels of categories that stand slanted */
};

/* Widens a frame to what a chart of this width needs. Charts that are drawn in one frame begin and end alike. */
void chart_frame(const struct chart *c, double width, struct chart_frame *frame);

/*
 * Appends one <svg> element of width × height units that needs nothing else, in a frame no smaller than `least` (NULL:
 * in its own). Looks differ in mark and hatch as well as in colour. Title, note and all values are in its <title> and
 * <desc> for those who cannot see it; the title and the note are not drawn, since the page around it does that better.
 * It holds no ids, so that many can stand on one page; colours are the custom properties --series-1 … --series-8 where
 * the page sets them.
 */
void chart_svg(const struct chart *c, double width, double height, const struct chart_frame *least, struct buf *out);

#endif
