/* Learning rate schedules against values worked out by hand, and the parser of races. */
#include "check.h"

#include <math.h>

#include "train/trainer.h"

static void close_to(double got, double wanted)
{
	if (!(fabs(got - wanted) <= 1e-12))
		fail_msg("%.17g, wanted %.17g", got, wanted);
}

static void warm_up_begins_at_zero(void **state)
{
	(void)state;
	for (enum schedule s = SCHEDULE_CONSTANT; s <= SCHEDULE_COSINE; s++) {
		close_to(schedule_factor(s, 0, 20, 100), 0);
		close_to(schedule_factor(s, 1, 20, 100), 0.05);
		close_to(schedule_factor(s, 19, 20, 100), 0.95);
		close_to(schedule_factor(s, 20, 20, 100), 1);
		close_to(schedule_factor(s, 0, 0, 100), 1);
		close_to(schedule_factor(s, 4, 20, 5), 0.2);
	}
}

static void afterwards_it_is_constant_or_falls_to_zero(void **state)
{
	(void)state;
	close_to(schedule_factor(SCHEDULE_CONSTANT, 99, 20, 100), 1);
	close_to(schedule_factor(SCHEDULE_LINEAR, 60, 20, 100), 0.5);
	close_to(schedule_factor(SCHEDULE_LINEAR, 99, 20, 100), 0.0125);
	close_to(schedule_factor(SCHEDULE_LINEAR, 100, 20, 100), 0);
	close_to(schedule_factor(SCHEDULE_COSINE, 60, 20, 100), 0.5);
	close_to(schedule_factor(SCHEDULE_COSINE, 40, 20, 100), 0.85355339059327376);
	close_to(schedule_factor(SCHEDULE_COSINE, 100, 20, 100), 0);
	close_to(schedule_factor(SCHEDULE_LINEAR, 20, 20, 20), 0);
}

static const struct objective_params usual = {.tau = 1, .K = 10, .xi = 2.75, .lambda = 0.25};

static void a_race_is_parsed(void **state)
{
	struct runner_config r[TRAIN_RUNNERS];
	struct err err;
	size_t n;

	(void)state;
	check_ok(runners_parse(r, &n, "sft,bear,bear:lambda=4:xi=0.5,direct:K=5:tau=2", &usual, &err), &err);
	assert_int_equal(n, 4);
	assert_string_equal(r[0].name, "sft");
	assert_string_equal(r[0].objective->name, "sft");
	assert_string_equal(r[1].name, "bear");
	assert_memory_equal(&r[1].params, &usual, sizeof(usual));
	assert_string_equal(r[2].name, "bear-lambda4-xi0.5");
	assert_string_equal(r[2].objective->name, "bear");
	close_to(r[2].params.lambda, 4);
	close_to(r[2].params.xi, 0.5);
	close_to(r[2].params.tau, 1);
	assert_int_equal(r[2].params.K, 10);
	assert_string_equal(r[3].name, "direct-K5-tau2");
	assert_int_equal(r[3].params.K, 5);
	close_to(r[3].params.tau, 2);
}

static void what_is_no_race_is_refused(void **state)
{
	static const struct {
		const char *text, *why;
	} cases[] = {
		{"", "objective"},
		{"sft,,bear", "objective"},
		{"sft,bare", "bare"},
		{"bear,bear", "twice"},
		{"bear:lambda=1,bear:lambda=1.0", "twice"},
		{"bear:", "no setting"},
		{"bear:xi", "no setting"},
		{"bear:k=5", "no setting"},
		{"bear:K=", "'K='"},
		{"bear:K=2.5", "whole number"},
		{"bear:K=0", "from 1"},
		{"bear:xi=0", "xi must be"},
		{"bear:xi=nan", "xi must be"},
		{"bear:lambda=-1", "lambda must be"},
		{"bear:lambda=1x", "lambda must be"},
		{"bear:tau=1e999", "tau must be"},
		{"bear:tau=1.23456:xi=1.23456:lambda=1.23456:K=123456:tau=2", "too many"},
		{"sft,msl,bear,bear:K=2,bear:K=3,bear:K=4,bear:K=5,bear:K=6,bear:K=7", "at most 8"},
	};
	struct runner_config r[TRAIN_RUNNERS];
	struct err err;
	size_t n;

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++)
		check_refused(runners_parse(r, &n, cases[i].text, &usual, &err), &err, ERR_USAGE, cases[i].why);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(warm_up_begins_at_zero),
		cmocka_unit_test(afterwards_it_is_constant_or_falls_to_zero),
		cmocka_unit_test(a_race_is_parsed),
		cmocka_unit_test(what_is_no_race_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
