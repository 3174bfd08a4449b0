#include "panel.h"

#include <math.h>
#include <string.h>

#include "beside.h"
#include "minmax.h"
#include "verdict_look.h"

/* Does a candidate stay by force alone? */
static bool is_lifted(const struct snap_step *s, const struct snap_candidate *k)
{
	return k->forced && k->logp < s->cutoff;
}

size_t panel_rows_to_cutoff(const struct snap_step *s)
{
	size_t n = s->n;

	while (n > 0 && (!s->candidates[n - 1].kept || is_lifted(s, &s->candidates[n - 1])))
		n--;
	return n;
}

size_t panel_untraced(const struct snap_step *s)
{
	size_t traced = s->n;

	for (size_t i = 0; i < s->n; i++)
		traced -= s->candidates[i].forbidden;
	return s->total - traced;
}

void panel_token(const struct canvas *c, const char *text, struct buf *out)
{
	size_t len = strlen(text), head = strspn(text, " "), tail = 0;

	while (head + tail < len && text[len - 1 - tail] == ' ')
		tail++;
	for (size_t i = 0; i < head; i++)
		buf_addstr(out, canvas_glyph(c, GLYPH_SPACE));
	buf_add(out, text + head, len - head - tail);
	for (size_t i = 0; i < tail; i++)
		buf_addstr(out, canvas_glyph(c, GLYPH_SPACE));
}

void panel_add_kept(const struct snap_step *s, struct buf *out)
{
	buf_addf(out, "%zu kept of ", s->kept);
	buf_addcount(out, s->total);
}

void panel_untraced_line(struct canvas *c, struct rect in, int y, int rank_w, const struct snap_step *s)
{
	struct buf text = {0};

	buf_addcount(&text, panel_untraced(s));
	buf_addstr(&text, " more, pruned");
	canvas_put(c, in.x + rank_w - 1, y, ROLE_DIM, GLYPH_GAP);
	canvas_text(c, in.x + rank_w + 1, y, in.w - rank_w - 1, ROLE_DIM, buf_str(&text));
	buf_release(&text);
}

void panel_cutoff(struct canvas *c, struct rect in, int y, double cutoff)
{
	struct buf text = {0};

	if (isinf(cutoff))
		buf_addstr(&text, cutoff > 0 ? " every place is forced " : " nothing stays ");
	else
		buf_addf(&text, " cut-off %.2f ", cutoff);
	int w = canvas_width(c, buf_str(&text));
	canvas_repeat(c, in.x, y, in.w, ROLE_CUTOFF, GLYPH_DASH);
	if (w < in.w)
		canvas_text(c, in.x + (in.w - w) / 2, y, w, ROLE_CUTOFF, buf_str(&text));
	buf_release(&text);
}

void panel_share(struct canvas *c, int x, int y, int w, unsigned style, double logp)
{
	double p = exp(logp);

	if (p > 0 && p < 0.0005)
		canvas_right(c, x, y, w, style, "<0.1%");
	else
		canvas_rightf(c, x, y, w, style, "%.1f%%", 100 * p);
}

#define MESSAGE_W 76 /* longer lines are hard to read */

void panel_message(struct canvas *c, struct rect area, const char *text)
{
	struct buf folded = {0};
	int w = min(area.w - 4, MESSAGE_W), lines = canvas_fold(c, w, text, &folded);

	buf_release(&folded);
	if (lines == 1)
		w = canvas_width(c, text);
	int y = area.y + max((area.h - lines) / 2, 0);
	canvas_wrap(c, (struct rect){area.x + (area.w - w) / 2, y, w, area.y + area.h - y}, ROLE_DIM, text);
}

void panel_no_search(struct canvas *c, struct rect area, const struct snapshot *snap)
{
	panel_message(c, area, snap->job != JOB_IDLE ? "searching" :
		"No search yet: \":beam 1\" searches for case 1, \":cases\" lists them.");
}

/* The figures of the positive item's table: columns that have no room are left out (w 0), the bar takes what remains.
 */
struct table_columns {
	int step, token, rank, token_rank, margin, bar; /* x */
	int token_w, token_rank_w, bar_w;
};

