#include "session/snap_tree.h"

#include <math.h>
#include <stdlib.h>

#include "base/map.h"

#define NEAREST 3 /* pruned candidates of a step that are always shown: those next to the cut-off */

/* A tree that grows; the map knows its nodes by the trace's numbers. */
struct growth {
	struct snap_tree *tree;
	uint32_t *last; /* [nodes] the last child */
	struct map by_number;
};

static const struct snap_candidate *candidate(const struct snap_tree *t, const struct tree_node *n)
{
	return n->at == TREE_NONE || n->step == 0 ? NULL : &t->trace->steps[n->step - 1].candidates[n->at];
}

static uint32_t add_node(struct growth *g, uint32_t parent, const uint32_t *number, uint32_t step, uint32_t at)
{
	struct snap_tree *t = g->tree;
	uint32_t node = (uint32_t)t->n++;
	bool added;

	t->nodes[node] = (struct tree_node){
		.parent = parent, .child = TREE_NONE, .next = TREE_NONE, .number = *number, .step = step, .at = at};
	g->last[node] = TREE_NONE;
	map_put(&g->by_number, (const char *)number, sizeof(*number), node, &added);
	if (parent == TREE_NONE)
		return node;
	if (g->last[parent] == TREE_NONE)
		t->nodes[parent].child = node;
	else
		t->nodes[g->last[parent]].next = node;
	g->last[parent] = node;
	return node;
}

static bool known(const struct growth *g, const uint32_t *number, uint32_t *node)
{
	return map_get(&g->by_number, (const char *)number, sizeof(*number), node);
}

/* What was finished before competes again under its number. A prefix of which the trace does not know what it was added
 * to begins a branch of its own. */
static void add_candidate(struct growth *g, uint32_t step, uint32_t at)
{
	const struct snap_trace *trace = g->tree->trace;
	const struct snap_candidate *k = &trace->steps[step - 1].candidates[at];
	uint32_t node, parent = TREE_ROOT;

	if (!known(g, &k->node, &node)) {
		if (!known(g, &k->above, &parent))
			parent = TREE_ROOT;
		node = add_node(g, parent, &k->node, step, at);
	}
	if (k->kept)
		g->tree->nodes[node].until = step;
	if (k->result > 0)
		g->tree->nodes[node].until = (uint32_t)trace->n_steps;
}

static void add_positive(struct growth *g)
{
	const struct snap_trace *trace = g->tree->trace;
	uint32_t at = TREE_ROOT;

	for (size_t i = 0; i < trace->n_positive; i++) {
		const uint32_t *number = &trace->positive[i].node;
		uint32_t node;

		if (!known(g, number, &node))
			node = add_node(g, at, number, (uint32_t)i + 1, TREE_NONE);
		at = node;
		g->tree->nodes[at].positive = true;
	}
}

static size_t most_nodes(const struct snap_trace *trace)
{
	size_t n = 1 + trace->n_positive;

	for (size_t i = 0; i < trace->n_steps; i++)
		n += trace->steps[i].n;
	return n;
}

void snap_tree_init(struct snap_tree *t, const struct snap_trace *trace)
{
	static const uint32_t root = 0; /* its number in a trace */
	size_t most = most_nodes(trace);
	struct growth g = {.tree = t};

	*t = (struct snap_tree){.trace = trace, .nodes = xcalloc(most, sizeof(*t->nodes))};
	g.last = xcalloc(most, sizeof(*g.last));
	map_init(&g.by_number, most);
	add_node(&g, TREE_NONE, &root, 0, TREE_NONE);
	for (size_t i = 0; i < trace->n_steps; i++)
		for (size_t k = 0; k < trace->steps[i].n; k++)
			add_candidate(&g, (uint32_t)i + 1, (uint32_t)k);
	add_positive(&g);
	for (size_t i = t->n; i-- > 1;) {
		struct tree_node *parent = &t->nodes[t->nodes[i].parent];

		if (parent->until < t->nodes[i].until)
			parent->until = t->nodes[i].until;
	}
	map_release(&g.by_number);
	free(g.last);
}

