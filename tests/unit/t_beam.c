/*
 * Beam search against full enumeration: the plain search, and the hf search written down once more from the numbered
 * steps of the reference (with its copies of the prompt at -1e9). Both sides take the token log-probabilities from the
 * scorer, so that equal sums are equal bits and ties can be compared.
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
#include "randcase.h"
#include "search/beam.h"

#define MOST_TOKENS 24
#define MOST_HYPS 128
#define MOST_STEPS 24
#define FILLER (-1e8) /* sums below this come from the copies */

struct hyp {
	uint32_t tokens[MOST_TOKENS];
	size_t n;
	double logp;
	size_t parent;
	bool finished, kept;
	double score;
};

struct list {
	struct hyp at[MOST_HYPS];
	size_t n;
};

struct oracle {
	struct randcase *c;
	size_t width;
	struct list live, candidates[MOST_STEPS], results;
	size_t n_steps;
	bool filled; /* a copy of the prompt was still among the live prefixes */
};

static bool starts_with(const struct randitems *items, size_t i, const struct hyp *h)
{
	return items->first[i + 1] - items->first[i] > h->n &&
	       memcmp(items->tokens + items->first[i], h->tokens, h->n * sizeof(uint32_t)) == 0;
}

/* The valid next tokens of a prefix, from the plain list of items. */
static void find_valid(const struct randcase *c, const struct hyp *h, bool *valid)
{
	size_t n = 0;

	memset(valid, 0, RANDCASE_VOCAB * sizeof(*valid));
	for (size_t i = 0; i < c->items.n; i++)
		if (starts_with(&c->items, i, h))
			valid[c->items.tokens[c->items.first[i] + h->n]] = true;
	for (uint32_t v = 0; v < RANDCASE_VOCAB; v++)
		n += valid[v];
	if (c->trie.end == END_LEAF && n > 1)
		valid[RANDCASE_EOS] = false;
}

static double token_logp(struct randcase *c, const struct hyp *h, uint32_t token)
{
	uint32_t node = TRIE_ROOT;
	struct err err;

	for (size_t i = 0; i < h->n; i++)
		node = trie_child(&c->trie, node, h->tokens[i]);
	assert_int_equal(scorer_expand(&c->s, &node, 1, &err), 0);
	return scorer_step(&c->s, trie_child(&c->trie, node, token));
}

static void add(struct list *l, struct hyp h)
{
	assert_true(l->n < MOST_HYPS);
	l->at[l->n++] = h;
}

static void add_continuations(struct oracle *o, struct list *to, size_t parent)
{
	const struct hyp *h = &o->live.at[parent];
	bool valid[RANDCASE_VOCAB];

	find_valid(o->c, h, valid);
	for (uint32_t v = 0; v < RANDCASE_VOCAB; v++) {
		struct hyp next = *h;

		if (!valid[v])
			continue;
		next.tokens[next.n++] = v;
		next.logp += token_logp(o->c, h, v);
		next.parent = parent;
		next.finished = v == RANDCASE_EOS;
		next.kept = false;
		if (next.logp > -INFINITY)
			add(to, next);
	}
}

/* Stable: equal sums stay in the order of parent, then token. */
static void sort(struct list *l)
{
	for (size_t i = 1; i < l->n; i++) {
		struct hyp h = l->at[i];
		size_t j = i;

		for (; j > 0 && l->at[j - 1].logp < h.logp; j--)
			l->at[j] = l->at[j - 1];
		l->at[j] = h;
	}
}

static void oracle_plain(struct oracle *o)
{
	bool done = false;

	add(&o->live, (struct hyp){0});
	while (!done) {
		struct list *all = &o->candidates[o->n_steps++];

		for (size_t i = 0; i < o->live.n; i++) {
			if (o->live.at[i].finished) {
				add(all, o->live.at[i]);
				all->at[all->n - 1].parent = i;
			} else {
				add_continuations(o, all, i);
			}
		}
		sort(all);
		o->live.n = 0;
		done = true;
		for (size_t i = 0; i < all->n; i++) {
			all->at[i].kept = i < o->width;
			if (i < o->width)
				add(&o->live, all->at[i]);
			done &= i >= o->width || all->at[i].finished;
		}
	}
	o->results = o->live;
}

static size_t worst(const struct list *l)
{
	size_t w = 0;

	for (size_t i = 1; i < l->n; i++)
		if (l->at[i].score < l->at[w].score)
			w = i;
	return w;
}

