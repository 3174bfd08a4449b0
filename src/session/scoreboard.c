#include "session/scoreboard.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/utf8.h"
#include "session/snap_text.h"

const struct race_figure_entry race_figures[RACE_FIGURES] = {
	[RACE_NDCG] = {"ndcg", "NDCG", true, false, RACE_GAIN},
	[RACE_HR] = {"hr", "HR", true, false, RACE_SHARE},
	[RACE_EXACT_NDCG] = {"exact_ndcg", "exact NDCG", true, false, RACE_GAIN},
	[RACE_EXACT_HR] = {"exact_hr", "exact HR", true, false, RACE_SHARE},
	[RACE_PRUNING_RATE] = {"pruning_rate", "wrongly pruned", false, true, RACE_SHARE},
	[RACE_SEARCH_RECALL] = {"search_recall", "search recall", true, false, RACE_SHARE},
	[RACE_CONDITION_VIOLATED] = {"condition_violated", "condition violated", false, true, RACE_SHARE},
	[RACE_LUCKY] = {"lucky", "lucky returns", false, true, RACE_SHARE},
	[RACE_NLL_BEFORE] = {"nll_before", "NLL (mask before)", false, true, RACE_NATS},
	[RACE_NLL_AFTER] = {"nll_after", "NLL (mask after)", false, true, RACE_NATS},
};

void race_figure_name(char name[RACE_FIGURE_NAME], enum race_figure f, size_t width, bool title)
{
	const struct race_figure_entry *e = &race_figures[f];

	if (e->at_width)
		snprintf(name, RACE_FIGURE_NAME, "%s@%zu", title ? e->title : e->key, width);
	else
		snprintf(name, RACE_FIGURE_NAME, "%s", title ? e->title : e->key);
}

void race_figures_find(struct snap_figure figures[RACE_FIGURES], const struct metrics *m)
{
	const struct figure *const from[RACE_FIGURES] = {
		[RACE_NDCG] = &m->ndcg,
		[RACE_HR] = &m->hr,
		[RACE_EXACT_NDCG] = &m->exact_ndcg,
		[RACE_EXACT_HR] = &m->exact_hr,
		[RACE_PRUNING_RATE] = &m->pruning_rate,
		[RACE_SEARCH_RECALL] = &m->search_recall,
		[RACE_CONDITION_VIOLATED] = &m->condition_violated,
		[RACE_LUCKY] = &m->lucky,
		[RACE_NLL_BEFORE] = &m->nll_before,
		[RACE_NLL_AFTER] = &m->nll_after,
	};

	for (size_t i = 0; i < RACE_FIGURES; i++)
		figures[i] = (struct snap_figure){from[i]->value, from[i]->low, from[i]->high, from[i]->n};
}

struct scoreboard *scoreboard_new(void)
{
	struct scoreboard *b = xcalloc(1, sizeof(*b));

	pthread_mutex_init(&b->lock, NULL);
	arena_init(&b->head.arena);
	return b;
}

void scoreboard_free(struct scoreboard *b)
{
	if (!b)
		return;
	for (size_t i = 0; i < TRAIN_RUNNERS; i++) {
		vec_release(&b->runners[i].points);
		vec_release(&b->runners[i].evals);
	}
	buf_release(&b->text);
	arena_release(&b->head.arena);
	pthread_mutex_destroy(&b->lock);
	free(b);
}

void scoreboard_count_on(struct scoreboard *b, const struct scoreboard *other)
{
	if (b->races < other->races)
		b->races = other->races;
}

void scoreboard_begin(struct scoreboard *b, const struct train_config *config, const struct scoreboard_words *words)
{
	struct arena *a = &b->head.arena;

	pthread_mutex_lock(&b->lock);
	arena_clear(a);
	b->head = (struct snap_race){
		.arena = *a,
		.number = ++b->races,
		.running = true,
		.left = (double)NAN,
		.runners = b->heads,
		.n_runners = config->n_runners,
		.notes_shown = b->notes,
	};
	b->head.settings_shown = snap_keep_shown(a, words->settings);
	b->head.eval_shown = snap_keep_shown(a, words->eval);
	b->head.eval_settings_shown = snap_keep_shown(a, words->eval_settings);
	b->head.dir_shown = snap_keep_shown(a, words->dir ? words->dir : "");
	b->head.dir = arena_strdup(a, words->dir ? words->dir : "");
	b->head.open_with = arena_strdup(a, words->open_with);
	b->head.ending_shown = "";
	for (size_t i = 0; i < config->n_runners; i++) {
		struct race_runner *k = &b->runners[i];

		b->heads[i] = (struct snap_runner){.name_shown = snap_keep_shown(a, config->runners[i].name)};
		vec_clear(&k->points);
		vec_clear(&k->evals);
		k->point_thinning = k->eval_thinning = (struct thinning){.stride = 1};
		k->newest.cases = 0;
		k->mean = (struct race_mean){0};
	}
	b->version++;
	pthread_mutex_unlock(&b->lock);
}

