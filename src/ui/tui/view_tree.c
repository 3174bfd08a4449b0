/*
 * The Tree view: the search as a tree of tokens, as it stood after the step that is looked at. Figures stand at the
 * left, so that branches have the rest of the line; where there is room a panel tells all of the selected row.
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "layout.h"
#include "list.h"
#include "minmax.h"
#include "panel.h"
#include "session/snap_tree.h"
#include "view.h"

struct tree_view {
	struct list list;
	struct snap_tree tree; /* of the snapshot's trace; without nodes: there is none */
	unsigned long serial;  /* of the snapshot that it was made from */
	size_t step;
	uint8_t *folds; /* owned, [tree.n] */
	struct tree_lines lines;
	bool all, zoomed;
	struct rect rows; /* where the lines were drawn last, for the mouse */
};

static void tree_release(void *state)
{
	struct tree_view *v = state;

	snap_tree_release(&v->tree);
	free(v->folds);
	vec_release(&v->lines);
}

static const struct tree_line *selected_line(const struct tree_view *v)
{
	return v->list.sel < v->lines.n ? &v->lines.at[v->list.sel] : NULL;
}

/* The selected branch; NULL where it is a line of what is not shown. */
static const struct tree_line *selected_branch(const struct tree_view *v)
{
	const struct tree_line *l = selected_line(v);

	return l && l->kind == TREE_BRANCH ? l : NULL;
}

static const struct snap_candidate *candidate_of(const struct tree_view *v, uint32_t node, size_t *at_step)
{
	return snap_tree_candidate(&v->tree, node, v->step, at_step);
}

/* The row of the positive item's longest prefix; 0 where there is none. */
static size_t positive_row(const struct tree_view *v)
{
	size_t row = 0;

	for (size_t i = 0; i < v->lines.n; i++)
		if (v->lines.at[i].kind == TREE_BRANCH && v->tree.nodes[v->lines.at[i].last].positive)
			row = i;
	return row;
}

/* What is to stay selected when the lines are made anew. */
struct picked {
	bool positive; /* the positive item's longest prefix, whatever that is then */
	enum tree_line_kind kind;
	uint32_t node;
};

static struct picked pick(const struct tree_view *v)
{
	const struct tree_line *l = selected_line(v);

	if (!l || v->list.sel == positive_row(v))
		return (struct picked){.positive = true};
	return (struct picked){false, l->kind, l->last};
}

static void restore(struct tree_view *v, struct picked p)
{
	list_set(&v->list, v->lines.n);
	v->list.sel = p.positive ? positive_row(v) : snap_tree_find(&v->tree, &v->lines, p.node);
	for (size_t i = 0; !p.positive && p.kind != TREE_BRANCH && i < v->lines.n; i++)
		if (v->lines.at[i].kind == p.kind && v->lines.at[i].last == p.node)
			v->list.sel = i;
}

static void make_lines(struct tree_view *v)
{
	struct tree_look look = {.step = v->step, .all = v->all, .folds = v->folds};

	if (v->tree.n > 0)
		snap_tree_lines(&v->tree, &look, &v->lines);
	else
		vec_clear(&v->lines);
}

static void make_lines_again(struct tree_view *v)
{
	struct picked p = pick(v);

	make_lines(v);
	restore(v, p);
}

/* The same prefix in the tree of another search over the case: branches number prefixes alike. */
static uint32_t node_numbered(const struct snap_tree *t, uint32_t number)
{
	for (uint32_t i = 1; i < t->n; i++)
		if (t->nodes[i].number == number)
			return i;
	return TREE_ROOT;
}

static void take_trace(struct tree_view *v, const struct snapshot *snap)
{
	struct picked p = pick(v);
	uint32_t number = p.positive ? 0 : v->tree.nodes[p.node].number;
	bool same = v->tree.trace == snap->trace;
	size_t n = v->tree.n;

	snap_tree_release(&v->tree);
	if (snap->trace)
		snap_tree_init(&v->tree, snap->trace);
	v->step = snap->step;
	if (v->tree.n != n || !same) {
		free(v->folds);
		v->folds = v->tree.n > 0 ? xcalloc(v->tree.n, sizeof(*v->folds)) : NULL;
		p.node = number > 0 ? node_numbered(&v->tree, number) : TREE_ROOT;
		p.positive = p.node == TREE_ROOT;
		p.kind = TREE_BRANCH;
	}
	make_lines(v);
	restore(v, p);
}

