/*
 * Diagnosis against its definitions: margins, ranks and verdicts on random small cases, from a trace that kept every
 * candidate and from plain loops over items and widths; and the sentences word for word.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "diagnose/diagnosis.h"
#include "randcase.h"

#define ALL 1000
#define MOST_WIDTH 8

struct tally {
	size_t kind[VERDICT_UNDECIDED + 1], how[LOST_STOPPED + 1];
	size_t condition_holds_and_pruned, after_the_end;
};

/* One case under one setting: the diagnosis of a short trace, and the trace with everything. */
struct subject {
	struct randcase *c;
	struct diagnose_options o;
	struct trace full;
	struct diagnosis d;
};

/* Nothing is known of the case when it is diagnosed: what is known would cost no budget. All is known afterwards. */
static void subject_init(struct subject *x, struct randcase *c, const struct diagnose_options *o, uint32_t leaf)
{
	struct trace part;
	struct err err;

	x->c = c;
	x->o = *o;
	x->o.beam.others = ALL;
	assert_int_equal(scorer_prompt(&c->s, c->prompt, ARRAY_LEN(c->prompt), &err), 0);
	assert_int_equal(beam_search(&x->full, &c->s, &x->o.beam, true, &err), 0);
	x->o.beam.others = 1;
	assert_int_equal(beam_search(&part, &c->s, &x->o.beam, true, &err), 0);
	assert_int_equal(diagnose(&x->d, &part, &c->s, leaf, UNREACHABLE_NOT, &x->o, &err), 0);
	assert_int_equal(randcase_expand(c, &err), 0);
	trace_release(&part);
}

static void subject_release(struct subject *x)
{
	diagnosis_release(&x->d);
	trace_release(&x->full);
}

static void check_tokens(const struct subject *x)
{
	const struct trie *t = &x->c->trie;
	bool holds = true;

	for (size_t i = 0; i < x->d.n_steps; i++) {
		const struct positive_step *p = &x->d.steps[i];
		uint32_t parent = t->parent[p->node], first = t->first[parent];
		size_t larger = 0, width = x->o.beam.width, at_least = 0, valid = 0;

		assert_int_equal(p->valid, trie_n_children(t, parent));
		assert_int_equal(p->token, t->token[p->node]);
		assert_true(p->step_logp == scorer_step(&x->c->s, p->node));
		for (uint32_t c = first; c < t->first[parent + 1]; c++) {
			double logp = scorer_step(&x->c->s, c);

			larger += logp > p->step_logp;
			at_least += logp >= p->beta_logp;
			valid += logp > -INFINITY;
		}
		assert_int_equal(p->token_rank, larger + 1);
		holds &= larger < width;
		/* β is reached by B tokens, or by all, and without those equal to it by fewer. */
		assert_true(valid == 0 || at_least >= (width < valid ? width : valid));
		for (uint32_t c = first; c < t->first[parent + 1]; c++)
			at_least -= scorer_step(&x->c->s, c) == p->beta_logp;
		assert_true(valid == 0 || at_least < (width < valid ? width : valid));
		assert_true(isnan(p->token_margin) || p->token_margin == p->step_logp - p->beta_logp);
		if (p->step_logp > -INFINITY)
			assert_int_equal(p->token_margin >= 0, p->token_rank <= width);
	}
	assert_int_equal(x->d.condition_holds, holds);
}

static const struct trace_candidate *find(const struct trace_step *s, uint32_t node)
{
	for (size_t i = 0; i < s->n_candidates; i++)
		if (s->candidates[i].node == node)
			return &s->candidates[i];
	return NULL;
}

static void check_step(const struct subject *x, size_t i)
{
	const struct positive_step *p = &x->d.steps[i];
	const struct trace_step *s = &x->full.steps[i];
	const struct trace_candidate *c = find(s, p->node);
	size_t larger = 0;

	for (size_t k = 0; k < s->n_candidates; k++)
		larger += s->candidates[k].logp > p->logp;
	assert_int_equal(p->prefix_rank, c != NULL ? c->rank : larger + 1);
	assert_int_equal(p->in_beam, c != NULL && c->kept);
	if (p->logp == -INFINITY)
		return;
	if (x->o.beam.kind == SEARCH_PLAIN || !trie_is_leaf(&x->c->trie, p->node)) {
		assert_true(p->prefix_margin == p->logp - s->cutoff);
		assert_true(p->in_beam ? p->prefix_margin >= 0 : p->prefix_margin <= 0 || c == NULL);
	} else if (p->in_beam) {
		assert_true(p->prefix_margin >= 0);
	}
}