void snap_tree_release(struct snap_tree *t)
{
	free(t->nodes);
	*t = (struct snap_tree){0};
}

static enum tree_fate fate_after(const struct snap_tree *t, uint32_t node, size_t step)
{
	const struct tree_node *n = &t->nodes[node];

	if (node == TREE_ROOT)
		return TREE_KEPT;
	if (n->at == TREE_NONE)
		return n->step == t->trace->pruned_at ? TREE_PRUNED : TREE_FOLLOWED;
	return n->until == 0 ? TREE_PRUNED : n->until >= step ? TREE_KEPT : TREE_ENDED;
}

const struct snap_candidate *snap_tree_candidate(const struct snap_tree *t, uint32_t node, size_t step, size_t *at_step)
{
	const struct tree_node *n = &t->nodes[node];
	const struct snap_candidate *first = candidate(t, n);

	*at_step = n->step;
	if (!first || !first->finished)
		return first;
	for (size_t s = step < t->trace->n_steps ? step : t->trace->n_steps; s > n->step; s--) {
		const struct snap_step *st = &t->trace->steps[s - 1];

		for (size_t i = 0; i < st->n; i++)
			if (st->candidates[i].node == first->node) {
				*at_step = s;
				return &st->candidates[i];
			}
	}
	return first;
}

const struct snap_positive *snap_tree_followed(const struct snap_tree *t, uint32_t node)
{
	const struct tree_node *n = &t->nodes[node];

	return n->at == TREE_NONE && n->step > 0 ? &t->trace->positive[n->step - 1] : NULL;
}

bool snap_tree_ends(const struct snap_tree *t, uint32_t node)
{
	const struct snap_candidate *k = candidate(t, &t->nodes[node]);

	return k ? k->finished : snap_tree_followed(t, node) && t->nodes[node].step == t->trace->n_positive;
}

const char *snap_tree_token(const struct snap_tree *t, uint32_t node)
{
	const struct snap_candidate *k = candidate(t, &t->nodes[node]);
	const struct snap_positive *p = snap_tree_followed(t, node);

	return k ? k->text_shown : p ? p->text_shown : "";
}

/* What snap_tree_lines works with. */
struct view {
	const struct snap_tree *t;
	const struct tree_look *look;
	uint32_t nearest; /* candidates of the step up to this one are shown */
	struct tree_lines *lines;
};

static enum tree_fold fold_of(const struct view *v, uint32_t node)
{
	return v->look->folds ? (enum tree_fold)v->look->folds[node] : FOLD_AUTO;
}

/* The end of a followed item may lie beyond the last step of the search: it is shown with that. */
static bool is_reached(const struct view *v, const struct tree_node *n)
{
	return n->step <= v->look->step || (n->at == TREE_NONE && v->look->step >= v->t->trace->n_steps);
}

/* Is the node shown where nobody folded or unfolded anything? */
static bool is_shown(const struct view *v, const struct tree_node *n)
{
	size_t step = v->look->step;
	const struct snap_candidate *k = candidate(v->t, n);

	if (v->look->all || n->positive || n->until >= step)
		return true;
	if (n->until > 0 && n->until + 1 == step)
		return true;
	return k && (k->forbidden || (n->step == step && n->at <= v->nearest));
}

static void count_ends(const struct snap_tree *t, uint32_t node, size_t step, struct tree_count *count)
{
	const struct snap_candidate *k = candidate(t, &t->nodes[node]);
	bool ends = true;

	for (uint32_t c = t->nodes[node].child; c != TREE_NONE; c = t->nodes[c].next)
		if (t->nodes[c].at != TREE_NONE && t->nodes[c].step <= step) {
			count_ends(t, c, step, count);
			ends = false;
		}
	if (!ends || !k)
		return;
	if (fate_after(t, node, step) == TREE_KEPT) {
		count->n_kept++;
		return;
	}
	count->n_pruned++;
	if (k->logp > count->best)
		count->best = k->logp;
}

