/*
 * The inside of a session, for the commands' files.
 */
#ifndef SESSION_SESSION_PRIV_H
#define SESSION_SESSION_PRIV_H

#include <stdatomic.h>

#include "base/cancel.h"
#include "diagnose/diagnosis.h"
#include "diagnose/survey.h"
#include "session/case_table.h"
#include "session/command.h"
#include "session/feed.h"
#include "session/listing.h"
#include "session/loaded.h"
#include "session/open_trace.h"
#include "session/option.h"
#include "session/scoreboard.h"
#include "session/recorder.h"
#include "session/session.h"
#include "session/variable.h"
#include "session/worker.h"

/* How far a command has come that goes through many cases. Written by the thread that runs it. */
struct case_count {
	atomic_size_t done, total; /* total 0: no such command runs */
	_Atomic double left;       /* seconds; NaN: not known */
	atomic_ulong version;      /* grows with every change */
};

/* What a lesson has of its own, and the user's beside it: the one that is not in force is put aside. */
struct aside {
	bool in_lesson;         /* what is put aside is the user's */
	bool kept;              /* it is a lesson's, to be gone on with */
	char *work;             /* owned: the lesson's folder; NULL: none */
	char *here;             /* owned: the folder of the lesson's file; NULL: none */
	struct options options, now;
	struct loaded loaded;
	struct open_trace trace;
	struct survey survey;
	struct case_table table;
	struct scoreboard *race; /* owned */
	struct shown_found found;
};

struct session {
	char *datadir;          /* owned */
	struct options options; /* as the user set them */
	struct options now;     /* with what the dataset asks for; of the last session_prepare */
	struct loaded loaded;
	cancel_flag cancel;
	struct open_trace trace;
	/* What a command made of it, until it is settled; the worker's while it runs. */
	struct open_trace new_trace; /* another search; n 0: none */
	struct branch *new_branch;   /* owned: of an edit; NULL: none */
	size_t new_n;                /* branches in force after undo or redo; 0: as many as there are */
	size_t at_step;              /* trace.step when the command was given */
	bool quit;
	struct scoreboard *race; /* owned */
	train_control control; /* what the job that runs is asked for */
	race_watch_fn *watch;  /* NULL: nobody */
	void *watch_arg;
	case_watch_fn *watch_cases;
	void *watch_cases_arg;
	struct case_count cases;
	/* What a command found for the views, until it is settled. The worker's while a job runs. */
	struct shown_found new_found;
	char *outcome;         /* owned, the same: of the last command, in a sentence; NULL: it has none to tell */
	/* The last one made or read; without settings: none. The worker's while a job runs, as the count of them. */
	struct survey survey;
	unsigned long survey_serial;
	struct case_feed feed;
	struct case_table table; /* the front-end's thread alone */
	struct aside aside;
	struct feed script; /* the front-end's thread alone, as the three below */
	struct variables variables;
	struct listing listing;
	struct recorder recorder;
	lesson_ask_fn *ask_reader; /* NULL: nobody */
	void *ask_reader_arg;
	lesson_key_fn *knows_key; /* NULL: not known */
	struct worker worker;
};

/* Brings what the flags of a command (CMD_NEEDS_…) ask for up to date; s->loaded and s->now are then good. */
int session_prepare(struct session *s, unsigned needs, struct err *err) MUST_CHECK;

/* The command of a line that was parsed: loads what it needs, runs it. Does not settle a new trace. */
int session_exec(struct session *s, const struct cmd_entry *e, const struct cmd_args *a, struct out *out,
	struct err *err) MUST_CHECK;

/* Ends a time with other options: those of `before`, which is taken over, hold again. Gives `failed`, or -1. */
int session_set_back(struct session *s, const struct options *before, int failed, struct err *err) MUST_CHECK;

/* After a command: what it made of the open trace takes effect, or is dropped. Another search is looked at from its
 * first step on, a branch at the step that was looked at. */
void session_settle_trace(struct session *s, bool good);

/* After a command: the views show what it compared or diagnosed. */
void session_settle_found(struct session *s);

/* What a command has come to, in a sentence: the message of the screens, which show the rest. In the thread that runs
 * it. */
void session_tell_outcome(struct session *s, const char *shown);

/* The record of the open trace's newest branch; NULL and ERR_VALUE with what to do where there is none. */
const json_t *session_trace(const struct session *s, struct err *err);

/* Changes the model, adapter or data option and loads; after a failure the option is as it was. */
int session_load_path(struct session *s, const char *option, const char *path, struct err *err) MUST_CHECK;

/* Frees what is put aside. */
void aside_release(struct aside *a);

/* Tells a watcher and the snapshots how far a command has come, and that it has ended (NULL). In the thread that runs
 * it. */
void session_tell_cases(struct session *s, const struct case_news *news);

/* How a case is searched and diagnosed, as the options have it now. */
struct diagnose_options session_diagnose_options(const struct session *s);

/* A case whose prompt the scorer holds, with mask and temperature set as the options say. */
struct case_work {
	const struct rec_case *rc;
	struct scorer *scorer;
	uint32_t leaf; /* the positive item's; TRIE_NONE */
	enum unreachable_why why;
};

int case_open(struct session *s, const char *id, struct case_work *c, struct err *err) MUST_CHECK;

/* Searches a case and judges what became of its positive item, as the options have it now; the search is not opened.
 * The caller frees it. NULL on failure. */
struct branch *session_search(struct session *s, const char *id, struct err *err) MUST_CHECK;

/* ERR_NOT_FOUND with what to do where no item of the dataset has this id. */
int session_find_item(const struct session *s, const char *id, uint32_t *item, struct err *err) MUST_CHECK;

/* The prompt of a case of texts and its positive item, each encoded by itself, and both encoded as one text. */
struct joined {
	struct buf text;        /* of the prompt */
	struct buf answer;      /* of the item; empty if there is none */
	struct vec_u32 prompt;  /* ids */
	struct vec_u32 item;    /* ids, without EOS */
	struct vec_u32 both;    /* ids of text and answer as one */
	bool differs;           /* both is not prompt followed by item */
};

int joined_init(struct joined *j, const struct session *s, const struct rec_case *c, struct err *err) MUST_CHECK;
void joined_release(struct joined *j); /* after a failed init too */

#endif