/* The trace before may be gone with the snapshot that held it: only nodes are looked at, and made anew. */
static void tree_refresh(void *state, const struct snapshot *snap)
{
	struct tree_view *v = state;

	if (v->serial == snap->serial && v->tree.trace == snap->trace && v->step == snap->step)
		return;
	take_trace(v, snap);
	v->serial = snap->serial;
}

/* Appends the tokens of a path, without what ends an item. */
static void add_path(const struct tree_view *v, uint32_t first, uint32_t last, struct buf *out)
{
	if (last != first && v->tree.nodes[last].step > v->tree.nodes[first].step)
		add_path(v, first, v->tree.nodes[last].parent, out);
	if (last != TREE_ROOT && !snap_tree_ends(&v->tree, last))
		buf_addstr(out, snap_tree_token(&v->tree, last));
}

/* Of an item that ends there; NULL: none does, or the followed one, whose title the snapshot has. */
static const char *title_of(const struct tree_view *v, uint32_t node)
{
	size_t at_step;
	const struct snap_candidate *k = candidate_of(v, node, &at_step);

	if (k)
		return k->item_shown;
	return snap_tree_ends(&v->tree, node) ? v->tree.trace->title_shown : NULL;
}

/* Shows what is folded below the line, or folds what is shown. */
static void toggle(struct tree_view *v, const struct tree_line *l)
{
	bool open = l->kind == TREE_FOLDED ? !l->unfolded : l->closed || l->n_pruned > 0;
	uint8_t fold = l->closed ? FOLD_AUTO : open ? FOLD_OPEN : l->kind == TREE_FOLDED ? FOLD_AUTO : FOLD_CLOSED;

	if (l->kind == TREE_UNTRACED || (l->kind == TREE_BRANCH && !open && !l->children))
		return;
	if (fold == FOLD_CLOSED) {
		v->folds[l->last] = FOLD_CLOSED;
	} else {
		for (uint32_t node = l->last;; node = v->tree.nodes[node].parent) {
			v->folds[node] = fold;
			if (node == l->first)
				break;
		}
	}
	make_lines_again(v);
}

/* To the Beam view, at the step that decided about the selected prefix, or did so last. */
static void open_selected(struct tree_view *v, const struct snapshot *snap, struct view_reply *reply)
{
	const struct tree_line *l = selected_line(v);
	const struct snap_candidate *k;
	size_t at_step;

	if (!l)
		return;
	if (l->kind != TREE_BRANCH) {
		toggle(v, l);
		return;
	}
	k = candidate_of(v, l->last, &at_step);
	if (at_step > snap->trace->n_steps)
		at_step = snap->trace->n_steps;
	reply->go = &view_beam;
	if (at_step != snap->step)
		buf_addf(&reply->command, "goto %zu", at_step);
	if (!k)
		buf_addstr(&reply->select, "positive");
	else if (k->forbidden)
		buf_addstr(&reply->select, k->prefix_shown);
	else
		buf_addf(&reply->select, "%u", k->rank);
}

/* An edit is made at the step that it is about. */
static void edit_selected(
	const struct tree_view *v, const struct snapshot *snap, const char *what, struct view_reply *reply)
{
	const struct tree_line *l = selected_branch(v);
	const struct snap_candidate *k;
	size_t at_step;

	if (!l) {
		buf_addf(&reply->message, "select a prefix to %s", what);
		reply->is_error = true;
		return;
	}
	k = candidate_of(v, l->last, &at_step);
	at_step = v->tree.nodes[l->last].step;
	if (k)
		k = &snap->trace->steps[at_step - 1].candidates[v->tree.nodes[l->last].at];
	if (at_step != snap->step)
		buf_addf(&reply->command, "goto %zu; ", at_step);
	if (!k) {
		buf_addf(&reply->command, "%s positive", what);
	} else if (k->forbidden) {
		buf_addf(&reply->command, "%s ", what);
		buf_addword(&reply->command, k->prefix_shown);
	} else {
		buf_addf(&reply->command, "%s %u", what, k->rank);
	}
}

