/*
 * Where things go: pure functions from sizes to rectangles. The rectangles of one call never overlap and together cover
 * the area exactly; one that has no room is empty (w or h 0).
 */
#ifndef UI_TUI_LAYOUT_H
#define UI_TUI_LAYOUT_H

#include <stdbool.h>

#include "canvas.h"

#define LAYOUT_MIN_W 80
#define LAYOUT_MIN_H 24

struct frame_layout {
	struct rect tabs, top, body;
	struct rect lesson; /* below the body, or at its right where that has room to spare; empty without a lesson */
	struct rect message; /* right above the bottom line */
	struct rect bottom;
};

/* Too small for the views: the body is then only for the line that says so. */
bool layout_too_small(int w, int h);

/* lesson: the lines that an open lesson would like to have at w cells; 0: none is open. message: those of a message
 * that has no room in the bottom line. Neither takes more than half of what there is without them. */
struct frame_layout layout_frame(int w, int h, int lesson, int message);

/* What the Beam view would like to show, in lines of content. */
struct beam_wish {
	int verdict;  /* lines of the verdict at the area's width */
	int steps;    /* lines of the steps' panel at most, frame included, as the others */
	int positive; /* lines of the positive item's panel */
	int results;  /* lines of the list of results; 0: none */
	bool branch;  /* two lists stand where the steps do, which need its width */
};

struct beam_layout {
	struct rect steps, positive, results, verdict;
};

struct beam_layout layout_beam(struct rect area, struct beam_wish wish);

struct tree_layout {
	struct rect tree, side, verdict;
};

/* verdict: its lines at the area's width. The side panel stands where there is room for it. */
struct tree_layout layout_tree(struct rect area, int verdict);

/* A box of at most w by h in the middle of the area, with a margin where there is room. */
struct rect layout_centre(struct rect area, int w, int h);

#endif
