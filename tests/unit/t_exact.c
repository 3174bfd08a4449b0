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
#include "search/beam.h"
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

/* Forgets what the model was asked before. */
static void forget(struct randcase *c)
{
	struct err err;

	assert_int_equal(scorer_prompt(&c->s, c->prompt, ARRAY_LEN(c->prompt), &err), 0);
}

/* A beam search leaves some answers behind; a scored item a path. */
static void know_something(struct randcase *c, struct rng *r)
{
	const struct beam_options o = {.width = 1 + rng_below(r, 4), .length_penalty = 1};
	struct trace trace;
	struct err err;

	forget(c);
	if (rng_below(r, 3) == 0)
		return;
	assert_int_equal(beam_search(&trace, &c->s, &o, false, &err), 0);
	trace_release(&trace);
}

static void search(struct exact_result *r, struct randcase *c, const struct exact_options *o)
{
	size_t expanded = c->s.expanded;
	struct err err;

	assert_int_equal(exact_search(r, &c->s, o, &err), 0);
	assert_true(o->budget == 0 || r->expanded <= o->budget);
	assert_true(r->expanded <= c->s.expanded - expanded);
}

static void check_top(struct randcase *c, const struct scored *all, size_t n, size_t top, size_t batch)
{
	struct exact_result r;

	search(&r, c, &(struct exact_options){.top = top, .target = TRIE_NONE, .batch = batch});
	assert_true(r.complete && !r.proved && isnan(r.target_logp) && r.target_rank == 0 && r.target_rank_most == 0);
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

	search(&r, c, &(struct exact_options){.top = top, .target = target, .batch = batch});
	assert_int_equal(scorer_path(&c->s, target, &logp, NULL, &err), 0);
	assert_true(r.proved && r.complete && r.target_logp == logp);
	assert_int_equal(r.target_rank, true_rank(all, n, logp));
	assert_int_equal(r.target_rank_most, r.target_rank);
	assert_int_equal(r.n_items, top < n ? top : n);
	check_items(&r, all);
	exact_release(&r);
}

/* How often something happened that the tests must have seen. */
struct seen {
	size_t ties, zero, unproved, saved, beyond, by_mass, by_leaves;
};

/* The bounds hold; the upper one is no worse than what the target's own probability says. */
static void check_bounds(const struct exact_result *r, size_t rank, size_t leaves, struct seen *seen)
{
	double mass = exp(-r->target_logp);

	assert_true(r->target_rank <= rank && rank <= r->target_rank_most);
	assert_int_equal(r->proved, r->target_rank == r->target_rank_most);
	assert_true(r->target_rank_most <= leaves);
	assert_true((double)r->target_rank_most <= mass * 1.01);
	seen->unproved += !r->proved;
	seen->by_mass += !r->proved && r->target_rank_most < leaves;
	seen->by_leaves += !r->proved && (double)r->target_rank_most < floor(mass);
}

/* With a limit the rank is proved up to it, and known to be beyond it otherwise, for no more work. */
static void check_rank_limit(struct randcase *c, const struct scored *all, size_t n, uint32_t target, struct seen *seen)
{
	struct exact_result full, r;
	size_t rank;

	forget(c);
	search(&full, c, &(struct exact_options){.top = 2, .target = target, .batch = 1});
	rank = true_rank(all, n, full.target_logp);
	for (size_t limit = 1; limit <= 4; limit++) {
		forget(c);
		search(&r, c, &(struct exact_options){.top = 2, .target = target, .batch = 1, .rank_limit = limit});
		check_bounds(&r, rank, c->trie.n_leaves, seen);
		assert_true(rank > limit ? r.target_rank > limit : r.proved);
		assert_true(r.complete && r.expanded <= full.expanded);
		check_items(&r, all);
		seen->saved += r.expanded < full.expanded;
		seen->beyond += !r.proved;
		exact_release(&r);
	}
	exact_release(&full);
}

