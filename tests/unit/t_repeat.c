/* A case gives the same bits whatever was searched before it, so that the parts of a run that was split agree with one
 * run: under every instruction set, for any number of threads. */
#include "kern_test.h"
#include "modelcheck.h"
#include "randlm.h"
#include "search/beam.h"
#include "search/exact.h"

#define EOS 2u
#define CASES 6
#define LONGEST 110 /* tokens of a prompt */

static const struct tiny_shape shape = {
	.type = "llama",
	.vocab = 60,
	.hidden = 48,
	.layers = 2,
	.heads = 4,
	.kv_heads = 2,
	.head_dim = 12,
	.intermediate = 72,
	.max_positions = 4096,
	.theta = 10000,
	.eps = 1e-5,
	.scale = 1.5,
};

/* A catalogue, and prompts of which most begin as others do. */
struct material {
	struct trie trie;
	uint32_t prompt[CASES][LONGEST];
	size_t len[CASES];
};

static void material_init(struct material *m, struct rng *rng)
{
	struct randitems items;
	struct err err;

	randitems_init(&items, rng, 120, 20, EOS);
	check_ok(trie_init(&m->trie, items.tokens, items.first, items.n, EOS, END_EOS, &err), &err);
	randitems_release(&items);
	for (size_t i = 0; i < CASES; i++) {
		size_t shared = i > 0 ? rng_below(rng, 80) : 0;

		m->len[i] = shared + 1 + rng_below(rng, (uint32_t)(LONGEST - shared));
		for (size_t t = 0; t < m->len[i]; t++)
			m->prompt[i][t] = t < shared && t < m->len[0] ? m->prompt[0][t] : rng_below(rng, 60);
	}
}

/* What is found of a case, number by number. */
static void search_case(
	struct vec_f64 *found, struct scorer *s, const struct material *m, size_t i, enum mask_rule mask)
{
	struct beam_options beam = {.width = 7, .length_penalty = 1};
	struct exact_options exact = {.top = 20, .rank_limit = 30, .target = m->trie.item_leaf[11 * i]};
	struct exact_result best;
	struct trace trace;
	struct err err;

	scorer_set(s, mask, 0.7);
	check_ok(scorer_prompt(s, m->prompt[i], m->len[i], &err), &err);
	check_ok(beam_search(&trace, s, &beam, false, &err), &err);
	check_ok(exact_search(&best, s, &exact, &err), &err);
	vec_clear(found);
	for (size_t k = 0; k < trace.n_results; k++)
		vec_push(found, trace.results[k].logp);
	for (size_t k = 0; k < best.n_items; k++)
		vec_push(found, best.items[k].logp);
	vec_push(found, best.target_logp);
	vec_push(found, (double)best.target_rank);
	vec_push(found, (double)best.target_rank_most);
	vec_push(found, (double)best.expanded);
	vec_push(found, (double)best.scored);
	for (size_t k = 0; k < trie_n_children(&m->trie, TRIE_ROOT); k++)
		vec_push(found, scorer_logp(s, TRIE_ROOT)[k]);
	trace_release(&trace);
	exact_release(&best);
}

static struct lm *open_with(struct kern *k, const struct tiny *t)
{
	struct err err;
	struct lm *lm;

	check_ok(transformer_open(&lm, t->dir, k, &err), &err);
	return lm;
}

/* Each case by a model of its own. */
static void search_alone(struct vec_f64 found[CASES], struct kern *k, const struct tiny *t, const struct material *m,
	enum mask_rule mask)
{
	for (size_t i = 0; i < CASES; i++) {
		struct lm *lm = open_with(k, t);
		struct scorer s;
		struct err err;

		check_ok(scorer_init(&s, lm, &m->trie, mask, 0.7, &err), &err);
		search_case(&found[i], &s, m, i, mask);
		scorer_release(&s);
		lm_close(lm);
	}
}

/* All by one model, in any order, with searches of other kinds between. */
static void search_together(const struct vec_f64 alone[CASES], struct kern *k, const struct tiny *t,
	const struct material *m, enum mask_rule mask, struct rng *rng)
{
	struct lm *lm = open_with(k, t);
	struct vec_f64 found = {0};
	struct scorer s;
	struct err err;

	check_ok(scorer_init(&s, lm, &m->trie, mask, 0.7, &err), &err);
	for (size_t round = 0; round < 20; round++) {
		const struct beam_options o = {.width = 1 + rng_below(rng, 30), .length_penalty = 1};
		size_t i = rng_below(rng, CASES);
		struct trace trace;

		search_case(&found, &s, m, i, mask);
		assert_int_equal(found.n, alone[i].n);
		assert_memory_equal(found.at, alone[i].at, found.n * sizeof(*found.at));
		scorer_set(&s, round % 2 == 0 ? MASK_AFTER : MASK_BEFORE, 1.0);
		check_ok(beam_search(&trace, &s, &o, false, &err), &err);
		trace_release(&trace);
	}
	assert_true(lm->stats.prompt_tokens > 0);
	vec_release(&found);
	scorer_release(&s);
	lm_close(lm);
}

static void check_model(enum dtype dtype, enum mask_rule mask)
{
	static const char *const isa[] = {"portable", "avx2", "avx512"};
	struct tiny_shape stored = shape;
	struct material m;
	struct tiny t;
	struct rng rng;

	stored.dtype = dtype;
	tiny_init(&t, &stored, 21);
	tiny_write(&t);
	rng_seed(&rng, 22);
	material_init(&m, &rng);
	for (size_t i = 0; i < ARRAY_LEN(isa); i++) {
		struct vec_f64 alone[CASES] = {0};

		for (size_t threads = 1; threads <= 3; threads++) {
			struct kern *k = test_kern(threads, isa[i]);

			if (k == NULL)
				continue;
			if (threads == 1)
				search_alone(alone, k, &t, &m, mask);
			search_together(alone, k, &t, &m, mask, &rng);
			kern_free(k);
		}
		for (size_t c = 0; c < CASES; c++)
			vec_release(&alone[c]);
	}
	trie_release(&m.trie);
	tiny_release(&t);
}

static void test_before(void **state)
{
	(void)state;
	check_model(DTYPE_F32, MASK_BEFORE);
}

static void test_after(void **state)
{
	(void)state;
	check_model(DTYPE_F32, MASK_AFTER);
}

static void test_halves(void **state)
{
	(void)state;
	check_model(DTYPE_BF16, MASK_BEFORE);
	check_model(DTYPE_F16, MASK_AFTER);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_before),
		cmocka_unit_test(test_after),
		cmocka_unit_test(test_halves),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
