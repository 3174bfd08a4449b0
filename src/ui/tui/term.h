/*
 * The terminal: the only file behind this header includes curses. It shows a canvas, maps roles to what the terminal
 * can do, and turns keys, mouse and signals into events. From term_start to term_stop the terminal is ours; however the
 * process ends (exit, SIGTERM, SIGHUP, SIGINT, SIGQUIT, a crash, memory that is refused), it is given back as it was.
 * What is written to standard error meanwhile is kept and shown afterwards; a crash is then said to be one.
 */
#ifndef UI_TUI_TERM_H
#define UI_TUI_TERM_H

#include <stdbool.h>
#include <stddef.h>

#include "base/compiler.h"
#include "base/err.h"
#include "canvas.h"
#include "keys.h"

struct term;

struct term_options {
	bool ascii;    /* characters beyond ASCII are not asked for */
	bool no_color, no_mouse;
};

/* One at a time. Fails when standard input or output is no terminal, or one that cannot place its cursor. */
int term_start(struct term **out, const struct term_options *o, struct err *err) MUST_CHECK;
void term_stop(struct term *t); /* gives the terminal back and frees; NULL is fine */

bool term_ascii(const struct term *t); /* asked for, or the locale has no UTF-8 */
bool term_console(const struct term *t); /* marks are shown as their ASCII twins; there is no braille */
void term_size(struct term *t, int *w, int *h);

/* Shows the canvas, writing what differs from what is there, which may be nothing. term_redraw makes the next one write
 * all of it. */
void term_draw(struct term *t, const struct canvas *c);
void term_redraw(struct term *t);

enum term_wake {
	TERM_INPUT = 1,
	TERM_NEWS = 2,    /* fd is readable */
	TERM_RESIZED = 4,
	TERM_STOP = 8,    /* SIGTSTP: to be answered with term_suspend */
	TERM_RESUMED = 16, /* SIGCONT: redraw */
	TERM_GONE = 32,   /* the terminal has hung up, or a signal asks to end (term_ask_to_end) */
};

/* While there is work to be saved: the next SIGTERM, SIGHUP or SIGINT does not end the process but gives TERM_GONE; the
 * one after it ends it as ever. */
void term_ask_to_end(struct term *t, bool ask);

/* What is to be said, as a line of its own, should a signal end the process: where the work is saved. "": nothing. At
 * most 1023 bytes are kept. */
void term_last_words(struct term *t, const char *text);

/* Waits for input, a signal, fd (negative: none), or until the time is over (negative: for ever); returns enum
 * term_wake flags, 0 when it was the time. */
unsigned term_wait(struct term *t, int fd, int milliseconds);

/* The next event, without waiting; false if there is none. */
bool term_read(struct term *t, struct event *e);

/* Gives the terminal back, stops the process, and takes the terminal again when it is continued; where that was in the
 * background, when it is called to the front. Until then nothing is drawn and nothing read. */
void term_suspend(struct term *t);

/* Puts text into the clipboard (OSC 52); false when the terminal would not know what that is. */
bool term_copy(struct term *t, const char *text, size_t len);

#endif
