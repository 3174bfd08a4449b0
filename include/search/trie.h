/*
 * The catalogue as a trie of token sequences: what a constrained search may say next.
 *
 * Compact and constant after building. Nodes are numbered breadth first, so the children of a node are consecutive,
 * sorted by token:
 *
 *     node      0 (root)   1    2    3    4   …
 *     token       -       17   46   62    9   …      token[first[n]] … token[first[n + 1] - 1]: the ids valid after n,
 *     first       1        4    …                     to be handed to the model as one array
 *
 * An item ends in a leaf, the node of its EOS. Items with one token sequence share a leaf.
 */
#ifndef SEARCH_TRIE_H
#define SEARCH_TRIE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

#define TRIE_ROOT 0u
#define TRIE_NONE UINT32_MAX

/* Where an item may end (SPEC section 1, --end). */
enum end_rule {
	END_EOS,  /* EOS is an ordinary child */
	END_LEAF, /* EOS is offered only where no other child is: a proper prefix of another item is hidden */
};

struct trie {
	size_t n_nodes;
	uint32_t *first;      /* [n_nodes + 1] children of a node are first[n] … first[n+1]-1 */
	uint32_t *token;      /* [n_nodes] the token that leads to a node; undefined for the root */
	uint32_t *parent;     /* [n_nodes] TRIE_NONE for the root */
	uint32_t *leaves;     /* [n_nodes + 1] how many of the nodes before one are leaves */
	uint32_t *leaf_first; /* [n_nodes + 1] a leaf's items are leaf_item[leaf_first[n]] … */
	uint32_t *leaf_item;  /* [n_items] item indices, ascending within a leaf */
	uint32_t *item_leaf;  /* [n_items] TRIE_NONE: hidden by END_LEAF, or an item without tokens */
	size_t n_items;       /* items given */
	size_t n_leaves;      /* distinct reachable token sequences */
	size_t n_hidden;      /* items that END_LEAF hides */
	size_t n_branching;   /* nodes with more than one child */
	size_t max_depth;     /* tokens of the longest item, EOS included */
	uint32_t eos;
	enum end_rule end;
};

/* Item i is tokens[first[i]] … tokens[first[i+1]-1], its EOS last and nowhere else; an item with no tokens at all is
 * left out. ERR_VALUE names the item that breaks this. first: [n_items + 1]. */
int trie_init(struct trie *t, const uint32_t *tokens, const size_t *first, size_t n_items, uint32_t eos,
	enum end_rule end, struct err *err) MUST_CHECK;
void trie_release(struct trie *t);

static inline size_t trie_n_children(const struct trie *t, uint32_t node)
{
	return t->first[node + 1] - t->first[node];
}

static inline bool trie_is_leaf(const struct trie *t, uint32_t node)
{
	return node != TRIE_ROOT && t->token[node] == t->eos;
}

uint32_t trie_child(const struct trie *t, uint32_t node, uint32_t token); /* TRIE_NONE if there is none */
size_t trie_depth(const struct trie *t, uint32_t node);                   /* tokens from the root */
/* Writes the tokens that lead to a node, first one first; out holds trie_depth() of them. Returns their number. */
size_t trie_path(const struct trie *t, uint32_t node, uint32_t *out);
size_t trie_leaves_below(const struct trie *t, uint32_t node);            /* itself, if it is one; one look a depth */
size_t trie_bytes(const struct trie *t);

#endif
