/*
 * Charts as characters: the same description, axes and ticks as in SVG (base/chart.h), drawn with what canvas->graph
 * says.
 *
 * A chart draws into any rectangle and leaves out what has no room: first the titles of its axes, then its legend, then
 * the labels. Its own title and note are for the caller to place. Looks differ in colour (ROLE_SERIES_1 + look) and in
 * marks, line patterns or fills; series of many points have patterns, of few have marks.
 */
#ifndef UI_TUI_PLOT_H
#define UI_TUI_PLOT_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"
#include "base/chart.h"
#include "canvas.h"

/* Zeroed is a plain chart. */
struct plot_options {
	bool has_cursor;
	double cursor; /* an x; a category's place, from 0, for bars and boxes */
	size_t strong; /* number of the series that stands out, from 1; the others turn pale. 0: none */
};

/* Where a chart came to lie, for the mouse. */
struct plot_place {
	struct rect in;      /* what lies between the axes; may be empty */
	struct chart_axis x; /* LINES */
	enum chart_kind kind;
	size_t categories;   /* that are drawn */
	bool level;          /* bars that go right, a line a bar */
	size_t per_category; /* its lines then, with what lies between */
};

struct plot_place plot_draw(
	struct canvas *c, struct rect area, const struct chart *chart, const struct plot_options *o);

/* The cursor that a cell stands for; false where it lies outside. */
bool plot_at(const struct plot_place *p, int x, int y, double *cursor);

/* The cursor `by` points, or categories, further right; as far as there are any. Not at a point: from the nearest one.
 * NaN where the chart has none. */
double plot_move(const struct chart *chart, double cursor, int by);

/* Appends what lies at the cursor: "step 120: BEAR 2.31, SFT 2.54"; of lines the points next to it. Faint series are
 * left out. Nothing where the chart is empty. */
void plot_readout(const struct chart *chart, double cursor, struct buf *out);

/* Appends the same with tabs between the columns, in full precision: the head of the table, then its row. */
void plot_row(const struct chart *chart, double cursor, struct buf *out);

#endif
