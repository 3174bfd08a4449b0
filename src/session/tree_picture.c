#include "session/tree_picture.h"

#include <math.h>
#include <string.h>

#include "base/mem.h"
#include "base/svg.h"
#include "base/utf8.h"
#include "session/picture.h"

#define ROOT_X 8.0
#define TOP 50.0 /* legend and the steps' numbers */
#define ROW 30.0
#define BOTTOM 10.0
#define LEAST 62.0 /* width of a step */
#define MOST 132.0
#define BEND 16.0   /* of a branch that leaves another's line */
#define LABEL 420.0 /* most of it, at the right of a branch */

struct tree_picture {
	const struct snap_tree *t;
	struct tree_look look;
	struct tree_lines lines; /* owned */
	size_t *up;              /* owned, [lines.n] the line that each stands below; SIZE_MAX: the root */
	double *y;               /* owned, [lines.n] */
	double step_w, width, height, root_y;
	size_t last_step; /* that is drawn */
};

static const struct tree_line *line_at(const struct tree_picture *p, size_t i)
{
	return &p->lines.at[i];
}

/* The texts of a branch's tokens one after another, as they stand in the item; ids with a blank between. */
static void add_tokens(const struct tree_picture *p, const struct tree_line *l, struct buf *out)
{
	VEC(uint32_t) path = {0};

	for (uint32_t node = l->last;; node = p->t->nodes[node].parent) {
		vec_push(&path, node);
		if (node == l->first)
			break;
	}
	for (size_t i = path.n; i-- > 0;)
		if (!snap_tree_ends(p->t, path.at[i]))
			buf_addstr(out, snap_tree_token(p->t, path.at[i]));
	vec_release(&path);
}

static bool is_positive(const struct tree_picture *p, const struct tree_line *l)
{
	return l->kind == TREE_BRANCH && p->t->nodes[l->first].positive;
}

static enum picture_voice voice_of(const struct tree_picture *p, const struct tree_line *l)
{
	if (is_positive(p, l))
		return PICTURE_STRONG;
	return l->fate == TREE_KEPT ? PICTURE_PLAIN : PICTURE_SOFT;
}

static size_t steps_of(const struct tree_picture *p, const struct tree_line *l)
{
	return p->t->nodes[l->last].step - p->t->nodes[l->first].step + 1;
}

/* As wide as the longest texts need, within bounds: what does not fit is cut. */
static void find_step_width(struct tree_picture *p)
{
	p->step_w = LEAST;
	for (size_t i = 0; i < p->lines.n; i++) {
		const struct tree_line *l = line_at(p, i);
		struct buf b = {0};
		double need;

		if (l->kind != TREE_BRANCH)
			continue;
		add_tokens(p, l, &b);
		need = (BEND + 18 + picture_text_width(buf_str(&b), voice_of(p, l))) / (double)steps_of(p, l);
		p->step_w = fmin(fmax(p->step_w, need), MOST);
		buf_release(&b);
		if (p->t->nodes[l->last].step > p->last_step)
			p->last_step = p->t->nodes[l->last].step;
	}
}

/* Does a line stand below line i, as its own? */
static bool has_below(const struct tree_picture *p, size_t i)
{
	return i + 1 < p->lines.n && line_at(p, i + 1)->depth > line_at(p, i)->depth;
}

static void find_above(struct tree_picture *p)
{
	/* The latest line of each depth: none is more than one deeper than the line before it. */
	size_t *latest = xcalloc(p->lines.n + 1, sizeof(*latest));

	for (size_t i = 0; i < p->lines.n; i++) {
		uint32_t depth = line_at(p, i)->depth;

		p->up[i] = depth > 0 ? latest[depth - 1] : SIZE_MAX;
		latest[depth] = i;
	}
	free(latest);
}

