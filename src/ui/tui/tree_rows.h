/* The rows of the Tree view: figures at the left, then the tokens, indented below what they go on from. */
#ifndef UI_TUI_TREE_ROWS_H
#define UI_TUI_TREE_ROWS_H

#include "canvas.h"
#include "tree_scene.h"

#define TREE_ROWS_LEAST_W 40 /* cells of a line that says something */

/* In the line y of `in`, whose x and w are those of all lines. */
void tree_rows_heads(struct canvas *c, struct rect in, int y);
void tree_rows_draw(const struct tree_scene *t, const struct tree_line *l, struct canvas *c, struct rect in, int y);

#endif