enum { STEP_W = 4, RANK_W = 5, TOKEN_RANK_W = 12, MARGIN_W = 6, LEAST_BAR_W = 3 };

static struct table_columns table_columns(struct rect in)
{
	struct table_columns col = {.step = in.x + 1, .token = in.x + 1 + STEP_W + 1};
	int spare = in.w - (1 + STEP_W + 1 + RANK_W + 2 + MARGIN_W + 1);

	col.token_rank_w = spare >= TOKEN_RANK_W + 14 ? TOKEN_RANK_W : 0;
	spare -= col.token_rank_w;
	if (col.token_rank_w == 0) { /* the mark of a token beyond rank B stands before the token */
		col.token++;
		spare--;
	}
	col.token_w = spare < 10 ? spare : min(18, spare * 3 / 5);
	if (spare - col.token_w < LEAST_BAR_W)
		col.token_w = spare + 1; /* without a bar there is no gap before it */
	if (col.token_w < 0)
		col.token_w = 0;
	col.rank = col.token + col.token_w;
	col.token_rank = col.rank + RANK_W;
	col.margin = col.token_rank + col.token_rank_w + 2;
	col.bar = col.margin + MARGIN_W + 1;
	col.bar_w = in.x + in.w > col.bar ? in.x + in.w - col.bar : 0;
	return col;
}

static double largest_margin(const struct snap_trace *t)
{
	double largest = 0;

	for (size_t i = 0; i < t->n_positive; i++) {
		double margin = fabs(t->positive[i].prefix_margin);
		if (isfinite(margin) && margin > largest)
			largest = margin;
	}
	return largest;
}

static void draw_margin(struct canvas *c, const struct table_columns *col, int y, double margin, double largest)
{
	if (isnan(margin)) {
		canvas_right(c, col->margin, y, MARGIN_W, ROLE_DIM, "-");
		return;
	}
	unsigned style = margin < 0 ? ROLE_PRUNED : ROLE_KEPT;
	canvas_rightf(c, col->margin, y, MARGIN_W, style, "%+.2f", margin);
	canvas_bar(c, col->bar, y, col->bar_w, largest > 0 ? fabs(margin) / largest : 0, margin < 0, style);
}

static void draw_table_row(
	struct canvas *c, const struct table_columns *col, int y, const struct snapshot *snap, size_t i)
{
	const struct snap_trace *t = snap->trace;
	const struct snap_positive *p = &t->positive[i];
	bool here = i + 1 == snap->step, forced = t->pruned_at > 0 && i + 1 > t->pruned_at;
	unsigned style = here ? ROLE_TEXT | STYLE_STRONG : forced ? ROLE_DIM : ROLE_TEXT;
	struct buf token = {0};

	if (here)
		canvas_put(c, col->step - 1, y, ROLE_POSITIVE | STYLE_STRONG, GLYPH_HERE);
	panel_token(c, p->text_shown, &token);
	canvas_rightf(c, col->step, y, STEP_W - 1, style, "%zu", i + 1);
	if (i + 1 == t->pruned_at)
		canvas_put(c, col->step + STEP_W - 1, y, ROLE_PRUNED | STYLE_STRONG, GLYPH_PRUNED);
	canvas_text(c, col->token, y, col->token_w, style, buf_str(&token));
	if (!isnan(p->prefix_margin))
		canvas_rightf(c, col->rank, y, RANK_W, style, "%zu", p->prefix_rank);
	else
		canvas_right(c, col->rank, y, RANK_W, ROLE_DIM, "-");
	if (col->token_rank_w > 0)
		canvas_rightf(c, col->token_rank, y, col->token_rank_w, style, "%zu", p->token_rank);
	if (p->token_rank > p->width)
		canvas_put(c, col->token_rank_w > 0 ? col->token_rank + col->token_rank_w : col->token - 2, y,
			ROLE_PRUNED | STYLE_STRONG, GLYPH_NO);
	draw_margin(c, col, y, p->prefix_margin, largest_margin(t));
	buf_release(&token);
}

static struct step_table draw_table(struct canvas *c, struct rect in, const struct snapshot *snap)
{
	const struct snap_trace *t = snap->trace;
	struct table_columns col = table_columns(in);
	struct step_table table = {{in.x, in.y + 1, in.w, in.h - 1}, 1};

