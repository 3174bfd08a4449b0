#include <math.h>
#include <stdio.h>

#include "diagnose/slices.h"
#include "diagnose/tally.h"

#define KEY 40 /* bytes of a figure's name */

static json_t *count(size_t n)
{
	return json_integer((json_int_t)n);
}

json_t *figure_json(const struct figure *f)
{
	json_t *v = json_object();

	json_object_set_new(v, "value", json_real_or_null(f->value));
	if (f->share)
		json_object_set_new(v, "count", count(f->count));
	json_object_set_new(v, "n", count(f->n));
	json_object_set_new(v, "low", json_real_or_null(f->low));
	json_object_set_new(v, "high", json_real_or_null(f->high));
	return v;
}

static void add(json_t *object, const char *name, const struct figure *f)
{
	json_object_set_new(object, name, figure_json(f));
}

static void add_at(json_t *object, const char *name, size_t k, const struct figure *f)
{
	char key[KEY];

	snprintf(key, sizeof(key), "%s@%zu", name, k);
	json_object_set_new(object, key, figure_json(f));
}

void metrics_json(json_t *figures, const struct metrics *m)
{
	add_at(figures, "hr", m->width, &m->hr);
	add_at(figures, "ndcg", m->width, &m->ndcg);
	add_at(figures, "exact_hr", m->width, &m->exact_hr);
	add_at(figures, "exact_ndcg", m->width, &m->exact_ndcg);
	add(figures, "pruning_rate", &m->pruning_rate);
	add_at(figures, "search_recall", m->width, &m->search_recall);
	add(figures, "lucky", &m->lucky);
	add(figures, "condition_violated", &m->condition_violated);
	add(figures, "nll_before", &m->nll_before);
	add(figures, "nll_after", &m->nll_after);
}

static json_t *figures_json(const struct tally *t)
{
	json_t *v = json_object();

	for (size_t i = 0; i < t->n_at; i++) {
		const struct tally_at *a = &t->at[i];

		add_at(v, "hr", a->k, &a->hr);
		add_at(v, "ndcg", a->k, &a->ndcg);
		add_at(v, "item_hr", a->k, &a->item_hr);
		add_at(v, "item_ndcg", a->k, &a->item_ndcg);
		add_at(v, "exact_hr", a->k, &a->exact_hr);
		add_at(v, "exact_ndcg", a->k, &a->exact_ndcg);
	}
	metrics_json(v, &t->metrics);
	add(v, "held_yet_pruned", &t->held_yet_pruned);
	return v;
}

/* Names and their counts. */
static json_t *verdicts_json(const struct tally *t)
{
	json_t *v = json_object();

	for (int i = 0; i < TALLY_KINDS; i++)
		json_object_set_new(v, verdict_name((enum verdict_kind)i), count(t->kinds[i]));
	return v;
}

static json_t *unreachable_json(const struct tally *t)
{
	json_t *v = json_object();

	for (int i = UNREACHABLE_NOT + 1; i < TALLY_WHYS; i++)
		json_object_set_new(v, unreachable_name((enum unreachable_why)i), count(t->whys[i]));
	return v;
}

static json_t *five_json(const double x[5])
{
	json_t *v = json_array();

	for (size_t i = 0; i < 5; i++)
		json_array_append_new(v, json_real_or_null(x[i]));
	return v;
}

static json_t *steps_json(const struct tally *t)
{
	json_t *all = json_array();

	for (size_t i = 0; i < t->n_steps; i++) {
		const struct tally_step *s = &t->steps[i];
		json_t *v = json_object();

		json_object_set_new(v, "step", count(s->step));
		json_object_set_new(v, "n", count(s->n));
		json_object_set_new(v, "alive", count(s->alive));
		json_object_set_new(v, "pruned", count(s->pruned));
		json_object_set_new(v, "wrongly_pruned", count(s->wrongly));
		json_object_set_new(v, "condition_violated", count(s->violated));
		json_object_set_new(v, "prefix_margin", five_json(s->prefix_margin));
		json_object_set_new(v, "token_margin", five_json(s->token_margin));
		json_array_append_new(all, v);
	}
	return all;
}

static json_t *survival_json(const struct tally *t)
{
	json_t *all = json_array();

	for (size_t i = 0; i < t->n_widths; i++) {
		const struct tally_width *w = &t->widths[i];
		json_t *v = json_object();

		json_object_set_new(v, "beam", count(w->width));
		json_object_set_new(v, "saved", count(w->saved));
		add(v, "hr", &w->hr);
		add(v, "exact_hr", &w->exact_hr);
		add(v, "pruning_rate", &w->pruning_rate);
		add(v, "search_recall", &w->search_recall);
		json_array_append_new(all, v);
	}
	return all;
}

static json_t *pair_json(const char *a, size_t x, const char *b, size_t y)
{
	json_t *v = json_object();

	json_object_set_new(v, a, count(x));
	json_object_set_new(v, b, count(y));
	return v;
}

json_t *tally_json(const struct tally *t, const struct survey *s)
{
	json_t *v = json_object(), *smallest = pair_json("n", t->smallest_n, "median", t->smallest_median);

	if (t->smallest_n == 0)
		json_object_set_new(smallest, "median", json_null());
	json_object_set_new(v, "cases", count(t->cases));
	json_object_set_new(v, "split_cases", count(t->split_cases));
	json_object_set_new(v, "beam", count(t->width));
	json_object_set_new(v, "undecided", count(t->metrics.undecided));
	json_object_set_new(v, "verdicts", verdicts_json(t));
	json_object_set_new(v, "unreachable", unreachable_json(t));
	json_object_set_new(v, "figures", figures_json(t));
	json_object_set_new(v, "steps", steps_json(t));
	json_object_set_new(v, "survival", survival_json(t));
	json_object_set_new(v, "smallest_beam", smallest);
	json_object_set_new(v, "scored", pair_json("median", t->scored_median, "most", t->scored_most));
	if (s)
		json_object_set_new(v, "slices", slices_json(s));
	return v;
}
