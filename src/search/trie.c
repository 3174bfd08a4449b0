#include "search/trie.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

/* An item while the trie is built. */
struct row {
	const uint32_t *tokens;
	uint32_t len;
	uint32_t item;
};

static int check_item(const uint32_t *tokens, size_t len, size_t item, uint32_t eos, struct err *err)
{
	if (len >= UINT32_MAX)
		return err_set(err, ERR_VALUE, "item %zu (from 1) has %zu tokens, too many", item + 1, len);
	for (size_t i = 0; i + 1 < len; i++)
		if (tokens[i] == eos)
			return err_set(err, ERR_VALUE,
				"item %zu (from 1): token %zu of %zu is end of sequence, id %u, "
				"which may stand only at the end",
				item + 1, i + 1, len, (unsigned)eos);
	if (tokens[len - 1] != eos)
		return err_set(err, ERR_VALUE, "item %zu (from 1): its last token is id %u, not end of sequence, id %u",
			item + 1, (unsigned)tokens[len - 1], (unsigned)eos);
	return 0;
}

static int compare_rows(const void *left, const void *right)
{
	const struct row *a = left, *b = right;
	uint32_t n = a->len < b->len ? a->len : b->len;

	for (uint32_t i = 0; i < n; i++)
		if (a->tokens[i] != b->tokens[i])
			return a->tokens[i] < b->tokens[i] ? -1 : 1;
	if (a->len != b->len)
		return a->len < b->len ? -1 : 1;
	return a->item < b->item ? -1 : a->item > b->item;
}

static uint32_t common_prefix(const struct row *a, const struct row *b)
{
	uint32_t i = 0;

	while (i < a->len && i < b->len && a->tokens[i] == b->tokens[i])
		i++;
	return i;
}

/* A sorted row adds a node for each token that it does not share with the row before. */
static size_t count_nodes(const struct row *rows, size_t n)
{
	size_t nodes = 1;

	for (size_t i = 0; i < n; i++)
		nodes += rows[i].len - (i > 0 ? common_prefix(&rows[i - 1], &rows[i]) : 0);
	return nodes;
}

/* The items below a node while the trie is built: rows first … end - 1 share the node's path. */
struct span {
	uint32_t first, end;
};

struct builder {
	struct trie *t;
	const struct row *rows;
	struct span *spans; /* [nodes] */
	size_t n_nodes;     /* numbered so far */
	size_t n_placed;    /* items that have their leaf */
};

static void place_items(struct builder *b, uint32_t leaf, struct span span)
{
	struct trie *t = b->t;

	for (uint32_t i = span.first; i < span.end; i++) {
		t->leaf_item[b->n_placed++] = b->rows[i].item;
		t->item_leaf[b->rows[i].item] = leaf;
	}
	t->n_leaves++;
}

/* Numbers the children of one node: runs of its rows with equal tokens at this depth. */
static void add_children(struct builder *b, uint32_t node, uint32_t depth)
{
	struct trie *t = b->t;
	struct span all = b->spans[node];
	uint32_t end;

	for (uint32_t i = all.first; i < all.end; i = end) {
		uint32_t token = b->rows[i].tokens[depth];
		uint32_t child = (uint32_t)b->n_nodes;

		end = i + 1;
		while (end < all.end && b->rows[end].tokens[depth] == token)
			end++;
		if (token == t->eos && t->end == END_LEAF && end - i < all.end - all.first) {
			t->n_hidden += end - i;
			continue;
		}
		t->token[child] = token;
		t->parent[child] = node;
		b->spans[child] = (struct span){i, end};
		b->n_nodes++;
		t->leaf_first[child] = (uint32_t)b->n_placed;
		if (token == t->eos)
			place_items(b, child, b->spans[child]);
	}
}

/* Breadth first: nodes are numbered while their parents are visited in the order of their numbers. */
static void build(struct builder *b, size_t n_rows)
{
	struct trie *t = b->t;
	size_t level_end = 1; /* the first node below the level at hand */
	uint32_t depth = 0;

	b->spans[TRIE_ROOT] = (struct span){0, (uint32_t)n_rows};
	b->n_nodes = 1;
	t->token[TRIE_ROOT] = TRIE_NONE;
	t->parent[TRIE_ROOT] = TRIE_NONE;
	t->leaf_first[TRIE_ROOT] = 0;
	for (size_t node = 0; node < b->n_nodes; node++) {
		if (node == level_end) {
			level_end = b->n_nodes;
			depth++;
		}
		t->first[node] = (uint32_t)b->n_nodes;
		if (!trie_is_leaf(t, (uint32_t)node))
			add_children(b, (uint32_t)node, depth);
		if (b->n_nodes - t->first[node] > 1)
			t->n_branching++;
	}
	t->n_nodes = b->n_nodes;
	t->first[t->n_nodes] = (uint32_t)t->n_nodes;
	t->leaf_first[t->n_nodes] = (uint32_t)b->n_placed;
	t->max_depth = depth;
	t->leaves[0] = 0;
	for (size_t node = 0; node < t->n_nodes; node++)
		t->leaves[node + 1] = t->leaves[node] + trie_is_leaf(t, (uint32_t)node);
}

