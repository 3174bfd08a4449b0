/*
 * The Cases view: one row a case with what a diagnosis has found of it, the selected one in words below.
 *
 * Before there is a diagnosis it is a catalogue of the cases: the columns that only a search can fill come with the
 * first case that is found. Rows move while a diagnosis runs and when they are filtered; the selection stays on its
 * case. When they are sorted, one wants to see the first of them.
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/mem.h"
#include "case_fields.h"
#include "layout.h"
#include "list.h"
#include "minmax.h"
#include "panel.h"
#include "verdict_look.h"
#include "view.h"

#define PRUNED_ONLY "pruned" /* the filter that `w` sets */
#define ID_MOST 12           /* cells of an id */
#define DETAIL_LINES 3       /* the rule, the title, the sentence */
#define DETAIL_H 12          /* from this height on there is room for them */

struct cases_view {
	struct list list;
	size_t at;        /* place in the split of the selected case; 0: none */
	size_t n_all;     /* cases of the split, as last seen */
	int id_w;         /* cells of their ids */
	char *where;      /* owned: the filter as last seen */
	const char *sort; /* borrowed for good: the column that was sorted by, as last seen */
	bool descending;
	char *open;       /* owned: id of the case that was searched last */
	char *refused;    /* owned: what was typed as a filter and did not become it; NULL: nothing */
	struct case_fields columns; /* as drawn last, for the mouse and for the next column */
	struct rect heads, rows;
};

static void cases_release(void *state)
{
	struct cases_view *v = state;

	free(v->where);
	free(v->open);
	free(v->refused);
}

static void keep(char **to, const char *text)
{
	char *copy = text ? xstrdup(text) : NULL;

	free(*to);
	*to = copy;
}

static bool same(const char *a, const char *b)
{
	return a && b ? strcmp(a, b) == 0 : a == b;
}

static int widest_id(const struct snap_cases *t)
{
	size_t most = 4;

	for (size_t i = 0; i < t->n && most < ID_MOST; i++) {
		size_t n = strlen(t->rows[i]->id);
		most = n > most ? n : most;
	}
	return most < ID_MOST ? (int)most : ID_MOST;
}

/* Selects a row; its line stays where the selected one was on the screen. */
static void move_to(struct list *l, size_t row)
{
	size_t line = l->sel > l->top ? l->sel - l->top : 0;

	l->sel = row;
	l->top = row > line ? row - line : 0;
}

/* Finds the selected case among the rows as they are now. */
static void follow_case(struct cases_view *v, const struct snap_cases *t, bool refiltered)
{
	if (v->at > 0 && v->list.sel < t->n && t->rows[v->list.sel]->index == v->at)
		return;
	for (size_t i = 0; i < t->n; i++)
		if (t->rows[i]->index == v->at) {
			move_to(&v->list, i);
			return;
		}
	if (refiltered)
		v->list.sel = v->list.top = 0;
}

/* Another case was opened: it is the one that one wants to go on from. */
static void follow_open(struct cases_view *v, const struct snapshot *snap)
{
	if (same(v->open, snap->case_id))
		return;
	keep(&v->open, snap->case_id);
	for (size_t i = 0; snap->case_index > 0 && i < snap->cases->n; i++)
		if (snap->cases->rows[i]->index == snap->case_index) {
			v->list.sel = i;
			return;
		}
}

static void note_case(struct cases_view *v, const struct snap_cases *t)
{
	v->at = v->list.n > 0 ? t->rows[v->list.sel]->index : 0;
}

static void cases_refresh(void *state, const struct snapshot *snap)
{
	struct cases_view *v = state;
	const struct snap_cases *t = snap->cases;
	bool refiltered, resorted;

	if (!t) {
		list_set(&v->list, 0);
		return;
	}
	if (v->n_all != t->n_all || v->id_w == 0)
		v->id_w = widest_id(t);
	v->n_all = t->n_all;
	refiltered = !same(v->where, t->where_shown);
	resorted = v->sort != t->sort || v->descending != t->descending;
	if (refiltered) {
		keep(&v->where, t->where_shown);
		keep(&v->refused, NULL);
	}
	v->sort = t->sort;
	v->descending = t->descending;
	if (resorted)
		v->list.sel = v->list.top = 0;
	else
		follow_case(v, t, refiltered);
	list_set(&v->list, t->n);
	follow_open(v, snap);
	note_case(v, t);
}

