#include "lockstep.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/utf8.h"
#include "minmax.h"
#include "panel.h"

enum { HEAD_LINES = 1, PLACE_LINES = 1, VERDICT_LINES = 2, LEAST_LIST_H = 12, WAY_EXTRA = 3 };

static size_t larger(size_t a, size_t b)
{
	return a > b ? a : b;
}

static size_t count_steps(const struct lockstep *l)
{
	return l->traces[0] ? larger(l->traces[0]->n_steps, l->traces[1]->n_steps) : 0;
}

void lockstep_goto(struct lockstep *l, size_t step)
{
	size_t n = count_steps(l);

	l->step = step < 1 ? 1 : step > n ? n : step;
}

void lockstep_begin(struct lockstep *l)
{
	size_t first = l->traces[0]->pruned_at;

	l->lines.top = 0;
	lockstep_goto(l, first > 0 ? first : l->traces[1]->pruned_at);
}

bool lockstep_move(struct lockstep *l, enum ui_action a)
{
	if (!l->traces[0])
		return false;
	if (a != ACTION_LEFT && a != ACTION_RIGHT)
		return list_scroll(&l->lines, a);
	lockstep_goto(l, a == ACTION_RIGHT ? l->step + 1 : l->step - 1);
	return true;
}

bool lockstep_wheel(struct lockstep *l, enum event_type wheel)
{
	return l->traces[0] && list_wheel_scroll(&l->lines, wheel);
}

static const struct snap_step *step_of(const struct lockstep *l, size_t side)
{
	const struct snap_trace *t = l->traces[side];

	return l->step >= 1 && l->step <= t->n_steps ? &t->steps[l->step - 1] : NULL;
}

/* Is this prefix, kept by one side at this step, not kept by the other? */
static bool is_alone(const struct lockstep *l, size_t side, const struct snap_candidate *k)
{
	const struct snap_step *other = step_of(l, 1 - side);

	if (!k->kept)
		return false;
	for (size_t i = 0; other && i < other->n; i++)
		if (other->candidates[i].kept && strcmp(other->candidates[i].prefix_shown, k->prefix_shown) == 0)
			return false;
	return true;
}

/* Lines of a side's list: the candidates, the cut-off among them, and one for those that were not traced. */
static size_t count_lines(const struct snap_step *s)
{
	return s ? s->n + 1 + (panel_untraced(s) > 0) : 1;
}

enum { RANK_W = 4, MARKS_W = 4, SHARE_W = 7, LOGP_W = 8, WIDE_W = 56 };

/* Where the columns of a list begin; the share of the token has one where there is room. */
struct columns {
	int marks, share, logp, prefix, prefix_w;
};

static struct columns columns(struct rect in)
{
	struct columns col = {.marks = in.x + RANK_W + 1};

	col.share = in.w >= WIDE_W ? col.marks + MARKS_W : 0;
	col.logp = col.marks + MARKS_W + (col.share ? SHARE_W : 0);
	col.prefix = col.logp + LOGP_W + 2;
	col.prefix_w = in.x + in.w - col.prefix;
	return col;
}

static void draw_heads(struct canvas *c, struct rect in)
{
	struct columns col = columns(in);

	canvas_right(c, in.x, in.y, RANK_W, ROLE_DIM, "rank");
	if (col.share)
		canvas_right(c, col.share - 2, in.y, SHARE_W + 2, ROLE_DIM, "p(token)");
	canvas_right(c, col.logp, in.y, LOGP_W, ROLE_DIM, "log P");
	canvas_text(c, col.prefix, in.y, col.prefix_w, ROLE_DIM, "prefix");
}

static void draw_marks(struct canvas *c, int x, int y, unsigned plain, const struct snap_candidate *k, bool alone)
{
	unsigned fate = (k->kept ? ROLE_KEPT : ROLE_PRUNED) | STYLE_STRONG;

	canvas_put(c, x, y, fate, k->kept ? GLYPH_KEPT : GLYPH_PRUNED);
	if (k->positive)
		canvas_put(c, x + 1, y, plain, GLYPH_POSITIVE);
	if (k->forced || k->forbidden)
		canvas_put(c, x + 2, y, ROLE_HOT | STYLE_STRONG, GLYPH_EDIT);
	else if (k->finished)
		canvas_put(c, x + 2, y, plain, GLYPH_FINISHED);
	if (alone)
		canvas_put(c, x + 3, y, ROLE_HOT | STYLE_STRONG, GLYPH_ALONE);
}

