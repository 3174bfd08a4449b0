#include "session/race.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/utf8.h"

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

void race_init(struct race *r)
{
	memset(r, 0, sizeof(*r));
	pthread_mutex_init(&r->lock, NULL);
	arena_init(&r->head.arena);
}

void race_release(struct race *r)
{
	for (size_t i = 0; i < TRAIN_RUNNERS; i++) {
		vec_release(&r->runners[i].points);
		vec_release(&r->runners[i].evals);
	}
	buf_release(&r->text);
	arena_release(&r->head.arena);
	pthread_mutex_destroy(&r->lock);
}

static const char *keep_shown(struct arena *a, const char *text)
{
	struct buf b = {0};
	char *s;

	utf8_show(&b, text, strlen(text), false);
	s = arena_strndup(a, buf_str(&b), b.len);
	buf_release(&b);
	return s;
}

void race_begin(struct race *r, const struct train_config *config, const struct race_words *words)
{
	struct arena *a = &r->head.arena;

	pthread_mutex_lock(&r->lock);
	arena_clear(a);
	r->head = (struct snap_race){
		.arena = *a,
		.running = true,
		.left = (double)NAN,
		.runners = r->heads,
		.n_runners = config->n_runners,
		.notes_shown = r->notes,
	};
	r->head.settings_shown = keep_shown(a, words->settings);
	r->head.eval_shown = keep_shown(a, words->eval);
	r->head.dir_shown = keep_shown(a, words->dir ? words->dir : "");
	for (size_t i = 0; i < config->n_runners; i++) {
		struct race_runner *k = &r->runners[i];

		r->heads[i] = (struct snap_runner){.name_shown = keep_shown(a, config->runners[i].name)};
		vec_clear(&k->points);
		vec_clear(&k->evals);
		k->point_thinning = k->eval_thinning = (struct thinning){.stride = 1};
		k->newest.cases = 0;
		k->mean = k->weight = 0;
	}
	r->version++;
	pthread_mutex_unlock(&r->lock);
}

