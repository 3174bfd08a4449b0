#include "store/csvfile.h"

#include <csv.h>
#include <errno.h>
#include <inttypes.h>
#include <locale.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/map.h"
#include "base/mem.h"
#include "base/utf8.h"
#include "base/vec.h"
#include "store/file.h"

struct csvfile {
	char *path; /* owned */
	struct file_map map;
	size_t pos;  /* first byte not yet given to the parser */
	size_t line; /* of pos, from 1 */
	struct csv_parser parser;
	locale_t numbers; /* where the decimal point is a point */

	/* The row that is being gathered. */
	struct buf text;         /* its fields, each with a NUL behind it */
	VEC(size_t) begin;       /* where each is in text */
	VEC(size_t) len;
	VEC(const char *) field; /* made when the row is complete */
	size_t row_line, row_pos;
	bool begun, complete;

	VEC(char *) names; /* owned, each too: the header */
	struct map columns;
};

/* Every character belongs to its field. */
static int no_space(unsigned char c)
{
	(void)c;
	return 0;
}

static void end_field(void *bytes, size_t len, void *arg)
{
	struct csvfile *f = arg;

	vec_push(&f->begin, f->text.len);
	vec_push(&f->len, len);
	buf_add(&f->text, bytes, len);
	buf_addch(&f->text, '\0');
}

static void end_row(int terminator, void *arg)
{
	struct csvfile *f = arg;

	(void)terminator;
	f->complete = true;
}

/* The next line with its end: LF, CR or both. It looks no further than that: a file of CRs has no LF to be found. */
static size_t line_len(const struct csvfile *f)
{
	const unsigned char *at = f->map.at + f->pos;
	size_t left = f->map.len - f->pos, len = 0;

	while (len < left && at[len] != '\n' && at[len] != '\r')
		len++;
	if (len < left && at[len++] == '\r' && len < left && at[len] == '\n')
		len++;
	return len;
}

/* Gives the parser one line, which can complete at most one row. */
static int parse_line(struct csvfile *f, struct err *err)
{
	const unsigned char *at = f->map.at + f->pos;
	size_t len = line_len(f), taken;

	if (!f->begun) {
		f->row_line = f->line;
		f->row_pos = f->pos;
	}
	if (memchr(at, '\0', len))
		return err_set(err, ERR_FORMAT, "%s:%zu: holds a NUL byte; this is not a text file in UTF-8", f->path,
			f->line);
	if (f->pos + len - f->row_pos > CSVFILE_MAX_ROW)
		return err_set(err, ERR_FORMAT,
			"%s:%zu: the row that begins here has more than %zu bytes; is a quote never closed?", f->path,
			f->row_line, CSVFILE_MAX_ROW);
	taken = csv_parse(&f->parser, at, len, end_field, end_row, f);
	if (taken != len && csv_error(&f->parser) == CSV_EPARSE)
		return err_set(err, ERR_FORMAT,
			"%s:%zu: byte %zu: a quote inside an unquoted field, or text behind a closing quote; a quote "
			"inside a quoted field is written twice",
			f->path, f->line, taken + 1);
	if (taken != len)
		return err_set(err, ERR_MEMORY, "%s:%zu: %s", f->path, f->line, csv_strerror(csv_error(&f->parser)));
	f->begun = !f->complete && (f->begun || at[0] != '\n') && (f->begun || at[0] != '\r');
	f->pos += len;
	f->line++;
	file_map_pass(&f->map, f->row_pos);
	return 0;
}

/* What is left when the file does not end with a line end. */
static int parse_end(struct csvfile *f, struct err *err)
{
	if (csv_fini(&f->parser, end_field, end_row, f) != 0)
		return err_set(err, ERR_FORMAT, "%s:%zu: a quote is opened in this row and never closed", f->path,
			f->row_line);
	return 0;
}

/* The field with its name, where there is one. */
static void add_column(const struct csvfile *f, size_t column, struct buf *out)
{
	if (column < f->names.n)
		buf_addf(out, "column \"%.200s\"", f->names.at[column]);
	else
		buf_addf(out, "field %zu", column + 1);
}

int csvfile_refuse(
	const struct csvfile *f, const struct csvfile_row *row, size_t column, struct err *err, const char *fmt, ...)
{
	struct buf place = {0};
	va_list args;
	char what[512];

	va_start(args, fmt);
	vsnprintf(what, sizeof(what), fmt, args);
	va_end(args);
	add_column(f, column, &place);
	err_set(err, ERR_FORMAT, "%s:%zu: %s: %s", f->path, row->line, place.at, what);
	buf_release(&place);
	return -1;
}

/* 1: a row, 0: end of file, -1: error. Any number of fields is right here. */
static int next_row(struct csvfile *f, struct csvfile_row *row, struct err *err)
{
	buf_clear(&f->text);
	vec_clear(&f->begin);
	vec_clear(&f->len);
	vec_clear(&f->field);
	f->begun = f->complete = false;
	while (!f->complete && f->pos < f->map.len) {
		if (parse_line(f, err) < 0)
			return -1;
	}
	if (!f->complete && parse_end(f, err) < 0)
		return -1;
	if (!f->complete)
		return 0;

	for (size_t i = 0; i < f->begin.n; i++)
		vec_push(&f->field, f->text.at + f->begin.at[i]);
	*row = (struct csvfile_row){f->field.at, f->len.at, f->field.n, f->row_line};
	for (size_t i = 0; i < row->n; i++) {
		size_t bad = utf8_invalid_at(row->field[i], row->len[i]);

		if (bad < row->len[i])
			return csvfile_refuse(f, row, i, err, "byte %zu of the field is not valid UTF-8", bad + 1);
	}
	return 1;
}