struct tree_count snap_tree_count(const struct snap_tree *t, uint32_t node, size_t step)
{
	struct tree_count count = {.best = -(double)INFINITY};

	count_ends(t, node, step, &count);
	return count;
}

/* Adds the ends of a node that is not shown to the line. */
static void hide(const struct view *v, uint32_t node, struct tree_line *line)
{
	struct tree_count count = snap_tree_count(v->t, node, v->look->step);

	line->n_kept += count.n_kept;
	line->n_pruned += count.n_pruned;
	if (count.best > line->best)
		line->best = count.best;
}

/* Adds what is hidden below a node to the line; returns how many of its children are shown, *only: the last of them. */
static size_t survey_children(const struct view *v, uint32_t node, struct tree_line *line, uint32_t *only)
{
	enum tree_fold fold = fold_of(v, node);
	size_t shown = 0;

	for (uint32_t c = v->t->nodes[node].child; c != TREE_NONE; c = v->t->nodes[c].next) {
		const struct tree_node *n = &v->t->nodes[c];

		if (!is_reached(v, n))
			continue;
		if (fold == FOLD_CLOSED) {
			line->closed = true;
			hide(v, c, line);
		} else if (fold == FOLD_OPEN || is_shown(v, n)) {
			shown++;
			*only = c;
		} else {
			hide(v, c, line);
		}
	}
	return shown;
}

/* Does the child stand on its parent's line? What was pruned has one of its own, and so have others of another fate. */
static bool joins(const struct view *v, uint32_t parent, uint32_t child)
{
	enum tree_fate fate = fate_after(v->t, child, v->look->step);

	return parent != TREE_ROOT && fate != TREE_PRUNED && fate == fate_after(v->t, parent, v->look->step) &&
	       v->t->nodes[parent].positive == v->t->nodes[child].positive;
}

/* What an opened node shows and would not otherwise. */
static struct tree_line unfolded(const struct view *v, uint32_t node)
{
	struct tree_line line = {.kind = TREE_FOLDED, .unfolded = true, .best = -(double)INFINITY};

	for (uint32_t c = v->t->nodes[node].child; c != TREE_NONE; c = v->t->nodes[c].next)
		if (is_reached(v, &v->t->nodes[c]) && !is_shown(v, &v->t->nodes[c]))
			hide(v, c, &line);
	return line;
}

static void add_branch(struct view *v, uint32_t first, uint32_t depth);

/* The lines below a branch that is shown by `line`: its children, and what is not shown of them. */
static void add_below(struct view *v, const struct tree_line *line, uint32_t depth)
{
	bool open = fold_of(v, line->last) == FOLD_OPEN;
	struct tree_line rest = open && line->n_pruned == 0 ? unfolded(v, line->last) : *line;

	for (uint32_t c = v->t->nodes[line->last].child; c != TREE_NONE; c = v->t->nodes[c].next)
		if (is_reached(v, &v->t->nodes[c]) && (open || is_shown(v, &v->t->nodes[c])))
			add_branch(v, c, depth);
	if (rest.n_pruned == 0)
		return;
	rest.kind = TREE_FOLDED;
	rest.first = line->first;
	rest.last = line->last;
	rest.depth = depth;
	rest.fate = TREE_PRUNED;
	rest.forced = rest.children = rest.closed = false;
	vec_push(v->lines, rest);
}

