/*
 * A page as a picture: SVG that looks alike in every browser. Each run of letters stands at its own place and is as
 * wide as its cells, whatever the font; lines, blocks and braille dots are drawn as shapes, so that they join and are
 * seen without a font that has them. The ground is light or dark as the reader has it. There is nothing active in it,
 * and all text is escaped.
 */
#ifndef UI_TUI_CANVAS_SVG_H
#define UI_TUI_CANVAS_SVG_H

#include "base/buf.h"
#include "base/err.h"
#include "canvas.h"

/* Appends the whole file; the cursor is drawn where it is seen. */
void canvas_svg(const struct canvas *c, struct buf *out);

/* Puts the page into a file, entirely or not at all: as text where the name ends in ".txt", as a picture where it ends
 * in ".svg". ERR_USAGE on any other name, ERR_IO. */
int canvas_save(const struct canvas *c, const char *path, struct err *err) MUST_CHECK;

#endif
