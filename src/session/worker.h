/*
 * The front-end's side of a session: one job in a thread of its own, and the pictures that views draw.
 */
#ifndef SESSION_WORKER_H
#define SESSION_WORKER_H

#include <pthread.h>
#include <stdatomic.h>

#include "base/chan.h"
#include "session/command.h"
#include "session/out.h"
#include "session/snapshot.h"

/* One command line, from its start until its result is taken in. */
struct job {
	struct session *session; /* borrowed */
	char *line;              /* owned: the statement, for the views */
	size_t depth;            /* of the scripts that it stands in */
	bool fed;                /* other statements wait for its end, and are dropped if it fails */
	struct cmd_line words;
	const struct cmd_entry *cmd;
	struct cmd_args args;
	struct out out;
	struct err err;
	int status;              /* what the command returned */
};

/* A search as views see it, made once for each record. */
struct shown_trace {
	struct snap_trace *trace; /* one reference; NULL: there is no search */
	json_t *record;           /* one reference: what it was made of */
};

/* What commands found, as views see it: one reference each; NULL: none yet. */
struct shown_found {
	struct snap_contest *contest; /* the last comparison of many cases */
	struct snap_pair *pair;       /* the last comparison of one case */
	struct snap_survey *survey;   /* the last diagnosis of many cases */
};

struct worker {
	pthread_t thread;
	bool running;         /* there is a thread to join; front-end's thread only */
	atomic_bool finished; /* set by the job's thread as the last thing it does */
	struct chan chan;     /* only wakes the front-end */
	struct job job;       /* the thread's while it runs */
	double started;

	/* The front-end's thread only. */
	char *text;            /* owned: output of the last command, until it is taken */
	char *message;         /* owned */
	bool message_is_error;
	size_t columns;        /* session_text_form */
	bool ascii;
	struct snapshot *shown;    /* one reference: the newest picture; NULL before the first */
	bool stale;                /* it no longer shows how things are */
	struct shown_trace trace;    /* the newest branch of the open trace */
	struct shown_trace original; /* the search that it is a branch of */
	struct shown_found found;
	struct snap_race *race;    /* one reference: the newest copy; NULL: no race yet */
	unsigned long race_version; /* of that copy */
	double race_copied;        /* when */
	unsigned long cases_version; /* of the count of cases that was shown last */
	unsigned long serial;
};

int worker_init(struct worker *w, struct err *err) MUST_CHECK;
void worker_release(struct worker *w); /* waits for a running job */

void shown_trace_release(struct shown_trace *t);
void shown_found_release(struct shown_found *f); /* it is empty then */

/* What there is of `from` takes the place of what `to` has. */
void shown_found_move(struct shown_found *to, struct shown_found *from);

#endif
