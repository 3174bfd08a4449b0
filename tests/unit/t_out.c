/* Records out: the three formats of one record, widths, and characters that must not get through. */
#include "check.h"

#include <errno.h>

#include "base/utf8.h"
#include "session/command.h"
#include "session/out.h"

static const struct out_column columns[] = {
	{"id", "id", NULL, true, false},
	{"deep.x", "x", "%.2f", true, false},
	{"tokens", NULL, NULL, false, false},
	{"title", "title", NULL, false, true},
	{NULL, NULL, NULL, false, false},
};

static const struct cmd_entry lines = {.name = "lines", .columns = columns};
static const struct cmd_entry nested = {.name = "nested", .columns = columns, .rows = "rows"};
static const struct cmd_entry fields = {.name = "fields"};

static json_t *row(int id, double x, const char *title)
{
	return json_pack("{s:i, s:{s:f}, s:[i,i], s:s}", "id", id, "deep", "x", x, "tokens", 4, id, "title", title);
}

static void emit(struct out *o, const struct cmd_entry *e, json_t *first, json_t *second)
{
	out_begin(o, e);
	out_record(o, first);
	if (second)
		out_record(o, second);
	out_end(o);
}

static void test_json(void **state)
{
	struct out o;

	(void)state;
	out_init(&o, NULL);
	o.format = OUT_JSON;
	emit(&o, &lines, json_pack("{s:f, s:s, s:n}", "logp", (double)-3.2f, "text", "a\n\"\xC3\xA9", "none"),
		json_pack("{s:f}", "x", 1.0));
	assert_string_equal(buf_str(&o.buf), "{\"logp\": -3.20000005, \"text\": \"a\\n\\\"\xC3\xA9\", \"none\": null}\n"
					     "{\"x\": 1.0}\n");
	out_release(&o);
}

/* Nine digits bring every float back. */
static void test_floats_survive(void **state)
{
	static const float values[] = {-3.2f, 1e-30f, 16777215.0f, 0.1f, -1.17549435e-38f, 3.40282347e38f};

	(void)state;
	for (size_t i = 0; i < sizeof(values) / sizeof(values[0]); i++) {
		struct out o;
		json_t *back;

		out_init(&o, NULL);
		o.format = OUT_JSON;
		emit(&o, &lines, json_pack("{s:f}", "x", (double)values[i]), NULL);
		back = json_loads(buf_str(&o.buf), 0, NULL);
		assert_true((float)json_real_value(json_object_get(back, "x")) == values[i]);
		json_decref(back);
		out_release(&o);
	}
}

/* What a program reads acts on no terminal, and means the same. */
static void test_json_without_controls(void **state)
{
	static const char title[] = "DEL \x7f CSI \xc2\x9b" "31m ESC \x1b[0m é \xc2\xa0 \\u007f";
	struct out o;
	json_t *back;

	(void)state;
	out_init(&o, NULL);
	o.format = OUT_JSON;
	emit(&o, &lines, json_pack("{s:s}", "title", title), NULL);
	assert_string_equal(buf_str(&o.buf), "{\"title\": \"DEL \\u007F CSI \\u009B31m ESC \\u001B[0m é \xc2\xa0 "
					     "\\\\u007f\"}\n");
	back = json_loads(buf_str(&o.buf), 0, NULL);
	assert_string_equal(json_string_value(json_object_get(back, "title")), title);
	json_decref(back);
	out_release(&o);
}

static void test_tsv(void **state)
{
	struct out o;

	(void)state;
	out_init(&o, NULL);
	o.format = OUT_TSV;
	emit(&o, &lines, row(1, 0.5, "a\tb\nc\\d"), json_pack("{s:i, s:b}", "id", 2, "title", 1));
	assert_string_equal(buf_str(&o.buf), "id\tdeep.x\ttokens\ttitle\n"
					     "1\t0.5\t4 1\ta\\tb\\nc\\\\d\n"
					     "2\t\t\ttrue\n");
	out_release(&o);
	out_init(&o, NULL);
	o.format = OUT_TSV;
	emit(&o, &lines, json_pack("{s:s}", "title", "a\x1b[31mb\x7f\xc2\x9b" "1mé\x01"),
		json_pack("{s:s%}", "title", "\0c", (size_t)2));
	assert_string_equal(buf_str(&o.buf), "id\tdeep.x\ttokens\ttitle\n"
					     "\t\t\ta\\x1b[31mb\\x7f\\xc2\\x9b1mé\\x01\n"
					     "\t\t\t\\x00c\n");
	out_release(&o);
	out_init(&o, NULL);
	o.format = OUT_TSV;
	emit(&o, &nested, json_pack("{s:[o, o]}", "rows", row(1, 1, "x"), row(2, 2, "y")), NULL);
	assert_string_equal(buf_str(&o.buf), "id\tdeep.x\ttokens\ttitle\n1\t1\t4 1\tx\n2\t2\t4 2\ty\n");
	out_release(&o);
}

