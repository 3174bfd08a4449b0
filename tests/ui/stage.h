/*
 * The screens without a terminal and without a session, for the tests of the views: keys go in, pages come out, and
 * the commands that the keys ask for are recorded.
 *
 * The session that stands in has one search (fake.h) and takes every command: "bad…" is refused, "long" becomes a job,
 * and step, back and goto move as they should. What else a snapshot holds, a test sets in the host and says so with
 * stage_news.
 */
#ifndef TESTS_UI_STAGE_H
#define TESTS_UI_STAGE_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "fake.h"
#include "ui/tui/ui.h"

struct fake_host {
	size_t step;
	enum snap_job job;
	size_t done, total; /* of the job; total 0: it does not say */
	double left;
	struct snap_trace *trace;    /* NULL: no search yet */
	struct snap_trace *original; /* NULL: trace is no branch */
	/* What every snapshot holds, NULL: nothing. Owned by the test, whose reference they begin with (refs 1): a
	 * snapshot takes one more and gives it back, so that they may well lie on the test's stack. */
	struct snap_race *race;
	struct snap_cases *cases;
	struct snap_survey *survey;
	struct snap_contest *contest;
	struct snap_pair *pair;
	void (*alter)(struct snapshot *s, void *arg); /* the last word on every snapshot; NULL: none */
	void *alter_arg;
	struct buf log;       /* commands, one a line */
	struct buf copied;
	const char *says;     /* what the next command will say */
	const char *text;     /* what the last command said, not yet taken */
	const char *message;  /* an error that the snapshot shows */
	const char *settings; /* the options'; NULL: those that the search was made with */
};

struct stage {
	struct fake_host host;
	struct ui_host ops;
	struct ui ui;
	struct canvas page; /* drawn after everything that happens */
};

/* The view is one of view_table; NULL: the one that the program begins with. Heap: stage_close. */
struct stage *stage_open(const struct view_ops *view, int w, int h, bool ascii);
void stage_close(struct stage *s);

void stage_news(struct stage *s);               /* the host's members have changed: takes a new snapshot */
void stage_resize(struct stage *s, int w, int h);
void stage_forget_trace(struct stage *s);       /* no search yet; shown by the next stage_news */

/* Keys by the names of the key table, separated by spaces; other words are typed letter by letter. */
enum ui_effect press(struct stage *s, const char *keys);
void click(struct stage *s, enum event_type type, int x, int y);

bool shows(const struct stage *s, const char *text);

/* The commands that were run since the last look, one a line. */
void assert_log(struct stage *s, const char *expected);

/* The page is tests/ui/golden/NAME.txt; GENERATE=1 writes it anew (look at it before you keep it). */
void assert_golden(const struct stage *s, const char *name);

/* The same at 80x24, 100x30 and 200x60, as NAME-80x24 and so on. */
void assert_golden_at(struct stage *s, const char *name);

#endif
