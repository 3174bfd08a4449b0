/*
 * What waits to be run: the statements of lines that were typed, and of scripts that -f or `source` named. What was fed
 * last is run first, so that a script's statements come before those after `source`.
 */
#ifndef SESSION_FEED_H
#define SESSION_FEED_H

#include <stddef.h>

#include "base/buf.h"
#include "base/cancel.h"
#include "base/compiler.h"
#include "base/err.h"

#define FEED_MAX_LINE ((size_t)1 << 20) /* bytes of a statement's lines */
#define FEED_MAX_DEPTH 16               /* scripts within one another */

struct feed_source {
	char *name;      /* owned: of the file; NULL: text alone */
	int fd;          /* of the file, owned unless it is standard input */
	struct buf ahead; /* read of it, and no line yet from `taken` on */
	size_t taken;
	struct buf text; /* of the lines that were read last, and not split yet from `at` on */
	size_t at;
	size_t line;     /* the text's first, from 1 */
	size_t lines;    /* read of the file */
};

struct feed {
	struct feed_source *at; /* the last is read from */
	size_t n, cap;
	char *name;  /* owned: the script that the last statement stood in; NULL: it was typed */
	size_t line; /* and its line there */
	size_t depth; /* scripts that were open then */
	const cancel_flag *cancel; /* borrowed: ends the waiting for lines of a pipe; NULL: nothing does */
};

void feed_text(struct feed *f, const char *text); /* that was typed: name is NULL from here on */
/* "-": standard input. ERR_VALUE beyond FEED_MAX_DEPTH. */
int feed_file(struct feed *f, const char *path, struct err *err) MUST_CHECK;

/* Puts the next statement, of all sources but the first n, in place of what out holds. 1; 0 where none waits; -1
 * where a script cannot be read on: it is closed, and name and line say where. */
int feed_next(struct feed *f, size_t n, struct buf *out, struct err *err) MUST_CHECK;

size_t feed_depth(const struct feed *f);          /* scripts that are open */
void feed_drop(struct feed *f, size_t n);         /* all but the first n sources */
void feed_release(struct feed *f);

#endif