static int read_names(struct csvfile *f, struct err *err)
{
	struct csvfile_row row;
	int found = next_row(f, &row, err);

	if (found < 0)
		return -1;
	if (found == 0)
		return err_set(
			err, ERR_FORMAT, "%s: is empty; a header line with the columns' names is needed", f->path);
	if (row.n > CSVFILE_MAX_COLUMNS)
		return err_set(err, ERR_FORMAT, "%s:%zu: %zu columns, more than %d", f->path, row.line, row.n,
			CSVFILE_MAX_COLUMNS);
	for (size_t i = 0; i < row.n; i++) {
		char *name = xstrndup(row.field[i], row.len[i]);
		bool added;

		vec_push(&f->names, name);
		map_put(&f->columns, name, row.len[i], (uint32_t)i, &added);
		if (!added)
			return csvfile_refuse(f, &row, i, err, "the header names this column twice");
	}
	return 0;
}

int csvfile_open(struct csvfile **out, const char *path, struct err *err)
{
	struct csvfile *f = xcalloc(1, sizeof(*f));

	f->path = xstrdup(path);
	f->line = 1;
	/* Only fails for options that do not exist. */
	if (csv_init(&f->parser, CSV_STRICT | CSV_STRICT_FINI) != 0)
		BUG("csv_init");
	csv_set_space_func(&f->parser, no_space);
	csv_set_blk_size(&f->parser, 4096);
	f->numbers = newlocale(LC_ALL_MASK, "C", (locale_t)0);
	if (!f->numbers)
		BUG("there is no C locale");
	if (file_map_init(&f->map, path, err) < 0)
		goto fail;
	if (f->map.len >= 3 && memcmp(f->map.at, "\xef\xbb\xbf", 3) == 0) /* byte order mark */
		f->pos = 3;
	if (read_names(f, err) < 0)
		goto fail;
	*out = f;
	return 0;
fail:
	csvfile_close(f);
	return -1;
}

void csvfile_close(struct csvfile *f)
{
	if (!f)
		return;
	for (size_t i = 0; i < f->names.n; i++)
		free(f->names.at[i]);
	vec_release(&f->names);
	map_release(&f->columns);
	buf_release(&f->text);
	vec_release(&f->begin);
	vec_release(&f->len);
	vec_release(&f->field);
	csv_free(&f->parser);
	freelocale(f->numbers);
	file_map_release(&f->map);
	free(f->path);
	free(f);
}

bool csvfile_find(const struct csvfile *f, const char *name, size_t *column)
{
	uint32_t i;

	if (!map_get(&f->columns, name, strlen(name), &i))
		return false;
	*column = i;
	return true;
}

int csvfile_column(const struct csvfile *f, const char *name, size_t *column, struct err *err)
{
	struct buf names = {0};

	if (csvfile_find(f, name, column))
		return 0;
	for (size_t i = 0; i < f->names.n; i++)
		buf_addf(&names, "%s%s", i > 0 ? ", " : "", f->names.at[i]);
	err_set(err, ERR_FORMAT, "%s:1: there is no column \"%s\"; the header names %.500s", f->path, name,
		buf_str(&names));
	buf_release(&names);
	return -1;
}

int csvfile_next(struct csvfile *f, struct csvfile_row *row, struct err *err)
{
	int found = next_row(f, row, err);

	if (found == 1 && row->n != f->names.n)
		return err_set(err, ERR_FORMAT, "%s:%zu: %zu fields in the row, %zu in the header", f->path, row->line,
			row->n, f->names.n);
	return found;
}

int csvfile_int(const struct csvfile *f, const struct csvfile_row *row, size_t column, int64_t min, int64_t max,
	int64_t *out, struct err *err)
{
	const char *text = row->field[column];
	size_t sign = text[0] == '-';
	long long value;
	char *end;

	errno = 0;
	value = strtoll(text, &end, 10);
	if (text[sign] < '0' || text[sign] > '9' || *end != '\0' || errno != 0 || value < min || value > max)
		return csvfile_refuse(f, row, column, err,
			"must be an integer from %" PRId64 " to %" PRId64 ", not \"%.80s\"", min, max, text);
	*out = value;
	return 0;
}

int csvfile_double(const struct csvfile *f, const struct csvfile_row *row, size_t column, double min, double max,
	double *out, struct err *err)
{
	const char *text = row->field[column];
	char *end;
	double value = strtod_l(text, &end, f->numbers);

	/* strtod also takes leading spaces, hexadecimal numbers, infinities and NaN. */
	if (text[0] == '\0' || text[strspn(text, "0123456789+-.eE")] != '\0' || *end != '\0' ||
		!(value >= min && value <= max))
		return csvfile_refuse(
			f, row, column, err, "must be a number from %g to %g, not \"%.80s\"", min, max, text);
	*out = value;
	return 0;
}

void csvfile_add_exact(struct buf *out, const char *text)
{
	size_t len = strlen(text), quoted_len;
	char *quoted;

	if (!strpbrk(text, "\",\r\n")) {
		buf_add(out, text, len);
		return;
	}
	quoted_len = csv_write(NULL, 0, text, len);
	quoted = xmalloc(quoted_len);
	csv_write(quoted, quoted_len, text, len);
	buf_add(out, quoted, quoted_len);
	free(quoted);
}

void csvfile_add_text(struct buf *out, const char *text)
{
	struct buf cell = {0};

	if (*text && strchr("=+-@", *text))
		buf_addch(&cell, '\'');
	buf_addstr(&cell, text);
	csvfile_add_exact(out, buf_str(&cell));
	buf_release(&cell);
}
