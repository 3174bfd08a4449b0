/*
 * The help page of a view, made from the key table and the table of commands: keys, what they do, the command that they
 * run; what marks and colours mean; and what can be typed.
 */
#include <string.h>

#include "layout.h"
#include "list.h"
#include "minmax.h"
#include "session/command.h"
#include "view.h"

struct help {
	const char *view; /* whose keys these are; constant */
	unsigned context;
	struct list list; /* scrolls lines; sel: the one found last */
	bool found;
	int w;            /* of the lines, as they were drawn last */
};

struct legend {
	enum glyph glyph;
	unsigned style;
	const char *note;
};

static const struct legend legends[] = {
	{GLYPH_KEPT, ROLE_KEPT, "kept in the beam at this step"},
	{GLYPH_PRUNED, ROLE_PRUNED, "pruned at this step; of a case: the search lost it wrongly"},
	{GLYPH_POSITIVE, ROLE_POSITIVE, "the positive item, which the user really took next; of a case: returned"},
	{GLYPH_FINISHED, ROLE_TEXT, "finished: the prefix is a whole item"},
	{GLYPH_HERE, ROLE_HOT, "where one is: the step that is looked at"},
	{GLYPH_EDIT, ROLE_HOT, "what if: held in the beam, or kept out of it"},
	{GLYPH_ALONE, ROLE_HOT, "of two searches side by side, only this one keeps it at this step"},
	{GLYPH_OUT, ROLE_HOT, "what if: kept without the edits, and no longer"},
	{GLYPH_ENDED, ROLE_DIM, "in the tree: was kept, and nothing that begins with it is in the beam any more"},
	{GLYPH_SPACE, ROLE_DIM, "a token's leading or trailing space"},
	{GLYPH_YES, ROLE_KEPT, "BEAR's condition holds: each token of the item is among the B best at its place"},
	{GLYPH_NO, ROLE_PRUNED, "a token is not, and the condition fails; of a case: out-ranked or unreachable"},
};

struct colour {
	unsigned style;
	const char *note;
};

static const struct colour colours[] = {
	{ROLE_KEPT, "kept in the beam, positive margins"},
	{ROLE_PRUNED, "pruned, negative margins"},
	{ROLE_CUTOFF, "the cut-off: log P of the last that is kept"},
	{ROLE_HOT, "where one is, what is at work, what was decided by hand"},
	{ROLE_DIM, "units, headings, what is secondary"},
};

void help_set(void *state, const char *view, unsigned context)
{
	*(struct help *)state = (struct help){.view = view, .context = context};
}

static bool help_event(void *state, const struct snapshot *snap, const struct view_event *e, struct view_reply *reply)
{
	struct help *h = state;

	(void)snap;
	(void)reply;
	if (e->action != ACTION_NONE)
		return list_scroll(&h->list, e->action);
	return list_wheel_scroll(&h->list, e->mouse);
}

/* The lines are laid out as if the page began at y; those outside `in` are left out. */
struct painter {
	struct canvas *c;
	struct rect in;
	int y;
};

static bool visible(const struct painter *p)
{
	return p->y >= p->in.y && p->y < p->in.y + p->in.h;
}

enum { KEYS_W = 17, NOTE_X = KEYS_W + 2, NOTE_W = 52, WIDE = 84 };

static void paint_heading(struct painter *p, const char *text)
{
	if (visible(p))
		canvas_text(p->c, p->in.x, p->y, p->in.w, ROLE_TITLE, text);
	p->y++;
}

/* On as many lines as it needs. */
static void paint_note(struct painter *p, int w, const char *note)
{
	struct buf lines = {0};

	canvas_fold(p->c, w, note, &lines);
	for (const char *s = buf_str(&lines); *s; s += strcspn(s, "\n") + 1, p->y++)
		if (visible(p))
			canvas_textf(p->c, p->in.x + NOTE_X, p->y, w, ROLE_TEXT, "%.*s", (int)strcspn(s, "\n"), s);
	buf_release(&lines);
}

/* What a key does as one would type it after ":"; NULL where that is no command. */
static const char *typed_command(const struct key_entry *e)
{
	if (key_typed(e->command))
		return key_typed(e->command);
	return key_view(e->command) || key_action(e->command) != ACTION_NONE ? NULL : e->command;
}

static void paint_key(struct painter *p, const struct key_entry *e, unsigned context)
{
	const char *command = p->in.w > WIDE ? typed_command(e) : NULL;
	struct buf keys = {0};

	key_labels(&keys, e, context);
	if (keys.len == 0) /* the view has other uses for them */
		return;
	if (visible(p)) {
		canvas_text(p->c, p->in.x + 1, p->y, KEYS_W, ROLE_KEY, buf_str(&keys));
		if (command)
			canvas_text(p->c, p->in.x + NOTE_X + NOTE_W, p->y, p->in.w - NOTE_X - NOTE_W, ROLE_DIM,
				command);
	}
	buf_release(&keys);
	paint_note(p, command ? NOTE_W - 1 : p->in.w - NOTE_X, e->note);
}

