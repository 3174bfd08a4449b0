/*
 * The Tree view: the search as a tree of tokens, as it stood after the step that is looked at. Figures stand at the
 * left, so that branches have the rest of the line; where there is room a panel tells all of the selected row.
 */
#include <stdlib.h>
#include <string.h>

#include "layout.h"
#include "list.h"
#include "minmax.h"
#include "panel.h"
#include "tree_rows.h"
#include "tree_side.h"
#include "view.h"

struct tree_view {
	struct list list;
	struct tree_scene scene;
	unsigned long serial; /* of the snapshot that it was made from */
	uint8_t *folds;       /* owned, [scene.tree.n] */
	struct tree_lines lines;
	bool all, zoomed;
	struct rect rows; /* where the lines were drawn last, for the mouse */
};

static void tree_release(void *state)
{
	struct tree_view *v = state;

	snap_tree_release(&v->scene.tree);
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

/* The row of the positive item's longest prefix; 0 where there is none. */
static size_t positive_row(const struct tree_view *v)
{
	size_t row = 0;

	for (size_t i = 0; i < v->lines.n; i++)
		if (v->lines.at[i].kind == TREE_BRANCH && v->scene.tree.nodes[v->lines.at[i].last].positive)
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
	v->list.sel = p.positive ? positive_row(v) : snap_tree_find(&v->scene.tree, &v->lines, p.node);
	for (size_t i = 0; !p.positive && p.kind != TREE_BRANCH && i < v->lines.n; i++)
		if (v->lines.at[i].kind == p.kind && v->lines.at[i].last == p.node)
			v->list.sel = i;
}

static void make_lines(struct tree_view *v)
{
	struct tree_look look = {.step = v->scene.step, .all = v->all, .folds = v->folds};

	if (v->scene.tree.n > 0)
		snap_tree_lines(&v->scene.tree, &look, &v->lines);
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
	uint32_t number = p.positive ? 0 : v->scene.tree.nodes[p.node].number;
	bool same = v->scene.tree.trace == snap->trace;
	size_t n = v->scene.tree.n;

	snap_tree_release(&v->scene.tree);
	if (snap->trace)
		snap_tree_init(&v->scene.tree, snap->trace);
	v->scene.step = snap->step;
	if (v->scene.tree.n != n || !same) {
		free(v->folds);
		v->folds = v->scene.tree.n > 0 ? xcalloc(v->scene.tree.n, sizeof(*v->folds)) : NULL;
		p.node = number > 0 ? node_numbered(&v->scene.tree, number) : TREE_ROOT;
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

	if (v->serial == snap->serial && v->scene.tree.trace == snap->trace && v->scene.step == snap->step)
		return;
	take_trace(v, snap);
	v->serial = snap->serial;
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
		for (uint32_t node = l->last;; node = v->scene.tree.nodes[node].parent) {
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
	k = tree_scene_candidate(&v->scene, l->last, &at_step);
	if (at_step > snap->trace->n_steps)
		at_step = snap->trace->n_steps;
	reply->go = &view_beam;
	if (at_step != snap->step)
		buf_addf(&reply->command, "goto %zu", at_step);
	view_name_candidate(k, &reply->select);
}

/* An edit is made at the step that it is about. */
static void edit_selected(
	const struct tree_view *v, const struct snapshot *snap, const char *what, struct view_reply *reply)
{
	const struct tree_line *l = selected_branch(v);
	const struct snap_candidate *k;
	struct buf name = {0};
	size_t at_step;

	if (!l) {
		buf_addf(&reply->message, "select a prefix to %s", what);
		reply->is_error = true;
		return;
	}
	k = tree_scene_candidate(&v->scene, l->last, &at_step);
	at_step = v->scene.tree.nodes[l->last].step;
	if (k)
		k = &snap->trace->steps[at_step - 1].candidates[v->scene.tree.nodes[l->last].at];
	if (at_step != snap->step)
		buf_addf(&reply->command, "goto %zu", at_step);
	view_name_candidate(k, &name);
	buf_addf(&reply->line, "%s ", what);
	buf_addword(&reply->line, buf_str(&name));
	buf_release(&name);
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

static unsigned tree_context(const void *state)
{
	const struct tree_view *v = state;

	return v->zoomed ? IN_TREE | IN_ZOOM : IN_TREE;
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

enum { HEAD_LINES = 1 };

static void draw_tree(struct tree_view *v, const struct snapshot *snap, struct canvas *c, struct rect r)
{
	const struct snap_step *s = &snap->trace->steps[v->scene.step - 1];
	struct rect in = rect_inside(r);
	const char *dot = canvas_glyph(c, GLYPH_DOT);
	struct buf title = {0};

	buf_addf(&title, "tree after step %zu of %zu %s ", v->scene.step, snap->trace->n_steps, dot);
	panel_add_kept(s, &title);
	if (v->all)
		buf_addf(&title, " %s all shown", dot);
	if (snap->original)
		buf_addf(&title, " %s branch %s was %s", dot, dot, snap->original->fate_shown);
	canvas_box(c, r, ROLE_FRAME, buf_str(&title));
	buf_release(&title);
	if (in.w < TREE_ROWS_LEAST_W || in.h <= HEAD_LINES)
		return;

	v->rows = (struct rect){r.x + 1, in.y + HEAD_LINES, r.w - 2, in.h - HEAD_LINES};
	list_show(&v->list, v->list.sel, v->lines.n, (size_t)v->rows.h);
	tree_rows_heads(c, in, in.y);
	for (size_t i = 0; i < v->list.page && v->list.top + i < v->lines.n; i++) {
		int y = v->rows.y + (int)i;
		tree_rows_draw(&v->scene, &v->lines.at[v->list.top + i], c, in, y);
		if (v->list.top + i == v->list.sel)
			canvas_mark(c, (struct rect){in.x - 1, y, in.w + 2, 1}, STYLE_SELECTED);
	}
	list_draw_place(&v->list, v->lines.n, c, r);
}

static void tree_draw(void *state, const struct snapshot *snap, struct canvas *c, struct rect area)
{
	struct tree_view *v = state;

	v->rows = (struct rect){0, 0, 0, 0};
	if (v->lines.n == 0) {
		panel_no_search(c, area, snap);
		return;
	}
	if (v->zoomed) {
		draw_tree(v, snap, c, area);
		return;
	}
	struct tree_layout l = layout_tree(area, panel_verdict_lines(c, area.w, snap));
	draw_tree(v, snap, c, l.tree);
	tree_side_draw(&v->scene, selected_line(v), c, l.side);
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

	(void)snap;
	if (!l)
		return;
	if (l->kind != TREE_BRANCH) {
		buf_addf(out, "%zu pruned\tbest\t%.6f", l->n_pruned, l->best);
		return;
	}
	struct tree_figures f = tree_scene_figures(&v->scene, l->last);
	buf_addf(out, "%zu\t%zu\t%s%s\t%.6f\t%.6f\t", f.step, f.rank, fate_word(l),
		v->scene.tree.nodes[l->last].positive ? " positive" : "", snap_tree_logp(&v->scene.tree, l), f.logp);
	tree_scene_path(&v->scene, TREE_ROOT, l->last, out);
	if (tree_scene_title(&v->scene, l->last))
		buf_addf(out, "\t%s", tree_scene_title(&v->scene, l->last));
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
	k = tree_scene_candidate(&v->scene, l->last, &at_step);
	if (at_step == snap->step)
		view_name_candidate(k, out);
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
	const char *title;
	struct buf path = {0};

	if (l->kind != TREE_BRANCH)
		return false;
	title = tree_scene_title(&v->scene, l->last);
	tree_scene_path(&v->scene, l->first, l->last, &path);
	bool has = view_has(buf_str(&path), text) || (title && view_has(title, text)) ||
		(v->scene.tree.nodes[l->last].positive && view_has("positive", text));
	buf_release(&path);
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
	.context_now = tree_context,
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
