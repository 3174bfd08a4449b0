/*
 * The Beam view: one step of the traced search at the left, the positive item's way at the right, the verdict below.
 *
 * The list has one line a candidate, the cut-off line after the last kept one, and at its end a line for the candidates
 * that were not traced. The positive item is always to be seen: when it is not among the lines that are, or not among
 * the candidates any more, its row is pinned below them.
 */
#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "beside.h"
#include "layout.h"
#include "list.h"
#include "minmax.h"
#include "panel.h"
#include "view.h"

/* What z shows alone, one after the other. */
enum panel_alone { ALONE_NONE, ALONE_STEPS, ALONE_POSITIVE, ALONE_RESULTS, ALONE_COUNT };

struct beam_view {
	struct list list; /* rows: candidates, then the followed positive item if it is not among them */
	const struct snap_trace *trace; /* what was looked at last; only compared */
	size_t step;
	bool fresh;                     /* it is another step: the next drawing selects a row */
	struct rect rows;               /* where the list's lines were drawn last, for the mouse */
	bool pinned;                    /* the last line of these was the positive item's */
	struct step_table steps;
	enum panel_alone alone;
};

static const struct snap_step *step_of(const struct snapshot *snap)
{
	const struct snap_trace *t = snap->trace;

	return t && snap->step >= 1 && snap->step <= t->n_steps ? &t->steps[snap->step - 1] : NULL;
}

/* The positive item's figures at this step when it is not among the candidates, else NULL. */
static const struct snap_positive *followed(const struct snapshot *snap)
{
	const struct snap_step *s = step_of(snap);

	if (!s || snap->step > snap->trace->n_positive)
		return NULL;
	for (size_t i = 0; i < s->n; i++)
		if (s->candidates[i].positive)
			return NULL;
	return &snap->trace->positive[snap->step - 1];
}

/* The positive item's row: among the candidates, else the one after them; s->n + 1: it has none. */
static size_t positive_row(const struct snapshot *snap, const struct snap_step *s)
{
	for (size_t i = 0; i < s->n; i++)
		if (s->candidates[i].positive)
			return i;
	return s->n + (followed(snap) == NULL);
}

static bool has_gap(const struct snap_step *s)
{
	return panel_untraced(s) > 0;
}

/* Of a candidate. */
static size_t line_of_row(const struct snap_step *s, size_t row)
{
	return row + (row >= panel_rows_to_cutoff(s));
}

static size_t count_lines(const struct snap_step *s)
{
	return s->n + 1 + has_gap(s);
}

enum line_kind { LINE_ROW, LINE_CUTOFF, LINE_GAP };

static enum line_kind line_kind(const struct snap_step *s, size_t line, size_t *row)
{
	size_t cut = panel_rows_to_cutoff(s);

	*row = line < cut ? line : line - 1;
	return line == cut ? LINE_CUTOFF : *row < s->n ? LINE_ROW : LINE_GAP;
}

static unsigned beam_context(const void *state)
{
	const struct beam_view *v = state;

	return v->alone != ALONE_NONE ? IN_BEAM | IN_ZOOM : IN_BEAM;
}

static void beam_refresh(void *state, const struct snapshot *snap)
{
	struct beam_view *v = state;
	const struct snap_step *s = step_of(snap);

	list_set(&v->list, s ? s->n + (followed(snap) != NULL) : 0);
	v->fresh = v->fresh || v->trace != snap->trace || v->step != snap->step;
	v->trace = snap->trace;
	v->step = snap->step;
}

/* At another step the selection goes to the positive item, if that can be done without scrolling, else to the top: once
 * the lines that are seen are known, or when somebody asks what is selected. */
static void select_first(struct beam_view *v, const struct snapshot *snap)
{
	const struct snap_step *s = step_of(snap);
	size_t page = v->rows.h > 0 ? (size_t)v->rows.h : SIZE_MAX, row;

	if (!s || !v->fresh)
		return;
	row = positive_row(snap, s);
	v->list.top = 0;
	v->list.sel = row < s->n && line_of_row(s, row) < page ? row : 0;
	v->fresh = false;
}