void scoreboard_end(struct scoreboard *b, enum race_ending ending, const char *words)
{
	pthread_mutex_lock(&b->lock);
	b->head.running = false;
	b->head.ending = ending;
	b->head.ending_shown = snap_keep_shown(&b->head.arena, words);
	b->head.cases = 0;
	b->head.left = 0;
	b->version++;
	pthread_mutex_unlock(&b->lock);
}

static bool thinning_takes(struct thinning *t)
{
	return t->seen++ % t->stride == 0;
}

/* Every second of n elements goes, the first stays; how many are left. */
static size_t thin_out(struct thinning *t, void *at, size_t n, size_t size)
{
	char *bytes = at;

	for (size_t i = 1; 2 * i < n; i++)
		memcpy(bytes + i * size, bytes + 2 * i * size, size);
	t->stride *= 2;
	return (n + 1) / 2;
}

double race_smooth(struct race_mean *m, double loss)
{
	m->mean = RACE_SMOOTHING * m->mean + (1 - RACE_SMOOTHING) * loss;
	m->weight = RACE_SMOOTHING * m->weight + (1 - RACE_SMOOTHING);
	return m->mean / m->weight;
}

/* The step up to which every runner has come that has not stopped early; where all have, the latest. */
static size_t common_step(const struct scoreboard *b)
{
	size_t least = SIZE_MAX, most = 0;

	for (size_t i = 0; i < b->head.n_runners; i++) {
		const struct snap_runner *h = &b->heads[i];

		if (h->state != RUNNER_STOPPED_EARLY && h->step < least)
			least = h->step;
		if (h->step > most)
			most = h->step;
	}
	return least < SIZE_MAX ? least : most;
}

static void on_planned(struct scoreboard *b, const struct train_event *e)
{
	b->head.step = b->head.saved_step = e->step; /* 0, or where the checkpoint stands from which it goes on */
	b->head.steps = e->steps;
	b->head.memory = e->memory;
	for (size_t i = 0; i < b->head.n_runners; i++)
		b->heads[i].step = e->step;
}

static void on_step(struct scoreboard *b, const struct train_event *e)
{
	struct race_runner *k = &b->runners[e->runner];
	struct snap_runner *h = &b->heads[e->runner];

	h->last = (struct snap_point){
		.step = e->step,
		.loss = e->loss,
		.smoothed = race_smooth(&k->mean, e->loss),
		.grad_norm = e->grad_norm,
		.lr = e->lr,
		.tokens_per_second = e->seconds > 0 ? (double)e->tokens / e->seconds : (double)NAN,
	};
	h->step = e->step;
	h->state = e->step >= e->steps ? RUNNER_DONE : RUNNER_RUNNING;
	h->tokens += e->tokens;
	h->seconds += e->seconds;
	h->search_seconds += e->search_seconds;
	b->head.steps = e->steps;
	b->head.step = common_step(b);
	b->head.left = e->left;
	if (!thinning_takes(&k->point_thinning))
		return;
	if (k->points.n == RACE_POINTS - 1) {
		k->points.n = thin_out(&k->point_thinning, k->points.at, k->points.n, sizeof(*k->points.at));
		if ((k->point_thinning.seen - 1) % k->point_thinning.stride != 0)
			return;
	}
	vec_push(&k->points, h->last);
}

static void on_eval(struct scoreboard *b, const struct train_event *e)
{
	struct race_runner *k = &b->runners[e->runner];

	k->newest = (struct snap_eval){
		.step = e->step,
		.width = e->metrics->width,
		.cases = e->metrics->cases,
		.undecided = e->metrics->undecided,
	};
	race_figures_find(k->newest.figures, e->metrics);
	if (!thinning_takes(&k->eval_thinning))
		return;
	if (k->evals.n == RACE_EVALS - 1) {
		k->evals.n = thin_out(&k->eval_thinning, k->evals.at, k->evals.n, sizeof(*k->evals.at));
		if ((k->eval_thinning.seen - 1) % k->eval_thinning.stride != 0)
			return;
	}
	vec_push(&k->evals, k->newest);
}

void scoreboard_past(struct scoreboard *b, const struct train_event *e)
{
	pthread_mutex_lock(&b->lock);
	b->version++;
	if (e->kind == TRAIN_STEP)
		on_step(b, e);
	else if (e->kind == TRAIN_EVAL)
		on_eval(b, e);
	pthread_mutex_unlock(&b->lock);
}

static void on_text(struct scoreboard *b, const struct train_event *e)
{
	buf_clear(&b->text);
	if (e->text)
		utf8_show(&b->text, e->text, strlen(e->text), false);
	if (e->kind == TRAIN_SAVED)
		b->head.saved_step = e->step;
	else if (b->head.n_notes < RACE_NOTES)
		b->notes[b->head.n_notes++] = arena_strndup(&b->head.arena, buf_str(&b->text), b->text.len);
}

