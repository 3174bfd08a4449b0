/*
 * The Compare view: one case under two contenders in lockstep, the table of figures over many cases, and the cases
 * whose verdict changed. What the room allows is shown at once; else the newest of both comparisons, and `z` goes on.
 *
 * Where nothing was compared, a branch of the open search is shown beside its original.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/mem.h"
#include "base/utf8.h"
#include "base/vec.h"
#include "contest_panel.h"
#include "list.h"
#include "lockstep.h"
#include "minmax.h"
#include "verdict_look.h"
#include "view.h"

enum panel { PANEL_NONE, PANEL_LOCKSTEP, PANEL_FLIPS, PANEL_FIGURES }; /* none: no zoom */
enum order { FOUND_FIRST, LOST_FIRST, AS_THEY_ARE, ORDERS };
enum flip_kind { FLIP_ALL, FLIP_FOUND, FLIP_LOST, FLIP_OTHER, FLIP_KINDS };

struct compare_view {
	struct lockstep lockstep;
	/* What was looked at last; only compared. */
	const struct snap_contest *contest;
	const struct snap_pair *pair;
	const struct snap_trace *branch;
	bool shows_branch;   /* in lockstep: the newer of pair and branch */
	bool many;           /* without room for both, the comparison of many cases is shown */
	enum panel zoom;
	size_t bout;         /* of the contest */
	enum order order;
	enum flip_kind kind;
	struct list list;    /* of rows */
	VEC(size_t) rows;    /* the bout's flips of that kind, in that order */
	struct rect flips;   /* where their lines were drawn last, for the mouse */
	struct rect steps;   /* and the lockstep */
};

enum { BOTH_W = 150, BOTH_H = 52, LEAST_FLIPS_H = 6, SPACIOUS_H = 24 };

static void compare_release(void *state)
{
	struct compare_view *v = state;

	vec_release(&v->rows);
}

static const struct snap_bout *bout_of(const struct compare_view *v, const struct snapshot *snap)
{
	const struct snap_contest *c = snap->contest;

	return c && v->bout + 1 < c->n ? &c->bouts[v->bout] : NULL;
}

/* FOUND: returned now and not before; LOST: the other way. */
static enum flip_kind kind_of(const struct snap_flip *f)
{
	bool before = f->rank_before > 0, after = f->rank_after > 0;

	return before == after ? FLIP_OTHER : after ? FLIP_FOUND : FLIP_LOST;
}

static void list_flips(struct compare_view *v, const struct snap_bout *b)
{
	static const enum flip_kind orders[][3] = {
		[FOUND_FIRST] = {FLIP_FOUND, FLIP_LOST, FLIP_OTHER},
		[LOST_FIRST] = {FLIP_LOST, FLIP_FOUND, FLIP_OTHER},
	};
	size_t turns = v->order == AS_THEY_ARE ? 1 : 3;

	vec_clear(&v->rows);
	for (size_t turn = 0; b && turn < turns; turn++)
		for (size_t i = 0; i < b->n_flips; i++) {
			enum flip_kind kind = kind_of(&b->flips[i]);
			bool due = v->order == AS_THEY_ARE || kind == orders[v->order][turn];
			if (due && (v->kind == FLIP_ALL || v->kind == kind))
				vec_push(&v->rows, i);
		}
	list_set(&v->list, v->rows.n);
}

/* Anew, with the first row selected. */
static void relist(struct compare_view *v, const struct snapshot *snap)
{
	list_flips(v, bout_of(v, snap));
	v->list.sel = v->list.top = 0;
}

/* What both lists show, from this snapshot on. Of a further branch of one search the step stays. */
static void set_lockstep(struct compare_view *v, const struct snapshot *snap)
{
	struct lockstep *l = &v->lockstep;
	const struct snap_trace *before = l->traces[0]; /* only compared */

	if (v->shows_branch && snap->original) {
		l->traces[0] = snap->original;
		l->traces[1] = snap->trace;
		l->names[0] = "the search";
		l->names[1] = snap->trace->edits_shown;
		l->case_id = snap->trace->case_id;
	} else if (snap->pair) {
		for (size_t i = 0; i < 2; i++) {
			l->traces[i] = snap->pair->traces[i];
			l->names[i] = snap->pair->names_shown[i];
		}
		l->case_id = snap->pair->case_id;
	} else {
		l->traces[0] = l->traces[1] = NULL;
		return;
	}
	if (l->traces[0] != before)
		lockstep_begin(l);
	else
		lockstep_goto(l, l->step);
}

