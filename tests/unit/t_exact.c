/* Exact search against the list of all items, sorted. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <math.h>
#include <stdlib.h>

#include "base/mem.h"
#include "randcase.h"
#include "search/exact.h"

struct scored {
	double logp;
	uint32_t leaf;
};

static int falling(const void *left, const void *right)
{
	const struct scored *a = left, *b = right;

	if (a->logp != b->logp)
		return a->logp > b->logp ? -1 : 1;
	return a->leaf < b->leaf ? -1 : a->leaf > b->leaf;
}

/* All leaves of probability above zero, in exact order. Returns -1 where a prefix has no distribution. */
static int score_all(struct randcase *c, struct scored *all, size_t *n)
{
	struct err err;

	*n = 0;
	for (uint32_t node = 0; node < c->trie.n_nodes; node++) {
		if (!trie_is_leaf(&c->trie, node))
			continue;
		if (scorer_path(&c->s, node, &all[*n].logp, NULL, &err) < 0)
			return -1;
		all[*n].leaf = node;
		*n += all[*n].logp > -INFINITY;
	}
	qsort(all, *n, sizeof(*all), falling);
	return 0;
}

static size_t true_rank(const struct scored *all, size_t n, double logp)
{
	size_t rank = 1;

	for (size_t i = 0; i < n; i++)
		rank += all[i].logp > logp;
	return rank;
}

static void check_items(const struct exact_result *r, const struct scored *all)
{
	for (size_t i = 0; i < r->n_items; i++) {
		assert_int_equal(r->items[i].rank, i + 1);
		assert_int_equal(r->items[i].leaf, all[i].leaf);
		assert_true(r->items[i].logp == all[i].logp && r->items[i].score == all[i].logp);
	}
}

static void check_top(struct randcase *c, const struct scored *all, size_t n, size_t top, size_t batch)
{
	struct exact_result r;
	struct err err;

	assert_int_equal(exact_search(&r, &c->s,
		&(struct exact_options){.top = top, .target = TRIE_NONE, .batch = batch}, &err), 0);
	assert_true(r.complete && !r.proved && isnan(r.target_logp) && r.target_rank == 0);
	assert_int_equal(r.n_items, top < n ? top : n);
	check_items(&r, all);
	exact_release(&r);
}

static void check_rank(
	struct randcase *c, const struct scored *all, size_t n, uint32_t target, size_t top, size_t batch)
{
	struct exact_result r;
	struct err err;
	double logp;

	assert_int_equal(scorer_path(&c->s, target, &logp, NULL, &err), 0);
	assert_int_equal(exact_search(&r, &c->s,
		&(struct exact_options){.top = top, .target = target, .batch = batch}, &err), 0);
	assert_true(r.proved && r.complete && r.target_logp == logp);
	assert_int_equal(r.target_rank, true_rank(all, n, logp));
	assert_true(logp == -INFINITY || r.target_rank_most == r.target_rank);
	assert_int_equal(r.n_items, top < n ? top : n);
	check_items(&r, all);
	exact_release(&r);
}

/* With a limit the rank is proved up to it, and known to be beyond it otherwise, for no more work. */
static void check_rank_limit(struct randcase *c, const struct scored *all, size_t n, uint32_t target, size_t *saved)
{
	struct exact_result full, r;
	struct err err;

	assert_int_equal(exact_search(&full, &c->s,
		&(struct exact_options){.top = 2, .target = target, .batch = 1}, &err), 0);
	for (size_t limit = 1; limit <= 4; limit++) {
		size_t rank = true_rank(all, n, full.target_logp);

		assert_int_equal(exact_search(&r, &c->s,
			&(struct exact_options){.top = 2, .target = target, .batch = 1, .rank_limit = limit}, &err), 0);
		assert_int_equal(r.proved, rank <= limit);
		assert_true(r.target_rank <= rank && rank <= r.target_rank_most);
		assert_true(r.proved ? r.target_rank == rank : r.target_rank > limit);
		assert_true(r.complete && r.expanded <= full.expanded);
		check_items(&r, all);
		*saved += r.expanded < full.expanded;
		exact_release(&r);
	}
	exact_release(&full);
}