static void ask_where(const struct snap_cases *t, const char *where, struct view_reply *reply)
{
	reply->ask_cases = true;
	buf_addstr(&reply->where, where);
	if (t->sort)
		buf_addf(&reply->sort, "%s%s", t->descending ? "-" : "", t->sort);
}

/* sort as in `cases --sort`; "": the split's order. */
static void ask_sort(const struct snap_cases *t, const char *sort, struct view_reply *reply)
{
	reply->ask_cases = true;
	buf_addstr(&reply->where, t->where_shown);
	buf_addstr(&reply->sort, sort);
}

/* By the next column that is seen, or by the one before. */
static void next_sort(const struct cases_view *v, const struct snap_cases *t, int step, struct view_reply *reply)
{
	int at = 0;

	if (v->columns.w[FIELD_CASE] == 0)
		return;
	while (at < FIELD_COUNT && (at == FIELD_KEY || !v->columns.w[at] || !case_fields_sorted(t, (enum field)at)))
		at++;
	at %= FIELD_COUNT; /* by a column that only the sorting brought: from the first on */
	do
		at = (at + step + FIELD_COUNT) % FIELD_COUNT;
	while (at == FIELD_KEY || !v->columns.w[at]);
	ask_sort(t, case_fields_sort((enum field)at), reply);
}

static void reverse(const struct snap_cases *t, struct view_reply *reply)
{
	if (t->sort) {
		ask_where(t, t->where_shown, reply);
		buf_clear(&reply->sort);
		buf_addf(&reply->sort, "%s%s", t->descending ? "" : "-", t->sort);
	} else {
		ask_sort(t, "-index", reply);
	}
}

static void pruned_only(const struct snapshot *snap, struct view_reply *reply)
{
	const struct snap_cases *t = snap->cases;

	if (strcmp(t->where_shown, PRUNED_ONLY) == 0) {
		ask_where(t, "", reply);
	} else if (t->n_searched > 0 || view_runs(snap, "diagnose")) {
		ask_where(t, PRUNED_ONLY, reply);
	} else {
		buf_addstr(&reply->message, "no case is diagnosed yet: d diagnoses them all");
		reply->is_error = true;
	}
}

/* Would a diagnosis be made with other settings than those that the table's was made with? */
static bool settings_differ(const struct snapshot *snap)
{
	struct buf now = {0};
	bool differ;

	buf_addf(&now, "%s · %s", snap->model_shown, snap->settings_shown);
	differ = strcmp(buf_str(&now), snap->cases->settings_shown) != 0;
	buf_release(&now);
	return differ;
}

static void diagnose(const struct snapshot *snap, struct view_reply *reply)
{
	const struct snap_cases *t = snap->cases;

	if (t->n_all > 0 && t->n_searched == t->n_all && !settings_differ(snap) && snap->job == JOB_IDLE)
		buf_addstr(&reply->message,
			"all cases are diagnosed with these settings already");
	else
		buf_addstr(&reply->command, "diagnose");
}

static bool take_filter_off(const struct snapshot *snap, struct view_reply *reply)
{
	if (snap->job != JOB_IDLE || !*snap->cases->where_shown)
		return false;
	ask_where(snap->cases, "", reply);
	return true;
}

static bool on_action(struct cases_view *v, const struct snapshot *snap, enum ui_action a, struct view_reply *reply)
{
	const struct snap_cases *t = snap->cases;

	switch (a) {
	case ACTION_FILTER:
		buf_addstr(&reply->prompt, "filter: ");
		reply->is_filter = true;
		buf_addstr(&reply->initial, v->refused ? v->refused : t->where_shown);
		return true;
	case ACTION_SORT:
		next_sort(v, t, 1, reply);
		return true;
	case ACTION_SORT_BACK:
		next_sort(v, t, -1, reply);
		return true;
	case ACTION_SORT_REVERSE:
		reverse(t, reply);
		return true;
	case ACTION_TOGGLE:
		pruned_only(snap, reply);
		return true;
	case ACTION_START:
		diagnose(snap, reply);
		return true;
	case ACTION_BACK:
		return take_filter_off(snap, reply);
	default:
		break;
	}
	bool did = list_select(&v->list, a);
	note_case(v, t);
	return did;
}

