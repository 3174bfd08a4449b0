/*
 * Completion of a line that is being typed: commands, their options, and the values of both, by where the tables say
 * that they come from (enum arg_source); names of files; variables.
 */
#ifndef UI_COMPLETE_H
#define UI_COMPLETE_H

#include <stdbool.h>
#include <stddef.h>

#include "session/candidates.h"

struct completion {
	struct candidates names; /* what the word, or the part of it at the cursor, may become, as it is shown */
	const char *note;        /* constant: why there are none; NULL */
	size_t from;             /* line[from … end) is to be replaced */
	char *text;              /* owned: by this; NULL: nothing is known that all of them have in common */
	bool whole;              /* that is all of a word: a blank may follow */
};

/* What may stand at the end of line[0 … end), which are commands. s NULL: only what the tables know. Initialised here,
 * released by the caller. */
void complete_line(struct completion *c, const struct session *s, const char *line, size_t end);
/* The same of an expression over the columns of cases, and of the name of a file, which are all of the line. */
void complete_filter(struct completion *c, const char *line, size_t end);
void complete_path(struct completion *c, const char *line, size_t end);
void completion_release(struct completion *c);

#endif