void race_end(struct race *r)
{
	pthread_mutex_lock(&r->lock);
	r->head.running = false;
	r->head.left = 0;
	r->version++;
	pthread_mutex_unlock(&r->lock);
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

/* The point of a step on the smoothed curve. */
static double smooth(struct race_runner *k, double loss)
{
	k->mean = RACE_SMOOTHING * k->mean + (1 - RACE_SMOOTHING) * loss;
	k->weight = RACE_SMOOTHING * k->weight + (1 - RACE_SMOOTHING);
	return k->mean / k->weight;
}

/* The step up to which every runner has come that has not stopped early; where all have, the latest. */
static size_t common_step(const struct race *r)
{
	size_t least = SIZE_MAX, most = 0;

	for (size_t i = 0; i < r->head.n_runners; i++) {
		const struct snap_runner *h = &r->heads[i];

		if (h->state != RUNNER_STOPPED_EARLY && h->step < least)
			least = h->step;
		if (h->step > most)
			most = h->step;
	}
	return least < SIZE_MAX ? least : most;
}

static void on_planned(struct race *r, const struct train_event *e)
{
	r->head.step = e->step;
	r->head.steps = e->steps;
	r->head.memory = e->memory;
	for (size_t i = 0; i < r->head.n_runners; i++)
		r->heads[i].step = e->step;
}

static void on_step(struct race *r, const struct train_event *e)
{
	struct race_runner *k = &r->runners[e->runner];
	struct snap_runner *h = &r->heads[e->runner];

	h->last = (struct snap_point){
		.step = e->step,
		.loss = e->loss,
		.smoothed = smooth(k, e->loss),
		.grad_norm = e->grad_norm,
		.lr = e->lr,
		.tokens_per_second = e->seconds > 0 ? (double)e->tokens / e->seconds : (double)NAN,
	};
	h->step = e->step;
	h->state = e->step >= e->steps ? RUNNER_DONE : RUNNER_RUNNING;
	h->tokens += e->tokens;
	h->seconds += e->seconds;
	h->search_seconds += e->search_seconds;
	r->head.steps = e->steps;
	r->head.step = common_step(r);
	r->head.left = e->left;
	if (!thinning_takes(&k->point_thinning))
		return;
	if (k->points.n == RACE_POINTS - 1) {
		k->points.n = thin_out(&k->point_thinning, k->points.at, k->points.n, sizeof(*k->points.at));
		if ((k->point_thinning.seen - 1) % k->point_thinning.stride != 0)
			return;
	}
	vec_push(&k->points, h->last);
}

static void on_eval(struct race *r, const struct train_event *e)
{
	struct race_runner *k = &r->runners[e->runner];

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

static void on_text(struct race *r, const struct train_event *e)
{
	buf_clear(&r->text);
	if (e->text)
		utf8_show(&r->text, e->text, strlen(e->text), false);
	if (e->kind == TRAIN_SAVED)
		r->head.saved_step = e->step;
	else if (r->head.n_notes < RACE_NOTES)
		r->notes[r->head.n_notes++] = arena_strndup(&r->head.arena, buf_str(&r->text), r->text.len);
}

void race_event(struct race *r, const struct train_event *e, struct race_news *news)
{
	static const enum race_news_kind kinds[] = {
		[TRAIN_PLANNED] = RACE_PLANNED,
		[TRAIN_STEP] = RACE_STEPPED,
		[TRAIN_EVAL] = RACE_EVALUATED,
		[TRAIN_SAVED] = RACE_SAVED,
		[TRAIN_NOTE] = RACE_NOTED,
		[TRAIN_STOPPED] = RACE_STOPPED_EARLY,
	};

	*news = (struct race_news){.kind = kinds[e->kind], .race = &r->head};
	pthread_mutex_lock(&r->lock);
	r->version++;
	switch (e->kind) {
	case TRAIN_PLANNED:
		on_planned(r, e);
		break;
	case TRAIN_STEP:
		on_step(r, e);
		news->runner = &r->heads[e->runner];
		break;
	case TRAIN_EVAL:
		on_eval(r, e);
		news->runner = &r->heads[e->runner];
		news->eval = &r->runners[e->runner].newest;
		break;
	case TRAIN_SAVED:
	case TRAIN_NOTE:
		on_text(r, e);
		news->text_shown = buf_str(&r->text);
		break;
	case TRAIN_STOPPED:
		r->heads[e->runner].state = RUNNER_STOPPED_EARLY;
		r->head.step = common_step(r);
		news->runner = &r->heads[e->runner];
		break;
	}
	pthread_mutex_unlock(&r->lock);
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
static struct snap_race *copy(const struct race *r)
{
	struct snap_race *s = xcalloc(1, sizeof(*s));
	struct snap_runner *runners;
	const char **notes;

	*s = r->head;
	arena_init(&s->arena);
	s->refs = 1;
	s->settings_shown = arena_strdup(&s->arena, r->head.settings_shown);
	s->dir_shown = arena_strdup(&s->arena, r->head.dir_shown);
	s->eval_shown = arena_strdup(&s->arena, r->head.eval_shown);
	runners = arena_alloc(&s->arena, s->n_runners * sizeof(*runners));
	for (size_t i = 0; i < s->n_runners; i++)
		copy_runner(&s->arena, &runners[i], &r->heads[i], &r->runners[i]);
	s->runners = runners;
	notes = arena_alloc(&s->arena, (s->n_notes + 1) * sizeof(*notes));
	for (size_t i = 0; i < s->n_notes; i++)
		notes[i] = arena_strdup(&s->arena, r->notes[i]);
	s->notes_shown = notes;
	return s;
}

struct snap_race *race_copy(struct race *r, unsigned long *version)
{
	struct snap_race *s = NULL;

	pthread_mutex_lock(&r->lock);
	if (r->version != *version)
		s = copy(r);
	*version = r->version;
	pthread_mutex_unlock(&r->lock);
	return s;
}

unsigned long race_version(struct race *r)
{
	unsigned long version;

	pthread_mutex_lock(&r->lock);
	version = r->version;
	pthread_mutex_unlock(&r->lock);
	return version;
}

void snap_race_unref(struct snap_race *s)
{
	if (!s || --s->refs > 0)
		return;
	arena_release(&s->arena);
	free(s);
}
