/*
 * The command palette: everything one can do in the view that lies below, to be found by typing. It is made from the
 * key table, the table of views and the table of commands, and shows for each how it is done without the palette.
 */
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/utf8.h"
#include "base/vec.h"
#include "layout.h"
#include "list.h"
#include "minmax.h"
#include "session/command.h"
#include "view.h"

enum { BOX_W = 92, BOX_H = 24, LABEL_W = 16, HEAD_LINES = 2 };

/* Texts are constant or in the arena. */
struct offer {
	const char *label;   /* how it is done without the palette: "← h", "2", ":beam" */
	const char *text;
	const char *group;
	const char *command; /* as in the key table */
	bool asks;           /* the command takes arguments: it goes into the `:` line */
};

struct hit {
	unsigned score; /* the less, the better */
	size_t offer;
};

struct palette {
	struct arena arena;
	VEC(struct offer) offers;
	VEC(struct hit) hits; /* those that have all words, the best first */
	struct buf typed;
	struct list list;     /* of hits */
	struct rect rows;     /* where they were drawn last, for the mouse */
};

static void palette_release(void *state)
{
	struct palette *p = state;

	arena_release(&p->arena);
	vec_release(&p->offers);
	vec_release(&p->hits);
	buf_release(&p->typed);
}

static const char *labels(struct palette *p, const struct key_entry *e, unsigned context)
{
	struct buf label = {0};

	key_labels(&label, e, context);
	const char *kept = arena_strndup(&p->arena, buf_str(&label), label.len);
	buf_release(&label);
	return kept;
}

static const char *joined(struct palette *p, const char *a, const char *b)
{
	char *text = xasprintf("%s%s", a, b);
	const char *kept = arena_strdup(&p->arena, text);

	free(text);
	return kept;
}

/* Keys of the view alone, or those that are of every view. Moving about is not what one looks for here. */
static void offer_keys(struct palette *p, unsigned context, const char *group, bool everywhere)
{
	for (const struct key_entry *e = key_table; e->keys; e++) {
		enum ui_action a = key_action(e->command);
		bool listed = a != ACTION_PALETTE && !key_moves(a) && key_is_everywhere(e) == everywhere;
		if ((e->contexts & context) && listed)
			vec_push(&p->offers,
				((struct offer){labels(p, e, context), e->note, group, e->command, false}));
	}
}

static void offer_views(struct palette *p, const struct view_ops *const *views)
{
	for (size_t i = 0; views[i]; i++) {
		const char digit[] = {(char)('1' + i), '\0'};
		vec_push(&p->offers,
			((struct offer){arena_strdup(&p->arena, digit), joined(p, "look at ", views[i]->name), "view",
				joined(p, "ui view ", views[i]->name), false}));
	}
}

static bool needs_argument(const struct cmd_entry *cmd)
{
	for (size_t i = 0; i < CMD_MAX_ARGS && cmd->args[i].name; i++)
		if (cmd->args[i].required)
			return true;
	return false;
}

/* Quitting is a key's: it asks first while a job runs. */
static void offer_commands(struct palette *p)
{
	for (size_t i = 0; cmd_table[i]; i++) {
		const struct cmd_entry *cmd = cmd_table[i];
		if (strcmp(cmd->name, "quit") != 0)
			vec_push(&p->offers, ((struct offer){joined(p, ":", cmd->name), cmd->summary, "command",
						     cmd->name, needs_argument(cmd)}));
	}
}

enum { FIT_LABEL, FIT_BEGINS_LABEL, FIT_BEGINS_WORD, FIT_ANYWHERE, FIT_NOWHERE };

/* How well a word fits. */
static unsigned fit(const struct offer *o, const char *word)
{
	const char *label = o->label + (o->label[0] == ':');

	if (view_begins(label, word))
		return label[strlen(word)] ? FIT_BEGINS_LABEL : FIT_LABEL;
	for (const char *s = o->text; *s;) {
		if (view_begins(s, word))
			return FIT_BEGINS_WORD;
		s += strcspn(s, " ");
		s += strspn(s, " ");
	}
	return view_has(o->text, word) || view_has(o->group, word) || view_has(o->command, word) ? FIT_ANYWHERE :
												   FIT_NOWHERE;
}

