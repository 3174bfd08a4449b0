/*
 * Contests against tables computed by hand, and against plain loops over random surveys: who is paired with whom, what
 * flipped, and every interval drawn again.
 */
#include "check.h"

#include <math.h>

#include "base/rng.h"
#include "diagnose/contest.h"

#define MOST_CASES 60
#define DRAWS 1000

static void near(double a, double b)
{
	if (!(isnan(a) && isnan(b)) && !(fabs(a - b) <= 1e-9 * (1 + fabs(b))))
		fail_msg("%.15g, where %.15g was expected", a, b);
}

/* A survey of B `width` of the test split of a dataset, with nothing in it. */
static void survey_begin(struct survey *s, size_t width, const char *digest, uint64_t seed)
{
	survey_init(s);
	s->width = width;
	s->split_cases = MOST_CASES;
	s->seed = seed;
	s->settings = json_pack("{s:s, s:s, s:s, s:i}", "data", "shop", "cases_digest", digest, "split", "test", "beam",
		(int)width);
	assert_non_null(s->settings);
}

static struct finding *add_case(struct survey *s, size_t index)
{
	char *id = arena_alloc(&s->arena, 16);

	snprintf(id, 16, "c%zu", index);
	vec_push(&s->findings,
		(struct finding){.index = index, .id = id, .user = "", .item = "i", .title = "t", .first_text = ""});
	return &s->findings.at[s->findings.n - 1];
}

/* One of the verdicts with ranks that go with it: "3/2" is returned at 3 with exact rank 2, "-/2" is not returned,
 * "-/2?5" has an exact rank from 2 to 5, "x" is unreachable. */
static void judge(struct finding *f, const char *text, size_t width)
{
	struct outcome *o = &f->outcome;
	const char *slash = strchr(text, '/'), *most = strchr(text, '?');

	o->exact_n = width;
	o->recalled = width;
	o->nll_before = o->nll_after = 1;
	if (!slash) {
		o->kind = VERDICT_UNREACHABLE;
		o->why = UNREACHABLE_NO_POSITIVE;
		o->nll_before = o->nll_after = INFINITY;
		return;
	}
	o->rank = text[0] == '-' ? 0 : (size_t)atol(text);
	o->exact_rank = (size_t)atol(slash + 1);
	o->exact_proved = most == NULL;
	f->exact_rank_most = most ? (size_t)atol(most + 1) : o->exact_rank;
	o->condition_holds = true;
	if (o->rank > 0)
		o->kind = VERDICT_RETRIEVED;
	else if (o->exact_rank > width)
		o->kind = VERDICT_OUTRANKED;
	else if (f->exact_rank_most <= width)
		o->kind = VERDICT_PRUNED;
	else
		o->kind = VERDICT_UNDECIDED;
	o->pruned_at = o->rank > 0 ? 0 : 2;
}

static void add_judged(struct survey *s, const char *const *texts, size_t n)
{
	for (size_t i = 0; i < n; i++)
		judge(add_case(s, i + 1), texts[i], s->width);
}

