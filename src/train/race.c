/*
 * The running of a race: all runners make one update each on the same batches, and are evaluated and saved at the same
 * steps.
 */
#include "train/trainer_priv.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "store/file.h"
#include "train/checkpoint.h"
#include "train/control.h"
#include "train/evaluate.h"
#include "train/resume.h"
#include "train/runfile.h"

/* What is done every so many steps is done at the end too. */
static bool is_due(size_t every, size_t step, size_t steps)
{
	return step == steps || (every > 0 && step % every == 0);
}

/* How often after step `from`, to the end. */
static size_t times_due(size_t every, size_t from, size_t steps)
{
	size_t n = every > 0 ? steps / every - from / every : 0;

	return from >= steps ? 0 : n + (every == 0 || steps % every != 0);
}

/* The curves begin with the weights that all begin from. */
static bool eval_is_due(const struct trainer *t)
{
	return t->config.eval_cases > 0 && (t->step == 0 || is_due(t->config.eval_every, t->step, t->steps));
}

static bool save_is_due(const struct trainer *t)
{
	return t->step > 0 && is_due(t->config.save_every, t->step, t->steps);
}

static double time_left(const struct trainer *t)
{
	double left = (double)(t->steps - t->step) * pace_typical(&t->paces[PACE_STEP]);
	double eval = pace_typical(&t->paces[PACE_EVAL]), save = pace_typical(&t->paces[PACE_SAVE]);

	/* What was not measured yet does not count. */
	if (t->config.eval_cases > 0 && !isnan(eval))
		left += eval * (double)times_due(t->config.eval_every, t->step, t->steps);
	if (t->dir.path && !isnan(save))
		left += save * (double)times_due(t->config.save_every, t->step, t->steps);
	return left;
}

static struct train_event new_event(const struct trainer *t, enum train_event_kind kind, const struct runner *r)
{
	return (struct train_event){.kind = kind,
		.runner = r ? (size_t)(r - t->runners) : 0,
		.step = t->step,
		.steps = t->steps,
		.left = time_left(t),
		.memory = t->memory};
}

static void tell(const struct trainer *t, const struct train_event *e)
{
	if (t->observer.event)
		t->observer.event(t->observer.arg, e);
}

static void tell_text(const struct trainer *t, enum train_event_kind kind, const char *text)
{
	struct train_event e = new_event(t, kind, NULL);

	e.text = text;
	tell(t, &e);
}

/* Adds to a failure what the user still has. What the settings caused would come again when the run goes on. */
static int complain(const struct trainer *t, struct err *err)
{
	const struct err cause = *err;
	const char *advice = err->code == ERR_VALUE ? "" : ": --resume goes on from there";

	if (!t->dir.path)
		return -1;
	if (t->saved == STEP_NONE)
		return err_set(err, cause.code, "%s; no checkpoint had been saved in '%s'", cause.msg, t->dir.path);
	return err_set(err, cause.code, "%s; the checkpoint of step %zu in '%s' is whole%s", cause.msg, t->saved,
		t->dir.path, advice);
}

static int make_step(struct trainer *t, struct err *err)
{
	double start = clock_now();

	for (size_t i = 0; i < t->config.n_runners; i++) {
		struct runner *r = &t->runners[i];
		bool searches = r->config->objective->needs & OBJECTIVE_SEARCH;
		struct train_event e = new_event(t, TRAIN_STEP, r);
		struct step_figures f;

		if (r->state.stopped)
			continue;
		if (update_make(&t->updater, r, t->step, &f, err) < 0)
			return err_prefix(err, "'%s' at step %zu", r->config->name, t->step + 1);
		if (trainlog_step(&t->log, r->config->name, t->step + 1, &f, searches, err) < 0)
			return -1;
		e.step = t->step + 1;
		e.loss = f.loss;
		e.lr = f.lr;
		e.grad_norm = f.grad_norm;
		e.tokens = f.tokens;
		e.seconds = f.seconds;
		e.search_seconds = f.search_seconds;
		tell(t, &e);
	}
	t->step++;
	pace_add(&t->paces[PACE_STEP], clock_now() - start);
	return 0;
}

/* The runner that is evaluated, for the news of it. */
struct judging {
	const struct trainer *t;
	const struct runner *r;
};