static bool on_click(struct tree_view *v, int x, int y)
{
	size_t row = v->list.top + (size_t)(y - v->rows.y);

	if (!rect_has(v->rows, x, y) || row >= v->lines.n)
		return false;
	if (v->list.sel == row)
		toggle(v, selected_line(v));
	else
		v->list.sel = row;
	return true;
}

static bool on_back(struct tree_view *v)
{
	bool did = v->zoomed || v->all;

	if (v->zoomed)
		v->zoomed = false;
	else if (v->all) {
		v->all = false;
		make_lines_again(v);
	}
	return did;
}

static bool tree_event(void *state, const struct snapshot *snap, const struct view_event *e, struct view_reply *reply)
{
	struct tree_view *v = state;

	if (v->lines.n == 0)
		return false;
	switch (e->action) {
	case ACTION_NONE:
		break;
	case ACTION_OPEN:
		open_selected(v, snap, reply);
		return true;
	case ACTION_TOGGLE:
		if (selected_line(v))
			toggle(v, selected_line(v));
		return true;
	case ACTION_ALL:
		v->all = !v->all;
		make_lines_again(v);
		return true;
	case ACTION_ZOOM:
		v->zoomed = !v->zoomed;
		return true;
	case ACTION_BACK:
		return on_back(v);
	case ACTION_FORCE:
	case ACTION_FORBID:
		edit_selected(v, snap, e->action == ACTION_FORCE ? "force" : "forbid", reply);
		return true;
	default:
		return list_select(&v->list, e->action);
	}
	if (e->mouse == EVENT_CLICK)
		return on_click(v, e->x, e->y);
	return list_wheel_select(&v->list, e->mouse);
}

enum {
	STEP_W = 4,
	RANK_W = 5,
	P_W = 7,
	LOGP_W = 8,
	MARKS_W = 4,
	HEAD_LINES = 1,
	DEEPEST = 20
};

struct columns {
	int step, rank, p, logp, marks, tree, tree_w;
};

static struct columns columns(struct rect in)
{
	struct columns col = {.step = in.x};

	col.rank = col.step + STEP_W;
	col.p = col.rank + RANK_W;
	col.logp = col.p + P_W;
	col.marks = col.logp + LOGP_W + 2;
	col.tree = col.marks + MARKS_W;
	col.tree_w = in.x + in.w - col.tree;
	return col;
}

static void draw_heads(struct canvas *c, const struct columns *col, int y)
{
	canvas_right(c, col->step, y, STEP_W, ROLE_DIM, "step");
	canvas_right(c, col->rank, y, RANK_W, ROLE_DIM, "rank");
	canvas_right(c, col->p, y, P_W, ROLE_DIM, "p");
	canvas_right(c, col->logp, y, LOGP_W, ROLE_DIM, "log P");
	canvas_text(c, col->tree, y, col->tree_w, ROLE_DIM, "tokens");
}

/* How a row looks. */
static unsigned row_style(const struct tree_view *v, const struct tree_line *l)
{
	const struct tree_node *n = &v->tree.nodes[l->last];

	if (l->fate == TREE_FOLLOWED)
		return ROLE_DIM;
	if (n->positive)
		return ROLE_POSITIVE | STYLE_STRONG;
	return l->fate == TREE_KEPT ? ROLE_TEXT : ROLE_DIM;
}

static void draw_marks(const struct tree_view *v, const struct tree_line *l, struct canvas *c, int x, int y)
{
	size_t at_step;
	const struct snap_candidate *k = candidate_of(v, l->last, &at_step);

	if (l->fate == TREE_KEPT)
		canvas_put(c, x, y, ROLE_KEPT | STYLE_STRONG, GLYPH_KEPT);
	else if (l->fate == TREE_ENDED)
		canvas_put(c, x, y, ROLE_DIM, GLYPH_ENDED);
	else if (l->fate == TREE_PRUNED)
		canvas_put(c, x, y, ROLE_PRUNED | STYLE_STRONG, GLYPH_PRUNED);
	if (v->tree.nodes[l->last].positive)
		canvas_put(c, x + 1, y, ROLE_POSITIVE | STYLE_STRONG, GLYPH_POSITIVE);
	if (l->forced || (k && k->forbidden))
		canvas_put(c, x + 2, y, ROLE_HOT | STYLE_STRONG, GLYPH_EDIT);
}