static void draw_candidate(struct canvas *c, struct rect in, int y, const struct snap_candidate *k, bool alone)
{
	unsigned plain = k->positive ? ROLE_POSITIVE | STYLE_STRONG : k->kept ? ROLE_TEXT : ROLE_DIM;
	struct columns col = columns(in);

	canvas_rightf(c, in.x, y, RANK_W, plain, "%u", k->rank);
	draw_marks(c, col.marks, y, plain, k, alone);
	if (col.share)
		panel_share(c, col.share, y, SHARE_W, plain, k->step_logp);
	canvas_rightf(c, col.logp, y, LOGP_W, plain, "%.2f", k->logp);
	canvas_ends(c, col.prefix, y, col.prefix_w, plain, k->item_shown ? k->item_shown : k->prefix_shown);
}

static void draw_line(const struct lockstep *l, size_t side, struct canvas *c, struct rect in, int y, size_t line)
{
	const struct snap_step *s = step_of(l, side);
	size_t cut = panel_rows_to_cutoff(s), row = line < cut ? line : line - 1;

	if (line == cut) {
		panel_cutoff(c, in, y, s->cutoff);
	} else if (row < s->n) {
		draw_candidate(c, in, y, &s->candidates[row], is_alone(l, side, &s->candidates[row]));
	} else {
		panel_untraced_line(c, in, y, RANK_W, s);
	}
}

/* The last line of each list: where the positive item stands at this step, whether it is still there or not. */
static void draw_place(const struct lockstep *l, size_t side, struct canvas *c, struct rect in)
{
	const struct snap_trace *t = l->traces[side];
	const struct snap_positive *p = l->step <= t->n_positive ? &t->positive[l->step - 1] : NULL;
	bool here = t->pruned_at == l->step, later = t->pruned_at > 0 && l->step > t->pruned_at;
	unsigned style = (later ? ROLE_DIM : ROLE_POSITIVE) | STYLE_STRONG;
	struct rect text = {in.x + RANK_W + 4, in.y, in.w - RANK_W - 4, 1};
	struct buf words = {0};

	if (!p || isnan(p->prefix_margin))
		buf_addstr(&words, t->n_positive == 0 ? "not in the catalogue" : p ? "not searched here" : "finished");
	else
		buf_addf(&words, "%srank %zu, margin %+.2f", later ? "would " : "", p->prefix_rank, p->prefix_margin);
	if (p && here)
		canvas_put(c, text.x - 3, in.y, ROLE_PRUNED | STYLE_STRONG, GLYPH_PRUNED);
	canvas_put(c, text.x - 2, in.y, ROLE_POSITIVE | STYLE_STRONG, GLYPH_POSITIVE);
	int w = canvas_text(c, text.x, text.y, text.w, style, buf_str(&words));
	const char *remark = here ? ": pruned here" : later ? ", had it stayed" : "";
	if (p && canvas_width(c, remark) <= text.w - w)
		canvas_text(c, text.x + w, text.y, text.w - w, style, remark);
	buf_release(&words);
}

static void draw_list(const struct lockstep *l, size_t side, struct canvas *c, struct rect r)
{
	const struct snap_step *s = step_of(l, side);
	struct rect in = {r.x + 1, r.y + 1, r.w - 3, r.h - 2};
	struct buf title = {0};

	buf_addstr(&title, l->names[side]);
	if (s) {
		buf_addf(&title, " %s ", canvas_glyph(c, GLYPH_DOT));
		panel_add_kept(s, &title);
	}
	canvas_box(c, r, ROLE_FRAME, buf_str(&title));
	buf_release(&title);
	if (in.w < 20 || in.h < HEAD_LINES + PLACE_LINES)
		return;
	if (!s) {
		canvas_textf(c, in.x + RANK_W + 1, in.y + 1, in.w - RANK_W - 1, ROLE_DIM, "ended after step %zu",
			l->traces[side]->n_steps);
		return;
	}
	draw_heads(c, in);
	size_t lines = count_lines(s);
	for (size_t i = 0; i < l->lines.page && l->lines.top + i < lines; i++)
		draw_line(l, side, c, in, in.y + HEAD_LINES + (int)i, l->lines.top + i);
	draw_place(l, side, c, (struct rect){in.x, in.y + in.h - 1, in.w, 1});
}