static void describe_candidate(const struct snapshot *snap, const struct snap_candidate *k, struct buf *out)
{
	const struct snap_step *s = step_of(snap);
	const char *stays = k->carried ? "finished before, keeps its place" : k->finished ? "finished" : "kept";
	const char *fate = k->forbidden ? "forbidden, its rank if it competed" : k->kept ? stays : "pruned";

	buf_addf(out, "Rank %u of %zu at step %zu: %s%s%s\n\n", k->rank, s->total, snap->step, fate,
		k->forced ? ", forced" : "", k->positive ? ", the positive item" : "");
	buf_addf(out, "token            \"%s\" (id %u)\n", k->text_shown, k->token);
	buf_addf(out, "p(token)         %.4g%%\n", 100 * exp(k->step_logp));
	buf_addf(out, "log p(token)     %.6f\n", k->step_logp);
	buf_addf(out, "log P(prefix)    %.6f\n", k->logp);
	if (isfinite(s->cutoff))
		buf_addf(out, "cut-off          %.6f (%+.6f from it)\n", s->cutoff, k->logp - s->cutoff);
	if (snap->step > 1)
		buf_addf(out, "prefix before    number %u of step %zu\n", k->parent + 1, snap->step - 1);
	if (k->tie)
		buf_addstr(out, "tie              as probable as the row above: ordered by prefix, then token\n");
	buf_addf(out, "prefix           %s\n", k->prefix_shown);
	if (k->item_shown)
		buf_addf(out, "item             %s\n", k->item_shown);
}

/* The positive item is pruned here, but too far under the cut-off to be among the candidates that were traced. */
static bool pruned_untraced(const struct snapshot *snap)
{
	return snap->step == snap->trace->pruned_at;
}

static void describe_followed(const struct snapshot *snap, const struct snap_positive *p, struct buf *out)
{
	buf_addf(out, "The positive item at step %zu: %s\n\n", snap->step,
		pruned_untraced(snap) ? "pruned" : "no longer in the beam, followed by teacher forcing");
	buf_addf(out, "token            \"%s\"\n", p->text_shown);
	buf_addf(out, "p(token)         %.4g%%\n", 100 * exp(p->step_logp));
	buf_addf(out, "log p(token)     %.6f\n", p->step_logp);
	buf_addf(out, "log P(prefix)    %.6f\n", p->logp);
	buf_addf(out, "token rank       %zu of %zu valid next tokens\n", p->token_rank, p->valid);
	buf_addf(out, "token margin     %+.6f\n", p->token_margin);
	if (!isnan(p->prefix_margin)) {
		buf_addf(out, "prefix rank      %zu%s\n", p->prefix_rank,
			pruned_untraced(snap) ? "" : ", had it competed");
		buf_addf(out, "prefix margin    %+.6f\n", p->prefix_margin);
	}
}

/* Appends the selected row in full; the first line is a title. */
static void describe_row(const struct beam_view *v, const struct snapshot *snap, struct buf *out)
{
	const struct snap_step *s = step_of(snap);
	const struct snap_positive *p = followed(snap);

	if (v->list.sel < s->n)
		describe_candidate(snap, &s->candidates[v->list.sel], out);
	else if (p)
		describe_followed(snap, p, out);
}

static bool on_click(struct beam_view *v, const struct snapshot *snap, int x, int y, struct view_reply *reply)
{
	const struct snap_step *s = step_of(snap);

	if (rect_has(v->rows, x, y)) {
		size_t row, line = v->list.top + (size_t)(y - v->rows.y);
		if (v->pinned && y == v->rows.y + v->rows.h - 1)
			row = positive_row(snap, s);
		else if (line >= count_lines(s) || line_kind(s, line, &row) != LINE_ROW)
			return true;
		if (row == v->list.sel)
			describe_row(v, snap, &reply->text);
		v->list.sel = row;
		return true;
	}
	size_t step = rect_has(v->steps.rows, x, y) ? v->steps.first + (size_t)(y - v->steps.rows.y) : 0;
	if (step >= 1 && step <= snap->trace->n_steps)
		buf_addf(&reply->command, "goto %zu", step);
	return step > 0;
}

static void zoom(struct beam_view *v, const struct snapshot *snap)
{
	v->alone = (v->alone + 1) % ALONE_COUNT;
	if (v->alone == ALONE_RESULTS && snap->trace->n_results == 0)
		v->alone = ALONE_NONE;
}

