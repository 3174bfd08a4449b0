#include "session/snapshot.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "model/transformer.h"
#include "session/record.h"
#include "session/session_priv.h"
#include "session/snap_compare.h"
#include "session/snap_text.h"
#include "session/snap_trace.h"
#include "session/survey_shown.h"

/* NULL stays NULL. */
static const char *keep(struct arena *a, const char *s)
{
	return s ? arena_strdup(a, s) : NULL;
}

void snapshot_release(const struct snapshot *s)
{
	struct snapshot *own = (struct snapshot *)s;

	if (!own || --own->refs > 0)
		return;
	snap_trace_unref(own->trace);
	snap_trace_unref((struct snap_trace *)own->original);
	snap_race_unref(own->race);
	snap_contest_unref((struct snap_contest *)own->contest);
	snap_pair_unref((struct snap_pair *)own->pair);
	snap_survey_unref((struct snap_survey *)own->survey);
	snap_cases_unref(own->cases);
	arena_release(&own->arena);
	free(own);
}

/* What is loaded, in the words of the top line. Only when no job runs: the model and the data may be the worker's. */
static void show_loaded(struct snapshot *n, const struct session *s)
{
	const struct loaded *l = &s->loaded;
	json_t *settings = record_settings(s);

	n->model_shown = l->model ? snap_keep_model(&n->arena, l->model->path, l->model->adapter) : "";
	n->model_weights = l->model && !l->model->is_table ? transformer_params(l->model->lm)->elements : 0;
	n->data_shown = snap_keep_shown(&n->arena, l->data ? l->data->dataset->name : "");
	n->split_shown = snap_keep_shown(&n->arena, split_name((enum split_kind)s->now.split));
	n->settings_shown = snap_keep_settings(&n->arena, settings, &n->settings_first);
	json_decref(settings);
	n->rival = l->model ? keep(&n->arena, l->model->rival) : NULL;
	n->width = (size_t)s->now.beam;
	n->n_cases = l->data ? l->data->dataset->splits[s->now.split].n : 0;
}

/* Is the open trace of a case of the dataset and the split that are loaded now? */
static bool is_of_loaded(const struct session *s)
{
	struct err ignored;
	const json_t *settings = json_object_get(session_trace(s, &ignored), "settings");
	const char *data = json_string_value(json_object_get(settings, "data"));
	const char *split = json_string_value(json_object_get(settings, "split"));

	return data && split && !strcmp(data, s->loaded.data->dataset->name) &&
		!strcmp(split, split_name((enum split_kind)s->now.split));
}

static void show_case(struct snapshot *n, const struct session *s)
{
	struct err ignored;
	const char *id = json_string_value(json_object_get(session_trace(s, &ignored), "case"));
	const struct split *split;
	uint32_t at;

	n->case_id = keep(&n->arena, id);
	if (!s->loaded.data)
		return;
	split = &s->loaded.data->dataset->splits[s->now.split];
	if (id && is_of_loaded(s) && map_get(&split->by_id, id, strlen(id), &at))
		n->case_index = (size_t)at + 1;
	if (n->case_index > 1)
		n->previous_id = keep(&n->arena, split->cases[n->case_index - 2].id);
	if (n->case_index == 0 && split->n > 0)
		n->next_id =
			keep(&n->arena, dataset_first_case(s->loaded.data->dataset, (enum split_kind)s->now.split));
	else if (n->case_index < split->n)
		n->next_id = keep(&n->arena, split->cases[n->case_index].id);
}

/* While a job runs, what was said of model and data before it began still stands. */
static void copy_loaded(struct snapshot *n, const struct snapshot *before)
{
	n->model_shown = keep(&n->arena, before->model_shown);
	n->data_shown = keep(&n->arena, before->data_shown);
	n->split_shown = keep(&n->arena, before->split_shown);
	n->model_weights = before->model_weights;
	n->settings_shown = keep(&n->arena, before->settings_shown);
	n->settings_first = before->settings_first;
	n->width = before->width;
	n->n_cases = before->n_cases;
	n->case_index = before->case_index;
	n->case_id = keep(&n->arena, before->case_id);
	n->previous_id = keep(&n->arena, before->previous_id);
	n->next_id = keep(&n->arena, before->next_id);
	n->rival = keep(&n->arena, before->rival);
}

static enum snap_job job_state(const struct session *s)
{
	if (!s->worker.running)
		return JOB_IDLE;
	if (cancelled(&s->cancel))
		return JOB_CANCELLING;
	switch (atomic_load(&s->control)) {
	case TRAIN_PAUSE:
		return JOB_PAUSED;
	case TRAIN_STOP:
		return JOB_STOPPING;
	default:
		return JOB_RUNNING;
	}
}

