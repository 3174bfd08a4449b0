/* A page of text over the view: what a command said, or the figures of a row. */
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/vec.h"
#include "layout.h"
#include "list.h"
#include "minmax.h"
#include "view.h"

#define LINE_W 120 /* longer lines are hard to read */

struct pager {
	char *title, *text; /* owned */
	int width;          /* that `folded` was made for; 0: none yet */
	bool ascii;
	struct buf folded;  /* lines ended by NUL */
	VEC(size_t) starts; /* of the lines in folded */
	struct list list;   /* scrolls lines; sel: the one found last */
	bool found;
};

static void pager_release(void *state)
{
	struct pager *p = state;

	free(p->title);
	free(p->text);
	buf_release(&p->folded);
	vec_release(&p->starts);
}

void pager_set(void *state, const char *title, const char *text)
{
	struct pager *p = state;

	pager_release(p);
	*p = (struct pager){.title = xstrdup(title), .text = xstrdup(text)};
}

int pager_columns(int screen_w)
{
	return clamp(screen_w - 8, 1, LINE_W);
}

static bool pager_event(void *state, const struct snapshot *snap, const struct view_event *e, struct view_reply *reply)
{
	struct pager *p = state;

	(void)snap;
	(void)reply;
	if (e->action != ACTION_NONE)
		return list_scroll(&p->list, e->action);
	return list_wheel_scroll(&p->list, e->mouse);
}

static const char *line_at(const struct pager *p, size_t i)
{
	return buf_str(&p->folded) + p->starts.at[i];
}

static void fold(struct pager *p, const struct canvas *c, int width)
{
	if (p->width == width && p->ascii == c->ascii)
		return;
	p->width = width;
	p->ascii = c->ascii;
	buf_clear(&p->folded);
	vec_clear(&p->starts);
	canvas_fold(c, width, p->text, &p->folded);
	for (size_t at = 0; at < p->folded.len;) {
		vec_push(&p->starts, at);
		at += strcspn(p->folded.at + at, "\n");
		p->folded.at[at++] = '\0';
	}
	list_set(&p->list, p->starts.n);
}

static void pager_draw(void *state, const struct snapshot *snap, struct canvas *c, struct rect area)
{
	struct pager *p = state;
	int widest = canvas_width(c, p->title) + 4;

	(void)snap;
	fold(p, c, pager_columns(area.w));
	for (size_t i = 0; i < p->starts.n; i++)
		widest = max(widest, canvas_width(c, line_at(p, i)));
	struct rect box = layout_centre(area, widest + 4, (int)p->starts.n + 2);
	struct rect in = rect_inside(box);
	canvas_fill(c, box, ROLE_TEXT);
	canvas_box(c, box, ROLE_FRAME, p->title);
	p->list.page = (size_t)max(in.h, 0);
	list_scroll(&p->list, ACTION_NONE);
	for (size_t i = p->list.top; i < p->starts.n && i < p->list.top + p->list.page; i++)
		canvas_text(c, in.x, in.y + (int)(i - p->list.top), in.w,
			p->found && i == p->list.sel ? ROLE_MATCH : ROLE_TEXT, line_at(p, i));
	list_draw_place(&p->list, p->list.n, c, box);
}

static void pager_row(void *state, const struct snapshot *snap, struct buf *out)
{
	const struct pager *p = state;

	(void)snap;
	buf_addstr(out, p->text);
}

static bool line_has(const void *pager, size_t line, const char *text)
{
	return view_has(line_at(pager, line), text);
}

/* The first search begins with what is seen. */
static bool pager_find(void *state, const struct snapshot *snap, const char *text, int direction)
{
	struct pager *p = state;

	(void)snap;
	if (!p->found)
		p->list.sel = p->list.top;
	if (!list_find(&p->list, p->found ? direction : 0, line_has, p, text))
		return false;
	p->found = true;
	list_show(&p->list, p->list.sel, p->list.n, p->list.page);
	return true;
}

const struct view_ops view_pager = {
	.name = "Text",
	.context = IN_PAGER,
	.size = sizeof(struct pager),
	.release = pager_release,
	.event = pager_event,
	.draw = pager_draw,
	.row = pager_row,
	.find = pager_find,
};
