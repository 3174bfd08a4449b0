/*
 * What pictures of a search are drawn with: marks, lines and texts that tell what became of a prefix.
 */
#ifndef SESSION_PICTURE_H
#define SESSION_PICTURE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"

enum picture_mark {
	PICTURE_MARK_KEPT,
	PICTURE_MARK_FINISHED, /* kept, and an item is complete */
	PICTURE_MARK_ENDED,    /* was kept, and nothing of it is left */
	PICTURE_MARK_FORCED,
	PICTURE_MARK_PRUNED,
	PICTURE_MARK_FORBIDDEN,
	PICTURE_MARK_FOLLOWED, /* the positive item's, beside the beam */
	PICTURE_MARK_POSITIVE, /* a star beside one of the others */
	PICTURE_MARKS
};

enum picture_line {
	PICTURE_KEPT,
	PICTURE_PRUNED,
	PICTURE_POSITIVE,
	PICTURE_WOULD_BE, /* the positive item's way, had it stayed */
	PICTURE_CUT,
	PICTURE_BRANCH, /* of a tree */
	PICTURE_ENDED,
};

enum picture_voice {
	PICTURE_PLAIN,
	PICTURE_SOFT,
	PICTURE_STRONG,
	PICTURE_SMALL,
	PICTURE_NUMBER, /* ends at its x */
};

/* Opens an <svg> element of that size. */
void picture_begin(double width, double height, const char *title, const char *told, struct buf *out);

void picture_mark(enum picture_mark mark, double x, double y, struct buf *out);

/* Curved where the ends differ in height. */
void picture_line(enum picture_line line, double x0, double y0, double x1, double y1, struct buf *out);

/* Opens a <text> element at its base line, for what follows. */
void picture_text(double x, double y, enum picture_voice voice, struct buf *out);

/* Appends a text cut to a width. A token's blanks at its ends are shown. */
void picture_fit(const char *text, double width, enum picture_voice voice, struct buf *out);
void picture_token(const char *text, double width, enum picture_voice voice, struct buf *out);

/* About how wide a text is, in any usual face. */
double picture_text_width(const char *text, enum picture_voice voice);

void picture_number(double v, struct buf *out);                 /* "−3.82", "-" where not finite */
void picture_right(double x, double y, double v, struct buf *out); /* a whole element, which ends at x */

/* A picture is no narrower: the line that explains it has room. */
#define PICTURE_LEAST 640.0

/* One line at the top: what the marks mean that are set, and what the cut-off line. */
void picture_legend(const bool marks[PICTURE_MARKS], bool cut, double y, struct buf *out);

#endif
