#include "session/snapshot.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/utf8.h"
#include "model/llama.h"
#include "session/edit_text.h"
#include "session/record.h"
#include "session/session_priv.h"
#include "session/snap_compare.h"
#include "session/survey_shown.h"

static const char *keep(struct arena *a, const char *s)
{
	return arena_strdup(a, s ? s : "");
}

/* A string of a record, made safe for a terminal. NULL and JSON null give `missing`. */
static const char *keep_shown(struct arena *a, const json_t *v, bool title, const char *missing)
{
	struct buf b = {0};
	char *s;

	if (!json_is_string(v))
		return missing ? keep(a, missing) : NULL;
	if (title)
		title_show(&b, json_string_value(v), false);
	else
		utf8_show(&b, json_string_value(v), json_string_length(v), false);
	s = arena_strndup(a, buf_str(&b), b.len);
	buf_release(&b);
	return s;
}

/* Of several paragraphs: the newlines between them stay. */
static const char *keep_lines(struct arena *a, const json_t *v)
{
	const char *p = json_string_value(v);
	struct buf b = {0};
	char *s;

	while (p && *p) {
		size_t n = strcspn(p, "\n");

		utf8_show(&b, p, n, false);
		p += n;
		if (*p) {
			buf_addch(&b, '\n');
			p++;
		}
	}
	s = arena_strndup(a, buf_str(&b), b.len);
	buf_release(&b);
	return s;
}

static double real(const json_t *object, const char *key)
{
	const json_t *v = json_object_get(object, key);

	return json_is_number(v) ? json_number_value(v) : (double)NAN;
}

static size_t count(const json_t *object, const char *key)
{
	return (size_t)json_integer_value(json_object_get(object, key));
}

static bool truth(const json_t *object, const char *key)
{
	return json_is_true(json_object_get(object, key));
}

/* A token's text, or its id where nothing says what it stands for. */
static const char *keep_token(struct arena *a, const json_t *v)
{
	char id[16];

	snprintf(id, sizeof(id), "%u", (unsigned)count(v, "token"));
	return keep_shown(a, json_object_get(v, "text"), false, id);
}

static void *room(struct arena *a, size_t n, size_t size)
{
	void *at = arena_alloc(a, n * size + 1);

	memset(at, 0, n * size);
	return at;
}

static void read_candidate(struct snap_candidate *k, struct arena *a, const json_t *v)
{
	k->rank = (uint32_t)count(v, "rank");
	k->parent = (uint32_t)count(v, "parent");
	k->token = (uint32_t)count(v, "token");
	k->node = (uint32_t)count(v, "node");
	k->above = (uint32_t)count(v, "above");
	k->result = (uint32_t)count(v, "result");
	k->text_shown = keep_token(a, v);
	k->prefix_shown = keep_shown(a, json_object_get(v, "prefix"), false, "");
	k->item_shown = keep_shown(a, json_object_get(v, "title"), true, NULL);
	if (!k->item_shown && truth(v, "finished"))
		k->item_shown = keep_shown(a, json_object_get(v, "item"), false, NULL);
	k->step_logp = real(v, "step_logp");
	k->logp = real(v, "logp");
	k->kept = truth(v, "kept");
	k->finished = truth(v, "finished");
	k->carried = truth(v, "carried");
	k->positive = truth(v, "positive");
	k->tie = truth(v, "tie");
	k->forced = truth(v, "forced");
	k->forbidden = truth(v, "forbidden");
}

/* What holds at a step: its own rule where edits may have changed it, else the setting. */
static bool rule_is(const json_t *step, const json_t *settings, const char *key, const char *value)
{
	const char *own = json_string_value(json_object_get(step, key));
	const char *rule = own ? own : json_string_value(json_object_get(settings, key));

	return rule && !strcmp(rule, value);
}

static void read_steps(struct snap_trace *t, const json_t *steps, const json_t *settings)
{
	t->n_steps = json_array_size(steps);
	t->steps = room(&t->arena, t->n_steps, sizeof(*t->steps));
	for (size_t i = 0; i < t->n_steps; i++) {
		const json_t *v = json_array_get(steps, i), *list = json_object_get(v, "candidates");
		struct snap_step *st = &t->steps[i];

		st->n = json_array_size(list);
		st->kept = count(v, "kept");
		st->total = count(v, "candidates_total");
		st->cutoff = real(v, "cutoff");
		if (isnan(st->cutoff))
			st->cutoff = st->kept > 0 ? (double)INFINITY : -(double)INFINITY;
		st->width = json_object_get(v, "beam") ? count(v, "beam") : t->width;
		st->mask_after = rule_is(v, settings, "mask", "after");
		st->hf = rule_is(v, settings, "search", "hf");
		st->candidates = room(&t->arena, st->n, sizeof(*st->candidates));
		for (size_t k = 0; k < st->n; k++)
			read_candidate(&st->candidates[k], &t->arena, json_array_get(list, k));
	}
}

