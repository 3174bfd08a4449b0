/* How the frame looks: top line, bottom line, messages, the `:` line. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/utf8.h"
#include "layout.h"
#include "minmax.h"
#include "panel.h"
#include "ui/shelf.h"
#include "ui_priv.h"

#define LEAST_NAMES_W 12 /* of the top line, for model and data */

#define BAR (ROLE_TEXT | STYLE_BAR)

/* "train 120/300 · 80 s left": the command's name stands for its whole line. */
static void add_progress(const struct snapshot *snap, const char *dot, struct buf *out)
{
	char left[CLOCK_SPAN];

	buf_addf(out, "%.*s %zu/%zu", (int)strcspn(snap->job_shown, " "), snap->job_shown, snap->job_done,
		snap->job_total);
	clock_span(left, snap->job_left);
	if (snap->job == JOB_RUNNING && !isnan(snap->job_left))
		buf_addf(out, " %s %s left", dot, left);
}

/* The right end of the top line: the running job, else the verdict. How to end a job is left out first. */
static unsigned add_state(const struct canvas *c, const struct snapshot *snap, int room, struct buf *out)
{
	static const char *const states[] = {
		[JOB_IDLE] = "",
		[JOB_RUNNING] = "",
		[JOB_PAUSED] = "paused ",
		[JOB_STOPPING] = "stopping ",
		[JOB_CANCELLING] = "stopping ",
	};
	const char *dot = canvas_glyph(c, GLYPH_DOT);

	if (snap->job == JOB_IDLE)
		return snap->trace ? panel_verdict_words(c, snap->trace, out) : ROLE_TEXT;
	buf_addstr(out, states[snap->job]);
	if (snap->job_total > 0)
		add_progress(snap, dot, out);
	else
		buf_addstr(out, snap->job_shown);
	if (snap->job_total == 0 && snap->job_seconds >= 1)
		buf_addf(out, " %s %.0f s", dot, snap->job_seconds);
	size_t said = out->len;
	if (snap->job == JOB_RUNNING && !(snap->race && snap->race->running))
		buf_addf(out, " %s Esc %s", dot, snap->job_total > 0 ? "stops" : "cancels");
	if (canvas_width(c, buf_str(out)) > room) {
		out->at[said] = '\0';
		out->len = said;
	}
	return ROLE_HOT;
}

/* "1 Cases  2 Beam …": the keys that go there, and where one is. */
static void draw_tabs(struct ui *ui, struct canvas *c, struct rect r)
{
	int x = r.x;

	canvas_fill(c, r, BAR);
	for (size_t i = 0; i < ui->n_views; i++) {
		unsigned look = i == ui->current ? ROLE_HOT | STYLE_STRONG | STYLE_BAR : BAR;
		x += canvas_textf(c, x, r.y, r.w - x, ROLE_DIM | STYLE_BAR, " %zu ", i + 1);
		x += canvas_text(c, x, r.y, r.w - x, look, ui->views[i]->name);
		x += canvas_text(c, x, r.y, r.w - x, look, " ");
		ui->tab_ends[i] = x;
	}
}

/* Of a search that was read from a file the file stands for what is loaded: its settings are the search's own. */
static void add_file(const struct snapshot *snap, const char *dot, struct buf *names, struct buf *place, size_t *first)
{
	const struct snap_trace *t = snap->trace;

	buf_addf(names, "read from %s", snap->file_shown);
	buf_addf(place, " %s case ", dot);
	utf8_show(place, t->case_id, strlen(t->case_id), false);
	buf_addf(place, " %s ", dot);
	*first = place->len + t->settings_first;
	buf_addstr(place, t->settings_shown);
}

/* The names of model and data, and the place: the case and the settings, of which the first bytes are to show always.
 */
static void add_place(const struct snapshot *snap, const char *dot, struct buf *names, struct buf *place, size_t *first)
{
	if (snap->trace && snap->file_shown) {
		add_file(snap, dot, names, place, first);
		return;
	}
	if (*snap->model_shown)
		buf_addf(names, "%s %s ", snap->model_shown, dot);
	buf_addstr(names, snap->data_shown);
	if (*snap->split_shown)
		buf_addf(names, " %s", snap->split_shown);
	if (snap->case_index > 0)
		buf_addf(place, " %s case %zu/%zu", dot, snap->case_index, snap->n_cases);
	if (*snap->settings_shown) {
		buf_addf(place, " %s ", dot);
		*first = place->len + snap->settings_first;
		buf_addstr(place, snap->settings_shown);
	}
}

/* The case and the first settings always show; of what is left the names of model and data get what they need, the
 * data's first to be cut, and the other settings the rest. */