/* B 2. Hits 1 1 0 0 0 1 0 0 against 1 0 1 1 0 1 0 0; wrongly pruned 0 0 1 1 0 0 0 ? against 0 1 0 0 0 0 0 0. */
static void test_by_hand(void **state)
{
	static const char *const before[] = {"1/1", "2/2", "-/1", "-/2", "-/9", "2/5", "x", "-/1?4"};
	static const char *const after[] = {"1/1", "-/2", "1/1", "2/2", "-/3", "1/1", "x", "-/3"};
	struct survey a, b;
	const struct contender contenders[] = {{"sft", &a}, {"bear", &b}};
	const struct bout *bout;
	struct contest c;
	struct err err;

	(void)state;
	survey_begin(&a, 2, "d", 1);
	survey_begin(&b, 2, "d", 1);
	add_judged(&a, before, ARRAY_LEN(before));
	add_judged(&b, after, ARRAY_LEN(after));
	check_ok(contest_init(&c, contenders, 2, &err), &err);
	assert_int_equal(c.common, 8);
	assert_int_equal(c.k, 2);
	bout = &c.bouts[0];
	assert_int_equal(bout->cases, 8);
	assert_int_equal(bout->flips[FLIP_HIT].n, 8);
	assert_int_equal(bout->flips[FLIP_HIT].gained, 2);
	assert_int_equal(bout->flips[FLIP_HIT].lost, 1);
	near(bout->flips[FLIP_HIT].p, 1);
	near(bout->flips[FLIP_HIT].difference.value, 1 / 8.0);
	assert_int_equal(bout->flips[FLIP_PRUNED].n, 7); /* the last one's rank was left open */
	assert_int_equal(bout->flips[FLIP_PRUNED].gained, 1);
	assert_int_equal(bout->flips[FLIP_PRUNED].lost, 2);
	near(bout->flips[FLIP_PRUNED].difference.value, -1 / 7.0);
	assert_int_equal(bout->flips[FLIP_EXACT_HIT].n, 7);
	assert_int_equal(bout->flips[FLIP_EXACT_HIT].gained, 1); /* exact rank 5 became 1 */
	assert_int_equal(bout->flips[FLIP_EXACT_HIT].lost, 0);
	assert_int_equal(bout->flips[FLIP_CONDITION].n, 7);
	near(bout->means[MEAN_NDCG].difference.value, ((1 - 1 / log2(3)) + (0 - 1 / log2(3)) + 1 + 1 / log2(3)) / 8);
	near(bout->means[MEAN_EXACT_NDCG].difference.value, 1 / 7.0);
	assert_int_equal(bout->means[MEAN_EXACT_NDCG].n, 7);
	near(bout->means[MEAN_RECALL].difference.value, 0);
	near(bout->means[MEAN_RECALL].p, 1);
	assert_int_equal(bout->means[MEAN_NLL].n, 7);
	assert_int_equal(bout->n_changed, 4);
	assert_string_equal(bout->changed[0].before->id, "c2");
	assert_ptr_equal(bout->changed[3].after, &b.findings.at[7]);
	assert_int_equal(bout->verdicts[VERDICT_RETRIEVED][VERDICT_PRUNED], 1);
	assert_int_equal(bout->verdicts[VERDICT_PRUNED][VERDICT_RETRIEVED], 2);
	assert_int_equal(bout->verdicts[VERDICT_OUTRANKED][VERDICT_OUTRANKED], 1);
	assert_int_equal(bout->verdicts[VERDICT_UNDECIDED][VERDICT_OUTRANKED], 1);
	contest_release(&c);
	survey_release(&a);
	survey_release(&b);
}

/* Where B is not the same, the first K of a wider search count, K the smaller B. */
static void test_other_width(void **state)
{
	static const char *const narrow[] = {"1/1", "-/2", "2/2", "-/4"}, *const wide[] = {"1/1", "2/2", "3/3", "-/3"};
	struct survey a, b;
	const struct contender contenders[] = {{"wide", &b}, {"narrow", &a}};
	struct contest c;
	struct err err;

	(void)state;
	survey_begin(&a, 2, "d", 1);
	survey_begin(&b, 5, "d", 1);
	add_judged(&a, narrow, ARRAY_LEN(narrow));
	add_judged(&b, wide, ARRAY_LEN(wide));
	check_ok(contest_init(&c, contenders, 2, &err), &err);
	assert_int_equal(c.k, 2);
	assert_int_equal(c.bouts[0].flips[FLIP_HIT].gained, 1); /* 3 is beyond 2 */
	assert_int_equal(c.bouts[0].flips[FLIP_HIT].lost, 1);
	assert_int_equal(c.bouts[0].flips[FLIP_PRUNED].gained, 1);
	assert_int_equal(c.bouts[0].flips[FLIP_PRUNED].lost, 0); /* "-/3": not among the best 2 */
	assert_int_equal(c.bouts[0].verdicts[VERDICT_PRUNED][VERDICT_OUTRANKED], 1);
	contest_release(&c);
	survey_release(&a);
	survey_release(&b);
}