static void test_table(void **state)
{
	struct out o;

	(void)state;
	out_init(&o, NULL);
	emit(&o, &lines, row(1, 0.123, "first"), row(20, -4, "\xE6\x97\xA5\xE6\x9C\xAC &amp; co"));
	assert_string_equal(buf_str(&o.buf), "id      x  title\n"
					     " 1   0.12  first\n"
					     "20  -4.00  \xE6\x97\xA5\xE6\x9C\xAC & co\n");
	out_release(&o);
}

/* Titles are data: escape sequences are never sent, a narrow terminal is never overrun, ASCII is ASCII. */
static void test_hostile_titles(void **state)
{
	static const char title[] = "\x1b[31mred\x07 \xE2\x80\xAE and a very long title that no terminal of forty "
				    "cells shows";

	(void)state;
	for (int ascii = 0; ascii < 2; ascii++) {
		struct out o;
		const char *line;

		out_init(&o, NULL);
		o.columns = 40;
		o.ascii = ascii;
		emit(&o, &lines, row(1, 1, title), NULL);
		for (line = buf_str(&o.buf); *line; line += strcspn(line, "\n") + 1)
			assert_true(utf8_width(line, strcspn(line, "\n")) <= 40);
		for (size_t i = 0; i < o.buf.len; i++) {
			unsigned char c = (unsigned char)o.buf.at[i];

			assert_true(c == '\n' || c >= 0x20);
			assert_true(!ascii || c < 0x7F);
		}
		assert_null(strstr(buf_str(&o.buf), "\xE2\x80\xAE"));
		out_release(&o);
	}
}

static void test_fields(void **state)
{
	struct out o;

	(void)state;
	out_init(&o, NULL);
	emit(&o, &fields, json_pack("{s:i, s:{s:b}, s:[s,s]}", "max_positions", 5, "in", "tied", 1, "eos", "a", "b"),
		NULL);
	assert_string_equal(buf_str(&o.buf), "max positions  5\nin\n  tied  yes\neos            a b\n");
	out_release(&o);
}

static void test_write_errors(void **state)
{
	FILE *full = fopen("/dev/full", "w");
	struct out o;
	struct err err;

	(void)state;
	if (!full)
		skip();
	out_init(&o, full);
	emit(&o, &fields, json_pack("{s:i}", "x", 1), NULL);
	check_refused(out_flush(&o, &err), &err, ERR_IO, "No space left");
	assert_int_equal(o.write_errno, ENOSPC);
	emit(&o, &fields, json_pack("{s:i}", "x", 1), NULL);
	check_refused(out_finish(&o, &err), &err, ERR_IO, "No space left");
	fclose(full);
}

static void wraps(size_t width, const char *text, const char *wanted)
{
	struct out o;

	out_init(&o, NULL);
	o.columns = width;
	out_wrapped(&o, text);
	assert_string_equal(buf_str(&o.buf), wanted);
	out_release(&o);
}

static void test_lines_end_between_words(void **state)
{
	(void)state;
	wraps(44, "It lost 12 of the 25 that are best, of all (12.0 %; 4.2 to 30.0).",
		"It lost 12 of the 25 that are best, of all\n(12.0 %; 4.2 to 30.0).\n");
	wraps(44, "They cannot be told apart by HR@10 alone (p = 0.94), nor by NDCG@10 (p < 0.5)",
		"They cannot be told apart by HR@10 alone\n(p = 0.94), nor by NDCG@10 (p < 0.5)\n");
	wraps(44, "Settings of its own follow a model, as tau=0.9 does, and an adapter",
		"Settings of its own follow a model, as\ntau=0.9 does, and an adapter\n");
	wraps(44, "a = \nb %", "a = \nb %\n");
}

