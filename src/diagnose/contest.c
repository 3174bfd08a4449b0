#include "diagnose/contest.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

const char *const flip_names[FLIP_KINDS] = {
	[FLIP_HIT] = "hit",
	[FLIP_PRUNED] = "pruned",
	[FLIP_EXACT_HIT] = "exact_hit",
	[FLIP_CONDITION] = "condition",
};

const char *const mean_names[MEAN_KINDS] = {
	[MEAN_NDCG] = "ndcg",
	[MEAN_EXACT_NDCG] = "exact_ndcg",
	[MEAN_RECALL] = "search_recall",
	[MEAN_NLL] = "nll_before",
};

/* A survey's findings by index. */
struct view {
	const struct finding **at; /* owned, [n] */
	size_t n;
};

/* One case in both surveys of a bout. */
struct pair {
	const struct finding *first, *second;
};

static int by_index(const void *left, const void *right)
{
	const struct finding *a = *(const struct finding *const *)left, *b = *(const struct finding *const *)right;

	return a->index < b->index ? -1 : a->index > b->index;
}

static void view_init(struct view *v, const struct survey *s)
{
	v->n = s->findings.n;
	v->at = xcalloc(v->n + 1, sizeof(*v->at));
	for (size_t i = 0; i < v->n; i++)
		v->at[i] = &s->findings.at[i];
	qsort(v->at, v->n, sizeof(*v->at), by_index);
}

static void views_free(struct view *views, size_t n)
{
	for (size_t i = 0; i < n; i++)
		free(views[i].at);
	free(views);
}

/* The finding of that index, looked for from *at on, which goes on to it; NULL: there is none. */
static const struct finding *view_find(const struct view *v, size_t index, size_t *at)
{
	while (*at < v->n && v->at[*at]->index < index)
		++*at;
	return *at < v->n && v->at[*at]->index == index ? v->at[*at] : NULL;
}

static const char *setting(const struct contender *c, const char *key)
{
	const char *text = json_string_value(json_object_get(c->survey->settings, key));

	return text ? text : "";
}

/* Both are of one split of one dataset. */
static int check_same(const struct contender *first, const struct contender *second, struct err *err)
{
	if (strcmp(setting(first, "cases_digest"), setting(second, "cases_digest")) != 0)
		return err_set(err, ERR_VALUE,
			"'%s' and '%s' cannot be compared: their datasets '%s' and '%s' are not the same", first->name,
			second->name, setting(first, "data"), setting(second, "data"));
	if (strcmp(setting(first, "split"), setting(second, "split")) != 0)
		return err_set(err, ERR_VALUE,
			"'%s' and '%s' cannot be compared: one is of the %s split, the other of the %s split",
			first->name, second->name, setting(first, "split"), setting(second, "split"));
	return 0;
}

/* The cases of two views that both have. Caller frees. */
static int pair_up(struct pair **pairs, size_t *n, const struct contender *first, const struct view *a,
	const struct contender *second, const struct view *b, struct err *err)
{
	size_t at = 0;

	*pairs = xcalloc(a->n + 1, sizeof(**pairs));
	*n = 0;
	for (size_t i = 0; i < a->n; i++) {
		const struct finding *f = a->at[i], *g = view_find(b, f->index, &at);

		if (!g)
			continue;
		if (strcmp(f->id, g->id) != 0)
			return err_set(err, ERR_VALUE,
				"'%s' and '%s' cannot be compared: case %zu of the split is '%s' in one and '%s' in "
				"the other",
				first->name, second->name, f->index, f->id, g->id);
		(*pairs)[(*n)++] = (struct pair){f, g};
	}
	return 0;
}

static bool unreachable(const struct finding *f)
{
	return f->outcome.kind == VERDICT_UNREACHABLE;
}

static bool hit(const struct finding *f, size_t k)
{
	return f->outcome.rank > 0 && f->outcome.rank <= k;
}

/* 1, 0, or -1 where nothing decides it. */
static int answer(const struct finding *f, enum flip_kind kind, size_t k)
{
	switch (kind) {
	case FLIP_HIT:
		return hit(f, k);
	case FLIP_PRUNED:
		return hit(f, k) ? 0 : metrics_exact_within(f, k);
	case FLIP_EXACT_HIT:
		return metrics_exact_within(f, k);
	case FLIP_CONDITION:
		return unreachable(f) ? -1 : f->outcome.condition_holds;
	case FLIP_KINDS:
		break;
	}
	BUG("flip of kind %d", (int)kind);
}

