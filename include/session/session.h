/*
 * The session: what is loaded, what is selected, and the commands that act on it. Every front-end (headless, REPL,
 * screens) drives the program through this header and nothing below it.
 *
 * Threads: the front-end's thread owns the session. Work that takes long runs in one worker thread (session_start);
 * while it runs, the model belongs to the worker, and only commands flagged CMD_ANYTIME, or whose words are as harmless
 * (struct cmd_entry.anytime), may be run beside it.
 */
#ifndef SESSION_SESSION_H
#define SESSION_SESSION_H

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"
#include "session/out.h"
#include "session/progress.h"
#include "session/snapshot.h"

struct session;
struct options;
struct cmd_line;

int session_new(struct session **out, struct err *err) MUST_CHECK;
void session_free(struct session *s); /* cancels a running job and waits for it; NULL is fine */

/* Where the bundled data lives: $BEAMSCOPE_DATADIR, the source tree when run from the build tree, else the installed
 * place. Borrowed. */
const char *session_datadir(const struct session *s);

/* Sets an option by its name in the option table; the value is checked there. Takes effect for the next command. */
int session_set(struct session *s, const char *name, const char *value, struct err *err) MUST_CHECK;

/* The options as they stand. Borrowed; not to be read while a job runs. */
const struct options *session_options(const struct session *s);

/* Reads $XDG_CONFIG_HOME/beamscope/config (~/.config without the variable), lines of `name = value`, as defaults. No
 * such file is fine; a wrong line is an error with file and line. */
int session_read_config(struct session *s, struct err *err) MUST_CHECK;

/* Loads what model, adapter and data options name, or the bundled demo when neither is set, unless it is loaded
 * already. Commands do this themselves; a front-end calls it to show errors early. */
int session_load(struct session *s, struct err *err) MUST_CHECK;

/* Opens a search that `export trace` saved, which takes neither model nor data; a failure leaves the open one. */
int session_open_trace(struct session *s, const char *path, struct err *err) MUST_CHECK;

/* What the screens begin with: a saved search where one is open, else session_load. */
int session_begin(struct session *s, struct err *err) MUST_CHECK;

/* For a front-end that begins with something, after session_load. The id of the split's case to show first (caller
 * frees; NULL and ERR_NOT_FOUND where there is none), and a few lines of text on what is loaded. */
char *session_first_case(const struct session *s, struct err *err);
void session_summary(const struct session *s, struct out *out);

/* Runs one command to its end in the caller's thread. argv[0] is the command's name or a unique prefix of it. */
int session_run(struct session *s, int argc, char *const *argv, struct out *out, struct err *err) MUST_CHECK;

/* The statements of a line (session/statement.h) and of the scripts that they name, one after another, up to the first
 * that fails. Empty: 0. */
int session_run_line(struct session *s, const char *line, struct out *out, struct err *err) MUST_CHECK;

bool session_wants_quit(const struct session *s); /* `quit` was run */

/*
 * For a front-end that runs statement by statement: what is fed waits, before all that waited already, and session_next
 * gives it back until nothing does, what `source` has named meanwhile included.
 */
void session_feed(struct session *s, const char *line);
int session_feed_file(struct session *s, const char *path, struct err *err) MUST_CHECK; /* "-": standard input */
/* 1 with the next statement in place of what was there; 0: nothing waits; -1: a script cannot be read on, which is to
 * be told to session_failed as any statement that fails. */
int session_next(struct session *s, struct buf *statement, struct err *err) MUST_CHECK;
/* Its words, with variables in their places, for session_run; none for a comment. Released with cmd_line_release. */
int session_words(const struct session *s, const char *statement, struct cmd_line *words, struct err *err) MUST_CHECK;
/* After it has run well: it is written where `record` wants it. */
int session_ran(struct session *s, const char *statement, struct err *err) MUST_CHECK;
/* All three in one. */
int session_run_statement(struct session *s, const char *statement, struct out *out, struct err *err) MUST_CHECK;
/* After it has failed: puts script and line before the message. True where the option keep-going lets the rest go on;
 * else nothing waits any more. */