	if (in.h < 2)
		return (struct step_table){{0, 0, 0, 0}, 1};
	canvas_text(c, col.step, in.y, STEP_W, ROLE_DIM, "step");
	canvas_text(c, col.token, in.y, col.token_w, ROLE_DIM, "token");
	canvas_right(c, col.rank, in.y, RANK_W, ROLE_DIM, "rank");
	if (col.token_rank_w > 0)
		canvas_right(c, col.token_rank, in.y, col.token_rank_w, ROLE_DIM, "token rank");
	canvas_right(c, col.margin, in.y, MARGIN_W, ROLE_DIM, "margin");

	size_t page = (size_t)table.rows.h;
	if (t->n_positive > page) { /* the step that is looked at stays in the middle */
		size_t last = t->n_positive - page + 1, half = page / 2;
		table.first = snap->step > half ? snap->step - half : 1;
		table.first = table.first < last ? table.first : last;
	}
	table.rows.h = (int)(t->n_positive - table.first + 1 < page ? t->n_positive - table.first + 1 : page);
	for (int i = 0; i < table.rows.h; i++)
		draw_table_row(c, &col, table.rows.y + i, snap, table.first - 1 + (size_t)i);
	return table;
}

static void add_history(const struct canvas *c, const struct snap_trace *t, struct buf *out)
{
	buf_addf(out, "history %zu, latest first: ", t->n_history);
	for (size_t i = t->n_history; i-- > 0;) {
		buf_addstr(out, t->history_shown[i]);
		if (i > 0)
			buf_addf(out, " %s ", canvas_glyph(c, GLYPH_DOT));
	}
}

bool panel_exact_rank(const struct snap_trace *t, struct buf *out)
{
	if (t->exact_rank == 0)
		return false;
	buf_addstr(out, "exact rank ");
	verdict_look_exact(t->exact_rank, t->exact_proved, out);
	if (t->n_sequences > 0) {
		buf_addstr(out, " of ");
		buf_addcount(out, t->n_sequences);
	}
	return true;
}

/* Edits may change B from step to step. */
static bool same_width(const struct snap_trace *t)
{
	for (size_t i = 1; i < t->n_positive; i++)
		if (t->positive[i].width != t->positive[0].width)
			return false;
	return true;
}

/* BEAR's condition and, where it fails, the first token at which. The brief words are for a panel without the tokens'
 * ranks: they must not seem to speak of the prefixes'. */
static void add_condition(const struct snap_trace *t, bool brief, struct buf *out)
{
	size_t i = 0;

	while (i < t->n_positive && t->positive[i].token_rank <= t->positive[i].width)
		i++;
	if (!brief)
		buf_addf(out, "condition %s: ", t->condition_holds ? "holds" : "fails");
	if (i < t->n_positive)
		buf_addf(out, "token %zu ranks %zu > %zu", i + 1, t->positive[i].token_rank, t->positive[i].width);
	else if (brief)
		buf_addstr(out, "BEAR's condition holds");
	else if (same_width(t))
		buf_addf(out, "every token in the top %zu", t->positive[0].width);
	else
		buf_addstr(out, "every token in its top B");
}

/* The exact rank; without of how many where there is no room for that, which the verdict says too. */
static void add_exact_line(const struct canvas *c, const struct snap_trace *t, int w, struct buf *out)
{
	if (!panel_exact_rank(t, out)) {
		buf_addstr(out, "exact rank: none");
	} else if (canvas_width(c, buf_str(out)) > w) {
		buf_clear(out);
		buf_addstr(out, "exact rank ");
		verdict_look_exact(t->exact_rank, t->exact_proved, out);
	}
}