static void random_finding(struct finding *f, struct rng *r, size_t width)
{
	char text[64] = "x";
	uint32_t beyond = (uint32_t)width * 2 + 1;
	unsigned low = 1 + rng_below(r, beyond), high = low + rng_below(r, 3);

	if (rng_below(r, 8) > 0) {
		size_t n = 0;

		if (rng_below(r, 2))
			n = (size_t)snprintf(text, sizeof(text), "%u", 1 + (unsigned)rng_below(r, (uint32_t)width));
		else
			n = (size_t)snprintf(text, sizeof(text), "-");
		n += (size_t)snprintf(text + n, sizeof(text) - n, "/%u", low);
		if (high > low)
			snprintf(text + n, sizeof(text) - n, "?%u", high);
	}
	judge(f, text, width);
	f->outcome.condition_holds = rng_below(r, 2);
	f->outcome.exact_n = rng_below(r, 10) > 0 ? width : 0;
	f->outcome.recalled = rng_below(r, (uint32_t)f->outcome.exact_n + 1);
	if (f->outcome.kind != VERDICT_UNREACHABLE)
		f->outcome.nll_before = 5 * rng_uniform(r);
	f->popularity = rng_below(r, 200);
	f->history = 1 + rng_below(r, 12);
	f->item_tokens = 1 + rng_below(r, 9);
	f->first_token = rng_below(r, 4);
}

/* Some of the cases, in any order. */
static void random_survey(struct survey *s, struct rng *r, size_t n, size_t width, uint64_t seed)
{
	size_t order[MOST_CASES];

	survey_begin(s, width, "d", seed);
	for (size_t i = 0; i < n; i++) {
		size_t k = rng_below(r, (uint32_t)i + 1);

		order[i] = order[k];
		order[k] = i + 1;
	}
	for (size_t i = 0; i < n; i++)
		if (rng_below(r, 5) > 0 || order[i] == 1)
			random_finding(add_case(s, order[i]), r, width);
}

static const struct finding *case_of(const struct survey *s, size_t index)
{
	for (size_t i = 0; i < s->findings.n; i++)
		if (s->findings.at[i].index == index)
			return &s->findings.at[i];
	return NULL;
}

/* Pairs of numbers of the cases that have them. */
struct sample {
	double x[MOST_CASES], y[MOST_CASES];
	size_t n;
};

static int rising(const void *left, const void *right)
{
	double a = *(const double *)left, b = *(const double *)right;

	return a < b ? -1 : a > b;
}

/* figures.h's generator and order of draws, its bounds and its p. */
static void check_draws(const struct figure *f, double p, const struct sample *s, uint64_t seed)
{
	double means[DRAWS], sum = 0, low = 0, high = 0, signs = 1;
	struct rng r;

	rng_seed(&r, seed);
	for (size_t i = 0; i < s->n; i++) {
		sum += s->y[i] - s->x[i];
		signs *= s->y[i] == s->x[i] ? 1 : 2;
	}
	for (size_t d = 0; d < DRAWS && s->n > 0; d++) {
		means[d] = 0;
		for (size_t i = 0; i < s->n; i++) {
			uint32_t k = rng_below(&r, (uint32_t)s->n);

			means[d] += (s->y[k] - s->x[k]) / (double)s->n;
		}
		means[d] = fabs(means[d]) < 1e-12 ? 0 : means[d];
		low += means[d] <= 0;
		high += means[d] >= 0;
	}
	assert_int_equal(f->n, s->n);
	if (s->n == 0) {
		assert_true(isnan(f->value) && isnan(f->low) && isnan(f->high));
		return;
	}
	qsort(means, DRAWS, sizeof(*means), rising);
	near(f->value, sum / (double)s->n);
	near(f->low, 0.025 * means[24] + 0.975 * means[25]);    /* at 24.975 */
	near(f->high, 0.975 * means[974] + 0.025 * means[975]); /* at 974.025 */
	if (!isnan(p))
		near(p, fmin(1, fmax(fmax(0.001, 2 / signs), 2 * fmin(low, high) / DRAWS)));
}