static bool hf_add(struct oracle *o, struct hyp h)
{
	struct list *l = &o->results;

	if (l->n == o->width) {
		size_t w = worst(l);

		if (!(h.score > l->at[w].score))
			return false;
		memmove(&l->at[w], &l->at[w + 1], (l->n - w - 1) * sizeof(*l->at));
		l->n--;
	}
	add(l, h);
	return true;
}

static bool hf_stop(const struct oracle *o, const struct beam_options *opt, double best, double t)
{
	double length = opt->early == EARLY_NEVER && opt->length_penalty > 0 ? 128 : t;

	if (o->results.n < o->width)
		return false;
	return opt->early == EARLY_TRUE || o->width == 1 ||
	       o->results.at[worst(&o->results)].score >= best / pow(length, opt->length_penalty);
}

static void hf_walk(struct oracle *o, const struct beam_options *opt, struct list *all)
{
	struct list next = {.n = 0};
	double t = (double)o->n_steps;

	for (size_t rank = 0; rank < all->n && rank < 2 * o->width && next.n < o->width; rank++) {
		struct hyp *h = &all->at[rank];

		if (h->finished) {
			h->score = h->logp / pow(t, opt->length_penalty);
			h->kept = rank < o->width && hf_add(o, *h);
		} else {
			h->kept = true;
			add(&next, *h);
			o->filled |= h->logp < FILLER;
		}
	}
	o->live = next;
}

static void oracle_hf(struct oracle *o, const struct beam_options *opt)
{
	struct list sorted = {.n = 0};
	bool done = false;

	add(&o->live, (struct hyp){0});
	for (size_t i = 1; i < o->width; i++)
		add(&o->live, (struct hyp){.logp = -1e9});
	while (!done && o->live.n > 0) {
		struct list *all = &o->candidates[o->n_steps++];

		for (size_t i = 0; i < o->live.n; i++)
			add_continuations(o, all, i);
		sort(all);
		if (all->n == 0)
			break;
		hf_walk(o, opt, all);
		done = hf_stop(o, opt, all->at[0].logp, (double)o->n_steps);
	}
	while (o->results.n > 0) { /* by falling score, of equals the later one first; the copies are no results */
		size_t best = o->results.n - 1;

		for (size_t i = best; i-- > 0;)
			if (o->results.at[i].score > o->results.at[best].score)
				best = i;
		if (o->results.at[best].logp > FILLER)
			add(&sorted, o->results.at[best]);
		memmove(&o->results.at[best], &o->results.at[best + 1],
			(o->results.n - best - 1) * sizeof(*o->results.at));
		o->results.n--;
	}
	o->results = sorted;
}

static void check_results(const struct oracle *o, const struct trace *t, bool hf)
{
	assert_int_equal(t->n_results, o->results.n);
	assert_int_equal(t->short_of_items, o->results.n < o->width);
	for (size_t i = 0; i < t->n_results; i++) {
		const struct trace_result *r = &t->results[i];
		const struct hyp *h = &o->results.at[i];
		uint32_t path[MOST_TOKENS];

		assert_int_equal(r->rank, i + 1);
		assert_int_equal(trie_path(&o->c->trie, r->leaf, path), h->n);
		assert_memory_equal(path, h->tokens, h->n * sizeof(*path));
		assert_true(r->logp == h->logp);
		assert_true(r->score == (hf ? h->score : h->logp));
	}
}

static void check_candidate(const struct oracle *o, const struct trace_step *s, const struct hyp *h, size_t i)
{
	const struct trace_candidate *k = &s->candidates[i];
	uint32_t path[MOST_TOKENS];

	assert_int_equal(k->rank, i + 1);
	assert_int_equal(trie_path(&o->c->trie, k->node, path), h->n);
	assert_memory_equal(path, h->tokens, h->n * sizeof(*path));
	assert_int_equal(k->token, h->tokens[h->n - 1]);
	assert_int_equal(k->parent, h->parent);
	assert_true(k->logp == h->logp);
	assert_int_equal(k->kept, h->kept);
	assert_int_equal(k->finished, h->finished);
	assert_int_equal(k->carried, s->live[k->parent].finished);
	assert_true(k->carried || s->live[k->parent].logp + k->step_logp == k->logp);
	assert_int_equal(k->tie, i > 0 && k[-1].logp == k->logp);
}