static void read_positive(struct snap_trace *t, const json_t *steps)
{
	t->n_positive = json_array_size(steps);
	t->positive = room(&t->arena, t->n_positive, sizeof(*t->positive));
	for (size_t i = 0; i < t->n_positive; i++) {
		const json_t *v = json_array_get(steps, i);
		struct snap_positive *p = &t->positive[i];

		p->token = (uint32_t)count(v, "token");
		p->node = (uint32_t)count(v, "node");
		p->text_shown = keep_token(&t->arena, v);
		p->token_rank = count(v, "token_rank");
		p->prefix_rank = count(v, "prefix_rank");
		p->valid = count(v, "valid");
		p->step_logp = real(v, "step_logp");
		p->logp = real(v, "logp");
		p->beta_logp = real(v, "beta_logp");
		p->token_margin = real(v, "token_margin");
		p->prefix_margin = real(v, "prefix_margin");
		if (isnan(p->prefix_margin) && p->prefix_rank > 0)
			p->prefix_margin = -(double)INFINITY;
		p->width = json_object_get(v, "beam") ? count(v, "beam") : t->width;
		p->in_beam = truth(v, "in_beam");
	}
}

/* The title of an item or, where it has none, its id. */
static const char *keep_title(struct arena *a, const json_t *v)
{
	const char *title = keep_shown(a, json_object_get(v, "title"), true, NULL);

	return title ? title : keep_shown(a, json_object_get(v, "item"), false, "");
}

static void read_results(struct snap_trace *t, const json_t *results)
{
	t->n_results = json_array_size(results);
	t->results = room(&t->arena, t->n_results, sizeof(*t->results));
	for (size_t i = 0; i < t->n_results; i++) {
		const json_t *v = json_array_get(results, i);
		struct snap_result *r = &t->results[i];

		r->rank = (uint32_t)count(v, "rank");
		r->item = keep(&t->arena, json_string_value(json_object_get(v, "item")));
		r->title_shown = keep_title(&t->arena, v);
		r->logp = real(v, "logp");
		r->score = real(v, "score");
		r->positive = truth(v, "positive");
	}
}

static void read_history(struct snap_trace *t, const json_t *history)
{
	const char **titles;

	t->n_history = json_array_size(history);
	titles = room(&t->arena, t->n_history, sizeof(*titles));
	for (size_t i = 0; i < t->n_history; i++)
		titles[i] = keep_title(&t->arena, json_array_get(history, i));
	t->history_shown = titles;
}

enum snap_verdict snap_verdict_kind(enum verdict_kind kind)
{
	static const enum snap_verdict kinds[] = {
		[VERDICT_RETRIEVED] = SNAP_RETRIEVED,
		[VERDICT_PRUNED] = SNAP_PRUNED,
		[VERDICT_OUTRANKED] = SNAP_OUTRANKED,
		[VERDICT_UNREACHABLE] = SNAP_UNREACHABLE,
		[VERDICT_UNDECIDED] = SNAP_UNDECIDED,
	};

	return kinds[kind];
}

enum snap_verdict snap_verdict_of(const json_t *verdict)
{
	const char *kind = json_string_value(json_object_get(verdict, "kind"));

	for (int i = 0; i <= VERDICT_UNDECIDED; i++)
		if (kind && !strcmp(kind, verdict_name((enum verdict_kind)i)))
			return snap_verdict_kind((enum verdict_kind)i);
	return SNAP_NONE;
}

static void read_verdict(struct snap_trace *t, const json_t *v)
{
	t->verdict = snap_verdict_of(v);
	t->rank = count(v, "rank");
	t->pruned_at = count(v, "pruned_at");
	t->exact_rank = count(v, "exact_rank");
	t->n_sequences = count(v, "sequences");
	t->smallest_width = count(v, "smallest_beam");
	t->widths_scanned = count(v, "beams_scanned");
	t->exact_proved = truth(v, "exact_rank_proved");
	t->condition_holds = truth(v, "condition_holds");
	t->sentence_shown = keep_shown(&t->arena, json_object_get(v, "sentence"), false, "");
	t->explain_shown = keep_lines(&t->arena, json_object_get(v, "explanation"));
}

static const char *keep_notes(struct arena *a, const json_t *notes)
{
	struct buf b = {0};
	char *s;
	size_t i;
	json_t *v;

	json_array_foreach((json_t *)notes, i, v) {
		if (i > 0)
			buf_addstr(&b, "; ");
		utf8_show(&b, json_string_value(v), json_string_length(v), false);
	}
	s = arena_strndup(a, buf_str(&b), b.len);
	buf_release(&b);
	return s;
}

/* Appends a setting that is not at its default. */
static void add_setting(struct buf *b, const struct option_entry *e, const json_t *v)
{
	const char *text = json_string_value(v);

	if (json_is_number(v) && json_number_value(v) != strtod(e->dflt, NULL)) {
		buf_addf(b, " · %s %g", e->name, json_number_value(v));
	} else if (text && strcmp(text, e->dflt) != 0) {
		buf_addf(b, " · %s ", e->name);
		utf8_show(b, text, strlen(text), false);
	}
}

/* A setting's word; those of a file may be anything. */
static void add_word(struct buf *b, const json_t *v)
{
	if (json_is_string(v))
		utf8_show(b, json_string_value(v), json_string_length(v), false);
	else
		buf_addch(b, '?');
}