/* Twice the lower tail of the binomial distribution, from Pascal's triangle. */
static double coin(size_t b, size_t c)
{
	double row[MOST_CASES + 1] = {1}, tail = 0;

	for (size_t n = 1; n <= b + c; n++)
		for (size_t k = n; k > 0; k--)
			row[k] += row[k - 1];
	for (size_t k = 0; k <= (b < c ? b : c); k++)
		tail += row[k];
	return fmin(1, 2 * tail / pow(2, (double)(b + c)));
}

/* What is known of a rank: all of lowest … highest may be it. */
static int certain(size_t lowest, size_t highest, size_t k)
{
	return highest <= k ? 1 : lowest > k ? 0 : -1;
}

static int plain_answer(const struct finding *f, enum flip_kind kind, size_t k)
{
	bool none = f->outcome.kind == VERDICT_UNREACHABLE;
	size_t rank = f->outcome.rank ? f->outcome.rank : SIZE_MAX;
	int exact = none ? 0 : certain(f->outcome.exact_rank, f->exact_rank_most, k);

	if (kind == FLIP_HIT)
		return rank <= k;
	if (kind == FLIP_EXACT_HIT)
		return exact;
	if (kind == FLIP_CONDITION)
		return none ? -1 : f->outcome.condition_holds;
	return rank <= k ? 0 : exact;
}

static double plain_value(const struct finding *f, enum mean_kind kind, size_t k)
{
	const struct outcome *o = &f->outcome;

	if (kind == MEAN_NLL)
		return o->kind == VERDICT_UNREACHABLE ? (double)NAN : o->nll_before;
	if (kind == MEAN_RECALL)
		return o->exact_n == 0 ? (double)NAN : (double)o->recalled / (double)o->exact_n;
	if (kind == MEAN_NDCG)
		return o->rank >= 1 && o->rank <= k ? M_LN2 / log(1 + (double)o->rank) : 0;
	if (o->kind == VERDICT_UNREACHABLE || o->exact_rank > k)
		return 0;
	return o->exact_proved ? M_LN2 / log(1 + (double)o->exact_rank) : (double)NAN;
}

static void add_pair(struct sample *s, double x, double y)
{
	if (x < 0 || y < 0 || isnan(x) || isnan(y))
		return;
	s->x[s->n] = x;
	s->y[s->n++] = y;
}

static void check_flip(const struct flip_test *t, const struct sample *s, uint64_t seed)
{
	size_t gained = 0, lost = 0;

	for (size_t i = 0; i < s->n; i++) {
		gained += s->x[i] == 0 && s->y[i] == 1;
		lost += s->x[i] == 1 && s->y[i] == 0;
	}
	assert_int_equal(t->n, s->n);
	assert_int_equal(t->gained, gained);
	assert_int_equal(t->lost, lost);
	near(t->p, coin(gained, lost));
	check_draws(&t->difference, NAN, s, seed);
}

static void check_bout(const struct contest *c, size_t which)
{
	const struct survey *a = c->contenders[0].survey, *b = c->contenders[which].survey;
	const struct bout *bout = &c->bouts[which - 1];
	struct sample flips[FLIP_KINDS] = {0}, means[MEAN_KINDS] = {0};
	size_t cases = 0, changed = 0, matrix = 0;

	for (size_t index = 1; index <= MOST_CASES; index++) {
		const struct finding *f = case_of(a, index), *g = case_of(b, index);

		if (!f || !g)
			continue;
		cases++;
		for (int k = 0; k < FLIP_KINDS; k++)
			add_pair(&flips[k], plain_answer(f, (enum flip_kind)k, c->k),
				plain_answer(g, (enum flip_kind)k, c->k));
		for (int k = 0; k < MEAN_KINDS; k++)
			add_pair(&means[k], plain_value(f, (enum mean_kind)k, c->k),
				plain_value(g, (enum mean_kind)k, c->k));
		if (f->outcome.kind == g->outcome.kind)
			continue;
		assert_ptr_equal(bout->changed[changed].before, f);
		assert_ptr_equal(bout->changed[changed].after, g);
		changed++;
	}
	assert_int_equal(bout->cases, cases);
	assert_int_equal(bout->n_changed, changed);
	for (int k = 0; k < FLIP_KINDS; k++)
		check_flip(&bout->flips[k], &flips[k], a->seed);
	for (int k = 0; k < MEAN_KINDS; k++)
		check_draws(&bout->means[k].difference, bout->means[k].p, &means[k], a->seed);
	for (int i = 0; i < TALLY_KINDS * TALLY_KINDS; i++)
		matrix += bout->verdicts[i / TALLY_KINDS][i % TALLY_KINDS];
	assert_int_equal(matrix, cases);
}

