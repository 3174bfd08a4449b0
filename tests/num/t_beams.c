/* The hf beam search against every run of the reference: items, order, scores, number of steps. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <math.h>
#include <string.h>

#include "refsearch.h"

#define NEAR_TIE 3e-4 /* gaps below may be decided by rounding */

struct tally {
	size_t runs, excepted, differing, results, artefact_steps;
};

static bool is_greedy(const json_t *run)
{
	return strcmp(json_string_value(json_object_get(run, "mode")), "greedy") == 0;
}

static bool near_tie(const json_t *run)
{
	return fmin(refsearch_number(json_object_get(run, "step_gap")),
		       refsearch_number(json_object_get(run, "final_gap"))) < NEAR_TIE;
}

static bool same_tokens(const struct trie *t, uint32_t leaf, const json_t *tokens)
{
	uint32_t path[64];
	size_t n = trie_path(t, leaf, path);

	if (n != json_array_size(tokens))
		return false;
	for (size_t i = 0; i < n; i++)
		if (path[i] != json_integer_value(json_array_get(tokens, i)))
			return false;
	return true;
}

static bool same_beam(const struct trie *t, const struct trace_result *r, const json_t *beam)
{
	const json_t *score = json_object_get(beam, "score");
	json_int_t item = json_integer_value(json_object_get(beam, "item"));

	if (!same_tokens(t, r->leaf, json_object_get(beam, "tokens")) || item < 0 || t->item_leaf[item] != r->leaf)
		return false;
	return json_is_null(score) || refsearch_close(r->score, refsearch_number(score));
}

/* The real beams of a run come before its fillers. */
static bool same_results(const struct trie *t, const struct trace *trace, const json_t *run)
{
	const json_t *beams = json_object_get(run, "beams");

	if (trace->n_results != (size_t)json_integer_value(json_object_get(run, "n_ok")))
		return false;
	for (size_t i = 0; i < trace->n_results; i++)
		if (!json_is_true(json_object_get(json_array_get(beams, i), "ok")) ||
			!same_beam(t, &trace->results[i], json_array_get(beams, i)))
			return false;
	return true;
}

/* Where no prefix is left and the stop test does not hold, the reference goes on with -inf beams for one more step. */
static bool artefact_step(const struct trace *t)
{
	const struct trace_step *last = &t->steps[t->n_steps - 1];

	for (size_t i = 0; i < last->n_candidates; i++)
		if (last->candidates[i].kept && !last->candidates[i].finished)
			return false;
	return !(t->results[t->n_results - 1].score >= last->candidates[0].logp / (double)t->n_steps);
}

static void check_steps(const struct trace *t, const json_t *run, struct tally *tally)
{
	size_t expected = (size_t)json_integer_value(json_object_get(run, "steps"));
	bool artefact = !is_greedy(run) && artefact_step(t);

	if (t->short_of_items) /* the reference then goes on with fillers to the end */
		return;
	assert_int_equal(t->n_steps + artefact, expected);
	tally->artefact_steps += artefact;
}

static void check_run(
	struct refsearch *r, const char *catalogue, const json_t *run, enum mask_rule mask, struct tally *tally)
{
	const struct beam_options o = {.width = (size_t)json_integer_value(json_object_get(run, "B")),
		.kind = SEARCH_HF,
		.length_penalty = 1.0,
		.early = EARLY_FALSE};
	struct trie t;
	struct scorer s;
	struct trace trace;
	struct err err;
	bool same;

	refsearch_open(r, catalogue, refsearch_rule(run), mask, &t, &s);
	refsearch_prompt(r, &s, (size_t)json_integer_value(json_object_get(run, "prompt")));
	assert_int_equal(beam_search(&trace, &s, &o, true, &err), 0);
	same = same_results(&t, &trace, run);
	tally->runs++;
	tally->results += trace.n_results;
	if (near_tie(run)) {
		tally->excepted++;
		tally->differing += !same;
	} else {
		assert_true(same);
		check_steps(&trace, run, tally);
	}
	trace_release(&trace);
	scorer_release(&s);
	trie_release(&t);
}

static void check_catalogue(const char *catalogue, size_t runs)
{
	char *name = xasprintf("A/beam_%s.json", catalogue);
	json_t *all = refsearch_json(name);
	struct tally tally = {0};
	struct refsearch r;
	const json_t *run;
	size_t i;

	refsearch_init(&r);
	assert_int_equal(json_array_size(all), runs);
	json_array_foreach(all, i, run) {
		check_run(&r, catalogue, run, refsearch_mode(run), &tally);
		if (is_greedy(run)) /* the same under both masks */
			check_run(&r, catalogue, run, MASK_AFTER, &tally);
	}
	print_message("# %s: %zu searches, %zu results; %zu near ties excepted (%zu differ); %zu artefact steps\n",
		catalogue, tally.runs, tally.results, tally.excepted, tally.differing, tally.artefact_steps);
	assert_true(tally.excepted <= 3);
	json_decref(all);
	free(name);
	refsearch_release(&r);
}

static void test_main(void **state)
{
	(void)state;
	check_catalogue("main", 140);
}

static void test_narrow(void **state)
{
	(void)state;
	check_catalogue("narrow", 70);
}

static void test_tiny(void **state)
{
	(void)state;
	check_catalogue("tiny", 70);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_main),
		cmocka_unit_test(test_narrow),
		cmocka_unit_test(test_tiny),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
