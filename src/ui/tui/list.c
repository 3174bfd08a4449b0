#include "list.h"

void list_set(struct list *l, size_t n)
{
	l->n = n;
	if (l->sel >= n)
		l->sel = n > 0 ? n - 1 : 0;
}

/* Where an action leads from `at` when the last place is `last`; true if it moves. */
static bool moved(enum ui_action a, size_t *at, size_t last, size_t page)
{
	size_t step = page > 1 ? page - 1 : 1;

	switch (a) {
	case ACTION_UP:
		*at -= *at > 0;
		return true;
	case ACTION_DOWN:
		*at += *at < last;
		return true;
	case ACTION_PAGE_UP:
		*at -= step < *at ? step : *at;
		return true;
	case ACTION_PAGE_DOWN:
		*at += step < last - *at ? step : last - *at;
		return true;
	case ACTION_TOP:
		*at = 0;
		return true;
	case ACTION_BOTTOM:
		*at = last;
		return true;
	default:
		return false;
	}
}

bool list_select(struct list *l, enum ui_action a)
{
	return moved(a, &l->sel, l->n > 0 ? l->n - 1 : 0, l->page);
}

bool list_scroll(struct list *l, enum ui_action a)
{
	size_t last = l->n > l->page ? l->n - l->page : 0;

	if (l->top > last)
		l->top = last;
	return moved(a, &l->top, last, l->page);
}

/* Rows of a notch. */
#define NOTCH 3

static bool turned(struct list *l, enum event_type wheel, bool (*move)(struct list *, enum ui_action))
{
	if (wheel != EVENT_WHEEL_UP && wheel != EVENT_WHEEL_DOWN)
		return false;
	for (int i = 0; i < NOTCH; i++)
		move(l, wheel == EVENT_WHEEL_UP ? ACTION_UP : ACTION_DOWN);
	return true;
}

bool list_wheel_select(struct list *l, enum event_type wheel)
{
	return turned(l, wheel, list_select);
}

bool list_wheel_scroll(struct list *l, enum event_type wheel)
{
	return turned(l, wheel, list_scroll);
}

bool list_find(struct list *l, int direction, list_has_fn *has, const void *rows, const char *text)
{
	size_t first = direction == 0 ? 0 : 1; /* the selected row is looked at last then */

	for (size_t i = first; i < l->n + first; i++) {
		size_t row = (l->sel + (direction < 0 ? l->n - i : i)) % l->n;
		if (has(rows, row, text)) {
			l->sel = row;
			return true;
		}
	}
	return false;
}

void list_show(struct list *l, size_t line, size_t lines, size_t page)
{
	l->page = page;
	if (lines <= page)
		l->top = 0;
	else if (l->top > lines - page)
		l->top = lines - page;
	if (line < l->top)
		l->top = line;
	else if (page > 0 && line >= l->top + page)
		l->top = line - page + 1;
}

void list_add_place(const struct list *l, size_t lines, struct buf *out)
{
	if (lines <= l->page || l->page == 0)
		return;
	buf_addcount(out, l->top + 1);
	buf_addch(out, '-');
	buf_addcount(out, l->top + l->page < lines ? l->top + l->page : lines);
	buf_addstr(out, " of ");
	buf_addcount(out, lines);
}

void list_draw_place(const struct list *l, size_t lines, struct canvas *c, struct rect box)
{
	struct buf place = {0};

	list_add_place(l, lines, &place);
	if (place.len > 0)
		canvas_rightf(c, box.x + 2, box.y + box.h - 1, box.w - 4, ROLE_DIM, " %s ", buf_str(&place));
	buf_release(&place);
}
