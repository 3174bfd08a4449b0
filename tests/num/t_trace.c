/* The hf beam search step by step against the reference's trace: candidates, next prefixes, finished items, the end. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <math.h>

#include "refsearch.h"

#define ARTEFACT (-1e8) /* what the reference has at or below this are its fillers */

static double number_at(const json_t *step, const char *key, size_t i)
{
	return refsearch_number(json_array_get(json_object_get(step, key), i));
}

static uint32_t id_at(const json_t *step, const char *key, size_t i)
{
	return (uint32_t)json_integer_value(json_array_get(json_object_get(step, key), i));
}

/* How many of the reference's scores are real; they come first. */
static size_t count_real(const json_t *step, const char *key)
{
	size_t n = 0;

	while (n < json_array_size(json_object_get(step, key)) && number_at(step, key, n) > ARTEFACT)
		n++;
	return n;
}

static void check_candidates(const struct trace_step *ours, const json_t *step, size_t width)
{
	size_t n = count_real(step, "cand_scores");

	assert_int_equal(n, ours->total < 2 * width ? ours->total : 2 * width);
	assert_true(n <= ours->n_candidates);
	for (size_t i = 0; i < n; i++) {
		const struct trace_candidate *c = &ours->candidates[i];

		assert_int_equal(c->rank, i + 1);
		assert_int_equal(c->token, id_at(step, "cand_tokens", i));
		assert_int_equal(c->parent, id_at(step, "cand_beams", i));
		assert_true(refsearch_close(c->logp, number_at(step, "cand_scores", i)));
	}
}

/* The prefixes that go on, in the order of the kept candidates. */
static void check_next(const struct trace_step *ours, const json_t *step)
{
	size_t n = 0;

	for (size_t i = 0; i < ours->n_candidates; i++) {
		const struct trace_candidate *c = &ours->candidates[i];

		if (!c->kept || c->finished)
			continue;
		assert_int_equal(c->token, id_at(step, "next_beam_tokens", n));
		assert_int_equal(c->parent, id_at(step, "next_beam_indices", n));
		assert_true(refsearch_close(c->logp, number_at(step, "next_beam_scores", n)));
		n++;
	}
	assert_int_equal(n, count_real(step, "next_beam_scores"));
}

static bool same_item(const struct trie *t, const struct trace_result *r, const json_t *entry)
{
	const json_t *tokens = json_array_get(entry, 1);
	uint32_t path[64];
	size_t n = trie_path(t, r->leaf, path) - 1;

	if (n != json_array_size(tokens))
		return false;
	for (size_t i = 0; i < n; i++)
		if (path[i] != json_integer_value(json_array_get(tokens, i)))
			return false;
	return refsearch_close(r->score, refsearch_number(json_array_get(entry, 0)));
}

static void check_finished(const struct trie *t, const struct trace_step *ours, const json_t *step)
{
	const json_t *finished = json_object_get(step, "finished"), *entry;
	size_t i, real = 0;

	json_array_foreach(finished, i, entry) {
		bool found = false;

		if (refsearch_number(json_array_get(entry, 0)) <= ARTEFACT)
			continue;
		real++;
		for (size_t k = 0; k < ours->n_finished; k++)
			found |= same_item(t, &ours->finished[k], entry);
		assert_true(found);
	}
	assert_int_equal(real, ours->n_finished);
}

static void check_run(struct refsearch *r, const json_t *run)
{
	const json_t *steps = json_object_get(run, "steps");
	const struct beam_options o = {.width = (size_t)json_integer_value(json_object_get(run, "B")),
		.kind = SEARCH_HF,
		.length_penalty = 1.0,
		.others = 100};
	struct trie t;
	struct scorer s;
	struct trace trace;
	struct err err;

	refsearch_open(r, "main", refsearch_rule(run), refsearch_mode(run), &t, &s);
	refsearch_prompt(r, &s, (size_t)json_integer_value(json_object_get(run, "prompt")));
	assert_int_equal(beam_search(&trace, &s, &o, true, &err), 0);
	/* The reference may take one more step, in which nothing real is left. */
	assert_in_range(json_array_size(steps) - trace.n_steps, 0, 1);
	for (size_t i = 0; i < json_array_size(steps); i++) {
		const json_t *step = json_array_get(steps, i);

		if (i >= trace.n_steps) {
			assert_int_equal(count_real(step, "cand_scores"), 0);
			continue;
		}
		check_candidates(&trace.steps[i], step, o.width);
		check_next(&trace.steps[i], step);
		check_finished(&t, &trace.steps[i], step);
		assert_true(trace.steps[i].done == json_is_true(json_object_get(step, "done")) ||
			    (i + 1 == trace.n_steps && json_array_size(steps) > trace.n_steps));
	}
	trace_release(&trace);
	scorer_release(&s);
	trie_release(&t);
}

static void test_trace(void **state)
{
	json_t *all = refsearch_json("A/beam_trace.json");
	struct refsearch r;
	const json_t *run;
	size_t i;

	(void)state;
	refsearch_init(&r);
	json_array_foreach(all, i, run)
		check_run(&r, run);
	assert_int_equal(i, 12);
	json_decref(all);
	refsearch_release(&r);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_trace),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