bool session_failed(struct session *s, struct err *err);
/* The words after a script's name: $arg1, $arg2 ... */
int session_set_arguments(struct session *s, size_t n, char *const *words, struct err *err) MUST_CHECK;

/* For the screens: runs a line's first statement at once when it is quick, else starts it in the worker and returns;
 * its output is kept as text for session_take_text. Its other statements wait for session_go_on. ERR_VALUE with "a job
 * is running" when it may not run now. */
int session_start(struct session *s, const char *line, struct err *err) MUST_CHECK;
/* Does the same with the next statement that waits, while no job runs: 1 with the statement in *line, which the caller
 * frees; 0: nothing waits; -1: it failed, as session_failed has it. */
int session_go_on(struct session *s, char **line, struct err *err) MUST_CHECK;

void session_cancel(struct session *s); /* raises the flag; any thread, also from a signal handler */
void session_uncancel(struct session *s); /* lowers it: for a prompt that goes on after a cancelled command */
bool session_busy(const struct session *s);
bool session_trains(const struct session *s); /* the running job is a race */

/* Cancels a running job and waits for its end. -1 where it was a race that did not come to its end: where it stands. */
int session_end(struct session *s, struct err *err) MUST_CHECK;

/*
 * What a running job is asked for. A race in training finishes its step before it pauses, stops or is cancelled, and
 * saves before it ends; stopped, it gives its figures, cancelled, it says where it stands. Any other job knows only
 * cancelling, and is cancelled by a stop too. ERR_VALUE with why it cannot be. The front-end's thread.
 */
enum session_wish { SESSION_PAUSE, SESSION_RESUME, SESSION_STOP };
int session_ask(struct session *s, enum session_wish wish, struct err *err) MUST_CHECK;

/* For a front-end whose own thread runs commands: is told the news of a race by that thread. NULL: nobody. */
void session_watch(struct session *s, race_watch_fn *fn, void *arg);

/* The same for commands that go through many cases. */
void session_watch_cases(struct session *s, case_watch_fn *fn, void *arg);

/*
 * Lessons (session/lesson.h) load and set things of their own. Entering one puts aside what is loaded, set, open,
 * diagnosed, compared and trained; leaving takes it back as it was, and keeps the lesson's in its place if it is to be
 * gone on with, which needs no loading. here: the folder of the lesson's file; NULL: the one that was left last is gone
 * on with. ERR_VALUE while a job runs, or where there is nothing to go on with. The front-end's thread.
 */
int session_lesson_enter(struct session *s, const char *here, struct err *err) MUST_CHECK;
int session_lesson_leave(struct session *s, bool keep, struct err *err) MUST_CHECK;

/* For a front-end in which a reader can be asked while `lesson` plays: shows the prompt and gives what he typed, which
 * the session frees; NULL: he does not want to go on. NULL as fn: nobody is asked. */
typedef char *lesson_ask_fn(void *arg, const char *prompt);
void session_ask_reader(struct session *s, lesson_ask_fn *fn, void *arg);

/* For a program with screens: whether they know a key by that name, for the check of a lesson. NULL: not checked. */
typedef bool lesson_key_fn(const char *name, size_t len);
void session_know_keys(struct session *s, lesson_key_fn *fn);

/* Readable when the worker has news (progress, a finished job); session_poll takes it in: true if anything changed. */
int session_fd(const struct session *s);
bool session_poll(struct session *s);

/* What the views draw: a constant picture of the present state. The caller gives it back with snapshot_release. */
const struct snapshot *session_snapshot(struct session *s);

/* Which rows the snapshots' table of cases has, and in which order: an expression as in `cases --where` (NULL or "":
 * all) and a column as in `cases --sort`, with "-" before it from the largest down (NULL or "": the split's order).
 * Also while a job runs. ERR_USAGE leaves the table as it is. */
int session_ask_cases(struct session *s, const char *where, const char *sort, struct err *err) MUST_CHECK;

/* The text output of the last command that session_start ran, or NULL where there was none or the views show it all
 * (CMD_VIEWED). Caller frees. */
char *session_take_text(struct session *s);

/* How wide session_take_text's tables may be, in cells, and whether only ASCII can be shown. 0: no limit. */
void session_text_form(struct session *s, size_t columns, bool ascii);

#endif