/* Slices by numbers: their cases counted again between the edges. */
static void check_slices(const struct contest *c, size_t which)
{
	const struct survey *a = c->contenders[0].survey, *b = c->contenders[which].survey;
	const struct bout *bout = &c->bouts[which - 1];
	size_t at = 0;

	for (size_t s = 0; slicings[s]; s++) {
		const struct slicing *by = slicings[s];
		const struct column *column = slicing_column(by);
		double low = -INFINITY;

		if (column->searched)
			continue;
		for (const double *edge = by->edges; edge; low = *edge++) {
			struct sample hits = {0}, pruned = {0};
			size_t cases = 0;

			for (size_t index = 1; index <= MOST_CASES; index++) {
				const struct finding *f = case_of(a, index), *g = case_of(b, index);

				if (!f || !g || !(column->number(f) > low && column->number(f) <= *edge))
					continue;
				cases++;
				add_pair(&hits, plain_answer(f, FLIP_HIT, c->k), plain_answer(g, FLIP_HIT, c->k));
				add_pair(&pruned, plain_answer(f, FLIP_PRUNED, c->k),
					plain_answer(g, FLIP_PRUNED, c->k));
			}
			if (cases > 0) {
				assert_true(at < bout->n_slices);
				assert_ptr_equal(bout->slices[at].by, by);
				assert_int_equal(bout->slices[at].cases, cases);
				check_flip(&bout->slices[at].hit, &hits, a->seed);
				check_flip(&bout->slices[at].pruned, &pruned, a->seed);
				at++;
			}
			if (isinf(*edge))
				break;
		}
		while (at < bout->n_slices && bout->slices[at].by == by)
			assert_true(!by->edges && bout->slices[at++].cases > 0);
	}
	assert_int_equal(at, bout->n_slices);
}

static void check_common(const struct contest *c)
{
	size_t common = 0;

	for (size_t index = 1; index <= MOST_CASES; index++) {
		size_t having = 0;

		for (size_t i = 0; i < c->n; i++)
			having += case_of(c->contenders[i].survey, index) != NULL;
		common += having == c->n;
	}
	assert_int_equal(c->common, common);
	for (size_t i = 0; i < c->n; i++)
		assert_int_equal(c->tallies[i].cases, common);
}

static void test_random(void **state)
{
	struct rng r;
	struct err err;

	(void)state;
	rng_seed(&r, 11);
	for (int round = 0; round < 40; round++) {
		size_t n = 1 + rng_below(&r, MOST_CASES), width = 1 + rng_below(&r, 6);
		struct survey s[3];
		const struct contender contenders[] = {{"a", &s[0]}, {"b", &s[1]}, {"c", &s[2]}};
		struct contest c;

		random_survey(&s[0], &r, n, width, (uint64_t)round);
		random_survey(&s[1], &r, n, width, (uint64_t)round + 7);
		random_survey(&s[2], &r, n, width + rng_below(&r, 3), (uint64_t)round);
		check_ok(contest_init(&c, contenders, 3, &err), &err);
		assert_int_equal(c.k, width);
		check_common(&c);
		for (size_t i = 1; i < 3; i++) {
			check_bout(&c, i);
			check_slices(&c, i);
		}
		contest_release(&c);
		for (size_t i = 0; i < 3; i++)
			survey_release(&s[i]);
	}
}