static void on_click(struct cases_view *v, const struct snap_cases *t, int x, int y, struct view_reply *reply)
{
	size_t row = v->list.top + (size_t)(y - v->rows.y);

	if (rect_has(v->rows, x, y) && row < v->list.n) {
		if (row == v->list.sel) {
			buf_addstr(&reply->line, "beam ");
			buf_addword(&reply->line, t->rows[row]->id);
		}
		v->list.sel = row;
		note_case(v, t);
	}
	if (!rect_has(v->heads, x, y))
		return;
	for (int k = 0; k < FIELD_COUNT; k++) {
		if (x < v->columns.x[k] || x >= v->columns.x[k] + v->columns.w[k])
			continue;
		if (case_fields_sorted(t, (enum field)k))
			reverse(t, reply);
		else
			ask_sort(t, case_fields_sort((enum field)k), reply);
		return;
	}
}

static bool cases_event(void *state, const struct snapshot *snap, const struct view_event *e, struct view_reply *reply)
{
	struct cases_view *v = state;

	if (!snap->cases)
		return false;
	if (e->action != ACTION_NONE)
		return on_action(v, snap, e->action, reply);
	if (e->mouse == EVENT_CLICK) {
		on_click(v, snap->cases, e->x, e->y, reply);
		return true;
	}
	bool did = list_wheel_select(&v->list, e->mouse);
	note_case(v, snap->cases);
	return did;
}

/* A line that is refused is there again when one asks for it next. */
static void cases_answer(void *state, const struct snapshot *snap, const char *text, struct view_reply *reply)
{
	struct cases_view *v = state;

	if (!snap->cases)
		return;
	keep(&v->refused, text);
	ask_where(snap->cases, text, reply);
}

static void draw_rows(struct cases_view *v, const struct snapshot *snap, struct canvas *c)
{
	struct rect r = v->rows;
	size_t page = (size_t)max(r.h, 0);

	if (v->list.page == 0) /* the open case is first seen among its neighbours */
		v->list.top = v->list.sel > page / 2 ? v->list.sel - page / 2 : 0;
	list_show(&v->list, v->list.sel, v->list.n, page);
	for (size_t i = 0; i < v->list.page && v->list.top + i < v->list.n; i++) {
		size_t row = v->list.top + i;
		const struct snap_case *k = snap->cases->rows[row];
		int y = r.y + (int)i;

		case_fields_draw(&v->columns, snap->cases, k, c, y);
		if (k->index == snap->case_index)
			canvas_put(c, r.x, y, ROLE_HOT, GLYPH_HERE);
		if (row == v->list.sel)
			canvas_mark(c, (struct rect){r.x, y, r.w, 1}, STYLE_SELECTED);
	}
}

static void add_cases(struct buf *out, size_t n)
{
	buf_addcount(out, n);
	buf_addstr(out, n == 1 ? " case" : " cases");
}

/* How many there are, how many of them are diagnosed, and how that goes on. */
static void draw_state(const struct snapshot *snap, struct canvas *c, int x, int y, int w)
{
	const struct snap_cases *t = snap->cases;
	const char *dot = canvas_glyph(c, GLYPH_DOT);
	struct buf text = {0};
	static const char keeps[] = "Esc stops, and keeps what is found";
	char left[CLOCK_SPAN];

	add_cases(&text, t->n_all);
	int used = canvas_text(c, x, y, w, ROLE_TEXT | STYLE_STRONG, buf_str(&text));
	buf_clear(&text);
	buf_addf(&text, " %s ", dot);
	if (t->n_searched > 0 && t->n_searched == t->n_all)
		buf_addstr(&text, "all");
	else if (t->n_searched > 0)
		buf_addcount(&text, t->n_searched);
	else
		buf_addstr(&text, "none");
	buf_addstr(&text, " diagnosed");
	if (t->n_searched > 0 && settings_differ(snap) && !view_runs(snap, "diagnose"))
		buf_addstr(&text, " otherwise: d does it anew");
	if (view_runs(snap, "diagnose")) {
		if (!isnan(snap->job_left)) {
			clock_span(left, snap->job_left);
			buf_addf(&text, " %s %s left", dot, left);
		}
		if (used + canvas_width(c, buf_str(&text)) + canvas_width(c, keeps) + 3 <= w)
			buf_addf(&text, " %s %s", dot, keeps);
		else
			buf_addf(&text, " %s Esc stops", dot);
	} else if (t->n_searched > 0 && t->n_searched < t->n_all && !settings_differ(snap)) {
		buf_addf(&text, " %s d goes on", dot);
	} else if (t->n_searched == 0 && t->n_all > 0) {
		buf_addstr(&text, t->elsewhere ? ", the last diagnosis is of others: d diagnoses these" :
						 " yet: d diagnoses them all");
	}
	used += canvas_text(c, x + used, y, w - used, ROLE_TEXT, buf_str(&text));
	if (t->n_searched > 0 && !view_runs(snap, "diagnose"))
		canvas_textf(c, x + used, y, w - used, settings_differ(snap) ? ROLE_HOT : ROLE_DIM, " %s %s", dot,
			t->settings_shown);
	buf_release(&text);
}