static void draw_figures(
	const struct tree_view *v, const struct tree_line *l, struct canvas *c, const struct columns *col, int y)
{
	size_t at_step;
	const struct snap_candidate *k = candidate_of(v, l->last, &at_step);
	const struct snap_positive *own = snap_tree_followed(&v->tree, l->last);
	unsigned style = row_style(v, l);

	canvas_rightf(c, col->step, y, STEP_W, at_step == v->step ? style : ROLE_DIM, "%zu", at_step);
	if (k)
		canvas_rightf(c, col->rank, y, RANK_W, style, "%u", k->rank);
	else if (own && !isnan(own->prefix_margin))
		canvas_rightf(c, col->rank, y, RANK_W, style, "%zu", own->prefix_rank);
	else
		canvas_right(c, col->rank, y, RANK_W, style, "-");
	panel_share(c, col->p, y, P_W, style, snap_tree_logp(&v->tree, l));
	canvas_rightf(c, col->logp, y, LOGP_W, style, "%.2f", k ? k->logp : own ? own->logp : 0);
	draw_marks(v, l, c, col->marks, y);
}

/* The lines that lead from a row to what it stands below; returns the cells used. What is too deep is drawn less deep.
 */
static int draw_guides(const struct tree_line *l, struct canvas *c, int x, int y)
{
	int depth = min((int)l->depth, DEEPEST);

	for (int d = 1; d < depth; d++)
		if (l->guides >> d & 1)
			canvas_put(c, x + 2 * (d - 1), y, ROLE_FRAME, GLYPH_VERTICAL);
	if (depth > 0) {
		canvas_put(
			c, x + 2 * (depth - 1), y, ROLE_FRAME, l->guides >> depth & 1 ? GLYPH_TEE : GLYPH_BOTTOM_LEFT);
		canvas_put(c, x + 2 * depth - 1, y, ROLE_FRAME, GLYPH_HORIZONTAL);
	}
	return 2 * depth;
}

/* "… 27 pruned (best -3.40)", and "5 kept" before it where a branch is closed. */
static void add_hidden(const struct canvas *c, const struct tree_line *l, struct buf *out)
{
	buf_addstr(out, canvas_glyph(c, GLYPH_GAP));
	if (l->n_kept > 0)
		buf_addf(out, " %zu in the beam%s", l->n_kept, l->n_pruned > 0 ? "," : "");
	if (l->n_pruned > 0)
		buf_addf(out, " %zu %spruned", l->n_pruned, l->kind == TREE_UNTRACED ? "more " : "");
	if (l->n_pruned > 0 && !isnan(l->best))
		buf_addf(out, " (best %.2f)", l->best);
	if (l->unfolded)
		buf_addstr(out, ", shown above");
}

/* The tokens one after the other, that of the step that is looked at standing out; the first with its blank visible. */
static int draw_tokens(
	const struct tree_view *v, const struct tree_line *l, uint32_t node, struct canvas *c, int x, int y, int w)
{
	int used = node == l->first ? 0 : draw_tokens(v, l, v->tree.nodes[node].parent, c, x, y, w);
	unsigned style = row_style(v, l);
	struct buf text = {0};

	if (snap_tree_ends(&v->tree, node))
		return used;
	if (node == l->first)
		panel_token(c, snap_tree_token(&v->tree, node), &text);
	else
		buf_addstr(&text, snap_tree_token(&v->tree, node));
	if (v->tree.nodes[node].step == v->step)
		style |= STYLE_STRONG;
	used += canvas_text(c, x + used, y, w - used, style, buf_str(&text));
	buf_release(&text);
	return used;
}

/* Do the tokens themselves spell the item's title? */
static bool spells_title(const struct tree_view *v, const struct tree_line *l)
{
	struct buf path = {0};
	const char *title = title_of(v, l->last);

	add_path(v, TREE_ROOT, l->last, &path);
	bool same = title && view_has(buf_str(&path), title);
	buf_release(&path);
	return same;
}

