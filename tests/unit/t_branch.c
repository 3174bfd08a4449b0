/* The diagnosis of edited searches against scorers of both masks and the whole trace. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <math.h>

#include "diagnose/diagnosis.h"
#include "editcase.h"

static const struct trace_candidate *row_of(const struct trace_step *s, uint32_t node)
{
	for (size_t i = 0; i < s->n_candidates; i++)
		if (s->candidates[i].node == node)
			return &s->candidates[i];
	return NULL;
}

static void check_positive(struct pair *p, const struct beam_options *o, const struct trace *t,
	const struct positive_step *s, size_t step)
{
	const struct trie *trie = &p->c.trie;
	struct beam_rules rules = beam_rules_at(o, p->c.s.mask, step);
	uint32_t parent = trie->parent[s->node];
	const struct trace_candidate *k = step <= t->n_steps ? row_of(&t->steps[step - 1], s->node) : NULL;
	size_t rank = 1;

	assert_int_equal(s->width, rules.width);
	assert_true(s->step_logp == pair_logp(p, rules.mask, s->node));
	for (uint32_t c = trie->first[parent]; c < trie->first[parent + 1]; c++)
		rank += pair_logp(p, rules.mask, c) > s->step_logp;
	assert_int_equal(s->token_rank, rank);
	if (s->step_logp > -INFINITY)
		assert_int_equal(s->token_margin >= 0, rank <= rules.width);
	assert_int_equal(s->in_beam, k != NULL && k->kept);
	if (step > t->n_steps)
		return;
	if (k == NULL) {
		rank = 1;
		for (size_t i = 0; i < t->steps[step - 1].n_candidates; i++) {
			const struct trace_candidate *other = &t->steps[step - 1].candidates[i];

			rank += !other->forbidden && other->logp > s->logp;
		}
	}
	assert_int_equal(s->prefix_rank, k != NULL ? k->rank : rank);
	if (k == NULL || k->forbidden || (rules.kind == SEARCH_HF && k->finished))
		return;
	assert_true(k->logp == s->logp);
	assert_true(k->kept ? k->forced || s->prefix_margin >= 0 : s->prefix_margin <= 0);
}

/* The branch's steps are its own; the verdict is that of the search without edits. */
static void test_diagnosis_of_a_branch(void **state)
{
	size_t came_back = 0, forbidden = 0, zero = 0;
	struct rng r;

	(void)state;
	rng_seed(&r, 17);
	for (int round = 0; round < 6000; round++) {
		struct diagnose_options o = {.beam = options_random(&r), .max_width = 4};
		struct beam_edit edits[EDITCASE_EDITS];
		struct diagnosis d, original;
		struct trace t;
		struct pair p;
		struct err err;
		uint32_t leaf;

		pair_init(&p, &r, round);
		leaf = leaf_random(&p.c.trie, &r);
		o.beam.others = EDITCASE_ALL;
		assert_int_equal(beam_search(&t, &p.c.s, &o.beam, true, &err), 0);
		assert_int_equal(diagnose(&original, &t, &p.c.s, leaf, UNREACHABLE_NOT, &o, &err), 0);
		trace_release(&t);
		o.beam.edits = edits;
		o.beam.n_edits = 1 + rng_below(&r, EDITCASE_EDITS);
		for (size_t i = 0; i < o.beam.n_edits; i++)
			edits[i] = edit_random(&p.c.trie, leaf, &r);
		assert_int_equal(beam_search(&t, &p.c.s, &o.beam, true, &err), 0);
		assert_int_equal(diagnose_branch(&d, &t, &p.c.s, &original, &o.beam, &err), 0);
		assert_int_equal(d.kind, original.kind);
		assert_int_equal(d.exact_rank, original.exact_rank);
		assert_true(d.logp == original.logp && d.original == &original);
		assert_int_equal(d.smallest_width, original.smallest_width);
		assert_int_equal(d.rank, trace_rank(&t, leaf));
		assert_int_equal(d.n_steps, trie_depth(&p.c.trie, leaf));
		for (size_t i = 0; i < d.n_steps; i++)
			check_positive(&p, &o.beam, &t, &d.steps[i], i + 1);
		if (d.how == LOST_FORBIDDEN)
			assert_true(beam_edit_of(&o.beam, d.steps[d.pruned_at - 1].node)->kind == EDIT_FORBID);
		came_back += d.rank > 0 && original.rank == 0;
		forbidden += d.how == LOST_FORBIDDEN;
		zero += d.why == UNREACHABLE_ZERO;
		diagnosis_release(&d);
		diagnosis_release(&original);
		trace_release(&t);
		pair_release(&p);
	}
	assert_true(came_back > 200 && forbidden > 200 && zero > 50);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_diagnosis_of_a_branch),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
