/*
 * The columns of the Cases view: which there are, where they stand, and what a case says in them. Drawing only: they
 * keep nothing.
 */
#ifndef UI_TUI_CASE_FIELDS_H
#define UI_TUI_CASE_FIELDS_H

#include <stdbool.h>

#include "base/buf.h"
#include "canvas.h"
#include "session/snap_cases.h"

/* From left to right. FIELD_KEY is there only when the table is sorted by a column that is none of the others. */
enum field {
	FIELD_CASE,
	FIELD_VERDICT,
	FIELD_RANK,
	FIELD_EXACT,
	FIELD_STEP,
	FIELD_MARGIN,
	FIELD_WIDTH,
	FIELD_POPULARITY,
	FIELD_HISTORY,
	FIELD_TOKENS,
	FIELD_FIRST,
	FIELD_KEY,
	FIELD_TITLE,
	FIELD_COUNT
};

/* Where they stand; w 0: not there. */
struct case_fields {
	int x[FIELD_COUNT], w[FIELD_COUNT];
};

/* Those that there is something to say in, as far as a screen of the area's width has room. id_w: cells of an id. */
void case_fields_place(struct case_fields *col, const struct canvas *c, const struct snap_cases *t, struct rect area,
	int id_w);

void case_fields_heads(const struct case_fields *col, const struct snap_cases *t, struct canvas *c, int y);
void case_fields_draw(const struct case_fields *col, const struct snap_cases *t, const struct snap_case *k,
	struct canvas *c, int y);

/* Appends what a case says in one, in full. */
void case_fields_add(const struct snap_cases *t, const struct snap_case *k, enum field f, struct buf *out);

/* What one asks for to sort by it, as in `cases --sort`; and whether the table is sorted by it. FIELD_CASE stands for
 * the split's order, FIELD_KEY has no name. */
const char *case_fields_sort(enum field f);
bool case_fields_sorted(const struct snap_cases *t, enum field f);

#endif
