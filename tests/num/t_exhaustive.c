/* The overall log-probability of every item under both masks and both end rules, and their exact order, against the
 * reference. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <math.h>
#include <stdlib.h>

#include "npy.h"
#include "refsearch.h"
#include "search/exact.h"

static double compare(struct refsearch *r, const char *catalogue, const char *convention, const char *precision,
	enum mask_rule mask, enum end_rule end)
{
	char *name = xasprintf("A/exh_%s_%s_%s.npy", catalogue, convention, precision), *path = ref_path(name);
	struct npy expected;
	struct trie t;
	struct scorer s;
	struct err err;
	double worst = 0, sum;

	assert_int_equal(npy_read(&expected, path, &err), 0);
	refsearch_open(r, catalogue, end, mask, &t, &s);
	assert_int_equal(expected.rows, r->data.prompts.n);
	assert_int_equal(expected.cols, t.n_items);
	for (size_t prompt = 0; prompt < expected.rows; prompt++) {
		refsearch_prompt(r, &s, prompt);
		for (size_t item = 0; item < t.n_items; item++) {
			double want = expected.at[prompt * expected.cols + item];

			assert_int_equal(t.item_leaf[item] == TRIE_NONE, want == -INFINITY);
			if (want == -INFINITY)
				continue;
			assert_int_equal(scorer_path(&s, t.item_leaf[item], &sum, NULL, &err), 0);
			assert_true(refsearch_close(sum, want));
			worst = fmax(worst, fabs(sum - want) / fmax(fabs(want), 1));
		}
	}
	scorer_release(&s);
	trie_release(&t);
	npy_release(&expected);
	free(path);
	free(name);
	return worst;
}

static void test_convention(const char *convention, enum mask_rule mask, enum end_rule end)
{
	static const char *const catalogues[] = {"main", "narrow", "tiny"};
	struct refsearch r;
	double worst;

	refsearch_init(&r);
	worst = compare(&r, "main", convention, "f32", mask, end);
	for (size_t i = 0; i < ARRAY_LEN(catalogues); i++)
		worst = fmax(worst, compare(&r, catalogues[i], convention, "f64", mask, end));
	print_message("# %s: largest relative difference %.1e\n", convention, worst);
	refsearch_release(&r);
}

static void test_full(void **state)
{
	(void)state;
	test_convention("full", MASK_AFTER, END_EOS);
}

static void test_masked_eostrie(void **state)
{
	(void)state;
	test_convention("masked_eostrie", MASK_BEFORE, END_EOS);
}

static void test_masked_official(void **state)
{
	(void)state;
	test_convention("masked_official", MASK_BEFORE, END_LEAF);
}

/* The item probabilities of mask, then softmax sum to 1 over the catalogue. */
static void test_whole_mass(void **state)
{
	struct refsearch r;
	struct trie t;
	struct scorer s;
	struct err err;

	(void)state;
	refsearch_init(&r);
	for (int end = END_EOS; end <= END_LEAF; end++) {
		double mass = 0, logp;

		refsearch_open(&r, "main", (enum end_rule)end, MASK_BEFORE, &t, &s);
		refsearch_prompt(&r, &s, 0);
		for (uint32_t node = 1; node < t.n_nodes; node++) {
			if (!trie_is_leaf(&t, node))
				continue;
			assert_int_equal(scorer_path(&s, node, &logp, NULL, &err), 0);
			mass += exp(logp);
		}
		assert_true(fabs(mass - 1) < 1e-9);
		scorer_release(&s);
		trie_release(&t);
	}
	refsearch_release(&r);
}

/* A row of the reference: the log P of every item, -inf where the end rule hides it. */
struct row {
	const double *logp;
	size_t n;
};

/* Items that are more probable by the reference. Equal up to rounding are counted by `close` alone. */
static void count_larger(const struct row *row, const struct trie *t, uint32_t leaf, size_t *larger, size_t *close)
{
	double own = row->logp[t->leaf_item[t->leaf_first[leaf]]];

	*larger = *close = 0;
	for (uint32_t node = 1; node < t->n_nodes; node++) {
		double logp;

		if (!trie_is_leaf(t, node) || node == leaf)
			continue;
		logp = row->logp[t->leaf_item[t->leaf_first[node]]];
		if (refsearch_close(logp, own))
			++*close;
		else
			*larger += logp > own;
	}
}

