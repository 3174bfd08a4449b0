/* The help page of a view, made from the key table: keys, what they do, and the command that they run. */
#include <string.h>

#include "layout.h"
#include "list.h"
#include "view.h"

struct help {
	const char *view; /* whose keys these are; constant */
	unsigned context;
	struct list list; /* scrolls lines */
};

struct legend {
	enum glyph glyph;
	unsigned style;
	const char *note;
};

static const struct legend legends[] = {
	{GLYPH_KEPT, ROLE_KEPT, "kept in the beam at this step"},
	{GLYPH_PRUNED, ROLE_PRUNED, "pruned at this step"},
	{GLYPH_POSITIVE, ROLE_POSITIVE, "the positive item: the one the user really took next"},
	{GLYPH_FINISHED, ROLE_TEXT, "finished: the prefix is a whole item"},
	{GLYPH_EDIT, ROLE_HOT, "what if: held in the beam, or kept out of it"},
	{GLYPH_SPACE, ROLE_DIM, "a token's leading or trailing space"},
	{GLYPH_NO, ROLE_PRUNED, "the token ranks beyond the beam width: the necessary condition fails here"},
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
	return e->mouse != EVENT_CLICK && list_scroll(&h->list, e->mouse == EVENT_WHEEL_UP ? ACTION_UP : ACTION_DOWN);
}

static void add_keys(struct buf *out, const char *keys)
{
	for (const char *s = keys; *s;) {
		size_t n = strcspn(s, " ");
		key_label(out, s, n);
		s += n;
		s += strspn(s, " ");
		if (*s)
			buf_addch(out, ' ');
	}
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

enum { KEYS_W = 17, NOTE_W = 52 };

static void paint_heading(struct painter *p, const char *text)
{
	if (visible(p))
		canvas_text(p->c, p->in.x, p->y, p->in.w, ROLE_TITLE, text);
	p->y++;
}

static void paint_key(struct painter *p, const struct key_entry *e)
{
	int note_x = KEYS_W + 2, command_x = p->in.w > 84 ? note_x + NOTE_W : p->in.w;
	struct buf keys = {0};

	add_keys(&keys, e->keys);
	if (visible(p)) {
		canvas_text(p->c, p->in.x + 1, p->y, KEYS_W, ROLE_KEY, buf_str(&keys));
		canvas_text(p->c, p->in.x + note_x, p->y, command_x - note_x - 1, ROLE_TEXT, e->note);
		if (key_action(e->command) == ACTION_NONE)
			canvas_text(p->c, p->in.x + command_x, p->y, p->in.w - command_x, ROLE_DIM, e->command);
	}
	buf_release(&keys);
	p->y++;
}

static void paint_keys(struct painter *p, unsigned context, bool everywhere)
{
	for (const struct key_entry *e = key_table; e->keys; e++)
		if ((e->contexts & context) && (e->contexts == IN_ALL) == everywhere)
			paint_key(p, e);
}

static int paint(const struct help *h, struct painter *p)
{
	int first = p->y;

	paint_heading(p, h->view);
	paint_keys(p, h->context, false);
	p->y++;
	paint_heading(p, "Everywhere");
	paint_keys(p, h->context, true);
	p->y++;
	paint_heading(p, "Marks");
	for (size_t i = 0; i < ARRAY_LEN(legends); i++, p->y++)
		if (visible(p)) {
			canvas_put(p->c, p->in.x + 1, p->y, legends[i].style, legends[i].glyph);
			canvas_text(p->c, p->in.x + KEYS_W + 2, p->y, p->in.w - KEYS_W - 2, ROLE_TEXT, legends[i].note);
		}
	return p->y - first;
}

static void help_draw(void *state, const struct snapshot *snap, struct canvas *c, struct rect area)
{
	struct help *h = state;
	struct painter measure = {.c = c}, p = {.c = c};

	(void)snap;
	h->list.n = (size_t)paint(h, &measure);
	struct rect box = layout_centre(area, area.w > 104 ? 104 : area.w, (int)h->list.n + 2);
	p.in = (struct rect){box.x + 2, box.y + 1, box.w - 4, box.h - 2};
	h->list.page = p.in.h > 0 ? (size_t)p.in.h : 0;
	list_scroll(&h->list, ACTION_NONE);
	p.y = p.in.y - (int)h->list.top;

	canvas_fill(c, box, ROLE_TEXT);
	canvas_box(c, box, ROLE_FRAME, "Help");
	paint(h, &p);
	list_draw_place(&h->list, h->list.n, c, box);
}

const struct view_ops view_help = {
	.name = "Help",
	.context = IN_PAGER,
	.size = sizeof(struct help),
	.event = help_event,
	.draw = help_draw,
};