static void check_steps(const struct subject *x, struct tally *tally)
{
	double logp = 0;

	for (size_t i = 0; i < x->d.n_steps; i++) {
		const struct positive_step *p = &x->d.steps[i];

		logp += p->step_logp;
		assert_true(p->logp == logp);
		if (i < x->full.n_steps) {
			check_step(x, i);
		} else {
			assert_true(isnan(p->prefix_margin) && p->prefix_rank == 0 && !p->in_beam);
			tally->after_the_end++;
		}
	}
	assert_true(x->d.logp == logp);
}

static size_t rank_in(const struct trace *t, uint32_t leaf)
{
	for (size_t i = 0; i < t->n_results; i++)
		if (t->results[i].leaf == leaf)
			return i + 1;
	return 0;
}

static bool is_finished(const struct trace_step *s, uint32_t leaf)
{
	for (size_t i = 0; i < s->n_finished; i++)
		if (s->finished[i].leaf == leaf)
			return true;
	return false;
}

static void check_loss(const struct subject *x)
{
	const struct diagnosis *d = &x->d;
	const struct trace *t = &x->full;
	const struct positive_step *p;
	bool ends;

	if (d->rank > 0 || d->kind == VERDICT_UNREACHABLE) {
		assert_int_equal(d->how, LOST_NOT);
		assert_int_equal(d->pruned_at > 0, d->kind == VERDICT_UNREACHABLE);
		return;
	}
	assert_in_range(d->pruned_at, 1, t->n_steps);
	for (size_t i = 0; i + 1 < d->pruned_at && i < d->n_steps; i++)
		assert_true(d->steps[i].in_beam);
	p = &d->steps[(d->pruned_at < d->n_steps ? d->pruned_at : d->n_steps) - 1];
	ends = trie_is_leaf(&x->c->trie, p->node);
	switch (d->how) {
	case LOST_NOT:
		fail();
		break;
	case LOST_CUT:
		assert_true(!p->in_beam && p->prefix_margin <= 0 && (x->o.beam.kind == SEARCH_PLAIN || !ends));
		break;
	case LOST_LATE_END:
		assert_true(!p->in_beam && p->prefix_margin <= 0 && x->o.beam.kind == SEARCH_HF && ends);
		assert_true(p->prefix_rank > x->o.beam.width);
		break;
	case LOST_SCORE:
		assert_true(!p->in_beam && x->o.beam.kind == SEARCH_HF && ends && p->prefix_rank <= x->o.beam.width);
		assert_int_equal(t->steps[d->pruned_at - 1].n_finished, x->o.beam.width);
		break;
	case LOST_DISPLACED:
		assert_true(d->pruned_at > d->n_steps && ends);
		assert_true(is_finished(&t->steps[d->pruned_at - 2], d->leaf));
		assert_false(is_finished(&t->steps[d->pruned_at - 1], d->leaf));
		break;
	case LOST_FORBIDDEN:
		fail();
		break;
	case LOST_STOPPED:
		assert_true(p->in_beam && !ends && x->o.beam.kind == SEARCH_HF && d->pruned_at == t->n_steps);
		break;
	}
}

static size_t true_rank(struct randcase *c, double than)
{
	size_t rank = 1;
	struct err err;
	double logp;

	for (uint32_t node = 0; node < c->trie.n_nodes; node++)
		if (trie_is_leaf(&c->trie, node)) {
			assert_int_equal(scorer_path(&c->s, node, &logp, NULL, &err), 0);
			rank += logp > than;
		}
	return rank;
}

static size_t better_returned(const struct trace *t, double than)
{
	size_t n = 0;

	for (size_t i = 0; i < t->n_results; i++)
		n += t->results[i].logp > than;
	return n;
}

