/*
 * Predictions: each published form is read as its script writes it, each text is cut as its evaluation cuts it, what is
 * wrong is refused with its entry, and what is written is read again.
 */
#include "tempdir.h"

#include <fcntl.h>

#include "data/predictions.h"

static char *put(void **state, const char *text)
{
	return tempdir_put(*state, "p.json", text, strlen(text));
}

static void read_ok(struct predictions *p, void **state, const char *text)
{
	char *path = put(state, text);
	struct err err;

	check_ok(predictions_read(p, path, &err), &err);
	free(path);
}

static void bear_is_read(void **state)
{
	struct predictions p;

	read_ok(&p, state,
		"[{\"instruction\": \"i\", \"input\": \"\\\"a\\\"\\n \", \"output\": \"\\\"b\\\"\", \"predict\": "
		"[\"\\\"c\\\"\", \"\\\"b\\\"\"], \"scores\": [-1.5, -2]},\n"
		" {\"output\": \"\\\"c\\\"\", \"predict\": [], \"more\": {\"of\": [[1], null]}}]");
	assert_int_equal(p.form, PREDICTIONS_BEAR);
	assert_int_equal(p.n, 2);
	assert_int_equal(p.width, 2);
	assert_string_equal(p.at[0].input, "\"a\"\n ");
	assert_string_equal(p.at[0].output, "\"b\"");
	assert_int_equal(p.at[0].n, 2);
	assert_string_equal(p.at[0].texts[1], "\"b\"");
	assert_null(p.at[1].input);
	assert_int_equal(p.at[1].n, 0);
	predictions_release(&p);
}

/* With the words that Python writes for what is no number, and the same inside texts. */
static void d3_is_read(void **state)
{
	struct predictions p;

	read_ok(&p, state,
		"[{\"input\": \"NaN \\\\\", \"output\": [\"\\\"b\\\"\\n\", \"x\"], \"predict\": "
		"[\"\\\"-Infinity\\\"\\n\"],"
		" \"predict_score\": [-Infinity], \"predict_seq_score\": [[NaN, Infinity, -1.0]]}]");
	assert_int_equal(p.form, PREDICTIONS_D3);
	assert_string_equal(p.at[0].input, "NaN \\");
	assert_string_equal(p.at[0].output, "\"b\"\n");
	assert_string_equal(p.at[0].texts[0], "\"-Infinity\"\n");
	predictions_release(&p);
}

static void minionerec_is_read(void **state)
{
	struct predictions p;

	read_ok(&p, state,
		"[{\"predict\": []}, {\"input\": \"<a_1>\", \"output\": \"<a_2>\\n\", \"predict\": [\"<a_3>\", "
		"\"<a_2>\"], "
		"\"predict_ctr_prob\": [1.0, 0.5]}]");
	assert_int_equal(p.form, PREDICTIONS_MINIONEREC);
	assert_int_equal(p.width, 2);
	predictions_release(&p);
}

/* What tells the forms apart where their own members are missing. */
static void forms_are_told_apart(void **state)
{
	static const struct {
		const char *text;
		enum prediction_form form;
	} files[] = {
		{"[{\"output\": \"\\\"b\\\"\", \"predict\": [\"x\"]}]", PREDICTIONS_BEAR},
		{"[{\"predict\": [\"\\\"x\\\"\"]}]", PREDICTIONS_BEAR},
		{"[{\"output\": \"\\\"b\\\"\\n\", \"predict\": [\"x\"]}]", PREDICTIONS_D3},
		{"[{\"output\": \"\\\"b\\\"\", \"predict\": [\"x\"], \"predict_score\": []}]", PREDICTIONS_D3},
		{"[{\"output\": \"b\", \"predict\": [\"\\\"x\\\"\"]}]", PREDICTIONS_MINIONEREC},
		{"[{\"predict\": [\"\"]}]", PREDICTIONS_MINIONEREC},
	};

	for (size_t i = 0; i < ARRAY_LEN(files); i++) {
		struct predictions p;

		read_ok(&p, state, files[i].text);
		assert_int_equal(p.form, files[i].form);
		predictions_release(&p);
	}
}

