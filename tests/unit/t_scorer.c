/* Token log-probabilities against the definition, and how often the model is asked. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "randcase.h"

/* log p(token | path) from the definition in SPEC section 1. */
static double defined_logp(const struct randcase *c, enum mask_rule mask, double tau, uint32_t node, uint32_t token)
{
	uint32_t path[RANDITEMS_LONGEST];
	size_t n = trie_path(&c->trie, node, path);
	double sum = 0;

	for (uint32_t v = 0; v < RANDCASE_VOCAB; v++)
		if (mask == MASK_AFTER || trie_child(&c->trie, node, v) != TRIE_NONE)
			sum += exp(randlm_logit(&c->model, c->prompt, 2, path, n, v) / tau);
	return log(exp(randlm_logit(&c->model, c->prompt, 2, path, n, token) / tau) / sum);
}

static void check_node(const struct randcase *c, uint32_t node)
{
	const double *logp = scorer_logp(&c->s, node);
	size_t n = trie_n_children(&c->trie, node);

	assert_non_null(logp);
	for (size_t i = 0; i < n; i++) {
		uint32_t child = c->trie.first[node] + (uint32_t)i;
		double defined = defined_logp(c, c->s.mask, c->s.tau, node, c->trie.token[child]);

		assert_true(logp[i] <= 0);
		assert_true(logp[i] == defined || fabs(logp[i] - defined) < 1e-12);
		assert_true(scorer_step(&c->s, child) == logp[i]);
	}
}

static size_t inner_nodes(const struct trie *t, uint32_t *nodes)
{
	size_t n = 0;

	for (uint32_t node = 0; node < t->n_nodes; node++)
		if (!trie_is_leaf(t, node))
			nodes[n++] = node;
	return n;
}

static void test_definition(void **state)
{
	struct rng r;

	(void)state;
	rng_seed(&r, 2);
	for (int round = 0; round < 2000; round++) {
		struct randcase c;
		struct err err;
		uint32_t nodes[128];
		size_t n, half;

		randcase_init(&c, &r, 12, 0, 0);
		n = inner_nodes(&c.trie, nodes);
		half = rng_below(&r, (uint32_t)n);
		assert_int_equal(scorer_expand(&c.s, nodes + half, n - half, &err), 0);
		assert_int_equal(scorer_expand(&c.s, nodes, n, &err), 0);
		for (size_t i = 0; i < n; i++)
			check_node(&c, nodes[i]);
		assert_int_equal(c.s.expanded, n);
		assert_int_equal(c.s.scored, c.trie.n_nodes - 1);
		randcase_release(&c);
	}
}

static void test_other_settings(void **state)
{
	struct rng r;

	(void)state;
	rng_seed(&r, 3);
	for (int round = 0; round < 500; round++) {
		struct randcase c;
		struct err err;
		uint32_t nodes[128];
		size_t n;

		randcase_init(&c, &r, 12, 0, 0);
		n = inner_nodes(&c.trie, nodes);
		for (int change = 0; change < 4; change++) {
			assert_int_equal(scorer_expand(&c.s, nodes, 1 + rng_below(&r, (uint32_t)n), &err), 0);
			if (change % 2 == 0)
				scorer_set(&c.s, change == 0 ? MASK_AFTER : MASK_BEFORE, 0.5 + 0.25 * change);
			else
				assert_int_equal(scorer_prompt(&c.s, c.prompt, 2, &err), 0);
			assert_null(scorer_logp(&c.s, TRIE_ROOT));
		}
		assert_int_equal(scorer_expand(&c.s, nodes, n, &err), 0);
		for (size_t i = 0; i < n; i++)
			check_node(&c, nodes[i]);
		assert_true(c.s.n_touched < c.trie.n_nodes);
		randcase_release(&c);
	}
}

/* The item 4 5 6 7 and its sister 4 5 6 8: only the third node has a choice. */
static const uint32_t chain_tokens[] = {4, 5, 6, 7, 2, 4, 5, 6, 8, 2};
static const size_t chain_first[] = {0, 5, 10};

struct chain {
	struct trie trie;
	struct lm *lm;
	struct scorer s;
};

static void chain_init(struct chain *c, const struct randlm_options *o, enum mask_rule mask)
{
	static const uint32_t prompt[] = {1};
	struct err err;

	c->lm = randlm_new(o);
	assert_int_equal(trie_init(&c->trie, chain_tokens, chain_first, 2, 2, END_EOS, &err), 0);
	assert_int_equal(scorer_init(&c->s, c->lm, &c->trie, mask, 1.0, &err), 0);
	assert_int_equal(scorer_prompt(&c->s, prompt, 1, &err), 0);
}

static void chain_release(struct chain *c)
{
	scorer_release(&c->s);
	lm_close(c->lm);
	trie_release(&c->trie);
}

