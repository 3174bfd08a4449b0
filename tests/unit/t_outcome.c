/*
 * Outcomes against plain loops over all items of random small catalogues and against the diagnosis; figures against
 * values computed by hand or by counting every draw.
 */
#include "check.h"

#include <math.h>

#include "base/mem.h"
#include "diagnose/metrics.h"
#include "randcase.h"

#define MOST_ITEMS 20

struct tally {
	size_t kind[VERDICT_UNDECIDED + 1];
	size_t not_recalled, lucky, violated;
};

/* Probabilities of all items, falling; those of probability zero left out. */
struct list {
	double at[MOST_ITEMS];
	size_t n;
};

static int falling(const void *left, const void *right)
{
	double a = *(const double *)left, b = *(const double *)right;

	return a > b ? -1 : a < b;
}

static void list_items(struct list *all, struct randcase *c)
{
	struct err err;

	all->n = 0;
	for (uint32_t node = 0; node < c->trie.n_nodes; node++) {
		if (!trie_is_leaf(&c->trie, node))
			continue;
		check_ok(scorer_path(&c->s, node, &all->at[all->n], NULL, &err), &err);
		all->n += all->at[all->n] > -INFINITY;
	}
	qsort(all->at, all->n, sizeof(*all->at), falling);
}

/* -log P of an item from the model's own logits, one softmax a token. */
static double plain_nll(const struct randcase *c, uint32_t leaf, enum mask_rule mask)
{
	const struct trie *t = &c->trie;
	uint32_t path[RANDITEMS_LONGEST];
	double nll = 0;

	trie_path(t, leaf, path);
	for (uint32_t node = leaf, i = (uint32_t)trie_depth(t, leaf); i > 0; node = t->parent[node], i--) {
		double sum = 0, own = 0;

		for (uint32_t token = 0; token < RANDCASE_VOCAB; token++) {
			float z = randlm_logit(&c->model, c->prompt, 2, path, i - 1, token);
			bool valid = trie_child(t, t->parent[node], token) != TRIE_NONE;

			sum += mask == MASK_AFTER || valid ? exp(z / c->s.tau) : 0;
			own = token == t->token[node] ? z / c->s.tau : own;
		}
		/* A single child has p = 1, whatever the model says. */
		if (mask == MASK_AFTER || trie_n_children(t, t->parent[node]) > 1)
			nll += log(sum) - own;
	}
	return nll;
}

static void check_nll(double nll, double plain)
{
	if (isinf(plain))
		assert_true(nll == INFINITY);
	else
		assert_true(fabs(nll - plain) < 1e-5 * (1 + fabs(plain)));
}

/* The beam's result beside the list of all items. */
static void check_recall(
	const struct outcome *x, const struct trace *t, const struct list *all, size_t width, struct tally *tally)
{
	size_t n = width < all->n ? width : all->n, good = 0;

	assert_true(x->exact_n == 0 || x->exact_n == n);
	assert_int_equal(x->returned, t->n_results);
	for (size_t i = 0; i < t->n_results && x->exact_n > 0; i++)
		good += t->results[i].logp >= all->at[x->exact_n - 1];
	assert_int_equal(x->recalled, good < x->exact_n ? good : x->exact_n);
	tally->not_recalled += x->recalled < x->exact_n;
}

static void check_rank(const struct outcome *x, const struct list *all, double logp, size_t width, bool unlimited)
{
	size_t rank = 1;

	for (size_t i = 0; i < all->n; i++)
		rank += all->at[i] > logp;
	assert_true(x->exact_rank >= 1 && x->exact_rank <= rank);
	if (x->exact_proved)
		assert_int_equal(x->exact_rank, rank);
	if (unlimited) {
		assert_true(x->exact_proved || x->exact_rank > width);
		assert_int_equal(x->exact_n, width < all->n ? width : all->n);
	}
	if (x->kind == VERDICT_PRUNED)
		assert_true(rank <= width);
	if (x->kind == VERDICT_OUTRANKED)
		assert_true(rank > width);
	if (x->kind == VERDICT_UNDECIDED)
		assert_false(unlimited);
}