/* Expected values: what the published scripts' expressions give in Python. */
static void texts_are_cut(void **state)
{
	static const struct {
		enum prediction_form form;
		enum prediction_role role;
		const char *text, *key;
	} cuts[] = {
		{PREDICTIONS_BEAR, PREDICTION_MADE, "\"Pen\"", "Pen"},
		{PREDICTIONS_BEAR, PREDICTION_MADE, "Pen", "e"},
		{PREDICTIONS_BEAR, PREDICTION_ANSWER, "\" \"Pen\" \"", " \"Pen\" "},
		{PREDICTIONS_BEAR, PREDICTION_MADE, "\xE2\x80\x9CPen\xE2\x80\x9D", "Pen"},
		{PREDICTIONS_BEAR, PREDICTION_MADE, "\xC3\x9C", ""},
		{PREDICTIONS_BEAR, PREDICTION_MADE, "\"\xC3\x9C", ""},
		{PREDICTIONS_BEAR, PREDICTION_MADE, "\"", ""},
		{PREDICTIONS_BEAR, PREDICTION_MADE, "", ""},
		{PREDICTIONS_BEAR, PREDICTION_ITEM, "\"Pen\"", "\"Pen\""},
		{PREDICTIONS_D3, PREDICTION_MADE, " \n\"\" Pen \"\n \n", "Pen"},
		{PREDICTIONS_D3, PREDICTION_MADE, "\"\nPen\"", "\nPen"},
		{PREDICTIONS_D3, PREDICTION_MADE, "\" \"Pen\" \"", "\"Pen\""},
		{PREDICTIONS_D3, PREDICTION_ANSWER, "\" \"Pen\" \"\n", "Pen"},
		{PREDICTIONS_D3, PREDICTION_ITEM, " \"Pen\"\n", "Pen"},
		{PREDICTIONS_D3, PREDICTION_ITEM, "\n \"Pen", " \"Pen"},
		{PREDICTIONS_D3, PREDICTION_ITEM, "3\" x 5\"", "3\" x 5"},
		{PREDICTIONS_D3, PREDICTION_MADE, "\"\"\n", ""},
		{PREDICTIONS_MINIONEREC, PREDICTION_MADE, " <a_1><b_2>\n", "<a_1><b_2>"},
		{PREDICTIONS_MINIONEREC, PREDICTION_ANSWER, "\n\"\" \n", ""},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cuts); i++) {
		struct prediction_key k = prediction_key(cuts[i].form, cuts[i].role, cuts[i].text);

		if (!prediction_same(k, (struct prediction_key){cuts[i].key, strlen(cuts[i].key)}))
			fail_msg("cut %zu of '%s': '%.*s'", i, cuts[i].text, (int)k.len, k.at);
	}
}

/* Of a text that is listed twice BEAR's evaluation takes the first place, D3's the last. */
static void ranks_follow_the_form(void **state)
{
	static const char *const forms[] = {"", ", \"predict_score\": []", ", \"predict_ctr_prob\": []"};
	static const size_t ranks[] = {2, 4, 2};

	for (size_t i = 0; i < ARRAY_LEN(forms); i++) {
		char *text = xasprintf("[{\"output\": \"\\\"b\\\"\", \"predict\": [\"\\\"a\\\"\", \"\\\"b\\\"\", "
				       "\"\\\"a\\\"\", \"\\\"b\\\"\", \"\\\"c\\\"\"]%s}]",
			forms[i]);
		struct predictions p;
		struct prediction_key b;

		read_ok(&p, state, text);
		assert_int_equal(p.form, i);
		b = prediction_key(p.form, PREDICTION_ANSWER, p.at[0].output);
		assert_int_equal(prediction_rank(p.form, &p.at[0], b), ranks[i]);
		assert_int_equal(prediction_rank(p.form, &p.at[0], (struct prediction_key){"d", 1}), 0);
		predictions_release(&p);
		free(text);
	}
}