/* What has nothing below it has a row of its own; the others stand in the middle of theirs. */
static void place(struct tree_picture *p)
{
	size_t row = 0, *lowest = xcalloc(p->lines.n + 1, sizeof(*lowest)); /* of those right below each line */
	double first = 0, last = 0;

	for (size_t i = 0; i < p->lines.n; i++)
		if (p->up[i] != SIZE_MAX)
			lowest[p->up[i]] = i;
	for (size_t i = 0; i < p->lines.n; i++)
		if (!has_below(p, i))
			p->y[i] = TOP + ROW * ((double)row++ + 0.5);
	for (size_t i = p->lines.n; i-- > 0;)
		if (has_below(p, i))
			p->y[i] = (p->y[i + 1] + p->y[lowest[i]]) / 2;
	free(lowest);
	for (size_t i = 0; i < p->lines.n; i++)
		if (line_at(p, i)->depth == 0) {
			first = first > 0 ? first : p->y[i];
			last = p->y[i];
		}
	p->root_y = (first + last) / 2;
	p->height = TOP + ROW * (double)row + BOTTOM;
}

/* Where a step's token ends. */
static double step_x(const struct tree_picture *p, size_t step)
{
	return ROOT_X + p->step_w * (double)step;
}

static enum picture_line stroke_of(const struct tree_picture *p, const struct tree_line *l)
{
	if (is_positive(p, l))
		return l->fate == TREE_FOLLOWED ? PICTURE_WOULD_BE : PICTURE_POSITIVE;
	if (l->kind != TREE_BRANCH || l->fate == TREE_PRUNED)
		return PICTURE_PRUNED;
	return l->fate == TREE_ENDED ? PICTURE_ENDED : PICTURE_BRANCH;
}

/* A bend from the end of the branch above, then straight to its own end. */
static void draw_stroke(const struct tree_picture *p, size_t i, struct buf *out)
{
	const struct tree_line *l = line_at(p, i);
	size_t up = p->up[i];
	double from_y = up == SIZE_MAX ? p->root_y : p->y[up];
	double x0 = up == SIZE_MAX ? ROOT_X : step_x(p, p->t->nodes[line_at(p, up)->last].step);
	double x1 = l->kind == TREE_BRANCH ? step_x(p, p->t->nodes[l->last].step) : x0 + BEND + 6;

	picture_line(stroke_of(p, l), x0, from_y, x0 + BEND, p->y[i], out);
	if (x1 > x0 + BEND)
		picture_line(stroke_of(p, l), x0 + BEND, p->y[i], x1, p->y[i], out);
}

static enum picture_mark mark_of(const struct tree_picture *p, const struct tree_line *l)
{
	size_t at_step;
	const struct snap_candidate *k = snap_tree_candidate(p->t, l->last, p->look.step, &at_step);

	if (k && k->forbidden)
		return PICTURE_MARK_FORBIDDEN;
	switch (l->fate) {
	case TREE_KEPT:
		if (l->forced)
			return PICTURE_MARK_FORCED;
		return snap_tree_ends(p->t, l->last) ? PICTURE_MARK_FINISHED : PICTURE_MARK_KEPT;
	case TREE_ENDED:
		return PICTURE_MARK_ENDED;
	case TREE_PRUNED:
		return PICTURE_MARK_PRUNED;
	case TREE_FOLLOWED:
		break;
	}
	return PICTURE_MARK_FOLLOWED;
}

static bool is_end(const struct tree_picture *p, size_t i)
{
	return line_at(p, i)->kind == TREE_BRANCH && !has_below(p, i);
}

/* What goes on in lines below it has a mark where these do not say what became of it. */
static bool has_mark(const struct tree_picture *p, size_t i)
{
	const struct tree_line *l = line_at(p, i);

	return l->kind == TREE_BRANCH && (is_end(p, i) || l->fate == TREE_PRUNED || l->forced);
}

/* Where the text of a line stands that only counts. */
static double hidden_x(const struct tree_picture *p, size_t i)
{
	size_t up = p->up[i];

	return (up == SIZE_MAX ? ROOT_X : step_x(p, p->t->nodes[line_at(p, up)->last].step)) + BEND + 10;
}

static void add_hidden(const struct tree_line *l, struct buf *out)
{
	buf_addf(out, "\xe2\x80\xa6 %zu %spruned", l->n_pruned, l->kind == TREE_UNTRACED ? "more " : "");
	if (isfinite(l->best)) {
		buf_addstr(out, ", best ");
		picture_number(l->best, out);
	}
}

