/* Completion: what a typed line becomes, and what is offered for it, on the bundled demo. */
#include "check.h"

#include "base/rng.h"
#include "session/session_priv.h"
#include "sessionrun.h"
#include "tempdir.h"
#include "ui/complete.h"
#include "ui/typed.h"

static struct session *demo;

static int refuse_variable(
	void *arg, const char *name, const struct variable_place *place, struct buf *value, struct err *err)
{
	(void)arg;
	(void)place;
	(void)value;
	return err_set(err, ERR_NOT_FOUND, "'%s' is read as a variable", name);
}

static void complete(struct completion *c, const struct session *s, const char *line)
{
	complete_line(c, s, line, strlen(line));
}

/* The line as it is after Tab, "_" for the blank that follows a whole word. */
static char *completed(const char *line, const struct completion *c)
{
	if (!c->text)
		return xasprintf("%s", line);
	return xasprintf("%.*s%s%s", (int)c->from, line, c->text, c->whole ? "_" : "");
}

static void becomes_in(const struct session *s, const char *line, const char *wanted)
{
	struct completion c;

	complete(&c, s, line);
	char *got = completed(line, &c);
	assert_string_equal(got, wanted);
	free(got);
	completion_release(&c);
}

static void becomes(const char *line, const char *wanted)
{
	becomes_in(demo, line, wanted);
}

/* All that is offered, separated by blanks. */
static void offers(const char *line, const char *wanted)
{
	struct completion c;
	struct buf names = {0};

	complete(&c, demo, line);
	for (size_t i = 0; i < c.names.words.n; i++)
		buf_addf(&names, "%s%s", i > 0 ? " " : "", c.names.words.at[i]);
	assert_string_equal(buf_str(&names), wanted);
	buf_release(&names);
	completion_release(&c);
}

/* The words before the cursor are those that the language reads, of a statement that it takes. */
static void test_words_are_the_languages(void **state)
{
	static const char of[] = "ab 1~/#'\"\\$;";
	struct rng rng;
	size_t agreed = 0;

	(void)state;
	rng_seed(&rng, 7);
	for (int i = 0; i < 20000; i++) {
		char line[12] = "";
		struct typed_line typed;
		struct cmd_line words;
		struct err err;

		for (size_t k = 0; k + 3 < sizeof(line); k++)
			line[k] = of[rng_below(&rng, sizeof(of) - 1)];
		strcpy(line + sizeof(line) - 3, "b "); /* the word at the cursor is a new one */
		if (line[statement_end(line)] || statement_split(&words, line, NULL, NULL, &err))
			continue;
		typed_line_init(&typed, line, strlen(line));
		if (!typed.comment) {
			assert_int_equal(typed.words.n, words.argc + 1);
			for (int k = 0; k < words.argc; k++)
				assert_string_equal(typed.words.at[k].text, words.argv[k]);
			agreed++;
		}
		typed_line_release(&typed);
		cmd_line_release(&words);
	}
	assert_true(agreed > 1000);
}

/* What is written for a word is read back as it. */
static void test_quoted_words_are_read_back(void **state)
{
	static const char *const texts[] = {"a", "~", "~/a", "a b", "it's", "\"", "$1", "a;", "#", "\\", "", "~a"};
	static const char styles[] = {0, '\'', '"'};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(texts) * ARRAY_LEN(styles); i++) {
		const char *text = texts[i / ARRAY_LEN(styles)];
		struct buf line = {0};
		struct cmd_line words;
		struct err err;

		typed_quote(&line, text, styles[i % ARRAY_LEN(styles)], true);
		check_ok(statement_split(&words, buf_str(&line), refuse_variable, NULL, &err), &err);
		assert_int_equal(words.argc, 1);
		assert_string_equal(words.argv[0], text);
		cmd_line_release(&words);
		buf_release(&line);
	}
}

static void test_commands(void **state)
{
	(void)state;
	becomes("be", "beam_");
	becomes("  be", "  beam_");
	offers("st", "step stop");
	becomes("case 1; wh", "case 1; why_");
	becomes("find 'a;b'; wh", "find 'a;b'; why_");
	becomes("find a;wh", "find a;wh");
	becomes("help swe", "help sweep_");
	becomes("he swe", "he sweep_");
	becomes("nonsense be", "nonsense be");
	becomes("# be", "# be");
	becomes("beam 1 # --be", "beam 1 # --be");
	becomes("# a comment\nbe", "# a comment\nbeam_");
	becomes("beam 1 \\\n--tr", "beam 1 \\\n--trace_");
}

