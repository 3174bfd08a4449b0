/*
 * What the views get of a diagnosis of many cases: the charts count what the findings say, and only the screens' own
 * runs make it.
 */
#include "check.h"

#include <math.h>

#include "base/compiler.h"
#include "diagnose/report.h"
#include "diagnose/survey_charts.h"
#include "diagnose/tally.h"
#include "randfinding.h"
#include "sessionrun.h"
#include "session/session.h"
#include "session/snapshot.h"
#include "session/survey_shown.h"

#define WIDTH 10

static void make_survey(struct survey *s, struct rng *r, size_t n)
{
	randsurvey_init(s, r, n, WIDTH);
	s->settings = json_pack("{s:i, s:s, s:s}", "beam", WIDTH, "mask", "before", "search", "plain");
}

static const struct chart *chart_named(const struct snap_survey *s, const char *title)
{
	for (size_t i = 0; i < s->n_charts; i++)
		if (strcmp(s->charts[i].title, title) == 0)
			return &s->charts[i];
	fail_msg("there is no chart '%s'", title);
	return NULL;
}

static double sum(const struct chart_series *r)
{
	double all = 0;

	for (size_t i = 0; i < r->n; i++)
		all += r->y[i];
	return all;
}

/* Every series is as long as it says, and what stands in a category has a name. */
static void assert_sound(const struct snap_survey *s)
{
	for (size_t i = 0; i < s->n_charts; i++) {
		const struct chart *c = &s->charts[i];

		assert_non_null(c->title);
		assert_true(c->n_series >= 1);
		for (size_t k = 0; k < c->n_series; k++)
			assert_true(c->kind == CHART_LINES || c->series[k].n == c->n_categories);
		for (size_t k = 0; k < c->n_categories; k++)
			assert_true(*c->categories[k] != '\0');
	}
}

static void charts_count_the_findings(void **state)
{
	struct rng r;

	(void)state;
	rng_seed(&r, 5);
	for (int round = 0; round < 20; round++) {
		struct survey s;
		struct snap_survey *n;
		size_t pruned = 0, margins = 0;
		const struct chart *c;

		make_survey(&s, &r, 1 + rng_below(&r, 400));
		n = snap_survey_new(&s);
		assert_sound(n);
		for (size_t i = 0; i < s.findings.n; i++) {
			pruned += finding_pruned(&s.findings.at[i]);
			margins += finding_worst_step(&s.findings.at[i]) > 0;
		}
		c = chart_named(n, "Where items leave the beam");
		assert_true(sum(&c->series[0]) == (double)pruned);
		if (margins > 20) {
			c = chart_named(n, "Smallest prefix margin of each case");
			assert_true(sum(&c->series[0]) + sum(&c->series[1]) == (double)margins);
			assert_true(sum(&c->series[0]) <= (double)pruned);
		}
		c = chart_named(n, "Survival, by beam width");
		assert_int_equal(c->series[0].n, s.n_widths);
		for (size_t i = 0; i < s.n_widths; i++)
			assert_true(c->series[0].x[i] == (double)s.widths[i]);
		assert_int_equal(n->cases, s.findings.n);
		snap_survey_unref(n);
		survey_release(&s);
	}
}

static struct finding with_margin(double margin, bool lost)
{
	static struct finding_step steps[8];
	static size_t used;
	struct finding_step *p = &steps[used++ % ARRAY_LEN(steps)];

	*p = (struct finding_step){.text = "", .valid = 2, .token_rank = 1, .prefix_rank = 1, .prefix_margin = margin};
	return (struct finding){.index = 1,
		.id = "",
		.user = "",
		.item = "",
		.title = "",
		.first_text = "",
		.steps = p,
		.n_steps = 1,
		.outcome = {.kind = lost ? VERDICT_PRUNED : VERDICT_OUTRANKED, .pruned_at = 1}};
}