/* What is folded, in short where the room asks for it; returns the cells used. */
static int draw_hidden(const struct tree_line *l, struct canvas *c, int x, int y, int w)
{
	struct buf text = {0};

	if (l->n_kept + l->n_pruned == 0)
		return 0;
	add_hidden(c, l, &text);
	if (canvas_width(c, buf_str(&text)) > w - 2) {
		bool pruned = l->n_kept == 0 && w > (int)strlen("… 10000 pruned");
		buf_clear(&text);
		buf_addf(&text, "%s %zu%s", canvas_glyph(c, GLYPH_GAP), l->n_kept + l->n_pruned,
			pruned ? " pruned" : "");
	}
	int used = 2 + canvas_text(c, x + 2, y, w - 2, ROLE_DIM, buf_str(&text));
	buf_release(&text);
	return used;
}

/* What follows the tokens: that an item ends there, its rank in the result and its title, and what is folded. */
static void draw_rest(const struct tree_view *v, const struct tree_line *l, struct canvas *c, int x, int y, int w)
{
	size_t at_step;
	const struct snap_candidate *k = candidate_of(v, l->last, &at_step);
	struct buf text = {0};
	int used;

	if (snap_tree_ends(&v->tree, l->last) && w > 2) {
		canvas_put(c, x + 1, y, row_style(v, l), GLYPH_FINISHED);
		if (k && k->result > 0)
			buf_addf(&text, "rank %u ", k->result);
		if (title_of(v, l->last) && !spells_title(v, l))
			buf_addstr(&text, title_of(v, l->last));
		used = 3 + canvas_text(c, x + 3, y, w - 3, ROLE_DIM, buf_str(&text));
		x += used;
		w -= used;
	}
	draw_hidden(l, c, x, y, w);
	buf_release(&text);
}

static void draw_line(
	const struct tree_view *v, const struct tree_line *l, struct canvas *c, const struct columns *col, int y)
{
	int used = draw_guides(l, c, col->tree, y);

	if (l->kind == TREE_BRANCH) {
		draw_figures(v, l, c, col, y);
		used += draw_tokens(v, l, l->last, c, col->tree + used, y, col->tree_w - used);
		draw_rest(v, l, c, col->tree + used, y, col->tree_w - used);
		return;
	}
	draw_hidden(l, c, col->tree + used - 2, y, col->tree_w - used + 2);
}

static void draw_tree(struct tree_view *v, const struct snapshot *snap, struct canvas *c, struct rect r)
{
	const struct snap_step *s = &snap->trace->steps[v->step - 1];
	struct rect in = {r.x + 2, r.y + 1, r.w - 4, r.h - 2};
	const char *dot = canvas_glyph(c, GLYPH_DOT);
	struct buf title = {0};

	buf_addf(&title, "tree after step %zu of %zu %s %zu kept of %zu", v->step, snap->trace->n_steps, dot, s->kept,
		s->total);
	if (v->all)
		buf_addf(&title, " %s all shown", dot);
	if (snap->original)
		buf_addf(&title, " %s branch %s was %s", dot, dot, snap->original->fate_shown);
	canvas_box(c, r, ROLE_FRAME, buf_str(&title));
	buf_release(&title);
	if (in.w < 40 || in.h <= HEAD_LINES)
		return;

	struct columns col = columns(in);
	v->rows = (struct rect){r.x + 1, in.y + HEAD_LINES, r.w - 2, in.h - HEAD_LINES};
	list_show(&v->list, v->list.sel, v->lines.n, (size_t)v->rows.h);
	draw_heads(c, &col, in.y);
	for (size_t i = 0; i < v->list.page && v->list.top + i < v->lines.n; i++) {
		int y = v->rows.y + (int)i;
		draw_line(v, &v->lines.at[v->list.top + i], c, &col, y);
		if (v->list.top + i == v->list.sel)
			canvas_mark(c, (struct rect){in.x - 1, y, in.w + 2, 1}, STYLE_SELECTED);
	}
	list_draw_place(&v->list, v->lines.n, c, r);
}

static const char *from_cutoff(double margin)
{
	return margin < 0 ? "under" : "above";
}

