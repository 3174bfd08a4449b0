/*
 * Pieces of SVG, and files of it. Text that goes in is plain: it is made visible and escaped here.
 */
#ifndef BASE_SVG_H
#define BASE_SVG_H

#include <stddef.h>

#include "base/buf.h"

void svg_number(struct buf *out, double v); /* a length, with one decimal at most */
void svg_attribute(struct buf *out, const char *name, double v); /* name="v", after a space */
void svg_view(struct buf *out, double width, double height); /* viewBox="0 0 width height", after a space */
void svg_text(struct buf *out, const char *text);

/* A picture on a page: what stands above and below it, and what draws it in a box of the page's width. */
struct svg_block {
	const char *title;
	const char *note; /* NULL: none */
	double height;
	void (*draw)(const void *what, double width, double height, struct buf *out);
	const void *what;
};

/* Space on a page at both sides of a block. */
#define SVG_MARGIN 16.0

/* Appends a whole SVG file: blocks one below the other, each between its title and its note, on white. */
void svg_page(const struct svg_block *blocks, size_t n, double width, struct buf *out);

#endif