/* The typed words, each ended by NUL. */
static void split(const struct buf *typed, struct buf *words)
{
	for (const char *s = buf_str(typed); *s;) {
		size_t n = strcspn(s, " ");
		if (n > 0) {
			buf_add(words, s, n);
			buf_addch(words, '\0');
		}
		s += n;
		s += strspn(s, " ");
	}
}

static int compare_hits(const void *a, const void *b)
{
	const struct hit *x = a, *y = b;

	if (x->score != y->score)
		return x->score < y->score ? -1 : 1;
	return x->offer < y->offer ? -1 : x->offer > y->offer;
}

static void narrow(struct palette *p)
{
	struct buf words = {0};

	split(&p->typed, &words);
	vec_clear(&p->hits);
	for (size_t i = 0; i < p->offers.n; i++) {
		struct hit hit = {.offer = i};
		bool has_all = true;
		for (size_t at = 0; at < words.len && has_all; at += strlen(words.at + at) + 1) {
			unsigned score = fit(&p->offers.at[i], words.at + at);
			has_all = score != FIT_NOWHERE;
			hit.score += score;
		}
		if (has_all)
			vec_push(&p->hits, hit);
	}
	buf_release(&words);
	if (p->hits.n > 0)
		qsort(p->hits.at, p->hits.n, sizeof(*p->hits.at), compare_hits);
	list_set(&p->list, p->hits.n);
	p->list.sel = p->list.top = 0;
}

void palette_set(void *state, const struct view_ops *const *views, const char *view, unsigned context)
{
	struct palette *p = state;

	arena_init(&p->arena);
	offer_keys(p, context, view, false);
	offer_views(p, views);
	offer_commands(p);
	offer_keys(p, context, "everywhere", true);
	narrow(p);
}

static void choose(const struct palette *p, size_t row, struct view_reply *reply)
{
	const struct offer *o = &p->offers.at[p->hits.at[row].offer];

	reply->close = true;
	if (o->asks) {
		buf_addstr(&reply->prompt, ":");
		buf_addf(&reply->initial, "%s ", o->command);
	} else {
		buf_addstr(&reply->command, o->command);
	}
}

static void drop_last(struct buf *text)
{
	size_t end = 0, at = 0;
	unsigned cells;

	while (at < text->len) {
		end = at;
		at += utf8_cluster(text->at + at, text->len - at, &cells);
	}
	if (text->len > 0) {
		text->at[end] = '\0';
		text->len = end;
	}
}

static bool type(struct palette *p, uint32_t key)
{
	char bytes[8];

	if (key == UI_KEY_BACKSPACE || key == 8)
		drop_last(&p->typed);
	else if (key == ('U' & 0x1f) || key == ('W' & 0x1f))
		buf_clear(&p->typed);
	else if (key >= ' ' && key < UI_KEY_UP)
		buf_add(&p->typed, bytes, utf8_encode(key, bytes));
	else
		return false;
	narrow(p);
	return true;
}

static bool on_mouse(struct palette *p, const struct view_event *e, struct view_reply *reply)
{
	size_t row = p->list.top + (size_t)(e->y - p->rows.y);

	if (e->mouse != EVENT_CLICK)
		return list_wheel_select(&p->list, e->mouse);
	if (!rect_has(p->rows, e->x, e->y) || row >= p->hits.n)
		return false;
	choose(p, row, reply);
	return true;
}

static bool palette_event(void *state, const struct snapshot *snap, const struct view_event *e,
	struct view_reply *reply)
{
	struct palette *p = state;

	(void)snap;
	if (e->key)
		return type(p, e->key);
	if (e->action == ACTION_NONE)
		return on_mouse(p, e, reply);
	if (e->action != ACTION_OPEN)
		return list_select(&p->list, e->action);
	if (p->hits.n > 0)
		choose(p, p->list.sel, reply);
	return true;
}

