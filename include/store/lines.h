/*
 * Text files line by line, and the fields of a line that a separator parts: for forms without quotes, which are no CSV.
 *
 * A line ends with LF, CR or both; empty lines are passed over, and a byte order mark at the beginning is dropped. NUL
 * and lines of more than LINES_MAX bytes are refused with file:line. The bytes are not looked at further: they may be
 * in another encoding than UTF-8.
 */
#ifndef STORE_LINES_H
#define STORE_LINES_H

#include <stddef.h>

#include "base/buf.h"
#include "base/err.h"
#include "store/file.h"

#define LINES_MAX ((size_t)1 << 20) /* bytes */

struct lines {
	char *path; /* owned */
	struct file_map map;
	size_t pos;     /* first byte not yet read */
	size_t next;    /* number of the line there, from 1 */
	const char *at; /* the line last read, without its end; borrowed until lines_release */
	size_t len;
	size_t line;    /* its number */
};

/* A part of a line, not terminated. */
struct lines_field {
	const char *at;
	size_t len;
};

int lines_init(struct lines *l, const char *path, struct err *err) MUST_CHECK;
void lines_release(struct lines *l); /* a zeroed one is fine, and one whose lines_init failed */

/* 1: l->at is the next line; 0: end of file; -1: error, and the file cannot be read further. */
int lines_next(struct lines *l, struct err *err) MUST_CHECK;

/* Parts the line at each separator into at most `most` fields, the last of which holds all that is left. Returns their
 * number. */
size_t lines_split(const struct lines *l, const char *separator, struct lines_field *fields, size_t most);

/* Sets an ERR_FORMAT that names file and line; returns -1. */
int lines_refuse(const struct lines *l, struct err *err, const char *fmt, ...) PRINTF_LIKE(3, 4);

#endif
