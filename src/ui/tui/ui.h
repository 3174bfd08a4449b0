/*
 * The frame: top line, the view that is looked at, what lies over it, bottom line, and the `:` line. It turns keys into
 * actions and commands and draws everything on one canvas. It knows neither the terminal nor the session: what it needs
 * of them comes through struct ui_host, so that a test can stand in for both.
 */
#ifndef UI_TUI_UI_H
#define UI_TUI_UI_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/vec.h"
#include "session/snapshot.h"
#include "canvas.h"
#include "keys.h"
#include "player.h"
#include "view.h"

struct ui_host {
	void *arg;
	/* As session_start, session_go_on, session_cancel, session_snapshot, session_take_text. */
	int (*start)(void *arg, const char *line, struct err *err);
	int (*go_on)(void *arg, char **line, struct err *err);
	void (*cancel)(void *arg);
	const struct snapshot *(*snapshot)(void *arg);
	char *(*take_text)(void *arg);
	int (*ask_cases)(void *arg, const char *where, const char *sort, struct err *err); /* session_ask_cases */
	/* To the clipboard; false when the terminal cannot. */
	bool (*copy)(void *arg, const char *text, size_t len);
	const struct player_host *lessons; /* borrowed; its functions get the same arg; NULL: no lessons */
};

enum ui_effect { UI_GO_ON, UI_QUIT, UI_REDRAW, UI_SUSPEND };

/* MODE_ANSWER: a line that the view has asked for; MODE_SAVE: the name that a page is saved under. */
enum ui_mode { MODE_VIEW, MODE_COMMAND, MODE_SEARCH, MODE_ANSWER, MODE_SAVE, MODE_ASK_QUIT };

#define UI_VIEWS 7

struct ui {
	const struct ui_host *host; /* borrowed */
	const struct view_ops *const *views; /* borrowed; ends with NULL */
	void *states[UI_VIEWS];              /* owned, one a view */
	void *aside[UI_VIEWS];               /* owned: the reader's in a lesson, else those of the last one, or NULL */
	size_t n_views, current;
	int tab_ends[UI_VIEWS];              /* x after each tab, as they were drawn last */
	const struct view_ops *over; /* help or pager, NULL: none */
	void *over_state;            /* owned */
	const struct snapshot *snap; /* held */
	enum ui_mode mode;
	struct buf prompt; /* MODE_ANSWER */
	size_t asker;      /* MODE_ANSWER: the view that gets the line */
	struct player player; /* of the lesson that is open */
	bool player_asks;     /* MODE_ANSWER: it is the lesson that has asked, not the view */
	bool in_lesson;       /* states are the lesson's */
	bool pressing;        /* the keys that come are the lesson's */
	VEC(char *) queue; /* owned: commands that wait for the running one */
	char *command;     /* owned: the running command, the pager's title */
	char *search;      /* owned: NULL: nothing searched yet */
	struct buf message;
	bool message_is_error;
	const struct canvas *page; /* borrowed: the one that was drawn last, for `P` */
};

void ui_init(struct ui *ui, const struct ui_host *host, const struct view_ops *const *views);
void ui_release(struct ui *ui);

/* Runs commands as the key table has them, {names} and "; " included; an error drops those that follow. */
void ui_run(struct ui *ui, const char *commands);

/* Takes in what the session has new. */
void ui_poll(struct ui *ui);

enum ui_effect ui_event(struct ui *ui, const struct event *e);

unsigned ui_context(const struct ui *ui); /* of the keys that are taken now */
bool ui_edits_line(const struct ui *ui);

/* Draws all of it on the canvas, whatever its size. */
void ui_draw(struct ui *ui, struct canvas *c);

#endif
