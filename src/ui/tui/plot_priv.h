/* What the kinds of charts share while one is drawn. */
#ifndef UI_TUI_PLOT_PRIV_H
#define UI_TUI_PLOT_PRIV_H

#include "dots.h"
#include "plot.h"

/* Of dots, from below. */
enum plot_layer {
	LAYER_GROUND = 1,
	LAYER_FAINT,
	LAYER_INTERVAL,
	LAYER_SERIES,
	LAYER_STRONG
};

struct plot {
	struct canvas *canvas;
	const struct chart *c;
	const struct plot_options *o;
	enum graph_kind graph; /* not AUTO */
	struct rect area;      /* of all */
	struct rect in;        /* between the axes */
	struct chart_axis x, y;
	bool axis_row;  /* the line below `in` is the axis' */
	bool label_row; /* and the one below it has labels */
	size_t shown;   /* categories that have room, from the first on */
};

unsigned plot_role(const struct plot *p, size_t series); /* its colour, pale where another one stands out */
uint32_t plot_mark(const struct plot *p, size_t series); /* its mark as a character */
uint32_t plot_fill(const struct plot *p, size_t series); /* what its bars are made of */

/* A value as it is written at a bar or in a readout; bare: without the sign of shares. */
void plot_value(const struct chart *c, double v, bool bare, struct buf *out);

/* Dot row of a value, from above. */
int plot_dot_y(const struct plot *p, const struct dots *d, double v);

void plot_zero_line(const struct plot *p, struct dots *d);

/* What each kind draws between and below the axes. */
void plot_lines(struct plot *p);
void plot_lines_sample(const struct plot *p, size_t series, int x, int y); /* PLOT_SAMPLE cells of the legend */
void plot_bars(struct plot *p);
void plot_boxes(struct plot *p);

/* Bars that go right, without axes, in all of `in`; true where the chart is better drawn so. */
bool plot_is_level(const struct plot *p);
struct plot_place plot_level(struct plot *p);

/* A band of cells a category, and what stands below it. */
struct plot_bands {
	double width; /* of a band, cells */
	int each;     /* of the bar or box of one series */
};

struct plot_bands plot_bands(struct plot *p);                                                    /* sets p->shown */
int plot_slot(const struct plot *p, const struct plot_bands *b, size_t category, size_t series); /* its first column */
void plot_categories(const struct plot *p, const struct plot_bands *b);

#define PLOT_SAMPLE 3

#endif