static unsigned compare_context(const void *state)
{
	const struct compare_view *v = state;

	return v->zoom != PANEL_NONE ? IN_COMPARE | IN_ZOOM : IN_COMPARE;
}

static void compare_refresh(void *state, const struct snapshot *snap)
{
	struct compare_view *v = state;
	const struct snap_trace *branch = snap->original ? snap->trace : NULL;
	bool new_pair = snap->pair && snap->pair != v->pair, new_branch = branch && branch != v->branch;
	bool new_contest = snap->contest && snap->contest != v->contest;

	v->pair = snap->pair;
	v->branch = branch;
	v->contest = snap->contest;
	if (new_pair || new_branch)
		v->shows_branch = !new_pair;
	if (!branch)
		v->shows_branch = false;
	if (new_pair || new_branch || new_contest)
		v->many = new_contest;
	if (new_pair || new_contest)
		v->zoom = PANEL_NONE;
	set_lockstep(v, snap);
	if (new_contest) {
		v->bout = 0;
		relist(v, snap);
	}
}

/* Where the panels are; those without room are empty. */
struct places {
	struct rect lockstep, figures, flips;
};

/* Figures above, the cases that changed below. */
static void place_many(const struct compare_view *v, struct places *p, struct rect r, const struct canvas *c,
	const struct snap_contest *s)
{
	int wish = contest_panel_lines(c, r.w, s, v->bout) + (r.h >= SPACIOUS_H);
	int h = min(wish, r.h - LEAST_FLIPS_H);

	p->figures = (struct rect){r.x, r.y, r.w, max(h, 0)};
	p->flips = (struct rect){r.x, r.y + p->figures.h, r.w, r.h - p->figures.h};
}

static struct places place(const struct compare_view *v, const struct snapshot *snap, const struct canvas *c,
	struct rect area)
{
	bool one = v->lockstep.traces[0] != NULL, many = snap->contest != NULL;
	struct places p = {{0, 0, 0, 0}, {0, 0, 0, 0}, {0, 0, 0, 0}};

	if (v->zoom == PANEL_LOCKSTEP && one) {
		p.lockstep = area;
	} else if (v->zoom == PANEL_FLIPS && many) {
		p.flips = area;
	} else if (v->zoom == PANEL_FIGURES && many) {
		p.figures = area;
	} else if (one && many && area.w >= BOTH_W) {
		int w = area.w * 9 / 20;
		place_many(v, &p, (struct rect){area.x, area.y, w, area.h}, c, snap->contest);
		p.lockstep = (struct rect){area.x + w, area.y, area.w - w, area.h};
	} else if (one && many && area.h >= BOTH_H) {
		int h = min(lockstep_lines(&v->lockstep), area.h * 11 / 20);
		place_many(v, &p, (struct rect){area.x, area.y, area.w, area.h - h}, c, snap->contest);
		p.lockstep = (struct rect){area.x, area.y + area.h - h, area.w, h};
	} else if (many && (!one || v->many)) {
		place_many(v, &p, area, c, snap->contest);
	} else if (one) {
		p.lockstep = area;
	}
	return p;
}

/* Do up and down move among the changed cases? They do wherever these are to be seen. */
static bool selects_flips(const struct compare_view *v)
{
	return v->flips.h > 0;
}

static const struct snap_flip *selected_flip(const struct compare_view *v, const struct snapshot *snap)
{
	const struct snap_bout *b = bout_of(v, snap);

	return b && v->list.sel < v->rows.n ? &b->flips[v->rows.at[v->list.sel]] : NULL;
}

/* Has the selected case searched by the two contenders. */
static void open_flip(const struct compare_view *v, const struct snapshot *snap, struct view_reply *reply)
{
	const struct snap_flip *f = selected_flip(v, snap);
	const struct snap_bout *b = bout_of(v, snap);

	if (!f) {
		buf_addstr(&reply->message, "no changed case is selected");
		reply->is_error = true;
	} else if (!*b->against) {
		buf_addf(&reply->message, "a file was compared, which holds no searches: \":compare --case ");
		buf_addword(&reply->message, f->id);
		buf_addstr(&reply->message, " MODEL\" makes them");
		reply->is_error = true;
	} else {
		buf_addf(&reply->line, "compare %s --case ", b->against);
		buf_addword(&reply->line, f->id);
	}
}

