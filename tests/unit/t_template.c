/* Prompt templates: the published ones byte for byte, and files that are not what they should be. */
#include <unistd.h>

#include "check.h"

#include "base/buf.h"
#include "base/mem.h"
#include "store/file.h"
#include "text/template.h"

static const char path[] = "t_template.tmpl";

static int clean(void **state)
{
	(void)state;
	unlink(path);
	return 0;
}

static struct template *load_text(const char *text, const char *dataset)
{
	struct template *t = NULL;
	struct err err = {0};

	check_ok(file_write(path, text, strlen(text), &err), &err);
	check_ok(template_load(&t, path, dataset, &err), &err);
	return t;
}

static struct template *load_named(const char *name, const char *dataset)
{
	const char *source = getenv("top_srcdir");
	char *file = xasprintf("%s/data/templates/%s", source ? source : ".", name);
	struct template *t = NULL;
	struct err err = {0};

	check_ok(template_load(&t, file, dataset, &err), &err);
	free(file);
	return t;
}

static void check_prompt(const struct template *t, const char *const *titles, size_t n, const char *expected)
{
	struct buf got = {0};

	template_prompt(t, titles, n, &got);
	assert_string_equal(buf_str(&got), expected);
	buf_release(&got);
}

static void check_answer(const struct template *t, const char *title, const char *expected)
{
	struct buf got = {0};

	template_answer(t, title, &got);
	assert_string_equal(buf_str(&got), expected);
	buf_release(&got);
}

/* The prompt of the published code, as it is there: `spaces` after its first line, history already in quotes. */
static char *published(const char *spaces, const char *things, const char *verb, const char *thing, const char *history)
{
	return xasprintf("Below is an instruction that describes a task, paired with an input that provides further "
			 "context. Write a response that appropriately completes the request.%s\n\n"
			 "### Instruction:\n"
			 "Given a list of %s the user has %s before, please recommend a new %s that the user likes to "
			 "the user.\n\n"
			 "### Input:\n"
			 "The user has %s the following %s before: %s\n \n\n"
			 "### Response:\n",
		spaces, things, verb, thing, verb, things, history);
}

static void published_prompts(void **state)
{
	static const char *const titles[] = {"Title one", "A 12\" ruler, {steel}"};
	static const char *const files[] = {"bear-inference.tmpl", "bear-train.tmpl"};

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		struct template *t = load_named(files[i], "bear-office");
		const char *spaces = i == 0 ? "  " : " ";
		char *two = published(spaces, "office products", "used", "office product",
			"\"Title one\", \"A 12\" ruler, {steel}\"");
		char *none = published(spaces, "office products", "used", "office product", "");

		check_prompt(t, titles, 2, two);
		check_prompt(t, titles, 0, none);
		check_answer(t, "Title one", "\"Title one\"");
		template_free(t);
		free(two);
		free(none);
	}
}

static void published_domains(void **state)
{
	static const char *const cases[][4] = {
		{"Office_Products", "office products", "used", "office product"},
		{"bear-clothing", "clothing", "worn", "clothing"},
		{"Toys_and_Games", "toys", "played", "toy"},
		{"BOOKS", "books", "read", "book"},
		{"Kindle_Book_Store", "Kindle books", "read", "Kindle book"},
		{"Movies_and_TV", "movies", "watched", "movie"},
		{"ml-1m", "movies", "watched", "movie"},
		{"ml-25m", "movies", "watched", "movie"},
		{"ml-latest-small", "movies", "watched", "movie"},
		{"Video_Games", "video games", "played", "video game"},
		{"steam", "video games", "played", "video game"},
		{"Musical_Instruments", "musical instruments", "played", "musical instrument"},
		{"CDs_and_Vinyl", "CDs", "listened", "CD"},
		{"All_Beauty", "beauty products", "used", "beauty product"},
		{"Electronics", "electronics", "used", "electronic"},
		{"Sports_and_Outdoors", "outdoor sports equipment", "played", "outdoor sports equipment"},
		{"Grocery_and_Gourmet_Food", "foods", "eaten", "food"},
		{"minionerec-industrial", "industrial and scientific items", "used", "industrial and scientific item"},
		{"Pet_Supplies", "items", "used", "item"},
		{"", "items", "used", "item"},
	};
	static const char *const title = "A";

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct template *t = load_named("bear-inference.tmpl", cases[i][0]);
		char *expected = published("  ", cases[i][1], cases[i][2], cases[i][3], "\"A\"");

		check_prompt(t, &title, 1, expected);
		template_free(t);
		free(expected);
	}
}

