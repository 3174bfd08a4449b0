/* A selection and a scroll position in a list of rows. Zeroed is an empty list. */
#ifndef UI_TUI_LIST_H
#define UI_TUI_LIST_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"
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

/* Three rows for each notch of the wheel; any other event of the mouse is none for it. */
bool list_wheel_select(struct list *l, enum event_type wheel);
bool list_wheel_scroll(struct list *l, enum event_type wheel);

/* Selects the nearest row for which `has` holds, from the selected one on in the direction (1, -1; 0: this one or one
 * below it) and around the end; false: it holds for none. As `find` of struct view_ops has it; rows are passed on. */
typedef bool list_has_fn(const void *rows, size_t row, const char *text);
bool list_find(struct list *l, int direction, list_has_fn *has, const void *rows, const char *text);

/* Moves the page as little as needed to hold `line` (of `lines` in all; page lines are seen at once). */
void list_show(struct list *l, size_t line, size_t lines, size_t page);

/* Appends "1-20 of 55" when not all is seen. list_draw_place writes it into the lower line of the list's frame. */
void list_add_place(const struct list *l, size_t lines, struct buf *out);
void list_draw_place(const struct list *l, size_t lines, struct canvas *c, struct rect box);

#endif
