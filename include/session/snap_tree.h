/*
 * A traced search as a tree of tokens, and the lines in which the Tree view and the command `tree` show it.
 *
 * A node is a prefix that competed, or one of the positive item's that did not and is only followed. The tree is looked
 * at as it stood after a step: what is in the beam then, the positive item's prefixes, what the step pruned nearest to
 * its cut-off, and what had been in the beam and ended with the step. All else is folded into counts. Prefixes that
 * only one other goes on with are joined on one line with it.
 *
 * Everything is plain data made from the trace; the functions keep nothing and may run in any thread.
 */
#ifndef SESSION_SNAP_TREE_H
#define SESSION_SNAP_TREE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/vec.h"
#include "session/snapshot.h"

#define TREE_NONE UINT32_MAX
#define TREE_ROOT 0u /* the empty prefix */

struct tree_node {
	uint32_t parent, child, next; /* TREE_NONE: none; children by their rank, a followed one last */
	uint32_t number;              /* of the prefix in the trace, and in its branches */
	uint32_t step;                /* that chose its last token, and so its length; 0: the root */
	uint32_t at;                  /* among the candidates of that step; TREE_NONE: it was not traced */
	uint32_t until; /* the last step after which it, or one that begins with it, is in the beam; 0: none */
	bool positive;  /* begins the positive item, or is it */
};

struct snap_tree {
	const struct snap_trace *trace; /* borrowed */
	struct tree_node *nodes;        /* owned, [n]; parents stand before their children */
	size_t n;
};

void snap_tree_init(struct snap_tree *t, const struct snap_trace *trace);
void snap_tree_release(struct snap_tree *t);

/* What had become of a prefix after a step. */
enum tree_fate {
	TREE_KEPT,     /* it, or one that begins with it, is in the beam */
	TREE_ENDED,    /* it was kept, and nothing that begins with it still is */
	TREE_PRUNED,   /* it lost at its own step, or was forbidden there */
	TREE_FOLLOWED, /* the positive item's, after that was pruned */
};

/* The candidate that the figures of a node come from after a step: of an item that was finished before, that of the
 * latest step at which it competed. NULL where none was traced. *at_step: its step. */
const struct snap_candidate *snap_tree_candidate(
	const struct snap_tree *t, uint32_t node, size_t step, size_t *at_step);

/* The figures of a followed node; NULL for the others. */
const struct snap_positive *snap_tree_followed(const struct snap_tree *t, uint32_t node);

/* Does the node end an item? */
bool snap_tree_ends(const struct snap_tree *t, uint32_t node);

/* The text of a node's last token. */
const char *snap_tree_token(const struct snap_tree *t, uint32_t node);

/* What is shown below a node. */
enum tree_fold { FOLD_AUTO, FOLD_CLOSED, FOLD_OPEN };

struct tree_look {
	size_t step;          /* 1 … the trace's steps */
	bool all;             /* everything up to that step: nothing is folded but what is closed */
	const uint8_t *folds; /* [n] of the tree's nodes; NULL: all FOLD_AUTO */
};

enum tree_line_kind {
	TREE_BRANCH,   /* first … last, each going on with the next */
	TREE_FOLDED,   /* what was pruned below the branch above it, and is not shown */
	TREE_UNTRACED, /* candidates of the step that the trace does not keep */
};

struct tree_line {
	enum tree_line_kind kind;
	uint32_t first, last; /* nodes; TREE_FOLDED: of the branch, both the root where nothing shown begins it */
	uint32_t depth; /* branches that it stands below */
	/* Bit d, for d up to the depth: a line of depth d follows further below, before one that is less deep. Of lines
	 * deeper than TREE_GUIDES only the bits that there are. */
	uint64_t guides;
	enum tree_fate fate; /* of last */
	bool forced;         /* an edit holds one of its nodes in */
	bool children;       /* lines stand below it as its own */
	bool closed;         /* TREE_BRANCH: by FOLD_CLOSED, and something is hidden by that */
	bool unfolded;       /* TREE_FOLDED: by FOLD_OPEN what it counts is shown, above it */
	/* Hidden: prefixes in the beam, and ends of what was pruned; log P of the best of these. TREE_UNTRACED:
	 * n_pruned alone, best NaN. */
	size_t n_kept, n_pruned;
	double best;
};

#define TREE_GUIDES 63

struct tree_lines {
	struct tree_line *at;
	size_t n, cap; /* as of base/vec.h; vec_release frees it */
};

/* Puts the lines of a look into `lines`, whatever was there. */
void snap_tree_lines(const struct snap_tree *t, const struct tree_look *look, struct tree_lines *lines);

/* The line that shows a node or, where it is hidden, the nearest one above it that is shown; 0 where none is. */
size_t snap_tree_find(const struct snap_tree *t, const struct tree_lines *lines, uint32_t node);

/* What begins with a node after a step, or is it: prefixes in the beam, and ends of what was pruned; log P of the best
 * of these, -inf where there are none. */
struct tree_count {
	size_t n_kept, n_pruned;
	double best;
};

struct tree_count snap_tree_count(const struct snap_tree *t, uint32_t node, size_t step);

/* log p of the tokens of a line's nodes, given those before. */
double snap_tree_logp(const struct snap_tree *t, const struct tree_line *line);

#endif
