/* The command table: look-up, arguments, lines split into words; and that every entry is whole. */
#include "check.h"

#include "session/command.h"
#include "train/objective.h"

static const struct cmd_entry *find(const char *name)
{
	struct err err;
	const struct cmd_entry *e = cmd_find(name, &err);

	assert_non_null(e);
	return e;
}

static void not_found(const char *name, const char *why)
{
	struct err err;

	assert_null(cmd_find(name, &err));
	assert_int_equal(err.code, ERR_USAGE);
	if (!strstr(err.msg, why))
		fail_msg("'%s' does not say '%s'", err.msg, why);
}

static void test_find(void **state)
{
	char longest[200] = {0};
	struct err err;

	(void)state;
	memset(longest, 'b', sizeof(longest) - 1);
	assert_null(cmd_find(longest, &err));
	assert_null(strstr(err.msg, "did you mean"));
	assert_string_equal(find("beam")->name, "beam");
	assert_string_equal(find("be")->name, "beam");
	assert_string_equal(find("?")->name, "help");
	assert_string_equal(find("exit")->name, "quit");
	/* A whole name wins over those that it begins. */
	assert_string_equal(find("case")->name, "case");
	not_found("ca", "'cases', 'case'");
	not_found("s", "'step', 'sweep', 'score', 'stop', 'source', 'set'");
	not_found("baem", "did you mean 'beam'?");
	not_found("", "no command ''");
	not_found("frobnicate", "'help' lists them all");
}

/* What a complete entry has; the texts' form is what the help and the manual page rely on. */
static void test_entries(void **state)
{
	(void)state;
	for (const struct cmd_entry *const *at = cmd_table; *at; at++) {
		const struct cmd_entry *e = *at;
		bool optional = false;

		assert_non_null(e->exec);
		assert_non_null(e->group);
		assert_true(e->summary && e->summary[0] && e->summary[strlen(e->summary) - 1] != '.');
		assert_true(!e->details || e->details[strlen(e->details) - 1] == '.');
		assert_non_null(e->examples[0].line);
		for (const struct cmd_arg *a = e->args; a->name; a++) {
			assert_true(a->help && a->help[0] && a->help[strlen(a->help) - 1] != '.');
			assert_int_equal(a->type == ARG_CHOICE, a->choices != NULL);
			assert_false(a->type == ARG_FLAG && a->required);
			/* Completion: a word says what it is, be it nothing that is known. */
			if ((a->type == ARG_WORD || a->type == ARG_REST) && a->source == FROM_TYPE)
				fail_msg("'%s' of '%s' does not say where its values come from", a->name, e->name);
			assert_true(!a->value || strcmp(a->value, "EXPR") != 0 || a->source == FROM_WHERE);
			/* A required argument after an optional one could never be told apart from it. */
			assert_false(a->name[0] != '-' && a->required && optional);
			optional = optional || (a->name[0] != '-' && !a->required);
		}
		for (const struct cmd_entry *const *other = cmd_table; *other; other++)
			assert_true(other == at || strcmp((*other)->name, e->name) != 0);
	}
}

/* The help of what trains names every objective that there is. */
static void test_objectives_are_named(void **state)
{
	static const char *const trains[] = {"loss", "train"};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(trains); i++) {
		struct buf more = {0};

		find(trains[i])->more(&more);
		for (const struct objective *const *o = objectives; *o; o++)
			assert_non_null(strstr(buf_str(&more), (*o)->summary));
		buf_release(&more);
	}
}

/* Parses a line into an entry's arguments. */
struct parsed {
	struct cmd_line words;
	struct cmd_args a;
	const struct cmd_entry *e;
};

static int parse(struct parsed *p, const char *line, struct err *err)
{
	check_ok(statement_split(&p->words, line, NULL, NULL, err), err);
	p->e = find(p->words.argv[0]);
	return cmd_parse(p->e, p->words.argc - 1, p->words.argv + 1, &p->a, err);
}

static void release(struct parsed *p)
{
	cmd_args_release(&p->a);
	cmd_line_release(&p->words);
}

static void good(struct parsed *p, const char *line)
{
	struct err err;

	check_ok(parse(p, line, &err), &err);
}

static void bad(const char *line, const char *why)
{
	struct parsed p;
	struct err err;

	check_refused(parse(&p, line, &err), &err, ERR_USAGE, why);
	release(&p);
}

