/* The figures of a survey: by hand on a few cases, and at random against loops of their own over the findings. */
#include "check.h"

#include <math.h>

#include "diagnose/tally.h"
#include "randfinding.h"

static void near(double a, double b)
{
	if (!(fabs(a - b) < 1e-12) && !(isnan(a) && isnan(b)))
		fail_msg("%.17g, where %.17g was expected", a, b);
}

static void check_share(const struct figure *f, size_t count, size_t n)
{
	if (f->count != count || f->n != n || !f->share)
		fail_msg("%zu of %zu, where %zu of %zu was expected", f->count, f->n, count, n);
}

/* Five cases at B = 2: returned at 1; returned with a sister of its sequence before it, its exact rank beyond B; lost
 * at step 2 though exactly first; preferred to by others at step 1; and one that no search can return. */
static struct finding_step hand_steps[5][2] = {
	{{.token_rank = 1, .token_margin = 1, .prefix_margin = 3, .in_beam = true},
		{.token_rank = 1, .token_margin = 0, .prefix_margin = 2, .in_beam = true}},
	{{.token_rank = 2, .token_margin = 0, .prefix_margin = 1, .in_beam = true},
		{.token_rank = 1, .token_margin = 2, .prefix_margin = 0, .in_beam = true}},
	{{.token_rank = 1, .token_margin = 4, .prefix_margin = 4, .in_beam = true},
		{.token_rank = 2, .token_margin = 0, .prefix_margin = -1, .in_beam = false}},
	{{.token_rank = 5, .token_margin = -2, .prefix_margin = -2, .in_beam = false},
		{.token_rank = 9, .token_margin = -9, .prefix_margin = NAN, .in_beam = false}},
	{{.token_rank = 9, .token_margin = -INFINITY, .prefix_margin = -INFINITY, .in_beam = false},
		{.token_rank = 9, .token_margin = NAN, .prefix_margin = NAN, .in_beam = false}},
};

static struct finding_reach hand_reach[5][2] = {
	{{.rank = 1, .recalled = 1, .exact_n = 1}, {.rank = 1, .recalled = 4, .exact_n = 4}},
	{{.rank = 0, .recalled = 0, .exact_n = 1}, {.rank = 3, .recalled = 2, .exact_n = 4}},
	{{.rank = 0, .recalled = 0, .exact_n = 1}, {.rank = 1, .recalled = 3, .exact_n = 4}},
	{{.rank = 0, .recalled = 1, .exact_n = 1}, {.rank = 0, .recalled = 4, .exact_n = 4}},
	{{.rank = 0, .recalled = 1, .exact_n = 1}, {.rank = 0, .recalled = 1, .exact_n = 1}},
};

static const struct outcome hand_outcomes[5] = {
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
		.exact_rank = 1,
		.exact_proved = true,
		.condition_holds = true,
		.pruned_at = 2,
		.recalled = 0,
		.exact_n = 2,
		.nll_before = 3,
		.nll_after = 4},
	{.kind = VERDICT_OUTRANKED,
		.exact_rank = 7,
		.exact_proved = true,
		.pruned_at = 1,
		.recalled = 2,
		.exact_n = 2,
		.nll_before = 6,
		.nll_after = 9},
	{.kind = VERDICT_UNREACHABLE,
		.why = UNREACHABLE_ZERO,
		.recalled = 1,
		.exact_n = 1,
		.nll_before = INFINITY,
		.nll_after = INFINITY},
};

static void hand_survey(struct survey *s)
{
	survey_init(s);
	s->width = 2;
	s->split_cases = 9;
	s->seed = 5;
	s->n_widths = 2;
	s->widths[0] = 1;
	s->widths[1] = 4;
	for (size_t i = 0; i < 5; i++)
		vec_push(&s->findings, (struct finding){.index = i + 1,
					       .id = "",
					       .user = "",
					       .item = "",
					       .title = "",
					       .first_text = "",
					       .first_token = TOKEN_NONE,
					       .outcome = hand_outcomes[i],
					       .item_rank = i == 0   ? 1
							    : i == 1 ? 3
								     : 0,
					       .exact_rank_most = i == 1 ? 9 : hand_outcomes[i].exact_rank,
					       .steps = hand_steps[i],
					       .n_steps = 2,
					       .reach = hand_reach[i],
					       .smallest_width = i == 2 ? 3 : 1,
					       .scored = 100 * (i + 1)});
}

