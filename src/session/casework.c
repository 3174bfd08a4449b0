/*
 * One case at work: its prompt in the model, its positive item in the trie, its texts.
 */
#include <string.h>

#include "session/record.h"
#include "session/session_priv.h"

struct diagnose_options session_diagnose_options(const struct session *s)
{
	return (struct diagnose_options){
		.beam =
			{
				.width = (size_t)s->now.beam,
				.kind = (enum search_kind)s->now.search,
				.length_penalty = s->now.length_penalty,
				.early = (enum early_stopping)s->now.early_stopping,
				.others = (size_t)s->now.others,
			},
		.budget = (size_t)s->now.budget,
		.max_width = (size_t)s->now.scan,
	};
}

static int set_prompt(struct session *s, const struct rec_case *rc, struct err *err)
{
	const struct data_stage *d = s->loaded.data;
	struct search_stage *search = s->loaded.search;
	struct vec_u32 ids = {0};
	int failed;

	if (search->prompted == rc && search->max_history == s->now.max_history)
		return 0;
	search->prompted = NULL;
	failed = dataset_prompt(
		d->dataset, rc, s->loaded.model->tokenizer, d->template, (size_t)s->now.max_history, &ids, err);
	if (!failed)
		failed = scorer_prompt(&search->scorer, ids.at, ids.n, err);
	if (!failed) {
		search->prompted = rc;
		search->max_history = s->now.max_history;
		search->n_prompt = ids.n;
	}
	vec_release(&ids);
	return failed;
}

int case_open(struct session *s, const char *id, struct case_work *c, struct err *err)
{
	struct scorer *scorer = &s->loaded.search->scorer;

	c->rc = dataset_case(s->loaded.data->dataset, (enum split_kind)s->now.split, id, err);
	if (!c->rc)
		return -1;
	if (scorer->mask != (enum mask_rule)s->now.mask || scorer->tau != s->now.tau)
		scorer_set(scorer, (enum mask_rule)s->now.mask, s->now.tau);
	c->scorer = scorer;
	c->leaf = finding_leaf(
		&s->loaded.data->dataset->catalogue, &s->loaded.search->trie, c->rc->positive, &c->why);
	if (set_prompt(s, c->rc, err))
		return err_prefix(err, "case '%s'", id);
	return 0;
}

struct branch *session_search(struct session *s, const char *id, struct err *err)
{
	const struct diagnose_options o = session_diagnose_options(s);
	struct branch *b;
	struct case_work c;

	if (case_open(s, id, &c, err))
		return NULL;
	b = xcalloc(1, sizeof(*b));
	if (beam_search(&b->trace, c.scorer, &o.beam, true, err) ||
		diagnose(&b->diagnosis, &b->trace, c.scorer, c.leaf, c.why, &o, err)) {
		branch_free(b);
		return NULL;
	}
	b->record = record_beam(s, &c, &b->trace, &b->diagnosis, &o.beam);
	return b;
}

int session_find_item(const struct session *s, const char *id, uint32_t *item, struct err *err)
{
	const struct dataset *d = s->loaded.data->dataset;

	*item = catalogue_find(&d->catalogue, id);
	if (*item == ITEM_NONE)
		return err_set(
			err, ERR_NOT_FOUND, "dataset '%s' has no item '%s': 'find TEXT' looks for titles", d->name, id);
	return 0;
}

static bool is_concatenation(const struct vec_u32 *both, const struct vec_u32 *a, const struct vec_u32 *b)
{
	return both->n == a->n + b->n && (a->n == 0 || !memcmp(both->at, a->at, a->n * sizeof(*a->at))) &&
		(b->n == 0 || !memcmp(both->at + a->n, b->at, b->n * sizeof(*b->at)));
}

int joined_init(struct joined *j, const struct session *s, const struct rec_case *c, struct err *err)
{
	const struct data_stage *d = s->loaded.data;
	const struct catalogue *cat = &d->dataset->catalogue;
	const struct tokenizer *t = s->loaded.model->tokenizer;
	size_t prompt_len;
	int failed;

	memset(j, 0, sizeof(*j));
	if (d->dataset->tokens_only)
		return err_set(err, ERR_UNSUPPORTED, "dataset '%s' is made of token ids: its prompts are not texts",
			d->dataset->name);
	dataset_prompt_text(d->dataset, c, d->template, (size_t)s->now.max_history, &j->text);
	if (dataset_prompt(d->dataset, c, t, d->template, (size_t)s->now.max_history, &j->prompt, err))
		return -1;
	if (c->positive == ITEM_NONE || cat->items[c->positive].no_text)
		return 0;
	template_answer(d->template, cat->items[c->positive].text, &j->answer);
	for (size_t k = cat->first[c->positive]; k + 1 < cat->first[c->positive + 1]; k++)
		vec_push(&j->item, cat->tokens[k]);
	prompt_len = j->text.len;
	buf_add(&j->text, buf_str(&j->answer), j->answer.len);
	failed = tokenizer_encode(t, buf_str(&j->text), j->text.len, true, &j->both, NULL, err);
	j->text.at[prompt_len] = '\0';
	j->text.len = prompt_len;
	j->differs = !failed && !is_concatenation(&j->both, &j->prompt, &j->item);
	return failed;
}

void joined_release(struct joined *j)
{
	buf_release(&j->text);
	buf_release(&j->answer);
	vec_release(&j->prompt);
	vec_release(&j->item);
	vec_release(&j->both);
}
