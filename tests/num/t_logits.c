/*
 * Logits against numbers from other programs: the reference set A (PyTorch) at every position, reached in every way
 * that the model can be asked, and those known of TinyStories-656K.
 *
 * Two logits agree when |ours - theirs| <= 1e-4 · max(1, |theirs|).
 */
#include "../unit/check.h"

#include <math.h>
#include <unistd.h>

#include "kern/kern.h"
#include "model/transformer.h"
#include "npy.h"
#include "refdata.h"

#define TOLERANCE 1e-4

struct fixture {
	struct refdata ref;
	struct npy f32, f64;
	struct kern *kern;
	struct lm *lm;
	double worst_f32, worst_f64;
};

static int set_up(void **state)
{
	struct fixture *f = xcalloc(1, sizeof(*f));
	char *model = ref_path("A/model"), *f32 = ref_path("A/logits_f32.npy"),
	     *f64 = ref_path("A/logits_f64_item.npy");
	struct err err;

	refdata_read(&f->ref, "A");
	check_ok(npy_read(&f->f32, f32, &err), &err);
	check_ok(npy_read(&f->f64, f64, &err), &err);
	check_ok(kern_new(&f->kern, 2, &err), &err);
	check_ok(transformer_open(&f->lm, model, f->kern, &err), &err);
	free(model);
	free(f32);
	free(f64);
	*state = f;
	return 0;
}

static int tear_down(void **state)
{
	struct fixture *f = *state;

	lm_close(f->lm);
	kern_free(f->kern);
	npy_release(&f->f32);
	npy_release(&f->f64);
	refdata_release(&f->ref);
	free(f);
	return 0;
}

static double compare_row(const float *z, const double *reference, size_t n)
{
	double worst = 0;

	for (size_t v = 0; v < n; v++) {
		double off = fabs(z[v] - reference[v]) / fmax(1, fabs(reference[v]));

		if (!(off <= TOLERANCE))
			fail_msg("token %zu: logit %.9g, reference %.9g", v, z[v], reference[v]);
		worst = fmax(worst, off);
	}
	return worst;
}

/* Compares the logits after `at` + 1 tokens of case p. */
static void compare(struct fixture *f, const float *z, size_t p, size_t at)
{
	size_t vocab = f->lm->vocab, last = f->ref.prompts.at[p].n - 1;

	assert_int_equal(f->f32.cols, vocab);
	f->worst_f32 = fmax(f->worst_f32, compare_row(z, f->f32.at + (f->ref.logits_row.at[p] + at) * vocab, vocab));
	if (at >= last)
		f->worst_f64 = fmax(f->worst_f64,
			compare_row(z, f->f64.at + (f->ref.logits_f64_row.at[p] + at - last) * vocab, vocab));
}

/* The tokens of case p: its prompt, then its item. */
static struct vec_u32 sequence(const struct fixture *f, size_t p)
{
	const struct vec_u32 parts[] = {f->ref.prompts.at[p], f->ref.main.at[f->ref.positives.at[p]]};
	struct vec_u32 all = {0};

	for (size_t i = 0; i < ARRAY_LEN(parts); i++) {
		for (size_t j = 0; j < parts[i].n; j++)
			vec_push(&all, parts[i].at[j]);
	}
	assert_int_equal(all.n, f->ref.logits_row.at[p + 1] - f->ref.logits_row.at[p]);
	return all;
}

static void test_as_prompts(void **state)
{
	struct fixture *f = *state;
	float *z = xcalloc(f->lm->vocab, sizeof(*z));
	const uint32_t other = 50; /* no prompt begins with it, so nothing is found in the cache */
	struct lm_query query = {.node = LM_PROMPT, .all = z};
	struct err err;

	for (size_t p = 0; p < f->ref.prompts.n; p++) {
		struct vec_u32 tokens = sequence(f, p);

		for (size_t n = 1; n <= tokens.n; n++) {
			uint64_t reused = f->lm->stats.prompt_reused;

			check_ok(lm_prompt(f->lm, &other, 1, &err), &err);
			check_ok(lm_prompt(f->lm, tokens.at, n, &err), &err);
			assert_int_equal(f->lm->stats.prompt_reused, reused);
			check_ok(lm_query(f->lm, &query, 1, 1, &err), &err);
			compare(f, z, p, n - 1);
		}
		vec_release(&tokens);
	}
	free(z);
}

static void test_growing_prompts(void **state)
{
	struct fixture *f = *state;
	float *z = xcalloc(f->lm->vocab, sizeof(*z));
	struct lm_query query = {.node = LM_PROMPT, .all = z};
	struct err err;

	for (size_t p = 0; p < f->ref.prompts.n; p++) {
		struct vec_u32 tokens = sequence(f, p);

		for (size_t n = 1; n <= tokens.n; n++) {
			uint64_t reused = f->lm->stats.prompt_reused;

			check_ok(lm_prompt(f->lm, tokens.at, n, &err), &err);
			if (n > 1)
				assert_int_equal(f->lm->stats.prompt_reused, reused + n - 1);
			check_ok(lm_query(f->lm, &query, 1, 1, &err), &err);
			compare(f, z, p, n - 1);
		}
		vec_release(&tokens);
	}
	free(z);
}

/* The first `prompt` tokens as the prompt, the others as a chain of nodes, asked for `together` or one after the other.
 */
