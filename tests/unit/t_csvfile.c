#include "tempdir.h"

#include <locale.h>

#include "base/buf.h"
#include "base/rng.h"
#include "store/csvfile.h"

/* Opens the text as a file; the path is freed by the test through `path`. */
static int open_text(const char *dir, const void *text, size_t len, char **path, struct csvfile **f, struct err *err)
{
	*path = tempdir_put(dir, "t.csv", text, len);
	return csvfile_open(f, *path, err);
}

static void rows_fields_and_lines(void **state)
{
	static const char text[] = "\xef\xbb\xbfid,\"the title\",n\n"
				   "1,plain,3\r\n"
				   "\n"
				   "2,\"with, comma\",4\n"
				   "3,\"two\nlines and \"\"quotes\"\"\",5\n"
				   " 4 , spaced,\n"
				   "5,caf\xc3\xa9,6";
	static const struct {
		size_t line;
		const char *field[3];
	} expected[] = {
		{2, {"1", "plain", "3"}},
		{4, {"2", "with, comma", "4"}},
		{5, {"3", "two\nlines and \"quotes\"", "5"}},
		{7, {" 4 ", " spaced", ""}},
		{8, {"5", "caf\xc3\xa9", "6"}},
	};
	struct csvfile_row row;
	struct csvfile *f;
	struct err err;
	size_t column;
	char *path;

	check_ok(open_text(*state, text, sizeof(text) - 1, &path, &f, &err), &err);
	check_ok(csvfile_column(f, "the title", &column, &err), &err);
	assert_int_equal(column, 1);
	assert_true(csvfile_find(f, "id", &column));
	assert_int_equal(column, 0);
	assert_false(csvfile_find(f, "other", &column));
	check_refused(csvfile_column(f, "other", &column, &err), &err, ERR_FORMAT,
		"no column \"other\"; the header names id, the title, n");
	for (size_t i = 0; i < ARRAY_LEN(expected); i++) {
		assert_int_equal(csvfile_next(f, &row, &err), 1);
		assert_int_equal(row.n, 3);
		assert_int_equal(row.line, expected[i].line);
		for (size_t k = 0; k < 3; k++) {
			assert_string_equal(row.field[k], expected[i].field[k]);
			assert_int_equal(row.len[k], strlen(expected[i].field[k]));
		}
	}
	assert_int_equal(csvfile_next(f, &row, &err), 0);
	assert_int_equal(csvfile_next(f, &row, &err), 0);
	csvfile_close(f);
	free(path);
}

/* The file is read to its end; what is wrong must come up with its place. */
static int read_all(struct csvfile *f, struct err *err)
{
	struct csvfile_row row;
	int found;

	while ((found = csvfile_next(f, &row, err)) == 1)
		continue;
	return found;
}

#define S(literal) (literal), sizeof(literal) - 1

static void broken_files_are_placed(void **state)
{
	static const struct {
		const char *text;
		size_t len;
		const char *message;
	} cases[] = {
		{S(""), "t.csv: is empty"},
		{S("\n\n"), "t.csv: is empty"},
		{S("a,b,a\n"), "t.csv:1: column \"a\": the header names this column twice"},
		{S("a,b\n1,2\n3\n"), "t.csv:3: 1 fields in the row, 2 in the header"},
		{S("a,b\n1,2,3\n"), "t.csv:2: 3 fields"},
		{S("a,b\n1,2\nx,y\"z\n"), "t.csv:3: byte 4: a quote inside"},
		{S("a,b\n1,\"2\"3\n"), "t.csv:2: byte 6: a quote inside"},
		{S("a,b\n1, \"2\"\n"), "t.csv:2: byte 4: a quote inside"},
		{S("a,b\n1,2\n3,\"4\n5,6\n"), "t.csv:3: a quote is opened in this row and never closed"},
		{S("a,b\n1,\"2\n\"x\n"), "t.csv:3: byte 2: a quote inside"},
		{S("a,b\n1,\0\n"), "t.csv:2: holds a NUL byte"},
		{S("a\0b\n"), "t.csv:1: holds a NUL byte"},
		{S("a,b\n1,ok\n2,x\xff\n"), "t.csv:3: column \"b\": byte 2 of the field is not valid UTF-8"},
		{S("a,b\n\"x\n\xc0\xaf\",2\n"), "t.csv:2: column \"a\": byte 3"},
		{S("a,b\xe2\x82\n"), "t.csv:1: field 2: byte 2"},
		{S("a,b\r1,2\r3\r"), "t.csv:3: 1 fields"},
		{S("a,b\n\n\r\n1,2\n\n4\n"), "t.csv:6: 1 fields"},
	};

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct csvfile *f = NULL;
		struct err err;
		char *path;
		int result = open_text(*state, cases[i].text, cases[i].len, &path, &f, &err);

		check_refused(result == 0 ? read_all(f, &err) : result, &err, ERR_FORMAT, cases[i].message);
		assert_non_null(strstr(err.msg, path));
		csvfile_close(f);
		free(path);
	}
}

static void too_much_is_refused(void **state)
{
	struct buf text = {0};
	struct csvfile *f;
	struct err err;
	char *path;

	for (int i = 0; i <= CSVFILE_MAX_COLUMNS; i++)
		buf_addf(&text, "%sc%d", i ? "," : "", i);
	check_refused(
		open_text(*state, text.at, text.len, &path, &f, &err), &err, ERR_FORMAT, "257 columns, more than 256");
	free(path);

	buf_clear(&text);
	buf_addstr(&text, "a\nshort\n\"");
	for (size_t n = 0; n <= CSVFILE_MAX_ROW; n += 1000) {
		buf_addrep(&text, 'x', 999);
		buf_addch(&text, '\n');
	}
	check_ok(open_text(*state, text.at, text.len, &path, &f, &err), &err);
	check_refused(
		read_all(f, &err), &err, ERR_FORMAT, "t.csv:3: the row that begins here has more than 16777216 bytes");
	csvfile_close(f);
	free(path);
	buf_release(&text);

	check_refused(csvfile_open(&f, *state, &err), &err, ERR_IO, "a directory");
	check_refused(csvfile_open(&f, "/nowhere/t.csv", &err), &err, ERR_IO, "'/nowhere/t.csv'");
}

