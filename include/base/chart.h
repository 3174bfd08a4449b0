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
	bool faint;  /* LINES: what was measured, under the curve that sums it up: thin, pale, not in the legend */
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
	bool whole_x;      /* LINES: x are whole numbers, so its ticks are */
	bool log_x;        /* LINES; x > 0 */
	bool log_y;        /* LINES; what is not above 0 is left out */
	bool falling_y;    /* LINES; its least value is at the top, as ranks are read */
	double x_from, x_to; /* LINES: only this part of the axis is shown; x_from not below x_to: all of it */
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

/* What the finite values and intervals span that are shown; 0 is in it for bars, shares and where there is a line at
 * zero, unless y is logarithmic. Categories lie at 0.5, 1.5, … of 0 to their number. A chart without a value spans 0 to
 * 1, a logarithmic axis 1 to 10. */
void chart_range(const struct chart *c, double *x_low, double *x_high, double *y_low, double *y_high);

/* An axis as it is drawn: low and high differ, the ticks are within, rising. */
struct chart_axis {
	double low, high;
	double ticks[CHART_TICKS]; /* [n] */
	size_t n;
	int decimals; /* of the ticks where they are evenly spaced */
	bool log;
	bool even;    /* its ticks are in even steps, though it is logarithmic */
	bool falling; /* its low end is where others have the high one */
};

/* The axes with about so many ticks. Both begin and end at ticks, except x where only a part is shown; an x of
 * categories has none. */
void chart_axes(const struct chart *c, size_t want_x, size_t want_y, struct chart_axis *x, struct chart_axis *y);

/* Where a value lies: 0 at the left or lower end, 1 at the other; finite for any number, the ends for infinite ones and
 * for what a logarithmic axis does not have. */
double chart_axis_share(const struct chart_axis *a, double v);
double chart_axis_value(const struct chart_axis *a, double share); /* the other way round */

/* Appends what stands at tick number i. */
void chart_axis_label(const struct chart_axis *a, size_t i, bool percent, struct buf *out);

/* Is point i of a series of lines there to be drawn? Neither coordinate NaN, nor where a logarithmic axis has none. */
bool chart_has_point(const struct chart *c, const struct chart_series *r, size_t i);

/* Cuts a segment between two points, in shares of the axes, to what is seen of it; false where nothing is. */
bool chart_clip(double *x0, double *y0, double *x1, double *y1);

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

/* Appends a whole SVG file: charts of width × height one below the other, each between its title, which it must have,
 * and its note, on white. */
void chart_page(const struct chart *charts, size_t n, double width, double height, struct buf *out);

#endif
