/* The trie against a plain list of items. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>

#include "base/rng.h"
#include "randlm.h"
#include "search/trie.h"

#define EOS 2u

static size_t length(const struct randitems *items, size_t i)
{
	return items->first[i + 1] - items->first[i];
}

static const uint32_t *tokens(const struct randitems *items, size_t i)
{
	return items->tokens + items->first[i];
}

/* Whether the item without its EOS is a proper prefix of another. */
static bool is_prefix(const struct randitems *items, size_t i)
{
	size_t body = length(items, i) - 1;

	for (size_t j = 0; j < items->n; j++)
		if (length(items, j) - 1 > body &&
			memcmp(tokens(items, i), tokens(items, j), body * sizeof(uint32_t)) == 0)
			return true;
	return false;
}

static bool same_item(const struct randitems *items, size_t i, size_t j)
{
	return length(items, i) == length(items, j) &&
	       memcmp(tokens(items, i), tokens(items, j), length(items, i) * sizeof(uint32_t)) == 0;
}

static size_t count_leaves(const struct trie *t, uint32_t node)
{
	size_t n = trie_is_leaf(t, node);

	for (uint32_t c = t->first[node]; c < t->first[node + 1]; c++)
		n += count_leaves(t, c);
	return n;
}

static void check_structure(const struct trie *t)
{
	size_t branching = 0, leaves = 0;

	assert_int_equal(t->first[0], 1);
	assert_int_equal(t->first[t->n_nodes], t->n_nodes);
	for (uint32_t node = 0; node < t->n_nodes; node++) {
		size_t n = trie_n_children(t, node);

		branching += n > 1;
		leaves += trie_is_leaf(t, node);
		assert_int_equal(n == 0, trie_is_leaf(t, node));
		assert_int_equal(trie_leaves_below(t, node), count_leaves(t, node));
		assert_int_equal(t->leaf_first[node + 1] > t->leaf_first[node], trie_is_leaf(t, node));
		for (uint32_t c = t->first[node]; c < t->first[node + 1]; c++) {
			assert_true(c > node);
			assert_int_equal(t->parent[c], node);
			assert_true(c == t->first[node] || t->token[c - 1] < t->token[c]);
			assert_int_equal(trie_child(t, node, t->token[c]), c);
		}
		assert_int_equal(trie_child(t, node, 77), TRIE_NONE);
	}
	assert_int_equal(branching, t->n_branching);
	assert_int_equal(leaves, t->n_leaves);
}

/* Every item's leaf spells the item, lists it, and hides it exactly where the rule says. */
static void check_items(const struct trie *t, const struct randitems *items)
{
	size_t hidden = 0, deepest = 0, distinct = 0;

	for (size_t i = 0; i < items->n; i++) {
		bool hide = t->end == END_LEAF && is_prefix(items, i), listed = false, new = true;
		uint32_t leaf = t->item_leaf[i], path[32];

		hidden += hide;
		assert_int_equal(leaf == TRIE_NONE, hide);
		if (hide)
			continue;
		deepest = length(items, i) > deepest ? length(items, i) : deepest;
		assert_true(trie_is_leaf(t, leaf));
		assert_int_equal(trie_depth(t, leaf), length(items, i));
		assert_int_equal(trie_path(t, leaf, path), length(items, i));
		assert_memory_equal(path, tokens(items, i), length(items, i) * sizeof(*path));
		for (uint32_t k = t->leaf_first[leaf]; k < t->leaf_first[leaf + 1]; k++) {
			assert_true(same_item(items, i, t->leaf_item[k]));
			assert_true(k == t->leaf_first[leaf] || t->leaf_item[k - 1] < t->leaf_item[k]);
			listed |= t->leaf_item[k] == i;
		}
		assert_true(listed);
		for (size_t j = 0; j < i; j++)
			new &= !same_item(items, i, j);
		distinct += new;
	}
	assert_int_equal(t->n_hidden, hidden);
	assert_int_equal(t->max_depth, deepest);
	assert_int_equal(t->n_leaves, distinct);
}