static void draw_place(const struct snapshot *snap, struct canvas *c, int x, int y, int room)
{
	struct buf names = {0}, place = {0};
	size_t first = 0;
	const char *dot = canvas_glyph(c, GLYPH_DOT);

	add_place(snap, dot, &names, &place, &first);
	int names_w = canvas_width(c, buf_str(&names));
	names_w = min(names_w, max(room - (int)utf8_width(buf_str(&place), first), LEAST_NAMES_W));
	x += canvas_text(c, x, y, min(names_w, room), BAR, buf_str(&names));
	room -= names_w;
	canvas_text(c, x, y, room, BAR, buf_str(&place));
	buf_release(&names);
	buf_release(&place);
}

static void draw_top(const struct ui *ui, struct canvas *c, struct rect r)
{
	struct buf state = {0};

	canvas_fill(c, r, BAR);
	unsigned style = add_state(c, ui->snap, r.w / 2, &state) | STYLE_BAR | STYLE_STRONG;
	int w = canvas_width(c, buf_str(&state));
	w = min(w, r.w / 2);
	draw_place(ui->snap, c, r.x + 1, r.y, r.w - 1 - w - 2);
	canvas_right(c, r.w - w - 1, r.y, w, style, buf_str(&state));
	buf_release(&state);
}

struct foot {
	struct canvas *c;
	int x, y, end;
	int kept;  /* cells that are kept for items that stay */
	bool full; /* of the others */
};

static int foot_item_w(const struct foot *f, const char *keys, const char *word)
{
	return canvas_width(f->c, keys) + 1 + canvas_width(f->c, word) + 2;
}

static void keep_foot_item(void *arg, const char *keys, const char *word, bool stays)
{
	struct foot *f = arg;

	f->kept += stays ? foot_item_w(f, keys, word) : 0;
}

static void draw_foot_item(void *arg, const char *keys, const char *word, bool stays)
{
	struct foot *f = arg;
	int w = foot_item_w(f, keys, word);

	f->kept -= stays ? w : 0;
	if (!stays)
		f->full = f->full || f->x + w - 2 + f->kept > f->end;
	if (f->x + w - 2 > f->end || (!stays && f->full))
		return;
	f->x += canvas_text(f->c, f->x, f->y, f->end - f->x, ROLE_KEY, keys) + 1;
	f->x += canvas_text(f->c, f->x, f->y, f->end - f->x, ROLE_DIM, word) + 2;
}

/* A message stands beside the keys where it leaves them half of the line, else in lines of its own above them. */
static int message_lines(const struct ui *ui, const struct canvas *c)
{
	struct buf folded = {0};

	if (ui->message.len == 0 || ui_edits_line(ui) || ui->mode == MODE_ASK_QUIT)
		return 0;
	if (canvas_width(c, buf_str(&ui->message)) <= c->w / 2)
		return 0;
	int lines = canvas_fold(c, c->w - 2, buf_str(&ui->message), &folded);
	buf_release(&folded);
	return lines;
}

static void draw_message(const struct ui *ui, struct canvas *c, struct rect r)
{
	unsigned style = (ui->message_is_error ? ROLE_ERROR : ROLE_TEXT) | STYLE_BAR;

	canvas_fill(c, r, style);
	canvas_wrap(c, (struct rect){r.x + 1, r.y, r.w - 2, r.h}, style, buf_str(&ui->message));
}

/* message: it stands here, at the right. */
static void draw_foot(const struct ui *ui, struct canvas *c, struct rect r, bool message)
{
	int w = message ? canvas_width(c, buf_str(&ui->message)) : 0;
	struct foot foot = {.c = c, .x = r.x + 1, .y = r.y, .end = r.w - 1 - (w > 0 ? w + 2 : 0)};

	keys_foot(ui_context(ui), keep_foot_item, &foot);
	keys_foot(ui_context(ui), draw_foot_item, &foot);
	if (message)
		canvas_right(c, r.w - 1 - w, r.y, w, ui->message_is_error ? ROLE_ERROR : ROLE_TEXT,
			buf_str(&ui->message));
}

/* Candidates of a completion, in columns above the line, in no more than half of the screen. */
static void draw_matches(struct canvas *c, struct rect r)
{
	const char *const *names, *note = line_note();
	size_t n_all, n = line_matches(&names, &n_all);
	struct shelf shelf;

	if (note) {
		canvas_fill(c, (struct rect){0, r.y - 1, r.w, 1}, BAR);
		canvas_text(c, 1, r.y - 1, r.w - 2, BAR, note);
	}
	if (n == 0)
		return;
	shelf_init(&shelf, names, n, n_all, (size_t)r.w - 1, (size_t)max(r.y / 2, 2));
	int rows = (int)shelf.rows + (shelf.n_more > 0), cell = (int)shelf.cell, y = r.y - rows;
	canvas_fill(c, (struct rect){0, y, r.w, rows}, BAR);
	for (size_t i = 0; i < shelf.n_shown; i++)
		canvas_text(c, 1 + (int)(i % shelf.columns) * (cell + SHELF_GAP), y + (int)(i / shelf.columns), cell,
			BAR, names[i]);
	if (shelf.n_more > 0)
		canvas_textf(c, 1, r.y - 1, r.w - 2, ROLE_DIM | STYLE_BAR, "and %zu more", shelf.n_more);
}