static void what_is_wrong_is_refused(void **state)
{
	static const struct {
		const char *text, *message;
	} wrong[] = {
		{"", ":1:0: not valid JSON"},
		{"[", "not valid JSON"},
		{"{}", "the document must be a list of objects with \"predict\""},
		{"null", "not valid JSON"},
		{"[]", "holds no entry"},
		{"[{\"predict\": []}]", "holds no prediction"},
		{"[7]", "\"[0]\" must be an object, not 7"},
		{"[{\"predict\": [\"a\"]}, []]", "\"[1]\" must be an object, not an array"},
		{"[{\"predict\": [\"a\"]}, {\"output\": \"a\"}]", "\"[1]\" lacks \"predict\""},
		{"[{\"predict\": null}]", "\"[0]\" lacks \"predict\""},
		{"[{\"predict\": \"a\"}]", "\"[0].predict\" must be an array, not \"a\""},
		{"[{\"predict\": [\"a\", 3]}]", "\"[0].predict[1]\" must be a string, not 3"},
		{"[{\"predict\": [\"a\\u0000b\"]}]", "\"[0].predict[0]\""},
		{"[{\"predict\": [[\"a\"]]}]", "\"[0].predict[0]\" must be a string, not an array"},
		{"[{\"predict\": [\"a\"], \"output\": 3}]", "\"[0].output\" must be a string, not 3"},
		{"[{\"predict\": [\"a\"], \"output\": []}]", "\"[0].output\" is a list without an answer"},
		{"[{\"predict\": [\"a\"], \"output\": [{}]}]", "\"[0].output[0]\" must be a string"},
		{"[{\"predict\": [\"a\"], \"input\": [\"a\"]}]", "\"[0].input\" must be a string"},
		{"[{\"predict\": [\"a\"], \"predict\": [\"b\"]}]", "not valid JSON: duplicate"},
		{"[{\"predict\": [\"\xFF\"]}]", "not valid JSON"},
		{"[{\"predict\": [\"\\ud800\"]}]", "not valid JSON"},
		{"[{\"predict\": [Inf]}]", "not valid JSON"},
		{"[{\"predict\": [NaNa]}]", "not valid JSON"},
	};

	for (size_t i = 0; i < ARRAY_LEN(wrong); i++) {
		char *path = put(state, wrong[i].text);
		struct predictions p;
		struct err err;

		check_refused(predictions_read(&p, path, &err), &err, ERR_FORMAT, wrong[i].message);
		assert_memory_equal(err.msg, path, strlen(path));
		predictions_release(&p);
		free(path);
	}
}

/* Nesting and sizes that would exhaust the memory or the stack. */
static void what_is_too_much_is_refused(void **state)
{
	char *deep = xcalloc(200001, 1), *path, *huge = tempdir_path(*state, "huge.json");
	struct predictions p;
	struct err err;
	int fd;

	memset(deep, '[', 200000);
	path = put(state, deep);
	check_refused(predictions_read(&p, path, &err), &err, ERR_FORMAT, "maximum parsing depth");
	predictions_release(&p);
	fd = open(huge, O_WRONLY | O_CREAT, 0600);
	assert_true(fd >= 0);
	assert_int_equal(ftruncate(fd, (off_t)JSON_MAX_FILE + 1), 0);
	close(fd);
	if (predictions_read(&p, huge, &err) == 0)
		fail_msg("a file over the limit is read");
	assert_non_null(strstr(err.msg, huge));
	predictions_release(&p);
	check_refused(predictions_read(&p, *state, &err), &err, ERR_IO, "directory");
	predictions_release(&p);
	free(huge);
	free(path);
	free(deep);
}

static const char *const odd[] = {
	"Pen, \"fine\"", " blanks ", "3&quot; \\ 5&quot;", "\xC3\x9C\xE2\x82\xAC", "a\tb", ""};

