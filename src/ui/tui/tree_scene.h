/*
 * What the Tree view looks at: the tree of a search, and the step after which it is looked at. Its rows (tree_rows.c)
 * and the panel beside them (tree_side.c) are drawn from it.
 */
#ifndef UI_TUI_TREE_SCENE_H
#define UI_TUI_TREE_SCENE_H

#include "base/buf.h"
#include "session/snap_tree.h"

struct tree_scene {
	struct snap_tree tree; /* of the snapshot's trace; without nodes: there is none */
	size_t step;
};

/* The candidate that a node's figures come from, and its step; NULL where none was traced. */
const struct snap_candidate *tree_scene_candidate(const struct tree_scene *t, uint32_t node, size_t *at_step);

/* The same figures, of the positive item too where it is only followed. */
struct tree_figures {
	size_t step, rank;   /* rank 0: it did not compete */
	double logp, margin; /* margin: to the step's cut-off; NaN: not known */
};

struct tree_figures tree_scene_figures(const struct tree_scene *t, uint32_t node);

/* Appends the tokens of a path, without what ends an item. */
void tree_scene_path(const struct tree_scene *t, uint32_t first, uint32_t last, struct buf *out);

/* Of an item that ends there; NULL: none does, or its title is not known. */
const char *tree_scene_title(const struct tree_scene *t, uint32_t node);

#endif