/* Whatever the budget, what is said is true. */
static void check_budget(struct randcase *c, const struct scored *all, size_t n, uint32_t target, struct rng *rng,
	struct seen *seen)
{
	struct exact_result full, r;
	size_t rank;

	forget(c);
	search(&full, c, &(struct exact_options){.top = 3, .target = target, .batch = 1});
	rank = true_rank(all, n, full.target_logp);
	for (size_t budget = 1; budget <= full.expanded; budget++) {
		size_t batch = rng_below(rng, 3), limit = rng_below(rng, 4);

		know_something(c, rng);
		search(&r, c, &(struct exact_options){3, target, budget, batch, limit});
		check_bounds(&r, rank, c->trie.n_leaves, seen);
		assert_true(!r.complete || r.n_items == (n < 3 ? n : 3));
		check_items(&r, all);
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

static void check_targets(struct randcase *c, const struct scored *all, size_t n, struct rng *r, struct seen *seen)
{
	for (size_t i = 0; i < c->items.n; i++) {
		uint32_t leaf = c->trie.item_leaf[i];

		if (leaf == TRIE_NONE)
			continue;
		know_something(c, r);
		check_rank(c, all, n, leaf, 0, 1 + rng_below(r, 4));
		know_something(c, r);
		check_rank(c, all, n, leaf, rng_below(r, 5), 0);
		check_budget(c, all, n, leaf, r, seen);
		check_rank_limit(c, all, n, leaf, seen);
	}
}

static void test_against_all(void **state)
{
	struct scored all[32];
	struct seen seen = {0};
	size_t n;
	struct rng r;

	(void)state;
	rng_seed(&r, 9);
	for (int round = 0; round < 4000; round++) {
		struct randcase c;

		if (!random_case(&c, &r, round, all, &n))
			continue;
		for (size_t i = 1; i < n; i++)
			seen.ties += all[i].logp == all[i - 1].logp;
		seen.zero += n < c.trie.n_leaves;
		know_something(&c, &r);
		check_top(&c, all, n, 1 + rng_below(&r, 10), 1 + rng_below(&r, 4));
		know_something(&c, &r);
		check_top(&c, all, n, 1 + rng_below(&r, 100), 0);
		check_targets(&c, all, n, &r, &seen);
		randcase_release(&c);
	}
	assert_true(seen.ties > 500 && seen.zero > 100 && seen.unproved > 500 && seen.saved > 500);
	assert_true(seen.beyond > 500 && seen.by_mass > 500 && seen.by_leaves > 500);
}

/* Prefixes that need the model and are better than this; all of them, or those on the way to a leaf. */
static size_t count_better(struct randcase *c, double than, uint32_t leaf)
{
	size_t better = 0;

	for (uint32_t node = 0; node < c->trie.n_nodes; node++) {
		uint32_t last = leaf == TRIE_NONE ? node : leaf;
		double logp;
		struct err err;

		if (trie_is_leaf(&c->trie, node) || scorer_certain(&c->s, node))
			continue;
		while (last > node)
			last = c->trie.parent[last];
		assert_int_equal(scorer_path(&c->s, node, &logp, NULL, &err), 0);
		better += last == node && logp > than;
	}
	return better;
}

/* For a rank, the prefixes better than the target are expanded and no others, each once, whatever the batch; what is
 * known, such as the target's own path, is not asked for again. */
static void test_work(void **state)
{
	struct scored all[32];
	size_t n, most = 0;
	struct rng r;

	(void)state;
	rng_seed(&r, 10);
	for (int round = 0; round < 500; round++) {
		struct randcase c;
		struct exact_result result;
		struct exact_options o = {0};
		size_t better;

		if (!random_case(&c, &r, 1, all, &n))
			continue;
		o.target = all[n / 2].leaf;
		better = count_better(&c, all[n / 2].logp, TRIE_NONE) - count_better(&c, all[n / 2].logp, o.target);
		for (o.batch = 0; o.batch <= 9; o.batch += 3) {
			forget(&c);
			search(&result, &c, &o);
			assert_int_equal(result.expanded, better);
			exact_release(&result);
		}
		search(&result, &c, &o);
		assert_true(result.expanded == 0 && result.scored == 0 && result.proved);
		exact_release(&result);
		most = better > most ? better : most;
		randcase_release(&c);
	}
	assert_true(most > 3);
}

/* After a beam search that returned the best items, only what is better than the last of them is expanded: as few
 * prefixes as one at a time would. */
static void test_bound_from_the_start(void **state)
{
	const struct beam_options beam = {.width = 5, .length_penalty = 1};
	struct scored all[32];
	size_t n, cases = 0, fewer = 0;
	struct rng r;

	(void)state;
	rng_seed(&r, 12);
	for (int round = 0; round < 1000; round++) {
		struct exact_options o = {.top = 5, .target = TRIE_NONE, .batch = 8};
		struct exact_result alone, after;
		struct randcase c;
		struct trace trace;
		struct err err;

		if (!random_case(&c, &r, 1, all, &n))
			continue;
		forget(&c);
		search(&alone, &c, &o);
		forget(&c);
		assert_int_equal(beam_search(&trace, &c.s, &beam, false, &err), 0);
		search(&after, &c, &o);
		if (n >= 5 && trace.n_results == 5 && trace.results[4].logp == all[4].logp) {
			assert_true(after.expanded <= count_better(&c, nextafter(all[4].logp, -INFINITY), TRIE_NONE));
			fewer += after.expanded < alone.expanded;
			cases++;
		}
		trace_release(&trace);
		exact_release(&alone);
		exact_release(&after);
		randcase_release(&c);
	}
	assert_true(cases > 50 && fewer > 50);
}

/* Nodes that a search expands when nothing is known of the case. */
static size_t work(struct randcase *c, const struct exact_options *o)
{
	struct exact_result r;
	size_t expanded;

	forget(c);
	search(&r, c, o);
	expanded = r.expanded;
	exact_release(&r);
	return expanded;
}

/* The worst of all items. */
static uint32_t last_item(struct randcase *c)
{
	struct exact_result r;
	uint32_t leaf;

	search(&r, c, &(struct exact_options){.top = c->trie.n_leaves, .target = TRIE_NONE});
	leaf = r.items[r.n_items - 1].leaf;
	exact_release(&r);
	return leaf;
}

/* In larger catalogues: a batch is not filled with what may be useless, and many better items are found sooner than the
 * best so many. */
static void test_little_wasted(void **state)
{
	size_t needed = 0, usual = 0, filled = 0, best = 0, any = 0;
	struct rng r;

	(void)state;
	rng_seed(&r, 13);
	for (int round = 0; round < 200; round++) {
		struct exact_options o = {.top = 20, .target = TRIE_NONE, .batch = 1};
		struct randcase c;

		randcase_init(&c, &r, 400, 0, 0);
		if (c.trie.n_leaves >= 100) {
			needed += work(&c, &o);
			o.batch = 0;
			usual += work(&c, &o);
			o.batch = EXACT_SURE_BATCH;
			filled += work(&c, &o);
			o = (struct exact_options){.top = 50, .target = TRIE_NONE, .batch = 1};
			best += work(&c, &o);
			o = (struct exact_options){.target = last_item(&c), .rank_limit = 49, .batch = 1};
			any += work(&c, &o);
		}
		randcase_release(&c);
	}
	assert_true(needed > 1000 && usual >= needed);
	assert_true(usual < needed + needed / 4 && filled > 2 * usual - needed);
	assert_true(7 * any < 4 * best);
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
		cmocka_unit_test(test_bound_from_the_start),
		cmocka_unit_test(test_little_wasted),
		cmocka_unit_test(test_cancelled),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
