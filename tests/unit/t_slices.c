/* Slices: every case is in the one that its label says, and a slice's figures are those of its cases by themselves. */
#include "check.h"

#include <math.h>

#include "diagnose/slices.h"
#include "diagnose/tally.h"
#include "randfinding.h"

/* Does the label of a slice by numbers name this one? */
static bool label_names(const char *label, double x)
{
	double low, high;

	if (sscanf(label, "> %lf", &low) == 1)
		return x > low;
	if (sscanf(label, "up to %lf", &high) == 1)
		return x <= high;
	if (sscanf(label, "%lf-%lf", &low, &high) == 2)
		return x >= low && x <= high;
	return sscanf(label, "%lf", &low) == 1 && x == low;
}

static double number_of(const char *name, const struct finding *f)
{
	if (!strcmp(name, "popularity"))
		return (double)f->popularity;
	if (!strcmp(name, "history"))
		return (double)f->history;
	if (!strcmp(name, "siblings"))
		return f->outcome.pruned_at > f->n_steps ? (double)NAN
							 : (double)f->steps[f->outcome.pruned_at - 1].valid - 1;
	if (f->item_tokens == 0)
		return NAN;
	return (double)(!strcmp(name, "item_tokens")    ? f->item_tokens
			: !strcmp(name, "first_shared") ? f->first_shared
							: f->choices);
}

static void check_metrics(const struct metrics *a, const struct metrics *b)
{
	const struct figure *const left[] = {&a->hr, &a->ndcg, &a->exact_hr, &a->exact_ndcg, &a->pruning_rate,
		&a->search_recall, &a->lucky, &a->condition_violated, &a->nll_before, &a->nll_after};
	const struct figure *const right[] = {&b->hr, &b->ndcg, &b->exact_hr, &b->exact_ndcg, &b->pruning_rate,
		&b->search_recall, &b->lucky, &b->condition_violated, &b->nll_before, &b->nll_after};

	assert_true(a->cases == b->cases && a->undecided == b->undecided);
	for (size_t i = 0; i < ARRAY_LEN(left); i++)
		assert_memory_equal(left[i], right[i], offsetof(struct figure, share));
}

/* The figures of these cases as a survey of their own. */
static void check_alone(const struct slices *s, int k, const struct survey *of)
{
	const struct slice *slice = &s->at[k];
	struct survey some = *of;
	struct tally t;
	struct err err;

	memset(&some.findings, 0, sizeof(some.findings));
	for (size_t i = 0; i < of->findings.n; i++)
		if (slices_find(s, &of->findings.at[i]) == k)
			vec_push(&some.findings, of->findings.at[i]);
	assert_int_equal(slice->cases, some.findings.n);
	check_ok(tally_init(&t, &some, NULL, 0, &err), &err);
	assert_int_equal(slice->pruned, t.kinds[VERDICT_PRUNED]);
	if (s->by->pruned_only)
		assert_true(slice->pruned == slice->cases && slice->metrics.hr.n == 0);
	else
		check_metrics(&slice->metrics, &t.metrics);
	tally_release(&t);
	vec_release(&some.findings);
}

static void check_slicing(const struct slicing *by, const struct survey *survey)
{
	struct slices s;
	size_t total = 0, without = 0;

	slices_init(&s, by, survey);
	for (size_t i = 0; i < survey->findings.n; i++) {
		const struct finding *f = &survey->findings.at[i];
		int k = slices_find(&s, f);
		bool belongs = !by->pruned_only || f->outcome.kind == VERDICT_PRUNED;

		if (k < 0) {
			assert_true(!belongs || isnan(number_of(by->edges ? by->name : "item_tokens", f)));
			without++;
			continue;
		}
		assert_true(belongs && (size_t)k < s.n);
		if (by->edges && !label_names(s.at[k].label, number_of(by->name, f)))
			fail_msg("by %s, %g is in slice '%s'", by->name, number_of(by->name, f), s.at[k].label);
	}
	for (size_t k = 0; k < s.n; k++) {
		check_alone(&s, (int)k, survey);
		assert_true(s.at[k].cases > 0);
		total += s.at[k].cases;
	}
	assert_int_equal(total + without, survey->findings.n);
	slices_release(&s);
}

static void test_random(void **state)
{
	struct survey survey;
	struct rng r;

	(void)state;
	rng_seed(&r, 3);
	randsurvey_init(&survey, &r, 300, 6);
	for (size_t i = 0; slicings[i]; i++)
		check_slicing(slicings[i], &survey);
	survey_release(&survey);
}

static const struct slicing *slicing_named(const char *name)
{
	size_t i = 0;

	while (strcmp(slicings[i]->name, name) != 0)
		i++;
	return slicings[i];
}

/* The most frequent ones, those of equal frequency by their number, then all others. */
static void test_first_tokens(void **state)
{
	static const char *const texts[] = {"\"Canon", "pen", "", "\033[31m", "d", "e", "f", "g", "h", "i"};
	static const char *const labels[] = {
		"'\"Canon'", "\"pen\"", "token 2", NULL, "\"d\"", "\"e\"", "\"f\"", "\"g\"", "others"};
	struct survey survey;
	struct slices s;

	(void)state;
	survey_init(&survey);
	survey.width = 2;
	for (uint32_t i = 0; i < ARRAY_LEN(texts); i++)
		for (uint32_t n = 0; n < (i < 3 ? 4 - i : 1); n++)
			vec_push(&survey.findings, (struct finding){.first_token = i,
							   .first_text = texts[i],
							   .item_tokens = 2,
							   .outcome = {.kind = VERDICT_UNREACHABLE}});
	slices_init(&s, slicing_named("first_token"), &survey);
	assert_int_equal(s.n, ARRAY_LEN(labels));
	for (size_t i = 0; i < s.n; i++) {
		if (labels[i])
			assert_string_equal(s.at[i].label, labels[i]);
		assert_null(strchr(s.at[i].label, '\033'));
	}
	assert_true(s.at[0].cases == 4 && s.at[8].cases == 2);
	assert_int_equal(slices_find(&s, &(struct finding){.first_token = 99}), 8);
	assert_int_equal(slices_find(&s, &(struct finding){.first_token = TOKEN_NONE}), -1);
	slices_release(&s);
	survey_release(&survey);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_random),
		cmocka_unit_test(test_first_tokens),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