/* The prompts of D3 and MiniOneRec, as their code makes them. */
static void published_others(void **state)
{
	static const char *const head =
		"Below is an instruction that describes a task, paired with an input that provides further context. "
		"Write a response that appropriately completes the request. \n\n### Instruction:\n";
	static const char *const items[] = {"<a_1><b_2>", "<a_3><b_4>"};
	static const struct {
		const char *file, *dataset, *prompt, *answer;
	} cases[] = {
		{"minionerec-inference.tmpl", "x",
			"Can you predict the next possible item that the user may expect?\n\n### User Input: \n"
			"Can you predict the next possible item the user may expect, given the following "
			"chronological interaction history: <a_1><b_2>, <a_3><b_4>\n\n### Response:\n",
			"<a_1><b_2>\n"},
		{"minionerec-train.tmpl", "x",
			"Can you predict the next possible item that the user may expect?\n\n### User Input: \n"
			"The user has interacted with items <a_1><b_2>, <a_3><b_4> in chronological order. Can you "
			"predict the next possible item that the user may expect?\n\n### Response:\n",
			"<a_1><b_2>\n"},
		{"d3.tmpl", "Toys_and_Games",
			"Given a list of toys and games the user recetenly enjoy, please write a new toys and games "
			"that the user may bought\n### User Input: \nThe user has palyed the following toys and "
			"gamess before: \"<a_1><b_2>\", \"<a_3><b_4>\"\n\n### Response: \n",
			"\"<a_1><b_2>\"\n"},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct template *t = load_named(cases[i].file, cases[i].dataset);
		char *expected = xasprintf("%s%s", head, cases[i].prompt);

		check_prompt(t, items, 2, expected);
		check_answer(t, items[0], cases[i].answer);
		template_free(t);
		free(expected);
	}
}

static void plain(void **state)
{
	static const char *const titles[] = {"One", "Two"};
	struct template *t = load_named("plain.tmpl", "anything");

	(void)state;
	check_prompt(t, titles, 2, "One\nTwo\n");
	check_answer(t, "Three", "Three");
	template_free(t);
}

/* Each prompt is the beginning of the next, and the answer with its end is what it grows by. */
static void sequence_template(void **state)
{
	static const char *const titles[] = {"Red Tape", "", "a, b"};
	struct template *t = load_named("sequence.tmpl", "office");

	(void)state;
	check_prompt(t, titles, 0, "");
	check_prompt(t, titles, 1, "Red Tape</s>");
	check_prompt(t, titles, 3, "Red Tape</s></s>a, b</s>");
	check_answer(t, "a, b", "a, b");
	template_free(t);
}

static void own_template(void **state)
{
	static const char *const titles[] = {"a", "b"};
	struct template *t;

	(void)state;
	t = load_text(
		"# a comment\n\nitem: <{title}{bang}>\nbang: {mark}{{}}\nmark:  !\nseparator:  \nanswer: {title};\n"
		"---\n---\r\n{{{history}}}{space}",
		"");
	check_prompt(t, titles, 2, "---\r\n{<a !{}> <b !{}>} "); /* a value keeps all spaces but the first */
	check_answer(t, "{x}", "{x};");                          /* titles are data */
	template_free(t);
}

static void sections(void **state)
{
	static const char text[] =
		"item: {title}\nseparator: ,\nanswer: {title}\nx: general\ny: {x}\n"
		"[domain Big One, two]\nx: first\n[domain two]\nx: second\ny: other\n---\n{y} {history}";
	static const struct {
		const char *dataset, *expected;
	} cases[] = {
		{"", "general "}, {"my BIG ONE", "first "}, {"TWO", "first "}, {"big", "general "}, {"tw", "general "}};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct template *t = load_text(text, cases[i].dataset);

		check_prompt(t, NULL, 0, cases[i].expected);
		template_free(t);
	}
}