static bool go_to_flip(struct compare_view *v, const struct snapshot *snap, int direction, struct view_reply *reply)
{
	size_t last = v->rows.n > 0 ? v->rows.n - 1 : 0;

	if (v->rows.n == 0 || (direction < 0 ? v->list.sel == 0 : v->list.sel == last)) {
		buf_addstr(&reply->message, v->rows.n == 0 ? "no cases were compared: \":compare MODEL\" does that"
					    : direction < 0 ? "there is no changed case before"
							    : "there is no further changed case");
		reply->is_error = true;
		return true;
	}
	v->list.sel = direction < 0 ? v->list.sel - 1 : v->list.sel + 1;
	open_flip(v, snap, reply);
	return true;
}

/* Both verdicts in full. */
static void explain(const struct lockstep *l, struct buf *out)
{
	buf_addstr(out, "case ");
	utf8_show(out, l->case_id, strlen(l->case_id), false);
	for (size_t i = 0; i < 2; i++) {
		const struct snap_trace *t = l->traces[i];
		buf_addf(out, "\n\n%s\n\n%s", l->names[i], *t->explain_shown ? t->explain_shown : t->sentence_shown);
		if (*t->notes_shown)
			buf_addf(out, "\n\n%s", t->notes_shown);
	}
}

/* Up: from a zoomed panel to all, from one case to the many where there are such. */
static bool go_back(struct compare_view *v, const struct snapshot *snap)
{
	if (v->zoom != PANEL_NONE) {
		v->zoom = PANEL_NONE;
		return true;
	}
	if (!snap->contest || !v->lockstep.traces[0] || v->flips.h > 0)
		return false;
	v->many = true;
	return true;
}

/* One panel has all the room as it is. */
static void zoom(struct compare_view *v, const struct snapshot *snap, struct view_reply *reply)
{
	bool there[] = {
		[PANEL_NONE] = true,
		[PANEL_LOCKSTEP] = v->lockstep.traces[0] != NULL,
		[PANEL_FLIPS] = snap->contest != NULL,
		[PANEL_FIGURES] = snap->contest != NULL,
	};

	if (!snap->contest) {
		buf_addstr(&reply->message,
			v->lockstep.traces[0] ? "this panel is alone already" : "nothing is compared yet");
		return;
	}
	do
		v->zoom = (enum panel)((v->zoom + 1) % ARRAY_LEN(there));
	while (!there[v->zoom]);
}

static bool on_mouse(
	struct compare_view *v, const struct snapshot *snap, const struct view_event *e, struct view_reply *reply)
{
	struct lockstep *l = &v->lockstep;

	if (e->mouse == EVENT_CLICK) {
		size_t row = v->list.top + (size_t)(e->y - v->flips.y);
		if (rect_has(v->flips, e->x, e->y) && row < v->rows.n) {
			if (row == v->list.sel)
				open_flip(v, snap, reply);
			v->list.sel = row;
		} else if (rect_has(l->way, e->x, e->y)) {
			lockstep_goto(l, l->way_first + (size_t)(e->y - l->way.y));
		} else {
			return false;
		}
		return true;
	}
	return rect_has(v->steps, e->x, e->y) ? lockstep_wheel(l, e->mouse) : list_wheel_select(&v->list, e->mouse);
}

static bool compare_event(
	void *state, const struct snapshot *snap, const struct view_event *e, struct view_reply *reply)
{
	struct compare_view *v = state;

	switch (e->action) {
	case ACTION_NONE:
		return on_mouse(v, snap, e, reply);
	case ACTION_BACK:
		return go_back(v, snap);
	case ACTION_OPEN:
		if (selects_flips(v))
			open_flip(v, snap, reply);
		else if (v->lockstep.traces[0])
			explain(&v->lockstep, &reply->text);
		return true;
	case ACTION_PREVIOUS_TAB:
		return go_to_flip(v, snap, -1, reply);
	case ACTION_NEXT_TAB:
		return go_to_flip(v, snap, 1, reply);
	case ACTION_ZOOM:
		zoom(v, snap, reply);
		return true;
	case ACTION_SORT:
		v->order = (enum order)((v->order + 1) % ORDERS);
		relist(v, snap);
		return true;
	case ACTION_FILTER:
		v->kind = (enum flip_kind)((v->kind + 1) % FLIP_KINDS);
		relist(v, snap);
		return true;
	case ACTION_TOGGLE:
		if (snap->contest && snap->contest->n > 2)
			v->bout = (v->bout + 1) % (snap->contest->n - 1);
		relist(v, snap);
		return true;
	case ACTION_LEFT:
	case ACTION_RIGHT:
		return lockstep_move(&v->lockstep, e->action);
	default:
		return selects_flips(v) ? list_select(&v->list, e->action) : lockstep_move(&v->lockstep, e->action);
	}
}