static void test_random(void **state)
{
	size_t duplicates = 0, hidden = 0;
	struct rng r;

	(void)state;
	rng_seed(&r, 1);
	for (int round = 0; round < 4000; round++) {
		struct randitems items;
		struct trie t;
		struct err err;

		randitems_init(&items, &r, 1 + rng_below(&r, 14), 3 + rng_below(&r, 4), EOS);
		for (int end = END_EOS; end <= END_LEAF; end++) {
			assert_int_equal(
				trie_init(&t, items.tokens, items.first, items.n, EOS, (enum end_rule)end, &err), 0);
			check_structure(&t);
			check_items(&t, &items);
			duplicates += end == END_EOS && t.n_leaves < items.n;
			hidden += t.n_hidden > 0;
			trie_release(&t);
		}
		randitems_release(&items);
	}
	assert_true(duplicates > 500 && hidden > 500);
}

static void test_numbering(void **state)
{
	/* 5 9 | 5 | 4 9: the root's children are 4 and 5, then their children by parent. */
	static const uint32_t tokens[] = {5, 9, EOS, 5, EOS, 4, 9, EOS};
	static const size_t first[] = {0, 3, 5, 8};
	static const uint32_t token[] = {4, 5, 9, EOS, 9, EOS, EOS};
	static const uint32_t parent[] = {0, 0, 1, 2, 2, 3, 5};
	struct trie t;
	struct err err;

	(void)state;
	assert_int_equal(trie_init(&t, tokens, first, 3, EOS, END_EOS, &err), 0);
	assert_int_equal(t.n_nodes, 8);
	assert_memory_equal(t.token + 1, token, sizeof(token));
	assert_memory_equal(t.parent + 1, parent, sizeof(parent));
	assert_int_equal(t.item_leaf[1], 4);
	trie_release(&t);
}

static void test_without_tokens(void **state)
{
	static const uint32_t tokens[] = {EOS, 7, EOS};
	static const size_t first[] = {0, 0, 1, 3, 3};
	struct trie t;
	struct err err;

	(void)state;
	assert_int_equal(trie_init(&t, tokens, first, 4, EOS, END_EOS, &err), 0);
	assert_int_equal(t.item_leaf[0], TRIE_NONE);
	assert_int_equal(t.item_leaf[3], TRIE_NONE);
	assert_int_equal(t.item_leaf[1], trie_child(&t, TRIE_ROOT, EOS)); /* nothing but EOS is an item */
	assert_int_equal(t.n_leaves, 2);
	trie_release(&t);
	assert_int_equal(trie_init(&t, tokens, first, 4, EOS, END_LEAF, &err), 0);
	assert_int_equal(t.item_leaf[1], TRIE_NONE);
	assert_int_equal(t.n_hidden, 1);
	trie_release(&t);
	assert_int_equal(trie_init(&t, NULL, first, 0, EOS, END_EOS, &err), 0);
	assert_int_equal(t.n_nodes, 1);
	assert_int_equal(trie_n_children(&t, TRIE_ROOT), 0);
	assert_int_equal(t.max_depth, 0);
	trie_release(&t);
}

static void test_refused(void **state)
{
	static const uint32_t tokens[] = {5, EOS, 5, EOS, 6, EOS, 7};
	static const size_t inside[] = {0, 2, 6}, at_end[] = {0, 2, 4, 7};
	struct trie t;
	struct err err;

	(void)state;
	assert_int_equal(trie_init(&t, tokens, inside, 2, EOS, END_EOS, &err), -1);
	assert_int_equal(err.code, ERR_VALUE);
	assert_non_null(strstr(err.msg, "item 2 "));
	assert_non_null(strstr(err.msg, "token 2 of 4"));
	assert_int_equal(trie_init(&t, tokens + 2, at_end, 1, 7, END_EOS, &err), -1);
	assert_non_null(strstr(err.msg, "last token is id 2"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_random),
		cmocka_unit_test(test_numbering),
		cmocka_unit_test(test_without_tokens),
		cmocka_unit_test(test_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