/* A step that kept all its candidates. The copies of the reference are not among ours. */
static void check_step(const struct oracle *o, const struct trace *t, size_t step)
{
	const struct list *all = &o->candidates[step];
	const struct trace_step *s = &t->steps[step];
	size_t n = 0, n_kept = 0, last = 0;

	for (size_t i = 0; i < all->n && all->at[i].logp > FILLER; i++, n++)
		if (all->at[i].kept) {
			n_kept++;
			last = i;
		}
	assert_int_equal(s->step, step + 1);
	assert_int_equal(s->total, n);
	assert_int_equal(s->n_candidates, n);
	assert_int_equal(s->n_kept, n_kept);
	assert_true(n_kept == 0 || s->cutoff == all->at[last].logp);
	assert_int_equal(s->done, step + 1 == t->n_steps);
	for (size_t i = 0; i < n; i++)
		check_candidate(o, s, &all->at[i], i);
	for (size_t i = 1; i < s->n_live; i++)
		assert_true(s->live[i].logp <= s->live[i - 1].logp);
}

/* The same search with the trace cut to the kept candidates and the best `others` of the rest. */
static void check_short_trace(struct randcase *c, struct beam_options o, const struct trace *full)
{
	struct trace t;
	struct err err;

	o.others = 2;
	assert_int_equal(beam_search(&t, &c->s, &o, true, &err), 0);
	assert_int_equal(t.n_steps, full->n_steps);
	for (size_t i = 0; i < t.n_steps; i++) {
		const struct trace_step *s = &t.steps[i], *f = &full->steps[i];
		size_t at = 0, others = 0;

		assert_int_equal(s->total, f->total);
		assert_int_equal(s->n_kept, f->n_kept);
		assert_int_equal(s->n_finished, f->n_finished);
		assert_true(s->cutoff == f->cutoff && s->finish_cutoff == f->finish_cutoff);
		for (size_t k = 0; k < f->n_candidates; k++)
			if (f->candidates[k].kept || others++ < 2) {
				assert_true(at < s->n_candidates);
				assert_int_equal(s->candidates[at].kept, f->candidates[k].kept);
				assert_int_equal(s->candidates[at++].rank, f->candidates[k].rank);
			}
		assert_int_equal(at, s->n_candidates);
	}
	trace_release(&t);
}

static void check_without_steps(struct randcase *c, const struct beam_options *o, const struct trace *full)
{
	struct trace t;
	struct err err;

	assert_int_equal(beam_search(&t, &c->s, o, false, &err), 0);
	assert_int_equal(t.n_steps, 0);
	assert_int_equal(t.n_results, full->n_results);
	assert_int_equal(t.n_ties, full->n_ties);
	assert_memory_equal(t.results, full->results, t.n_results * sizeof(*t.results));
	trace_release(&t);
}

/* Who would stay of the candidates of a step in their order, before finished items are compared by score. */
static void stay(const struct trace_step *s, const size_t *order, size_t width, bool hf, bool *stays)
{
	size_t prefixes = 0;

	for (size_t rank = 0; rank < s->n_candidates; rank++) {
		bool ends = s->candidates[order[rank]].finished;

		if (hf)
			stays[order[rank]] = ends ? rank < width && prefixes < width : prefixes++ < width;
		else
			stays[order[rank]] = rank < width;
	}
}

/* Whether exchanging two equal candidates changes who stays. */
static bool order_decides(const struct trace_step *s, size_t width, bool hf)
{
	size_t order[MOST_HYPS] = {0};
	bool stays[MOST_HYPS], other[MOST_HYPS];
	size_t n = s->n_candidates;

	for (size_t i = 0; i < n; i++)
		order[i] = i;
	stay(s, order, width, hf, stays);
	for (size_t i = 0; i < n; i++)
		for (size_t j = i + 1; j < n && j <= 2 * width && s->candidates[i].logp == s->candidates[j].logp; j++) {
			order[i] = j;
			order[j] = i;
			stay(s, order, width, hf, other);
			order[i] = i;
			order[j] = j;
			if (memcmp(stays, other, n * sizeof(*stays)) != 0)
				return true;
		}
	return false;
}

static void check_ties(const struct trace *t, size_t width, bool hf)
{
	size_t n = 0;

	for (size_t i = 0; i < t->n_steps; i++)
		n += order_decides(&t->steps[i], width, hf);
	assert_int_equal(t->n_ties, n);
}

struct tally {
	size_t searches, ties, short_of_items, filled, displaced;
};

