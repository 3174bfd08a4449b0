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

/* The exact search gives the whole catalogue in the order of the reference's scores, and the positive item's rank. */
static void check_exact_order(struct scorer *s, const double *expected, uint32_t positive)
{
	const struct trie *t = s->trie;
	struct exact_result r;
	struct err err;
	size_t larger = 0;

	assert_int_equal(exact_search(&r, s, &(struct exact_options){t->n_leaves, positive, 0, 0, 0}, &err), 0);
	assert_int_equal(r.n_items, t->n_leaves);
	for (size_t i = 0; i < r.n_items; i++) {
		double want = expected[t->leaf_item[t->leaf_first[r.items[i].leaf]]];

		assert_true(refsearch_close(r.items[i].logp, want));
		assert_true(i == 0 || r.items[i].logp <= r.items[i - 1].logp);
		larger += r.items[i].logp > r.target_logp;
	}
	assert_true(r.proved && r.complete);
	assert_int_equal(r.target_rank, larger + 1);
	exact_release(&r);
}

static void test_exact_order(void **state)
{
	char *path = ref_path("A/exh_main_masked_eostrie_f64.npy");
	struct refsearch r;
	struct npy expected;
	struct trie t;
	struct scorer s;
	struct err err;

	(void)state;
	refsearch_init(&r);
	assert_int_equal(npy_read(&expected, path, &err), 0);
	refsearch_open(&r, "main", END_EOS, MASK_BEFORE, &t, &s);
	for (size_t prompt = 0; prompt < expected.rows; prompt++) {
		refsearch_prompt(&r, &s, prompt);
		check_exact_order(&s, expected.at + prompt * expected.cols, t.item_leaf[r.data.positives.at[prompt]]);
	}
	scorer_release(&s);
	trie_release(&t);
	npy_release(&expected);
	refsearch_release(&r);
	free(path);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_full),
		cmocka_unit_test(test_masked_eostrie),
		cmocka_unit_test(test_masked_official),
		cmocka_unit_test(test_whole_mass),
		cmocka_unit_test(test_exact_order),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
