/*
 * The record of a search over one case, as `beam --trace` emits it.
 */
#include "session/record.h"

#include <math.h>
#include <string.h>

/* What a record is made of. */
struct source {
	struct session *s;
	const struct case_work *c;
	const struct trace *t;
	const struct diagnosis *d;
	const struct beam_options *o;
};

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

static json_t *candidate(const struct session *s, const struct trace *t, const struct trace_candidate *k, bool positive)
{
	const struct trie *trie = &s->loaded.search->trie;
	json_t *v = json_object();

	json_object_set_new(v, "rank", record_count(k->rank));
	json_object_set_new(v, "token", json_integer(k->token));
	json_object_set_new(v, "text", record_piece(s, k->token));
	json_object_set_new(v, "parent", json_integer(k->parent));
	json_object_set_new(v, "node", json_integer(k->node));
	json_object_set_new(v, "above", json_integer(trie->parent[k->node]));
	json_object_set_new(v, "step_logp", record_real(k->step_logp));
	json_object_set_new(v, "logp", record_real(k->logp));
	json_object_set_new(v, "kept", json_boolean(k->kept));
	json_object_set_new(v, "finished", json_boolean(k->finished));
	json_object_set_new(v, "positive", json_boolean(positive));
	json_object_set_new(v, "carried", json_boolean(k->carried));
	json_object_set_new(v, "tie", json_boolean(k->tie));
	if (k->forced)
		json_object_set_new(v, "forced", json_true());
	if (k->forbidden)
		json_object_set_new(v, "forbidden", json_true());
	json_object_set_new(v, "prefix", record_path_text(s, k->node));
	if (k->finished)
		json_object_set_new(v, "result", record_count_or_null(trace_rank(t, k->node)));
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
	json_object_set_new(v, "node", json_integer(p->node));
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

/* The name of a choice of the option table, of which the enum has that value. */
static json_t *choice(const char *option, int value)
{
	struct err ignored;
	const char *c = option_find(option, &ignored)->choices;

	for (; value > 0; value--)
		c += strcspn(c, "|") + 1;
	return record_text(c, strcspn(c, "|"));
}

/* What holds at a step of a search whose edits may change it. */
static void set_rules(json_t *v, const struct source *r, size_t step)
{
	struct beam_rules rules = beam_rules_at(r->o, r->c->scorer->mask, step);

	json_object_set_new(v, "beam", record_count(rules.width));
	json_object_set_new(v, "mask", choice("mask", (int)rules.mask));
	json_object_set_new(v, "search", choice("search", (int)rules.kind));
}

static json_t *steps(const struct source *r, const json_t *positive)
{
	const struct session *s = r->s;
	const struct trace *t = r->t;
	json_t *a = json_array();

	for (size_t i = 0; i < t->n_steps; i++) {
		const struct trace_step *st = &t->steps[i];
		json_t *v = json_object(), *list = json_array();
		json_t *own = json_array_get(json_object_get(positive, "steps"), i);

		for (size_t k = 0; k < st->n_candidates; k++)
			json_array_append_new(list, candidate(s, t, &st->candidates[k],
							    is_positive(&st->candidates[k], r->d, i + 1)));
		json_object_set_new(v, "step", json_integer(st->step));
		json_object_set_new(v, "cutoff", record_real(st->cutoff));
		json_object_set_new(v, "finish_cutoff", record_real(st->finish_cutoff));
		json_object_set_new(v, "candidates_total", record_count(st->total));
		json_object_set_new(v, "kept", record_count(st->n_kept));
		if (r->o->n_edits > 0)
			set_rules(v, r, i + 1);
		json_object_set_new(v, "candidates", list);
		json_object_set_new(v, "positive", own ? json_incref(own) : json_null());
		json_array_append_new(a, v);
	}
	return a;
}

static json_t *positive(const struct source *r)
{
	const struct session *s = r->s;
	const struct diagnosis *d = r->d;
	json_t *v, *list;

	if (r->c->rc->positive == ITEM_NONE)
		return json_null();
	v = json_object();
	list = json_array();
	record_item(v, s, r->c->rc->positive);
	json_object_set_new(v, "logp", record_real(d->logp));
	for (size_t i = 0; i < d->n_steps; i++)
		json_array_append_new(list, positive_step(s, &d->steps[i], d->pruned_at > 0 && i + 1 > d->pruned_at));
	for (size_t i = 0; i < d->n_steps && r->o->n_edits > 0; i++)
		json_object_set_new(json_array_get(list, i), "beam", record_count(d->steps[i].width));
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
static json_t *notes(const struct source *r)
{
	const struct session *s = r->s;
	const struct trace *t = r->t;
	const struct trie *trie = &s->loaded.search->trie;
	size_t positions = s->loaded.model->positions, n_prompt = s->loaded.search->n_prompt;
	json_t *a = json_array();

	if (positions > 0 && n_prompt > positions)
		json_array_append_new(
			a, json_sprintf("the prompt has %zu tokens; the model was trained on %zu positions", n_prompt,
					positions));
	if (t->short_of_items)
		json_array_append_new(
			a, json_sprintf("only %zu of the %zu places of the beam are filled: there are no more items "
					"that could be reached",
					t->n_results, beam_rules_at(r->o, MASK_BEFORE, t->n_steps).width));
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

/* What a step's edit did: whether the prefix was among those of its step. */
static bool takes_effect(const struct trace *t, const struct beam_edit *e)
{
	const struct trace_step *st;

	if (e->step > t->n_steps)
		return false;
	if (e->kind != EDIT_FORCE && e->kind != EDIT_FORBID)
		return true;
	st = &t->steps[e->step - 1];
	for (size_t i = 0; i < st->n_candidates; i++)
		if (st->candidates[i].node == e->node)
			return e->kind == EDIT_FORCE ? st->candidates[i].forced : st->candidates[i].forbidden;
	return false;
}

static void set_prefix(json_t *v, const struct session *s, uint32_t node)
{
	const struct trie *trie = &s->loaded.search->trie;
	uint32_t *path = xcalloc(trie->max_depth + 1, sizeof(*path));
	size_t n = trie_path(trie, node, path);

	json_object_set_new(v, "prefix", record_path_text(s, node));
	json_object_set_new(v, "tokens", record_tokens(path, n));
	json_object_set_new(v, "finished", json_boolean(trie_is_leaf(trie, node)));
	free(path);
}

static json_t *edit(const struct source *r, const struct beam_edit *e)
{
	static const char *const names[] = {
		[EDIT_FORCE] = "force",
		[EDIT_FORBID] = "forbid",
		[EDIT_WIDTH] = "beam",
		[EDIT_MASK] = "mask",
		[EDIT_KIND] = "search",
	};
	json_t *v = json_object();

	json_object_set_new(v, "edit", json_string(names[e->kind]));
	json_object_set_new(v, "step", record_count(e->step));
	switch (e->kind) {
	case EDIT_FORCE:
	case EDIT_FORBID:
		set_prefix(v, r->s, e->node);
		break;
	case EDIT_WIDTH:
		json_object_set_new(v, "value", record_count(e->width));
		break;
	case EDIT_MASK:
		json_object_set_new(v, "value", choice("mask", (int)e->mask));
		break;
	case EDIT_KIND:
		json_object_set_new(v, "value", choice("search", (int)e->search));
		break;
	}
	json_object_set_new(v, "in_effect", json_boolean(takes_effect(r->t, e)));
	return v;
}

static json_t *edits(const struct source *r)
{
	json_t *a = json_array();

	for (size_t i = 0; i < r->o->n_edits; i++)
		json_array_append_new(a, edit(r, &r->o->edits[i]));
	return a;
}

static void set_fate(json_t *v, const struct diagnosis *d)
{
	json_object_set_new(v, "rank", record_count_or_null(d->rank));
	json_object_set_new(v, "pruned_at", record_count_or_null(d->pruned_at));
	json_object_set_new(v, "lost", record_string(lost_name(d->how)));
}

json_t *record_fates(const struct diagnosis *d)
{
	json_t *v = json_object(), *original = json_object();

	set_fate(v, d);
	set_fate(original, d->original ? d->original : d);
	json_object_set_new(v, "original", original);
	return v;
}

json_t *record_beam(struct session *s, const struct case_work *c, const struct trace *t, const struct diagnosis *d,
	const struct beam_options *o)
{
	const struct source r = {s, c, t, d, o};
	json_t *v = json_object(), *own = positive(&r);

	json_object_set_new(v, "case", record_string(c->rc->id));
	json_object_set_new(v, "settings", record_settings(s));
	json_object_set_new(v, "history", history(s, c->rc));
	json_object_set_new(v, "prompt_tokens", record_count(s->loaded.search->n_prompt));
	if (o->n_edits > 0) {
		json_object_set_new(v, "edits", edits(&r));
		json_object_set_new(v, "branch", record_fates(d));
	}
	json_object_set_new(v, "positive", own);
	json_object_set_new(v, "results", results(s, c, t));
	json_object_set_new(v, "steps", steps(&r, own));
	json_object_set_new(v, "verdict", verdict(s, t, d));
	json_object_set_new(v, "notes", notes(&r));
	return v;
}

json_t *record_step(const json_t *record, size_t step)
{
	static const char *const of_branch[] = {"edits", "branch"};
	const json_t *steps = json_object_get(record, "steps");
	json_t *v = json_object();

	json_object_set(v, "case", json_object_get(record, "case"));
	json_object_set_new(v, "steps", record_count(json_array_size(steps)));
	for (size_t i = 0; i < ARRAY_LEN(of_branch); i++)
		if (json_object_get(record, of_branch[i]))
			json_object_set(v, of_branch[i], json_object_get(record, of_branch[i]));
	json_object_update(v, json_array_get(steps, step - 1));
	return v;
}