/* One item: the outcome, and what a full diagnosis says of the same search. */
static void check_item(struct randcase *c, const struct list *all, const struct diagnose_options *o, uint32_t leaf,
	struct tally *tally)
{
	enum mask_rule mask = c->s.mask;
	struct diagnose_options full = *o;
	struct diagnosis d;
	struct outcome x;
	struct trace t;
	struct err err;

	check_ok(outcome_find(&x, &c->s, leaf, UNREACHABLE_NOT, o, &err), &err);
	assert_int_equal(c->s.mask, mask);
	full.budget = 0;
	check_ok(beam_search(&t, &c->s, &o->beam, true, &err), &err);
	check_ok(diagnose(&d, &t, &c->s, leaf, UNREACHABLE_NOT, &full, &err), &err);
	check_recall(&x, &t, all, o->beam.width, tally);
	check_nll(x.nll_after, x.kind == VERDICT_UNREACHABLE ? INFINITY : plain_nll(c, leaf, MASK_AFTER));
	check_nll(x.nll_before, x.kind == VERDICT_UNREACHABLE ? INFINITY : plain_nll(c, leaf, MASK_BEFORE));
	if (x.kind != VERDICT_UNDECIDED)
		assert_int_equal(x.kind, d.kind);
	assert_int_equal(x.why, d.why);
	if (x.kind != VERDICT_UNREACHABLE) {
		assert_int_equal(x.rank, d.rank);
		assert_int_equal(x.pruned_at, d.pruned_at);
		assert_int_equal(x.condition_holds, d.condition_holds);
		check_rank(&x, all, d.logp, o->beam.width, o->budget == 0);
		tally->violated += !x.condition_holds;
		tally->lucky += x.rank > 0 && x.exact_rank > o->beam.width;
	}
	tally->kind[x.kind]++;
	diagnosis_release(&d);
	trace_release(&t);
}

static void test_random(void **state)
{
	struct tally tally = {0};
	struct rng r;

	(void)state;
	rng_seed(&r, 31);
	for (int round = 0; round < 1500; round++) {
		struct randcase c;
		struct list all;
		struct diagnose_options o = {.beam = {.length_penalty = 1}};

		if (!randcase_whole(&c, &r, MOST_ITEMS, round))
			continue;
		list_items(&all, &c);
		o.budget = rng_below(&r, 3) == 0 ? 1 + rng_below(&r, 3) : 0;
		o.beam.kind = round % 2 == 0 ? SEARCH_HF : SEARCH_PLAIN;
		for (size_t i = 0; i < c.items.n; i++) {
			o.beam.width = 1 + rng_below(&r, 5);
			if (c.trie.item_leaf[i] != TRIE_NONE)
				check_item(&c, &all, &o, c.trie.item_leaf[i], &tally);
		}
		randcase_release(&c);
	}
	for (size_t i = 0; i < ARRAY_LEN(tally.kind); i++)
		assert_true(tally.kind[i] > 10);
	assert_true(tally.not_recalled > 100 && tally.lucky > 10 && tally.violated > 100);
}

/* Without a positive item there is still a beam to hold against the exact best. */
static void test_no_leaf(void **state)
{
	const struct diagnose_options o = {.beam.width = 3};
	struct randcase c;
	struct outcome x;
	struct rng r;
	struct err err;

	(void)state;
	rng_seed(&r, 32);
	randcase_init(&c, &r, 15, 0, 0);
	check_ok(outcome_find(&x, &c.s, TRIE_NONE, UNREACHABLE_HIDDEN, &o, &err), &err);
	assert_int_equal(x.kind, VERDICT_UNREACHABLE);
	assert_int_equal(x.why, UNREACHABLE_HIDDEN);
	assert_true(x.rank == 0 && x.exact_rank == 0 && x.pruned_at == 0);
	assert_true(x.nll_before == INFINITY && x.nll_after == INFINITY);
	assert_int_equal(x.exact_n, c.trie.n_leaves < 3 ? c.trie.n_leaves : 3);
	assert_true(x.recalled > 0 && x.recalled <= x.exact_n);
	randcase_release(&c);
}