static void test_arguments(void **state)
{
	struct parsed p;

	(void)state;
	good(&p, "exact 17 --top 3");
	assert_string_equal(p.a.text[0], "17");
	assert_true(p.a.number[1] == 3);
	assert_true(p.a.given[1]);
	assert_false(p.a.given[2]);
	assert_true(p.a.number[2] == 0);
	release(&p);
	good(&p, "exact --top=3 -- --17");
	assert_string_equal(p.a.text[0], "--17");
	assert_true(p.a.number[1] == 3);
	release(&p);
	good(&p, "beam --trace 17");
	assert_true(p.a.given[1]);
	release(&p);
	good(&p, "find canon  'ink tank' --limit 2 x");
	assert_string_equal(p.a.text[0], "canon ink tank x");
	assert_true(p.a.number[1] == 2);
	release(&p);
	good(&p, "info cat");
	assert_true(p.a.number[0] == 2);
	release(&p);
	good(&p, "exact 17 --bud 3 --to=4");
	assert_true(p.a.number[2] == 3);
	assert_true(p.a.number[1] == 4);
	release(&p);
	good(&p, "step -1 --help");
	assert_true(p.a.help);
	release(&p);
}

static void test_settings(void **state)
{
	struct parsed p;

	(void)state;
	good(&p, "beam 17 --mask after -B20 --ascii --trace");
	assert_int_equal(p.a.n_settings, 3);
	assert_string_equal(p.a.settings[0].option->name, "mask");
	assert_string_equal(p.a.settings[0].value, "after");
	assert_string_equal(p.a.settings[1].option->name, "beam");
	assert_string_equal(p.a.settings[1].value, "20");
	assert_string_equal(p.a.settings[2].value, "on");
	assert_true(p.a.given[1]);
	release(&p);
	/* The command's own option comes before the option table's. */
	good(&p, "exact 17 --budget 5");
	assert_int_equal(p.a.n_settings, 0);
	assert_true(p.a.number[2] == 5);
	release(&p);
}

static void test_many(void **state)
{
	static const char *const texts[] = {"tau=1,2", "a", "b c", "beam=3", "d"};
	struct parsed p;

	(void)state;
	good(&p, "compare --set tau=1,2 a 'b c' --limit 5 --set=beam=3 d");
	assert_int_equal(p.a.many.n, ARRAY_LEN(texts));
	for (size_t i = 0; i < ARRAY_LEN(texts); i++) {
		assert_string_equal(p.a.many.at[i].text, texts[i]);
		assert_int_equal(p.a.many.at[i].arg, i == 0 || i == 3);
	}
	assert_true(p.a.given[0] && p.a.given[1] && p.a.number[3] == 5);
	release(&p);
	bad("compare a ''", "OTHER is empty");
	bad("compare '' a", "OTHER is empty");
}

static void test_bad_arguments(void **state)
{
	(void)state;
	bad("beam", "CASE is missing: beam CASE [--trace]");
	bad("beam ''", "CASE is empty");
	bad("beam 1 2", "does not know what to do with '2'");
	bad("beam 1 --trace=yes", "takes no value");
	bad("beam 1 --trcae", "did you mean '--trace'?");
	bad("beam 1 --mask", "needs a value");
	bad("train sft --max 3", "may be any of '--max-memory', '--max-history'");
	bad("beam 1 --command x", "before the command");
	bad("beam 1 -Z", "no option '-Z'");
	bad("exact 1 --top", "needs a value");
	bad("exact 1 --top many", "--top 'many' is not a whole number");
	bad("exact 1 --top -1", "out of range");
	bad("step 0", "out of range");
	bad("info everything", "model|data|catalogue");
	bad("info ''", "model|data|catalogue");
	bad("load", "WHAT is missing");
	bad("beam 1 -B1 -B1 -B1 -B1 -B1 -B1 -B1 -B1 -B1 -B1 -B1 -B1 -B1 -B1 -B1 -B1 -B1", "more than 16 options");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_find),
		cmocka_unit_test(test_entries),
		cmocka_unit_test(test_objectives_are_named),
		cmocka_unit_test(test_arguments),
		cmocka_unit_test(test_settings),
		cmocka_unit_test(test_many),
		cmocka_unit_test(test_bad_arguments),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