/* "rank 3", "pruned at 2, exact 4", "out-ranked, exact 31" */
static void add_verdict(struct buf *b, enum snap_verdict kind, size_t rank, size_t step, size_t exact, bool proved)
{
	if (rank > 0) {
		buf_addf(b, "rank %zu", rank);
		return;
	}
	buf_addstr(b, verdict_looks[kind].word);
	if (kind == SNAP_PRUNED && step > 0)
		buf_addf(b, " at %zu", step);
	if (exact > 0) {
		buf_addstr(b, ", exact ");
		verdict_look_exact(exact, proved, b);
	}
}

static void add_before(struct buf *b, const struct snap_flip *f)
{
	add_verdict(b, f->before, f->rank_before, f->pruned_before, f->exact_before, f->proved_before);
}

static void add_after(struct buf *b, const struct snap_flip *f)
{
	add_verdict(b, f->after, f->rank_after, f->pruned_after, f->exact_after, f->proved_after);
}

enum { LEAST_CASE_W = 6, MOST_CASE_W = 16, FATE_W = 25 };

static void draw_fate(struct canvas *c, int x, int y, unsigned style, enum snap_verdict kind, struct buf *words)
{
	verdict_look_mark(c, x, y, kind);
	canvas_text(c, x + 2, y, FATE_W - 3, style, buf_str(words));
	buf_clear(words);
}

/* Of the column of ids: as wide as the longest of those that are seen. */
static int case_w(const struct compare_view *v, const struct snap_bout *b, const struct canvas *c)
{
	int most = LEAST_CASE_W;

	for (size_t i = 0; i < v->list.page && v->list.top + i < v->rows.n; i++)
		most = max(most, canvas_width(c, b->flips[v->rows.at[v->list.top + i]].id));
	return min(most, MOST_CASE_W);
}

static void draw_flip(const struct snap_flip *f, struct canvas *c, struct rect in, int y, int id_w)
{
	enum flip_kind kind = kind_of(f);
	unsigned style = kind == FLIP_OTHER ? ROLE_DIM : ROLE_TEXT;
	int x = in.x + 2 + id_w + 2;
	struct buf words = {0};

	if (kind != FLIP_OTHER)
		canvas_text(c, in.x, y, 1, (kind == FLIP_FOUND ? ROLE_KEPT : ROLE_PRUNED) | STYLE_STRONG,
			kind == FLIP_FOUND ? "+" : "-");
	utf8_show(&words, f->id, strlen(f->id), false);
	canvas_right(c, in.x + 2, y, id_w, style, buf_str(&words));
	buf_clear(&words);
	add_before(&words, f);
	draw_fate(c, x, y, style, f->before, &words);
	add_after(&words, f);
	draw_fate(c, x + FATE_W, y, style, f->after, &words);
	canvas_text(c, x + 2 * FATE_W, y, in.x + in.w - x - 2 * FATE_W, style, f->title_shown);
	buf_release(&words);
}

static void add_flips_title(const struct compare_view *v, const struct snap_bout *b, const char *dot, struct buf *title)
{
	static const char *const kinds[] = {
		[FLIP_ALL] = "all", [FLIP_FOUND] = "found", [FLIP_LOST] = "lost", [FLIP_OTHER] = "others"};
	static const char *const orders[] = {
		[FOUND_FIRST] = "found first", [LOST_FIRST] = "lost first", [AS_THEY_ARE] = "in the split's order"};
	size_t n[FLIP_KINDS] = {0};

	for (size_t i = 0; i < b->n_flips; i++)
		n[kind_of(&b->flips[i])]++;
	buf_addf(title, "changed cases: %zu found (+), %zu lost (-), %zu others", n[FLIP_FOUND], n[FLIP_LOST],
		n[FLIP_OTHER]);
	if (v->kind != FLIP_ALL)
		buf_addf(title, " %s %s only", dot, kinds[v->kind]);
	else
		buf_addf(title, " %s %s", dot, orders[v->order]);
}