/* Bins are as wide as each other; what is infinite is in the first or last, and 0 is an edge. */
static void margins_are_counted_in_bins(void **state)
{
	const struct finding all[] = {with_margin(-INFINITY, true), with_margin(-0.5, true), with_margin(-0.25, false),
		with_margin(0, false), with_margin(0.75, false), with_margin(INFINITY, false)};
	struct survey s;
	struct chart c;
	struct arena a;
	struct buf b = {0};

	(void)state;
	survey_init(&s);
	arena_init(&a);
	for (size_t i = 0; i < ARRAY_LEN(all); i++)
		vec_push(&s.findings, all[i]);
	survey_chart_worst(&a, &s, &c);
	for (size_t i = 0; i < c.n_categories; i++)
		buf_addf(&b, "%s: %g %g\n", c.categories[i], c.series[0].y[i], c.series[1].y[i]);
	assert_string_equal(buf_str(&b), "< -0.6: 1 0\n-0.6…-0.4: 1 0\n-0.4…-0.2: 0 1\n-0.2…0.0: 0 0\n0.0…0.2: 0 1\n"
					 "0.2…0.4: 0 0\n0.4…0.6: 0 0\n0.6…0.8: 0 1\n≥ 0.8: 0 1\n");
	buf_release(&b);
	arena_release(&a);
	survey_release(&s);
}

/* Its sentence and figures are the report's. */
static void words_are_those_of_the_report(void **state)
{
	struct survey s;
	struct snap_survey *n;
	struct tally t;
	struct buf b = {0};
	struct rng r;
	struct err err;

	(void)state;
	rng_seed(&r, 8);
	make_survey(&s, &r, 200);
	n = snap_survey_new(&s);
	check_ok(tally_init(&t, &s, NULL, 0, &err), &err);
	report_headline(&t, &b);
	assert_string_equal(n->headline_shown, buf_str(&b));
	assert_int_equal(n->n_figures, REPORT_FIGURES);
	assert_string_equal(n->figures[0].name_shown, "Wrongly pruned");
	assert_non_null(strstr(n->figures[0].value_shown, " %"));
	buf_clear(&b);
	buf_addcount(&b, t.metrics.pruning_rate.n);
	assert_non_null(strstr(n->figures[0].interval_shown, buf_str(&b)));
	buf_release(&b);
	tally_release(&t);
	snap_survey_unref(n);
	survey_release(&s);
}

static void no_case_is_no_chart(void **state)
{
	struct survey s;
	struct snap_survey *n;
	struct rng r;

	(void)state;
	rng_seed(&r, 1);
	make_survey(&s, &r, 3);
	s.findings.n = 0;
	n = snap_survey_new(&s);
	assert_int_equal(n->n_charts, 0);
	assert_string_equal(n->headline_shown, "There was no case to diagnose.");
	snap_survey_unref(n);
	survey_release(&s);
}

/* Lines of a file may say anything of a search; what is shown of it is safe. */
static void settings_of_a_file_are_made_safe(void **state)
{
	struct survey s;
	struct snap_survey *n;
	struct rng r;

	(void)state;
	rng_seed(&r, 2);
	make_survey(&s, &r, 3);
	json_object_set_new(s.settings, "mask", json_string("after\033[2J\n"));
	json_object_del(s.settings, "search");
	n = snap_survey_new(&s);
	assert_non_null(strstr(n->settings_shown, " · mask after"));
	assert_non_null(strstr(n->settings_shown, " · ?"));
	for (const char *p = n->settings_shown; *p; p++)
		assert_true((unsigned char)*p >= ' ');
	snap_survey_unref(n);
	survey_release(&s);
}

static void a_job_hands_it_over(void **state)
{
	struct session *s = sessionrun_open();
	const struct snapshot *first, *second;

	(void)state;
	sessionrun_quietly(s, "diagnose --limit 4 --beams none");
	first = session_snapshot(s);
	assert_null(first->survey); /* nobody looks at screens */
	sessionrun_work(s, "diagnose --limit 12 --beams 5,20");
	second = session_snapshot(s);
	assert_non_null(second->survey);
	assert_int_equal(second->survey->cases, 12);
	assert_string_equal(second->survey->settings_shown, second->settings_shown);
	assert_sound(second->survey);
	session_free(s);
	assert_true(*second->survey->headline_shown != '\0'); /* it borrows nothing */
	snapshot_release(first);
	snapshot_release(second);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(charts_count_the_findings),
		cmocka_unit_test(margins_are_counted_in_bins),
		cmocka_unit_test(words_are_those_of_the_report),
		cmocka_unit_test(no_case_is_no_chart),
		cmocka_unit_test(settings_of_a_file_are_made_safe),
		cmocka_unit_test(a_job_hands_it_over),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
