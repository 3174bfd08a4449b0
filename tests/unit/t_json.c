#include "tempdir.h"

#include <float.h>

#include "base/buf.h"
#include "store/file.h"
#include "store/json.h"

static int parse(struct json_doc *doc, const char *text, struct err *err)
{
	return json_doc_parse(doc, "t.json", text, strlen(text), err);
}

static void broken_text_is_placed(void **state)
{
	static const struct {
		const char *text, *place;
	} cases[] = {
		{"", "t.json:1:0: not valid JSON"},
		{"   ", "t.json:1:3:"},
		{"{", "t.json:1:1:"},
		{"{\"a\": 1,\n \"b\": }", "t.json:2:7:"},
		{"{\"a\": 1,\n \"a\": 2}", "t.json:2:4: not valid JSON: duplicate"},
		{"[1, 2", "t.json:1:5:"},
		{"[1] 2", "t.json:1:"},
		{"[NaN]", "t.json:1:"},
		{"[Infinity]", "t.json:1:"},
		{"[1e999]", "t.json:1:"},
		{"[\"\xff\"]", "t.json:1:"},
		{"[\"\xed\xa0\x80\"]", "t.json:1:"},
		{"[\"\\ud800\"]", "t.json:1:"},
		{"[\"a\nb\"]", "t.json:1:"},
		{"{\"a\\u0000b\": 1}", "t.json:1:"},
		{"{'a': 1}", "t.json:1:"},
		{"// c\n{}", "t.json:1:"},
	};
	struct json_doc doc;
	struct err err;

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		check_refused(parse(&doc, cases[i].text, &err), &err, ERR_FORMAT, cases[i].place);
		json_doc_release(&doc);
	}
	check_refused(json_doc_parse(&doc, "t.json", "[1]\0", 4, &err), &err, ERR_FORMAT, "t.json:1:");
}

static void deep_nesting_is_refused(void **state)
{
	struct buf text = {0};
	struct json_doc doc;
	struct err err;

	(void)state;
	buf_addrep(&text, '[', 1000000);
	check_refused(json_doc_parse(&doc, "deep", text.at, text.len, &err), &err, ERR_FORMAT, "deep:1:");
	buf_release(&text);
}

static void a_byte_order_mark_is_dropped(void **state)
{
	struct json_doc doc;
	struct err err;

	(void)state;
	check_ok(parse(&doc, "\xef\xbb\xbf[1]", &err), &err);
	assert_int_equal(json_array_size(doc.json), 1);
	json_doc_release(&doc);
	json_doc_release(&doc);
}

static void files_are_named(void **state)
{
	char *good = tempdir_put(*state, "good.json", "{\"n\": 3}\n", 9);
	char *bad = tempdir_put(*state, "bad.json", "{\"n\": \n3 4}\n", 12);
	struct json_doc doc;
	struct err err;
	size_t n;

	check_ok(json_doc_read(&doc, good, &err), &err);
	check_ok(json_get_size(&doc.root, "n", 0, 10, &n, &err), &err);
	assert_int_equal(n, 3);
	check_refused(json_get_size(&doc.root, "n", 0, 2, &n, &err), &err, ERR_FORMAT, good);
	json_doc_release(&doc);
	check_refused(json_doc_read(&doc, bad, &err), &err, ERR_FORMAT, "bad.json:2:3:");
	json_doc_release(&doc);
	check_refused(json_doc_read(&doc, *state, &err), &err, ERR_IO, "a directory");
	json_doc_release(&doc);
	free(good);
	free(bad);
}

static const char sample[] =
	"{\"size\": 12, \"neg\": -3, \"x\": 0.5, \"whole\": 2, \"yes\": true, \"s\": \"text\", \"nul\": \"a\\u0000b\", "
	"\"none\": null,"
	" \"point\": 2.0, \"big\": 9223372036854775807, \"o\": {\"list\": [1, {\"deep\": \"no\"}]}}";

