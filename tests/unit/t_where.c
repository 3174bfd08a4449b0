/* Expressions over the table of cases: what they say of cases by hand and at random, and how they are refused. */
#include "check.h"

#include <math.h>

#include "base/buf.h"
#include "base/rng.h"
#include "diagnose/where.h"
#include "randfinding.h"

/* A case that was lost at its second of three steps. */
static struct finding_step lost_steps[] = {
	{.token = 5, .valid = 40, .token_rank = 3, .token_margin = 0.5, .prefix_margin = 0.25, .in_beam = true},
	{.token = 6, .valid = 8, .token_rank = 4, .token_margin = -0.75, .prefix_margin = -1.5},
	{.token = 2, .valid = 1, .token_rank = 1, .token_margin = 0, .prefix_margin = NAN},
};

static const struct finding lost = {
	.index = 7,
	.id = "17",
	.user = "ann",
	.item = "B00",
	.title = "Canon &quot;PG-40&quot; Black Ink",
	.history = 3,
	.item_tokens = 3,
	.choices = 2,
	.first_text = "\"Canon",
	.first_shared = 12,
	.outcome = {.kind = VERDICT_PRUNED,
		.exact_rank = 3,
		.exact_proved = true,
		.pruned_at = 2,
		.condition_holds = true,
		.returned = 10,
		.recalled = 8,
		.nll_before = 4.5,
		.nll_after = 6},
	.how = LOST_CUT,
	.exact_rank_most = 3,
	.steps = lost_steps,
	.n_steps = 3,
};

static bool holds(const char *text, const struct finding *f)
{
	struct where *w;
	struct err err;
	bool answer;

	check_ok(where_new(&w, text, &err), &err);
	answer = where_holds(w, f);
	where_free(w);
	return answer;
}

static void test_by_hand(void **state)
{
	static const char *const true_of_it[] = {
		"",
		"  \t",
		"kind=incorrectly-pruned step<=2",
		"kind = pruned and step = 2",
		"verdict == incorrectly",
		"kind != retrieved",
		"kind ~ PRUNED",
		"pruned",
		"not retrieved",
		"pruned_at<3",
		"exact_rank = 3 and exact <= 3",
		"margin = -1.5",
		"margin<-1 token_margin=-.75",
		"siblings = 7",
		"condition",
		"condition = yes",
		"condition != no",
		"title ~ 'black ink'",
		"title ~ \"PG-40\"",
		"title ~ 'Canon \"PG'",
		"title ~ '&quot;'",
		"title !~ brush",
		"title != ''",
		"title > A title < 'D'",
		"first_token = '\"Canon'",
		"length = 3",
		"item_tokens >= 3e0",
		"popularity = 0",
		"lost = cut",
		"why = ''",
		"case = 17 user = ann item=B00 index=7",
		"not(popularity>0)or(step=9)",
		"step = 9 and step = 9 or step = 2",
		"step = 9 AND step = 9 OR Not step = 9",
		"step = 2 or step = 9 and step = 9",
		"not not pruned",
		"not (step = 9 or step = 8)",
		"recalled=8 returned=10 choices=2 first_shared=12 history=3",
	};
	static const char *const false_of_it[] = {
		"kind = retrieved",
		"step > 2",
		"rank = 1",
		"rank != 1",
		"rank < 1",
		"rank >= 1",
		"not pruned",
		"condition = no",
		"retrieved",
		"title = 'canon'",
		"title ~ brush",
		"smallest_beam <= 1000",
		"(step = 2 or step = 9) and step = 9",
		"prompt_tokens > 0",
		"lost != cut",
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(true_of_it); i++)
		if (!holds(true_of_it[i], &lost))
			fail_msg("'%s' does not hold", true_of_it[i]);
	for (size_t i = 0; i < ARRAY_LEN(false_of_it); i++)
		if (holds(false_of_it[i], &lost))
			fail_msg("'%s' holds", false_of_it[i]);
	assert_true(holds(NULL, &lost));
}

/* What is not known is not less, not equal and not more; `not` turns that round. */
static void test_unknown(void **state)
{
	(void)state;
	assert_false(holds("rank = 1 or rank != 1 or rank < 1 or rank >= 1", &lost));
	assert_true(holds("not rank < 1", &lost));
}

