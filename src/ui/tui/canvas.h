/*
 * A page of character cells in memory. Views draw here; the terminal shows it, tests and `P` write it out as text.
 *
 * Drawing clips to the page, so a view may draw anywhere. Styles say what a thing means; the terminal decides how that
 * looks. With ascii set, everything that is drawn ends up in ASCII, marks and lines as their twins, so that a test sees
 * what a terminal without UTF-8 would show. Control characters never enter a cell.
 */
#ifndef UI_TUI_CANVAS_H
#define UI_TUI_CANVAS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/compiler.h"
#include "graph.h"

/* Coordinates are cells; 0, 0 is the upper left. They may lie outside a page, hence int. */
struct rect {
	int x, y, w, h;
};

bool rect_has(struct rect r, int x, int y);
struct rect rect_inside(struct rect r); /* of a frame, with a blank at its left and right */

enum role {
	ROLE_TEXT,
	ROLE_DIM,      /* secondary: headings of columns, units, what is teacher-forced */
	ROLE_TITLE,    /* of a panel */
	ROLE_FRAME,    /* lines around panels */
	ROLE_HOT,      /* what stands out: the view's name, a running job */
	ROLE_KEY,      /* a key's name in the bottom line */
	ROLE_KEPT,     /* kept in the beam, positive margins */
	ROLE_PRUNED,   /* pruned, negative margins */
	ROLE_POSITIVE, /* the positive item */
	ROLE_CUTOFF,
	ROLE_ERROR,
	ROLE_MATCH,    /* found by search */
	ROLE_SERIES_1, /* of charts, by their looks */
	ROLE_SERIES_8 = ROLE_SERIES_1 + 7,
	ROLE_COUNT
};

/* A style is a role and any of these. */
#define STYLE_BAR 0x20u      /* on the ground of the top line */
#define STYLE_SELECTED 0x40u /* on the ground of the selected row */
#define STYLE_STRONG 0x80u
#define STYLE_ROLE(style) ((style) & 0x1fu)

enum glyph {
	GLYPH_KEPT,
	GLYPH_PRUNED,
	GLYPH_POSITIVE,
	GLYPH_FINISHED,
	GLYPH_HERE,
	GLYPH_YES,
	GLYPH_NO,
	GLYPH_UNKNOWN,
	GLYPH_EDIT, /* decided by hand */
	GLYPH_ALONE, /* kept by only one of two searches */
	GLYPH_ENDED, /* was kept, nothing of it is left */
	GLYPH_OUT,   /* fell out by an edit */
	GLYPH_SPACE, /* a space that should be seen */
	GLYPH_DOT,
	GLYPH_MORE_UP,
	GLYPH_MORE_DOWN,
	GLYPH_GAP, /* lines left out */
	GLYPH_SOLID,
	GLYPH_HATCH,
	GLYPH_DASH, /* of the cut-off line */
	GLYPH_HORIZONTAL,
	GLYPH_VERTICAL,
	GLYPH_TOP_LEFT,
	GLYPH_TOP_RIGHT,
	GLYPH_BOTTOM_LEFT,
	GLYPH_BOTTOM_RIGHT,
	GLYPH_TICK_LEFT,  /* of a chart's axis */
	GLYPH_TICK_BELOW,
	GLYPH_TEE,        /* of a tree: a branch leaves, more follow */
	GLYPH_COUNT
};

#define CELL_TEXT 30 /* bytes of a grapheme cluster and NUL; longer ones lose their last marks */

struct cell {
	char text[CELL_TEXT];
	uint8_t width; /* 1, or 2; 0: right half of the wide one to the left */
	uint8_t style;
};

struct canvas {
	struct cell *cells; /* owned, [h][w] */
	int w, h;
	bool ascii;
	enum graph_kind graph; /* what charts are drawn with */
	int cursor_x, cursor_y; /* where the terminal's cursor is seen; cursor_x < 0: nowhere */
};

#define CANVAS_MAX_W 1000
#define CANVAS_MAX_H 500

void canvas_init(struct canvas *c, bool ascii); /* 0 by 0 */
void canvas_release(struct canvas *c);
void canvas_resize(struct canvas *c, int w, int h); /* blank afterwards; sizes past the maxima are cut to them */
void canvas_blank(struct canvas *c);

/* The ASCII twin of a mark that is no line, block or arrow: what fonts of a console of 512 letters have not. NULL: the
 * text is none. */
const char *canvas_plain_mark(const char *text);

const struct cell *canvas_at(const struct canvas *c, int x, int y); /* within the page */

/* Draws text into at most w cells from x on, "…" where it was cut; returns the cells used. */
int canvas_text(struct canvas *c, int x, int y, int w, unsigned style, const char *text);
/* The same, "…" in place of the middle: of titles and prefixes that begin alike, the ends tell them apart. */
int canvas_ends(struct canvas *c, int x, int y, int w, unsigned style, const char *text);
int canvas_textf(struct canvas *c, int x, int y, int w, unsigned style, const char *fmt, ...) PRINTF_LIKE(6, 7);
/* The same, ending at the right edge of the w cells. */
int canvas_right(struct canvas *c, int x, int y, int w, unsigned style, const char *text);
int canvas_rightf(struct canvas *c, int x, int y, int w, unsigned style, const char *fmt, ...) PRINTF_LIKE(6, 7);
/* Cells that the text takes on this canvas. */
int canvas_width(const struct canvas *c, const char *text);

/* Breaks text at spaces (and newlines) into lines of at most w cells. canvas_fold appends them, each with a newline,
 * and returns their number; canvas_wrap draws them into the rectangle, the last with "…" if more would follow, and
 * returns the lines used. */
int canvas_fold(const struct canvas *c, int w, const char *text, struct buf *out);
int canvas_wrap(struct canvas *c, struct rect r, unsigned style, const char *text);

const char *canvas_glyph(const struct canvas *c, enum glyph g);
void canvas_put(struct canvas *c, int x, int y, unsigned style, enum glyph g);
void canvas_repeat(struct canvas *c, int x, int y, int n, unsigned style, enum glyph g);

/* One character that is one cell wide, for charts; "?" where the canvas cannot hold it. */
void canvas_char(struct canvas *c, int x, int y, unsigned style, uint32_t character);

/* A frame along the inside of r, with a title in its upper line; title may be NULL. */
void canvas_box(struct canvas *c, struct rect r, unsigned style, const char *title);

/* A bar of share · w cells, rounded to half cells where the character set has them; share outside 0 … 1 is cut. */
void canvas_bar(struct canvas *c, int x, int y, int w, double share, bool hatched, unsigned style);

void canvas_fill(struct canvas *c, struct rect r, unsigned style); /* blanks */
void canvas_mark(struct canvas *c, struct rect r, unsigned flags); /* adds style flags to what is there */

/* The page as lines of text without trailing spaces. Appends. */
void canvas_dump(const struct canvas *c, struct buf *out);

#endif
