/*
 * Command lines at random: good ones that end soon, any that the tables of commands and options allow, statements with
 * variables and quotes, and broken ones. Relative paths alone are named, within the folder that one is in, so that what
 * a line writes stays there. The same state of the random numbers gives the same lines.
 */
#ifndef TEST_LINEWORDS_H
#define TEST_LINEWORDS_H

#include <stdbool.h>

#include "base/buf.h"
#include "base/rng.h"
#include "session/command.h"

struct linewords {
	struct rng *rng;  /* borrowed */
	const char *data; /* borrowed: the folder of the bundled data, from where one is */
	bool jobs;        /* also lines that end only when they are cancelled */
};

void linewords_good(struct linewords *w, struct buf *out);  /* appends a line that mostly does what it says */
void linewords_table(struct linewords *w, struct buf *out); /* appends any of the tables, with all sorts of values */

/* Appends a line of all sorts: several statements, variables, spoilt. */
void linewords_any(struct linewords *w, struct buf *out);

/* A byte or a word less, one more, twice, or elsewhere; the end cut off. */
void linewords_spoil(struct linewords *w, struct buf *line);

/* Changes what could lead out of the folder: a "/" that begins a word or follows a variable, and "../". */
void linewords_keep_here(struct buf *line);

/* Of the above: the pieces. */
void linewords_value(struct linewords *w, struct buf *out, const struct cmd_arg *a);
void linewords_option(struct linewords *w, struct buf *out, const struct option_entry *o);
void linewords_reference(struct linewords *w, struct buf *out); /* to a variable, a row or a member: $1 ${a:-x} */
void linewords_file(struct linewords *w, struct buf *out);

#endif
