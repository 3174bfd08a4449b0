/*
 * Completion of a command line from the command and option tables: names of commands, their options, choices, the
 * options that `set` knows and their values. Where a path belongs, it says so, and the caller completes file names.
 */
#ifndef UI_COMPLETE_H
#define UI_COMPLETE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/vec.h"

struct completion {
	VEC(char *) words; /* owned, each owned; in the tables' order */
	bool files;        /* a file name belongs here */
};

/* Candidates for the word that begins at `start` and ends at `end` of line. Initialised here, released by the caller.
 */
void complete_line(struct completion *c, const char *line, size_t start, size_t end);
/* The same of an expression over the columns of cases. */
void complete_filter(struct completion *c, const char *line, size_t start, size_t end);
void completion_release(struct completion *c);

#endif