static void add_branch(struct view *v, uint32_t first, uint32_t depth)
{
	struct tree_line line = {.first = first, .last = first, .depth = depth, .best = -(double)INFINITY};
	uint32_t only = TREE_NONE;
	size_t shown;

	while ((shown = survey_children(v, line.last, &line, &only)) == 1 && joins(v, line.last, only))
		line.last = only;
	for (uint32_t node = line.last;; node = v->t->nodes[node].parent) {
		const struct snap_candidate *k = candidate(v->t, &v->t->nodes[node]);

		line.forced |= k && k->forced;
		if (node == first)
			break;
	}
	line.fate = fate_after(v->t, line.last, v->look->step);
	line.children = shown > 0;
	struct tree_line own = line;
	if (shown > 0) { /* they are counted below it */
		own.n_kept = own.n_pruned = 0;
		own.best = -(double)INFINITY;
	}
	vec_push(v->lines, own);
	if (shown > 0)
		add_below(v, &line, depth + 1);
}

static void add_untraced(struct view *v)
{
	const struct snap_step *s = &v->t->trace->steps[v->look->step - 1];
	size_t traced = s->n;

	for (size_t i = 0; i < s->n; i++)
		traced -= s->candidates[i].forbidden;
	if (s->total > traced)
		vec_push(v->lines, (struct tree_line){.kind = TREE_UNTRACED,
					   .fate = TREE_PRUNED,
					   .n_pruned = s->total - traced,
					   .best = (double)NAN});
}

/* The place of the last of the nearest candidates under the cut-off. */
static uint32_t find_nearest(const struct snap_step *s)
{
	size_t near = 0;
	uint32_t at = 0;

	for (uint32_t i = 0; i < s->n && near < NEAREST; i++)
		if (!s->candidates[i].kept && !s->candidates[i].forbidden) {
			near++;
			at = i;
		}
	return at;
}

static void draw_guides(struct tree_lines *lines)
{
	uint64_t below = 0;

	for (size_t i = lines->n; i-- > 0;) {
		uint32_t depth = lines->at[i].depth < TREE_GUIDES ? lines->at[i].depth : TREE_GUIDES;
		uint64_t bit = (uint64_t)1 << depth;

		lines->at[i].guides = below & (bit | (bit - 1));
		below = lines->at[i].guides | bit;
	}
}

void snap_tree_lines(const struct snap_tree *t, const struct tree_look *look, struct tree_lines *lines)
{
	struct view v = {.t = t, .look = look, .lines = lines};
	struct tree_line root = {.best = -(double)INFINITY};
	uint32_t only;

	vec_clear(lines);
	if (look->step < 1 || look->step > t->trace->n_steps)
		return;
	v.nearest = find_nearest(&t->trace->steps[look->step - 1]);
	survey_children(&v, TREE_ROOT, &root, &only);
	add_below(&v, &root, 0);
	add_untraced(&v);
	draw_guides(lines);
}

/* Is `above` the node, or one that it begins with? */
static bool begins(const struct snap_tree *t, uint32_t above, uint32_t node)
{
	while (node != above && t->nodes[node].step > t->nodes[above].step)
		node = t->nodes[node].parent;
	return node == above;
}

size_t snap_tree_find(const struct snap_tree *t, const struct tree_lines *lines, uint32_t node)
{
	size_t best = 0;
	uint32_t longest = 0;

	for (size_t i = 0; i < lines->n; i++) {
		const struct tree_line *l = &lines->at[i];

		if (l->kind == TREE_BRANCH && t->nodes[l->first].step > longest && begins(t, l->first, node)) {
			best = i;
			longest = t->nodes[l->first].step;
		}
	}
	return best;
}

double snap_tree_logp(const struct snap_tree *t, const struct tree_line *line)
{
	double sum = 0;

	for (uint32_t node = line->last;; node = t->nodes[node].parent) {
		const struct snap_candidate *k = candidate(t, &t->nodes[node]);
		const struct snap_positive *p = snap_tree_followed(t, node);

		sum += k ? k->step_logp : p ? p->step_logp : 0;
		if (node == line->first || node == TREE_ROOT)
			return sum;
	}
}