static void right_values_come_through(void **state)
{
	struct json_node o, list, item;
	struct json_doc doc;
	struct err err;
	double x = 0;
	bool yes = false;
	const char *s = NULL;
	size_t n = 0, len = 0;
	int64_t i = 0;

	(void)state;
	check_ok(parse(&doc, sample, &err), &err);
	check_ok(json_get_size(&doc.root, "size", 12, 12, &n, &err), &err);
	assert_int_equal(n, 12);
	check_ok(json_get(&doc.root, "neg", &item, &err), &err);
	check_ok(json_as_int(&item, -3, -3, &i, &err), &err);
	assert_int_equal(i, -3);
	check_ok(json_get_size(&doc.root, "big", 0, SIZE_MAX, &n, &err), &err);
	assert_true(n == INT64_MAX);
	check_ok(json_get_double(&doc.root, "x", 0, 1, &x, &err), &err);
	assert_true(x == 0.5);
	check_ok(json_get_double(&doc.root, "whole", 0, 2, &x, &err), &err);
	assert_true(x == 2);
	check_ok(json_opt_bool(&doc.root, "yes", &yes, &err), &err);
	assert_true(yes);
	check_ok(json_get_str(&doc.root, "s", &s, &err), &err);
	assert_string_equal(s, "text");
	check_ok(json_get(&doc.root, "nul", &item, &err), &err);
	check_ok(json_as_str(&item, &s, &len, &err), &err);
	assert_int_equal(len, 3);
	check_ok(json_get_object(&doc.root, "o", &o, &err), &err);
	check_ok(json_get_array(&o, "list", &list, &n, &err), &err);
	assert_int_equal(n, 2);
	item = json_element(&list, 0);
	check_ok(json_as_int(&item, 1, 1, &i, &err), &err);
	json_doc_release(&doc);
}

static void absent_or_null_keeps_the_default(void **state)
{
	static const char *const keys[] = {"absent", "none"};
	struct json_node node;
	struct json_doc doc;
	struct err err;

	(void)state;
	check_ok(parse(&doc, sample, &err), &err);
	for (size_t k = 0; k < ARRAY_LEN(keys); k++) {
		const char *s = "default";
		double x = 7.5;
		bool yes = true;
		size_t n = 99;

		check_ok(json_opt_size(&doc.root, keys[k], 0, 1, &n, &err), &err);
		check_ok(json_opt_double(&doc.root, keys[k], 0, 1, &x, &err), &err);
		check_ok(json_opt_bool(&doc.root, keys[k], &yes, &err), &err);
		check_ok(json_opt_str(&doc.root, keys[k], &s, &err), &err);
		assert_int_equal(n, 99);
		assert_true(x == 7.5 && yes);
		assert_string_equal(s, "default");
		assert_false(json_find(&doc.root, keys[k], &node));
		check_refused(
			json_get(&doc.root, keys[k], &node, &err), &err, ERR_FORMAT, "t.json: the document lacks \"");
		check_refused(json_get_size(&doc.root, keys[k], 0, 1, &n, &err), &err, ERR_FORMAT, keys[k]);
		check_refused(json_get_double(&doc.root, keys[k], 0, 1, &x, &err), &err, ERR_FORMAT, keys[k]);
		check_refused(json_get_str(&doc.root, keys[k], &s, &err), &err, ERR_FORMAT, keys[k]);
		check_refused(json_get_object(&doc.root, keys[k], &node, &err), &err, ERR_FORMAT, keys[k]);
		check_refused(json_get_array(&doc.root, keys[k], &node, &n, &err), &err, ERR_FORMAT, keys[k]);
	}
	json_doc_release(&doc);
}

static void wrong_values_are_named(void **state)
{
	struct json_node o, list, item, deep;
	struct json_doc doc;
	const char *s;
	struct err err;
	double x;
	bool yes;
	size_t n;

	(void)state;
	check_ok(parse(&doc, sample, &err), &err);
	check_refused(json_get_size(&doc.root, "size", 13, 20, &n, &err), &err, ERR_FORMAT,
		"t.json: \"size\" must be an integer from 13 to 20, not 12");
	check_refused(json_opt_size(&doc.root, "neg", 0, 5, &n, &err), &err, ERR_FORMAT, "not -3");
	check_refused(json_get_size(&doc.root, "point", 0, 5, &n, &err), &err, ERR_FORMAT, "must be an integer");
	check_refused(json_get_size(&doc.root, "x", 0, 5, &n, &err), &err, ERR_FORMAT, "not 0.5");
	check_refused(
		json_get_double(&doc.root, "x", 1, 2, &x, &err), &err, ERR_FORMAT, "a number from 1 to 2, not 0.5");
	check_refused(json_get_double(&doc.root, "s", -DBL_MAX, DBL_MAX, &x, &err), &err, ERR_FORMAT,
		"must be a number, not \"text\"");
	check_refused(json_opt_bool(&doc.root, "size", &yes, &err), &err, ERR_FORMAT, "\"size\" must be true or false");
	check_refused(
		json_get_str(&doc.root, "o", &s, &err), &err, ERR_FORMAT, "\"o\" must be a string, not an object");
	check_refused(json_get_str(&doc.root, "nul", &s, &err), &err, ERR_FORMAT, "U+0000");
	check_refused(
		json_get_array(&doc.root, "yes", &list, &n, &err), &err, ERR_FORMAT, "must be an array, not true");
	check_ok(json_get_object(&doc.root, "o", &o, &err), &err);
	check_refused(json_get_object(&o, "list", &deep, &err), &err, ERR_FORMAT,
		"\"o.list\" must be an object, not an array");
	check_ok(json_get_array(&o, "list", &list, &n, &err), &err);
	item = json_element(&list, 1);
	check_refused(json_get_size(&item, "deep", 0, 1, &n, &err), &err, ERR_FORMAT, "\"o.list[1].deep\" must be");
	check_refused(json_get_size(&item, "other", 0, 1, &n, &err), &err, ERR_FORMAT, "\"o.list[1]\" lacks \"other\"");
	check_refused(json_refuse(&item, &err, "is %d times too odd", 3), &err, ERR_FORMAT,
		"t.json: \"o.list[1]\" is 3 times too odd");
	json_doc_release(&doc);
}