/* What was found, as far as there is room; what a diagnosis would say where there is none. */
static void draw_counts(const struct snap_cases *t, struct canvas *c, int x, int y, int w)
{
	static const enum snap_verdict order[] = {
		SNAP_PRUNED, SNAP_RETRIEVED, SNAP_OUTRANKED, SNAP_UNREACHABLE, SNAP_UNDECIDED};
	int end = x + w;

	if (t->n_searched == 0) {
		canvas_text(c, x, y, w, ROLE_DIM,
			"to see what the search finds, and what it loses");
		return;
	}
	for (size_t i = 0; i < ARRAY_LEN(order); i++) {
		struct buf text = {0};

		buf_addcount(&text, t->kinds[order[i]]);
		buf_addf(&text, " %s", verdict_looks[order[i]].counted);
		if ((i < 3 || t->kinds[order[i]] > 0) && x + 2 + canvas_width(c, buf_str(&text)) <= end) {
			verdict_look_mark(c, x, y, order[i]);
			x += 2 + canvas_text(c, x + 2, y, end - x - 2, ROLE_TEXT, buf_str(&text)) + 3;
		}
		buf_release(&text);
	}
}

/* Returns the cells that it takes. */
static int draw_place(const struct list *l, struct canvas *c, int x, int y, int w)
{
	struct buf text = {0};

	list_add_place(l, l->n, &text);
	int used = canvas_right(c, x, y, w, ROLE_DIM, buf_str(&text));
	buf_release(&text);
	return used > 0 ? used + 2 : 0;
}

static void draw_filter(const struct snap_cases *t, struct canvas *c, int x, int y, int w)
{
	struct buf text = {0};
	int end = x + w;

	x += canvas_text(c, x, y, end - x, ROLE_DIM, "only ");
	x += canvas_text(c, x, y, end - x, ROLE_HOT | STYLE_STRONG, t->where_shown);
	buf_addf(&text, " %s ", canvas_glyph(c, GLYPH_DOT));
	add_cases(&text, t->n);
	buf_addf(&text, " %s Esc shows all", canvas_glyph(c, GLYPH_DOT));
	canvas_text(c, x, y, end - x, ROLE_DIM, buf_str(&text));
	buf_release(&text);
}

static void add_exact(const struct snap_case *k, struct buf *out)
{
	if (k->exact_rank == 0)
		return;
	buf_addstr(out, "; exact rank ");
	verdict_look_exact(k->exact_rank, k->exact_proved, out);
}

/* What the row says, in a sentence or two. */
static void add_sentence(const struct snap_case *k, struct buf *out)
{
	switch (k->verdict) {
	case SNAP_NONE:
		buf_addf(out, "Not diagnosed. %zu items in the history; the item occurs %zu times in training.",
			k->history, k->popularity);
		return;
	case SNAP_RETRIEVED:
		buf_addf(out, "Retrieved at rank %zu", k->rank);
		break;
	case SNAP_PRUNED:
		buf_addf(out, "Wrongly pruned at step %zu", k->pruned_at);
		break;
	case SNAP_OUTRANKED:
		buf_addstr(out, "Out-ranked: others are preferred");
		break;
	case SNAP_UNREACHABLE:
		buf_addstr(out, "Unreachable: no search over this catalogue can return it.");
		return;
	case SNAP_UNDECIDED:
		buf_addstr(out, "Undecided: the budget ended the exact search before its rank was settled.");
		return;
	}
	add_exact(k, out);
	buf_addch(out, '.');
	if (k->smallest_width > 0)
		buf_addf(out, " Least B that returns it: %zu.", k->smallest_width);
}

