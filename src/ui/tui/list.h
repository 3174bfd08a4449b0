/* A selection and a scroll position in a list of rows. Zeroed is an empty list. */
#ifndef UI_TUI_LIST_H
#define UI_TUI_LIST_H

#include <stdbool.h>
#include <stddef.h>

#include "canvas.h"
#include "keys.h"

struct list {
	size_t n;    /* rows */
	size_t sel;  /* selected row, < n unless empty */
	size_t top;  /* first line that is seen */
	size_t page; /* lines seen at once, from the last drawing */
};

void list_set(struct list *l, size_t n); /* the selection stays where it can */

/* Actions that move; true if it was one. list_select moves the selection, list_scroll the page. */
bool list_select(struct list *l, enum ui_action a);
bool list_scroll(struct list *l, enum ui_action a);

/* Moves the page as little as needed to hold `line` (of `lines` in all; page lines are seen at once). */
void list_show(struct list *l, size_t line, size_t lines, size_t page);

/* Writes "1-20 of 55" into the lower line of the list's frame when not all of it is seen. */
void list_draw_place(const struct list *l, size_t lines, struct canvas *c, struct rect box);

#endif
