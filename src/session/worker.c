#include "session/worker.h"

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/mem.h"
#include "base/thread.h"
#include "session/session_priv.h"

int worker_init(struct worker *w, struct err *err)
{
	atomic_init(&w->finished, false);
	return chan_init(&w->chan, 1, 1, err);
}

static void job_release(struct job *j)
{
	cmd_args_release(&j->args);
	cmd_line_release(&j->words);
	out_release(&j->out);
	free(j->line);
	memset(j, 0, sizeof(*j));
}

void worker_release(struct worker *w)
{
	if (w->running) {
		pthread_join(w->thread, NULL);
		job_release(&w->job);
	}
	chan_release(&w->chan);
	free(w->text);
	free(w->message);
	snapshot_release(w->shown);
	shown_trace_release(&w->trace);
	shown_trace_release(&w->original);
	shown_found_release(&w->found);
	snap_race_unref(w->race);
}

static void say(struct worker *w, const char *message, bool is_error)
{
	free(w->message);
	w->message = xstrdup(message);
	w->message_is_error = is_error;
	w->stale = true;
}

/* Reads the statement into the job; *empty: there is nothing to run. */
static int job_init(struct job *j, struct session *s, const char *line, bool *empty, struct err *err)
{
	memset(j, 0, sizeof(*j));
	out_init(&j->out, NULL);
	j->out.columns = s->worker.columns;
	j->out.ascii = s->worker.ascii;
	j->session = s;
	*empty = false;
	if (session_words(s, line, &j->words, err))
		return -1;
	if (j->words.argc == 0) {
		*empty = true;
		return 0;
	}
	j->line = xstrdup(line);
	j->cmd = cmd_find(j->words.argv[0], err);
	if (!j->cmd)
		return -1;
	return cmd_parse(j->cmd, j->words.argc - 1, j->words.argv + 1, &j->args, err);
}

static void run_job(struct job *j)
{
	j->err.code = ERR_NONE;
	j->status = session_exec(j->session, j->cmd, &j->args, &j->out, &j->err);
}

/* The job did what it was to do: what it answered is at hand for the next, and its line is recorded. */
static void job_ended_well(struct session *s, struct job *j)
{
	struct worker *w = &s->worker;
	struct err err;

	if (!j->args.help)
		listing_take(&s->listing, j->cmd, &j->out);
	if ((!(j->cmd->flags & CMD_VIEWED) || j->args.help) && j->out.buf.len > 0)
		w->text = buf_detach(&j->out.buf);
	if (!s->aside.in_lesson && recorder_add(&s->recorder, j->line, j->depth, &err))
		say(w, err.msg, true);
	else
		say(w, w->running || !s->outcome ? "" : s->outcome, false);
}

/* Takes in what a job did: front-end's thread. */
static void job_done(struct session *s, struct job *j)
{
	struct worker *w = &s->worker;

	free(w->text);
	w->text = NULL;
	/* Beside a running job there is no trace to settle: what runs then is CMD_ANYTIME, and s->new_trace is the
	 * thread's. */
	if (!w->running) {
		session_settle_trace(s, j->status == 0);
		session_settle_found(s);
	}
	if (j->status == 0) {
		job_ended_well(s, j);
	} else {
		/* What was found before it was cancelled is worth showing. */
		if (j->err.code == ERR_CANCELLED && !(j->cmd->flags & CMD_VIEWED) && j->out.buf.len > 0)
			w->text = buf_detach(&j->out.buf);
		say(w, j->err.msg, true);
	}
}

static void *work(void *arg)
{
	struct job *j = arg;
	struct worker *w = &j->session->worker;

	run_job(j);
	atomic_store(&w->finished, true);
	chan_wake(&w->chan);
	return NULL;
}

static int start_thread(struct worker *w, struct err *err)
{
	int failed = thread_start(&w->thread, work, &w->job);

	return failed ? err_errno(err, failed, "starting a thread") : 0;
}

static bool is_anytime(const struct job *j)
{
	return (j->cmd->flags & CMD_ANYTIME) || (j->cmd->anytime && !j->args.help && j->cmd->anytime(&j->args));
}

/* What is CMD_ANYTIME changes what the front-end's thread reads (the step that is looked at), and so does what settles
 * other commands: neither goes there. */
static bool wants_worker(const struct session *s, const struct job *j)
{
	if (j->args.help || is_anytime(j) || (j->cmd->flags & CMD_SETTLES))
		return false;
	return (j->cmd->flags & CMD_WORK) || j->args.n_settings > 0 ||
	       loaded_stale(&s->loaded, &s->options, s->datadir, j->cmd->flags);
}

/* A command that only looks at what the views show: *answered, and there is no more to do. */
static int look(struct session *s, const struct job *j, bool *answered, struct err *err)
{
	*answered = false;
	if (!j->cmd->look || j->args.help || j->args.n_settings > 0)
		return 0;
	int failed = j->cmd->look(s, &j->args, answered, err);
	if (*answered && !failed)
		say(&s->worker, "", false);
	return failed;
}

/* A case that is not there is told at once, before a view is gone to, where the dataset is at hand to tell. */
static int check_cases(const struct session *s, const struct job *j, struct err *err)
{
	const struct cmd_arg *args = j->cmd->args;

	if (j->args.n_settings > 0 || !s->loaded.data ||
		loaded_stale(&s->loaded, &s->options, s->datadir, CMD_NEEDS_DATA))
		return 0;
	for (size_t i = 0; args[i].name; i++)
		if (args[i].type == ARG_CASE && j->args.text[i] &&
			!dataset_case(s->loaded.data->dataset, (enum split_kind)s->now.split, j->args.text[i], err))
			return -1;
	return 0;
}