static void compare_plain(struct randcase *c, size_t width, struct tally *tally)
{
	struct beam_options options = {.width = width, .length_penalty = 1, .others = MOST_HYPS};
	struct oracle *o = xcalloc(1, sizeof(*o));
	struct trace t;
	struct err err;

	o->c = c;
	o->width = width;
	assert_int_equal(beam_search(&t, &c->s, &options, true, &err), 0);
	oracle_plain(o);
	check_results(o, &t, false);
	assert_int_equal(t.n_steps, o->n_steps);
	for (size_t i = 0; i < t.n_steps; i++)
		check_step(o, &t, i);
	check_ties(&t, width, false);
	check_short_trace(c, options, &t);
	check_without_steps(c, &options, &t);
	tally->searches++;
	tally->ties += t.n_ties > 0;
	tally->short_of_items += t.short_of_items;
	trace_release(&t);
	free(o);
}

/* Steps at which a finished item lost its place to another. */
static size_t displacements(const struct trace *t, size_t width)
{
	size_t n = 0;

	for (size_t i = 1; i < t->n_steps; i++) {
		const struct trace_step *now = &t->steps[i], *before = &t->steps[i - 1];

		if (before->n_finished == width)
			for (size_t k = 0; k < width; k++)
				n += now->finished[k].leaf != before->finished[k].leaf;
	}
	return n;
}

static void compare_hf(struct randcase *c, struct beam_options options, struct tally *tally)
{
	struct oracle *o = xcalloc(1, sizeof(*o));
	struct trace t;
	struct err err;

	options.kind = SEARCH_HF;
	options.others = MOST_HYPS;
	o->c = c;
	o->width = options.width;
	assert_int_equal(beam_search(&t, &c->s, &options, true, &err), 0);
	oracle_hf(o, &options);
	tally->searches++;
	tally->filled += o->filled;
	tally->ties += t.n_ties > 0;
	tally->short_of_items += t.short_of_items;
	tally->displaced += displacements(&t, options.width);
	if (options.early != EARLY_TRUE || !o->filled) { /* there the copies count as finished */
		check_results(o, &t, true);
		for (size_t i = 0; i < t.n_steps; i++)
			check_step(o, &t, i);
		if (!o->filled)
			assert_int_equal(t.n_steps, o->n_steps);
	}
	check_ties(&t, options.width, true);
	check_short_trace(c, options, &t);
	check_without_steps(c, &options, &t);
	trace_release(&t);
	free(o);
}

/* Some of the rounds have logits of few values, so that ties abound, some have tokens of probability zero. */
static void random_case(struct randcase *c, struct rng *r, int round)
{
	for (;;) {
		struct err err;
		uint32_t nodes[128];
		size_t n = 0;

		randcase_init(c, r, 12, round % 3 == 0 ? 1 + rng_below(r, 3) : 0, round % 5 == 0 ? 0.25 : 0);
		for (uint32_t node = 0; node < c->trie.n_nodes; node++)
			if (!trie_is_leaf(&c->trie, node))
				nodes[n++] = node;
		if (scorer_expand(&c->s, nodes, n, &err) == 0)
			return;
		randcase_release(c); /* an error: a prefix without continuation under MASK_BEFORE */
	}
}

static void test_plain(void **state)
{
	struct tally tally = {0};
	struct rng r;

	(void)state;
	rng_seed(&r, 4);
	for (int round = 0; round < 2000; round++) {
		struct randcase c;

		random_case(&c, &r, round);
		for (size_t width = 1; width <= 5; width++)
			compare_plain(&c, width, &tally);
		compare_plain(&c, 6 + rng_below(&r, 100), &tally);
		randcase_release(&c);
	}
	assert_true(tally.ties > 300 && tally.short_of_items > 1000);
}

static void test_hf(void **state)
{
	static const double penalties[] = {1, 1, 0, 0.5, 2, -1};
	struct tally tally = {0};
	struct rng r;

	(void)state;
	rng_seed(&r, 5);
	for (int round = 0; round < 3000; round++) {
		struct randcase c;

		random_case(&c, &r, round);
		for (size_t width = 1; width <= 5; width++) {
			struct beam_options o = {.width = width, .length_penalty = penalties[rng_below(&r, 6)]};

			o.early = (enum early_stopping)rng_below(&r, 3);
			compare_hf(&c, o, &tally);
		}
		randcase_release(&c);
	}
	assert_true(tally.ties > 300 && tally.short_of_items > 1000);
	assert_true(tally.filled > 1000 && tally.displaced > 100);
}