static void test_refused(void **state)
{
	static const struct {
		const char *text, *message;
	} refused[] = {
		{"stp = 2", "where \"stp = 2\", at 1: there is no column 'stp'; did you mean 'step'?"},
		{"step = 2 and qqqqq", "at 14: there is no column 'qqqqq' ('help cases' lists them)"},
		{"kind = prund",
			"at 8: column 'kind' is one of retrieved, incorrectly-pruned, out-ranked, unreachable or "
			"undecided, not 'prund'"},
		{"kind = un", "at 8: column 'kind' is one of"},
		{"kind < out-ranked", "at 6: column 'kind' is one of a few: write kind = one of them"},
		{"step", "at 1: column 'step' is a number: compare it, as in step <= 2"},
		{"not title", "at 5: column 'title' is a text: compare it, as in title ~ 'part of it'"},
		{"step ~ 2", "at 6: column 'step' is a number, and ~ finds parts of texts: write step = 2"},
		{"condition > no", "at 11: column 'condition' is a flag: write condition or not condition"},
		{"condition = maybe", "at 13: column 'condition' is yes or no, not 'maybe'"},
		{"step = two", "at 8: column 'step' is a number, not 'two'"},
		{"step = ''", "at 8: column 'step' is a number, not ''''"},
		{"step = 0x10", "is a number, not '0x10'"},
		{"step = nan", "is a number, not 'nan'"},
		{"step = 1e999", "is a number, not '1e999'"},
		{"step =", "at 7: a value is wanted, not the end"},
		{"step = )", "at 8: a value is wanted, not ')'"},
		{"step < = 2", "at 8: a value is wanted, not '='"},
		{"step = 2 )", "at 10: 'and', 'or' or the end is wanted, not ')'"},
		{"(step = 2", "at 1: this bracket is never closed"},
		{"(step = 2 'x'", "at 11: 'and', 'or' or ')' is wanted, not ''x''"},
		{"()", "at 2: a column is wanted, not ')'"},
		{"step = 2 or", "at 12: a column is wanted, not the end"},
		{"and step = 2", "at 1: a column is wanted, not 'and'"},
		{"= 2", "at 1: a column is wanted, not '='"},
		{"title = 'open", "at 9: this quotation mark has no second one"},
		{"pruned && step = 2", "at 8: '&' joins nothing: write 'and'"},
		{"pruned || step = 2", "at 8: '|' joins nothing: write 'or'"},
		{"! pruned", "at 1: '!' stands only before = and ~: write 'not'"},
		{"title ~ \xC3\xA9\xE2\x98\x85 stp = 2", "at 12: there is no column 'stp'"},
		{"a\033[31m = 1", "there is no column 'a"},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(refused); i++) {
		struct where *w;
		struct err err;

		check_refused(where_new(&w, refused[i].text, &err), &err, ERR_USAGE, refused[i].message);
		assert_null(w);
		assert_null(strchr(err.msg, '\033'));
	}
}

static int nested(size_t depth, const char *open, const char *close, struct err *err)
{
	struct buf b = {0};
	struct where *w;
	int result;

	for (size_t i = 0; i < depth; i++)
		buf_addf(&b, "step = 2 or pruned and %s", open);
	buf_addstr(&b, "step = 2 or pruned and retrieved");
	for (size_t i = 0; i < depth; i++)
		buf_addstr(&b, close);
	result = where_new(&w, buf_str(&b), err);
	if (!result)
		assert_true(where_holds(w, &lost));
	where_free(w);
	buf_release(&b);
	return result;
}

static void test_depth(void **state)
{
	struct buf many = {0};
	struct where *w;
	struct err err;

	(void)state;
	check_ok(nested(WHERE_DEPTH, "(", ")", &err), &err);
	check_refused(nested(WHERE_DEPTH + 1, "(", ")", &err), &err, ERR_USAGE, "more than 64 deep");
	check_refused(nested(100000, "(", ")", &err), &err, ERR_USAGE, "more than 64 deep");
	for (size_t i = 0; i < WHERE_DEPTH; i++)
		buf_addstr(&many, "not ");
	buf_addstr(&many, "pruned");
	assert_true(holds(buf_str(&many), &lost));
	buf_addstr(&many, " and not not pruned");
	check_ok(where_new(&w, buf_str(&many), &err), &err);
	where_free(w);
	buf_clear(&many);
	for (size_t i = 0; i < 20000; i++) /* side by side is not deep */
		buf_addstr(&many, "pruned or ");
	buf_addstr(&many, "retrieved");
	assert_true(holds(buf_str(&many), &lost));
	buf_release(&many);
}