static void a_huge_integer_spoils_no_other_number(void **state)
{
	struct json_doc doc;
	struct err err;
	size_t n = 0;

	(void)state;
	check_ok(parse(&doc, "{\"huge\": 1000000000000000019884624838656, \"n\": 12, \"half\": 12.5}", &err), &err);
	check_ok(json_get_size(&doc.root, "n", 0, 20, &n, &err), &err);
	assert_int_equal(n, 12);
	check_refused(json_get_size(&doc.root, "huge", 0, SIZE_MAX, &n, &err), &err, ERR_FORMAT, "must be an integer");
	check_refused(json_get_size(&doc.root, "half", 0, 20, &n, &err), &err, ERR_FORMAT, "must be an integer");
	json_doc_release(&doc);
}

/* Keys and values from a file may be as long as they like; the message says what is wrong all the same. */
static void long_names_leave_room_for_the_complaint(void **state)
{
	struct buf text = {0};
	struct json_doc doc;
	struct json_node root;
	struct err err;
	const char *key;
	json_t *value;

	(void)state;
	buf_addstr(&text, "{\"");
	buf_addrep(&text, 'k', 5000);
	buf_addstr(&text, "\": \"");
	buf_addrep(&text, 'v', 5000);
	buf_addstr(&text, "\"}");
	check_ok(json_doc_parse(&doc, "t.json", text.at, text.len, &err), &err);
	root = doc.root;
	json_object_foreach(doc.json, key, value) {
		struct json_node node = json_child(&root, key, value);
		size_t n;

		check_refused(json_as_size(&node, 0, 1, &n, &err), &err, ERR_FORMAT,
			"must be an integer from 0 to 1, not \"v");
	}
	json_doc_release(&doc);
	buf_release(&text);
}

/* What is written comes back; reals in as few digits as that takes. */
static void written_documents_come_back(void **state)
{
	static const char *const texts[][2] = {
		{"{\"b\": 0.05, \"a\": [1e-05, 10000.0, 3], \"c\": null}", "0.05"},
		{"{\"x\": 0.1, \"y\": 0.30000000000000004}", "0.30000000000000004"},
		{"[-2.2250738585072014e-308, 9007199254740993]", "9007199254740993"},
		{"{\"deep\": {\"é\": \"\\u0001\\u0000\", \"\": []}}", "é"},
	};
	char *path = tempdir_path(*state, "t.json"), *none = tempdir_path(*state, "none/t.json");
	struct err err;

	for (size_t i = 0; i < ARRAY_LEN(texts); i++) {
		json_t *v = json_loads(texts[i][0], JSON_ALLOW_NUL, NULL), *again;
		struct buf text = {0};

		assert_non_null(v);
		check_ok(json_write(path, v, i == 1 ? JSON_SORT_KEYS : 0, &err), &err);
		again = json_load_file(path, JSON_ALLOW_NUL, NULL);
		assert_true(json_equal(v, again));
		check_ok(file_read(&text, path, 1000, &err), &err);
		assert_non_null(strstr(text.at, texts[i][1]));
		assert_int_equal(text.at[text.len - 1], '\n');
		if (i == 0) {
			assert_true(strstr(text.at, "\"b\"") < strstr(text.at, "\"a\""));
			assert_non_null(strstr(text.at, " 1e-5,"));
			assert_non_null(strstr(text.at, " 10000.0,"));
		}
		check_refused(json_write(none, v, 0, &err), &err, ERR_IO, none);
		buf_release(&text);
		json_decref(again);
		json_decref(v);
	}
	assert_int_equal(tempdir_count(*state), 1);
	free(none);
	free(path);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(broken_text_is_placed),
		cmocka_unit_test(deep_nesting_is_refused),
		cmocka_unit_test(a_byte_order_mark_is_dropped),
		in_tempdir(files_are_named),
		cmocka_unit_test(right_values_come_through),
		cmocka_unit_test(absent_or_null_keeps_the_default),
		cmocka_unit_test(wrong_values_are_named),
		cmocka_unit_test(a_huge_integer_spoils_no_other_number),
		cmocka_unit_test(long_names_leave_room_for_the_complaint),
		in_tempdir(written_documents_come_back),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