/* Greedy is the most probable token at every step, under both kinds of search. */
static void test_greedy(void **state)
{
	struct rng r;

	(void)state;
	rng_seed(&r, 6);
	for (int round = 0; round < 1000; round++) {
		struct beam_options o = {.width = 1, .kind = round % 2 ? SEARCH_HF : SEARCH_PLAIN, .length_penalty = 1};
		struct randcase c;
		struct trace t;
		struct err err;
		uint32_t node = TRIE_ROOT;

		o.early = (enum early_stopping)rng_below(&r, 3);
		randcase_init(&c, &r, 12, 0, 0);
		assert_int_equal(beam_search(&t, &c.s, &o, false, &err), 0);
		while (!trie_is_leaf(&c.trie, node)) {
			uint32_t best = c.trie.first[node];

			for (uint32_t child = best; child < c.trie.first[node + 1]; child++)
				if (scorer_step(&c.s, child) > scorer_step(&c.s, best))
					best = child;
			node = best;
		}
		assert_int_equal(t.n_results, 1);
		assert_int_equal(t.results[0].leaf, node);
		trace_release(&t);
		randcase_release(&c);
	}
}

/* The scorer is asked once a step, and not at all for what it knows. */
static void test_one_query_a_step(void **state)
{
	struct rng r;

	(void)state;
	rng_seed(&r, 7);
	for (int round = 0; round < 200; round++) {
		struct beam_options o = {.width = 3, .kind = SEARCH_PLAIN, .length_penalty = 1};
		struct randcase c;
		struct trace t;
		struct err err;
		uint64_t passes;

		randcase_init(&c, &r, 12, 0, 0);
		assert_int_equal(beam_search(&t, &c.s, &o, true, &err), 0);
		passes = c.lm->stats.passes;
		assert_true(passes <= t.n_steps);
		trace_release(&t);
		o.width = 2;
		o.kind = SEARCH_HF;
		assert_int_equal(beam_search(&t, &c.s, &o, true, &err), 0);
		assert_true(c.lm->stats.passes - passes <= t.n_steps);
		trace_release(&t);
		passes = c.lm->stats.passes;
		assert_int_equal(beam_search(&t, &c.s, &o, true, &err), 0);
		assert_int_equal(c.lm->stats.passes, passes);
		trace_release(&t);
		randcase_release(&c);
	}
}

static void test_limits(void **state)
{
	static const struct beam_options none = {.width = 0}, nan = {.width = 1, .length_penalty = NAN};
	static const struct beam_options huge = {.width = SIZE_MAX, .others = SIZE_MAX};
	struct rng r;
	struct randcase c;
	struct trace t;
	struct err err;

	(void)state;
	rng_seed(&r, 8);
	randcase_init(&c, &r, 12, 0, 0);
	assert_int_equal(beam_search(&t, &c.s, &none, true, &err), -1);
	assert_int_equal(err.code, ERR_VALUE);
	trace_release(&t);
	assert_int_equal(beam_search(&t, &c.s, &nan, true, &err), -1);
	assert_int_equal(err.code, ERR_VALUE);
	trace_release(&t);
	assert_int_equal(beam_search(&t, &c.s, &huge, true, &err), 0);
	assert_int_equal(t.n_results, c.trie.n_leaves);
	assert_true(t.short_of_items);
	trace_release(&t);
	randcase_release(&c);
}

/* Also where every answer is known already and the model is not asked. */
static void test_cancelled(void **state)
{
	static const struct beam_options o = {.width = 3};
	cancel_flag flag = true;
	struct rng r;
	struct randcase c;
	struct trace t;
	struct err err;

	(void)state;
	rng_seed(&r, 9);
	randcase_init(&c, &r, 12, 0, 0);
	assert_int_equal(beam_search(&t, &c.s, &o, true, &err), 0);
	trace_release(&t);
	c.s.lm->cancel = &flag;
	assert_int_equal(beam_search(&t, &c.s, &o, true, &err), -1);
	assert_int_equal(err.code, ERR_CANCELLED);
	trace_release(&t);
	flag = false;
	assert_int_equal(beam_search(&t, &c.s, &o, true, &err), 0);
	trace_release(&t);
	randcase_release(&c);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_plain),
		cmocka_unit_test(test_hf),
		cmocka_unit_test(test_greedy),
		cmocka_unit_test(test_one_query_a_step),
		cmocka_unit_test(test_limits),
		cmocka_unit_test(test_cancelled),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