static bool beam_event(void *state, const struct snapshot *snap, const struct view_event *e, struct view_reply *reply)
{
	struct beam_view *v = state;

	if (!step_of(snap))
		return false;
	select_first(v, snap);
	if (e->action == ACTION_ZOOM) {
		zoom(v, snap);
		return true;
	}
	if (e->action == ACTION_BACK && v->alone != ALONE_NONE) {
		v->alone = ALONE_NONE;
		return true;
	}
	if (e->action == ACTION_OPEN) {
		describe_row(v, snap, &reply->text);
		return true;
	}
	if (e->action != ACTION_NONE)
		return list_select(&v->list, e->action);
	if (e->mouse == EVENT_CLICK)
		return on_click(v, snap, e->x, e->y, reply);
	return list_wheel_select(&v->list, e->mouse);
}

/* Columns of the list; those without room have width 0. */
struct columns {
	int rank, mark, token, p, bar, logp, prefix; /* x */
	int token_w, bar_w, prefix_w;
};

enum { RANK_W = 4, MARK_W = 3, P_W = 6, LOGP_W = 8, BAR_W = 12, LEAST_PREFIX_W = 6, MARGIN_W = 7, HEAD_LINES = 1 };

static struct columns columns(const struct canvas *c, struct rect in, const struct snap_step *s)
{
	struct columns col = {.rank = in.x, .mark = in.x + RANK_W + 1};
	int widest = 7; /* the heads of the columns have room */

	for (size_t i = 0; i < s->n; i++)
		widest = max(widest, canvas_width(c, s->candidates[i].text_shown));
	col.token = col.mark + MARK_W + 1;
	col.token_w = min(widest, in.w / 4);
	col.p = col.token + col.token_w + 1;
	col.bar = col.p + P_W + 1;
	col.bar_w = in.w >= 66 ? BAR_W : 0;
	col.logp = col.bar + col.bar_w;
	col.prefix = col.logp + LOGP_W + 2;
	col.prefix_w = in.x + in.w - col.prefix;
	if (col.prefix_w < LEAST_PREFIX_W)
		col.prefix_w = 0;
	return col;
}

static void draw_heads(struct canvas *c, const struct columns *col, int y)
{
	canvas_right(c, col->rank, y, RANK_W, ROLE_DIM, "rank");
	canvas_text(c, col->token, y, col->token_w, ROLE_DIM, "token");
	canvas_right(c, col->p - 2, y, P_W + 2, ROLE_DIM, "p(token)");
	canvas_right(c, col->logp, y, LOGP_W, ROLE_DIM, "log P");
	canvas_text(c, col->prefix, y, col->prefix_w, ROLE_DIM, "prefix");
}

static void draw_share(struct canvas *c, const struct columns *col, int y, double step_logp, unsigned style)
{
	panel_share(c, col->p, y, P_W, style, step_logp);
	canvas_bar(c, col->bar, y, col->bar_w, exp(step_logp), false, style);
}

/* Token and share have the colour of the row's fate, the other columns the plain one. */
static void draw_figures(struct canvas *c, const struct columns *col, int y, unsigned fate, unsigned plain,
	const char *token, double step_logp, double logp)
{
	struct buf shown = {0};

	panel_token(c, token, &shown);
	canvas_text(c, col->token, y, col->token_w, fate, buf_str(&shown));
	buf_release(&shown);
	draw_share(c, col, y, step_logp, fate);
	canvas_rightf(c, col->logp, y, LOGP_W, plain, "%.2f", logp);
}

/* What was edited itself, and what came in or fell out by that. */
static void draw_change(struct canvas *c, int x, int y, const struct snap_candidate *k, enum beside_change change)
{
	if (k->forced || k->forbidden)
		canvas_put(c, x, y, ROLE_HOT | STYLE_STRONG, GLYPH_EDIT);
	else if (change != BESIDE_SAME)
		canvas_put(c, x, y, ROLE_HOT | STYLE_STRONG, change == BESIDE_IN ? GLYPH_ALONE : GLYPH_OUT);
}

static void draw_candidate(
	struct canvas *c, const struct columns *col, int y, const struct snap_step *s, const struct snap_candidate *k,
	enum beside_change change)
{
	unsigned fate = k->kept ? ROLE_KEPT : ROLE_PRUNED;
	unsigned plain = k->positive ? ROLE_POSITIVE | STYLE_STRONG : k->kept ? ROLE_TEXT : ROLE_DIM;
	int prefix_w = col->prefix_w;