enum { ROWS = 60, COLUMNS = 4 };

static void add_field(struct buf *text, const struct buf *field, bool quote)
{
	if (!quote) {
		buf_add(text, buf_str(field), field->len);
		return;
	}
	buf_addch(text, '"');
	for (size_t i = 0; i < field->len; i++) {
		if (field->at[i] == '"')
			buf_addch(text, '"');
		buf_addch(text, field->at[i]);
	}
	buf_addch(text, '"');
}

/* Random fields, written by the rules and read back, with every kind of line end. */
static void what_is_written_is_read(void **state)
{
	static const char alphabet[] = "ab, \"\n\r\xc3\xa9;\t";
	static const char *const ends[] = {"\n", "\r\n", "\r"};
	struct buf field[ROWS][COLUMNS] = {0};
	struct buf text = {0};
	struct rng rng;

	rng_seed(&rng, 5);
	for (int round = 0; round < 30; round++) {
		struct csvfile_row row;
		struct csvfile *f;
		struct err err;
		char *path;

		buf_clear(&text);
		buf_addf(&text, "w,x,y,z%s", ends[round % 3]);
		for (size_t r = 0; r < ROWS; r++) {
			for (size_t c = 0; c < COLUMNS; c++) {
				struct buf *b = &field[r][c];

				buf_clear(b);
				for (uint32_t i = rng_below(&rng, 6); i > 0; i--) {
					uint32_t k = rng_below(&rng, sizeof(alphabet) - 2);

					if (k == 7 || k == 8)
						buf_addstr(b, "\xc3\xa9");
					else
						buf_addch(b, alphabet[k]);
				}
				if (c > 0)
					buf_addch(&text, ',');
				add_field(&text, b, strpbrk(buf_str(b), ",\"\r\n") || rng_below(&rng, 2));
			}
			if (r + 1 < ROWS || rng_below(&rng, 2))
				buf_addstr(&text, ends[round % 3]);
		}
		check_ok(open_text(*state, text.at, text.len, &path, &f, &err), &err);
		for (size_t r = 0; r < ROWS; r++) {
			assert_int_equal(csvfile_next(f, &row, &err), 1);
			for (size_t c = 0; c < COLUMNS; c++) {
				assert_int_equal(row.len[c], field[r][c].len);
				assert_string_equal(row.field[c], buf_str(&field[r][c]));
			}
		}
		assert_int_equal(csvfile_next(f, &row, &err), 0);
		csvfile_close(f);
		free(path);
	}
	for (size_t r = 0; r < ROWS; r++) {
		for (size_t c = 0; c < COLUMNS; c++)
			buf_release(&field[r][c]);
	}
	buf_release(&text);
}

static void numbers_are_whole_fields(void **state)
{
	static const char *const bad_int[] = {
		"", " 1", "1 ", "+1", "-", "0x10", "1.0", "11", "-6", "99999999999999999999"};
	static const char *const bad_double[] = {
		"", " 1", "1 ", "nan", "inf", "0x1p1", "1e", "1,5", "1.51", "-1e999", "1e999"};
	const char *text = "-5";
	size_t len = 2;
	struct csvfile_row row = {.field = &text, .len = &len, .n = 1, .line = 9};
	struct csvfile *f;
	struct err err;
	int64_t i;
	double x;
	char *path;

	setlocale(LC_ALL, "de_DE.UTF-8"); /* where there is one, its decimal comma must not matter */
	check_ok(open_text(*state, S("num\n"), &path, &f, &err), &err);
	check_ok(csvfile_int(f, &row, 0, -5, 10, &i, &err), &err);
	assert_int_equal(i, -5);
	check_ok(csvfile_double(f, &row, 0, -5, 10, &x, &err), &err);
	assert_true(x == -5);
	text = "0.25";
	check_ok(csvfile_double(f, &row, 0, 0, 1, &x, &err), &err);
	assert_true(x == 0.25);
	text = "2.5E-1";
	check_ok(csvfile_double(f, &row, 0, 0, 1, &x, &err), &err);
	assert_true(x == 0.25);
	for (size_t k = 0; k < ARRAY_LEN(bad_int); k++) {
		text = bad_int[k];
		check_refused(csvfile_int(f, &row, 0, -5, 10, &i, &err), &err, ERR_FORMAT,
			"t.csv:9: column \"num\": must be an integer from -5 to 10, not \"");
		assert_non_null(strstr(err.msg, text));
	}
	for (size_t k = 0; k < ARRAY_LEN(bad_double); k++) {
		text = bad_double[k];
		check_refused(csvfile_double(f, &row, 0, 0, 1.5, &x, &err), &err, ERR_FORMAT,
			"must be a number from 0 to 1.5, not");
	}
	setlocale(LC_ALL, "C");
	csvfile_close(f);
	free(path);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		in_tempdir(rows_fields_and_lines),
		in_tempdir(broken_files_are_placed),
		in_tempdir(too_much_is_refused),
		in_tempdir(what_is_written_is_read),
		in_tempdir(numbers_are_whole_fields),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