static double logp_of(const struct tree_picture *p, uint32_t node, size_t *rank)
{
	size_t at_step;
	const struct snap_candidate *k = snap_tree_candidate(p->t, node, p->look.step, &at_step);
	const struct snap_positive *own = snap_tree_followed(p->t, node);

	*rank = k ? k->rank : own ? own->prefix_rank : 0;
	return k ? k->logp : own ? own->logp : (double)NAN;
}

/* Behind the mark of an end: an item's place and title, else the prefix's log P. */
static void add_label(const struct tree_picture *p, const struct tree_line *l, struct buf *out)
{
	size_t at_step, rank;
	const struct snap_candidate *k = snap_tree_candidate(p->t, l->last, p->look.step, &at_step);
	const struct snap_trace *trace = p->t->trace;
	double logp = logp_of(p, l->last, &rank);

	if (k && k->item_shown) {
		if (k->result > 0)
			buf_addf(out, "%u: ", k->result);
		buf_addstr(out, k->item_shown);
	} else if (!k && snap_tree_ends(p->t, l->last)) {
		buf_addstr(out, trace->title_shown);
		if (trace->pruned_at > 0)
			buf_addf(out, ": pruned at step %zu", trace->pruned_at);
		if (trace->pruned_at > 0 && trace->pruned_at <= trace->n_positive)
			buf_addf(out, ", rank %zu", trace->positive[trace->pruned_at - 1].prefix_rank);
	} else {
		picture_number(logp, out);
		if (rank > 0)
			buf_addf(out, " (rank %zu)", rank);
	}
}

/* Where a line's label ends at the right. */
static double line_end(const struct tree_picture *p, size_t i)
{
	const struct tree_line *l = line_at(p, i);
	struct buf label = {0};
	double x = hidden_x(p, i);

	if (l->kind != TREE_BRANCH) {
		add_hidden(l, &label);
	} else {
		x = step_x(p, p->t->nodes[l->last].step) + 9;
		if (is_end(p, i))
			add_label(p, l, &label);
	}
	x += fmin(picture_text_width(buf_str(&label), voice_of(p, l)) + 6, LABEL);
	buf_release(&label);
	return x;
}

struct tree_picture *tree_picture_new(const struct snap_tree *t, const struct tree_look *look)
{
	struct tree_picture *p = xcalloc(1, sizeof(*p));

	p->t = t;
	p->look = *look;
	snap_tree_lines(t, look, &p->lines);
	p->up = xcalloc(p->lines.n + 1, sizeof(*p->up));
	p->y = xcalloc(p->lines.n + 1, sizeof(*p->y));
	find_above(p);
	find_step_width(p);
	place(p);
	p->width = PICTURE_LEAST;
	for (size_t i = 0; i < p->lines.n; i++)
		p->width = fmax(p->width, line_end(p, i));
	return p;
}

void tree_picture_free(struct tree_picture *p)
{
	vec_release(&p->lines);
	free(p->up);
	free(p->y);
	free(p);
}

double tree_picture_width(const struct tree_picture *p)
{
	return p->width;
}

double tree_picture_height(const struct tree_picture *p)
{
	return p->height;
}

/* "Sablecote Series: p 11.4 %, log P −2.17, rank 2 at step 2, kept" */
static void add_tooltip(const struct tree_picture *p, const struct tree_line *l, const char *tokens, struct buf *out)
{
	static const char *const fates[] = {
		[TREE_KEPT] = "kept",
		[TREE_ENDED] = "kept, nothing left of it",
		[TREE_PRUNED] = "pruned",
		[TREE_FOLLOWED] = "had it stayed",
	};
	size_t rank;
	double logp = logp_of(p, l->last, &rank);

	buf_addstr(out, "<title>");
	svg_text(out, tokens);
	buf_addf(out, ": p %.2f %%, log P ", 100 * exp(snap_tree_logp(p->t, l)));
	picture_number(logp, out);
	if (rank > 0)
		buf_addf(out, ", rank %zu at step %u", rank, p->t->nodes[l->last].step);
	buf_addf(out, ", %s</title>", fates[l->fate]);
}