/* The selected case in words. */
static void draw_detail(const struct cases_view *v, const struct snap_cases *t, struct canvas *c, struct rect r)
{
	const struct snap_case *k = t->rows[v->list.sel];
	struct buf text = {0};
	int x;

	canvas_repeat(c, r.x, r.y, r.w, ROLE_FRAME, GLYPH_HORIZONTAL);
	buf_addf(&text, "case %s %s ", k->id, canvas_glyph(c, GLYPH_DOT));
	x = r.x + 1 + canvas_text(c, r.x + 1, r.y + 1, r.w - 2, ROLE_DIM, buf_str(&text));
	canvas_text(c, x, r.y + 1, r.x + r.w - 1 - x, ROLE_POSITIVE | STYLE_STRONG, k->title_shown);
	buf_clear(&text);
	add_sentence(k, &text);
	canvas_text(c, r.x + 1, r.y + 2, r.w - 2, ROLE_TEXT, buf_str(&text));
	buf_release(&text);
}

/* Nothing to list: what is missing, and what would bring it. */
static void draw_nothing(const struct snap_cases *t, struct canvas *c, struct rect r)
{
	const char *text = !t           ? "No dataset is loaded: \":load data DIR\" loads one."
			   : !t->n_all  ? "This split has no cases: \":set split valid\" looks at another."
			   : t->n_searched ? "No case for which that holds: \\ changes the filter, Esc takes it off."
				        : "No case is known for which that holds; a diagnosis may find some: "
					  "d makes it, Esc shows all.";

	panel_message(c, r, text);
}

static void cases_draw(void *state, const struct snapshot *snap, struct canvas *c, struct rect area)
{
	struct cases_view *v = state;
	const struct snap_cases *t = snap->cases;
	int y = area.y, x = area.x + 1, w = area.w - 2;
	bool detail = area.h >= DETAIL_H;

	v->heads = v->rows = (struct rect){0, 0, 0, 0};
	if (!t) {
		draw_nothing(t, c, area);
		return;
	}
	draw_state(snap, c, x, y++, w);
	int counts = y++;
	if (*t->where_shown)
		draw_filter(t, c, x, y++, w);
	v->heads = (struct rect){area.x, y++, area.w, 1};
	v->rows = (struct rect){area.x, y, area.w, area.y + area.h - y - (detail ? DETAIL_LINES : 0)};
	if (t->n == 0) {
		draw_counts(t, c, x, counts, w);
		draw_nothing(t, c, v->rows);
		return;
	}
	case_fields_place(&v->columns, c, t, area, v->id_w);
	case_fields_heads(&v->columns, t, c, v->heads.y);
	draw_rows(v, snap, c);
	draw_counts(t, c, x, counts, w - draw_place(&v->list, c, x, counts, w));
	if (detail)
		draw_detail(v, t, c, (struct rect){area.x, v->rows.y + v->rows.h, area.w, DETAIL_LINES});
}

/* The columns of a wide screen with tabs between them, whatever the screen's width. */
static void cases_row(void *state, const struct snapshot *snap, struct buf *out)
{
	const struct cases_view *v = state;

	for (int k = 0; v->list.n > 0 && k < FIELD_COUNT; k++) {
		if (k == FIELD_KEY)
			continue;
		if (k > 0)
			buf_addch(out, '\t');
		case_fields_add(snap->cases, snap->cases->rows[v->list.sel], (enum field)k, out);
	}
}

static void cases_selected(void *state, const struct snapshot *snap, struct buf *out)
{
	const struct cases_view *v = state;

	if (v->list.n > 0)
		buf_addstr(out, snap->cases->rows[v->list.sel]->id);
}

static bool case_has(const void *rows, size_t row, const char *text)
{
	const struct snap_case *k = ((const struct snap_case *const *)rows)[row];

	return view_has(k->title_shown, text) || view_has(k->id, text);
}

static bool cases_find(void *state, const struct snapshot *snap, const char *text, int direction)
{
	struct cases_view *v = state;

	if (!snap->cases || !list_find(&v->list, direction, case_has, snap->cases->rows, text))
		return false;
	note_case(v, snap->cases);
	return true;
}

const struct view_ops view_cases = {
	.name = "Cases",
	.context = IN_CASES,
	.shows = "cases diagnose merge",
	.size = sizeof(struct cases_view),
	.release = cases_release,
	.refresh = cases_refresh,
	.event = cases_event,
	.answer = cases_answer,
	.draw = cases_draw,
	.row = cases_row,
	.selected = cases_selected,
	.find = cases_find,
};