/* Whatever the budget, what is said is true. */
static void check_budget(struct randcase *c, const struct scored *all, size_t n, uint32_t target, size_t *unproved)
{
	struct exact_result full, r;
	struct err err;
	size_t rank;

	assert_int_equal(exact_search(&full, &c->s,
		&(struct exact_options){.top = 3, .target = target, .batch = 1}, &err), 0);
	rank = true_rank(all, n, full.target_logp);
	for (size_t budget = 1; budget <= full.expanded; budget++) {
		assert_int_equal(exact_search(&r, &c->s,
			&(struct exact_options){.top = 3, .target = target, .budget = budget, .batch = 2}, &err), 0);
		assert_true(r.expanded <= budget);
		assert_true(r.target_rank <= rank && rank <= r.target_rank_most);
		assert_true(!r.proved || r.target_rank == rank);
		assert_true(!r.complete || r.n_items == (n < 3 ? n : 3));
		check_items(&r, all);
		*unproved += !r.proved;
		exact_release(&r);
	}
	exact_release(&full);
}

static bool random_case(struct randcase *c, struct rng *r, int round, struct scored *all, size_t *n)
{
	randcase_init(c, r, 30, round % 3 == 0 ? 1 + rng_below(r, 3) : 0, round % 5 == 0 ? 0.25 : 0);
	if (score_all(c, all, n) == 0)
		return true;
	randcase_release(c);
	return false;
}

static void test_against_all(void **state)
{
	struct scored all[32];
	size_t n, ties = 0, unproved = 0, zero = 0, saved = 0;
	struct rng r;

	(void)state;
	rng_seed(&r, 9);
	for (int round = 0; round < 4000; round++) {
		struct randcase c;

		if (!random_case(&c, &r, round, all, &n))
			continue;
		for (size_t i = 1; i < n; i++)
			ties += all[i].logp == all[i - 1].logp;
		zero += n < c.trie.n_leaves;
		check_top(&c, all, n, 1 + rng_below(&r, 10), 1 + rng_below(&r, 4));
		check_top(&c, all, n, 1 + rng_below(&r, 100), 0);
		for (size_t i = 0; i < c.items.n; i++) {
			uint32_t leaf = c.trie.item_leaf[i];

			if (leaf == TRIE_NONE)
				continue;
			check_rank(&c, all, n, leaf, 0, 1 + rng_below(&r, 4));
			check_rank(&c, all, n, leaf, rng_below(&r, 5), 0);
			check_budget(&c, all, n, leaf, &unproved);
			check_rank_limit(&c, all, n, leaf, &saved);
		}
		randcase_release(&c);
	}
	assert_true(ties > 500 && unproved > 500 && zero > 100 && saved > 500);
}

/* For a rank, only prefixes better than the target are expanded, and each at most once, whatever the batch. */
static void test_work(void **state)
{
	struct scored all[32];
	size_t n;
	struct rng r;

	(void)state;
	rng_seed(&r, 10);
	for (int round = 0; round < 500; round++) {
		struct randcase c;
		struct exact_result one, many;
		struct exact_options o;
		struct err err;
		size_t better = 0;

		if (!random_case(&c, &r, 1, all, &n))
			continue;
		for (uint32_t node = 0; node < c.trie.n_nodes; node++) {
			double logp;

			assert_int_equal(scorer_path(&c.s, node, &logp, NULL, &err), 0);
			better += !trie_is_leaf(&c.trie, node) && !scorer_certain(&c.s, node) && logp > all[n / 2].logp;
		}
		o = (struct exact_options){.target = all[n / 2].leaf, .batch = 1};
		assert_int_equal(exact_search(&one, &c.s, &o, &err), 0);
		o.batch = 9;
		assert_int_equal(exact_search(&many, &c.s, &o, &err), 0);
		assert_int_equal(one.expanded, better);
		assert_int_equal(many.expanded, better);
		assert_int_equal(many.scored, 0); /* all of it was known */
		exact_release(&one);
		exact_release(&many);
		randcase_release(&c);
	}
}

static void test_cancelled(void **state)
{
	cancel_flag flag = true;
	struct randcase c;
	struct exact_result result;
	struct rng r;
	struct err err;

	(void)state;
	rng_seed(&r, 11);
	do {
		randcase_init(&c, &r, 30, 0, 0);
		if (c.trie.n_branching > 0)
			break;
		randcase_release(&c);
	} while (true);
	c.lm->cancel = &flag;
	assert_int_equal(exact_search(&result, &c.s, &(struct exact_options){.top = 3, .target = TRIE_NONE}, &err), -1);
	assert_int_equal(err.code, ERR_CANCELLED);
	exact_release(&result);
	randcase_release(&c);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_against_all),
		cmocka_unit_test(test_work),
		cmocka_unit_test(test_cancelled),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