static void near(double a, double b)
{
	if (!(fabs(a - b) < 1e-4))
		fail_msg("%.9g, where %.9g was expected", a, b);
}

/* Wilson's bounds: (p + z²/2n ± z √(p(1-p)/n + z²/4n²)) / (1 + z²/n), z = 1.959964. */
static void test_share(void **state)
{
	struct figure f = figure_share(77, 259);

	(void)state;
	near(f.value, 0.297297);
	near(f.low, 0.245020);
	near(f.high, 0.355513);
	assert_true(f.count == 77 && f.n == 259);
	f = figure_share(1, 2);
	near(f.low, 0.094531);
	near(f.high, 0.905469);
	f = figure_share(0, 10); /* the upper bound is z² / (n + z²) */
	assert_true(f.value == 0 && f.low == 0);
	near(f.high, 0.277533);
	f = figure_share(10, 10);
	assert_true(f.value == 1 && f.high == 1);
	near(f.low, 0.722467);
	f = figure_share(0, 0);
	assert_true(isnan(f.value) && isnan(f.low) && isnan(f.high) && f.n == 0);
}

/* Of n zeros and ones with a share p of ones, a bootstrap mean spreads as a binomial share: 1.96 √(p(1-p)/n). */
static void test_mean(void **state)
{
	static double x[4000];
	struct figure f, again;

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(x); i++)
		x[i] = i % 4 == 0;
	f = figure_mean(x, ARRAY_LEN(x), 7);
	assert_true(f.value == 0.25 && f.n == 4000);
	assert_true(fabs(f.low - (0.25 - 0.01342)) < 0.002 && fabs(f.high - (0.25 + 0.01342)) < 0.002);
	again = figure_mean(x, ARRAY_LEN(x), 7);
	assert_true(again.low == f.low && again.high == f.high);
	again = figure_mean(x, ARRAY_LEN(x), 8);
	assert_true(again.low != f.low || again.high != f.high);
	f = figure_mean((const double[]){2.5, 2.5}, 2, 1);
	assert_true(f.value == 2.5 && f.low == 2.5 && f.high == 2.5);
	/* Of two different values, a draw has both with probability 1/2, and each twice with 1/4. */
	f = figure_mean((const double[]){0, 1}, 2, 1);
	assert_true(f.value == 0.5 && f.low == 0 && f.high == 1);
	f = figure_mean(NULL, 0, 1);
	assert_true(isnan(f.value) && isnan(f.low) && f.n == 0);
}

/* Pairs that differ much from each other and little within: only the pairing sees the difference. */
static void test_paired(void **state)
{
	double x[200], y[200], p;
	struct figure f;

	(void)state;
	for (size_t i = 0; i < 200; i++) {
		x[i] = i % 2 == 0 ? 0 : 100;
		y[i] = x[i] + (i % 3 == 0 ? 0.5 : 1);
	}
	f = figure_paired(x, y, 200, 3, &p);
	near(f.value, (67 * 0.5 + 133) / 200);
	assert_true(f.low > 0.78 && f.low < f.value && f.high > f.value && f.high < 0.89);
	near(p, 0.001);
	figure_paired(x, x, 200, 3, &p);
	near(p, 1);
	/* Of -1 and 1, every draw's mean is -1, 0 or 1 with 1/4, 1/2, 1/4: three quarters are on each side or zero. */
	figure_paired((const double[]){0, 0}, (const double[]){-1, 1}, 2, 3, &p);
	near(p, 1);
	/* Three pairs that all differ one way: no draw is on the other side, but so few cannot say so much. */
	figure_paired((const double[]){0, 0, 0, 7}, (const double[]){1, 2, 1, 7}, 4, 3, &p);
	near(p, 0.25);
	/* Of n values one of which is below zero so far that its presence decides: (1 - 1/n)^n of the draws lack it. */
	for (size_t i = 0; i < 200; i++)
		y[i] = x[i] + (i == 17 ? -1000 : 1);
	figure_paired(x, y, 200, 3, &p);
	assert_true(fabs(p - 2 * pow(1 - 1 / 200.0, 200)) < 0.08);
}

