/*
 * Names in columns, for a completion's candidates: as many as there is room for, and how many more there are.
 */
#ifndef UI_SHELF_H
#define UI_SHELF_H

#include <stddef.h>

#include "base/buf.h"

#define SHELF_GAP 2 /* cells between columns */

struct shelf {
	const char *const *names; /* borrowed, [n_shown] */
	size_t n_shown, n_more;   /* those that are not shown are counted */
	size_t columns, rows, cell; /* cell: width of a column without its gap */
};

/* Of n names, n_all with those that are not at hand, in so many cells and rows, the last of which says how many more
 * there are where they do not all fit. Row by row. */
void shelf_init(struct shelf *s, const char *const *names, size_t n, size_t n_all, size_t width, size_t rows);

/* Appends it as lines of text; and as one sentence for who hears or feels it. */
void shelf_rows(const struct shelf *s, struct buf *out);
void shelf_list(const struct shelf *s, struct buf *out);

#endif