	canvas_rightf(c, col->rank, y, RANK_W, plain, "%u", k->rank);
	canvas_put(c, col->mark, y, fate | STYLE_STRONG, k->kept ? GLYPH_KEPT : GLYPH_PRUNED);
	if (k->positive)
		canvas_put(c, col->mark + 1, y, plain, GLYPH_POSITIVE);
	if (k->finished)
		canvas_put(c, col->mark + 2, y, plain, GLYPH_FINISHED);
	draw_change(c, col->mark + MARK_W, y, k, change);
	draw_figures(c, col, y, k->positive ? fate | STYLE_STRONG : fate, plain, k->text_shown, k->step_logp, k->logp);
	if (k->tie)
		canvas_text(c, col->logp + LOGP_W, y, 1, plain, "=");
	const char *prefix = k->item_shown ? k->item_shown : k->prefix_shown;
	if (k->positive && prefix_w >= MARGIN_W &&
		(prefix_w >= MARGIN_W + LEAST_PREFIX_W || canvas_width(c, prefix) <= prefix_w - MARGIN_W)) {
		prefix_w -= MARGIN_W;
		canvas_rightf(
			c, col->prefix + prefix_w, y, MARGIN_W, fate | STYLE_STRONG, "%+.2f", k->logp - s->cutoff);
	}
	canvas_ends(c, col->prefix, y, prefix_w, plain, prefix);
}

/* The positive item pinned under the candidates: pruned here, or earlier, and then its rank is the one that it would
 * have. */
static void draw_followed(
	struct canvas *c, const struct columns *col, int y, const struct snap_positive *p, bool pruned)
{
	const char *remark = pruned ? "pruned here" : "had it stayed"; /* where there is room to say so whole */
	int margin_w = col->prefix_w < MARGIN_W ? col->prefix_w : MARGIN_W;
	unsigned style = ROLE_POSITIVE;

	if (isnan(p->prefix_margin))
		canvas_right(c, col->rank, y, RANK_W, style, "-");
	else
		canvas_rightf(c, col->rank, y, RANK_W, style, "%zu", p->prefix_rank);
	if (pruned)
		canvas_put(c, col->mark, y, ROLE_PRUNED | STYLE_STRONG, GLYPH_PRUNED);
	canvas_put(c, col->mark + 1, y, style | STYLE_STRONG, GLYPH_POSITIVE);
	draw_figures(c, col, y, style, style, p->text_shown, p->step_logp, p->logp);
	if (isnan(p->prefix_margin)) {
		remark = "not searched";
		canvas_text(c, col->prefix, y, col->prefix_w, ROLE_DIM,
			canvas_width(c, remark) <= col->prefix_w ? remark : "-");
		return;
	}
	if (canvas_width(c, remark) <= col->prefix_w - margin_w)
		canvas_text(c, col->prefix, y, col->prefix_w - margin_w, ROLE_DIM, remark);
	canvas_rightf(c, col->prefix + col->prefix_w - margin_w, y, margin_w, ROLE_PRUNED | STYLE_STRONG, "%+.2f",
		p->prefix_margin);
}

static void draw_row(const struct beam_view *v, const struct snapshot *snap, struct canvas *c, struct rect in, int y,
	const struct columns *col, size_t row)
{
	const struct snap_step *s = step_of(snap);

	if (row < s->n)
		draw_candidate(c, col, y, s, &s->candidates[row], beside_change(snap, &s->candidates[row]));
	else
		draw_followed(c, col, y, followed(snap), pruned_untraced(snap));
	if (row == v->list.sel)
		canvas_mark(c, (struct rect){in.x - 1, y, in.w + 2, 1}, STYLE_SELECTED);
}

static void draw_line(const struct beam_view *v, const struct snapshot *snap, struct canvas *c, struct rect in, int y,
	const struct columns *col, size_t line)
{
	const struct snap_step *s = step_of(snap);
	size_t row;

	switch (line_kind(s, line, &row)) {
	case LINE_ROW:
		draw_row(v, snap, c, in, y, col, row);
		break;
	case LINE_CUTOFF:
		panel_cutoff(c, in, y, s->cutoff);
		break;
	case LINE_GAP:
		panel_untraced_line(c, in, y, RANK_W, s);
		break;
	}
}