static void show_job(struct snapshot *n, const struct session *s)
{
	const struct worker *w = &s->worker;
	size_t cases = w->running ? atomic_load(&s->cases.total) : 0;

	n->job = job_state(s);
	n->job_shown = snap_keep_shown(&n->arena, w->running ? w->job.line : "");
	n->job_left = (double)NAN;
	if (session_trains(s) && n->race && n->race->running) {
		n->job_done = n->race->step;
		n->job_total = n->race->steps;
		n->job_left = n->race->left;
	} else if (cases > 0) {
		n->job_done = atomic_load(&s->cases.done);
		n->job_total = cases;
		n->job_left = atomic_load(&s->cases.left);
	}
	n->job_seconds = w->running ? clock_now() - w->started : 0;
	n->message_shown = snap_keep_shown(&n->arena, w->message ? w->message : "");
	n->message_is_error = w->message_is_error;
}

void shown_trace_release(struct shown_trace *t)
{
	snap_trace_unref(t->trace);
	json_decref(t->record);
	*t = (struct shown_trace){0};
}

static bool shows(const struct shown_trace *shown, const struct branch *b)
{
	return shown->record && b && shown->record == b->record;
}

void shown_found_release(struct shown_found *f)
{
	snap_contest_unref(f->contest);
	snap_pair_unref(f->pair);
	snap_survey_unref(f->survey);
	*f = (struct shown_found){0};
}

void shown_found_move(struct shown_found *to, struct shown_found *from)
{
	if (from->contest) {
		snap_contest_unref(to->contest);
		to->contest = from->contest;
	}
	if (from->pair) {
		snap_pair_unref(to->pair);
		to->pair = from->pair;
	}
	if (from->survey) {
		snap_survey_unref(to->survey);
		to->survey = from->survey;
	}
	*from = (struct shown_found){0};
}

/* The first edit makes the newest search the original, the last undo the other way round: views know it by its
 * address. */
static void keep_shown_traces(struct session *s)
{
	struct worker *w = &s->worker;
	const struct branch *first = s->trace.n > 0 ? s->trace.branches[0] : NULL;
	struct shown_trace swap = w->trace;

	if (shows(s->trace.n > 1 ? &w->trace : &w->original, first)) {
		w->trace = w->original;
		w->original = swap;
	}
}

/* A reference to the views' form of a branch, NULL for none. */
static struct snap_trace *show_branch(struct shown_trace *shown, const struct branch *b)
{
	json_t *record = b ? b->record : NULL;

	if (shown->record != record) {
		shown_trace_release(shown);
		shown->trace = record ? snap_trace_new(record) : NULL;
		shown->record = json_incref(record);
	}
	if (shown->trace)
		shown->trace->refs++;
	return shown->trace;
}

/* The race as it stands, copied no more often than one can look at it while it runs. */
static struct snap_race *shown_race(struct session *s)
{
	struct worker *w = &s->worker;
	struct snap_race *fresh = NULL;
	double now = clock_now();

	if (!w->running || now - w->race_copied >= RACE_COPY_SECONDS) {
		fresh = scoreboard_copy(s->race, &w->race_version);
		w->race_copied = now;
	}
	if (fresh) {
		snap_race_unref(w->race);
		w->race = fresh;
	}
	if (w->race)
		w->race->refs++;
	return w->race;
}

static void show_found(struct snapshot *n, struct shown_found *f)
{
	n->contest = f->contest;
	if (f->contest)
		f->contest->refs++;
	n->pair = f->pair;
	if (f->pair)
		f->pair->refs++;
	n->survey = f->survey;
	if (f->survey)
		f->survey->refs++;
}

static struct snapshot *snapshot_new(struct session *s, const struct snapshot *before)
{
	struct snapshot *n = xcalloc(1, sizeof(*n));

	arena_init(&n->arena);
	n->refs = 1;
	n->serial = ++s->worker.serial;
	if (s->worker.running && before) {
		copy_loaded(n, before);
	} else {
		show_loaded(n, s);
		show_case(n, s);
	}
	keep_shown_traces(s);
	n->trace = show_branch(&s->worker.trace, open_trace_newest(&s->trace));
	n->original = show_branch(&s->worker.original, s->trace.n > 1 ? s->trace.branches[0] : NULL);
	n->file_shown = s->trace.file ? snap_keep_model(&n->arena, s->trace.file, NULL) : NULL;
	n->step = n->trace ? s->trace.step : 0;
	n->race = shown_race(s);
	show_found(n, &s->worker.found);
	n->cases = case_table_show(&s->table, s);
	show_job(n, s);
	return n;
}

const struct snapshot *session_snapshot(struct session *s)
{
	struct worker *w = &s->worker;
	struct snapshot *before = w->shown;

	if (!before || w->stale || w->running) {
		w->shown = snapshot_new(s, before);
		w->stale = false;
		snapshot_release(before);
	}
	w->shown->refs++;
	return w->shown;
}
