/* The bundled lesson teaches what its README says, figure by figure, and every row of its table is a distribution. */
#include "check.h"

#include <math.h>

#include "base/map.h"
#include "data/dataset.h"
#include "model/table.h"
#include "search/beam.h"
#include "search/exact.h"
#include "store/csvfile.h"
#include "store/file.h"

enum {
	COBALT,
	MARMALADE,
	TIN,
	N_ITEMS
};

struct lesson {
	char *table;
	struct dataset *data;
	struct lm *lm;
	struct trie trie;
	struct scorer scorer;
};

static int open_lesson(void **state)
{
	const char *root = getenv("top_srcdir");
	char *dir = file_join(root ? root : ".", "data/lesson");
	struct lesson *l = calloc(1, sizeof(*l));
	const struct catalogue *c;
	const struct rec_case *first;
	struct err err;

	assert_non_null(l);
	*state = l;
	l->table = file_join(dir, "table.csv");
	check_ok(dataset_open(&l->data, dir, &err), &err);
	check_ok(table_open(&l->lm, l->table, &err), &err);
	c = &l->data->catalogue;
	assert_int_equal(c->n, N_ITEMS);
	check_ok(trie_init(&l->trie, c->tokens, c->first, c->n, c->eos, END_EOS, &err), &err);
	check_ok(scorer_init(&l->scorer, l->lm, &l->trie, MASK_AFTER, 1.0, &err), &err);
	first = dataset_case(l->data, SPLIT_TEST, "1", &err);
	assert_int_equal(first->positive, TIN);
	check_ok(scorer_prompt(&l->scorer, first->prompt, first->n_prompt, &err), &err);
	free(dir);
	return 0;
}

static int close_lesson(void **state)
{
	struct lesson *l = *state;

	scorer_release(&l->scorer);
	trie_release(&l->trie);
	lm_close(l->lm);
	dataset_free(l->data);
	free(l->table);
	free(l);
	return 0;
}

/* The items have these probabilities. */
static void check_items(struct lesson *l, const double expected[N_ITEMS])
{
	struct err err;
	double sum;

	for (size_t i = 0; i < N_ITEMS; i++) {
		check_ok(scorer_path(&l->scorer, l->trie.item_leaf[i], &sum, NULL, &err), &err);
		assert_true(fabs(exp(sum) - expected[i]) < 1e-6);
	}
}

/* A beam of that width returns these items in this order. */
static void check_beam(struct lesson *l, size_t width, const uint32_t *items)
{
	struct beam_options o = {.width = width, .kind = SEARCH_PLAIN};
	struct trace trace;
	struct err err;

	check_ok(beam_search(&trace, &l->scorer, &o, false, &err), &err);
	assert_int_equal(trace.n_results, width);
	for (size_t i = 0; i < width; i++)
		assert_int_equal(trace.results[i].leaf, l->trie.item_leaf[items[i]]);
	trace_release(&trace);
}

static void check_exact(struct lesson *l, const uint32_t items[N_ITEMS])
{
	struct exact_options o = {.top = N_ITEMS, .target = TRIE_NONE};
	struct exact_result r;
	struct err err;

	check_ok(exact_search(&r, &l->scorer, &o, &err), &err);
	assert_int_equal(r.n_items, N_ITEMS);
	for (size_t i = 0; i < N_ITEMS; i++)
		assert_int_equal(r.items[i].leaf, l->trie.item_leaf[items[i]]);
	exact_release(&r);
}

static void mask_after(void **state)
{
	struct lesson *l = *state;

	check_items(l, (const double[]){0.18, 0.15, 0.23});
	check_exact(l, (const uint32_t[]){TIN, COBALT, MARMALADE});
	check_beam(l, 2, (const uint32_t[]){COBALT, MARMALADE});
	check_beam(l, 3, (const uint32_t[]){TIN, COBALT, MARMALADE});
}

static void mask_before(void **state)
{
	struct lesson *l = *state;

	scorer_set(&l->scorer, MASK_BEFORE, 1.0);
	check_items(l, (const double[]){0.45, 0.30, 0.25});
	check_exact(l, (const uint32_t[]){COBALT, MARMALADE, TIN});
	check_beam(l, 2, (const uint32_t[]){COBALT, MARMALADE});
	check_beam(l, 3, (const uint32_t[]){COBALT, MARMALADE, TIN});
}

/* What follows each listed prefix sums to 1, and every token that is spoken of has a text. */
static void whole_distributions(void **state)
{
	const struct lesson *l = *state;
	double sums[16] = {0};
	struct csvfile_row row;
	struct csvfile *f;
	struct map prefixes;
	struct err err;
	int got;

	map_init(&prefixes, 0);
	check_ok(csvfile_open(&f, l->table, &err), &err);
	while ((got = csvfile_next(f, &row, &err)) > 0) {
		char *key = strdup(row.field[0]);
		bool added;
		uint32_t at = *map_put(&prefixes, key, row.len[0], (uint32_t)prefixes.n, &added);

		assert_true(at < ARRAY_LEN(sums));
		sums[at] += strtod(row.field[2], NULL);
		assert_non_null(dataset_piece(l->data, (uint32_t)strtoul(row.field[1], NULL, 10)));
		if (!added)
			free(key);
	}
	assert_int_equal(got, 0);
	assert_int_equal(prefixes.n, 7);
	for (size_t i = 0; i < prefixes.n; i++)
		assert_true(fabs(sums[i] - 1) < 1e-9);
	for (size_t i = 0; i < prefixes.cap; i++)
		free((char *)prefixes.slots[i].key);
	map_release(&prefixes);
	csvfile_close(f);
}

#define ON_LESSON(test) cmocka_unit_test_setup_teardown(test, open_lesson, close_lesson)

int main(void)
{
	const struct CMUnitTest tests[] = {
		ON_LESSON(mask_after),
		ON_LESSON(mask_before),
		ON_LESSON(whole_distributions),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