/* What became of the positive item, and what it would have taken. */
static void draw_verdict(const struct snap_trace *t, struct canvas *c, struct rect r)
{
	struct buf words = {0};
	unsigned style = panel_verdict_words(c, t, &words) | STYLE_STRONG;

	if (r.h >= 1)
		canvas_text(c, r.x + 2, r.y, r.w - 3, style, buf_str(&words));
	buf_clear(&words);
	bool exact = panel_exact_rank(t, &words);
	if (t->smallest_width > 0 && !*t->edits_shown) /* of the search without edits */
		buf_addf(&words, "%sB %zu returns it", exact ? ", " : "", t->smallest_width);
	if (r.h >= 2)
		canvas_text(c, r.x + 2, r.y + 1, r.w - 3, ROLE_DIM, buf_str(&words));
	buf_release(&words);
}

static void draw_head(const struct lockstep *l, struct canvas *c, struct rect r)
{
	const char *title = l->traces[0]->title_shown;
	char step[64];
	int w = snprintf(step, sizeof(step), "step %zu of %zu", l->step, count_steps(l));
	int x = r.x + 2;

	canvas_right(c, r.x, r.y, r.w - 2, ROLE_HOT | STYLE_STRONG, step);
	struct buf id = {0};
	buf_addstr(&id, "case ");
	utf8_show(&id, l->case_id, strlen(l->case_id), false);
	x += canvas_text(c, x, r.y, min(r.w - w - 6, r.w / 3), ROLE_TEXT, buf_str(&id)) + 2;
	buf_release(&id);
	canvas_put(c, x, r.y, ROLE_POSITIVE | STYLE_STRONG, GLYPH_POSITIVE);
	canvas_text(c, x + 2, r.y, r.x + r.w - w - 4 - x - 2, ROLE_POSITIVE | STYLE_STRONG,
		*title ? title : "no title");
}

enum { STEP_W = 5, WAY_RANK_W = 7, WAY_MARGIN_W = 9, WAY_MARK_W = 2, WAY_TOKEN_W = 24 };

/* One side of a row of the way: token, rank, margin. */
static void draw_stage(const struct snap_trace *t, struct canvas *c, struct rect r, size_t step, bool here)
{
	const struct snap_positive *p = step <= t->n_positive ? &t->positive[step - 1] : NULL;
	unsigned style = (t->pruned_at > 0 && step > t->pruned_at ? ROLE_DIM : ROLE_TEXT) |
			 (here ? STYLE_STRONG : 0);
	int token_w = r.w - WAY_RANK_W - WAY_MARGIN_W - WAY_MARK_W;
	struct buf token = {0};

	if (!p)
		return;
	panel_token(c, p->text_shown, &token);
	canvas_text(c, r.x, r.y, token_w, style, buf_str(&token));
	buf_release(&token);
	if (isnan(p->prefix_margin)) {
		canvas_right(c, r.x + token_w, r.y, WAY_RANK_W, ROLE_DIM, "-");
		return;
	}
	unsigned fate = p->prefix_margin < 0 ? ROLE_PRUNED : ROLE_KEPT;
	canvas_rightf(c, r.x + token_w, r.y, WAY_RANK_W, style, "%zu", p->prefix_rank);
	canvas_rightf(c, r.x + token_w + WAY_RANK_W, r.y, WAY_MARGIN_W, fate, "%+.2f", p->prefix_margin);
	if (step == t->pruned_at)
		canvas_put(c, r.x + r.w - WAY_MARK_W + 1, r.y, ROLE_PRUNED | STYLE_STRONG, GLYPH_PRUNED);
}