/* Scrolls so that the selected row is seen; says whether the positive item has to be pinned under the lines. */
static bool place_lines(struct list *l, const struct snapshot *snap, const struct snap_step *s, size_t page)
{
	size_t positive = positive_row(snap, s), at = line_of_row(s, positive), lines = count_lines(s);
	size_t show = l->sel < s->n ? line_of_row(s, l->sel) : l->top;

	list_show(l, show, lines, page);
	bool seen = positive < s->n && at >= l->top && at < l->top + page;
	if (positive > s->n || seen || page < 2)
		return false;
	list_show(l, show, lines, page - 1);
	return true;
}

/* Of the candidates: the line of the cut-off is none of them. */
static void draw_place(const struct list *l, const struct snap_step *s, struct canvas *c, struct rect box)
{
	size_t from, to, end = l->top + l->page < count_lines(s) ? l->top + l->page : count_lines(s);

	if (l->page == 0 || count_lines(s) <= l->page)
		return;
	line_kind(s, l->top, &from);
	line_kind(s, end - 1, &to);
	canvas_rightf(c, box.x + 2, box.y + box.h - 1, box.w - 4, ROLE_DIM, " %zu-%zu of %zu ", from + 1,
		to < s->n ? to + 1 : s->total, s->total);
}

/* beside: the original's list stands beside it. */
static void draw_steps(
	struct beam_view *v, const struct snapshot *snap, struct canvas *c, struct rect r, bool beside)
{
	const struct snap_step *s = step_of(snap);
	struct rect in = rect_inside(r);
	const char *dot = canvas_glyph(c, GLYPH_DOT);
	struct buf title = {0}, was = {0};

	buf_addf(&title, "step %zu of %zu %s ", snap->step, snap->trace->n_steps, dot);
	panel_add_kept(s, &title);
	if (strcmp(snap->trace->settings_shown, snap->settings_shown) != 0) /* the top line tells the next search's */
		buf_addf(&title, " %s %s", dot, snap->trace->settings_shown);
	if (snap->original)
		buf_addf(&title, " %s branch", dot);
	if (snap->original && !beside) {
		buf_addf(&was, " %s was %s", dot, snap->original->fate_shown);
		if (canvas_width(c, buf_str(&title)) + canvas_width(c, buf_str(&was)) <= r.w - 6)
			buf_addstr(&title, buf_str(&was)); /* the verdict says it too */
	}
	canvas_box(c, r, ROLE_FRAME, buf_str(&title));
	buf_release(&title);
	buf_release(&was);
	if (in.w < 20 || in.h <= HEAD_LINES)
		return;

	struct columns col = columns(c, in, s);
	size_t lines = count_lines(s);
	v->rows = (struct rect){r.x + 1, in.y + HEAD_LINES, r.w - 2, in.h - HEAD_LINES};
	select_first(v, snap);
	v->pinned = place_lines(&v->list, snap, s, (size_t)v->rows.h);
	draw_heads(c, &col, in.y);
	for (size_t i = 0; i < v->list.page && v->list.top + i < lines; i++)
		draw_line(v, snap, c, in, v->rows.y + (int)i, &col, v->list.top + i);
	if (v->pinned)
		draw_row(v, snap, c, in, v->rows.y + v->rows.h - 1, &col, positive_row(snap, s));
	draw_place(&v->list, s, c, r);
}

/* Of the longest step, so that the panels stay where they are from step to step. */
static int lines_of_all_steps(const struct snap_trace *t)
{
	size_t most = 0;

	for (size_t i = 0; i < t->n_steps; i++) {
		size_t lines = count_lines(&t->steps[i]) + 1; /* one for a pinned row */
		most = lines > most ? lines : most;
	}
	return 2 + HEAD_LINES + (most < CANVAS_MAX_H ? (int)most : CANVAS_MAX_H);
}

/* The step and, where it is a branch's and there is room, what the original had at it. */
static void draw_lists(struct beam_view *v, const struct snapshot *snap, struct canvas *c, struct rect r)
{
	int beside = beside_width(snap, r.w);
	struct rect right = {r.x + r.w - beside, r.y, beside, r.h};

	r.w -= beside;
	draw_steps(v, snap, c, r, beside > 0);
	beside_draw(c, right, snap, v->list.top);
}

static void draw_alone(struct beam_view *v, const struct snapshot *snap, struct canvas *c, struct rect area)
{
	if (v->alone == ALONE_STEPS)
		draw_lists(v, snap, c, area);
	else if (v->alone == ALONE_POSITIVE)
		v->steps = panel_positive(c, area, snap);
	else
		panel_results(c, area, snap);
}