void scoreboard_event(struct scoreboard *b, const struct train_event *e, struct race_news *news)
{
	static const enum race_news_kind kinds[] = {
		[TRAIN_PLANNED] = RACE_PLANNED,
		[TRAIN_STEP] = RACE_STEPPED,
		[TRAIN_CASE] = RACE_JUDGING,
		[TRAIN_EVAL] = RACE_EVALUATED,
		[TRAIN_SAVED] = RACE_SAVED,
		[TRAIN_NOTE] = RACE_NOTED,
		[TRAIN_STOPPED] = RACE_STOPPED_EARLY,
	};

	*news = (struct race_news){.kind = kinds[e->kind], .race = &b->head};
	pthread_mutex_lock(&b->lock);
	b->version++;
	switch (e->kind) {
	case TRAIN_PLANNED:
		on_planned(b, e);
		break;
	case TRAIN_STEP:
		on_step(b, e);
		news->runner = &b->heads[e->runner];
		break;
	case TRAIN_CASE:
		b->head.judged = e->runner;
		b->head.done = e->done;
		b->head.cases = e->cases;
		news->runner = &b->heads[e->runner];
		break;
	case TRAIN_EVAL:
		b->head.cases = 0;
		on_eval(b, e);
		news->runner = &b->heads[e->runner];
		news->eval = &b->runners[e->runner].newest;
		break;
	case TRAIN_SAVED:
	case TRAIN_NOTE:
		on_text(b, e);
		news->text_shown = buf_str(&b->text);
		break;
	case TRAIN_STOPPED:
		b->heads[e->runner].state = RUNNER_STOPPED_EARLY;
		b->head.step = common_step(b);
		news->runner = &b->heads[e->runner];
		break;
	}
	pthread_mutex_unlock(&b->lock);
}

static void copy_runner(struct arena *a, struct snap_runner *to, const struct snap_runner *head,
	const struct race_runner *k)
{
	struct snap_point *points = arena_alloc(a, (k->points.n + 1) * sizeof(*points));
	struct snap_eval *evals = arena_alloc(a, (k->evals.n + 1) * sizeof(*evals));
	size_t n = k->points.n, m = k->evals.n;

	*to = *head;
	to->name_shown = arena_strdup(a, head->name_shown);
	if (n > 0)
		memcpy(points, k->points.at, n * sizeof(*points));
	if (head->last.step > 0 && (n == 0 || points[n - 1].step != head->last.step))
		points[n++] = head->last;
	if (m > 0)
		memcpy(evals, k->evals.at, m * sizeof(*evals));
	if (k->newest.cases > 0 && (m == 0 || evals[m - 1].step != k->newest.step))
		evals[m++] = k->newest;
	to->points = points;
	to->n_points = n;
	to->evals = evals;
	to->n_evals = m;
}

/* With the lock held. */
static struct snap_race *copy(const struct scoreboard *b)
{
	struct snap_race *s = xcalloc(1, sizeof(*s));
	struct snap_runner *runners;
	const char **notes;

	*s = b->head;
	arena_init(&s->arena);
	s->refs = 1;
	s->settings_shown = arena_strdup(&s->arena, b->head.settings_shown);
	s->dir_shown = arena_strdup(&s->arena, b->head.dir_shown);
	s->dir = arena_strdup(&s->arena, b->head.dir);
	s->open_with = arena_strdup(&s->arena, b->head.open_with);
	s->ending_shown = arena_strdup(&s->arena, b->head.ending_shown);
	s->eval_shown = arena_strdup(&s->arena, b->head.eval_shown);
	s->eval_settings_shown = arena_strdup(&s->arena, b->head.eval_settings_shown);
	runners = arena_alloc(&s->arena, s->n_runners * sizeof(*runners));
	for (size_t i = 0; i < s->n_runners; i++)
		copy_runner(&s->arena, &runners[i], &b->heads[i], &b->runners[i]);
	s->runners = runners;
	notes = arena_alloc(&s->arena, (s->n_notes + 1) * sizeof(*notes));
	for (size_t i = 0; i < s->n_notes; i++)
		notes[i] = arena_strdup(&s->arena, b->notes[i]);
	s->notes_shown = notes;
	return s;
}

struct snap_race *scoreboard_copy(struct scoreboard *b, unsigned long *version)
{
	struct snap_race *s = NULL;

	pthread_mutex_lock(&b->lock);
	if (b->version != *version)
		s = copy(b);
	*version = b->version;
	pthread_mutex_unlock(&b->lock);
	return s;
}

unsigned long scoreboard_version(struct scoreboard *b)
{
	unsigned long version;

	pthread_mutex_lock(&b->lock);
	version = b->version;
	pthread_mutex_unlock(&b->lock);
	return version;
}

void snap_race_unref(struct snap_race *s)
{
	if (!s || --s->refs > 0)
		return;
	arena_release(&s->arena);
	free(s);
}