static void tell_case(void *arg, size_t done, size_t n)
{
	const struct judging *j = arg;
	struct train_event e = new_event(j->t, TRAIN_CASE, j->r);

	e.done = done;
	e.cases = n;
	tell(j->t, &e);
}

/* *worth: the runner is to be saved, as the best so far or as one that has stopped. */
static int evaluate_runner(struct trainer *t, struct runner *r, const struct control *c, bool *worth, struct err *err)
{
	double start = clock_now();
	struct train_event e = new_event(t, TRAIN_EVAL, r);
	struct judging j = {t, r};
	const struct eval_watch watch = {tell_case, &j};
	struct metrics m;
	bool better;
	int failed = evaluate(&m, r->trained.lm, &t->data, t->config.eval_cases, t->config.seed, c, &watch, err);

	/* What comes next shall not find in the model's cache what it would not find there in a run that is resumed. */
	trainable_changed(&r->trained);
	e.seconds = clock_now() - start;
	if (failed || trainlog_eval(&t->log, r->config->name, t->step, &m, e.seconds, err) < 0)
		return -1;
	better = runner_judge(r, t->step, &m, t->config.patience);
	e.metrics = &r->metrics;
	tell(t, &e);
	if (r->state.stopped) {
		e = new_event(t, TRAIN_STOPPED, r);
		tell(t, &e);
	}
	*worth |= t->config.patience > 0 && (better || r->state.stopped);
	return 0;
}

static int evaluate_all(struct trainer *t, const struct control *c, bool *worth, bool *stop, struct err *err)
{
	double start = clock_now();
	size_t n = 0;

	for (size_t i = 0; i < t->config.n_runners; i++) {
		struct runner *r = &t->runners[i];

		if (r->state.stopped || runner_is_judged(r))
			continue;
		if (evaluate_runner(t, r, c, worth, err) < 0) {
			*stop = err->code == ERR_CANCELLED;
			return *stop ? 0 : -1;
		}
		n++;
	}
	if (n > 0)
		pace_add(&t->paces[PACE_EVAL], clock_now() - start);
	return 0;
}

static int link_step(const struct trainer *t, const struct runner *r, const char *name, size_t step, struct err *err)
{
	char *path = rundir_step(&t->dir, r->config->name, step);
	bool there = file_is_dir(path);

	free(path);
	return there ? rundir_link(&t->dir, r->config->name, name, step, err) : 0;
}

static int link_newest(const struct trainer *t, const struct runner *r, struct err *err)
{
	bool looks_for_best = t->config.patience > 0 && r->state.best != STEP_NONE;

	if (t->saved == STEP_NONE)
		return 0;
	if (link_step(t, r, "last", t->saved, err) < 0)
		return -1;
	return looks_for_best ? link_step(t, r, "best", r->state.best, err) : 0;
}

/* Removes the checkpoints that are neither among the newest nor the best one. */
static int remove_old(const struct trainer *t, const struct runner *r, struct err *err)
{
	const char *name = r->config->name;
	struct step_list own = {0};
	int result = rundir_steps(&t->dir, name, &own, err);

	for (size_t i = 0; i + t->config.keep < own.n && result == 0; i++)
		if (t->config.patience == 0 || own.at[i] != r->state.best)
			result = rundir_remove_step(&t->dir, name, own.at[i], err);
	vec_release(&own);
	return result;
}

static int write_all(struct trainer *t, struct err *err)
{
	const struct checkpoint_id id = {t->fingerprint, t->step};

	/* A checkpoint never knows more than the log. */
	if (trainlog_sync(&t->log, err) < 0)
		return -1;
	for (size_t i = 0; i < t->config.n_runners; i++)
		if (checkpoint_write(&t->dir, &id, &t->runners[i], t->config.save_dtype, t->data.tokenizer, err) < 0)
			return -1;
	t->saved = t->step;
	return 0;
}

/* What is older goes only when every runner has the new checkpoint. */
static int save_all(struct trainer *t, struct err *err)
{
	double start = clock_now();
	bool is_new = t->saved != t->step;

	if (!t->dir.path)
		return 0;
	if (is_new && write_all(t, err) < 0)
		return -1;
	for (size_t i = 0; i < t->config.n_runners; i++) {
		struct runner *r = &t->runners[i];

		free(r->checkpoint);
		r->checkpoint = rundir_step(&t->dir, r->config->name, t->saved);
		if (link_newest(t, r, err) < 0 || remove_old(t, r, err) < 0)
			return -1;
	}
	if (!is_new)
		return 0;
	pace_add(&t->paces[PACE_SAVE], clock_now() - start);
	tell_text(t, TRAIN_SAVED, t->dir.path);
	return 0;
}

