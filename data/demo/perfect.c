#include "perfect.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static struct perfect *of(struct lm *lm)
{
	return (struct perfect *)((char *)lm - offsetof(struct perfect, lm));
}

static int set_prompt(struct lm *lm, const uint32_t *tokens, size_t n, struct err *err)
{
	(void)tokens;
	(void)n;
	(void)err;
	lm->prompted = true;
	return 0;
}

static lm_node child(struct lm *lm, lm_node parent, uint32_t token)
{
	return trie_child(&of(lm)->trie, parent, token);
}

/* z = log of the share of a prefix that goes on with a token; the sum over the vocabulary is 1. */
static int query(struct lm *lm, struct lm_query *queries, size_t n, double tau, struct err *err)
{
	struct perfect *m = of(lm);

	if (tau != 1)
		return err_set(err, ERR_UNSUPPORTED, "the process has probabilities of temperature 1, not %g", tau);
	for (size_t q = 0; q < n; q++) {
		for (size_t i = 0; i < queries[q].n; i++) {
			uint32_t node = trie_child(&m->trie, queries[q].node, queries[q].ids[i]);

			queries[q].logits[i] = (float)log(m->mass[node] / m->mass[queries[q].node]);
		}
		if (queries[q].lse != NULL)
			*queries[q].lse = 0;
	}
	return 0;
}

static const struct lm_ops perfect_ops = {.prompt = set_prompt, .child = child, .query = query};

/* The titles spelt as the `sequence` template does. */
static int spell(struct perfect *m, const struct process *p, const struct tokenizer *t, struct err *err)
{
	struct spelling s = {.eos = tokenizer_eos(t)};
	struct vec_u32 ids = {0};
	int rc = 0;

	for (size_t i = 0; i < p->n && rc == 0; i++) {
		const char *title = p->wares[i].title;
		char id[24];

		snprintf(id, sizeof(id), "%zu", i + 1);
		vec_clear(&ids);
		rc = catalogue_add(&m->catalogue, id, title, err);
		if (rc == 0)
			rc = tokenizer_encode(t, title, strlen(title), false, &ids, NULL, err);
		spelling_add(&s, ids.at, ids.n);
	}
	if (rc == 0)
		catalogue_spell(&m->catalogue, &s);
	spelling_release(&s);
	vec_release(&ids);
	return rc;
}

int perfect_init(struct perfect *m, const struct process *p, const char *model, struct err *err)
{
	struct tokenizer *t;
	int rc;

	*m = (struct perfect){.lm = {.ops = &perfect_ops, .ignores_prompt = true}};
	if (tokenizer_load(&t, model, err) < 0)
		return -1;
	if (tokenizer_eos(t) == TOKEN_NONE) {
		tokenizer_free(t);
		return err_set(err, ERR_VALUE, "the tokenizer in '%s' names no end-of-sequence token", model);
	}
	catalogue_init(&m->catalogue);
	m->lm.vocab = tokenizer_vocab_size(t);
	rc = spell(m, p, t, err);
	if (rc == 0)
		rc = trie_init(&m->trie, m->catalogue.tokens, m->catalogue.first, p->n, tokenizer_eos(t), END_EOS, err);
	if (rc == 0)
		rc = scorer_init(&m->scorer, &m->lm, &m->trie, MASK_BEFORE, 1, err);
	if (rc == 0)
		m->mass = xcalloc(m->trie.n_nodes, sizeof(*m->mass));
	tokenizer_free(t);
	if (rc < 0)
		perfect_release(m);
	return rc;
}

void perfect_release(struct perfect *m)
{
	scorer_release(&m->scorer);
	trie_release(&m->trie);
	catalogue_release(&m->catalogue);
	free(m->mass);
}

int perfect_set(struct perfect *m, const double *next, struct err *err)
{
	for (uint32_t node = 0; node < m->trie.n_nodes; node++)
		m->mass[node] = 0;
	for (size_t i = 0; i < m->trie.n_items; i++)
		if (m->trie.item_leaf[i] != TRIE_NONE)
			m->mass[m->trie.item_leaf[i]] += next[i];
	/* Breadth first: children stand after their parent. */
	for (uint32_t node = (uint32_t)m->trie.n_nodes - 1; node > TRIE_ROOT; node--)
		m->mass[m->trie.parent[node]] += m->mass[node];
	return scorer_prompt(&m->scorer, NULL, 0, err);
}
