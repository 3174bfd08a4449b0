/*
 * Statements: the form of every line that is typed, given with -c, read from a script or played by a lesson.
 *
 *     beam 17 --beam 20; why    blanks part words; the line's end, or a ';' that ends a word, parts statements (;; too)
 *     find 'Bath; $5 & up'      '...' keeps everything as it is
 *     find "Bath $what"         "..." keeps blanks and ';', and variables are replaced
 *     find Bath\ Towel          \ keeps the character after it; at a line's end the statement goes on in the next line
 *     why  # a comment          from a # that begins a word to the line's end
 *     load data ~/office        a ~ that begins a word, alone or before a /, is the variable HOME
 *
 * A variable is $NAME, ${NAME}, or ${NAME:-WORDS}, which stands for WORDS where there is no such variable: outside
 * '...' only. What it stands for never falls into several words, nor is it read again. NAME is letters, digits and _;
 * a number; or `last` with members after it, as in $last.verdict.rank. A $ before anything else is itself. Which
 * variables there are is not decided here (session/variable.h).
 */
#ifndef SESSION_STATEMENT_H
#define SESSION_STATEMENT_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"
#include "base/compiler.h"
#include "base/err.h"

/* Bytes of the text's first statement, without what ends it: the text's end, a '\n' or a ';'. */
size_t statement_end(const char *text);

/* Is the text, of one or several lines, to be gone on with in another line? */
bool statement_open(const char *text);

/* The same of a text that grows line by line: looks only at what is new. Zeroed before the first line. */
struct statement_scan {
	size_t at; /* what is behind it was not looked at, or was the '\\' that asks for another line */
	char quote;
	bool in_word;
};

bool statement_open_still(struct statement_scan *scan, const char *text);

/* A statement's words. */
struct cmd_line {
	char **argv; /* owned with its strings, [argc + 1], the last NULL */
	int argc;
};

/* Where a variable stands: the words before its own, and what its own has before it. */
struct variable_place {
	const struct cmd_line *before;
	const char *begun;
};

/* Appends what a variable stands for. Fails with ERR_NOT_FOUND where there is none, or it has no value: then WORDS of
 * ${NAME:-WORDS} stand in its place. */
typedef int variable_fn(
	void *arg, const char *name, const struct variable_place *at, struct buf *value, struct err *err);

/* Splits one statement; with NULL for the function every $ is itself. ERR_USAGE where a quote or ${ is open. Released
 * with cmd_line_release, not after a failure. */
int statement_split(struct cmd_line *l, const char *statement, variable_fn *fn, void *arg, struct err *err) MUST_CHECK;
void cmd_line_release(struct cmd_line *l);

#endif