/* NaN where there is none. */
static double value(const struct finding *f, enum mean_kind kind, size_t k)
{
	const struct outcome *o = &f->outcome;

	switch (kind) {
	case MEAN_NDCG:
		return metrics_gain(o->rank, k);
	case MEAN_EXACT_NDCG:
		if (metrics_exact_within(f, k) == 0)
			return 0;
		return o->exact_proved ? metrics_gain(o->exact_rank, k) : (double)NAN;
	case MEAN_RECALL:
		return o->exact_n > 0 ? (double)o->recalled / (double)o->exact_n : (double)NAN;
	case MEAN_NLL:
		return isfinite(o->nll_before) ? o->nll_before : (double)NAN;
	case MEAN_KINDS:
		break;
	}
	BUG("mean of kind %d", (int)kind);
}

/* What a bout is made of: pairs, and room for as many pairs of numbers. */
struct bout_work {
	const struct contest *contest;
	const struct pair *pairs; /* [n] */
	size_t n;
	double *x, *y; /* [n] */
	uint64_t seed;
};

/* Over the pairs at one place; place NULL: over all. */
static void test_flips(
	struct flip_test *t, const struct bout_work *w, enum flip_kind kind, const int *place, int only)
{
	double ignored;

	*t = (struct flip_test){0};
	for (size_t i = 0; i < w->n; i++) {
		int x = answer(w->pairs[i].first, kind, w->contest->k);
		int y = answer(w->pairs[i].second, kind, w->contest->k);

		if (x < 0 || y < 0 || (place && place[i] != only))
			continue;
		w->x[t->n] = x;
		w->y[t->n] = y;
		t->n++;
		t->gained += x < y;
		t->lost += x > y;
	}
	t->p = figure_mcnemar(t->gained, t->lost);
	t->difference = figure_paired(w->x, w->y, t->n, w->seed, &ignored);
}

static void test_mean(struct mean_test *t, const struct bout_work *w, enum mean_kind kind)
{
	*t = (struct mean_test){0};
	for (size_t i = 0; i < w->n; i++) {
		double x = value(w->pairs[i].first, kind, w->contest->k);
		double y = value(w->pairs[i].second, kind, w->contest->k);

		if (isnan(x) || isnan(y))
			continue;
		w->x[t->n] = x;
		w->y[t->n] = y;
		t->n++;
	}
	t->difference = figure_paired(w->x, w->y, t->n, w->seed, &t->p);
}

static void note_changes(struct bout *b, const struct bout_work *w)
{
	b->changed = xcalloc(w->n + 1, sizeof(*b->changed));
	for (size_t i = 0; i < w->n; i++) {
		const struct finding *f = w->pairs[i].first, *g = w->pairs[i].second;

		b->verdicts[f->outcome.kind][g->outcome.kind]++;
		if (f->outcome.kind != g->outcome.kind)
			b->changed[b->n_changed++] = (struct flip){f, g};
	}
}

/* The findings of one side of the pairs as a survey, all borrowed but the vector, which the caller releases. */
static void borrow_survey(
	struct survey *s, const struct survey *of, const struct finding *const *findings, size_t n)
{
	*s = *of;
	memset(&s->findings, 0, sizeof(s->findings));
	for (size_t i = 0; i < n; i++)
		vec_push(&s->findings, *findings[i]);
}

static void compare_slices(struct bout *b, const struct bout_work *w, const struct slicing *by,
	const struct survey *first, int *place)
{
	struct slices slices;

	slices_init(&slices, by, first);
	for (size_t i = 0; i < w->n; i++)
		place[i] = slices_find(&slices, w->pairs[i].first);
	b->slices = xreallocarray(b->slices, b->n_slices + slices.n + 1, sizeof(*b->slices));
	for (size_t k = 0; k < slices.n; k++) {
		struct slice_difference *d = &b->slices[b->n_slices++];

		*d = (struct slice_difference){.by = by, .cases = slices.at[k].cases};
		memcpy(d->label, slices.at[k].label, sizeof(d->label));
		test_flips(&d->hit, w, FLIP_HIT, place, (int)k);
		test_flips(&d->pruned, w, FLIP_PRUNED, place, (int)k);
	}
	slices_release(&slices);
}

/* By what is known of a case before any search: what came of it is not the same case's in both surveys. */
static void compare_all_slices(struct bout *b, const struct bout_work *w, const struct survey *first)
{
	const struct finding **findings = xcalloc(w->n + 1, sizeof(*findings));
	int *place = xcalloc(w->n + 1, sizeof(*place));
	struct survey borrowed;

	for (size_t i = 0; i < w->n; i++)
		findings[i] = w->pairs[i].first;
	borrow_survey(&borrowed, first, findings, w->n);
	for (size_t i = 0; slicings[i]; i++)
		if (!slicing_column(slicings[i])->searched)
			compare_slices(b, w, slicings[i], &borrowed, place);
	vec_release(&borrowed.findings);
	free(findings);
	free(place);
}

