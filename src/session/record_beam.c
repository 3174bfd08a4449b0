/*
 * The record of a search over one case, as `beam --trace` emits it.
 */
#include "session/record.h"

#include <math.h>
#include <string.h>

static json_t *results(const struct session *s, const struct case_work *c, const struct trace *t)
{
	json_t *a = json_array();

	for (size_t i = 0; i < t->n_results; i++) {
		const struct trace_result *r = &t->results[i];
		json_t *v = json_object();

		json_object_set_new(v, "rank", record_count(r->rank));
		record_leaf(v, s, r->leaf);
		json_object_set_new(v, "logp", record_real(r->logp));
		json_object_set_new(v, "score", record_real(r->score));
		json_object_set_new(v, "positive", json_boolean(r->leaf == c->leaf));
		json_array_append_new(a, v);
	}
	return a;
}

/* Is the candidate the positive item's prefix at this step, or the finished item itself? */
static bool is_positive(const struct trace_candidate *k, const struct diagnosis *d, size_t step)
{
	if (d->n_steps == 0)
		return false;
	return k->node == d->leaf || (step <= d->n_steps && k->node == d->steps[step - 1].node);
}

static json_t *candidate(const struct session *s, const struct trace_candidate *k, bool positive)
{
	const struct trie *trie = &s->loaded.search->trie;
	json_t *v = json_object();

	json_object_set_new(v, "rank", record_count(k->rank));
	json_object_set_new(v, "token", json_integer(k->token));
	json_object_set_new(v, "text", record_piece(s, k->token));
	json_object_set_new(v, "parent", json_integer(k->parent));
	json_object_set_new(v, "step_logp", record_real(k->step_logp));
	json_object_set_new(v, "logp", record_real(k->logp));
	json_object_set_new(v, "kept", json_boolean(k->kept));
	json_object_set_new(v, "finished", json_boolean(k->finished));
	json_object_set_new(v, "positive", json_boolean(positive));
	json_object_set_new(v, "carried", json_boolean(k->carried));
	json_object_set_new(v, "tie", json_boolean(k->tie));
	json_object_set_new(v, "prefix", record_path_text(s, k->node));
	if (k->finished && trie_is_leaf(trie, k->node)) {
		const struct item *it =
			&s->loaded.data->dataset->catalogue.items[trie->leaf_item[trie->leaf_first[k->node]]];

		json_object_set_new(v, "item", record_string(it->id));
		json_object_set_new(v, "title", *it->title ? record_string(it->title) : json_null());
	}
	return v;
}

/* followed: it had left the beam before this step and is only followed by teacher forcing. */
static json_t *positive_step(const struct session *s, const struct positive_step *p, bool followed)
{
	json_t *v = json_object();

	json_object_set_new(v, "token", json_integer(p->token));
	json_object_set_new(v, "text", record_piece(s, p->token));
	json_object_set_new(v, "token_rank", record_count(p->token_rank));
	json_object_set_new(v, "prefix_rank", record_count_or_null(p->prefix_rank));
	json_object_set_new(v, "step_logp", record_real(p->step_logp));
	json_object_set_new(v, "logp", record_real(p->logp));
	json_object_set_new(v, "beta_logp", record_real(p->beta_logp));
	json_object_set_new(v, "token_margin", record_real(p->token_margin));
	json_object_set_new(v, "prefix_margin", record_real(p->prefix_margin));
	json_object_set_new(v, "in_beam", json_boolean(p->in_beam));
	json_object_set_new(v, "followed", json_boolean(followed));
	json_object_set_new(v, "valid", record_count(p->valid));
	json_object_set_new(v, "prefix", record_path_text(s, p->node));
	return v;
}

static json_t *steps(const struct session *s, const struct trace *t, const struct diagnosis *d, const json_t *positive)
{
	json_t *a = json_array();

	for (size_t i = 0; i < t->n_steps; i++) {
		const struct trace_step *st = &t->steps[i];
		json_t *v = json_object(), *list = json_array();
		json_t *own = json_array_get(json_object_get(positive, "steps"), i);

		for (size_t k = 0; k < st->n_candidates; k++)
			json_array_append_new(
				list, candidate(s, &st->candidates[k], is_positive(&st->candidates[k], d, i + 1)));
		json_object_set_new(v, "step", json_integer(st->step));
		json_object_set_new(v, "cutoff", record_real(st->cutoff));
		json_object_set_new(v, "finish_cutoff", record_real(st->finish_cutoff));
		json_object_set_new(v, "candidates_total", record_count(st->total));
		json_object_set_new(v, "kept", record_count(st->n_kept));
		json_object_set_new(v, "candidates", list);
		json_object_set_new(v, "positive", own ? json_incref(own) : json_null());
		json_array_append_new(a, v);
	}
	return a;
}

