/*
 * Line editing: the only file behind this header uses readline, for the REPL's prompt and for the `:` line of the
 * screens. The first reads from the terminal; the second is fed with keys and drawn by its owner, readline never
 * touches the terminal then. Readline keeps its state in globals, so a process has one line at a time.
 *
 * Both have a history (of this run; nothing is written to disk) and complete commands.
 */
#ifndef UI_LINE_H
#define UI_LINE_H

#include <stdbool.h>
#include <stddef.h>

/* REPL: reads one line from stdin with a prompt on stdout; NULL at the end of input. Caller frees. A SIGINT that the
 * caller handles drops what was typed and asks again. */
char *line_read(const char *prompt);

enum line_state { LINE_CLOSED, LINE_EDITING, LINE_DONE };

/* Screens: begins a line of a kind, which says what Tab completes and which history it has. */
enum line_kind { LINE_COMMAND, LINE_TEXT, LINE_PATH, LINE_FILTER, LINE_KINDS };
void line_open(enum line_kind kind);
/* Hands over bytes as a terminal sends them. */
enum line_state line_feed(const char *bytes, size_t len);
void line_close(void); /* drops the line; fine when none is open */

/* While editing, borrowed until the next line_feed. line_hint is readline's own prompt while it searches the history,
 * else NULL. line_matches are the candidates of the last completion when there was more than one. */
const char *line_text(void);
size_t line_cursor(void); /* in bytes */
const char *line_hint(void);
size_t line_matches(const char *const **words);

char *line_take(void); /* after LINE_DONE: the line; caller frees */

#endif