static void test_ascii_words(void **state)
{
	struct out o;

	(void)state;
	out_init(&o, NULL);
	o.ascii = true;
	out_text(&o, "B %d \xC2\xB7 mask\nnext", 3);
	out_mark(&o, MARK_PRUNED);
	out_mark(&o, MARK_POSITIVE);
	out_quoted(&o, "say \"x\"");
	for (size_t i = 0; i < o.buf.len; i++)
		assert_true((unsigned char)o.buf.at[i] < 0x7F);
	assert_non_null(strstr(buf_str(&o.buf), "mask\nnextx*'say \"x\"'"));
	out_release(&o);
}

/* What out_fit makes of a text on a terminal of so many columns. */
static void assert_fitted(size_t columns, const char *text, const char *wanted)
{
	struct out o;

	out_init(&o, NULL);
	o.columns = columns;
	buf_addstr(&o.buf, "before ");
	buf_addstr(&o.buf, text);
	out_fit(&o, strlen("before "));
	assert_string_equal(buf_str(&o.buf) + strlen("before "), wanted);
	out_release(&o);
}

static void test_lines_fit(void **state)
{
	(void)state;
	assert_fitted(0, "no limit, however long the line\n", "no limit, however long the line\n");
	assert_fitted(30, "it is as wide as there is room\nnext\n", "it is as wide as there is room\nnext\n");
	assert_fitted(30, "it is wider than there is room\x2e for\n", "it is wider than there is\n  room. for\n");
	assert_fitted(30, "name      what it is, said at some length",
		"name      what it is, said at\n          some length");
	assert_fitted(30, "    indented, and without any columns\n", "    indented, and without any\n    columns\n");
	assert_fitted(30, "one/word/that/is/wider/than/the/terminal it\n",
		"one/word/that/is/wider/than/the/terminal\n  it\n");
	assert_fitted(30, "                                   far\n", "                           far\n");
	assert_fitted(30, "blanks at the end are left out       \n", "blanks at the end are left out\n");
	assert_fitted(30, "a number stays with its sign 5 % of\n", "a number stays with its sign\n  5 % of\n");
	assert_fitted(30, "\033[1mcolours\033[0m have no cells at all \033[34mok\033[0m\n",
		"\033[1mcolours\033[0m have no cells at all\n  \033[34mok\033[0m\n");
	/* Characters of two cells each. */
	assert_fitted(20, "\xE5\xBA\x83\xE5\xBA\x83\xE5\xBA\x83 \xE5\xBA\x83\xE5\xBA\x83\xE5\xBA\x83 "
			  "\xE5\xBA\x83\xE5\xBA\x83\xE5\xBA\x83 ab\n",
		"\xE5\xBA\x83\xE5\xBA\x83\xE5\xBA\x83 \xE5\xBA\x83\xE5\xBA\x83\xE5\xBA\x83 "
		"\xE5\xBA\x83\xE5\xBA\x83\xE5\xBA\x83\n  ab\n");
}

/* Columns that have no room stand below the others, beside the first. */
static void test_wide_tables_go_on_below(void **state)
{
	static const struct out_column wide[] = {
		{"id", "id", NULL, true, false},
		{"a", "first of the columns", NULL, false, false},
		{"b", "second of them", NULL, false, false},
		{"title", "title", NULL, false, true},
		{NULL, NULL, NULL, false, false},
	};
	json_t *rows = json_pack("[{s:i, s:s, s:s, s:s}]", "id", 7, "a", "x", "b", "y", "title",
		"A title of more than twelve cells");
	struct out o;

	(void)state;
	out_init(&o, NULL);
	o.columns = 30;
	out_table(&o, rows, wide);
	assert_string_equal(buf_str(&o.buf), "id  first of the columns\n 7  x\n"
					     "\nid  second of them\n 7  y\n"
					     "\nid  title\n 7  A title of more than twel\xE2\x80\xA6\n");
	json_decref(rows);
	out_release(&o);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_json),
		cmocka_unit_test(test_floats_survive),
		cmocka_unit_test(test_json_without_controls),
		cmocka_unit_test(test_tsv),
		cmocka_unit_test(test_table),
		cmocka_unit_test(test_hostile_titles),
		cmocka_unit_test(test_fields),
		cmocka_unit_test(test_write_errors),
		cmocka_unit_test(test_lines_end_between_words),
		cmocka_unit_test(test_lines_fit),
		cmocka_unit_test(test_wide_tables_go_on_below),
		cmocka_unit_test(test_ascii_words),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