static int start(struct session *s, struct job *j, struct err *err)
{
	struct worker *w = &s->worker;
	bool answered;
	int failed = look(s, j, &answered, err);

	if (failed || answered)
		return failed;
	if (w->running && !j->args.help && (!is_anytime(j) || j->args.n_settings > 0))
		return err_set(err, ERR_VALUE, "a job is running: wait for it, or cancel it first");
	if (!w->running) {
		atomic_store(&s->cancel, false);
		atomic_store(&s->control, TRAIN_GO);
		free(s->outcome);
		s->outcome = NULL;
	}
	if (!w->running && !j->args.help && check_cases(s, j, err))
		return -1;
	if (w->running || !wants_worker(s, j)) {
		run_job(j);
		job_done(s, j);
		if (j->status)
			*err = j->err;
		return j->status;
	}
	atomic_store(&w->finished, false);
	w->job = *j;
	w->started = clock_now();
	snapshot_release(session_snapshot(s)); /* the last look at model and data before they are the thread's */
	w->running = true;
	if (start_thread(w, err)) {
		w->running = false;
		memset(&w->job, 0, sizeof(w->job));
		return -1;
	}
	memset(j, 0, sizeof(*j));
	return 0;
}

static int start_statement(struct session *s, const char *statement, size_t depth, bool fed, struct err *err)
{
	struct job j;
	bool empty;
	int failed = job_init(&j, s, statement, &empty, err);

	j.depth = depth;
	j.fed = fed;
	if (!failed && !empty)
		failed = start(s, &j, err);
	job_release(&j);
	return failed;
}

int session_start(struct session *s, const char *line, struct err *err)
{
	size_t first = statement_end(line);
	char *statement = xstrndup(line, first);
	int failed = start_statement(s, statement, 0, line[first] != '\0', err);

	if (failed)
		say(&s->worker, err->msg, true);
	else if (line[first])
		session_feed(s, line + first + 1);
	free(statement);
	return failed;
}

int session_go_on(struct session *s, char **line, struct err *err)
{
	struct buf statement = {0};
	int more;

	if (s->worker.running || s->quit)
		return 0;
	more = session_next(s, &statement, err);
	if (more > 0)
		*line = buf_detach(&statement);
	if (more > 0 && start_statement(s, *line, s->script.depth, true, err)) {
		free(*line);
		more = -1;
	}
	if (more < 0) {
		session_failed(s, err);
		say(&s->worker, err->msg, true);
	}
	buf_release(&statement);
	return more;
}

bool session_busy(const struct session *s)
{
	return s->worker.running;
}

bool session_trains(const struct session *s)
{
	return s->worker.running && (s->worker.job.cmd->flags & CMD_RACE);
}

/* Waits for the thread's end. What waited for it is dropped where it failed. */
static void take_in(struct session *s)
{
	struct worker *w = &s->worker;

	pthread_join(w->thread, NULL);
	w->running = false;
	if (w->job.status && w->job.fed)
		session_failed(s, &w->job.err);
	job_done(s, &w->job);
}

int session_end(struct session *s, struct err *err)
{
	struct worker *w = &s->worker;
	bool trained = session_trains(s);

	if (!w->running)
		return 0;
	session_cancel(s);
	take_in(s);
	if (trained && w->job.status)
		*err = w->job.err;
	trained = trained && w->job.status;
	job_release(&w->job);
	return trained ? -1 : 0;
}

int session_ask(struct session *s, enum session_wish wish, struct err *err)
{
	static const enum train_wish wishes[] = {
		[SESSION_PAUSE] = TRAIN_PAUSE,
		[SESSION_RESUME] = TRAIN_GO,
		[SESSION_STOP] = TRAIN_STOP,
	};
	const struct worker *w = &s->worker;

	if (!w->running)
		return err_set(err, ERR_VALUE, "no job runs");
	if (!session_trains(s)) {
		if (wish != SESSION_STOP)
			return err_set(err, ERR_VALUE, "'%s' cannot be paused: only training can", w->job.line);
		session_cancel(s);
		return 0;
	}
	if (wish != SESSION_STOP && (cancelled(&s->cancel) || atomic_load(&s->control) == TRAIN_STOP))
		return err_set(err, ERR_VALUE, "'%s' is already being stopped", w->job.line);
	atomic_store(&s->control, wishes[wish]);
	return 0;
}

int session_fd(const struct session *s)
{
	return chan_fd(&s->worker.chan);
}

/* Has a command that goes through many cases come further since this was asked last? */
static bool cases_moved(struct session *s)
{
	unsigned long version = atomic_load(&s->cases.version);
	bool moved = version != s->worker.cases_version;

	s->worker.cases_version = version;
	return moved;
}

bool session_poll(struct session *s)
{
	struct worker *w = &s->worker;
	char event;

	while (chan_recv(&w->chan, &event))
		;
	if (!w->running || !atomic_load(&w->finished))
		return scoreboard_version(s->race) != w->race_version || cases_moved(s);
	take_in(s);
	job_release(&w->job);
	return true;
}

char *session_take_text(struct session *s)
{
	char *text = s->worker.text;

	s->worker.text = NULL;
	return text;
}

void session_text_form(struct session *s, size_t columns, bool ascii)
{
	s->worker.columns = columns;
	s->worker.ascii = ascii;
}
