#include "train/evalfigures.h"

#include <math.h>
#include <stdio.h>

static const struct {
	const char *name;
	bool at_width; /* "@K" follows */
	bool share;
	size_t offset;
} figures[] = {
	{"hr", true, true, offsetof(struct metrics, hr)},
	{"ndcg", true, false, offsetof(struct metrics, ndcg)},
	{"exact_hr", true, true, offsetof(struct metrics, exact_hr)},
	{"exact_ndcg", true, false, offsetof(struct metrics, exact_ndcg)},
	{"pruning_rate", false, true, offsetof(struct metrics, pruning_rate)},
	{"search_recall", true, false, offsetof(struct metrics, search_recall)},
	{"lucky", false, true, offsetof(struct metrics, lucky)},
	{"condition_violated", false, true, offsetof(struct metrics, condition_violated)},
	{"nll_before", false, false, offsetof(struct metrics, nll_before)},
	{"nll_after", false, false, offsetof(struct metrics, nll_after)},
};

#define KEY_MAX 48

static void figure_key(char key[KEY_MAX], size_t i, size_t width)
{
	if (figures[i].at_width)
		snprintf(key, KEY_MAX, "%s@%zu", figures[i].name, width);
	else
		snprintf(key, KEY_MAX, "%s", figures[i].name);
}

static const struct figure *figure_of(const struct metrics *m, size_t i)
{
	return (const struct figure *)(const void *)((const char *)m + figures[i].offset);
}

json_t *evalfigures_json(const struct metrics *m)
{
	json_t *eval = json_object(), *low = json_object(), *high = json_object(), *count = json_object(),
	       *n = json_object();
	char key[KEY_MAX];

	for (size_t i = 0; i < ARRAY_LEN(figures); i++) {
		const struct figure *f = figure_of(m, i);

		figure_key(key, i, m->width);
		json_object_set_new(eval, key, json_real_or_null(f->value));
		json_object_set_new(low, key, json_real_or_null(f->low));
		json_object_set_new(high, key, json_real_or_null(f->high));
		json_object_set_new(count, key, json_integer((json_int_t)f->count));
		json_object_set_new(n, key, json_integer((json_int_t)f->n));
	}
	json_object_set_new(eval, "cases", json_integer((json_int_t)m->cases));
	json_object_set_new(eval, "undecided", json_integer((json_int_t)m->undecided));
	json_object_set_new(eval, "low", low);
	json_object_set_new(eval, "high", high);
	json_object_set_new(eval, "count", count);
	json_object_set_new(eval, "n", n);
	return eval;
}

static bool read_real(const json_t *object, const char *key, double *out)
{
	const json_t *value = json_object_get(object, key);

	*out = json_is_number(value) ? json_number_value(value) : NAN;
	return json_is_number(value) || json_is_null(value);
}

static bool read_count(const json_t *object, const char *key, size_t *out)
{
	const json_t *value = json_object_get(object, key);

	*out = (size_t)json_integer_value(value);
	return json_is_integer(value) && json_integer_value(value) >= 0;
}

bool evalfigures_read(struct metrics *m, const json_t *eval, size_t width)
{
	bool whole = read_count(eval, "cases", &m->cases) && read_count(eval, "undecided", &m->undecided);
	char key[KEY_MAX];

	m->width = width;
	for (size_t i = 0; whole && i < ARRAY_LEN(figures); i++) {
		struct figure *f = (struct figure *)(void *)((char *)m + figures[i].offset);

		figure_key(key, i, width);
		f->share = figures[i].share;
		whole = read_real(eval, key, &f->value) && read_real(json_object_get(eval, "low"), key, &f->low) &&
			read_real(json_object_get(eval, "high"), key, &f->high) &&
			read_count(json_object_get(eval, "count"), key, &f->count) &&
			read_count(json_object_get(eval, "n"), key, &f->n);
	}
	return whole;
}