static void written_is_read(void **state)
{
	static const double one[] = {-0.1, -1e-9}, two[] = {-7};
	static const double *const steps[] = {one, two, two, two, two, two};
	static const size_t n_steps[] = {2, 1, 1, 1, 1, 1};
	static const double scores[] = {-0.1, -1.0 / 3, -2, -3, -4, -5};
	const struct prediction_made made = {.instruction = "do",
		.input = "history\n ",
		.answer = odd[1],
		.texts = odd,
		.scores = scores,
		.steps = steps,
		.n_steps = n_steps,
		.n = ARRAY_LEN(odd)};

	for (int form = PREDICTIONS_BEAR; form <= PREDICTIONS_MINIONEREC; form++) {
		struct buf text = {0};
		struct predictions p;

		buf_addstr(&text, PREDICTIONS_BEGIN);
		prediction_add(&text, form, &made);
		buf_addstr(&text, PREDICTIONS_BETWEEN);
		prediction_add(&text, form, &made);
		buf_addstr(&text, PREDICTIONS_END);
		read_ok(&p, state, buf_str(&text));
		assert_int_equal(p.form, form);
		assert_int_equal(p.n, 2);
		assert_int_equal(p.at[1].n, ARRAY_LEN(odd));
		assert_string_equal(p.at[1].input, "history\n ");
		for (size_t i = 0; i < ARRAY_LEN(odd) && form == PREDICTIONS_BEAR; i++) {
			struct prediction_key k = prediction_key(form, PREDICTION_MADE, p.at[1].texts[i]);

			assert_true(prediction_same(k, prediction_key(form, PREDICTION_ITEM, odd[i])));
		}
		assert_int_equal(
			prediction_rank(form, &p.at[0], prediction_key(form, PREDICTION_ANSWER, p.at[0].output)), 2);
		predictions_release(&p);
		buf_release(&text);
	}
}

/* Byte for byte what json.dump(entries, file, indent=4) writes of the same. */
static void layout_is_pythons(void **state)
{
	static const char *const texts[] = {"Pen", "Ink"};
	static const double one[] = {-0.5}, two[] = {-0.25, -1.5};
	static const double *const steps[] = {one, two};
	static const size_t n_steps[] = {1, 2};
	static const double scores[] = {-0.5, -0.875};
	const struct prediction_made made = {.instruction = "do",
		.input = "x",
		.answer = "Pen",
		.texts = texts,
		.scores = scores,
		.steps = steps,
		.n_steps = n_steps,
		.n = 2};
	const struct prediction_made none = {.instruction = "", .input = "", .answer = ""};
	struct buf text = {0};

	(void)state;
	buf_addstr(&text, PREDICTIONS_BEGIN);
	prediction_add(&text, PREDICTIONS_D3, &made);
	buf_addstr(&text, PREDICTIONS_BETWEEN);
	prediction_add(&text, PREDICTIONS_BEAR, &none);
	buf_addstr(&text, PREDICTIONS_END);
	assert_string_equal(buf_str(&text),
		"[\n    {\n        \"input\": \"x\",\n        \"output\": \"\\\"Pen\\\"\\n\",\n        \"predict\": [\n"
		"            \"\\\"Pen\\\"\\n\",\n            \"\\\"Ink\\\"\\n\"\n        ],\n"
		"        \"predict_score\": [\n            -0.5,\n            -0.875\n        ],\n"
		"        \"predict_seq_score\": [\n            [\n                -0.5,\n                0\n           "
		" ],\n"
		"            [\n                -0.25,\n                -1.5\n            ]\n        ]\n    },\n"
		"    {\n        \"instruction\": \"\",\n        \"input\": \"\",\n        \"output\": \"\\\"\\\"\",\n"
		"        \"predict\": [],\n        \"scores\": []\n    }\n]\n");
	buf_release(&text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		in_tempdir(bear_is_read),
		in_tempdir(d3_is_read),
		in_tempdir(minionerec_is_read),
		in_tempdir(forms_are_told_apart),
		cmocka_unit_test(texts_are_cut),
		in_tempdir(ranks_follow_the_form),
		in_tempdir(what_is_wrong_is_refused),
		in_tempdir(what_is_too_much_is_refused),
		in_tempdir(written_is_read),
		cmocka_unit_test(layout_is_pythons),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