static void check_hand_steps(const struct tally *t)
{
	const struct tally_step *s = t->steps;

	assert_int_equal(t->n_steps, 2);
	assert_true(s[0].n == 4 && s[0].alive == 4 && s[0].pruned == 1 && s[0].wrongly == 0 && s[0].violated == 1);
	assert_true(s[1].n == 3 && s[1].alive == 3 && s[1].pruned == 1 && s[1].wrongly == 1 && s[1].violated == 0);
	/* -2, 1, 3, 4: the quarters lie at 0.75, 1.5 and 2.25. */
	near(s[0].prefix_margin[0], -2);
	near(s[0].prefix_margin[1], 0.25);
	near(s[0].prefix_margin[2], 2);
	near(s[0].prefix_margin[3], 3.25);
	near(s[0].prefix_margin[4], 4);
	near(s[1].prefix_margin[2], 0);
	near(s[1].token_margin[4], 2);
}

static void test_by_hand(void **state)
{
	const double half = 1 / log2(3);
	struct survey s;
	struct tally t;
	struct err err;

	(void)state;
	hand_survey(&s);
	check_ok(tally_init(&t, &s, NULL, 0, &err), &err);
	assert_true(t.cases == 5 && t.split_cases == 9 && t.width == 2 && t.n_at == 2);
	assert_true(t.kinds[VERDICT_RETRIEVED] == 2 && t.kinds[VERDICT_PRUNED] == 1 && t.kinds[VERDICT_OUTRANKED] == 1);
	assert_true(t.kinds[VERDICT_UNREACHABLE] == 1 && t.whys[UNREACHABLE_ZERO] == 1);
	assert_true(t.at[0].k == 1 && t.at[1].k == 2);
	check_share(&t.at[0].hr, 1, 5);
	check_share(&t.at[1].hr, 2, 5);
	check_share(&t.at[1].item_hr, 1, 5);
	check_share(&t.at[0].exact_hr, 2, 5);
	check_share(&t.at[1].exact_hr, 2, 5);
	near(t.at[1].ndcg.value, (1 + half) / 5);
	near(t.at[1].item_ndcg.value, 1.0 / 5);
	near(t.at[1].exact_ndcg.value, 2.0 / 5);
	check_share(&t.metrics.pruning_rate, 1, 2);
	check_share(&t.metrics.lucky, 1, 2);
	check_share(&t.metrics.condition_violated, 1, 4);
	check_share(&t.held_yet_pruned, 1, 1);
	near(t.metrics.search_recall.value, (1 + 0.5 + 0 + 1 + 1) / 5);
	near(t.metrics.nll_before.value, 3);
	assert_int_equal(t.metrics.nll_before.n, 4);
	check_hand_steps(&t);
	check_share(&t.widths[0].hr, 1, 5);
	check_share(&t.widths[0].pruning_rate, 1, 2);
	check_share(&t.widths[1].hr, 3, 5);
	/* An exact rank from 3 to 9 is not settled against 4. */
	check_share(&t.widths[1].exact_hr, 2, 4);
	check_share(&t.widths[1].pruning_rate, 0, 2);
	near(t.widths[1].search_recall.value, (1 + 0.5 + 0.75 + 1 + 1) / 5);
	assert_true(t.widths[0].saved == 0 && t.widths[1].saved == 1);
	assert_true(t.smallest_n == 1 && t.smallest_median == 3);
	assert_true(t.scored_median == 300 && t.scored_most == 500);
	tally_release(&t);
	survey_release(&s);
}