static void test_model_asked_for_choices_only(void **state)
{
	struct chain c;
	struct err err;
	double sum, steps[5], again;

	(void)state;
	chain_init(&c, &(struct randlm_options){9, 5, 0, 0}, MASK_BEFORE);
	assert_int_equal(scorer_path(&c.s, c.trie.item_leaf[0], &sum, steps, &err), 0);
	assert_int_equal(c.lm->stats.passes, 1);
	assert_int_equal(c.lm->stats.rows_picked, 2);
	assert_true(steps[0] == 0 && steps[1] == 0 && steps[2] == 0 && steps[3] < 0 && steps[4] == 0);
	assert_true(sum == steps[3]);
	assert_int_equal(scorer_path(&c.s, c.trie.item_leaf[0], &again, NULL, &err), 0);
	assert_true(again == sum);
	assert_int_equal(c.lm->stats.passes, 1);
	assert_int_equal(scorer_path(&c.s, c.trie.item_leaf[1], &again, NULL, &err), 0);
	assert_true(fabs(exp(again) + exp(sum) - 1) < 1e-12);
	assert_int_equal(c.lm->stats.passes, 1);
	assert_int_equal(scorer_path(&c.s, TRIE_ROOT, &again, NULL, &err), 0);
	assert_true(again == 0);
	scorer_set(&c.s, MASK_AFTER, 1.0);
	assert_int_equal(scorer_path(&c.s, c.trie.item_leaf[0], &sum, steps, &err), 0);
	assert_int_equal(c.lm->stats.passes, 2); /* one query for the whole path */
	assert_true(steps[0] < 0 && steps[4] < 0 && sum == steps[0] + steps[1] + steps[2] + steps[3] + steps[4]);
	chain_release(&c);
}

static void test_nothing_possible(void **state)
{
	struct chain c;
	struct err err;
	double sum;

	(void)state;
	chain_init(&c, &(struct randlm_options){9, 5, 0, 1.0}, MASK_BEFORE);
	assert_int_equal(scorer_path(&c.s, c.trie.item_leaf[0], &sum, NULL, &err), -1);
	assert_int_equal(err.code, ERR_VALUE);
	assert_non_null(strstr(err.msg, "after the tokens 4 5 6 "));
	assert_int_equal(scorer_expand(&c.s, (uint32_t[]){3}, 1, &err), -1);
	assert_non_null(strstr(err.msg, "after the tokens 4 5 6 "));
	chain_release(&c);
	chain_init(&c, &(struct randlm_options){9, 5, 0, 1.0}, MASK_AFTER);
	assert_int_equal(scorer_path(&c.s, c.trie.item_leaf[0], &sum, NULL, &err), 0);
	assert_true(sum == -INFINITY);
	assert_int_equal(scorer_expand(&c.s, (uint32_t[]){3}, 1, &err), 0);
	chain_release(&c);
}

/* A barren model gives the token 7 no probability, nor anything that follows it. */
static int barren_prompt(struct lm *lm, const uint32_t *tokens, size_t n, struct err *err)
{
	(void)lm, (void)tokens, (void)n, (void)err;
	return 0;
}

static lm_node barren_child(struct lm *lm, lm_node parent, uint32_t token)
{
	(void)lm;
	return parent == LM_PROMPT ? token : 100 + token;
}

static int barren_query(struct lm *lm, struct lm_query *queries, size_t n, double tau, struct err *err)
{
	(void)lm, (void)tau, (void)err;
	for (size_t i = 0; i < n; i++)
		for (size_t k = 0; k < queries[i].n; k++)
			queries[i].logits[k] = queries[i].node == 7 || queries[i].ids[k] == 7 ? -INFINITY : 0;
	return 0;
}

/* Teacher forcing goes on below a token of probability zero, where no distribution is left; a search may not. */
static void test_below_zero(void **state)
{
	static const struct lm_ops ops = {.prompt = barren_prompt, .child = barren_child, .query = barren_query};
	static const uint32_t tokens[] = {4, 5, 2, 4, 6, 2, 7, 5, 2, 7, 6, 2}, prompt[] = {1};
	static const size_t first[] = {0, 3, 6, 9, 12};
	struct lm lm = {.ops = &ops, .vocab = 9};
	struct trie t;
	struct scorer s;
	struct err err;
	uint32_t seven;
	double sum, steps[3];

	(void)state;
	assert_int_equal(trie_init(&t, tokens, first, 4, 2, END_EOS, &err), 0);
	assert_int_equal(scorer_init(&s, &lm, &t, MASK_BEFORE, 1.0, &err), 0);
	assert_int_equal(scorer_prompt(&s, prompt, 1, &err), 0);
	assert_int_equal(scorer_path(&s, t.item_leaf[0], &sum, steps, &err), 0);
	assert_true(steps[0] == 0 && fabs(sum - log(0.5)) < 1e-12);
	assert_int_equal(scorer_path(&s, t.item_leaf[2], &sum, steps, &err), 0);
	assert_true(steps[0] == -INFINITY && sum == -INFINITY);
	seven = trie_child(&t, TRIE_ROOT, 7);
	assert_int_equal(scorer_expand(&s, &seven, 1, &err), -1);
	assert_int_equal(err.code, ERR_VALUE);
	assert_non_null(strstr(err.msg, "after the tokens 7 "));
	scorer_release(&s);
	trie_release(&t);
}