static const char *line_prompt(const struct ui *ui)
{
	const char *hint = line_hint();

	if (hint)
		return hint;
	switch (ui->mode) {
	case MODE_COMMAND:
		return ":";
	case MODE_SEARCH:
		return "/";
	case MODE_SAVE:
		return "save this view as (.svg or .txt): ";
	default:
		return buf_str(&ui->prompt);
	}
}

/* What ends the line, and what completes it, where both leave room. */
static void draw_line_keys(const struct ui *ui, struct canvas *c, int x, struct rect r)
{
	static const struct {
		const char *verb;
		bool completes;
	} ways[] = {
		[MODE_COMMAND] = {"runs it", true},
		[MODE_SEARCH] = {"searches", false},
		[MODE_ANSWER] = {"takes it", false},
		[MODE_SAVE] = {"saves", true},
	};
	const char *dot = canvas_glyph(c, GLYPH_DOT);
	struct buf keys = {0};

	buf_addf(&keys, "Enter %s", ways[ui->mode].verb);
	if (ways[ui->mode].completes)
		buf_addf(&keys, " %s Tab completes", dot);
	buf_addf(&keys, " %s Esc leaves", dot);
	int w = canvas_width(c, buf_str(&keys));
	if (x + 2 + w < r.w)
		canvas_right(c, r.w - 1 - w, r.y, w, ROLE_DIM, buf_str(&keys));
	buf_release(&keys);
}

static void draw_line(const struct ui *ui, struct canvas *c, struct rect r)
{
	const char *text = line_text();
	size_t cursor = line_cursor();
	int x = canvas_text(c, 0, r.y, r.w - 3, ROLE_KEY, line_prompt(ui)); /* room for the cursor */

	/* A line longer than the screen: drop whole characters at the left until the cursor is seen. */
	size_t from = 0;
	while (from < cursor && (int)utf8_width(text + from, cursor - from) > r.w - x - 2) {
		unsigned cells;
		from += utf8_cluster(text + from, strlen(text + from), &cells);
	}
	canvas_text(c, x, r.y, r.w - x, ROLE_TEXT, text + from);
	c->cursor_x = x + (int)utf8_width(text + from, cursor - from);
	c->cursor_y = r.y;
	draw_line_keys(ui, c, x + (int)utf8_width(text + from, strlen(text + from)), r);
	draw_matches(c, r);
}

static void draw_too_small(struct canvas *c)
{
	char text[64];
	int w = snprintf(text, sizeof(text), "needs %dx%d, have %dx%d", LAYOUT_MIN_W, LAYOUT_MIN_H, c->w, c->h);
	struct rect r = {c->w > w ? (c->w - w) / 2 : 0, c->h > 1 ? (c->h - 1) / 2 : 0, c->w, c->h};

	r.w -= r.x;
	r.h -= r.y;
	canvas_wrap(c, r, ROLE_TEXT, text);
}

void ui_draw(struct ui *ui, struct canvas *c)
{
	canvas_blank(c);
	ui->page = c;
	if (layout_too_small(c->w, c->h)) {
		draw_too_small(c);
		return;
	}
	struct frame_layout l = layout_frame(c->w, c->h, player_lines(&ui->player, c, c->w), message_lines(ui, c));
	draw_tabs(ui, c, l.tabs);
	draw_top(ui, c, l.top);
	ui->views[ui->current]->draw(ui->states[ui->current], ui->snap, c, l.body);
	if (ui->over)
		ui->over->draw(ui->over_state, ui->snap, c, l.body);
	player_draw(&ui->player, ui->snap, c, l.lesson);
	if (l.message.h > 0)
		draw_message(ui, c, l.message);
	if (ui_edits_line(ui))
		draw_line(ui, c, l.bottom);
	else if (ui->mode == MODE_ASK_QUIT)
		canvas_text(c, 1, l.bottom.y, l.bottom.w - 1, ROLE_ERROR, "a job is running: stop it and quit? y/n");
	else
		draw_foot(ui, c, l.bottom, l.message.h == 0);
}

bool ui_draw_again(struct ui *ui, struct canvas *page)
{
	const struct canvas *shown = ui->page;

	if (!shown)
		return false;
	canvas_init(page, shown->ascii);
	page->graph = shown->graph;
	canvas_resize(page, shown->w, shown->h);
	ui_draw(ui, page);
	ui->page = shown;
	return true;
}