/* Makes strong what the typed words have found in the text that was drawn at x. */
static void mark_words(const struct palette *p, struct canvas *c, int x, int y, int w, const char *text)
{
	struct buf words = {0};

	split(&p->typed, &words);
	for (size_t at = 0; at < words.len; at += strlen(words.at + at) + 1) {
		const char *s = text;
		while (*s && !view_begins(s, words.at + at))
			s++;
		char *before = xstrndup(text, (size_t)(s - text));
		int from = canvas_width(c, before), n = *s ? canvas_width(c, words.at + at) : 0;
		if (from + n <= w)
			canvas_mark(c, (struct rect){x + from, y, n, 1}, STYLE_STRONG);
		free(before);
	}
	buf_release(&words);
}

static void draw_offer(const struct palette *p, struct canvas *c, struct rect in, int y, size_t row)
{
	const struct offer *o = &p->offers.at[p->hits.at[row].offer];
	int group_w = in.w >= 70 ? canvas_width(c, o->group) : 0, text_x = in.x + LABEL_W + 1;
	int text_w = in.x + in.w - text_x - (group_w > 0 ? group_w + 2 : 0);

	canvas_text(c, in.x, y, LABEL_W, ROLE_KEY, o->label);
	canvas_text(c, text_x, y, text_w, ROLE_TEXT, o->text);
	canvas_right(c, in.x + in.w - group_w, y, group_w, ROLE_DIM, o->group);
	mark_words(p, c, text_x, y, text_w, o->text);
	if (row == p->list.sel)
		canvas_mark(c, (struct rect){in.x - 1, y, in.w + 2, 1}, STYLE_SELECTED);
}

static void draw_typed(const struct palette *p, struct canvas *c, struct rect in)
{
	int room = in.w - 3;
	const char *text = buf_str(&p->typed);

	canvas_text(c, in.x, in.y, 2, ROLE_KEY, ">");
	while (canvas_width(c, text) > room) {
		unsigned cells;
		text += utf8_cluster(text, strlen(text), &cells);
	}
	if (*text)
		canvas_text(c, in.x + 2, in.y, room, ROLE_TEXT, text);
	else
		canvas_text(c, in.x + 3, in.y, room - 1, ROLE_DIM, "type words to narrow the list");
	c->cursor_x = in.x + 2 + canvas_width(c, text);
	c->cursor_y = in.y;
}

static void palette_draw(void *state, const struct snapshot *snap, struct canvas *c, struct rect area)
{
	struct palette *p = state;
	struct rect box = layout_centre(area, BOX_W, BOX_H);
	struct rect in = rect_inside(box);

	(void)snap;
	canvas_fill(c, box, ROLE_TEXT);
	canvas_box(c, box, ROLE_FRAME, "What one can do here");
	draw_typed(p, c, in);
	p->rows = (struct rect){in.x, in.y + HEAD_LINES, in.w, in.h - HEAD_LINES};
	list_show(&p->list, p->list.sel, p->hits.n, (size_t)max(p->rows.h, 0));
	for (size_t i = p->list.top; i < p->hits.n && i < p->list.top + p->list.page; i++)
		draw_offer(p, c, p->rows, p->rows.y + (int)(i - p->list.top), i);
	if (p->hits.n == 0)
		canvas_text(c, in.x, p->rows.y, in.w, ROLE_DIM, "nothing here has all of these words");
	list_draw_place(&p->list, p->hits.n, c, box);
}

static void palette_row(void *state, const struct snapshot *snap, struct buf *out)
{
	const struct palette *p = state;

	(void)snap;
	if (p->hits.n > 0)
		buf_addstr(out, p->offers.at[p->hits.at[p->list.sel].offer].command);
}

const struct view_ops view_palette = {
	.name = "Palette",
	.context = IN_PALETTE,
	.size = sizeof(struct palette),
	.takes_text = true,
	.release = palette_release,
	.event = palette_event,
	.draw = palette_draw,
	.row = palette_row,
};
