/*
 * A lesson that is played on the screens: a panel below (or beside) whatever view is looked at. Space goes on: it does
 * what the page asks for, by pressing the very keys; asks for a prediction; reveals; turns the page. Where the reader
 * presses the keys himself, that is noticed.
 *
 * The player keeps where one is, says in a view_reply what it wants done, and draws. It presses nothing itself: the
 * frame takes its keys one by one, when no job runs, and tells it how things stand (player_settle).
 */
#ifndef UI_TUI_PLAYER_H
#define UI_TUI_PLAYER_H

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"
#include "base/vec.h"
#include "session/lesson.h"
#include "canvas.h"
#include "view.h"

/* What it needs of the program; all borrowed. */
struct player_host {
	struct lesson *const *lessons; /* [n] */
	size_t n;
	const char *trouble; /* why there are none; NULL: nothing is wrong */
	/* session_lesson_enter and session_lesson_leave; NULL: there is nothing to be put aside. */
	int (*enter)(void *arg, const char *here, struct err *err);
	int (*leave)(void *arg, bool keep, struct err *err);
	/* Reads a lesson's file into the list, in place of the one that was read from it before, which lives on for
	 * whoever plays it. *at: its place. NULL: the list stays as it is. */
	int (*read)(void *arg, const char *path, size_t *at, struct err *err);
};

/* How far one has got in a lesson. */
struct player_mark {
	size_t page;   /* the furthest, from 0 */
	size_t stage;  /* what is done of it: actions, then the question, then all */
	bool begun, finished;
	char *said;    /* owned: the prediction of that page's question; NULL: none yet */
};

struct player {
	const struct player_host *host; /* borrowed; NULL: no lessons */
	void *arg;
	struct player_mark *marks; /* owned, [n_marks], of the lessons by place; those without one were not begun */
	size_t n_marks;
	const struct lesson *lesson; /* that is open; NULL: none */
	struct player_mark *at;      /* its mark */
	const struct lesson *kept;   /* that can be gone on with as it was left; NULL: none */
	size_t page;                 /* that is shown: the furthest, or one before it */
	struct vec_u32 keys;         /* of the action that is offered */
	size_t pressed;              /* of these; by whom does not matter */
	bool doing;                  /* the action is being done: by the program, or its last key was pressed */
	bool by_program;
	bool failed;                 /* the last action ended with an error */
	bool opening;                /* its opening commands run: what they say is not shown */
	bool moved;                  /* a session was just put aside or taken back */
	struct rect area;            /* where it was drawn last, for the mouse */
};

void player_init(struct player *p, const struct player_host *host, void *arg); /* host may be NULL */
void player_release(struct player *p);

/* Opens a lesson by name, by a unique beginning of it, or by its file: where it was left, if that can be, or at its
 * first page. anew, or a file that is not open: it is read again. */
void player_begin(struct player *p, const char *name, bool anew, struct view_reply *reply);

/* How far one has got in the lesson of that place; NULL: it was not begun. */
const struct player_mark *player_mark_at(const struct player *p, size_t at);

/* What `lesson` calls it by: its name, or its file where the name is another's too. */
const char *player_called(const struct player *p, size_t at);

/* ACTION_LESSON_NEXT, ACTION_LESSON_BACK, ACTION_LESSON_CLOSE. Only while a lesson is open. */
void player_event(struct player *p, enum ui_action a, struct view_reply *reply);
void player_answer(struct player *p, const char *text); /* the line that it had asked for */
bool player_awaits_number(const struct player *p); /* does the page that is shown wait for one as its prediction? */

/* A key of the reader's. */
void player_notice(struct player *p, uint32_t key);

/* The next key to be pressed for the reader, when no job runs; false: there is none. */
bool player_take_key(struct player *p, uint32_t *key);

/* After every event and all news. idle: nothing runs or waits; a race that has begun may go on meanwhile. error: the
 * bottom line shows one. */
void player_settle(struct player *p, const struct snapshot *snap, bool idle, bool error);

/* Lines that it would like to have at most, frame included, as wide as that; 0: no lesson is open. */
int player_lines(const struct player *p, const struct canvas *c, int w);
void player_draw(struct player *p, const struct snapshot *snap, struct canvas *c, struct rect r);

#endif
