/* The panel at the right of the Tree view: the selected row in words, the way to it, and what the marks mean. */
#ifndef UI_TUI_TREE_SIDE_H
#define UI_TUI_TREE_SIDE_H

#include "canvas.h"
#include "tree_scene.h"

/* l: NULL where nothing is selected. */
void tree_side_draw(const struct tree_scene *t, const struct tree_line *l, struct canvas *c, struct rect r);

#endif