static void draw_flips(struct compare_view *v, const struct snapshot *snap, struct canvas *c, struct rect r)
{
	const struct snap_bout *b = bout_of(v, snap);
	struct rect in = rect_inside(r);
	struct buf title = {0};

	if (r.h < 4 || r.w < 40)
		return;
	add_flips_title(v, b, canvas_glyph(c, GLYPH_DOT), &title);
	canvas_box(c, r, ROLE_FRAME, buf_str(&title));
	buf_release(&title);
	v->flips = (struct rect){r.x + 1, in.y + 1, r.w - 2, in.h - 1};
	list_show(&v->list, v->list.sel, v->rows.n, (size_t)v->flips.h);
	int id_w = case_w(v, b, c), x = in.x + 2 + id_w + 2;
	canvas_right(c, in.x + 2, in.y, id_w, ROLE_DIM, "case");
	canvas_text(c, x + 2, in.y, FATE_W - 3, ROLE_DIM, snap->contest->names_shown[0]);
	canvas_text(c, x + FATE_W + 2, in.y, FATE_W - 3, ROLE_DIM, snap->contest->names_shown[v->bout + 1]);
	canvas_text(c, x + 2 * FATE_W, in.y, in.x + in.w - x - 2 * FATE_W, ROLE_DIM, "title");
	if (v->rows.n == 0)
		canvas_text(c, in.x + 3, in.y + 1, in.w - 3, ROLE_DIM,
			v->kind == FLIP_ALL ? "no case changed its verdict" : "none of this kind: f goes on");
	for (size_t i = 0; i < v->list.page && v->list.top + i < v->rows.n; i++) {
		int y = v->flips.y + (int)i;
		draw_flip(&b->flips[v->rows.at[v->list.top + i]], c, in, y, id_w);
		if (v->list.top + i == v->list.sel)
			canvas_mark(c, (struct rect){r.x + 1, y, r.w - 2, 1}, STYLE_SELECTED);
	}
	list_draw_place(&v->list, v->rows.n, c, r);
}

/* How far the comparison has got that will be shown here. */
static void draw_comparing(const struct snapshot *snap, struct canvas *c, struct rect area)
{
	const char *dot = canvas_glyph(c, GLYPH_DOT);
	struct buf text = {0};
	int w;

	buf_addstr(&text, "comparing");
	if (snap->job_total > 0) {
		buf_addf(&text, " %s search ", dot);
		buf_addcount(&text, snap->job_done);
		buf_addstr(&text, " of ");
		buf_addcount(&text, snap->job_total);
	}
	if (!isnan(snap->job_left)) {
		char left[CLOCK_SPAN];

		clock_span(left, snap->job_left);
		buf_addf(&text, " %s %s left", dot, left);
	}
	buf_addf(&text, " %s Esc stops", dot);
	w = canvas_width(c, buf_str(&text));
	w = w > area.w - 2 ? area.w - 2 : w;
	canvas_text(c, area.x + (area.w - w) / 2, area.y + area.h / 2, w, ROLE_DIM, buf_str(&text));
	buf_release(&text);
}