static void test_options(void **state)
{
	(void)state;
	becomes("cases --wh", "cases --where_");
	becomes("beam 1 --length", "beam 1 --length-penalty_");
	becomes("beam 1 --mask aft", "beam 1 --mask after_");
	becomes("beam 1 --mas aft", "beam 1 --mas after_");
	becomes("beam 1 --mask=aft", "beam 1 --mask=after_");
	becomes("compare --rows=ch", "compare --rows=changed_");
	becomes("set mas", "set mask_");
	becomes("set mask aft", "set mask after_");
	becomes("set ascii of", "set ascii off_");
	becomes("set template pla", "set template plain_");
	becomes("change mask bef", "change mask before_");
	becomes("cases --limit 5 --so", "cases --limit 5 --sort_");
	offers("case 1 --nonsense", "");
	offers("beam 1 --beam ", "");
	becomes("compare --set mask=a", "compare --set mask=after");
	becomes("compare --set mask=after,ta", "compare --set mask=after,tau=");
	becomes("compare bear:length", "compare bear:length-penalty=");
}

static void test_values_of_the_session(void **state)
{
	(void)state;
	becomes("case 44", "case 44");
	offers("case 44", "44 440 441 442 443 444 445 446 447 448 449");
	offers("item 3579", "");
	becomes("loss sft --cases 1,44", "loss sft --cases 1,44");
	offers("loss sft --cases 1,449", "449");
	becomes("train sft,msl,bear-m", "train sft,msl,bear-margin");
	becomes("train sft,bear:lam", "train sft,bear:lambda=");
	becomes("train sft:x", "train sft:x");
	becomes("loss bear:lambda=2:K", "loss bear:lambda=2:K=");
	becomes("train sft --lora-targets q_proj,up", "train sft --lora-targets q_proj,up_proj");
	becomes("lesson gre", "lesson greedy_");
	becomes("compare be", "compare bear_");
	becomes("force pos", "force positive_");
	becomes("goto pr", "goto pruned_");
	becomes("cases --sort -pop", "cases --sort -popularity_");
}

static void test_titles(void **state)
{
	static const char titanium[] =
		"Halden Studio Watercolour Half Pan, Titanium White "
		"Halden Studio Watercolour Tube 8 ml, Titanium White "
		"Tessaro Aquarelle Pencil, Titanium White Orvane Heavy Body Acrylic 60 ml, Titanium White "
		"Vintrey Designer Gouache 15 ml, Titanium White Tessaro Artist Coloured Pencil, Titanium White "
		"Dunmarrow Soft Pastel Stick, Titanium White";

	(void)state;
	becomes("find kestrel", "find 'Kestrelby ");
	becomes("find Kestrelby r", "find 'Kestrelby Ruled Notebook, ");
	becomes("find \"kestrel", "find \"Kestrelby ");
	becomes("find --limit 3 kestrel", "find --limit 3 'Kestrelby ");
	/* What no title begins with may stand within one. */
	becomes("find pastel stick, titan", "find 'Dunmarrow Soft Pastel Stick, Titanium White'_");
	becomes("find tube 8 ml, payne's", "find tube 8 ml, payne's");
	becomes("find \"tube 8 ml, payne's", "find \"Halden Studio Watercolour Tube 8 ml, Payne's Grey\"_");
	becomes("find titanium", "find titanium");
	offers("item 358; find titanium whi", titanium);
	becomes("find no-such-title", "find no-such-title");
}

static void test_expressions(void **state)
{
	struct completion c;

	(void)state;
	becomes("cases --where pop", "cases --where 'popularity ");
	offers("cases --where 'popularity <", "");
	offers("cases --where 'kind != in", "incorrectly-pruned");
	offers("cases --where 'kind = ", "retrieved incorrectly-pruned out-ranked unreachable undecided");
	becomes("cases --where 'kind = inc", "cases --where 'kind = incorrectly-pruned ");
	becomes("cases --where \"kind=retrieved a", "cases --where \"kind=retrieved and ");
	becomes("cases --where 'kind=retrieved and not popul", "cases --where 'kind=retrieved and not popularity ");
	offers("cases --where 'title ~ \"po", "");
	becomes("diagnose --wh", "diagnose --where_");
	complete_filter(&c, "kind = out", 10);
	assert_string_equal(c.text, "kind = out-ranked ");
	completion_release(&c);
}

static void test_variables(void **state)
{
	struct session *s = sessionrun_open_demo();

	(void)state;
	free(sessionrun_output(s, OUT_TEXT, "let width 20"));
	becomes_in(s, "beam 1 --beam $wi", "beam 1 --beam $width");
	becomes_in(s, "beam 1 --beam \"${wi", "beam 1 --beam \"${width}");
	becomes_in(s, "find '$wi", "find '$wi");
	becomes_in(s, "load data $da", "load data $data");
	becomes_in(s, "case $la", "case $la");
	free(sessionrun_output(s, OUT_TEXT, "beam 312"));
	becomes_in(s, "case $la", "case $last");
	becomes_in(s, "case $last.ver", "case $last.verdict");
	becomes_in(s, "case ${last.verdict.pruned_", "case ${last.verdict.pruned_at}");
	becomes_in(s, "item $last.results.1.it", "item $last.results.1.item");
	becomes_in(s, "let wid", "let width_");
	session_free(s);
}