/* The place of an exact rank against k, from its bounds alone. */
static bool surely_within(const struct finding *f, size_t k)
{
	return f->outcome.exact_rank > 0 && f->exact_rank_most <= k;
}

static bool surely_beyond(const struct finding *f, size_t k)
{
	return f->outcome.kind == VERDICT_UNREACHABLE || f->outcome.exact_rank > k;
}

static void check_mean(const struct figure *f, const double *x, size_t n, uint64_t seed)
{
	struct figure alone = figure_mean(x, n, seed);

	if (memcmp(f, &alone, offsetof(struct figure, share)) != 0 || f->share)
		fail_msg("%.17g [%.17g, %.17g] of %zu, where %.17g [%.17g, %.17g] of %zu was expected", f->value,
			f->low, f->high, f->n, alone.value, alone.low, alone.high, alone.n);
}

static void check_at(const struct tally_at *a, const struct survey *s, double *x)
{
	const struct finding *at = s->findings.at;
	size_t n = s->findings.n, hits = 0, item_hits = 0, within = 0, settled = 0, known = 0;

	for (size_t i = 0; i < n; i++) {
		hits += at[i].outcome.rank >= 1 && at[i].outcome.rank <= a->k;
		item_hits += at[i].item_rank >= 1 && at[i].item_rank <= a->k;
		within += surely_within(&at[i], a->k);
		settled += surely_within(&at[i], a->k) || surely_beyond(&at[i], a->k);
	}
	check_share(&a->hr, hits, n);
	check_share(&a->item_hr, item_hits, n);
	check_share(&a->exact_hr, within, settled);
	for (size_t i = 0; i < n; i++)
		x[i] = at[i].item_rank && at[i].item_rank <= a->k ? 1 / log2((double)at[i].item_rank + 1) : 0;
	check_mean(&a->item_ndcg, x, n, s->seed);
	for (size_t i = 0; i < n; i++) {
		if (surely_beyond(&at[i], a->k))
			x[known++] = 0;
		else if (surely_within(&at[i], a->k) && at[i].outcome.exact_proved)
			x[known++] = 1 / log2((double)at[i].outcome.exact_rank + 1);
	}
	assert_true(known <= settled);
	check_mean(&a->exact_ndcg, x, known, s->seed);
}

static void check_width(const struct tally_width *w, const struct survey *s, size_t place, double *x)
{
	const struct finding *at = s->findings.at;
	size_t n = s->findings.n, within = 0, lost = 0, saved = 0, known = 0;

	for (size_t i = 0; i < n; i++) {
		const struct finding_reach *r = &at[i].reach[place];

		within += surely_within(&at[i], w->width);
		lost += surely_within(&at[i], w->width) && r->rank == 0;
		saved += at[i].outcome.kind == VERDICT_PRUNED && r->rank > 0;
		if (r->exact_n > 0)
			x[known++] = (double)r->recalled / (double)r->exact_n;
	}
	check_share(&w->pruning_rate, lost, within);
	assert_int_equal(w->saved, saved);
	check_mean(&w->search_recall, x, known, s->seed);
}

/* Every case is counted where it left the beam, and is alive until then. */
static void check_steps(const struct tally *t, const struct survey *s)
{
	size_t pruned = 0, wrongly = 0, left = 0;

	for (size_t i = 0; i < s->findings.n; i++)
		left += s->findings.at[i].outcome.pruned_at > 0;
	for (size_t k = 0; k < t->n_steps; k++) {
		const struct tally_step *x = &t->steps[k];
		const double *m = x->prefix_margin;

		assert_int_equal(x->step, k + 1);
		assert_true(x->alive <= x->n && x->wrongly <= x->pruned && x->violated <= x->alive);
		assert_true(k == 0 || x->n <= x[-1].n);
		assert_true(x->alive == 0 ? isnan(m[0]) : m[0] <= m[1] && m[1] <= m[2] && m[2] <= m[3] && m[3] <= m[4]);
		pruned += x->pruned;
		wrongly += x->wrongly;
	}
	assert_int_equal(t->steps[0].alive, t->steps[0].n);
	assert_int_equal(pruned, left);
	assert_int_equal(wrongly, t->kinds[VERDICT_PRUNED]);
}

