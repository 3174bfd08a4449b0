#include <math.h>
#include <stdio.h>
#include <string.h>

#include "diagnose/judgement.h"
#include "diagnose/tally.h"

#define KEY 40 /* bytes of a figure's name */

static json_t *count(size_t n)
{
	return json_integer((json_int_t)n);
}

static json_t *count_or_null(size_t n)
{
	return n > 0 ? count(n) : json_null();
}

static json_t *text_or_null(const char *text)
{
	return text ? json_text(text, strlen(text)) : json_null();
}

static void add(json_t *object, const char *name, const struct figure *f)
{
	json_object_set_new(object, name, figure_json(f));
}

static void add_at(json_t *object, const char *name, size_t k, const struct figure *f)
{
	char key[KEY];

	snprintf(key, sizeof(key), "%s@%zu", name, k);
	add(object, key, f);
}

static json_t *figures_json(const struct judgement *j)
{
	json_t *v = json_object();

	for (size_t i = 0; i < j->n_at; i++) {
		const struct judgement_at *a = &j->at_k[i];

		add_at(v, "hr", a->k, &a->hr);
		add_at(v, "ndcg", a->k, &a->ndcg);
		add_at(v, "item_hr", a->k, &a->item_hr);
		add_at(v, "item_ndcg", a->k, &a->item_ndcg);
	}
	add(v, "invalid", &j->invalid);
	add(v, "invalid_lists", &j->invalid_lists);
	add(v, "pruning_rate", &j->pruning_rate);
	add(v, "same_lists", &j->same_lists);
	return v;
}

static json_t *verdicts_json(const struct judgement *j)
{
	json_t *v;

	if (j->n_searched == 0)
		return json_null();
	v = json_object();
	for (int i = 0; i < JUDGEMENT_KINDS; i++)
		json_object_set_new(v, verdict_name((enum verdict_kind)i), count(j->kinds[i]));
	return v;
}

json_t *judgement_json(const struct judgement *j)
{
	const struct predictions *p = j->predictions;
	json_t *v = json_object();

	json_object_set_new(v, "file", text_or_null(p->doc.file));
	json_object_set_new(v, "form", json_string(prediction_form_name(p->form)));
	json_object_set_new(v, "entries", count(p->n));
	json_object_set_new(v, "split_cases", j->data ? count(j->data->splits[j->split].n) : json_null());
	json_object_set_new(v, "in_order", j->data ? json_boolean(j->in_order) : json_null());
	json_object_set_new(v, "beam", count(p->width));
	json_object_set_new(v, "short_lists", count(j->n_short));
	json_object_set_new(v, "repeating_lists", count(j->n_repeated));
	json_object_set_new(v, "figures", figures_json(j));
	json_object_set_new(v, "searched", count(j->n_searched));
	json_object_set_new(v, "verdicts", verdicts_json(j));
	return v;
}

json_t *judgement_bout_json(const struct judgement_bout *b)
{
	json_t *v;

	if (b->cases == 0)
		return json_null();
	v = json_object();
	json_object_set_new(v, "cases", count(b->cases));
	for (size_t i = 0; i < b->n_at; i++) {
		char key[KEY];

		snprintf(key, sizeof(key), "hit@%zu", b->k[i]);
		json_object_set_new(v, key, flip_test_json(&b->hit[i]));
		snprintf(key, sizeof(key), "ndcg@%zu", b->k[i]);
		json_object_set_new(v, key, mean_test_json(&b->ndcg[i]));
	}
	return v;
}

/* The texts that are no item's, as the file has them. */
static json_t *invalid_json(const struct judgement *j, const struct prediction *p)
{
	json_t *v = json_array();

	for (size_t i = 0; i < p->n; i++)
		if (judgement_item(j, p->texts[i]) == ITEM_NONE)
			json_array_append_new(v, text_or_null(p->texts[i]));
	return v;
}

static void add_case(json_t *v, const struct judgement *j, const struct judged *g)
{
	const struct rec_case *rc = g->rc;
	const struct item *item = rc && rc->positive != ITEM_NONE ? &j->data->catalogue.items[rc->positive] : NULL;

	json_object_set_new(v, "case", rc ? text_or_null(rc->id) : json_null());
	json_object_set_new(v, "index", count_or_null(g->index));
	json_object_set_new(v, "item", item ? text_or_null(item->id) : json_null());
	json_object_set_new(v, "title", item ? text_or_null(item->title) : json_null());
}

static void add_verdict(json_t *v, const struct judged *g)
{
	json_object_set_new(v, "kind", g->searched ? json_string(verdict_name(g->kind)) : json_null());
	json_object_set_new(v, "unreachable", text_or_null(g->searched ? unreachable_name(g->why) : NULL));
	json_object_set_new(v, "exact_rank", count_or_null(g->exact_rank));
	json_object_set_new(v, "exact_rank_most", count_or_null(g->exact_rank_most));
	json_object_set_new(v, "own_rank", count_or_null(g->own_rank));
	json_object_set_new(v, "pruned_at", count_or_null(g->pruned_at));
	json_object_set_new(v, "same_list", g->searched ? json_boolean(g->same_list) : json_null());
}

json_t *judgement_entry_json(const struct judgement *j, size_t entry)
{
	const struct prediction *p = &j->predictions->at[entry];
	const struct judged *g = &j->at[entry];
	json_t *v = json_object();

	json_object_set_new(v, "file", text_or_null(j->predictions->doc.file));
	json_object_set_new(v, "entry", count(entry));
	add_case(v, j, g);
	json_object_set_new(v, "beam", count(j->predictions->width));
	json_object_set_new(v, "listed", count(p->n));
	json_object_set_new(v, "rank", count_or_null(g->rank));
	json_object_set_new(v, "item_rank", count_or_null(g->item_rank));
	json_object_set_new(v, "repeated", count(g->repeated));
	json_object_set_new(v, "invalid", j->data ? invalid_json(j, p) : json_null());
	add_verdict(v, g);
	return v;
}
