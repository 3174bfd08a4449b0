#include "editcase.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

void pair_init(struct pair *p, struct rng *r, int round)
{
	for (;;) {
		struct err err;
		uint32_t nodes[512];
		size_t n = 0;

		randcase_init(&p->c, r, round % 4 == 0 ? 40 : 12, round % 3 == 0 ? 1 + rng_below(r, 3) : 0,
			round % 5 == 0 ? 0.25 : 0);
		p->lm = randlm_new(&p->c.model);
		assert_int_equal(scorer_init(&p->twin, p->lm, &p->c.trie,
					 p->c.s.mask == MASK_BEFORE ? MASK_AFTER : MASK_BEFORE, p->c.s.tau, &err),
			0);
		assert_int_equal(scorer_prompt(&p->twin, p->c.prompt, 2, &err), 0);
		for (uint32_t node = 0; node < p->c.trie.n_nodes; node++)
			if (!trie_is_leaf(&p->c.trie, node))
				nodes[n++] = node;
		if (scorer_expand(&p->c.s, nodes, n, &err) == 0 && scorer_expand(&p->twin, nodes, n, &err) == 0)
			return;
		scorer_release(&p->twin); /* a prefix without continuation under MASK_BEFORE is an error */
		lm_close(p->lm);
		randcase_release(&p->c);
	}
}

void pair_release(struct pair *p)
{
	scorer_release(&p->twin);
	lm_close(p->lm);
	randcase_release(&p->c);
}

/* The search's own scorer may have forgotten. */
double pair_logp(struct pair *p, enum mask_rule mask, uint32_t node)
{
	struct scorer *s = p->twin.mask == mask ? &p->twin : &p->c.s;
	struct err err;

	assert_int_equal(s->mask, mask);
	assert_int_equal(scorer_expand(s, &p->c.trie.parent[node], 1, &err), 0);
	return scorer_step(s, node);
}

static uint32_t at_depth(const struct trie *t, uint32_t node, size_t depth)
{
	while (trie_depth(t, node) > depth)
		node = t->parent[node];
	return node;
}

struct beam_edit edit_random(const struct trie *t, uint32_t leaf, struct rng *r)
{
	struct beam_edit e = {.kind = (enum beam_edit_kind)rng_below(r, 5), .step = 1 + rng_below(r, 4)};

	e.width = 1 + rng_below(r, 5);
	e.mask = rng_below(r, 2) ? MASK_BEFORE : MASK_AFTER;
	e.search = rng_below(r, 2) ? SEARCH_PLAIN : SEARCH_HF;
	e.node = 1 + rng_below(r, (uint32_t)t->n_nodes - 1);
	if (e.kind == EDIT_FORCE && rng_below(r, 3) > 0)
		e.node = at_depth(t, leaf, 1 + rng_below(r, (uint32_t)trie_depth(t, leaf)));
	if (e.kind == EDIT_FORCE || e.kind == EDIT_FORBID)
		e.step = trie_depth(t, e.node);
	return e;
}

uint32_t leaf_random(const struct trie *t, struct rng *r)
{
	uint32_t node = TRIE_ROOT;

	while (node == TRIE_ROOT || !trie_is_leaf(t, node))
		node = t->first[node] + rng_below(r, (uint32_t)trie_n_children(t, node));
	return node;
}

struct beam_options options_random(struct rng *r)
{
	static const double penalties[] = {1, 1, 0, 0.5, 2, -1};
	struct beam_options o = {.width = 1 + rng_below(r, 5), .length_penalty = penalties[rng_below(r, 6)]};

	o.kind = rng_below(r, 2) ? SEARCH_PLAIN : SEARCH_HF;
	o.early = (enum early_stopping)rng_below(r, 3);
	o.others = rng_below(r, 2) ? EDITCASE_ALL : 1 + rng_below(r, 3);
	return o;
}