/* 2 · P(at most min(b, c) heads in b + c throws). */
static void test_mcnemar(void **state)
{
	(void)state;
	near(figure_mcnemar(0, 0), 1);
	near(figure_mcnemar(0, 1), 1);
	near(figure_mcnemar(0, 5), 0.0625); /* 2/32 */
	near(figure_mcnemar(2, 8), 2 * (1 + 10 + 45) / 1024.0);
	near(figure_mcnemar(8, 2), 2 * (1 + 10 + 45) / 1024.0);
	near(figure_mcnemar(5, 5), 1);
	assert_true(figure_mcnemar(14, 51) < 1e-5 && figure_mcnemar(14, 51) > 1e-7);
	assert_true(figure_mcnemar(0, 100000) == 0 || figure_mcnemar(0, 100000) < 1e-300);
	near(figure_mcnemar(50000, 50100), 0.7543); /* normal, with continuity: 99/√100100 = 0.3129 */
}

/* Six cases at B = 2, each by hand. */
static void test_metrics(void **state)
{
	const struct outcome cases[] = {
		{.kind = VERDICT_RETRIEVED,
			.rank = 1,
			.exact_rank = 1,
			.exact_proved = true,
			.condition_holds = true,
			.recalled = 2,
			.exact_n = 2,
			.nll_before = 1,
			.nll_after = 2},
		{.kind = VERDICT_RETRIEVED,
			.rank = 2,
			.exact_rank = 3,
			.condition_holds = true,
			.recalled = 1,
			.exact_n = 2,
			.nll_before = 2,
			.nll_after = 3},
		{.kind = VERDICT_PRUNED,
			.exact_rank = 2,
			.exact_proved = true,
			.recalled = 1,
			.exact_n = 2,
			.nll_before = 3,
			.nll_after = 4},
		{.kind = VERDICT_OUTRANKED,
			.exact_rank = 3,
			.recalled = 0,
			.exact_n = 2,
			.nll_before = 6,
			.nll_after = 9},
		{.kind = VERDICT_UNDECIDED,
			.exact_rank = 1,
			.condition_holds = true,
			.recalled = 1,
			.exact_n = 1,
			.nll_before = 8,
			.nll_after = 12},
		{.kind = VERDICT_UNREACHABLE,
			.recalled = 2,
			.exact_n = 2,
			.nll_before = INFINITY,
			.nll_after = INFINITY},
	};
	struct metrics m;

	(void)state;
	metrics_find(&m, cases, ARRAY_LEN(cases), 2, 1);
	assert_true(m.cases == 6 && m.width == 2 && m.undecided == 1);
	assert_true(m.hr.count == 2 && m.hr.n == 6);
	near(m.ndcg.value, (1 + 0.6309298) / 6);
	assert_true(m.exact_hr.count == 2 && m.exact_hr.n == 5);
	near(m.exact_ndcg.value, (1 + 0.6309298) / 5);
	assert_true(m.exact_ndcg.n == 5);
	assert_true(m.pruning_rate.count == 1 && m.pruning_rate.n == 2);
	near(m.search_recall.value, (1 + 0.5 + 0.5 + 0 + 1 + 1) / 6);
	assert_true(m.lucky.count == 1 && m.lucky.n == 2);
	assert_true(m.condition_violated.count == 2 && m.condition_violated.n == 5);
	near(m.nll_before.value, 4);
	near(m.nll_after.value, 6);
	assert_true(m.nll_after.n == 5 && m.nll_after.low < 6 && m.nll_after.high > 6);
	metrics_find(&m, cases, 0, 2, 1);
	assert_true(m.cases == 0 && isnan(m.hr.value) && isnan(m.ndcg.value));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_random),
		cmocka_unit_test(test_no_leaf),
		cmocka_unit_test(test_share),
		cmocka_unit_test(test_mean),
		cmocka_unit_test(test_paired),
		cmocka_unit_test(test_mcnemar),
		cmocka_unit_test(test_metrics),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