static void check_chain(struct fixture *f, size_t p, size_t prompt, bool together)
{
	struct vec_u32 tokens = sequence(f, p);
	size_t vocab = f->lm->vocab, nodes = tokens.n - prompt + 1;
	struct lm_query *queries = xcalloc(nodes, sizeof(*queries));
	float *z = xcalloc(nodes * vocab, sizeof(*z));
	struct lm_stats before;
	struct err err;

	check_ok(lm_prompt(f->lm, tokens.at, prompt, &err), &err);
	before = f->lm->stats;
	for (size_t i = 0; i < nodes; i++) {
		queries[i].all = z + i * vocab;
		queries[i].node = i == 0 ? LM_PROMPT : lm_child(f->lm, queries[i - 1].node, tokens.at[prompt + i - 1]);
		if (!together)
			check_ok(lm_query(f->lm, &queries[i], 1, 1, &err), &err);
	}
	if (together)
		check_ok(lm_query(f->lm, queries, nodes, 1, &err), &err);
	assert_int_equal(f->lm->stats.nodes - before.nodes, nodes - 1);
	assert_int_equal(f->lm->stats.passes - before.passes, together ? nodes > 1 : nodes - 1);
	for (size_t i = 0; i < nodes; i++)
		compare(f, z + i * vocab, p, prompt - 1 + i);
	free(z);
	free(queries);
	vec_release(&tokens);
}

static void test_as_tree_at_once(void **state)
{
	struct fixture *f = *state;

	for (size_t p = 0; p < f->ref.prompts.n; p++)
		check_chain(f, p, 1, true);
}

static void test_as_tree_by_token(void **state)
{
	struct fixture *f = *state;

	for (size_t p = 0; p < f->ref.prompts.n; p++)
		check_chain(f, p, 1, false);
}

static void test_items_below_prompts(void **state)
{
	struct fixture *f = *state;

	for (size_t p = 0; p < f->ref.prompts.n; p++) {
		check_chain(f, p, f->ref.prompts.at[p].n, true);
		check_chain(f, p, f->ref.prompts.at[p].n, false);
	}
	print_message("# worst against float32 %.2g, against float64 %.2g\n", f->worst_f32, f->worst_f64);
}

/* Single ids and the log-sum agree with the whole row, at several temperatures. */
static void test_picks_and_sums(void **state)
{
	struct fixture *f = *state;
	static const uint32_t ids[] = {95, 0, 17, 17, 2};
	static const double taus[] = {1, 0.5, 3, 1};
	size_t vocab = f->lm->vocab;
	float z[ARRAY_LEN(ids)], *all = xcalloc(vocab, sizeof(*all));
	struct err err;

	check_ok(lm_prompt(f->lm, f->ref.prompts.at[0].at, f->ref.prompts.at[0].n, &err), &err);
	for (size_t i = 0; i < ARRAY_LEN(taus); i++) {
		double lse, again, sum = 0;
		lm_node node = lm_child(f->lm, LM_PROMPT, 20);
		struct lm_query picked = {.node = node, .ids = ids, .n = ARRAY_LEN(ids), .logits = z, .lse = &lse};
		struct lm_query whole = {.node = node, .all = all, .lse = &again};

		check_ok(lm_query(f->lm, &picked, 1, taus[i], &err), &err);
		check_ok(lm_query(f->lm, &whole, 1, taus[i], &err), &err);
		for (size_t v = 0; v < vocab; v++)
			sum += exp(all[v] / taus[i]);
		assert_true(fabs(lse - log(sum)) <= 1e-5);
		assert_true(fabs(again - log(sum)) <= 1e-5);
		for (size_t j = 0; j < ARRAY_LEN(ids); j++)
			assert_true(fabsf(z[j] - all[ids[j]]) <= 1e-5F);
	}
	free(all);
}

static void test_tinystories(void **state)
{
	struct fixture *f = *state;
	static const uint32_t tokens[] = {1, 80, 147, 201, 282, 215, 286, 229, 604};
	static const double first[] = {-4.844889, -1.146011, -10.289927};
	const char *shared = getenv("BEAMSCOPE_SHARED");
	char *dir = xasprintf("%s/models/tinystories-656k", shared != NULL ? shared : "../shared");
	size_t best = 0;
	struct lm *lm;
	struct err err;
	float *z;

	if (access(dir, R_OK) != 0) {
		print_message("# skipped: '%s' is not there\n", dir);
		free(dir);
		skip();
	}
	check_ok(transformer_open(&lm, dir, f->kern, &err), &err);
	assert_int_equal(lm->vocab, 2048);
	assert_int_equal(transformer_params(lm)->elements, 656000);
	assert_int_equal(transformer_unused_tensors(lm), 0);
	z = xcalloc(lm->vocab, sizeof(*z));
	check_ok(lm_prompt(lm, tokens, ARRAY_LEN(tokens), &err), &err);
	check_ok(lm_query(lm, &(struct lm_query){.node = LM_PROMPT, .all = z}, 1, 1, &err), &err);
	for (size_t v = 1; v < lm->vocab; v++) {
		if (z[v] > z[best])
			best = v;
	}
	assert_int_equal(best, 1094);
	assert_true(fabs(z[best] - 11.866616) <= TOLERANCE * 11.866616);
	compare_row(z, first, ARRAY_LEN(first));
	free(z);
	lm_close(lm);
	free(dir);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_as_prompts),
		cmocka_unit_test(test_growing_prompts),
		cmocka_unit_test(test_as_tree_at_once),
		cmocka_unit_test(test_as_tree_by_token),
		cmocka_unit_test(test_items_below_prompts),
		cmocka_unit_test(test_picks_and_sums),
		cmocka_unit_test(test_tinystories),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
