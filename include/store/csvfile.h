/*
 * Comma-separated files with a header line, row by row (RFC 4180 with strict quotes, through libcsv), and cells of
 * those that are written.
 *
 * Refused, with file:line: a quote inside an unquoted field, text behind a closing quote, a quote that is never closed,
 * a row with more or fewer fields than the header, NUL, invalid UTF-8, and anything over the limits below. Spaces
 * belong to the field. Empty lines are passed over. A byte order mark at the beginning is dropped.
 */
#ifndef STORE_CSVFILE_H
#define STORE_CSVFILE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"

#define CSVFILE_MAX_COLUMNS 256
#define CSVFILE_MAX_ROW ((size_t)1 << 24) /* bytes */

struct csvfile; /* an open file; used by one thread */

struct csvfile_row {
	const char *const *field; /* NUL-terminated UTF-8 without NUL inside; borrowed until the next csvfile_next */
	const size_t *len;
	size_t n;    /* as many as the header has */
	size_t line; /* where the row begins, from 1 */
};

/* Reads the header; the caller closes. */
int csvfile_open(struct csvfile **out, const char *path, struct err *err) MUST_CHECK;
void csvfile_close(struct csvfile *f); /* NULL is fine */

bool csvfile_find(const struct csvfile *f, const char *name, size_t *column); /* false: no such column */
int csvfile_column(const struct csvfile *f, const char *name, size_t *column, struct err *err) MUST_CHECK;

/* 1: *row is the next row; 0: end of file; -1: error, and the file cannot be read further. */
int csvfile_next(struct csvfile *f, struct csvfile_row *row, struct err *err) MUST_CHECK;

/* Sets an ERR_FORMAT that names the file, the row's line and the column; returns -1. */
int csvfile_refuse(const struct csvfile *f, const struct csvfile_row *row, size_t column, struct err *err,
	const char *fmt, ...) PRINTF_LIKE(5, 6);

/* The field as a number from min to max. */
int csvfile_int(const struct csvfile *f, const struct csvfile_row *row, size_t column, int64_t min, int64_t max,
	int64_t *out, struct err *err) MUST_CHECK;
int csvfile_double(const struct csvfile *f, const struct csvfile_row *row, size_t column, double min, double max,
	double *out, struct err *err) MUST_CHECK;

/*
 * Appends a text as a cell of a file that is written, in quotation marks where it needs them. A spreadsheet takes a
 * cell that begins with = + - or @ for a formula, also one in quotation marks, and texts come from strangers: such a
 * one gets an apostrophe before it, which spreadsheets take for the sign of plain text and do not show.
 */
void csvfile_add_text(struct buf *out, const char *text);

/* The same of a cell that a program will read back: the text as it is, whatever it begins with. */
void csvfile_add_exact(struct buf *out, const char *text);

#endif