static void check_verdict(const struct subject *x)
{
	const struct diagnosis *d = &x->d;
	size_t rank = true_rank(x->c, d->logp), width = x->o.beam.width;

	assert_int_equal(d->rank, rank_in(&x->full, d->leaf));
	if (d->logp == -INFINITY) {
		assert_int_equal(d->kind, VERDICT_UNREACHABLE);
		assert_int_equal(d->why, UNREACHABLE_ZERO);
		assert_true(d->rank == 0 && d->pruned_at > 0);
		return;
	}
	assert_true(d->exact_rank <= rank && rank <= d->exact_rank_most);
	assert_true(d->exact_rank > better_returned(&x->full, d->logp));
	assert_true(!d->exact_proved || d->exact_rank == rank);
	assert_true(x->o.budget > 0 || d->exact_proved);
	switch (d->kind) {
	case VERDICT_RETRIEVED:
		assert_true(d->rank > 0);
		break;
	case VERDICT_PRUNED:
		assert_true(d->rank == 0 && rank <= width);
		break;
	case VERDICT_OUTRANKED:
		assert_true(d->rank == 0 && rank > width);
		break;
	case VERDICT_UNREACHABLE:
		fail();
		break;
	case VERDICT_UNDECIDED:
		assert_true(d->rank == 0 && x->o.budget > 0 && !d->exact_proved);
		assert_true(d->exact_rank <= width && d->exact_rank_most > width);
		break;
	}
}

static void check_widths(const struct subject *x)
{
	size_t smallest = 0;

	for (size_t width = 1; width <= x->o.max_width && smallest == 0; width++) {
		struct beam_options o = x->o.beam;
		struct trace t;
		struct err err;

		o.width = width;
		assert_int_equal(beam_search(&t, &x->c->s, &o, false, &err), 0);
		smallest = rank_in(&t, x->d.leaf) > 0 ? width : 0;
		trace_release(&t);
	}
	if (x->d.kind == VERDICT_UNREACHABLE)
		return;
	assert_int_equal(x->d.widths_scanned, x->o.max_width);
	assert_int_equal(x->d.smallest_width, smallest);
}

static void check_item(struct randcase *c, const struct diagnose_options *o, uint32_t leaf, struct tally *tally)
{
	struct subject x;

	subject_init(&x, c, o, leaf);
	check_tokens(&x);
	check_steps(&x, tally);
	check_loss(&x);
	check_verdict(&x);
	check_widths(&x);
	tally->kind[x.d.kind]++;
	tally->how[x.d.how]++;
	tally->condition_holds_and_pruned += x.d.kind == VERDICT_PRUNED && x.d.condition_holds;
	subject_release(&x);
}

static void test_random(void **state)
{
	static const double penalties[] = {1, 0, 2};
	struct tally tally = {0};
	struct rng r;

	(void)state;
	rng_seed(&r, 12);
	for (int round = 0; round < 1500; round++) {
		struct randcase c;
		struct diagnose_options o = {.max_width = rng_below(&r, MOST_WIDTH)};

		if (!randcase_whole(&c, &r, 20, round))
			continue;
		o.budget = rng_below(&r, 3) == 0 ? 1 + rng_below(&r, 3) : 0;
		o.beam.kind = round % 2 == 0 ? SEARCH_HF : SEARCH_PLAIN;
		o.beam.early = (enum early_stopping)rng_below(&r, 3);
		o.beam.length_penalty = penalties[rng_below(&r, 3)];
		for (size_t i = 0; i < c.items.n; i++) {
			o.beam.width = 1 + rng_below(&r, 5);
			if (c.trie.item_leaf[i] != TRIE_NONE)
				check_item(&c, &o, c.trie.item_leaf[i], &tally);
		}
		randcase_release(&c);
	}
	for (size_t i = 0; i < ARRAY_LEN(tally.kind); i++)
		assert_true(tally.kind[i] > 10);
	for (size_t i = 0; i < ARRAY_LEN(tally.how); i++)
		assert_true(tally.how[i] > 10);
	assert_true(tally.condition_holds_and_pruned > 10 && tally.after_the_end > 10);
}

static void test_no_leaf(void **state)
{
	struct trace none;
	struct diagnosis d;
	struct randcase c;
	struct rng r;
	struct err err;

	(void)state;
	rng_seed(&r, 13);
	randcase_init(&c, &r, 5, 0, 0);
	trace_init(&none);
	assert_int_equal(diagnose(&d, &none, &c.s, TRIE_NONE, UNREACHABLE_HIDDEN,
				 &(struct diagnose_options){.beam.width = 2}, &err),
		0);
	assert_int_equal(d.kind, VERDICT_UNREACHABLE);
	assert_int_equal(d.why, UNREACHABLE_HIDDEN);
	assert_int_equal(d.n_steps, 0);
	assert_true(d.logp == -INFINITY && d.exact_rank == 0);
	diagnosis_release(&d);
	randcase_release(&c);
}