static void beam_draw(void *state, const struct snapshot *snap, struct canvas *c, struct rect area)
{
	struct beam_view *v = state;

	v->rows = (struct rect){0, 0, 0, 0};
	if (!step_of(snap)) {
		panel_no_search(c, area, snap);
		return;
	}
	struct beam_wish wish = {
		.verdict = panel_verdict_lines(c, area.w, snap),
		.steps = lines_of_all_steps(snap->trace),
		.positive = panel_positive_lines(snap),
		.results = panel_results_lines(snap),
		.branch = snap->original != NULL,
	};
	struct beam_layout l = layout_beam(area, wish);
	if (v->alone != ALONE_NONE) {
		v->steps = (struct step_table){{0, 0, 0, 0}, 1};
		draw_alone(v, snap, c, area);
		return;
	}
	draw_lists(v, snap, c, l.steps);
	v->steps = panel_positive(c, l.positive, snap);
	panel_results(c, l.results, snap);
	panel_verdict(c, l.verdict, snap);
}

/* The selected row as the screen has it, tabs between the columns. */
static void beam_row(void *state, const struct snapshot *snap, struct buf *out)
{
	struct beam_view *v = state;
	const struct snap_step *s = step_of(snap);

	select_first(v, snap);
	if (!s || v->list.sel >= v->list.n)
		return;
	if (v->list.sel == s->n) {
		const struct snap_positive *p = followed(snap);
		buf_addf(out, "%zu\tpositive\t%s\t%.6f\t%.6f\t", p->prefix_rank, p->text_shown, p->step_logp, p->logp);
		buf_addstr(out, snap->trace->title_shown);
		return;
	}
	const struct snap_candidate *k = &s->candidates[v->list.sel];
	buf_addf(out, "%u\t%s%s\t%s\t%.6f\t%.6f\t%s", k->rank, k->kept ? "kept" : "pruned",
		k->positive ? " positive" : "", k->text_shown, k->step_logp, k->logp,
		k->item_shown ? k->item_shown : k->prefix_shown);
}

static void beam_selected(void *state, const struct snapshot *snap, struct buf *out)
{
	struct beam_view *v = state;
	const struct snap_step *s = step_of(snap);

	select_first(v, snap);
	if (s && v->list.sel < v->list.n)
		view_name_candidate(v->list.sel < s->n ? &s->candidates[v->list.sel] : NULL, out);
}

/* By what beam_selected says. */
static bool beam_select(void *state, const struct snapshot *snap, const char *name)
{
	struct beam_view *v = state;
	const struct snap_step *s = step_of(snap);
	struct buf own = {0};
	size_t row = v->list.n;

	for (size_t i = 0; s && i < s->n && row == v->list.n; i++) {
		buf_clear(&own);
		view_name_candidate(&s->candidates[i], &own);
		if (strcmp(name, buf_str(&own)) == 0)
			row = i;
	}
	buf_release(&own);
	if (s && strcmp(name, "positive") == 0)
		row = positive_row(snap, s);
	if (row >= v->list.n)
		return false;
	v->list.sel = row;
	v->fresh = false;
	return true;
}

static bool row_has(const void *step, size_t row, const char *text)
{
	const struct snap_step *s = step;

	if (row >= s->n)
		return view_has("positive", text);
	const struct snap_candidate *k = &s->candidates[row];
	return view_has(k->text_shown, text) || view_has(k->prefix_shown, text) ||
		(k->item_shown && view_has(k->item_shown, text));
}

static bool beam_find(void *state, const struct snapshot *snap, const char *text, int direction)
{
	struct beam_view *v = state;
	const struct snap_step *s = step_of(snap);

	select_first(v, snap);
	return s && list_find(&v->list, direction, row_has, s, text);
}

const struct view_ops view_beam = {
	.name = "Beam",
	.context = IN_BEAM,
	.context_now = beam_context,
	.shows = "beam step back goto force forbid change undo redo branch",
	.size = sizeof(struct beam_view),
	.refresh = beam_refresh,
	.event = beam_event,
	.draw = beam_draw,
	.row = beam_row,
	.selected = beam_selected,
	.select = beam_select,
	.find = beam_find,
};