/* In the order in which they are shown; a key belongs to the first that takes it. */
enum group { GROUP_VIEW, GROUP_MOVING, GROUP_EVERYWHERE };

static enum group group_of(const struct key_entry *e)
{
	if (!key_is_everywhere(e))
		return GROUP_VIEW;
	return key_moves(key_action(e->command)) ? GROUP_MOVING : GROUP_EVERYWHERE;
}

static void paint_keys(struct painter *p, const char *heading, unsigned context, enum group group)
{
	paint_heading(p, heading);
	for (const struct key_entry *e = key_table; e->keys; e++)
		if ((e->contexts & context) && group_of(e) == group)
			paint_key(p, e, context);
	p->y++;
}

static void paint_marks(struct painter *p)
{
	paint_heading(p, "Marks");
	for (size_t i = 0; i < ARRAY_LEN(legends); i++) {
		if (visible(p))
			canvas_put(p->c, p->in.x + 1, p->y, legends[i].style, legends[i].glyph);
		paint_note(p, p->in.w - NOTE_X, legends[i].note);
	}
	p->y++;
	paint_heading(p, "Colours, which say nothing that marks and words do not");
	for (size_t i = 0; i < ARRAY_LEN(colours); i++) {
		if (visible(p))
			canvas_bar(p->c, p->in.x + 1, p->y, 6, 1, false, colours[i].style);
		paint_note(p, p->in.w - NOTE_X, colours[i].note);
	}
	p->y++;
}

static void paint_commands(struct painter *p)
{
	paint_heading(p, "Commands, after \":\"; \":help NAME\" says all about one");
	for (size_t i = 0; cmd_table[i]; i++) {
		if (visible(p))
			canvas_text(p->c, p->in.x + 1, p->y, KEYS_W, ROLE_KEY, cmd_table[i]->name);
		paint_note(p, p->in.w - NOTE_X, cmd_table[i]->summary);
	}
}

static int paint(const struct help *h, struct painter *p)
{
	int first = p->y;

	paint_keys(p, h->view, h->context, GROUP_VIEW);
	paint_keys(p, "Moving", h->context, GROUP_MOVING);
	paint_keys(p, "In all views", h->context, GROUP_EVERYWHERE);
	paint_marks(p);
	paint_commands(p);
	return p->y - first;
}

static void help_draw(void *state, const struct snapshot *snap, struct canvas *c, struct rect area)
{
	struct help *h = state;
	int w = layout_centre(area, min(area.w, 104), 0).w;
	struct painter measure = {.c = c, .in.w = w - 4}, p = {.c = c};

	(void)snap;
	h->w = w - 4;
	h->list.n = (size_t)paint(h, &measure);
	struct rect box = layout_centre(area, w, (int)h->list.n + 2);
	p.in = rect_inside(box);
	h->list.page = (size_t)max(p.in.h, 0);
	list_scroll(&h->list, ACTION_NONE);
	p.y = p.in.y - (int)h->list.top;

	canvas_fill(c, box, ROLE_TEXT);
	canvas_box(c, box, ROLE_FRAME, "Help");
	paint(h, &p);
	int line = p.in.y + (int)h->list.sel - (int)h->list.top;
	if (h->found && rect_has(p.in, p.in.x, line))
		canvas_mark(c, (struct rect){p.in.x - 1, line, p.in.w + 2, 1}, STYLE_SELECTED);
	list_draw_place(&h->list, h->list.n, c, box);
}

static bool line_has(const void *page, size_t line, const char *text)
{
	const struct canvas *c = page;
	struct buf own = {0};

	for (int x = 0; x < c->w; x++)
		buf_addstr(&own, canvas_at(c, x, (int)line)->text);
	bool has = view_has(buf_str(&own), text);
	buf_release(&own);
	return has;
}

/* Among all lines, those that are not seen too. The first search begins with what is seen. */
static bool help_find(void *state, const struct snapshot *snap, const char *text, int direction)
{
	struct help *h = state;
	struct canvas page;

	(void)snap;
	canvas_init(&page, false);
	canvas_resize(&page, h->w, (int)h->list.n);
	struct painter p = {.c = &page, .in = {0, 0, page.w, page.h}};
	paint(h, &p);
	list_set(&h->list, (size_t)page.h);
	if (!h->found)
		h->list.sel = h->list.top;
	bool found = list_find(&h->list, h->found ? direction : 0, line_has, &page, text);
	canvas_release(&page);
	if (found)
		list_show(&h->list, h->list.sel, h->list.n, h->list.page);
	h->found = h->found || found;
	return found;
}

const struct view_ops view_help = {
	.name = "Help",
	.context = IN_PAGER,
	.size = sizeof(struct help),
	.event = help_event,
	.draw = help_draw,
	.find = help_find,
};