/* The words: token 5 is "Canon with its quotation mark, 6 is " CLI", 7 is "-226". */
static void piece(void *arg, uint32_t token, struct buf *out)
{
	(void)arg;
	buf_addstr(out, token == 5 ? "\"Canon" : token == 6 ? " CLI" : "-226");
}

/* An item of four tokens, lost at its second one; the tests change what they need. */
struct example {
	struct positive_step steps[4];
	struct trace_step traced[6];
	struct trace trace;
	struct diagnosis d;
};

static void example_init(struct example *e)
{
	*e = (struct example){
		.steps = {{.token = 5, .token_rank = 1, .prefix_rank = 2, .valid = 40, .width = 10},
			{.token = 6,
				.token_rank = 14,
				.prefix_rank = 14,
				.valid = 37,
				.width = 10,
				.logp = -4.15,
				.token_margin = -0.8,
				.prefix_margin = -0.84},
			{.token = 7, .token_rank = 1, .prefix_rank = 12, .valid = 2, .width = 10, .logp = -4.2},
			{.token = 2, .token_rank = 1, .prefix_rank = 1020, .valid = 1, .width = 10, .logp = -4.3}},
		.trace = {.n_steps = 6, .n_results = 10},
		.d = {.kind = VERDICT_PRUNED,
			.leaf = 9,
			.n_steps = 4,
			.logp = -4.3,
			.how = LOST_CUT,
			.pruned_at = 2,
			.exact_rank = 3,
			.exact_rank_most = 3,
			.exact_proved = true,
			.smallest_width = 14,
			.widths_scanned = 50},
	};
	for (size_t i = 0; i < ARRAY_LEN(e->traced); i++)
		e->traced[i] = (struct trace_step){.total = 37, .cutoff = -3.31};
	e->trace.steps = e->traced;
	e->d.steps = e->steps;
}

static void expect(const struct example *e, bool explain, const char *text)
{
	const struct verdict_words w = {.piece = piece, .width = 10, .n_sequences = 2411};
	struct buf out = {0};

	(explain ? verdict_explain : verdict_sentence)(&e->d, &e->trace, &w, &out);
	assert_string_equal(buf_str(&out), text);
	buf_release(&out);
}

static void test_sentences_of_loss(void **state)
{
	struct example e;

	(void)state;
	example_init(&e);
	expect(&e, false,
		"Incorrectly pruned: \" CLI\" ranks 14 at step 2, 0.84 nats under the cut-off; the whole item "
		"ranks 3 of 2,411; the smallest B that returns it is 14.");
	e.steps[1].prefix_margin = 0;
	e.d.smallest_width = 0;
	expect(&e, false,
		"Incorrectly pruned: \" CLI\" ranks 14 at step 2, level with the cut-off, where the order of "
		"equals decides; the whole item ranks 3 of 2,411; no B up to 50 returns it.");
	e.d.widths_scanned = 0;
	e.d.pruned_at = 4;
	e.d.how = LOST_LATE_END;
	expect(&e, false,
		"Incorrectly pruned: it ends at step 4 with rank 1,020, and the hf search drops for good what "
		"ends beyond rank B = 10; the whole item ranks 3 of 2,411.");
	e.d.how = LOST_SCORE;
	expect(&e, false,
		"Incorrectly pruned: it was finished at step 4 with no better score than the worst of the 10 "
		"finished items kept; the whole item ranks 3 of 2,411.");
	e.d.how = LOST_DISPLACED;
	e.d.pruned_at = 6;
	expect(&e, false,
		"Incorrectly pruned: it was finished at step 4 and lost its place to better items at step 6; the "
		"whole item ranks 3 of 2,411.");
	e.d.how = LOST_STOPPED;
	e.d.pruned_at = 3;
	expect(&e, false,
		"Incorrectly pruned: it was in the beam when the hf search stopped, after step 3 of the item's 4; "
		"the whole item ranks 3 of 2,411.");
}

