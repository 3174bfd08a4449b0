/* The option table: defaults, every type's good and bad values, and the words of a command line. */
#include "check.h"

#include "base/buf.h"
#include "search/beam.h"
#include "session/option.h"
#include "session/out.h"

static const struct option_entry *entry(const char *name)
{
	struct err err;
	const struct option_entry *e = option_find(name, &err);

	assert_non_null(e);
	return e;
}

static void set(struct options *o, const char *name, const char *value)
{
	struct err err;

	check_ok(option_set(o, entry(name), value, &err), &err);
}

static void refused(const char *name, const char *value, const char *why)
{
	struct options o;
	struct err err;

	options_init(&o);
	check_refused(option_set(&o, entry(name), value, &err), &err, ERR_USAGE, why);
	assert_false(o.given[entry(name) - option_table]);
	options_release(&o);
}

static void test_defaults(void **state)
{
	struct options o;

	(void)state;
	options_init(&o);
	assert_int_equal(o.beam, 10);
	assert_int_equal(o.mask, MASK_BEFORE);
	assert_int_equal(o.end, END_EOS);
	assert_int_equal(o.search, SEARCH_PLAIN);
	assert_int_equal(o.early_stopping, EARLY_FALSE);
	assert_int_equal(o.format, OUT_TEXT);
	assert_true(o.length_penalty == 1 && o.tau == 1);
	assert_string_equal(o.template_name, "bear-inference");
	assert_null(o.model);
	for (size_t i = 0; i < OPTION_MAX; i++)
		assert_false(o.given[i]);
	options_release(&o);
}

static void test_values(void **state)
{
	struct options o, copy;
	struct buf b = {0};

	(void)state;
	options_init(&o);
	set(&o, "beam", "3");
	set(&o, "mask", "after");
	set(&o, "early-stopping", "never");
	set(&o, "tau", "0.25");
	set(&o, "model", "a model");
	set(&o, "ascii", "on");
	assert_int_equal(o.beam, 3);
	assert_int_equal(o.mask, MASK_AFTER);
	assert_int_equal(o.early_stopping, EARLY_NEVER);
	assert_true(o.tau == 0.25);
	assert_true(o.ascii);
	assert_true(o.given[entry("beam") - option_table]);
	assert_false(o.given[entry("end") - option_table]);
	options_copy(&copy, &o);
	set(&o, "model", "");
	assert_null(o.model);
	assert_string_equal(copy.model, "a model");
	set(&o, "ascii", "no");
	assert_false(o.ascii);
	option_get(&copy, entry("early-stopping"), &b);
	buf_addch(&b, ' ');
	option_get(&copy, entry("tau"), &b);
	buf_addch(&b, ' ');
	option_get(&copy, entry("model"), &b);
	buf_addch(&b, ' ');
	option_get(&copy, entry("ascii"), &b);
	assert_string_equal(buf_str(&b), "never 0.25 a model on");
	buf_release(&b);
	options_release(&o);
	options_release(&copy);
}

static void test_refusals(void **state)
{
	struct err err;

	(void)state;
	refused("beam", "0", "from 1 to 100000");
	refused("beam", "100001", "out of range");
	refused("beam", "2.5", "not a whole number");
	refused("beam", "", "not a whole number");
	refused("beam", "3 ", "not a whole number");
	refused("beam", " 3", "not a whole number");
	refused("beam", "0x10", "not a whole number");
	refused("tau", "nan", "not a number");
	refused("tau", "inf", "not a number");
	refused("tau", "1e999", "not a number");
	refused("tau", "0", "out of range");
	refused("mask", "never", "before|after, not 'never'");
	refused("format", "t", "'t' may be any of 'text', 'tsv'");
	refused("mask", "before|after", "before|after");
	refused("mask", "", "before|after");
	refused("ascii", "perhaps", "on or off");
	refused("command", "beam 1", "cannot be set");
	assert_null(option_find("baem", &err));
	assert_int_equal(err.code, ERR_USAGE);
	assert_non_null(strstr(err.msg, "did you mean 'beam'?"));
	assert_null(option_find("zzzzzzz", &err));
	assert_null(strstr(err.msg, "mean"));
}

static void word(const char *first, const char *next, const char *name, const char *value, int used)
{
	const struct option_entry *e;
	const char *got;
	struct err err;
	int n;

	check_ok(option_word(&e, &got, &n, first, next, &err), &err);
	assert_string_equal(e->name, name);
	assert_string_equal(got, value);
	assert_int_equal(n, used);
}

static void no_word(const char *first, const char *next, const char *why)
{
	const struct option_entry *e;
	const char *got;
	struct err err;
	int n;

	check_refused(option_word(&e, &got, &n, first, next, &err), &err, ERR_USAGE, why);
}

static void test_words(void **state)
{
	(void)state;
	word("--beam", "3", "beam", "3", 2);
	word("--beam=3", "x", "beam", "3", 1);
	word("--beam=", "x", "beam", "", 1);
	word("-B", "3", "beam", "3", 2);
	word("-B3", "x", "beam", "3", 1);
	word("--ascii", "x", "ascii", "on", 1);
	word("--ascii=off", NULL, "ascii", "off", 1);
	word("-n", "x", "no-screens", "on", 1);
	no_word("--beam", NULL, "needs a value");
	no_word("-B", NULL, "needs a value");
	no_word("--baem=3", NULL, "did you mean 'beam'?");
	no_word("-Z", "x", "no option '-Z'");
	no_word("-nB", "x", "takes no value");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_defaults),
		cmocka_unit_test(test_values),
		cmocka_unit_test(test_refusals),
		cmocka_unit_test(test_words),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