static json_t *positive(const struct session *s, const struct case_work *c, const struct diagnosis *d)
{
	json_t *v, *list;

	if (c->rc->positive == ITEM_NONE)
		return json_null();
	v = json_object();
	list = json_array();
	record_item(v, s, c->rc->positive);
	json_object_set_new(v, "logp", record_real(d->logp));
	for (size_t i = 0; i < d->n_steps; i++)
		json_array_append_new(list, positive_step(s, &d->steps[i], d->pruned_at > 0 && i + 1 > d->pruned_at));
	json_object_set_new(v, "steps", list);
	return v;
}

static json_t *verdict(struct session *s, const struct trace *t, const struct diagnosis *d)
{
	json_t *v = json_object();
	struct verdict_words words;
	struct buf b = {0};

	json_object_set_new(v, "kind", json_string(verdict_name(d->kind)));
	json_object_set_new(v, "rank", record_count_or_null(d->rank));
	json_object_set_new(v, "pruned_at", record_count_or_null(d->pruned_at));
	json_object_set_new(v, "lost", record_string(lost_name(d->how)));
	json_object_set_new(v, "exact_rank", record_count_or_null(d->exact_rank));
	json_object_set_new(v, "exact_rank_most", record_count_or_null(d->exact_rank_most));
	json_object_set_new(v, "exact_rank_proved", json_boolean(d->exact_proved));
	json_object_set_new(v, "condition_holds", json_boolean(d->condition_holds));
	json_object_set_new(v, "smallest_beam", record_count_or_null(d->smallest_width));
	json_object_set_new(v, "beams_scanned", record_count(d->widths_scanned));
	json_object_set_new(v, "sequences", record_count(s->loaded.search->trie.n_leaves));
	json_object_set_new(v, "unreachable", record_string(unreachable_name(d->why)));
	record_words(&words, s);
	verdict_sentence(d, t, &words, &b);
	json_object_set_new(v, "sentence", record_text(buf_str(&b), b.len));
	buf_clear(&b);
	verdict_explain(d, t, &words, &b);
	json_object_set_new(v, "explanation", record_text(buf_str(&b), b.len));
	buf_release(&b);
	return v;
}

/* What a reader of the results should know besides. */
static json_t *notes(const struct session *s, const struct trace *t)
{
	const struct trie *trie = &s->loaded.search->trie;
	size_t positions = s->loaded.model->positions, n_prompt = s->loaded.search->n_prompt;
	json_t *a = json_array();

	if (positions > 0 && n_prompt > positions)
		json_array_append_new(
			a, json_sprintf("the prompt has %zu tokens; the model was trained on %zu positions", n_prompt,
					positions));
	if (t->short_of_items)
		json_array_append_new(a, json_sprintf("only %zu of the %ld places of the beam are filled: there are no "
							"more items that could be reached",
							t->n_results, s->now.beam));
	if (t->n_ties > 0)
		json_array_append_new(a, json_sprintf("%zu tie%s at a cut-off: who stays was decided by lower parent "
							"rank, then lower token id",
							t->n_ties, t->n_ties > 1 ? "s" : ""));
	if (trie->n_hidden > 0)
		json_array_append_new(a, json_sprintf("%zu item%s can never be returned under end leaf: their tokens "
							"begin another item's",
							trie->n_hidden, trie->n_hidden > 1 ? "s" : ""));
	return a;
}

static json_t *history(const struct session *s, const struct rec_case *rc)
{
	const struct catalogue *c = &s->loaded.data->dataset->catalogue;
	json_t *a = json_array();

	for (size_t i = 0; i < rc->n_history; i++) {
		const struct item *it = &c->items[rc->history[i]];
		json_t *v = json_object();

		json_object_set_new(v, "item", record_string(it->id));
		json_object_set_new(v, "title", *it->title ? record_string(it->title) : json_null());
		json_array_append_new(a, v);
	}
	return a;
}

json_t *record_beam(struct session *s, const struct case_work *c, const struct trace *t, const struct diagnosis *d)
{
	json_t *v = json_object(), *own = positive(s, c, d);

	json_object_set_new(v, "case", record_string(c->rc->id));
	json_object_set_new(v, "settings", record_settings(s));
	json_object_set_new(v, "history", history(s, c->rc));
	json_object_set_new(v, "prompt_tokens", record_count(s->loaded.search->n_prompt));
	json_object_set_new(v, "positive", own);
	json_object_set_new(v, "results", results(s, c, t));
	json_object_set_new(v, "steps", steps(s, t, d, own));
	json_object_set_new(v, "verdict", verdict(s, t, d));
	json_object_set_new(v, "notes", notes(s, t));
	return v;
}
