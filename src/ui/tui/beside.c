#include "beside.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "minmax.h"
#include "panel.h"

enum {
	LEAST_W = 70,
	LEAST_BESIDE_W = 30,
	MOST_BESIDE_W = 46,
	RANK_W = 4,
	LOGP_W = 8,
	WORD_W = 11
};

static const struct snap_step *step_of(const struct snap_trace *t, size_t step)
{
	return t && step >= 1 && step <= t->n_steps ? &t->steps[step - 1] : NULL;
}

/* The same prefix among the candidates of a step, or NULL. */
static const struct snap_candidate *same_in(const struct snap_step *s, const struct snap_candidate *k)
{
	for (size_t i = 0; s && i < s->n; i++)
		if (s->candidates[i].node == k->node)
			return &s->candidates[i];
	return NULL;
}

enum beside_change beside_change(const struct snapshot *snap, const struct snap_candidate *k)
{
	const struct snap_candidate *before;

	if (!snap->original)
		return BESIDE_SAME;
	before = same_in(step_of(snap->original, snap->step), k);
	if (k->kept)
		return before && before->kept ? BESIDE_SAME : BESIDE_IN;
	return before && before->kept ? BESIDE_OUT : BESIDE_SAME;
}

int beside_width(const struct snapshot *snap, int w)
{
	int beside = w * 9 / 20;

	if (!snap->original || w < LEAST_W)
		return 0;
	return clamp(beside, LEAST_BESIDE_W, MOST_BESIDE_W);
}

/* What became of a candidate of the original in the branch, in a word; NULL: the same. */
static const char *fate_now(const struct snapshot *snap, const struct snap_candidate *k)
{
	const struct snap_candidate *now = same_in(step_of(snap->trace, snap->step), k);

	if (now && now->forbidden && !k->forbidden)
		return "forbidden";
	if (now && now->kept != k->kept)
		return now->kept ? "now kept" : "now pruned";
	return !now && k->kept ? "gone" : NULL;
}

static void draw_row(
	struct canvas *c, struct rect in, int y, const struct snapshot *snap, const struct snap_candidate *k)
{
	unsigned fate = k->kept ? ROLE_KEPT : ROLE_PRUNED;
	unsigned plain = k->positive ? ROLE_POSITIVE | STYLE_STRONG : k->kept ? ROLE_TEXT : ROLE_DIM;
	const char *now = fate_now(snap, k);
	int word_w = in.w >= 36 ? WORD_W : 0, logp = in.x + in.w - word_w - LOGP_W - 2, token = in.x + RANK_W + 4;
	struct buf shown = {0};

	canvas_rightf(c, in.x, y, RANK_W, plain, "%u", k->rank);
	canvas_put(c, in.x + RANK_W + 1, y, fate | STYLE_STRONG, k->kept ? GLYPH_KEPT : GLYPH_PRUNED);
	if (k->positive)
		canvas_put(c, in.x + RANK_W + 2, y, plain, GLYPH_POSITIVE);
	panel_token(c, k->text_shown, &shown);
	canvas_text(c, token, y, logp - token - 1, k->positive ? fate | STYLE_STRONG : fate, buf_str(&shown));
	canvas_rightf(c, logp, y, LOGP_W, plain, "%.2f", k->logp);
	if (now) {
		canvas_put(c, logp + LOGP_W + 1, y, ROLE_HOT | STYLE_STRONG, k->kept ? GLYPH_ALONE : GLYPH_DOT);
		canvas_text(c, logp + LOGP_W + 3, y, word_w - 1, ROLE_HOT, now);
	}
	buf_release(&shown);
}

void beside_draw(struct canvas *c, struct rect r, const struct snapshot *snap, size_t top)
{
	const struct snap_step *s = step_of(snap->original, snap->step);
	struct rect in = rect_inside(r);

	if (r.w == 0)
		return;
	struct buf title = {0};
	buf_addf(&title, "original: %s", snap->original->fate_shown);
	canvas_box(c, r, ROLE_FRAME, buf_str(&title));
	buf_release(&title);
	if (in.w < 20 || in.h < 2)
		return;
	if (!s) {
		canvas_textf(c, in.x, in.y, in.w, ROLE_DIM, "ended with step %zu", snap->original->n_steps);
		return;
	}
	canvas_right(c, in.x, in.y, RANK_W, ROLE_DIM, "rank");
	canvas_text(c, in.x + RANK_W + 4, in.y, 8, ROLE_DIM, "token");
	canvas_right(c, in.x + in.w - (in.w >= 36 ? WORD_W : 0) - LOGP_W - 2, in.y, LOGP_W, ROLE_DIM, "log P");
	size_t cut = panel_rows_to_cutoff(s);
	for (int i = 0; i < in.h - 1; i++) {
		size_t line = top + (size_t)i, row = line < cut ? line : line - 1;
		if (line == cut)
			panel_cutoff(c, in, in.y + 1 + i, s->cutoff);
		else if (row < s->n)
			draw_row(c, in, in.y + 1 + i, snap, &s->candidates[row]);
	}
}

static bool returns(const struct snap_trace *t, const char *item)
{
	for (size_t i = 0; i < t->n_results; i++)
		if (t->results[i].item && item && strcmp(t->results[i].item, item) == 0)
			return true;
	return false;
}

bool beside_entered(const struct snapshot *snap, size_t result)
{
	return snap->original && !returns(snap->original, snap->trace->results[result].item);
}

/* The items of one result that the other does not have, after a head. */
static void add_missing(const struct snap_trace *t, const struct snap_trace *other, const char *head, struct buf *out)
{
	const char *before = head;

	for (size_t i = 0; i < t->n_results; i++) {
		if (returns(other, t->results[i].item))
			continue;
		buf_addf(out, "%s%s", before, t->results[i].title_shown);
		before = ", ";
	}
}

void beside_add_results(const struct snapshot *snap, struct buf *out)
{
	size_t len = out->len;

	if (!snap->original)
		return;
	add_missing(snap->trace, snap->original, "entered the result: ", out);
	add_missing(snap->original, snap->trace, out->len > len ? "; left it: " : "left the result: ", out);
}