static void make(const char *dir, const char *name)
{
	char *path = xasprintf("%s/%s", dir, name);
	FILE *f = fopen(path, "w");

	assert_non_null(f);
	fclose(f);
	free(path);
}

static void test_files(void **state)
{
	const char *dir = *state;
	struct completion c;
	char *line, *wanted;

	make(dir, "plain");
	make(dir, "two words");
	make(dir, "it's");
	make(dir, ".hidden");
	line = xasprintf("%s/folder", dir);
	assert_int_equal(mkdir(line, 0700), 0);
	free(line);
	static const char *const cases[][2] = {
		{"pl", "plain_"},
		{"fo", "folder/"},
		{".h", ".hidden_"},
		{"none", "none"},
	};
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		line = xasprintf("load model %s/%s", dir, cases[i][0]);
		wanted = xasprintf("load model %s/%s", dir, cases[i][1]);
		becomes(line, wanted);
		free(line);
		free(wanted);
	}
	line = xasprintf("source %s/two", dir);
	wanted = xasprintf("source '%s/two words'_", dir);
	becomes(line, wanted);
	free(line);
	free(wanted);
	line = xasprintf("source \"%s/it", dir);
	wanted = xasprintf("source \"%s/it's\"_", dir);
	becomes(line, wanted);
	free(wanted);
	free(line);
	assert_int_equal(setenv("HOME", dir, 1), 0);
	wanted = xasprintf("load model %s/plain_", dir);
	becomes("load model ~/pl", wanted);
	free(wanted);
	complete_path(&c, "~/two", 5);
	wanted = xasprintf("%s/two words", dir);
	assert_string_equal(c.text, wanted);
	free(wanted);
	completion_release(&c);
}

static void test_nothing_is_loaded(void **state)
{
	struct session *s = sessionrun_open();
	struct completion c;

	(void)state;
	complete(&c, s, "case 3");
	assert_int_equal(c.names.n, 0);
	assert_string_equal(c.note, "no data is loaded yet: 'info' loads it");
	completion_release(&c);
	assert_null(s->loaded.data);
	becomes_in(s, "train be", "train bear");
	becomes_in(NULL, "case 3", "case 3");
	becomes_in(NULL, "set mask aft", "set mask after_");
	session_free(s);
}

/* Any bytes, cut anywhere: the line before the word stays as it is, and what is put in begins no word anew. */
static void test_any_line(void **state)
{
	static const char *const lines[] = {"find \\", "$", "${", "beam 1 --", "cases --where '(((", "train ,,,:::===",
		"compare --set =,=", "\"'\"'", "set  ", "; ; ;", "load model /\xff\xfe/\x80", "find \xe2\x82",
		"cases --where 'kind ~ ~ ~ = = !", "info tensors model.", "let ", "change ", "${last.", "$last..x"};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(lines); i++)
		for (size_t end = 0; end <= strlen(lines[i]); end++) {
			struct completion c;

			complete_line(&c, demo, lines[i], end);
			assert_true(c.from <= end);
			assert_true(c.names.n >= c.names.words.n);
			completion_release(&c);
		}
}

/* However many fit, the list is bounded, and what they have in common is that of all. */
static void test_many(void **state)
{
	struct candidates c;
	char name[32];

	(void)state;
	candidates_init(&c, "item-");
	for (int i = 0; i < 100000; i++)
		candidates_offer(&c, name, (size_t)snprintf(name, sizeof(name), "item-1%05d", i));
	assert_int_equal(c.n, 100000);
	assert_int_equal(c.words.n, CANDIDATES_MAX);
	assert_int_equal(c.common, strlen("item-1"));
	candidates_offer_text(&c, "item-2");
	assert_int_equal(c.common, strlen("item-"));
	candidates_offer_text(&c, "item-\x1b[31m");
	assert_int_equal(c.n, 100001);
	candidates_release(&c);
}

static int open_demo(void **state)
{
	(void)state;
	demo = sessionrun_open_demo();
	return 0;
}

static int close_demo(void **state)
{
	(void)state;
	session_free(demo);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_words_are_the_languages),
		cmocka_unit_test(test_quoted_words_are_read_back),
		cmocka_unit_test(test_commands),
		cmocka_unit_test(test_options),
		cmocka_unit_test(test_values_of_the_session),
		cmocka_unit_test(test_titles),
		cmocka_unit_test(test_expressions),
		cmocka_unit_test(test_variables),
		in_tempdir(test_files),
		cmocka_unit_test(test_nothing_is_loaded),
		cmocka_unit_test(test_any_line),
		cmocka_unit_test(test_many),
	};

	return cmocka_run_group_tests(tests, open_demo, close_demo);
}