static size_t way_steps(const struct lockstep *l)
{
	return larger(l->traces[0]->n_positive, l->traces[1]->n_positive);
}

/* The positive item's rank and margin at every step, where that has room. */
static void draw_way(struct lockstep *l, struct canvas *c, struct rect r)
{
	struct rect in = {r.x + 1, r.y + 1, r.w - 2, r.h - 2};
	size_t n = way_steps(l), page = (size_t)(in.h - 1);

	canvas_box(c, r, ROLE_FRAME, "the positive item, step by step");
	l->way_first = n > page && l->step > page / 2 ? l->step - page / 2 : 1;
	if (l->way_first + page > n + 1)
		l->way_first = n > page ? n - page + 1 : 1;
	l->way = (struct rect){in.x, in.y + 1, in.w, min(in.h - 1, (int)(n - l->way_first + 1))};
	canvas_right(c, in.x, in.y, STEP_W, ROLE_DIM, "step");
	for (size_t side = 0; side < 2; side++) {
		int half = (in.w - STEP_W - 2) / 2, x = in.x + STEP_W + 2 + (int)side * half;
		int w = min(half - 1, WAY_TOKEN_W + WAY_RANK_W + WAY_MARGIN_W + WAY_MARK_W), end = x + w - WAY_MARK_W;
		canvas_text(c, x, in.y, w - WAY_RANK_W - WAY_MARGIN_W - WAY_MARK_W, ROLE_DIM, l->names[side]);
		canvas_right(c, end - WAY_MARGIN_W - WAY_RANK_W, in.y, WAY_RANK_W, ROLE_DIM, "rank");
		canvas_right(c, end - WAY_MARGIN_W, in.y, WAY_MARGIN_W, ROLE_DIM, "margin");
		for (int i = 0; i < l->way.h; i++) {
			size_t step = l->way_first + (size_t)i;
			draw_stage(l->traces[side], c, (struct rect){x, l->way.y + i, w, 1}, step, step == l->step);
		}
	}
	for (int i = 0; i < l->way.h; i++) {
		size_t step = l->way_first + (size_t)i;
		canvas_rightf(c, in.x, l->way.y + i, STEP_W, step == l->step ? ROLE_TEXT | STYLE_STRONG : ROLE_DIM,
			"%zu", step);
		if (step == l->step)
			canvas_put(c, in.x, l->way.y + i, ROLE_POSITIVE | STYLE_STRONG, GLYPH_HERE);
	}
}

enum { STRIP_LINES = 3, STRIP_NAME_W = 12, STRIP_STEP_W = 8 };

static void draw_strip_margin(const struct snap_trace *t, struct canvas *c, int x, int y, size_t step, unsigned strong)
{
	const struct snap_positive *p = step <= t->n_positive ? &t->positive[step - 1] : NULL;
	unsigned style = t->pruned_at > 0 && step > t->pruned_at ? ROLE_DIM : ROLE_KEPT;

	if (!p)
		return;
	if (p->prefix_margin < 0 && style == ROLE_KEPT)
		style = ROLE_PRUNED;
	if (isnan(p->prefix_margin))
		canvas_right(c, x, y, STRIP_STEP_W - 2, ROLE_DIM, "-");
	else
		canvas_rightf(c, x, y, STRIP_STEP_W - 2, style | strong, "%+.2f", p->prefix_margin);
	if (step == t->pruned_at)
		canvas_put(c, x + STRIP_STEP_W - 2, y, ROLE_PRUNED | STYLE_STRONG, GLYPH_PRUNED);
}

