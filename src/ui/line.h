/*
 * Line editing: the only file behind this header uses readline, for the REPL's prompt and for the `:` line of the
 * screens. The first reads from the terminal; the second is fed with keys and drawn by its owner, readline never
 * touches the terminal then. Readline keeps its state in globals, so a process has one line at a time.
 *
 * Each kind of line has a history of its own. That of commands is kept on disk (session/histfile.h), as the option
 * 'history' says: it is read when the first of them is typed, and what is typed is added when it is accepted. What
 * begins with a blank is not remembered, and of what is typed several times in a row, once.
 */
#ifndef UI_LINE_H
#define UI_LINE_H

#include <stdbool.h>
#include <stddef.h>

#include "session/session.h"

/* What a line is, and so what Tab completes and which history it has. */
enum line_kind { LINE_COMMAND, LINE_TEXT, LINE_PATH, LINE_FILTER, LINE_KINDS };

/* From here on completion asks the session, borrowed until line_end, and commands are kept on disk if so wanted.
 * Without it completion knows what the tables know, and nothing is kept. */
void line_begin(struct session *s, bool keep);
void line_end(void);

/* What went wrong with the history on disk, which is not used again then, since it was last asked; NULL: nothing.
 * Borrowed until the next line. */
const char *line_trouble(void);

/* REPL: reads one line from stdin with a prompt on stdout. before: the text of earlier lines that it goes on with;
 * NULL: none. NULL is given at the end of input, and with *dropped after line_interrupt: what was typed is gone.
 * Caller frees. The line is not remembered: line_remember does that, for all lines of a text at once. */
char *line_read(enum line_kind kind, const char *prompt, const char *before, bool *dropped);
void line_remember(enum line_kind kind, const char *text);
void line_interrupt(void); /* for a signal handler, while line_read waits */

enum line_state { LINE_CLOSED, LINE_EDITING, LINE_DONE };

/* Screens: begins a line. */
void line_open(enum line_kind kind);
/* Hands over bytes as a terminal sends them. */
enum line_state line_feed(const char *bytes, size_t len);
void line_close(void); /* drops the line; fine when none is open */

/* While editing, borrowed until the next line_feed. line_hint is readline's own prompt while it searches the history,
 * else NULL. line_matches are the candidates of the last completion when there was more than one, *n_all counting those
 * that were too many to give; line_note says in a few words why there were none, NULL where there is nothing to say. */
const char *line_text(void);
size_t line_cursor(void); /* in bytes */
const char *line_hint(void);
size_t line_matches(const char *const **words, size_t *n_all);
const char *line_note(void);

char *line_take(void); /* after LINE_DONE: the line, remembered; caller frees */

#endif