static int bout_init(struct contest *c, size_t i, const struct view *views, struct err *err)
{
	const struct contender *first = &c->contenders[0];
	struct bout *b = &c->bouts[i - 1];
	struct bout_work w = {.contest = c, .seed = first->survey->seed};
	struct pair *pairs;
	int failed = pair_up(&pairs, &w.n, first, &views[0], &c->contenders[i], &views[i], err);

	if (!failed) {
		w.pairs = pairs;
		w.x = xcalloc(w.n + 1, sizeof(*w.x));
		w.y = xcalloc(w.n + 1, sizeof(*w.y));
		b->cases = w.n;
		for (int k = 0; k < FLIP_KINDS; k++)
			test_flips(&b->flips[k], &w, (enum flip_kind)k, NULL, 0);
		for (int k = 0; k < MEAN_KINDS; k++)
			test_mean(&b->means[k], &w, (enum mean_kind)k);
		note_changes(b, &w);
		compare_all_slices(b, &w, first->survey);
		free(w.x);
		free(w.y);
	}
	free(pairs);
	return failed;
}

/* Leaves in every view only the cases that all have; the views are the same length then. */
static void keep_common(struct view *views, size_t n, size_t *common)
{
	size_t *at = xcalloc(n, sizeof(*at));

	*common = 0;
	for (size_t i = 0; i < views[0].n; i++) {
		size_t index = views[0].at[i]->index, having = 1;

		for (size_t k = 1; k < n; k++)
			having += view_find(&views[k], index, &at[k]) != NULL;
		if (having < n)
			continue;
		/* The places written lie at or before those that were read. */
		views[0].at[*common] = views[0].at[i];
		for (size_t k = 1; k < n; k++)
			views[k].at[*common] = views[k].at[at[k]];
		++*common;
	}
	free(at);
}

/* At K, and at what is usual below and beyond it. */
static int tally_one(struct contest *c, size_t i, struct err *err)
{
	const size_t usual[] = {1, 5};
	size_t at[ARRAY_LEN(usual) + 2], n = 0;

	for (size_t k = 0; k < ARRAY_LEN(usual); k++)
		if (usual[k] < c->k)
			at[n++] = usual[k];
	at[n++] = c->k;
	if (c->surveys[i].width > c->k)
		at[n++] = c->surveys[i].width;
	return tally_init(&c->tallies[i], &c->surveys[i], at, n, err);
}

static int tally_common(struct contest *c, struct view *views, struct err *err)
{
	int failed = 0;

	keep_common(views, c->n, &c->common);
	if (c->common == 0)
		return err_set(err, ERR_VALUE, "no case is common to all that is compared");
	for (size_t i = 0; i < c->n && !failed; i++) {
		borrow_survey(&c->surveys[i], c->contenders[i].survey, views[i].at, c->common);
		failed = tally_one(c, i, err);
	}
	return failed;
}

int contest_init(struct contest *c, const struct contender *contenders, size_t n, struct err *err)
{
	struct view *views = xcalloc(n, sizeof(*views));
	int failed = 0;

	*c = (struct contest){.contenders = contenders, .n = n, .k = contenders[0].survey->width};
	c->surveys = xcalloc(n, sizeof(*c->surveys));
	c->tallies = xcalloc(n, sizeof(*c->tallies));
	c->bouts = xcalloc(n, sizeof(*c->bouts));
	for (size_t i = 0; i < n; i++) {
		view_init(&views[i], contenders[i].survey);
		c->k = contenders[i].survey->width < c->k ? contenders[i].survey->width : c->k;
	}
	for (size_t i = 1; i < n && !failed; i++)
		failed = check_same(&contenders[0], &contenders[i], err);
	for (size_t i = 1; i < n && !failed; i++)
		failed = bout_init(c, i, views, err);
	if (!failed)
		failed = tally_common(c, views, err);
	views_free(views, n);
	if (failed)
		contest_release(c);
	return failed;
}

void contest_release(struct contest *c)
{
	for (size_t i = 0; i < c->n; i++) {
		vec_release(&c->surveys[i].findings);
		tally_release(&c->tallies[i]);
		free(c->bouts[i].changed);
		free(c->bouts[i].slices);
	}
	free(c->surveys);
	free(c->tallies);
	free(c->bouts);
	*c = (struct contest){0};
}