static void add_kept(const struct tree_view *v, const struct tree_line *l, struct buf *out)
{
	const struct snap_step *s = &v->tree.trace->steps[v->step - 1];
	struct tree_count count = snap_tree_count(&v->tree, l->last, v->step);
	size_t at_step;
	const struct snap_candidate *k = candidate_of(v, l->last, &at_step);

	if (k && k->finished && k->result > 0)
		buf_addf(out, "finished, and returned at rank %u", k->result);
	else if (k && k->finished)
		buf_addf(out, "finished; rank %u at step %zu", k->rank, at_step);
	else if (!k || at_step != v->step)
		buf_addf(out, "%zu of the %zu in the beam begin with it", count.n_kept, s->kept);
	else if (isfinite(s->cutoff))
		buf_addf(out, "in the beam: rank %u of %zu, %.2f nats %s the cut-off", k->rank, s->total,
			fabs(k->logp - s->cutoff), from_cutoff(k->logp - s->cutoff));
	else
		buf_addf(out, "in the beam: rank %u of %zu", k->rank, s->total);
}

static void add_pruned(const struct tree_view *v, const struct tree_line *l, struct buf *out)
{
	size_t at_step;
	const struct snap_candidate *k = candidate_of(v, l->last, &at_step);
	const struct snap_positive *own = snap_tree_followed(&v->tree, l->last);
	const struct snap_step *s = &v->tree.trace->steps[at_step - 1];
	double margin = k ? k->logp - s->cutoff : own ? own->prefix_margin : (double)NAN;

	buf_addf(out, "%s at step %zu: rank %zu of %zu", k && k->forbidden ? "forbidden" : "pruned", at_step,
		k     ? k->rank
		: own ? own->prefix_rank
		      : 0,
		s->total);
	if (isfinite(margin))
		buf_addf(out, ", %.2f nats %s the cut-off", fabs(margin), from_cutoff(margin));
}

static void add_followed(const struct tree_view *v, const struct tree_line *l, struct buf *out)
{
	const struct snap_positive *own = snap_tree_followed(&v->tree, l->last);

	buf_addf(out, "the positive item, followed since it was lost at step %zu", v->tree.trace->pruned_at);
	if (own && !isnan(own->prefix_margin))
		buf_addf(out, "; it would rank %zu here", own->prefix_rank);
}

/* What there is to say about the selected row. */
static void add_fate(const struct tree_view *v, const struct tree_line *l, struct buf *out)
{
	if (l->kind == TREE_UNTRACED) {
		buf_addf(out,
			"%zu more candidates of step %zu were pruned. The search keeps a record of those next to "
			"the cut-off alone (option others).",
			l->n_pruned, v->step);
		return;
	}
	if (l->kind == TREE_FOLDED) {
		buf_addf(out, "%zu that %s pruned up to step %zu, the best with log P %.2f. Space %s.", l->n_pruned,
			l->n_pruned == 1 ? "was" : "were", v->step, l->best,
			l->unfolded ? "hides them again" : "shows them");
		return;
	}
	if (l->fate == TREE_KEPT)
		add_kept(v, l, out);
	else if (l->fate == TREE_PRUNED)
		add_pruned(v, l, out);
	else if (l->fate == TREE_FOLLOWED)
		add_followed(v, l, out);
	else
		buf_addf(out, "kept up to step %u; after step %zu nothing that begins with it is in the beam",
			v->tree.nodes[l->last].until, v->step);
	if (l->forced)
		buf_addstr(out, "; held in by an edit");
}

static void draw_token_row(const struct tree_view *v, uint32_t node, struct canvas *c, struct rect in, int y)
{
	const struct snap_positive *own = snap_tree_followed(&v->tree, node);
	const struct tree_node *n = &v->tree.nodes[node];
	const struct snap_candidate *k = own ? NULL : &v->tree.trace->steps[n->step - 1].candidates[n->at];
	unsigned style = n->step == v->step ? ROLE_TEXT | STYLE_STRONG : own ? ROLE_DIM : ROLE_TEXT;
	int token = in.x + 5, p = in.x + in.w - 20, rank = p + 7, logp = rank + 5;
	struct buf text = {0};

	canvas_rightf(c, in.x, y, 4, style, "%u", n->step);
	panel_token(c, snap_tree_token(&v->tree, node), &text);
	canvas_text(c, token, y, p - token, style, buf_str(&text));
	panel_share(c, p, y, 7, style, k ? k->step_logp : own->step_logp);
	canvas_rightf(c, rank, y, 5, style, "%zu", k ? (size_t)k->rank : own->prefix_rank);
	canvas_rightf(c, logp, y, 8, style, "%.2f", k ? k->logp : own->logp);
	buf_release(&text);
}

