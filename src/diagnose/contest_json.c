#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "diagnose/contest.h"

#define KEY_MAX 48

static json_t *string(const char *s)
{
	return json_text(s, strlen(s));
}

static json_t *count(size_t n)
{
	return json_integer((json_int_t)n);
}

static json_t *count_or_null(size_t n)
{
	return n > 0 ? count(n) : json_null();
}

static json_t *difference(const struct figure *f)
{
	json_t *v = json_object();

	json_object_set_new(v, "value", json_real_or_null(f->value));
	json_object_set_new(v, "low", json_real_or_null(f->low));
	json_object_set_new(v, "high", json_real_or_null(f->high));
	return v;
}

json_t *flip_test_json(const struct flip_test *t)
{
	json_t *v = json_object();

	json_object_set_new(v, "n", count(t->n));
	json_object_set_new(v, "gained", count(t->gained));
	json_object_set_new(v, "lost", count(t->lost));
	json_object_set_new(v, "p", json_real(t->p));
	json_object_set_new(v, "difference", difference(&t->difference));
	return v;
}

json_t *mean_test_json(const struct mean_test *t)
{
	json_t *v = json_object();

	json_object_set_new(v, "n", count(t->n));
	json_object_set_new(v, "p", json_real(t->p));
	json_object_set_new(v, "difference", difference(&t->difference));
	return v;
}

static void set_at(json_t *object, const char *name, size_t k, json_t *value)
{
	char key[KEY_MAX];

	snprintf(key, sizeof(key), k > 0 ? "%s@%zu" : "%s", name, k);
	json_object_set_new(object, key, value);
}

static json_t *flips_json(const struct bout *b, size_t k)
{
	json_t *v = json_object();

	for (int i = 0; i < FLIP_KINDS; i++)
		set_at(v, flip_names[i], i == FLIP_HIT || i == FLIP_EXACT_HIT ? k : 0, flip_test_json(&b->flips[i]));
	return v;
}

/* Search recall is each survey's own: named after K only where that is the B of both. */
static json_t *means_json(const struct contest *c, size_t contender)
{
	const struct bout *b = &c->bouts[contender - 1];
	bool same = c->contenders[0].survey->width == c->k && c->contenders[contender].survey->width == c->k;
	const size_t at[MEAN_KINDS] = {
		[MEAN_NDCG] = c->k,
		[MEAN_EXACT_NDCG] = c->k,
		[MEAN_RECALL] = same ? c->k : 0,
	};
	json_t *v = json_object();

	for (int i = 0; i < MEAN_KINDS; i++)
		set_at(v, mean_names[i], at[i], mean_test_json(&b->means[i]));
	return v;
}

static json_t *verdicts_json(const struct bout *b)
{
	json_t *v = json_object();

	for (int i = 0; i < TALLY_KINDS; i++) {
		json_t *row = json_object();

		for (int k = 0; k < TALLY_KINDS; k++)
			json_object_set_new(row, verdict_name((enum verdict_kind)k), count(b->verdicts[i][k]));
		json_object_set_new(v, verdict_name((enum verdict_kind)i), row);
	}
	return v;
}

static json_t *verdict_json(const struct finding *f)
{
	json_t *v = json_object();

	json_object_set_new(v, "kind", json_string(verdict_name(f->outcome.kind)));
	json_object_set_new(v, "rank", count_or_null(f->outcome.rank));
	json_object_set_new(v, "exact_rank", count_or_null(f->outcome.exact_rank));
	json_object_set_new(v, "exact_rank_proved", json_boolean(f->outcome.exact_proved));
	json_object_set_new(v, "step", count_or_null(f->outcome.pruned_at));
	return v;
}

static json_t *changed_json(const struct bout *b)
{
	json_t *list = json_array();

	for (size_t i = 0; i < b->n_changed; i++) {
		const struct flip *f = &b->changed[i];
		json_t *v = json_object();

		json_object_set_new(v, "case", string(f->before->id));
		json_object_set_new(v, "item", string(f->before->item));
		json_object_set_new(v, "title", string(f->before->title));
		json_object_set_new(v, "before", verdict_json(f->before));
		json_object_set_new(v, "after", verdict_json(f->after));
		json_array_append_new(list, v);
	}
	return list;
}

static json_t *slices_difference_json(const struct bout *b)
{
	json_t *list = json_array();

	for (size_t i = 0; i < b->n_slices; i++) {
		const struct slice_difference *d = &b->slices[i];
		json_t *v = json_object();

		json_object_set_new(v, "by", json_string(d->by->name));
		json_object_set_new(v, "label", string(d->label));
		json_object_set_new(v, "cases", count(d->cases));
		json_object_set_new(v, "hit", flip_test_json(&d->hit));
		json_object_set_new(v, "pruned", flip_test_json(&d->pruned));
		json_array_append_new(list, v);
	}
	return list;
}

static json_t *bout_json(const struct contest *c, size_t i)
{
	const struct bout *b = &c->bouts[i - 1];
	json_t *v = json_object();

	json_object_set_new(v, "name", string(c->contenders[i].name));
	json_object_set_new(v, "against", string(c->contenders[0].name));
	json_object_set_new(v, "cases", count(b->cases));
	json_object_set_new(v, "flips", flips_json(b, c->k));
	json_object_set_new(v, "means", means_json(c, i));
	json_object_set_new(v, "verdicts", verdicts_json(b));
	json_object_set_new(v, "changed", changed_json(b));
	json_object_set_new(v, "slices", slices_difference_json(b));
	return v;
}

/* The figures of a tally under the name and settings of its contender. */
static json_t *contender_json(const struct contest *c, size_t i)
{
	const struct survey *survey = &c->surveys[i];
	json_t *v = json_object(), *figures = tally_json(&c->tallies[i], survey);

	json_object_set_new(v, "name", string(c->contenders[i].name));
	json_object_set(v, "settings", survey->settings ? survey->settings : json_null());
	json_object_update_missing(v, figures);
	json_decref(figures);
	return v;
}

json_t *contest_json(const struct contest *c)
{
	json_t *v = json_object(), *contenders = json_array(), *bouts = json_array();

	for (size_t i = 0; i < c->n; i++) {
		json_array_append_new(contenders, contender_json(c, i));
		if (i > 0)
			json_array_append_new(bouts, bout_json(c, i));
	}
	json_object_set_new(v, "cases", count(c->common));
	json_object_set_new(v, "k", count(c->k));
	json_object_set_new(v, "contenders", contenders);
	json_object_set_new(v, "bouts", bouts);
	return v;
}