/* After the three that are always said comes whatever else shapes the search. */
const char *snap_keep_settings(struct arena *a, const json_t *v)
{
	static const char *const always[] = {"split", "beam", "mask", "search"};
	struct buf b = {0};
	char *s;

	buf_addf(&b, "B %zu · mask ", count(v, "beam"));
	add_word(&b, json_object_get(v, "mask"));
	buf_addstr(&b, " · ");
	add_word(&b, json_object_get(v, "search"));
	for (const struct option_entry *e = option_table; e->name; e++) {
		char key[RECORD_KEY];
		bool said = !(e->flags & OPTION_SEARCH);

		for (size_t i = 0; i < ARRAY_LEN(always); i++)
			said |= !strcmp(e->name, always[i]);
		record_setting_key(key, e);
		if (!said)
			add_setting(&b, e, json_object_get(v, key));
	}
	s = arena_strndup(a, buf_str(&b), b.len);
	buf_release(&b);
	return s;
}

static const char *keep_edits(struct arena *a, const json_t *edits)
{
	struct buf b = {0};
	char *s;

	edit_text_all(edits, false, &b);
	s = arena_strndup(a, buf_str(&b), b.len);
	buf_release(&b);
	return s;
}

static const char *keep_fate(struct arena *a, const json_t *verdict)
{
	struct buf b = {0};
	char *s;

	edit_text_fate(verdict, &b);
	s = arena_strndup(a, buf_str(&b), b.len);
	buf_release(&b);
	return s;
}

struct snap_trace *snap_trace_new(const json_t *record)
{
	const json_t *positive = json_object_get(record, "positive");
	struct snap_trace *t = xcalloc(1, sizeof(*t));

	arena_init(&t->arena);
	t->refs = 1;
	t->case_id = keep(&t->arena, json_string_value(json_object_get(record, "case")));
	t->width = count(json_object_get(record, "settings"), "beam");
	t->settings_shown = snap_keep_settings(&t->arena, json_object_get(record, "settings"));
	t->title_shown = keep_title(&t->arena, positive);
	t->notes_shown = keep_notes(&t->arena, json_object_get(record, "notes"));
	t->edits_shown = keep_edits(&t->arena, json_object_get(record, "edits"));
	t->fate_shown = keep_fate(&t->arena, json_object_get(record, "verdict"));
	read_steps(t, json_object_get(record, "steps"), json_object_get(record, "settings"));
	read_positive(t, json_object_get(positive, "steps"));
	read_results(t, json_object_get(record, "results"));
	read_history(t, json_object_get(record, "history"));
	read_verdict(t, json_object_get(record, "verdict"));
	return t;
}

void snap_trace_unref(struct snap_trace *t)
{
	if (!t || --t->refs > 0)
		return;
	arena_release(&t->arena);
	free(t);
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

/* A path's last part; of a checkpoint, "last" or "best" alone, with its folder and that one's: "race-1/bear/last". */
static const char *base_name(const char *path)
{
	size_t end = strlen(path), start, parts = 1;

	while (end > 1 && path[end - 1] == '/')
		end--;
	if (end > 5 && (!strncmp(path + end - 5, "/last", 5) || !strncmp(path + end - 5, "/best", 5)))
		parts = 3;
	for (start = end; start > 0; start--)
		if (path[start - 1] == '/' && --parts == 0)
			break;
	return path + start;
}

const char *snap_keep_model(struct arena *a, const char *path, const char *adapter)
{
	const char *kept;
	char *both;

	if (!adapter)
		return snap_keep_shown(a, base_name(path));
	both = xasprintf("%s + %s", base_name(path), base_name(adapter));
	kept = snap_keep_shown(a, both);
	free(both);
	return kept;
}

/* What is loaded, in the words of the top line. Only when no job runs: the model and the data may be the worker's. */
static void show_loaded(struct snapshot *n, const struct session *s)
{
	const struct loaded *l = &s->loaded;
	json_t *settings = record_settings(s);

	n->model_shown = l->model ? snap_keep_model(&n->arena, l->model->path, l->model->adapter) : "";
	n->model_weights = l->model && !l->model->is_table ? llama_params(l->model->lm)->elements : 0;
	n->data_shown = snap_keep_shown(&n->arena, l->data ? l->data->dataset->name : "");
	n->split_shown = snap_keep_shown(&n->arena, split_name((enum split_kind)s->now.split));
	n->settings_shown = snap_keep_settings(&n->arena, settings);
	json_decref(settings);
	n->rival = l->model && l->model->rival ? keep(&n->arena, l->model->rival) : NULL;
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

	n->case_id = id ? keep(&n->arena, id) : NULL;
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
	n->width = before->width;
	n->n_cases = before->n_cases;
	n->case_index = before->case_index;
	n->case_id = before->case_id ? keep(&n->arena, before->case_id) : NULL;
	n->previous_id = before->previous_id ? keep(&n->arena, before->previous_id) : NULL;
	n->next_id = before->next_id ? keep(&n->arena, before->next_id) : NULL;
	n->rival = before->rival ? keep(&n->arena, before->rival) : NULL;
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
