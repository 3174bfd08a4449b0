/* The line-editing prompt. */
#ifndef UI_REPL_H
#define UI_REPL_H

#include "session/session.h"

/* Reads commands with history and completion until the end of input or `quit`; results go to stdout in the format that
 * is set, errors to stderr, and the next line is read. On a terminal it first says what is loaded, and how to begin.
 * Ctrl-C drops a line, or cancels the running command. Returns the exit status. */
int repl_main(struct session *s);

#endif