static void test_columns(void **state)
{
	struct where *w;
	struct err err;

	(void)state;
	check_ok(where_new(&w, "popularity < 5 and title ~ ink", &err), &err);
	assert_null(where_searched(w));
	assert_null(where_spelt(w));
	where_free(w);
	check_ok(where_new(&w, "popularity < 5 and (choices > 1 or not exact > 3)", &err), &err);
	assert_string_equal(where_searched(w)->name, "exact_rank");
	assert_string_equal(where_spelt(w)->name, "choices");
	where_free(w);
	for (const struct column *c = columns; c->name; c++) {
		assert_ptr_equal(column_find(c->name, strlen(c->name), &err), c);
		if (c->alias)
			assert_ptr_equal(column_find(c->alias, strlen(c->alias), &err), c);
		assert_true(c->type == COLUMN_TEXT ? c->text != NULL : c->number != NULL);
		assert_true(strlen(c->help) > 0 && strlen(c->head) > 0);
	}
}

/* A random expression as text, and its value of a finding: column by column, as C says it. */
struct maker {
	struct rng r;
	struct buf text;
	const struct finding *f;
};

static void blank(struct maker *m)
{
	buf_addrep(&m->text, ' ', 1 + rng_below(&m->r, 2));
}

static bool compare(struct maker *m, const char *name, double x)
{
	static const char *const names[] = {"=", "==", "!=", "<", "<=", ">", ">="};
	uint32_t op = rng_below(&m->r, ARRAY_LEN(names));
	double y = rng_below(&m->r, 12);
	const bool answers[] = {x == y, x == y, x < y || x > y, x<y, x <= y, x> y, x >= y};

	buf_addf(&m->text, "%s%s%g", name, names[op], y);
	return answers[op];
}

static bool make_test(struct maker *m)
{
	const struct finding *f = m->f;
	const struct outcome *o = &f->outcome;

	switch (rng_below(&m->r, 6)) {
	case 0:
		return compare(m, "popularity", (double)f->popularity);
	case 1:
		return compare(m, "rank", o->rank ? (double)o->rank : (double)NAN);
	case 2:
		return compare(m, "exact", o->exact_rank ? (double)o->exact_rank : (double)NAN);
	case 3:
		buf_addstr(&m->text, "kind != pruned");
		return o->kind != VERDICT_PRUNED;
	case 4:
		buf_addstr(&m->text, "retrieved");
		return o->kind == VERDICT_RETRIEVED;
	default:
		buf_addstr(&m->text, "title ~ 'ink'");
		return !strcmp(f->title, "Blue INK");
	}
}

static bool make_any(struct maker *m, unsigned depth);

static bool make_term(struct maker *m, unsigned depth)
{
	bool answer;

	if (depth == 0)
		return make_test(m);
	switch (rng_below(&m->r, 3)) {
	case 0:
		buf_addstr(&m->text, "not");
		blank(m);
		return !make_term(m, depth - 1);
	case 1:
		buf_addch(&m->text, '(');
		answer = make_any(m, depth - 1);
		buf_addch(&m->text, ')');
		return answer;
	default:
		return make_test(m);
	}
}

static bool make_and(struct maker *m, unsigned depth)
{
	bool answer = make_term(m, depth);

	while (rng_below(&m->r, 3) == 0) {
		blank(m);
		buf_addstr(&m->text, rng_below(&m->r, 2) ? "and " : "");
		answer = make_term(m, depth) && answer;
	}
	return answer;
}

static bool make_any(struct maker *m, unsigned depth)
{
	bool answer = make_and(m, depth);

	while (rng_below(&m->r, 3) == 0) {
		blank(m);
		buf_addstr(&m->text, "or ");
		answer = make_and(m, depth) || answer;
	}
	return answer;
}

static void test_random(void **state)
{
	struct maker m = {0};
	struct survey s;
	struct rng r;
	size_t held = 0;

	(void)state;
	rng_seed(&r, 11);
	rng_seed(&m.r, 12);
	randsurvey_init(&s, &r, 200, 10);
	for (size_t i = 0; i < 4000; i++) {
		bool answer;

		m.f = &s.findings.at[i % s.findings.n];
		buf_clear(&m.text);
		answer = make_any(&m, 4);
		held += answer;
		if (holds(buf_str(&m.text), m.f) != answer)
			fail_msg("case %zu: '%s' is %s", m.f->index, buf_str(&m.text), answer ? "false" : "true");
	}
	assert_true(held > 1000 && held < 3000);
	buf_release(&m.text);
	survey_release(&s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_by_hand),
		cmocka_unit_test(test_unknown),
		cmocka_unit_test(test_refused),
		cmocka_unit_test(test_depth),
		cmocka_unit_test(test_columns),
		cmocka_unit_test(test_random),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