/* What is due between two steps. */
static int look(struct trainer *t, const struct control *c, bool *stop, struct err *err)
{
	bool save = save_is_due(t);

	if (eval_is_due(t) && evaluate_all(t, c, &save, stop, err) < 0)
		return -1;
	return save ? save_all(t, err) : 0;
}

static bool is_over(const struct trainer *t)
{
	size_t running = 0;

	for (size_t i = 0; i < t->config.n_runners; i++)
		running += !t->runners[i].state.stopped;
	return t->step == t->steps || running == 0;
}

static int race(struct trainer *t, const struct control *c, bool *finished, struct err *err)
{
	bool stop = false;

	for (;;) {
		if (look(t, c, &stop, err) < 0)
			return -1;
		if (stop || is_over(t) || control_stops(c))
			break;
		if (make_step(t, err) < 0)
			return -1;
	}
	if (t->step > 0 && save_all(t, err) < 0)
		return -1;
	*finished = is_over(t) && !stop;
	return 0;
}

static int write_run(const struct trainer *t, struct err *err)
{
	char *path = file_join(t->dir.path, RUN_FILE);
	struct buf text = {0};
	int result;

	json_add(&text, t->settings);
	buf_addch(&text, '\n');
	result = file_write(path, text.at, text.len, err);
	buf_release(&text);
	free(path);
	return result;
}

/* The log is cut back to the step from which the race goes on; what it says of an evaluation there is taken up. */
static int open_log(struct trainer *t, struct err *err)
{
	size_t n = t->resumed ? t->config.n_runners : 0;
	struct trainlog_mark marks[TRAIN_RUNNERS];

	for (size_t i = 0; i < n; i++) {
		const struct runner *r = &t->runners[i];

		marks[i] = (struct trainlog_mark){.name = r->config->name,
			.step = r->state.updates,
			.evaluated = r->state.judged == r->state.updates,
			.width = t->data.diagnose.beam.width};
	}
	if (trainlog_begin(&t->log, t->settings, marks, n, err) < 0)
		return -1;
	for (size_t i = 0; i < n; i++)
		if (marks[i].found) {
			t->runners[i].evaluated = true;
			t->runners[i].metrics = marks[i].metrics;
		}
	return 0;
}

/* What is written before the first step, and what a killed run left undone. */
static int prepare_folder(struct trainer *t, struct err *err)
{
	size_t n = t->config.n_runners;

	if (!t->dir.path)
		return 0;
	if (rundir_claim(&t->dir, err) < 0 || trainer_check_free(t, err) < 0 || write_run(t, err) < 0 ||
		resume_tidy(&t->dir, t->runners, n, t->saved, err) < 0)
		return -1;
	/* Fewer may be kept than before: what goes makes room for the next ones. */
	for (size_t i = 0; i < n; i++)
		if (link_newest(t, &t->runners[i], err) < 0 || remove_old(t, &t->runners[i], err) < 0)
			return -1;
	return 0;
}

/* Those that had stopped early before the race was resumed. */
static void tell_stopped(const struct trainer *t)
{
	for (size_t i = 0; i < t->config.n_runners; i++) {
		struct train_event e = new_event(t, TRAIN_STOPPED, &t->runners[i]);

		if (t->runners[i].state.stopped)
			tell(t, &e);
	}
}

static int begin(struct trainer *t, struct err *err)
{
	if (t->begun)
		return 0;
	if (prepare_folder(t, err) < 0 || open_log(t, err) < 0)
		return -1;
	t->begun = true;
	tell_text(t, TRAIN_PLANNED, NULL);
	if (t->note.len > 0)
		tell_text(t, TRAIN_NOTE, buf_str(&t->note));
	tell_stopped(t);
	return 0;
}

int trainer_run(struct trainer *t, train_control *control, const cancel_flag *cancel, bool *finished, struct err *err)
{
	const struct control c = {control, cancel};

	*finished = false;
	if (begin(t, err) < 0)
		return -1;
	return race(t, &c, finished, err) < 0 ? complain(t, err) : 0;
}
