#include "tree_scene.h"

#include <math.h>

const struct snap_candidate *tree_scene_candidate(const struct tree_scene *t, uint32_t node, size_t *at_step)
{
	return snap_tree_candidate(&t->tree, node, t->step, at_step);
}

struct tree_figures tree_scene_figures(const struct tree_scene *t, uint32_t node)
{
	struct tree_figures f = {.margin = (double)NAN};
	const struct snap_candidate *k = tree_scene_candidate(t, node, &f.step);
	const struct snap_positive *own = snap_tree_followed(&t->tree, node);

	if (k) {
		f.rank = k->rank;
		f.logp = k->logp;
		f.margin = k->logp - t->tree.trace->steps[f.step - 1].cutoff;
	} else if (own) {
		f.rank = isnan(own->prefix_margin) ? 0 : own->prefix_rank;
		f.logp = own->logp;
		f.margin = own->prefix_margin;
	}
	return f;
}

void tree_scene_path(const struct tree_scene *t, uint32_t first, uint32_t last, struct buf *out)
{
	if (last != first && t->tree.nodes[last].step > t->tree.nodes[first].step)
		tree_scene_path(t, first, t->tree.nodes[last].parent, out);
	if (last != TREE_ROOT && !snap_tree_ends(&t->tree, last))
		buf_addstr(out, snap_tree_token(&t->tree, last));
}

const char *tree_scene_title(const struct tree_scene *t, uint32_t node)
{
	size_t at_step;
	const struct snap_candidate *k = tree_scene_candidate(t, node, &at_step);

	if (k)
		return k->item_shown;
	return snap_tree_ends(&t->tree, node) ? t->tree.trace->title_shown : NULL;
}
