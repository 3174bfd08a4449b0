#include "randcase.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <cmocka.h>

void randcase_init(struct randcase *c, struct rng *r, size_t most_items, unsigned levels, double zero)
{
	static const double tau[] = {1.0, 1.0, 0.5, 1.7};
	enum mask_rule mask = rng_below(r, 2) == 0 ? MASK_BEFORE : MASK_AFTER;
	enum end_rule end = rng_below(r, 2) == 0 ? END_EOS : END_LEAF;
	struct err err;

	randitems_init(&c->items, r, 1 + rng_below(r, (uint32_t)most_items), 3 + rng_below(r, 4), RANDCASE_EOS);
	c->model = (struct randlm_options){RANDCASE_VOCAB, rng_u64(r), levels, zero};
	c->lm = randlm_new(&c->model);
	c->prompt[0] = rng_below(r, RANDCASE_VOCAB);
	c->prompt[1] = rng_below(r, RANDCASE_VOCAB);
	assert_int_equal(trie_init(&c->trie, c->items.tokens, c->items.first, c->items.n, RANDCASE_EOS, end, &err), 0);
	assert_int_equal(scorer_init(&c->s, c->lm, &c->trie, mask, tau[rng_below(r, 4)], &err), 0);
	assert_int_equal(scorer_prompt(&c->s, c->prompt, 2, &err), 0);
}

void randcase_release(struct randcase *c)
{
	scorer_release(&c->s);
	lm_close(c->lm);
	trie_release(&c->trie);
	randitems_release(&c->items);
}

int randcase_expand(struct randcase *c, struct err *err)
{
	uint32_t *nodes = xcalloc(c->trie.n_nodes, sizeof(*nodes));
	size_t n = 0;
	int failed;

	for (uint32_t node = 0; node < c->trie.n_nodes; node++)
		if (!trie_is_leaf(&c->trie, node))
			nodes[n++] = node;
	failed = scorer_expand(&c->s, nodes, n, err);
	free(nodes);
	return failed;
}

bool randcase_whole(struct randcase *c, struct rng *r, size_t most_items, int round)
{
	struct err err;

	randcase_init(c, r, most_items, round % 3 == 0 ? 1 + rng_below(r, 3) : 0, round % 5 == 0 ? 0.2 : 0);
	if (randcase_expand(c, &err) == 0)
		return true;
	randcase_release(c);
	return false;
}
