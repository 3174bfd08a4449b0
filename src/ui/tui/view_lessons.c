/* The Lessons view: what lessons there are, and how far one has got in each. */
#include <stdio.h>
#include <string.h>

#include "list.h"
#include "minmax.h"
#include "player.h"
#include "view.h"

enum { ROW_H = 3, MARK_W = 2 };

struct lessons_view {
	const struct player *player; /* borrowed; NULL: not told yet */
	struct list list;
	struct rect rows; /* where they were drawn last, for the mouse */
};

/* A lesson's file that was played is one more. */
static void count_lessons(struct lessons_view *v)
{
	list_set(&v->list, v->player->host ? v->player->host->n : 0);
}

void lessons_set(void *state, const struct player *player)
{
	struct lessons_view *v = state;

	v->player = player;
	count_lessons(v);
}

static const struct lesson *lesson_at(const struct lessons_view *v, size_t i)
{
	return v->player->host->lessons[i];
}

static void begin(const struct lessons_view *v, struct view_reply *reply)
{
	buf_addstr(&reply->command, "lesson ");
	buf_addword(&reply->command, player_called(v->player, v->list.sel));
}

static bool on_click(struct lessons_view *v, const struct view_event *e, struct view_reply *reply)
{
	if (!rect_has(v->rows, e->x, e->y))
		return false;
	size_t i = v->list.top + (size_t)((e->y - v->rows.y) / ROW_H);
	if (i >= v->list.n)
		return true;
	if (i == v->list.sel)
		begin(v, reply);
	v->list.sel = i;
	return true;
}

static bool lessons_event(
	void *state, const struct snapshot *snap, const struct view_event *e, struct view_reply *reply)
{
	struct lessons_view *v = state;

	(void)snap;
	count_lessons(v);
	if (v->list.n == 0)
		return false;
	if (e->action == ACTION_OPEN) {
		begin(v, reply);
		return true;
	}
	if (e->action != ACTION_NONE)
		return list_select(&v->list, e->action);
	if (e->mouse == EVENT_CLICK)
		return on_click(v, e, reply);
	return list_select(&v->list, e->mouse == EVENT_WHEEL_UP ? ACTION_UP : ACTION_DOWN);
}

/* How far one has got, in a few words. */
static void say_place(const struct lessons_view *v, size_t i, char *out, size_t size)
{
	const struct lesson *l = lesson_at(v, i);
	const struct player_mark *m = player_mark_at(v->player, i);

	if (l->trouble)
		*out = '\0';
	else if (m && m->finished)
		snprintf(out, size, "played, %zu pages", l->n_pages);
	else if (!m)
		snprintf(out, size, "%zu page%s", l->n_pages, l->n_pages == 1 ? "" : "s");
	else
		snprintf(out, size, "%s page %zu of %zu", v->player->lesson == l ? "open," : "up to", m->page + 1,
			l->n_pages);
}

static void draw_row(const struct lessons_view *v, struct canvas *c, struct rect r, size_t i)
{
	const struct lesson *l = lesson_at(v, i);
	const struct player_mark *m = player_mark_at(v->player, i);
	bool done = m && m->finished;
	char place[64];

	say_place(v, i, place, sizeof(place));
	int w = canvas_width(c, place), room = r.w - MARK_W - w - 2;
	if (m)
		canvas_put(c, r.x, r.y, done ? ROLE_KEPT : ROLE_HOT, done ? GLYPH_YES : GLYPH_HERE);
	canvas_text(c, r.x + MARK_W, r.y, room, (l->trouble ? ROLE_ERROR : ROLE_TEXT) | STYLE_STRONG, l->title);
	canvas_right(c, r.x + r.w - w, r.y, w, m && !done ? ROLE_HOT : ROLE_DIM, place);
	canvas_text(c, r.x + MARK_W, r.y + 1, r.w - MARK_W, ROLE_DIM, l->about);
	if (i == v->list.sel)
		canvas_mark(c, (struct rect){r.x - 1, r.y, r.w + 2, 2}, STYLE_SELECTED);
}

static void draw_nothing(const struct lessons_view *v, struct canvas *c, struct rect area)
{
	const char *why = v->player && v->player->host ? v->player->host->trouble : NULL;

	canvas_wrap(c, (struct rect){area.x + 2, area.y + 1, area.w - 4, area.h - 1}, why ? ROLE_ERROR : ROLE_DIM,
		why ? why : "there are no lessons here");
}

static const char words[] =
	"Each lesson opens a small model of its own and plays below the views: predict, then see. Enter begins the "
	"selected one, Space goes on, Esc leaves it; then what you had loaded is back.";

static void lessons_draw(void *state, const struct snapshot *snap, struct canvas *c, struct rect area)
{
	struct lessons_view *v = state;
	struct rect in = {area.x + 2, area.y + 2, area.w - 4, area.h - 3};

	(void)snap;
	count_lessons(v);
	v->rows = (struct rect){0, 0, 0, 0};
	canvas_box(c, area, ROLE_FRAME, "lessons");
	if (v->list.n == 0) {
		draw_nothing(v, c, area);
		return;
	}
	in.w = min(in.w, 100);
	int used = canvas_wrap(c, (struct rect){in.x + MARK_W, in.y - 1, in.w - MARK_W, in.h}, ROLE_DIM, words);
	in.y += used;
	in.h -= used;
	if (in.h < ROW_H - 1)
		return;
	list_show(&v->list, v->list.sel, v->list.n, (size_t)((in.h + 1) / ROW_H));
	v->rows = in;
	for (size_t i = v->list.top; i < v->list.n && i < v->list.top + v->list.page; i++)
		draw_row(v, c, (struct rect){in.x, in.y + (int)(i - v->list.top) * ROW_H, in.w, ROW_H}, i);
	list_draw_place(&v->list, v->list.n, c, area);
}

static void lessons_row(void *state, const struct snapshot *snap, struct buf *out)
{
	const struct lessons_view *v = state;

	(void)snap;
	if (v->list.n > 0)
		buf_addf(out, "%s\t%s\t%s", lesson_at(v, v->list.sel)->name, lesson_at(v, v->list.sel)->title,
			lesson_at(v, v->list.sel)->about);
}

static void lessons_selected(void *state, const struct snapshot *snap, struct buf *out)
{
	const struct lessons_view *v = state;

	(void)snap;
	if (v->list.n > 0)
		buf_addstr(out, player_called(v->player, v->list.sel));
}

static bool lesson_has(const void *view, size_t row, const char *text)
{
	const struct lesson *l = lesson_at(view, row);

	return view_has(l->title, text) || view_has(l->about, text);
}

static bool lessons_find(void *state, const struct snapshot *snap, const char *text, int direction)
{
	struct lessons_view *v = state;

	(void)snap;
	return list_find(&v->list, direction, lesson_has, v, text);
}

const struct view_ops view_lessons = {
	.name = "Lessons",
	.context = IN_LESSONS,
	.size = sizeof(struct lessons_view),
	.event = lessons_event,
	.draw = lessons_draw,
	.row = lessons_row,
	.selected = lessons_selected,
	.find = lessons_find,
};