/* The two lines under the table. */
static void draw_ranks(struct canvas *c, struct rect in, const struct snap_trace *t)
{
	struct buf line = {0};

	add_exact_line(c, t, in.w - 2, &line);
	canvas_text(c, in.x + 2, in.y, in.w - 2, ROLE_TEXT, buf_str(&line));
	if (t->n_positive > 0 && in.h > 1) {
		buf_clear(&line);
		add_condition(t, false, &line);
		if (canvas_width(c, buf_str(&line)) > in.w - 2) {
			buf_clear(&line);
			add_condition(t, true, &line);
		}
		canvas_put(c, in.x, in.y + 1, t->condition_holds ? ROLE_KEPT : ROLE_PRUNED,
			t->condition_holds ? GLYPH_YES : GLYPH_NO);
		canvas_text(c, in.x + 2, in.y + 1, in.w - 2, ROLE_TEXT, buf_str(&line));
	}
	buf_release(&line);
}

enum { TITLE_LINES = 2, HISTORY_LINES = 4, RANKS_LINES = 2 };

int panel_positive_lines(const struct snapshot *snap)
{
	const struct snap_trace *t = snap->trace;
	int steps = min((int)t->n_positive, CANVAS_MAX_H), history = t->n_history > 0 ? HISTORY_LINES : 0;

	return 2 + TITLE_LINES + history + 1 + 1 + steps + 1 + RANKS_LINES;
}

/* Returns the lines used. In one line the latest says more than a head without anything after it. */
static int draw_history(struct canvas *c, struct rect r, const struct snap_trace *t)
{
	struct buf text = {0};

	if (t->n_history == 0)
		return 0;
	if (r.h == 1) {
		canvas_textf(c, r.x, r.y, r.w, ROLE_DIM, "after %s", t->history_shown[t->n_history - 1]);
		return 1;
	}
	add_history(c, t, &text);
	int used = canvas_wrap(c, r, ROLE_DIM, buf_str(&text));
	buf_release(&text);
	return used;
}

struct step_table panel_positive(struct canvas *c, struct rect r, const struct snapshot *snap)
{
	const struct snap_trace *t = snap->trace;
	struct rect in = rect_inside(r);
	struct step_table table = {{0, 0, 0, 0}, 1};

	canvas_box(c, r, ROLE_FRAME, "positive item");
	if (in.w < 10 || in.h < 1)
		return table;

	int y = in.y, end = in.y + in.h, steps = min((int)t->n_positive, CANVAS_MAX_H);
	canvas_put(c, in.x, y, ROLE_POSITIVE | STYLE_STRONG, GLYPH_POSITIVE);
	y += canvas_wrap(c, (struct rect){in.x + 2, y, in.w - 2, min(TITLE_LINES, in.h)}, ROLE_POSITIVE | STYLE_STRONG,
		*t->title_shown ? t->title_shown : "no title");
	/* History gets what the table can spare, but at least a line, and more where the table is cut anyway. */
	int spare = end - y - (1 + 1 + steps + 1 + RANKS_LINES);
	if (spare < 1)
		spare = in.h >= 30 ? HISTORY_LINES - 1 : 1;
	if (end - y > 8)
		y += draw_history(c, (struct rect){in.x + 2, y, in.w - 2, min(spare, HISTORY_LINES)}, t);
	y += end - y > steps + 2 + RANKS_LINES;
	int room = end - y - RANKS_LINES;
	if (steps > 0 && room >= 2) {
		int lines = min(room, steps + 1);
		table = draw_table(c, (struct rect){in.x, y, in.w, lines}, snap);
		y += lines + (lines < room);
	}
	if (end - y >= 1)
		draw_ranks(c, (struct rect){in.x, y, in.w, end - y}, t);
	return table;
}

int panel_results_lines(const struct snapshot *snap)
{
	size_t n = snap->trace->n_results;

	return n > 0 ? 3 + min((int)n, CANVAS_MAX_H) : 0;
}

static bool scores_differ(const struct snap_trace *t)
{
	for (size_t i = 0; i < t->n_results; i++)
		if (t->results[i].score != t->results[i].logp)
			return true;
	return false;
}