static void test_sentences_of_kind(void **state)
{
	struct example e;

	(void)state;
	example_init(&e);
	e.d.kind = VERDICT_OUTRANKED;
	e.d.exact_rank = e.d.exact_rank_most = 1234;
	expect(&e, false,
		"Out-ranked: the whole item ranks 1,234 of 2,411, beyond B = 10; \" CLI\" ranks 14 at step 2, "
		"0.84 nats under the cut-off; the smallest B that returns it is 14.");
	e.d.kind = VERDICT_UNDECIDED;
	e.d.exact_proved = false;
	e.d.exact_rank = 4;
	expect(&e, false,
		"Undecided: \" CLI\" ranks 14 at step 2, 0.84 nats under the cut-off; the whole item ranks "
		"between 4 and 1,234 of 2,411; a larger budget would tell on which side of B = 10 it lies; the "
		"smallest B that returns it is 14.");
	e.d.exact_rank_most = 2411;
	expect(&e, true,
		"Undecided: \" CLI\" ranks 14 at step 2, 0.84 nats under the cut-off; the whole item ranks at "
		"least 4 of 2,411; a larger budget would tell on which side of B = 10 it lies; the smallest B that "
		"returns it is 14. At step 2, 37 prefixes competed for B = 10 places; the last one kept has log P "
		"-3.31 (3.65%), the item's prefix -4.15 (1.58%). BEAR's condition fails at step 2: \" CLI\" is "
		"number 14 of 37 valid tokens, 0.80 nats under the one of rank 10. The exact rank is not settled: "
		"the budget ran out with 3 more probable items found.");
	e.d.exact_rank = 1;
	expect(&e, false,
		"Undecided: \" CLI\" ranks 14 at step 2, 0.84 nats under the cut-off; the exact rank of the whole "
		"item was not found within the budget; a larger budget would tell on which side of B = 10 it lies; "
		"the smallest B that returns it is 14.");
	example_init(&e);
	e.d.kind = VERDICT_RETRIEVED;
	e.d.rank = 2;
	e.d.smallest_width = 1;
	expect(&e, false,
		"Retrieved at rank 2 of 10; the whole item ranks 3 of 2,411; the smallest B that returns it is 1.");
	e.d.kind = VERDICT_UNREACHABLE;
	e.d.why = UNREACHABLE_NO_POSITIVE;
	expect(&e, true, "Unreachable: the case's positive item is not in the catalogue.");
	e.d.why = UNREACHABLE_ZERO;
	e.steps[1].step_logp = -INFINITY;
	expect(&e, false, "Unreachable: the model gives \" CLI\" at step 2 probability zero.");
	e.steps[1].step_logp = -1;
	e.steps[3].step_logp = -INFINITY;
	expect(&e, false, "Unreachable: the model gives the end of the item (EOS) at step 4 probability zero.");
	assert_string_equal(verdict_name(VERDICT_PRUNED), "incorrectly-pruned");
	assert_string_equal(verdict_name(VERDICT_OUTRANKED), "out-ranked");
}

static void test_first_place(void **state)
{
	struct example e;

	(void)state;
	example_init(&e);
	e.d.exact_rank = e.d.exact_rank_most = 1;
	e.d.pruned_at = 1;
	e.d.condition_holds = true;
	e.d.widths_scanned = e.d.smallest_width = 0;
	e.steps[0].prefix_margin = -0.001;
	e.steps[0].logp = -3.311;
	expect(&e, true,
		"Incorrectly pruned: '\"Canon' ranks 2 at step 1, 0.001 nats under the cut-off; the whole item "
		"ranks 1 of 2,411. At step 1, 37 prefixes competed for B = 10 places; the last one kept has log P "
		"-3.31 (3.65%), the item's prefix -3.31 (3.65%). BEAR's condition holds: every token of the "
		"item is among the 10 most probable valid ones at its position. It is necessary, not sufficient: "
		"whole prefixes compete. The exact rank is proved: no item has a larger overall probability than "
		"its -4.30 (1.36%). This is the search's error, not the model's: training that lifts the item's "
		"early tokens against their rivals would keep it.");
}

