#include "tree_side.h"

#include <math.h>

#include "minmax.h"
#include "panel.h"

static void add_margin(double margin, struct buf *out)
{
	if (isfinite(margin))
		buf_addf(out, ", %.2f nats %s the cut-off", fabs(margin), margin < 0 ? "under" : "above");
}

static void add_place(const struct snap_candidate *k, const struct snap_step *s, struct buf *out)
{
	buf_addf(out, "in the beam: rank %u of %zu", k->rank, s->total);
	add_margin(k->logp - s->cutoff, out);
}

static void add_kept(const struct tree_scene *t, const struct tree_line *l, struct buf *out)
{
	const struct snap_step *s = &t->tree.trace->steps[t->step - 1];
	struct tree_count count = snap_tree_count(&t->tree, l->last, t->step);
	size_t at_step;
	const struct snap_candidate *k = tree_scene_candidate(t, l->last, &at_step);

	if (k && k->finished && k->result > 0)
		buf_addf(out, "finished, and returned at rank %u", k->result);
	else if (k && k->finished)
		buf_addf(out, "finished; rank %u at step %zu", k->rank, at_step);
	else if (!k || at_step != t->step)
		buf_addf(out, "%zu of the %zu in the beam begin with it", count.n_kept, s->kept);
	else
		add_place(k, s, out);
}

static void add_pruned(const struct tree_scene *t, const struct tree_line *l, struct buf *out)
{
	struct tree_figures f = tree_scene_figures(t, l->last);
	size_t at_step;
	const struct snap_candidate *k = tree_scene_candidate(t, l->last, &at_step);

	buf_addf(out, "%s at step %zu: rank %zu of %zu", k && k->forbidden ? "forbidden" : "pruned", f.step, f.rank,
		t->tree.trace->steps[f.step - 1].total);
	add_margin(f.margin, out);
}

static void add_followed(const struct tree_scene *t, const struct tree_line *l, struct buf *out)
{
	const struct snap_positive *own = snap_tree_followed(&t->tree, l->last);

	buf_addf(out, "the positive item, followed since it was lost at step %zu", t->tree.trace->pruned_at);
	if (own && !isnan(own->prefix_margin))
		buf_addf(out, "; it would rank %zu here", own->prefix_rank);
}

/* What there is to say about the selected row. */
static void add_fate(const struct tree_scene *t, const struct tree_line *l, struct buf *out)
{
	if (l->kind == TREE_UNTRACED) {
		buf_addf(out,
			"%zu more candidates of step %zu were pruned. The search keeps a record of those next to "
			"the cut-off alone (option others).",
			l->n_pruned, t->step);
		return;
	}
	if (l->kind == TREE_FOLDED) {
		buf_addf(out, "%zu that %s pruned up to step %zu, the best with log P %.2f. Space %s.", l->n_pruned,
			l->n_pruned == 1 ? "was" : "were", t->step, l->best,
			l->unfolded ? "hides them again" : "shows them");
		return;
	}
	if (l->fate == TREE_KEPT)
		add_kept(t, l, out);
	else if (l->fate == TREE_PRUNED)
		add_pruned(t, l, out);
	else if (l->fate == TREE_FOLLOWED)
		add_followed(t, l, out);
	else
		buf_addf(out, "kept up to step %u; after step %zu nothing that begins with it is in the beam",
			t->tree.nodes[l->last].until, t->step);
	if (l->forced)
		buf_addstr(out, "; held in by an edit");
}

static void draw_token_row(const struct tree_scene *t, uint32_t node, struct canvas *c, struct rect in, int y)
{
	const struct snap_positive *own = snap_tree_followed(&t->tree, node);
	const struct tree_node *n = &t->tree.nodes[node];
	const struct snap_candidate *k = own ? NULL : &t->tree.trace->steps[n->step - 1].candidates[n->at];
	unsigned style = n->step == t->step ? ROLE_TEXT | STYLE_STRONG : own ? ROLE_DIM : ROLE_TEXT;
	int token = in.x + 5, p = in.x + in.w - 20, rank = p + 7, logp = rank + 5;
	struct buf text = {0};

	canvas_rightf(c, in.x, y, 4, style, "%u", n->step);
	panel_token(c, snap_tree_token(&t->tree, node), &text);
	canvas_text(c, token, y, p - token, style, buf_str(&text));
	panel_share(c, p, y, 7, style, k ? k->step_logp : own->step_logp);
	canvas_rightf(c, rank, y, 5, style, "%zu", k ? (size_t)k->rank : own->prefix_rank);
	canvas_rightf(c, logp, y, 8, style, "%.2f", k ? k->logp : own->logp);
	buf_release(&text);
}

/* The way to the selected prefix, token by token; where it is too long its end. */
static void draw_way(const struct tree_scene *t, uint32_t last, struct canvas *c, struct rect in)
{
	uint32_t node = last;
	int rows = (int)t->tree.nodes[last].step, room = in.h - 1;

	if (room < 1 || in.w < 30)
		return;
	canvas_right(c, in.x, in.y, 4, ROLE_DIM, "step");
	canvas_text(c, in.x + 5, in.y, 6, ROLE_DIM, "token");
	canvas_right(c, in.x + in.w - 20, in.y, 7, ROLE_DIM, "p");
	canvas_right(c, in.x + in.w - 13, in.y, 5, ROLE_DIM, "rank");
	canvas_right(c, in.x + in.w - 8, in.y, 8, ROLE_DIM, "log P");
	for (int i = min(rows, room); i > 0 && node != TREE_ROOT; i--) {
		draw_token_row(t, node, c, in, in.y + i);
		node = t->tree.nodes[node].parent;
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
	int n = (int)ARRAY_LEN(marks);

	for (int i = 0; i < n; i++) {
		int y = in.y + in.h - n + i;
		canvas_put(c, in.x, y, marks[i].style | STYLE_STRONG, marks[i].glyph);
		canvas_text(c, in.x + 2, y, in.w - 2, ROLE_DIM, marks[i].says);
	}
	return n;
}

void tree_side_draw(const struct tree_scene *t, const struct tree_line *l, struct canvas *c, struct rect r)
{
	struct rect in = rect_inside(r);
	struct buf text = {0};

	if (r.w == 0)
		return;
	canvas_box(c, r, ROLE_FRAME, "selected");
	if (!l || in.h < 4)
		return;
	if (in.h >= 20)
		in.h -= draw_legend(c, in) + 1;
	if (l->kind == TREE_BRANCH) {
		unsigned style = (t->tree.nodes[l->last].positive ? ROLE_POSITIVE : ROLE_TEXT) | STYLE_STRONG;
		tree_scene_path(t, TREE_ROOT, l->last, &text);
		int used = canvas_wrap(c, (struct rect){in.x, in.y, in.w, 3}, style, buf_str(&text));
		in.y += used;
		in.h -= used;
		buf_clear(&text);
	}
	add_fate(t, l, &text);
	int used = canvas_wrap(c, (struct rect){in.x, in.y, in.w, min(in.h, 5)}, ROLE_DIM, buf_str(&text)) + 1;
	buf_release(&text);
	if (l->kind == TREE_BRANCH)
		draw_way(t, l->last, c, (struct rect){in.x, in.y + used, in.w, in.h - used});
}
