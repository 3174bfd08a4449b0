/*
 * The tree of a search as a picture: from left to right a token a step, every branch with its tokens and their
 * probability, at its end what became of it. Kept, ended, pruned and followed branches differ in line and mark; the
 * positive item's is thick. It shows what the command `tree` lists.
 */
#ifndef SESSION_TREE_PICTURE_H
#define SESSION_TREE_PICTURE_H

#include "base/buf.h"
#include "session/snap_tree.h"

struct tree_picture; /* laid out; borrows the tree */

/* The look is at a step that there is. */
struct tree_picture *tree_picture_new(const struct snap_tree *t, const struct tree_look *look);
void tree_picture_free(struct tree_picture *p);
double tree_picture_width(const struct tree_picture *p);
double tree_picture_height(const struct tree_picture *p);

/* Appends one <svg> element of that size, which holds no ids; its colour is the page's. */
void tree_picture_draw(const struct tree_picture *p, struct buf *out);

#endif