/* The way to the selected prefix, token by token; where it is too long its end. */
static void draw_way(const struct tree_view *v, uint32_t last, struct canvas *c, struct rect in)
{
	uint32_t node = last;
	int rows = (int)v->tree.nodes[last].step, room = in.h - 1;

	if (room < 1 || in.w < 30)
		return;
	canvas_right(c, in.x, in.y, 4, ROLE_DIM, "step");
	canvas_text(c, in.x + 5, in.y, 6, ROLE_DIM, "token");
	canvas_right(c, in.x + in.w - 20, in.y, 7, ROLE_DIM, "p");
	canvas_right(c, in.x + in.w - 13, in.y, 5, ROLE_DIM, "rank");
	canvas_right(c, in.x + in.w - 8, in.y, 8, ROLE_DIM, "log P");
	for (int i = min(rows, room); i > 0 && node != TREE_ROOT; i--) {
		draw_token_row(v, node, c, in, in.y + i);
		node = v->tree.nodes[node].parent;
	}
}

/* What the marks mean, at the lower end; returns the lines used. */
static int draw_legend(struct canvas *c, struct rect in)
{
	static const struct {
		enum glyph glyph;
		unsigned style;
		const char *says;
	} marks[] = {
		{GLYPH_KEPT, ROLE_KEPT, "in the beam, or begins what is"},
		{GLYPH_ENDED, ROLE_DIM, "kept once, nothing of it is left"},
		{GLYPH_PRUNED, ROLE_PRUNED, "pruned"},
		{GLYPH_POSITIVE, ROLE_POSITIVE, "the positive item"},
		{GLYPH_FINISHED, ROLE_TEXT, "an item ends here"},
	};
	int n = (int)(sizeof(marks) / sizeof(marks[0]));

	for (int i = 0; i < n; i++) {
		int y = in.y + in.h - n + i;
		canvas_put(c, in.x, y, marks[i].style | STYLE_STRONG, marks[i].glyph);
		canvas_text(c, in.x + 2, y, in.w - 2, ROLE_DIM, marks[i].says);
	}
	return n;
}

static void draw_side(const struct tree_view *v, struct canvas *c, struct rect r)
{
	const struct tree_line *l = selected_line(v);
	struct rect in = {r.x + 2, r.y + 1, r.w - 4, r.h - 2};
	struct buf text = {0};

	if (r.w == 0)
		return;
	canvas_box(c, r, ROLE_FRAME, "selected");
	if (!l || in.h < 4)
		return;
	if (in.h >= 20)
		in.h -= draw_legend(c, in) + 1;
	if (l->kind == TREE_BRANCH) {
		unsigned style = (v->tree.nodes[l->last].positive ? ROLE_POSITIVE : ROLE_TEXT) | STYLE_STRONG;
		add_path(v, TREE_ROOT, l->last, &text);
		int used = canvas_wrap(c, (struct rect){in.x, in.y, in.w, 3}, style, buf_str(&text));
		in.y += used;
		in.h -= used;
		buf_clear(&text);
	}
	add_fate(v, l, &text);
	int used = canvas_wrap(c, (struct rect){in.x, in.y, in.w, min(in.h, 5)}, ROLE_DIM, buf_str(&text)) + 1;
	buf_release(&text);
	if (l->kind == TREE_BRANCH)
		draw_way(v, l->last, c, (struct rect){in.x, in.y + used, in.w, in.h - used});
}

