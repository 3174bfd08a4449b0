/* The tree of tokens below a prompt: an array of nodes, and an open-addressed hash from (parent, token) to the node. */
#include "tree.h"

#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/vec.h"

#define FIRST_SLOTS 64

/* splitmix64's finaliser: every bit of parent and token reaches the low bits that choose the slot. */
static size_t hash_of(uint32_t parent, uint32_t token)
{
	uint64_t h = (uint64_t)parent << 32 | token;

	h = (h ^ h >> 30) * 0xbf58476d1ce4e5b9u;
	h = (h ^ h >> 27) * 0x94d049bb133111ebu;
	return (size_t)(h ^ h >> 31);
}

/* The slot of (parent, token), or the free one where it would go. */
static size_t slot_of(const struct tree *t, uint32_t parent, uint32_t token)
{
	size_t slot = hash_of(parent, token) & (t->slots - 1);

	while (t->hash[slot] != TREE_NONE) {
		const struct tree_node *node = &t->at[t->hash[slot]];

		if (node->parent == parent && node->token == token)
			break;
		slot = (slot + 1) & (t->slots - 1);
	}
	return slot;
}

static void empty_hash(struct tree *t)
{
	memset(t->hash, 0xff, t->slots * sizeof(*t->hash));
}

static void grow_hash(struct tree *t)
{
	t->slots = t->slots == 0 ? FIRST_SLOTS : 2 * t->slots;
	t->hash = xreallocarray(t->hash, t->slots, sizeof(*t->hash));
	empty_hash(t);
	for (uint32_t node = 1; node < t->n; node++)
		t->hash[slot_of(t, t->at[node].parent, t->at[node].token)] = node;
}

void tree_clear(struct tree *t)
{
	if (t->slots == 0)
		grow_hash(t);
	else
		empty_hash(t);
	vec_clear(t);
	vec_push(t, (struct tree_node){.parent = TREE_NONE, .value = TREE_NONE});
}

void tree_release(struct tree *t)
{
	vec_release(t);
	free(t->hash);
	*t = (struct tree){0};
}

uint32_t tree_find(const struct tree *t, uint32_t parent, uint32_t token)
{
	return t->hash[slot_of(t, parent, token)];
}

uint32_t tree_child(struct tree *t, uint32_t parent, uint32_t token)
{
	size_t slot = slot_of(t, parent, token);
	uint32_t node = t->hash[slot];

	if (node != TREE_NONE)
		return node;
	if (parent >= t->n)
		BUG("node %u of a tree of %zu", parent, t->n);
	if (t->n >= TREE_NONE / 2)
		BUG("a tree of %zu nodes", t->n);
	if (2 * (t->n + 1) > t->slots) {
		grow_hash(t);
		slot = slot_of(t, parent, token);
	}
	node = (uint32_t)t->n;
	t->hash[slot] = node;
	vec_push(t, (struct tree_node){parent, token, t->at[parent].depth + 1, TREE_NONE});
	return node;
}
