/*
 * The tree of tokens below a prompt: nodes by number, children found by a hash of parent and token. A parent's number
 * is below its children's. Zeroed is empty; node 0 is the root and is there after the first tree_clear.
 */
#ifndef SRC_MODEL_TREE_H
#define SRC_MODEL_TREE_H

#include <stddef.h>
#include <stdint.h>

#define TREE_NONE UINT32_MAX

struct tree_node {
	uint32_t parent; /* TREE_NONE for the root */
	uint32_t token;
	uint32_t depth; /* tokens between the root and this node, itself included */
	uint32_t value; /* the user's; TREE_NONE at first */
};

struct tree {
	struct tree_node *at; /* owned */
	size_t n, cap;
	uint32_t *hash; /* owned: node numbers, TREE_NONE where free */
	size_t slots;   /* of hash: 0 or a power of two, at least twice n */
};

void tree_clear(struct tree *t); /* leaves the root alone; keeps the storage */
void tree_release(struct tree *t);

/* The child of `parent` by `token`; TREE_NONE where there is none. */
uint32_t tree_find(const struct tree *t, uint32_t parent, uint32_t token);
/* The same, made where there is none. */
uint32_t tree_child(struct tree *t, uint32_t parent, uint32_t token);

#endif