static int collect_rows(struct row *rows, size_t *n_rows, const uint32_t *tokens, const size_t *first, size_t n_items,
	uint32_t eos, struct err *err)
{
	*n_rows = 0;
	for (size_t i = 0; i < n_items; i++) {
		size_t len = first[i + 1] - first[i];

		if (len == 0)
			continue;
		if (check_item(tokens + first[i], len, i, eos, err) < 0)
			return -1;
		rows[(*n_rows)++] = (struct row){tokens + first[i], (uint32_t)len, (uint32_t)i};
	}
	return 0;
}

static int allocate(struct trie *t, size_t n_nodes, struct err *err)
{
	if (n_nodes >= UINT32_MAX)
		return err_set(err, ERR_VALUE, "the items make %zu trie nodes, more than can be numbered", n_nodes);
	t->first = mem_try_alloc(n_nodes + 1, sizeof(*t->first), false, "trie", err);
	t->token = mem_try_alloc(n_nodes, sizeof(*t->token), false, "trie", err);
	t->parent = mem_try_alloc(n_nodes, sizeof(*t->parent), false, "trie", err);
	t->leaves = mem_try_alloc(n_nodes + 1, sizeof(*t->leaves), false, "trie", err);
	t->leaf_first = mem_try_alloc(n_nodes + 1, sizeof(*t->leaf_first), false, "trie", err);
	t->leaf_item = mem_try_alloc(t->n_items, sizeof(*t->leaf_item), false, "trie items", err);
	t->item_leaf = mem_try_alloc(t->n_items, sizeof(*t->item_leaf), false, "trie items", err);
	if (t->first == NULL || t->token == NULL || t->parent == NULL || t->leaves == NULL ||
		t->leaf_first == NULL || t->leaf_item == NULL || t->item_leaf == NULL)
		return -1;
	memset(t->item_leaf, 0xff, t->n_items * sizeof(*t->item_leaf)); /* TRIE_NONE */
	return 0;
}

int trie_init(struct trie *t, const uint32_t *tokens, const size_t *first, size_t n_items, uint32_t eos,
	enum end_rule end, struct err *err)
{
	struct row *rows = NULL;
	struct builder b = {.t = t};
	size_t n_rows, n_nodes;
	int rc = -1;

	*t = (struct trie){.n_items = n_items, .eos = eos, .end = end};
	if (n_items >= UINT32_MAX)
		return err_set(err, ERR_VALUE, "%zu items are more than can be numbered", n_items);
	rows = mem_try_alloc(n_items, sizeof(*rows), false, "items to be sorted", err);
	if (rows == NULL || collect_rows(rows, &n_rows, tokens, first, n_items, eos, err) < 0)
		goto out;
	qsort(rows, n_rows, sizeof(*rows), compare_rows);
	n_nodes = count_nodes(rows, n_rows);
	if (allocate(t, n_nodes, err) < 0)
		goto out;
	b.spans = mem_try_alloc(n_nodes, sizeof(*b.spans), false, "trie", err);
	if (b.spans == NULL)
		goto out;
	b.rows = rows;
	build(&b, n_rows);
	rc = 0;
out:
	free(b.spans);
	free(rows);
	if (rc < 0)
		trie_release(t);
	return rc;
}

void trie_release(struct trie *t)
{
	free(t->first);
	free(t->token);
	free(t->parent);
	free(t->leaves);
	free(t->leaf_first);
	free(t->leaf_item);
	free(t->item_leaf);
	*t = (struct trie){0};
}

uint32_t trie_child(const struct trie *t, uint32_t node, uint32_t token)
{
	uint32_t low = t->first[node], high = t->first[node + 1];

	while (low < high) {
		uint32_t mid = low + (high - low) / 2;

		if (t->token[mid] < token)
			low = mid + 1;
		else
			high = mid;
	}
	return low < t->first[node + 1] && t->token[low] == token ? low : TRIE_NONE;
}

/* The nodes below one stand together at every depth, since they are numbered breadth first. */
size_t trie_leaves_below(const struct trie *t, uint32_t node)
{
	size_t leaves = 0;

	for (uint32_t from = node, to = node + 1; from < to; from = t->first[from], to = t->first[to])
		leaves += t->leaves[to] - t->leaves[from];
	return leaves;
}

size_t trie_depth(const struct trie *t, uint32_t node)
{
	size_t depth = 0;

	for (; node != TRIE_ROOT; node = t->parent[node])
		depth++;
	return depth;
}

size_t trie_path(const struct trie *t, uint32_t node, uint32_t *out)
{
	size_t depth = trie_depth(t, node);

	for (size_t i = depth; i > 0; node = t->parent[node])
		out[--i] = t->token[node];
	return depth;
}

size_t trie_bytes(const struct trie *t)
{
	size_t nodes = t->n_nodes * (sizeof(*t->token) + sizeof(*t->parent)) +
		       (t->n_nodes + 1) * (sizeof(*t->first) + sizeof(*t->leaves) + sizeof(*t->leaf_first));

	return nodes + t->n_items * (sizeof(*t->leaf_item) + sizeof(*t->item_leaf));
}
