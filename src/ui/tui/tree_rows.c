#include "tree_rows.h"

#include <math.h>
#include <string.h>

#include "minmax.h"
#include "panel.h"
#include "view.h"

enum {
	STEP_W = 4,
	RANK_W = 5,
	P_W = 7,
	LOGP_W = 8,
	MARKS_W = 4,
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

void tree_rows_heads(struct canvas *c, struct rect in, int y)
{
	struct columns col = columns(in);

	canvas_right(c, col.step, y, STEP_W, ROLE_DIM, "step");
	canvas_right(c, col.rank, y, RANK_W, ROLE_DIM, "rank");
	canvas_right(c, col.p, y, P_W, ROLE_DIM, "p");
	canvas_right(c, col.logp, y, LOGP_W, ROLE_DIM, "log P");
	canvas_text(c, col.tree, y, col.tree_w, ROLE_DIM, "tokens");
}

/* How a row looks. */
static unsigned row_style(const struct tree_scene *t, const struct tree_line *l)
{
	const struct tree_node *n = &t->tree.nodes[l->last];

	if (l->fate == TREE_FOLLOWED)
		return ROLE_DIM;
	if (n->positive)
		return ROLE_POSITIVE | STYLE_STRONG;
	return l->fate == TREE_KEPT ? ROLE_TEXT : ROLE_DIM;
}

static void draw_marks(const struct tree_scene *t, const struct tree_line *l, struct canvas *c, int x, int y)
{
	size_t at_step;
	const struct snap_candidate *k = tree_scene_candidate(t, l->last, &at_step);

	if (l->fate == TREE_KEPT)
		canvas_put(c, x, y, ROLE_KEPT | STYLE_STRONG, GLYPH_KEPT);
	else if (l->fate == TREE_ENDED)
		canvas_put(c, x, y, ROLE_DIM, GLYPH_ENDED);
	else if (l->fate == TREE_PRUNED)
		canvas_put(c, x, y, ROLE_PRUNED | STYLE_STRONG, GLYPH_PRUNED);
	if (t->tree.nodes[l->last].positive)
		canvas_put(c, x + 1, y, ROLE_POSITIVE | STYLE_STRONG, GLYPH_POSITIVE);
	if (l->forced || (k && k->forbidden))
		canvas_put(c, x + 2, y, ROLE_HOT | STYLE_STRONG, GLYPH_EDIT);
}

static void draw_figures(
	const struct tree_scene *t, const struct tree_line *l, struct canvas *c, const struct columns *col, int y)
{
	struct tree_figures f = tree_scene_figures(t, l->last);
	unsigned style = row_style(t, l);

	canvas_rightf(c, col->step, y, STEP_W, f.step == t->step ? style : ROLE_DIM, "%zu", f.step);
	if (f.rank > 0)
		canvas_rightf(c, col->rank, y, RANK_W, style, "%zu", f.rank);
	else
		canvas_right(c, col->rank, y, RANK_W, style, "-");
	panel_share(c, col->p, y, P_W, style, snap_tree_logp(&t->tree, l));
	canvas_rightf(c, col->logp, y, LOGP_W, style, "%.2f", f.logp);
	draw_marks(t, l, c, col->marks, y);
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
	const struct tree_scene *t, const struct tree_line *l, uint32_t node, struct canvas *c, int x, int y, int w)
{
	int used = node == l->first ? 0 : draw_tokens(t, l, t->tree.nodes[node].parent, c, x, y, w);
	unsigned style = row_style(t, l);
	struct buf text = {0};

	if (snap_tree_ends(&t->tree, node))
		return used;
	if (node == l->first)
		panel_token(c, snap_tree_token(&t->tree, node), &text);
	else
		buf_addstr(&text, snap_tree_token(&t->tree, node));
	if (t->tree.nodes[node].step == t->step)
		style |= STYLE_STRONG;
	used += canvas_text(c, x + used, y, w - used, style, buf_str(&text));
	buf_release(&text);
	return used;
}

/* Do the tokens themselves spell the item's title? */
static bool spells_title(const struct tree_scene *t, const struct tree_line *l)
{
	struct buf path = {0};
	const char *title = tree_scene_title(t, l->last);

	tree_scene_path(t, TREE_ROOT, l->last, &path);
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
static void draw_rest(const struct tree_scene *t, const struct tree_line *l, struct canvas *c, int x, int y, int w)
{
	size_t at_step;
	const struct snap_candidate *k = tree_scene_candidate(t, l->last, &at_step);
	struct buf text = {0};
	int used;

	if (snap_tree_ends(&t->tree, l->last) && w > 2) {
		canvas_put(c, x + 1, y, row_style(t, l), GLYPH_FINISHED);
		if (k && k->result > 0)
			buf_addf(&text, "rank %u ", k->result);
		if (tree_scene_title(t, l->last) && !spells_title(t, l))
			buf_addstr(&text, tree_scene_title(t, l->last));
		used = 3 + canvas_text(c, x + 3, y, w - 3, ROLE_DIM, buf_str(&text));
		x += used;
		w -= used;
	}
	draw_hidden(l, c, x, y, w);
	buf_release(&text);
}

void tree_rows_draw(const struct tree_scene *t, const struct tree_line *l, struct canvas *c, struct rect in, int y)
{
	struct columns col = columns(in);
	int used = draw_guides(l, c, col.tree, y);

	if (l->kind == TREE_BRANCH) {
		draw_figures(t, l, c, &col, y);
		used += draw_tokens(t, l, l->last, c, col.tree + used, y, col.tree_w - used);
		draw_rest(t, l, c, col.tree + used, y, col.tree_w - used);
		return;
	}
	draw_hidden(l, c, col.tree + used - 2, y, col.tree_w - used + 2);
}