/* Nothing is compared yet: what one could compare, and how. */
static void draw_empty(const struct snapshot *snap, struct canvas *c, struct rect area)
{
	struct rect r = {area.x + (area.w - 72) / 2, area.y + area.h / 2 - 5, 72, 11};
	const char *of_case = snap->case_id ? snap->case_id : "CASE";
	struct buf rival = {0}, shown = {0};

	if (view_runs(snap, "compare")) {
		draw_comparing(snap, c, area);
		return;
	}
	if (r.x < area.x + 2)
		r = (struct rect){area.x + 2, area.y + 1, area.w - 4, area.h - 1};
	if (snap->rival)
		buf_addword(&rival, snap->rival);
	else
		buf_addstr(&rival, "MODEL");
	utf8_show(&shown, buf_str(&rival), rival.len, false);
	buf_clear(&rival);
	canvas_text(c, r.x, r.y, r.w, ROLE_TEXT | STYLE_STRONG, "Nothing is compared yet.");
	canvas_text(c, r.x, r.y + 2, 2, ROLE_KEY, "c");
	canvas_text(c, r.x + 3, r.y + 2, r.w - 3, ROLE_TEXT, "one case under two models, step by step:");
	utf8_show(&rival, of_case, strlen(of_case), false);
	canvas_textf(c, r.x + 5, r.y + 3, r.w - 5, ROLE_DIM, ":compare --case %s %s", buf_str(&rival), buf_str(&shown));
	canvas_text(c, r.x, r.y + 5, 2, ROLE_KEY, "C");
	canvas_text(c, r.x + 3, r.y + 5, r.w - 3, ROLE_TEXT,
		"all cases under two models: figures, and the cases that change:");
	canvas_textf(c, r.x + 5, r.y + 6, r.w - 5, ROLE_DIM, ":compare %s", buf_str(&shown));
	canvas_text(c, r.x + 3, r.y + 8, r.w - 3, ROLE_TEXT,
		"A setting can be compared too: \":compare --set tau=0.7\".");
	canvas_text(c, r.x + 3, r.y + 9, r.w - 3, ROLE_TEXT,
		"A what-if in Beam (f, x, +, -) is shown here beside its original.");
	buf_release(&rival);
	buf_release(&shown);
}

static void compare_draw(void *state, const struct snapshot *snap, struct canvas *c, struct rect area)
{
	struct compare_view *v = state;
	struct places p = place(v, snap, c, area);

	v->flips = (struct rect){0, 0, 0, 0};
	v->steps = p.lockstep;
	if (!v->lockstep.traces[0] && !snap->contest) {
		draw_empty(snap, c, area);
		return;
	}
	if (p.figures.h > 0)
		contest_panel_draw(c, p.figures, snap->contest, v->bout);
	if (p.flips.h > 0)
		draw_flips(v, snap, c, p.flips);
	if (p.lockstep.h > 0)
		lockstep_draw(&v->lockstep, c, p.lockstep);
}

/* The selected case, or the positive item at the step: tabs between the columns. */
static void compare_row(void *state, const struct snapshot *snap, struct buf *out)
{
	const struct compare_view *v = state;
	const struct lockstep *l = &v->lockstep;
	const struct snap_flip *f = selected_flip(v, snap);

	if (selects_flips(v) && f) {
		buf_addf(out, "%s\t", f->id);
		add_before(out, f);
		buf_addch(out, '\t');
		add_after(out, f);
		buf_addf(out, "\t%s", f->title_shown);
	} else if (!selects_flips(v) && l->traces[0]) {
		buf_addf(out, "%s\t%s\t%s\t%s\t%s", l->case_id, l->names[0], l->traces[0]->fate_shown, l->names[1],
			l->traces[1]->fate_shown);
	}
}

/* The case: of the row that is selected, else the one that is shown in lockstep. */
static void compare_selected(void *state, const struct snapshot *snap, struct buf *out)
{
	const struct compare_view *v = state;
	const struct snap_flip *f = selected_flip(v, snap);

	if (selects_flips(v) && f)
		buf_addstr(out, f->id);
	else if (!selects_flips(v) && v->lockstep.traces[0])
		buf_addstr(out, v->lockstep.case_id);
}

/* What a row of the list stands for. */
struct flip_rows {
	const struct snap_flip *flips;
	const size_t *rows;
};

static bool flip_has(const void *listed, size_t row, const char *text)
{
	const struct flip_rows *l = listed;
	const struct snap_flip *f = &l->flips[l->rows[row]];
	struct buf words = {0};

	add_before(&words, f);
	buf_addch(&words, ' ');
	add_after(&words, f);
	bool has = view_has(f->id, text) || view_has(f->title_shown, text) || view_has(buf_str(&words), text);
	buf_release(&words);
	return has;
}

static bool compare_find(void *state, const struct snapshot *snap, const char *text, int direction)
{
	struct compare_view *v = state;
	const struct snap_bout *b = bout_of(v, snap);

	return b && list_find(&v->list, direction, flip_has, &(struct flip_rows){b->flips, v->rows.at}, text);
}

const struct view_ops view_compare = {
	.name = "Compare",
	.context = IN_COMPARE,
	.context_now = compare_context,
	.shows = "compare",
	.size = sizeof(struct compare_view),
	.release = compare_release,
	.refresh = compare_refresh,
	.event = compare_event,
	.draw = compare_draw,
	.row = compare_row,
	.selected = compare_selected,
	.find = compare_find,
};