/* The exact search gives the whole catalogue in the order of the reference's scores. */
static void check_order(struct scorer *s, const struct row *row)
{
	const struct trie *t = s->trie;
	struct exact_result r;
	struct err err;

	assert_int_equal(
		exact_search(&r, s, &(struct exact_options){.top = t->n_leaves, .target = TRIE_NONE}, &err), 0);
	assert_true(r.complete);
	assert_int_equal(r.n_items, t->n_leaves);
	for (size_t i = 0; i < r.n_items; i++) {
		assert_true(refsearch_close(r.items[i].logp, row->logp[t->leaf_item[t->leaf_first[r.items[i].leaf]]]));
		assert_true(i == 0 || r.items[i].logp <= r.items[i - 1].logp);
	}
	exact_release(&r);
}

/* The exact rank of an item; with a limit, or within a budget, bounds of it. */
static void check_rank(struct scorer *s, const struct row *row, uint32_t leaf, size_t limit, size_t budget)
{
	const struct exact_options o = {.top = 3, .target = leaf, .rank_limit = limit, .budget = budget};
	size_t larger, close;
	struct exact_result r;
	struct err err;

	count_larger(row, s->trie, leaf, &larger, &close);
	assert_int_equal(exact_search(&r, s, &o, &err), 0);
	assert_true(limit > 0 || budget > 0 || r.proved);
	assert_true(r.target_rank <= larger + close + 1 && r.target_rank_most >= larger + 1);
	assert_true(r.target_rank <= r.target_rank_most && r.target_rank_most <= s->trie->n_leaves);
	if (r.proved)
		assert_true(r.target_rank >= larger + 1);
	exact_release(&r);
}

/* Every item of the catalogue as the target, after every prompt of the reference. */
static size_t check_ranks(
	struct refsearch *r, const char *catalogue, const char *convention, enum mask_rule mask, enum end_rule end)
{
	char *name = xasprintf("A/exh_%s_%s_f64.npy", catalogue, convention), *path = ref_path(name);
	struct npy expected;
	struct trie t;
	struct scorer s;
	struct err err;
	size_t n = 0;

	assert_int_equal(npy_read(&expected, path, &err), 0);
	refsearch_open(r, catalogue, end, mask, &t, &s);
	for (size_t prompt = 0; prompt < expected.rows; prompt++) {
		const struct row row = {expected.at + prompt * expected.cols, expected.cols};

		for (size_t item = 0; item < t.n_items; item++) {
			uint32_t leaf = t.item_leaf[item];

			if (leaf == TRIE_NONE)
				continue;
			refsearch_prompt(r, &s, prompt);
			check_rank(&s, &row, leaf, 0, 1 + item % 7);
			check_rank(&s, &row, leaf, 1 + item % 5, 0);
			check_rank(&s, &row, leaf, 0, 0);
			n++;
		}
		refsearch_prompt(r, &s, prompt);
		check_order(&s, &row);
	}
	scorer_release(&s);
	trie_release(&t);
	npy_release(&expected);
	free(path);
	free(name);
	return n;
}

static void test_exact_ranks(void **state)
{
	static const char *const catalogues[] = {"main", "narrow", "tiny"};
	struct refsearch r;
	size_t n = 0;

	(void)state;
	refsearch_init(&r);
	for (size_t i = 0; i < ARRAY_LEN(catalogues); i++) {
		n += check_ranks(&r, catalogues[i], "full", MASK_AFTER, END_EOS);
		n += check_ranks(&r, catalogues[i], "masked_eostrie", MASK_BEFORE, END_EOS);
		n += check_ranks(&r, catalogues[i], "masked_official", MASK_BEFORE, END_LEAF);
	}
	print_message("# %zu exact ranks\n", n);
	assert_true(n > 1000);
	refsearch_release(&r);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_full),
		cmocka_unit_test(test_masked_eostrie),
		cmocka_unit_test(test_masked_official),
		cmocka_unit_test(test_whole_mass),
		cmocka_unit_test(test_exact_ranks),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