static void tree_draw(void *state, const struct snapshot *snap, struct canvas *c, struct rect area)
{
	struct tree_view *v = state;

	v->rows = (struct rect){0, 0, 0, 0};
	if (v->lines.n == 0) {
		panel_no_search(c, area, snap);
		return;
	}
	struct tree_layout l = layout_tree(area, panel_verdict_lines(c, area.w, snap), !v->zoomed);
	draw_tree(v, snap, c, l.tree);
	draw_side(v, c, l.side);
	panel_verdict(c, l.verdict, snap);
}

static const char *fate_word(const struct tree_line *l)
{
	static const char *const words[] = {
		[TREE_KEPT] = "kept",
		[TREE_ENDED] = "ended",
		[TREE_PRUNED] = "pruned",
		[TREE_FOLLOWED] = "followed",
	};

	return words[l->fate];
}

/* The selected row as the screen has it, tabs between the columns: step, rank, fate, log p, log P, prefix. */
static void tree_row(void *state, const struct snapshot *snap, struct buf *out)
{
	const struct tree_view *v = state;
	const struct tree_line *l = selected_line(v);
	const struct snap_candidate *k;
	const struct snap_positive *own;
	size_t at_step;

	(void)snap;
	if (!l)
		return;
	if (l->kind != TREE_BRANCH) {
		buf_addf(out, "%zu pruned\tbest\t%.6f", l->n_pruned, l->best);
		return;
	}
	k = candidate_of(v, l->last, &at_step);
	own = snap_tree_followed(&v->tree, l->last);
	buf_addf(out, "%zu\t%zu\t%s%s\t%.6f\t%.6f\t", at_step,
		k     ? k->rank
		: own ? own->prefix_rank
		      : 0,
		fate_word(l), v->tree.nodes[l->last].positive ? " positive" : "", snap_tree_logp(&v->tree, l),
		k     ? k->logp
		: own ? own->logp
		      : 0);
	add_path(v, TREE_ROOT, l->last, out);
	if (title_of(v, l->last))
		buf_addf(out, "\t%s", title_of(v, l->last));
}

/* As the Beam view names rows; only a candidate of the step that is looked at is one there. */
static void tree_selected(void *state, const struct snapshot *snap, struct buf *out)
{
	const struct tree_view *v = state;
	const struct tree_line *l = selected_branch(v);
	const struct snap_candidate *k;
	size_t at_step;

	if (!l)
		return;
	k = candidate_of(v, l->last, &at_step);
	if (at_step != snap->step)
		return;
	if (!k)
		buf_addstr(out, "positive");
	else if (k->forbidden)
		buf_addstr(out, k->prefix_shown);
	else
		buf_addf(out, "%u", k->rank);
}

static bool tree_select(void *state, const struct snapshot *snap, const char *name)
{
	struct tree_view *v = state;
	size_t before = v->list.sel;

	for (size_t i = 0; i < v->lines.n; i++) {
		struct buf own = {0};
		v->list.sel = i;
		tree_selected(v, snap, &own);
		bool same = own.len > 0 && strcmp(buf_str(&own), name) == 0;
		buf_release(&own);
		if (same)
			return true;
	}
	v->list.sel = before;
	return false;
}

static bool line_has(const void *view, size_t row, const char *text)
{
	const struct tree_view *v = view;
	const struct tree_line *l = &v->lines.at[row];
	struct buf own = {0};
	bool has;

	if (l->kind != TREE_BRANCH)
		return false;
	add_path(v, l->first, l->last, &own);
	has = view_has(buf_str(&own), text) || (title_of(v, l->last) && view_has(title_of(v, l->last), text)) ||
	      (v->tree.nodes[l->last].positive && view_has("positive", text));
	buf_release(&own);
	return has;
}

static bool tree_find(void *state, const struct snapshot *snap, const char *text, int direction)
{
	struct tree_view *v = state;

	(void)snap;
	return list_find(&v->list, direction, line_has, v, text);
}

const struct view_ops view_tree = {
	.name = "Tree",
	.context = IN_TREE,
	.shows = "beam step back goto force forbid change undo redo",
	.size = sizeof(struct tree_view),
	.release = tree_release,
	.refresh = tree_refresh,
	.event = tree_event,
	.draw = tree_draw,
	.row = tree_row,
	.selected = tree_selected,
	.select = tree_select,
	.find = tree_find,
};
