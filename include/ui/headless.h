/*
 * The front-end without screens: one command, scripts, or the tour. Results go to stdout (or the output option's file),
 * all else to stderr, one line each: `beamscope: …`.
 */
#ifndef UI_HEADLESS_H
#define UI_HEADLESS_H

#include "session/session.h"
#include "ui/cmdline.h"

#define EXIT_USAGE 2

/* Runs what the command line asks for; without any command, the tour of what is loaded. Returns the exit status. */
int headless_main(struct session *s, const struct cmdline *c);

/* `beamscope: MESSAGE` on stderr, safe for a terminal. Returns the exit status that the error stands for. */
int headless_fail(const struct err *err);

/* May text be written as it is, or only ASCII: the ascii option, and what the locale can spell. */
bool headless_ascii(const struct session *s);
bool headless_colour(const struct session *s);

/* Does the ACCESSIBLE variable ask for text that is heard or felt: line by line, nothing drawn, written over or
 * coloured? */
bool headless_linear(void);

/* Cells of a line of stdout: the terminal's, $COLUMNS before it; 0 where it is no terminal. */
size_t headless_columns(void);

#endif
