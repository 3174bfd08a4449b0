/* How a verdict is told, the same in all views: its word, its mark, its colour; and an exact rank. */
#ifndef UI_TUI_VERDICT_LOOK_H
#define UI_TUI_VERDICT_LOOK_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"
#include "canvas.h"
#include "session/snapshot.h"

struct verdict_look {
	const char *word, *counted; /* "pruned", and of several cases "wrongly pruned"; "" for SNAP_NONE */
	enum glyph glyph;
	unsigned style;
};

extern const struct verdict_look verdict_looks[SNAP_VERDICTS];

/* The mark in its colour, one cell; nothing for SNAP_NONE. */
void verdict_look_mark(struct canvas *c, int x, int y, enum snap_verdict v);

/* Appends "2,411", or where it is only known to be at least that ">2,410". rank: not 0. */
void verdict_look_exact(size_t rank, bool proved, struct buf *out);

#endif