#define NEEDED "item: {title}\nseparator: ,\nanswer: {title}\n"

static void faults(void **state)
{
	static const struct {
		const char *text, *message;
	} cases[] = {
		{"", "no line \"---\""},
		{NEEDED "{history}\n", ":4: a setting is written"},
		{"---\n{history}", "setting \"item\" is missing"},
		{"separator: ,\n---\n{history}", "setting \"item\" is missing"},
		{"separator: ,\nitem: {title}\n---\n{history}", "setting \"answer\" is missing"},
		{NEEDED "---\n", ":5: {history} is missing"},
		{NEEDED "---\n\n{history}\n{history}", ":7: {history} stands twice"},
		{NEEDED "---\n\n{histroy}", ":6: there is no setting \"histroy\""},
		{NEEDED "---\n{title}{history}", ":5: there is no setting \"title\""},
		{NEEDED "---\n{history}\n}", ":6: \"}\" alone"},
		{NEEDED "---\n{history} {open", ":5: \"{\" alone"},
		{"item: x\nseparator: ,\nanswer: {title}\n---\n{history}", ":1: {title} is missing"},
		{"item: {title}{title}\nseparator: ,\nanswer: {title}\n---\n{history}", ":1: {title} stands twice"},
		{"item: {title}\nseparator: {history}\nanswer: {title}\n---\n{history}",
			":2: there is no setting \"history\""},
		{NEEDED "item: {title}\n---\n{history}", ":4: setting \"item\" is already in line 1"},
		{NEEDED "empty:\n---\n{history}", ":4: setting \"empty\" has no value"},
		{NEEDED "empty: \n---\n{history}", ":4: setting \"empty\" has no value"},
		{NEEDED "[domain x]\nempty:\n---\n{history}", ":5: setting \"empty\" has no value"},
		{NEEDED "Name: x\n---\n{history}", ":4: a setting is written"},
		{NEEDED "space: x\n---\n{history}", ":4: \"space\" has a meaning of its own"},
		{NEEDED "[dataset x]\n---\n{history}", ":4: a section is written"},
		{NEEDED "[domain x\n---\n{history}", ":4: a section is written"},
		{NEEDED "a: {b}\nb: {a}\n---\n{a}{history}", "leads back to itself"},
		{NEEDED "a: xxxxxxxxxxxxxxxxxxxxxxxx\nb: {a}{a}{a}{a}{a}{a}{a}{a}\nc: {b}{b}{b}{b}{b}{b}{b}{b}\n"
			"d: {c}{c}{c}{c}{c}{c}{c}{c}\ne: {d}{d}{d}{d}{d}{d}{d}{d}\nf: {e}{e}{e}{e}{e}{e}{e}{e}\n"
			"g: {f}{f}{f}{f}{f}{f}{f}{f}\nh: {g}{g}{g}{g}{g}{g}{g}{g}\n---\n{h}{history}",
			"grows past"},
		{NEEDED "---\n\xFF{history}", "not valid UTF-8 at byte 47"},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct template *t = NULL;
		struct err err = {0};

		check_ok(file_write(path, cases[i].text, strlen(cases[i].text), &err), &err);
		check_refused(template_load(&t, path, "", &err), &err, ERR_FORMAT, cases[i].message);
		check_refused(template_load(&t, path, "", &err), &err, ERR_FORMAT, path);
		assert_null(t);
	}
}

static void missing_file(void **state)
{
	struct template *t = NULL;
	struct err err = {0};

	(void)state;
	check_refused(template_load(&t, "no-such.tmpl", "", &err), &err, ERR_IO, "no-such.tmpl");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(published_prompts),
		cmocka_unit_test(published_domains),
		cmocka_unit_test(published_others),
		cmocka_unit_test(plain),
		cmocka_unit_test(sequence_template),
		cmocka_unit_test(own_template),
		cmocka_unit_test(sections),
		cmocka_unit_test(faults),
		cmocka_unit_test(missing_file),
	};

	return cmocka_run_group_tests(tests, NULL, clean);
}