/* The margins of both sides alone, a column a step, where the whole way has no room. */
static void draw_strip(const struct lockstep *l, struct canvas *c, struct rect r)
{
	size_t n = way_steps(l), page = (size_t)(r.w - STRIP_NAME_W - 2) / STRIP_STEP_W, first = 1;

	if (n > page && l->step > page / 2)
		first = l->step - page / 2 < n - page + 1 ? l->step - page / 2 : n - page + 1;
	canvas_text(c, r.x + 2, r.y, STRIP_NAME_W, ROLE_DIM, "margin at");
	for (size_t side = 0; side < 2; side++)
		canvas_text(c, r.x + 2, r.y + 1 + (int)side, STRIP_NAME_W - 1, ROLE_TEXT, l->names[side]);
	for (size_t i = 0; i < page && first + i <= n; i++) {
		size_t step = first + i;
		unsigned strong = step == l->step ? STYLE_STRONG : 0;
		int x = r.x + 2 + STRIP_NAME_W + (int)i * STRIP_STEP_W;
		canvas_rightf(c, x, r.y, STRIP_STEP_W - 2, strong ? ROLE_TEXT | strong : ROLE_DIM, "%zu", step);
		if (strong)
			canvas_put(c, x, r.y, ROLE_POSITIVE | strong, GLYPH_HERE);
		for (size_t side = 0; side < 2; side++)
			draw_strip_margin(l->traces[side], c, x, r.y + 1 + (int)side, step, strong);
	}
}

/* Lines of the longest list of all steps, so that what lies below stays where it is. */
static size_t longest_list(const struct lockstep *l)
{
	size_t most = 1;

	for (size_t side = 0; side < 2; side++)
		for (size_t i = 0; i < l->traces[side]->n_steps; i++)
			most = larger(most, count_lines(&l->traces[side]->steps[i]));
	return most;
}

static int list_lines(const struct lockstep *l)
{
	return 2 + HEAD_LINES + PLACE_LINES + (int)(longest_list(l) < CANVAS_MAX_H ? longest_list(l) : CANVAS_MAX_H);
}

static int way_lines(const struct lockstep *l)
{
	return way_steps(l) > 0 ? WAY_EXTRA + (int)(way_steps(l) < CANVAS_MAX_H ? way_steps(l) : CANVAS_MAX_H) : 0;
}

int lockstep_lines(const struct lockstep *l)
{
	return 1 + list_lines(l) + VERDICT_LINES + way_lines(l);
}

/* Kept candidates of the step that keeps most. */
static size_t most_kept(const struct lockstep *l)
{
	size_t most = 0;

	for (size_t side = 0; side < 2; side++)
		for (size_t i = 0; i < l->traces[side]->n_steps; i++)
			most = larger(most, l->traces[side]->steps[i].kept);
	return most;
}

/* What is cut off the lists for the positive item's way: whole where that leaves them room, a strip of it where they
 * still show all that is kept and the first pruned ones, else nothing. */
static int way_room(const struct lockstep *l, int h)
{
	int way = way_lines(l), pruned = 3;

	if (way > 0 && h - way >= LEAST_LIST_H + way / 2)
		return way;
	h -= STRIP_LINES + 2 + HEAD_LINES + PLACE_LINES;
	return way > 0 && h >= pruned && (size_t)(h - pruned) >= most_kept(l) ? STRIP_LINES : 0;
}

void lockstep_draw(struct lockstep *l, struct canvas *c, struct rect r)
{
	int half = r.w / 2;

	l->way = (struct rect){0, 0, 0, 0};
	if (r.w < 40 || r.h < 6)
		return;
	draw_head(l, c, (struct rect){r.x, r.y, r.w, 1});
	struct rect lists = {r.x, r.y + 1, r.w, r.h - 1 - VERDICT_LINES};
	int way = way_room(l, lists.h);
	lists.h = way > STRIP_LINES ? min(list_lines(l), lists.h - way) : lists.h - way;
	l->lines.page = (size_t)max(lists.h - 2 - HEAD_LINES - PLACE_LINES, 0);
	l->lines.n = larger(count_lines(step_of(l, 0)), count_lines(step_of(l, 1)));
	list_scroll(&l->lines, ACTION_NONE);
	for (size_t side = 0; side < 2; side++) {
		struct rect part = {r.x + (int)side * half, lists.y, side ? r.w - half : half, lists.h};
		draw_list(l, side, c, part);
		draw_verdict(l->traces[side], c, (struct rect){part.x, part.y + part.h, part.w, VERDICT_LINES});
	}
	struct rect below = {r.x, lists.y + lists.h + VERDICT_LINES, r.w, way};
	if (way > STRIP_LINES)
		draw_way(l, c, below);
	else if (way > 0)
		draw_strip(l, c, below);
}