static void test_empty_catalogue(void **state)
{
	static const size_t first[] = {0};
	struct trie t;
	struct scorer s;
	struct err err;
	struct lm *lm = randlm_new(&(struct randlm_options){9, 5, 0, 0});

	(void)state;
	assert_int_equal(trie_init(&t, NULL, first, 0, 2, END_EOS, &err), 0);
	assert_int_equal(scorer_init(&s, lm, &t, MASK_AFTER, 1.0, &err), 0);
	assert_int_equal(scorer_prompt(&s, (uint32_t[]){1}, 1, &err), 0);
	assert_int_equal(scorer_expand(&s, (uint32_t[]){TRIE_ROOT}, 1, &err), -1);
	assert_int_equal(err.code, ERR_VALUE);
	scorer_release(&s);
	trie_release(&t);
	lm_close(lm);
}

static void test_refused(void **state)
{
	struct trie t;
	struct scorer s;
	struct err err;
	struct lm *lm = randlm_new(&(struct randlm_options){8, 5, 0, 0});

	(void)state;
	assert_int_equal(trie_init(&t, chain_tokens, chain_first, 2, 2, END_EOS, &err), 0);
	assert_int_equal(scorer_init(&s, lm, &t, MASK_AFTER, 1.0, &err), -1);
	assert_non_null(strstr(err.msg, "item 2 (from 1) has the token id 8"));
	assert_int_equal(scorer_init(&s, lm, &t, MASK_AFTER, 0.0, &err), -1);
	assert_int_equal(err.code, ERR_VALUE);
	assert_int_equal(scorer_init(&s, lm, &t, MASK_AFTER, NAN, &err), -1);
	trie_release(&t);
	lm_close(lm);
}

/* A model that refuses, then gives a logit that is no number, then works. */
struct moody {
	struct lm lm;
	struct lm *inner;
	int queries;
};

static int moody_prompt(struct lm *lm, const uint32_t *tokens, size_t n, struct err *err)
{
	return lm_prompt(((struct moody *)lm)->inner, tokens, n, err);
}

static lm_node moody_child(struct lm *lm, lm_node parent, uint32_t token)
{
	return lm_child(((struct moody *)lm)->inner, parent, token);
}

static int moody_query(struct lm *lm, struct lm_query *queries, size_t n, double tau, struct err *err)
{
	struct moody *m = (struct moody *)lm;

	if (m->queries++ == 0)
		return err_set(err, ERR_MEMORY, "not today");
	if (lm_query(m->inner, queries, n, tau, err) < 0)
		return -1;
	if (m->queries == 2)
		queries[n - 1].logits[0] = NAN;
	return 0;
}

static void test_failures_leave_nothing_behind(void **state)
{
	static const struct lm_ops ops = {.prompt = moody_prompt, .child = moody_child, .query = moody_query};
	static const uint32_t prompt[] = {1};
	struct moody m = {.lm = {.ops = &ops, .vocab = 9}, .inner = randlm_new(&(struct randlm_options){9, 5, 0, 0})};
	struct trie t;
	struct scorer s;
	struct err err;
	double sum;

	(void)state;
	assert_int_equal(trie_init(&t, chain_tokens, chain_first, 2, 2, END_EOS, &err), 0);
	assert_int_equal(scorer_init(&s, &m.lm, &t, MASK_AFTER, 1.0, &err), 0);
	assert_int_equal(scorer_prompt(&s, prompt, 1, &err), 0);
	assert_int_equal(scorer_path(&s, t.item_leaf[0], &sum, NULL, &err), -1);
	assert_int_equal(err.code, ERR_MEMORY);
	assert_null(scorer_logp(&s, TRIE_ROOT));
	assert_int_equal(scorer_path(&s, t.item_leaf[0], &sum, NULL, &err), -1);
	assert_int_equal(err.code, ERR_FORMAT);
	assert_null(scorer_logp(&s, t.parent[t.item_leaf[0]]));
	assert_int_equal(scorer_path(&s, t.item_leaf[0], &sum, NULL, &err), 0);
	assert_int_equal(scorer_path(&s, t.item_leaf[1], &sum, NULL, &err), 0);
	assert_true(s.n_touched < t.n_nodes);
	scorer_release(&s);
	trie_release(&t);
	lm_close(m.inner);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_definition),
		cmocka_unit_test(test_other_settings),
		cmocka_unit_test(test_model_asked_for_choices_only),
		cmocka_unit_test(test_nothing_possible),
		cmocka_unit_test(test_below_zero),
		cmocka_unit_test(test_empty_catalogue),
		cmocka_unit_test(test_refused),
		cmocka_unit_test(test_failures_leave_nothing_behind),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