static void test_explanation(void **state)
{
	struct example e;

	(void)state;
	example_init(&e);
	expect(&e, true,
		"Incorrectly pruned: \" CLI\" ranks 14 at step 2, 0.84 nats under the cut-off; the whole item "
		"ranks 3 of 2,411; the smallest B that returns it is 14. At step 2, 37 prefixes competed for B = "
		"10 places; the last one kept has log P -3.31 (3.65%), the item's prefix -4.15 (1.58%). BEAR's "
		"condition fails at step 2: \" CLI\" is number 14 of 37 valid tokens, 0.80 nats under the one of "
		"rank 10. The exact rank is proved: 2 items have a larger overall probability than its -4.30 "
		"(1.36%), and no other can. This is the search's error, not the model's: a wider beam finds the "
		"item, and so would training that lifts its early tokens.");
	e.d.kind = VERDICT_RETRIEVED;
	e.d.how = LOST_NOT;
	e.d.rank = 1;
	e.d.condition_holds = true;
	e.d.exact_proved = false;
	e.d.exact_rank_most = 5;
	e.d.widths_scanned = 0;
	e.d.smallest_width = 0;
	expect(&e, true,
		"Retrieved at rank 1 of 10; the whole item ranks between 3 and 5 of 2,411. BEAR's condition "
		"holds: every token of the item is among the 10 most probable valid ones at its position. The "
		"exact rank is not settled: the budget ran out with 2 more probable items found, and there can be "
		"at most 2 others.");
}

/* With edits: what became of the item in both searches, and nothing that could be taken for a verdict on the edits. */
static void test_sentences_of_a_branch(void **state)
{
	struct example e, o;

	(void)state;
	example_init(&e);
	example_init(&o);
	e.d.original = &o.d;
	e.d.rank = 1;
	e.d.how = LOST_NOT;
	expect(&e, false,
		"In this branch the item is returned at rank 1 of 10; without the edits it was pruned at step 2, and "
		"the whole item ranks 3 of 2,411.");
	o.d.kind = e.d.kind = VERDICT_RETRIEVED;
	o.d.rank = 4;
	e.d.rank = 0;
	e.d.how = LOST_FORBIDDEN;
	expect(&e, false,
		"In this branch the item is not returned: \" CLI\" is forbidden at step 2; without the edits it was "
		"returned at rank 4, and the whole item ranks 3 of 2,411.");
	e.d.how = LOST_CUT;
	e.steps[1].width = 5;
	e.steps[1].token_rank = 5;
	e.d.condition_holds = true;
	expect(&e, true,
		"In this branch the item is not returned: \" CLI\" ranks 14 at step 2, 0.84 nats under the cut-off; "
		"without the edits it was returned at rank 4, and the whole item ranks 3 of 2,411. At step 2, 37 "
		"prefixes competed for B = 5 places; the last one kept by its rank has log P -3.31 (3.65%), the "
		"item's prefix -4.15 (1.58%). BEAR's condition holds: every token of the item is among the B most "
		"probable valid ones at its position, B being that of the step. The exact rank is proved: 2 items "
		"have a larger overall probability than its -4.30 (1.36%), and no other can.");
	e.traced[1].cutoff = INFINITY;
	e.steps[1].prefix_margin = -INFINITY;
	expect(&e, false,
		"In this branch the item is not returned: \" CLI\" ranks 14 at step 2, where forced prefixes hold "
		"every place; without the edits it was returned at rank 4, and the whole item ranks 3 of 2,411.");
	e.steps[1].logp = -INFINITY;
	o.d.rank = 0;
	o.d.how = LOST_STOPPED;
	expect(&e, false,
		"In this branch the item is not returned: \" CLI\" has probability zero at step 2; without the edits "
		"it was lost at step 2, and the whole item ranks 3 of 2,411.");
	o.d.kind = e.d.kind = VERDICT_UNREACHABLE;
	o.d.why = UNREACHABLE_HIDDEN;
	expect(&e, false,
		"In this branch, as without the edits, the item cannot be returned: the positive item is the "
		"beginning of another one, and with --end leaf an item may end only where no other goes on.");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_random),
		cmocka_unit_test(test_no_leaf),
		cmocka_unit_test(test_sentences_of_loss),
		cmocka_unit_test(test_sentences_of_kind),
		cmocka_unit_test(test_first_place),
		cmocka_unit_test(test_explanation),
		cmocka_unit_test(test_sentences_of_a_branch),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
