/* A page of the screens in a file, made without a terminal. */
#ifndef UI_SHOT_H
#define UI_SHOT_H

#include <stdbool.h>

#include "base/compiler.h"
#include "base/err.h"
#include "session/session.h"

struct shot_options {
	const char *path; /* ends in .svg or .txt */
	const char *keys; /* names of the key table, separated by spaces; 'text' in quotes is typed. NULL: none */
	const char *size; /* "100x30", in cells; NULL: that */
	bool ascii;
	int graph; /* what charts are drawn with, as the option has it */
};

/* Begins as the screens do, presses the keys, each when the work of those before it is done, and writes the page,
 * entirely or not at all. The same session, keys and size give the same page. ERR_USAGE on keys, size or a name that
 * will not do. */
int shot_main(struct session *s, const struct shot_options *o, struct err *err) MUST_CHECK;

#endif