void panel_results(struct canvas *c, struct rect r, const struct snapshot *snap)
{
	const struct snap_trace *t = snap->trace;
	struct rect in = rect_inside(r);

	if (in.w < 20 || in.h < 2)
		return;
	bool scores = in.w >= 36 && scores_differ(t);
	int logp = in.x + 6, score = logp + 8, title = scores ? score + 10 : logp + 10;
	canvas_box(c, r, ROLE_FRAME, "returned items");
	canvas_right(c, in.x, in.y, 4, ROLE_DIM, "rank");
	canvas_right(c, logp, in.y, 8, ROLE_DIM, "log P");
	if (scores)
		canvas_right(c, score, in.y, 8, ROLE_DIM, "score");
	canvas_text(c, title, in.y, in.x + in.w - title, ROLE_DIM, "item");
	for (size_t i = 0; i < t->n_results && (int)i < in.h - 1; i++) {
		const struct snap_result *result = &t->results[i];
		unsigned style = result->positive ? ROLE_POSITIVE | STYLE_STRONG : ROLE_TEXT;
		int y = in.y + 1 + (int)i;
		canvas_rightf(c, in.x, y, 4, style, "%u", result->rank);
		if (result->positive)
			canvas_put(c, in.x + 5, y, style, GLYPH_POSITIVE);
		if (beside_entered(snap, i))
			canvas_put(c, in.x + 6, y, ROLE_HOT | STYLE_STRONG, GLYPH_ALONE);
		canvas_rightf(c, logp, y, 8, style, "%.2f", result->logp);
		if (scores)
			canvas_rightf(c, score, y, 8, style, "%.3f", result->score);
		canvas_ends(c, title, y, in.x + in.w - title, style, result->title_shown);
	}
}

/* Of a branch the verdict's kind is the original's; what came of the item is its own. */
static bool is_branch(const struct snap_trace *t)
{
	return *t->edits_shown != '\0';
}

static enum snap_verdict verdict_told(const struct snap_trace *t)
{
	return !is_branch(t) ? t->verdict : t->rank > 0 ? SNAP_RETRIEVED : SNAP_PRUNED;
}

unsigned panel_verdict_words(const struct canvas *c, const struct snap_trace *t, struct buf *out)
{
	const struct verdict_look *look = &verdict_looks[verdict_told(t)];

	if (verdict_told(t) == SNAP_NONE)
		return look->style;
	buf_addf(out, "%s ", canvas_glyph(c, look->glyph));
	if (is_branch(t))
		buf_addf(out, "branch: %s", t->fate_shown);
	else if (t->verdict == SNAP_RETRIEVED)
		buf_addf(out, "%s at rank %zu", look->word, t->rank);
	else if (t->verdict == SNAP_PRUNED)
		buf_addf(out, "%s at step %zu", look->word, t->pruned_at);
	else
		buf_addstr(out, look->word);
	return look->style;
}

int panel_verdict_lines(const struct canvas *c, int w, const struct snapshot *snap)
{
	const struct snap_trace *t = snap->trace;
	struct buf folded = {0}, changes = {0};
	int lines = canvas_fold(c, w - 4, t->sentence_shown, &folded);

	lines += canvas_fold(c, w - 4, t->edits_shown, &folded);
	beside_add_results(snap, &changes);
	lines += canvas_fold(c, w - 4, buf_str(&changes), &folded);
	lines += canvas_fold(c, w - 4, t->notes_shown, &folded);
	buf_release(&folded);
	buf_release(&changes);
	return lines;
}

/* Wraps a text into what is left of a rectangle, and takes its lines from that. */
static void draw_below(struct canvas *c, struct rect *left, unsigned style, const char *text)
{
	int lines = left->h > 0 ? canvas_wrap(c, *left, style, text) : 0;

	left->y += lines;
	left->h -= lines;
}

void panel_verdict(struct canvas *c, struct rect r, const struct snapshot *snap)
{
	const struct snap_trace *t = snap->trace;

	if (r.w < 10)
		return;
	verdict_look_mark(c, r.x + 1, r.y, verdict_told(t));
	struct rect text = {r.x + 3, r.y, r.w - 4, r.h};
	draw_below(c, &text, ROLE_TEXT | STYLE_STRONG, t->sentence_shown);
	if (is_branch(t))
		draw_below(c, &text, ROLE_HOT, t->edits_shown);
	struct buf changes = {0};
	beside_add_results(snap, &changes);
	draw_below(c, &text, ROLE_TEXT, buf_str(&changes));
	draw_below(c, &text, ROLE_DIM, t->notes_shown);
	buf_release(&changes);
}