/* The tokens above the line, their probability below it where it says something. */
static void draw_tokens(const struct tree_picture *p, size_t i, const char *tokens, struct buf *out)
{
	const struct tree_line *l = line_at(p, i);
	double x = step_x(p, p->t->nodes[l->first].step - 1) + BEND + (is_positive(p, l) ? 15 : 3);
	double end = step_x(p, p->t->nodes[l->last].step), share = exp(snap_tree_logp(p->t, l));

	if (is_positive(p, l))
		picture_mark(PICTURE_MARK_POSITIVE, x - 7, p->y[i] - 8, out);
	if (*tokens) {
		picture_text(x, p->y[i] - 4, voice_of(p, l), out);
		picture_token(tokens, end - x, voice_of(p, l), out);
		buf_addstr(out, "</text>");
	}
	if (share < 0.9995) {
		picture_text(x, p->y[i] + 11, PICTURE_SMALL, out);
		buf_addf(out, share < 0.001 ? "&lt; 0.1 %%</text>" : "%.1f %%</text>", 100 * share);
	}
}

static void draw_branch(const struct tree_picture *p, size_t i, struct buf *out)
{
	const struct tree_line *l = line_at(p, i);
	double end = step_x(p, p->t->nodes[l->last].step);
	struct buf tokens = {0}, label = {0};

	add_tokens(p, l, &tokens);
	buf_addstr(out, "<g>");
	add_tooltip(p, l, buf_str(&tokens), out);
	draw_tokens(p, i, buf_str(&tokens), out);
	if (has_mark(p, i))
		picture_mark(mark_of(p, l), end, p->y[i], out);
	if (is_end(p, i)) {
		add_label(p, l, &label);
		picture_text(end + 9, p->y[i] + 4, voice_of(p, l), out);
		picture_fit(buf_str(&label), p->width - end - 9, voice_of(p, l), out);
		buf_addstr(out, "</text>");
	}
	if (is_end(p, i) && l->n_pruned > 0) { /* on its way: there is no line of its own for them */
		picture_text(end + 9, p->y[i] + 17, PICTURE_SMALL, out);
		buf_clear(&label);
		add_hidden(l, &label);
		svg_text(out, buf_str(&label));
		buf_addstr(out, "</text>");
	}
	buf_addstr(out, "</g>\n");
	buf_release(&tokens);
	buf_release(&label);
}

static void draw_hidden(const struct tree_picture *p, size_t i, struct buf *out)
{
	struct buf label = {0};

	add_hidden(line_at(p, i), &label);
	picture_text(hidden_x(p, i), p->y[i] + 4, PICTURE_SMALL, out);
	svg_text(out, buf_str(&label));
	buf_addstr(out, "</text>\n");
	buf_release(&label);
}

/* The steps' numbers over their tokens. */
static void draw_steps(const struct tree_picture *p, struct buf *out)
{
	for (size_t step = 1; step <= p->last_step; step++) {
		picture_text(step_x(p, step - 1) + BEND + 3, TOP - 14, PICTURE_SMALL, out);
		buf_addf(out, "%s%zu</text>\n", step == 1 ? "step " : "", step);
	}
}

static void draw_legend(const struct tree_picture *p, struct buf *out)
{
	bool marks[PICTURE_MARKS] = {0};

	for (size_t i = 0; i < p->lines.n; i++) {
		if (has_mark(p, i))
			marks[mark_of(p, line_at(p, i))] = true;
		marks[PICTURE_MARK_POSITIVE] |= is_positive(p, line_at(p, i));
	}
	picture_legend(marks, false, 8, out);
}

void tree_picture_draw(const struct tree_picture *p, struct buf *out)
{
	picture_begin(p->width, p->height, "The search as a tree of tokens", p->t->trace->sentence_shown, out);
	draw_legend(p, out);
	draw_steps(p, out);
	for (size_t i = 0; i < p->lines.n; i++)
		draw_stroke(p, i, out);
	for (size_t i = 0; i < p->lines.n; i++) {
		if (line_at(p, i)->kind == TREE_BRANCH)
			draw_branch(p, i, out);
		else
			draw_hidden(p, i, out);
	}
	buf_addstr(out, "</svg>\n");
}
