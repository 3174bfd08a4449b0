/* The line-editing prompt. */
#ifndef UI_REPL_H
#define UI_REPL_H

#include "session/out.h"
#include "session/session.h"

/* Reads commands with history and completion until the end of input or `quit`; results go to stdout in the given format,
 * errors to stderr, and the next line is read. Returns the exit status. */
int repl_main(struct session *s, enum out_format format);

#endif
