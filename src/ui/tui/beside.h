/*
 * A branch and the search that it was made of, side by side: what the original had at a step, and what an edit changed.
 * Prefixes are known again by their numbers, items of the result by their ids.
 */
#ifndef UI_TUI_BESIDE_H
#define UI_TUI_BESIDE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"
#include "canvas.h"
#include "session/snapshot.h"

/* What an edit did to a candidate of the step that is looked at. */
enum beside_change {
	BESIDE_SAME,
	BESIDE_IN,  /* kept in the branch, and not in the original */
	BESIDE_OUT, /* the other way round */
};

/* Of a candidate of the branch; BESIDE_SAME where there is no branch. */
enum beside_change beside_change(const struct snapshot *snap, const struct snap_candidate *k);

/* Cells for the original's list out of w for both lists; 0: there is no branch, or too little room. */
int beside_width(const struct snapshot *snap, int w);

/* The original's candidates of the step that is looked at, from line `top` of the list on. */
void beside_draw(struct canvas *c, struct rect r, const struct snapshot *snap, size_t top);

/* Is the item of the branch's result not in the original's? */
bool beside_entered(const struct snapshot *snap, size_t result);

/* "entered: A; left: B, C", titles as they are shown; nothing where the same items were returned. Appends. */
void beside_add_results(const struct snapshot *snap, struct buf *out);

#endif