/* One alone is a contest without bouts. */
static void test_alone(void **state)
{
	struct survey s;
	const struct contender contenders[] = {{"sft", &s}};
	struct contest c;
	struct err err;

	(void)state;
	survey_begin(&s, 2, "d", 1);
	judge(add_case(&s, 5), "1/1", 2);
	check_ok(contest_init(&c, contenders, 1, &err), &err);
	assert_int_equal(c.common, 1);
	contest_release(&c);
	survey_release(&s);
}

static void refuse(struct survey *a, struct survey *b, const char *text)
{
	const struct contender contenders[] = {{"sft", a}, {"bear", b}};
	struct contest c;
	struct err err;

	check_refused(contest_init(&c, contenders, 2, &err), &err, ERR_VALUE, text);
	survey_release(a);
	survey_release(b);
}

static void test_refused(void **state)
{
	struct survey a, b;

	(void)state;
	survey_begin(&a, 2, "d", 1);
	survey_begin(&b, 2, "e", 1);
	judge(add_case(&a, 1), "1/1", 2);
	judge(add_case(&b, 1), "1/1", 2);
	refuse(&a, &b, "are not the same");

	survey_begin(&a, 2, "d", 1);
	survey_begin(&b, 2, "d", 1);
	json_object_set_new(b.settings, "split", json_string("valid"));
	refuse(&a, &b, "the valid split");

	survey_begin(&a, 2, "d", 1);
	survey_begin(&b, 2, "d", 1);
	judge(add_case(&a, 1), "1/1", 2);
	judge(add_case(&b, 2), "1/1", 2);
	refuse(&a, &b, "no case is common");

	survey_begin(&a, 2, "d", 1);
	survey_begin(&b, 2, "d", 1);
	judge(add_case(&a, 1), "1/1", 2);
	judge(add_case(&b, 1), "1/1", 2);
	b.findings.at[0].id = "other";
	refuse(&a, &b, "case 1 of the split is 'c1' in one and 'other'");
}

static double number_at(const json_t *v, const char *a, const char *b, const char *key)
{
	v = json_object_get(json_object_get(json_object_get(v, a), b), key);
	assert_true(json_is_number(v));
	return json_number_value(v);
}

static void test_json(void **state)
{
	struct survey a, b;
	const struct contender contenders[] = {{"sft", &a}, {"b\xFF", &b}};
	const json_t *bout, *changed;
	struct contest c;
	struct err err;
	json_t *v;

	(void)state;
	survey_begin(&a, 2, "d", 1);
	survey_begin(&b, 2, "d", 1);
	judge(add_case(&a, 1), "-/1", 2);
	judge(add_case(&b, 1), "2/1", 2);
	check_ok(contest_init(&c, contenders, 2, &err), &err);
	v = contest_json(&c);
	bout = json_array_get(json_object_get(v, "bouts"), 0);
	changed = json_array_get(json_object_get(bout, "changed"), 0);
	assert_int_equal(json_array_size(json_object_get(v, "contenders")), 2);
	assert_string_equal(json_string_value(json_object_get(bout, "against")), "sft");
	assert_string_equal(json_string_value(json_object_get(bout, "name")), "b\xEF\xBF\xBD");
	assert_true(number_at(bout, "flips", "hit@2", "gained") == 1);
	assert_true(number_at(bout, "flips", "pruned", "lost") == 1);
	near(number_at(bout, "means", "ndcg@2", "p"), 1);
	assert_true(number_at(bout, "verdicts", "incorrectly-pruned", "retrieved") == 1);
	assert_true(json_is_null(json_object_get(json_object_get(changed, "before"), "rank")));
	assert_int_equal(json_integer_value(json_object_get(json_object_get(changed, "before"), "step")), 2);
	assert_int_equal(json_integer_value(json_object_get(json_object_get(changed, "after"), "rank")), 2);
	json_decref(v);
	contest_release(&c);
	survey_release(&a);
	survey_release(&b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_by_hand),
		cmocka_unit_test(test_other_width),
		cmocka_unit_test(test_random),
		cmocka_unit_test(test_alone),
		cmocka_unit_test(test_refused),
		cmocka_unit_test(test_json),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
