/*
 * A raster of dots over cells: lines are drawn finer than a cell, and come out as braille, as quarter blocks, or with
 * one dot a cell as ASCII characters. Every cell belongs to one layer and has one style: what is drawn on a higher
 * layer takes the cell and wipes out what was there, on the same layer the dots join and the last style stays.
 */
#ifndef UI_TUI_DOTS_H
#define UI_TUI_DOTS_H

#include <stdint.h>

#include "canvas.h"
#include "graph.h"

struct dots_cell {
	uint8_t bits, style, layer;
	char ascii;
};

struct dots {
	enum graph_kind graph;
	int w, h;         /* dots */
	int per_x, per_y; /* dots of a cell */
	int cells_w, cells_h;
	struct dots_cell *cells; /* owned */
};

#define DOTS_PATTERN 16

/* What is drawn with. Of a pattern, bit i says whether dot number i of every DOTS_PATTERN is drawn. */
struct dots_pen {
	unsigned style;
	uint8_t layer;
	char ascii;
	uint16_t pattern; /* 0: all */
	bool by_column;   /* the pattern goes by where a dot is, not by how long the line has been */
	unsigned drawn;   /* dots so far */
};

void dots_init(struct dots *d, enum graph_kind graph, int cells_w, int cells_h); /* graph: not AUTO */
void dots_release(struct dots *d);

/* y counts from above; what lies outside is left out. */
void dots_line(struct dots *d, struct dots_pen *pen, int x0, int y0, int x1, int y1);

/* Puts the cells that have dots on the canvas, the first one at x, y. */
void dots_draw(const struct dots *d, struct canvas *c, int x, int y);

#endif