static void check_same(const struct figure *a, const struct figure *b)
{
	assert_true(a->share == b->share);
	assert_memory_equal(a, b, offsetof(struct figure, share));
}

static void test_random(void **state)
{
	const size_t k[] = {1, 3, 7};

	(void)state;
	for (uint64_t seed = 0; seed < 4; seed++) {
		struct survey s;
		struct tally t;
		struct rng r;
		struct err err;
		double *x;

		rng_seed(&r, seed);
		randsurvey_init(&s, &r, 120 + 37 * seed, 7);
		x = calloc(s.findings.n, sizeof(*x));
		check_ok(tally_init(&t, &s, k, ARRAY_LEN(k), &err), &err);
		assert_int_equal(t.n_at, 3);
		for (size_t i = 0; i < t.n_at; i++)
			check_at(&t.at[i], &s, x);
		for (size_t i = 0; i < t.n_widths; i++)
			check_width(&t.widths[i], &s, i, x);
		check_steps(&t, &s);
		/* What has K = B is the same as the metrics' own. */
		check_same(&t.at[2].hr, &t.metrics.hr);
		check_same(&t.at[2].ndcg, &t.metrics.ndcg);
		check_same(&t.at[2].exact_hr, &t.metrics.exact_hr);
		check_same(&t.at[2].exact_ndcg, &t.metrics.exact_ndcg);
		assert_int_equal(t.metrics.pruning_rate.n, t.metrics.exact_hr.count);
		assert_int_equal(t.cases - t.metrics.undecided, t.metrics.exact_hr.n);
		tally_release(&t);
		survey_release(&s);
		free(x);
	}
}

static void test_no_cases(void **state)
{
	struct survey s;
	struct tally t;
	struct err err;
	json_t *v;

	(void)state;
	survey_init(&s);
	s.width = 3;
	check_ok(tally_init(&t, &s, NULL, 0, &err), &err);
	assert_true(t.n_at == 2 && t.at[1].k == 3 && t.n_steps == 0 && isnan(t.at[0].ndcg.value));
	v = tally_json(&t, &s);
	assert_true(json_is_null(json_object_get(json_object_get(json_object_get(v, "figures"), "hr@3"), "value")));
	json_decref(v);
	tally_release(&t);
	check_refused(tally_init(&t, &s, (const size_t[]){4}, 1, &err), &err, ERR_VALUE, "K = 4 is out of range");
	check_refused(tally_init(&t, &s, (const size_t[]){0}, 1, &err), &err, ERR_VALUE, "from 1 to B = 3");
	survey_release(&s);
}

/* Means found together are those found alone, whatever their number and order. */
static void test_means(void **state)
{
	static const size_t n[] = {40, 3, 40, 0, 40, 3, 40, 40, 40, 40, 40, 40, 1, 40, 0};
	struct figure figures[ARRAY_LEN(n)];
	double *x[ARRAY_LEN(n)], copies[ARRAY_LEN(n)][40];
	struct means means;
	struct rng r;

	(void)state;
	rng_seed(&r, 9);
	means_init(&means);
	for (size_t i = 0; i < ARRAY_LEN(n); i++) {
		x[i] = means_room(&means, n[i]);
		for (size_t k = 0; k < n[i]; k++)
			copies[i][k] = x[i][k] = i == 4 && k == 7 ? (double)INFINITY : rng_normal(&r);
		means_want(&means, x[i], n[i], &figures[i]);
	}
	means_find(&means, 77);
	for (size_t i = 0; i < ARRAY_LEN(n); i++)
		check_mean(&figures[i], copies[i], n[i], 77);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_by_hand),
		cmocka_unit_test(test_random),
		cmocka_unit_test(test_no_cases),
		cmocka_unit_test(test_means),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
