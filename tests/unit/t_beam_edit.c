/*
 * Edited beam searches against a simulator of its own: it works on lists of token sequences, sorts all candidates,
 * decides as if there were no force, and then lets each forced one replace the last that is not. The token
 * log-probabilities of both masks come from two scorers over the same model, so that equal sums are equal bits.
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
#include "editcase.h"
#include "search/beam.h"

#define MOST_HYPS EDITCASE_ALL
#define MOST_STEPS (RANDITEMS_LONGEST + 1)

struct hyp {
	uint32_t node; /* tells sequences apart */
	double logp, last; /* of the whole, of the last token */
	size_t parent;
	bool ends, kept;
	size_t force;  /* 1 + number of the edit */
	double score;
	size_t age;    /* of finished ones */
};

struct list {
	struct hyp at[MOST_HYPS];
	size_t n;
};

struct sim {
	struct pair *p;
	const struct beam_options *o;
	struct beam_rules rules;
	size_t step;
	struct list live, finished, all, barred;
	bool done;
};

/* What the last edit that names the prefix wants: 0 nothing, -1 out, else 1 + its number. */
static long wish(const struct beam_options *o, uint32_t node)
{
	long w = 0;

	for (size_t i = 0; i < o->n_edits; i++)
		if (o->edits[i].node == node && o->edits[i].kind == EDIT_FORCE)
			w = (long)i + 1;
		else if (o->edits[i].node == node && o->edits[i].kind == EDIT_FORBID)
			w = -1;
	return w;
}

static void add(struct list *l, struct hyp h)
{
	assert_true(l->n < MOST_HYPS);
	l->at[l->n++] = h;
}

static void drop(struct list *l, size_t i)
{
	memmove(&l->at[i], &l->at[i + 1], (l->n - i - 1) * sizeof(*l->at));
	l->n--;
}

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

static double score(const struct sim *x, double logp, size_t n)
{
	return logp / pow((double)n, x->o->length_penalty);
}

/* The finished one that must go first. */
static size_t victim(const struct list *l)
{
	size_t v = 0;

	for (size_t i = 1; i < l->n; i++) {
		const struct hyp *a = &l->at[i], *b = &l->at[v];

		if (a->force < b->force || (a->force == b->force && a->score < b->score) ||
			(a->force == b->force && a->score == b->score && a->age < b->age))
			v = i;
	}
	return v;
}

static struct beam_rules rules(const struct sim *x, size_t step)
{
	struct beam_rules r = {x->o->width, x->p->c.s.mask, x->o->kind};

	for (size_t i = x->o->n_edits; i-- > 0;)
		if (x->o->edits[i].kind == EDIT_WIDTH && x->o->edits[i].step <= step) {
			r.width = x->o->edits[i].width;
			break;
		}
	for (size_t i = x->o->n_edits; i-- > 0;)
		if (x->o->edits[i].kind == EDIT_MASK && x->o->edits[i].step <= step) {
			r.mask = x->o->edits[i].mask;
			break;
		}
	for (size_t i = x->o->n_edits; i-- > 0;)
		if (x->o->edits[i].kind == EDIT_KIND && x->o->edits[i].step <= step) {
			r.kind = x->o->edits[i].search;
			break;
		}
	return r;
}

static int by_age(const void *a, const void *b)
{
	const struct hyp *x = a, *y = b;

	return x->age < y->age ? -1 : x->age > y->age;
}

static void change_kind(struct sim *x, size_t *age)
{
	struct list live = {.n = 0};

	if (x->rules.kind == SEARCH_HF) {
		for (size_t depth = 1; depth < x->step; depth++)
			for (size_t i = 0; i < x->live.n; i++) {
				struct hyp h = x->live.at[i];

				if (!h.ends || trie_depth(&x->p->c.trie, h.node) != depth)
					continue;
				h.score = score(x, h.logp, depth);
				h.age = ++*age;
				add(&x->finished, h);
			}
		for (size_t i = 0; i < x->live.n; i++)
			if (!x->live.at[i].ends)
				add(&live, x->live.at[i]);
	} else {
		qsort(x->finished.at, x->finished.n, sizeof(*x->finished.at), by_age);
		for (size_t i = 0; i < x->finished.n; i++)
			add(&live, x->finished.at[i]);
		for (size_t i = 0; i < x->live.n; i++)
			add(&live, x->live.at[i]);
		sort(&live);
		x->finished.n = 0;
	}
	x->live = live;
}

static void gather(struct sim *x)
{
	const struct trie *t = &x->p->c.trie;

	x->all.n = x->barred.n = 0;
	for (size_t i = 0; i < x->live.n; i++) {
		struct hyp h = x->live.at[i];
		uint32_t first = h.ends ? h.node : t->first[h.node], n = h.ends ? 1 : t->first[h.node + 1] - first;

		for (uint32_t node = first; node < first + n; node++) {
			double last = h.ends ? h.last : pair_logp(x->p, x->rules.mask, node);
			struct hyp k = {.node = node, .last = last, .parent = i, .ends = trie_is_leaf(t, node)};
			long w = wish(x->o, node);

			k.logp = h.ends ? h.logp : h.logp + last;
			k.force = w > 0 ? (size_t)w : 0;
			if (k.logp > -INFINITY)
				add(w < 0 ? &x->barred : &x->all, k);
		}
	}
	sort(&x->all);
}

static bool takes_place(const struct sim *x, const struct hyp *h)
{
	return x->rules.kind == SEARCH_PLAIN || !h->ends;
}

/* Of more forced ones than B those of the latest edits hold. */
static void thin_out_forced(struct sim *x)
{
	for (;;) {
		size_t n = 0, first = 0;

		for (size_t i = 0; i < x->all.n; i++)
			if (x->all.at[i].force > 0 && takes_place(x, &x->all.at[i])) {
				if (n++ == 0 || x->all.at[i].force < x->all.at[first].force)
					first = i;
			}
		if (n <= x->rules.width)
			return;
		x->all.at[first].force = 0;
	}
}

/* Who goes on: as without force, then each forced one that does not replaces the last that need not. The ends of hf
 * are those that may be finished. */
static void decide(const struct sim *x, const struct list *all, bool *stays)
{
	size_t n = 0, width = x->rules.width;
	bool hf = x->rules.kind == SEARCH_HF;

	for (size_t i = 0; i < all->n; i++) {
		const struct hyp *h = &all->at[i];

		if (!takes_place(x, h)) {
			stays[i] = i < width || h->force > 0;
			continue;
		}
		stays[i] = n < width && (!hf || i < 2 * width);
		n += stays[i];
	}
	for (size_t i = 0; i < all->n; i++) {
		size_t last = all->n;

		if (!takes_place(x, &all->at[i]) || all->at[i].force == 0 || stays[i])
			continue;
		while (n == width && last-- > 0)
			if (stays[last] && takes_place(x, &all->at[last]) && all->at[last].force == 0)
				break;
		stays[i] = true;
		if (n == width)
			stays[last] = false;
		else
			n++;
	}
}

static bool finish(struct sim *x, struct hyp h, size_t *age)
{
	struct list *l = &x->finished;

	h.score = score(x, h.logp, x->step);
	h.age = ++*age;
	if (l->n == x->rules.width) {
		size_t v = victim(l);

		if (h.force < l->at[v].force || (h.force == l->at[v].force && !(h.score > l->at[v].score)))
			return false;
		drop(l, v);
	}
	add(l, h);
	return true;
}

static bool hf_stops(const struct sim *x)
{
	const struct hyp *v = &x->finished.at[victim(&x->finished)];
	size_t n = x->step;

	if (x->live.n == 0)
		return true;
	if (x->finished.n < x->rules.width)
		return false;
	if (x->o->early == EARLY_TRUE || x->rules.width == 1 || v->force > 0)
		return true;
	if (x->o->early == EARLY_NEVER && x->o->length_penalty > 0)
		n = HF_MAX_NEW_TOKENS;
	return v->score >= score(x, x->all.at[0].logp, n);
}

/* One step; false where the search was over before. */
static bool sim_step(struct sim *x, size_t *age)
{
	enum search_kind before = x->rules.kind;
	bool stays[MOST_HYPS], unfinished = false;

	if (x->done)
		return false;
	x->step++;
	x->rules = rules(x, x->step);
	if (x->step > 1 && x->rules.kind != before)
		change_kind(x, age);
	while (x->finished.n > x->rules.width)
		drop(&x->finished, victim(&x->finished));
	gather(x);
	thin_out_forced(x);
	decide(x, &x->all, stays);
	x->live.n = 0;
	for (size_t i = 0; i < x->all.n; i++) {
		struct hyp *h = &x->all.at[i];

		h->kept = stays[i];
		if (stays[i] && !takes_place(x, h))
			h->kept = finish(x, *h, age);
		else if (stays[i])
			add(&x->live, *h);
		unfinished |= stays[i] && !h->ends;
	}
	x->done = x->rules.kind == SEARCH_HF ? hf_stops(x) : !unfinished;
	return true;
}

/* By falling score, of equals the later one first. */
static void sort_results(struct sim *x)
{
	struct list l = {.n = 0};

	if (x->rules.kind == SEARCH_PLAIN) {
		x->finished = x->live;
		return;
	}
	while (x->finished.n > 0) {
		size_t best = 0;

		for (size_t i = 1; i < x->finished.n; i++) {
			const struct hyp *a = &x->finished.at[i], *b = &x->finished.at[best];

			if (a->score > b->score || (a->score == b->score && a->age > b->age))
				best = i;
		}
		add(&l, x->finished.at[best]);
		drop(&x->finished, best);
	}
	x->finished = l;
}

struct tally {
	size_t lifted, forced, forbidden, emptied, mask, to_hf, to_plain, ties;
};

static const struct trace_candidate *row_of(const struct trace_step *s, uint32_t node)
{
	for (size_t i = 0; i < s->n_candidates; i++)
		if (s->candidates[i].node == node)
			return &s->candidates[i];
	return NULL;
}

static void check_row(const struct trace_step *s, const struct trace_candidate *k, const struct hyp *h)
{
	assert_non_null(k);
	assert_true(k->logp == h->logp && k->step_logp == h->last);
	assert_int_equal(k->kept, h->kept);
	assert_int_equal(k->finished, h->ends);
	assert_int_equal(k->parent, h->parent);
	assert_int_equal(k->carried, s->live[k->parent].finished);
}

/* What is under the cut-off stays only by force, and what stays by itself is not: seen by taking one force away. */
static void check_cutoff(const struct sim *x, const struct trace_step *s)
{
	struct list all = x->all;
	bool stays[MOST_HYPS];

	for (size_t i = 0; i < all.n; i++) {
		size_t force = all.at[i].force;

		if (!takes_place(x, &all.at[i]))
			continue;
		all.at[i].force = 0;
		decide(x, &all, stays);
		all.at[i].force = force;
		if (stays[i])
			assert_true(all.at[i].logp >= s->cutoff);
		else
			assert_true(all.at[i].logp <= s->cutoff);
	}
	if (all.n == 0)
		assert_true(s->cutoff == -INFINITY);
}

static void check_barred(const struct sim *x, const struct trace_step *s)
{
	size_t n = 0;

	for (size_t i = 0; i < s->n_candidates; i++)
		n += s->candidates[i].forbidden;
	assert_int_equal(n, x->barred.n);
	for (size_t i = 0; i < x->barred.n; i++) {
		const struct hyp *h = &x->barred.at[i];
		const struct trace_candidate *k = row_of(s, h->node);
		size_t rank = 1;

		for (size_t j = 0; j < x->all.n; j++) {
			const struct hyp *o = &x->all.at[j];
			bool before = o->parent < h->parent || (o->parent == h->parent && o->node < h->node);

			rank += o->logp > h->logp || (o->logp == h->logp && before);
		}
		check_row(s, k, h);
		assert_true(k->forbidden && !k->forced);
		assert_int_equal(k->rank, rank);
	}
}

/* Whether exchanging two equal candidates changes who stays. */
static bool order_decides(const struct sim *x)
{
	bool stays[MOST_HYPS], other[MOST_HYPS];

	decide(x, &x->all, stays);
	for (size_t i = 0; i < x->all.n; i++)
		for (size_t j = i + 1; j < x->all.n && x->all.at[i].logp == x->all.at[j].logp; j++) {
			struct list all = x->all;
			bool same = true;

			all.at[i] = x->all.at[j];
			all.at[j] = x->all.at[i];
			decide(x, &all, other);
			for (size_t k = 0; k < all.n; k++)
				same &= stays[k] == other[k == i ? j : k == j ? i : k];
			if (!same)
				return true;
		}
	return false;
}

static void check_step(const struct sim *x, const struct trace_step *s, struct tally *tally)
{
	size_t n_kept = 0, shown = 0;

	assert_int_equal(s->step, x->step);
	assert_int_equal(s->total, x->all.n);
	assert_int_equal(s->done, x->done);
	for (size_t i = 0; i < x->all.n; i++) {
		const struct hyp *h = &x->all.at[i];
		const struct trace_candidate *k = row_of(s, h->node);

		n_kept += h->kept;
		if (!k) {
			assert_false(h->kept);
			continue;
		}
		shown++;
		check_row(s, k, h);
		assert_int_equal(k->rank, i + 1);
		assert_int_equal(k->forced, h->kept && h->force > 0);
		assert_false(k->forbidden);
		tally->forced += k->forced;
		tally->lifted += k->forced && k->logp < s->cutoff;
	}
	assert_int_equal(s->n_kept, n_kept);
	assert_int_equal(s->n_candidates, shown + x->barred.n);
	for (size_t i = 1; i < s->n_candidates; i++)
		assert_true(s->candidates[i - 1].logp >= s->candidates[i].logp);
	for (size_t i = 1; i < s->n_live; i++)
		assert_true(s->live[i].logp <= s->live[i - 1].logp);
	check_cutoff(x, s);
	check_barred(x, s);
	tally->forbidden += x->barred.n;
	tally->emptied += x->all.n == 0;
}

static void check_results(struct sim *x, const struct trace *t)
{
	bool hf = x->rules.kind == SEARCH_HF;

	sort_results(x);
	assert_int_equal(t->n_results, x->finished.n);
	assert_int_equal(t->short_of_items, x->finished.n < x->rules.width);
	for (size_t i = 0; i < t->n_results; i++) {
		assert_int_equal(t->results[i].rank, i + 1);
		assert_int_equal(t->results[i].leaf, x->finished.at[i].node);
		assert_true(t->results[i].logp == x->finished.at[i].logp);
		assert_true(t->results[i].score == (hf ? x->finished.at[i].score : x->finished.at[i].logp));
	}
}

static void count_kinds(const struct beam_options *o, size_t n_steps, struct tally *tally)
{
	enum search_kind kind = o->kind;

	for (size_t step = 1; step <= n_steps; step++) {
		struct beam_rules r = beam_rules_at(o, MASK_BEFORE, step);

		if (r.kind != kind)
			++*(r.kind == SEARCH_HF ? &tally->to_hf : &tally->to_plain);
		tally->mask += step > 1 && beam_rules_at(o, MASK_BEFORE, step - 1).mask != r.mask;
		kind = r.kind;
	}
}

static void compare(struct pair *p, struct beam_options o, struct tally *tally)
{
	struct sim *x = xcalloc(1, sizeof(*x));
	enum mask_rule mask = p->c.s.mask;
	size_t age = 0, ties = 0, at = 0;
	struct trace t, brief;
	struct err err;

	assert_int_equal(beam_search(&t, &p->c.s, &o, true, &err), 0);
	assert_int_equal(p->c.s.mask, mask);
	x->p = p;
	x->o = &o;
	add(&x->live, (struct hyp){.node = TRIE_ROOT});
	while (sim_step(x, &age)) {
		assert_true(at < t.n_steps);
		check_step(x, &t.steps[at++], tally);
		ties += order_decides(x);
	}
	assert_int_equal(at, t.n_steps);
	check_results(x, &t);
	assert_int_equal(t.n_ties, ties);
	tally->ties += ties;
	count_kinds(&o, t.n_steps, tally);
	assert_int_equal(beam_search(&brief, &p->c.s, &o, false, &err), 0);
	assert_int_equal(brief.n_results, t.n_results);
	assert_int_equal(brief.n_ties, t.n_ties);
	assert_memory_equal(brief.results, t.results, t.n_results * sizeof(*t.results));
	trace_release(&brief);
	trace_release(&t);
	free(x);
}

static void test_against_simulator(void **state)
{
	struct tally tally = {0};
	struct rng r;

	(void)state;
	rng_seed(&r, 11);
	for (int round = 0; round < 6000; round++) {
		struct beam_edit edits[EDITCASE_EDITS];
		struct pair p;

		pair_init(&p, &r, round);
		for (int again = 0; again < 4; again++) {
			struct beam_options o = options_random(&r);
			uint32_t leaf = leaf_random(&p.c.trie, &r);

			o.edits = edits;
			o.n_edits = rng_below(&r, EDITCASE_EDITS + 1);
			for (size_t i = 0; i < o.n_edits; i++)
				edits[i] = edit_random(&p.c.trie, leaf, &r);
			compare(&p, o, &tally);
		}
		pair_release(&p);
	}
	assert_true(tally.forced > 3000 && tally.lifted > 700 && tally.forbidden > 3000 && tally.emptied > 100);
	assert_true(tally.mask > 500 && tally.to_hf > 500 && tally.to_plain > 500 && tally.ties > 300);
}

static void check_same(const struct trace *a, const struct trace *b)
{
	assert_int_equal(a->n_steps, b->n_steps);
	assert_int_equal(a->n_results, b->n_results);
	assert_memory_equal(a->results, b->results, a->n_results * sizeof(*a->results));
	for (size_t i = 0; i < a->n_steps; i++) {
		const struct trace_step *s = &a->steps[i], *t = &b->steps[i];

		assert_true(s->cutoff == t->cutoff && s->finish_cutoff == t->finish_cutoff);
		assert_int_equal(s->total, t->total);
		assert_int_equal(s->n_candidates, t->n_candidates);
		assert_int_equal(s->n_kept, t->n_kept);
		for (size_t k = 0; k < s->n_candidates; k++) {
			struct trace_candidate c = t->candidates[k];

			c.forced = false;
			assert_memory_equal(&s->candidates[k], &c, sizeof(c));
		}
	}
}

/* Appends edits that force all that a search keeps, but for items that are displaced later and then would not be. */
static void force_kept(struct beam_edit *edits, size_t *n, const struct trace *t, enum search_kind kind)
{
	for (size_t i = 0; i < t->n_steps; i++)
		for (size_t k = 0; k < t->steps[i].n_candidates; k++) {
			const struct trace_candidate *c = &t->steps[i].candidates[k];

			if (!c->kept || c->carried)
				continue;
			if (c->finished && (kind == SEARCH_HF || trace_rank(t, c->node) == 0))
				continue;
			edits[(*n)++] = (struct beam_edit){.kind = EDIT_FORCE, .step = i + 1, .node = c->node};
		}
}

/* Edits that want what is so already: the rules in force, and that all that is kept be kept. */
static void test_empty_edits(void **state)
{
	struct rng r;

	(void)state;
	rng_seed(&r, 12);
	for (int round = 0; round < 1000; round++) {
		struct beam_options o = options_random(&r);
		struct beam_edit edits[MOST_STEPS * 8 + 3];
		struct trace plain, edited;
		struct pair p;
		struct err err;

		pair_init(&p, &r, round);
		assert_int_equal(beam_search(&plain, &p.c.s, &o, true, &err), 0);
		edits[0] = (struct beam_edit){.kind = EDIT_WIDTH, .step = 1, .width = o.width};
		edits[1] = (struct beam_edit){.kind = EDIT_MASK, .step = 2, .mask = p.c.s.mask};
		edits[2] = (struct beam_edit){.kind = EDIT_KIND, .step = 1 + (size_t)round % 3, .search = o.kind};
		o.edits = edits;
		o.n_edits = 3;
		assert_int_equal(beam_search(&edited, &p.c.s, &o, true, &err), 0);
		check_same(&plain, &edited);
		assert_int_equal(plain.n_ties, edited.n_ties);
		trace_release(&edited);
		force_kept(edits, &o.n_edits, &plain, o.kind);
		assert_int_equal(beam_search(&edited, &p.c.s, &o, true, &err), 0);
		check_same(&plain, &edited);
		trace_release(&edited);
		trace_release(&plain);
		pair_release(&p);
	}
}

/* An item all of whose prefixes are forced comes back, whatever the beam. */
static void test_forced_item_comes_back(void **state)
{
	size_t lost_without = 0;
	struct rng r;

	(void)state;
	rng_seed(&r, 13);
	for (int round = 0; round < 3000; round++) {
		struct beam_options o = options_random(&r);
		struct beam_edit edits[RANDITEMS_LONGEST];
		struct trace t;
		struct pair p;
		struct err err;
		uint32_t leaf;
		double logp;

		pair_init(&p, &r, round);
		leaf = leaf_random(&p.c.trie, &r);
		assert_int_equal(scorer_path(&p.c.s, leaf, &logp, NULL, &err), 0);
		assert_int_equal(beam_search(&t, &p.c.s, &o, false, &err), 0);
		lost_without += logp > -INFINITY && trace_rank(&t, leaf) == 0;
		trace_release(&t);
		for (uint32_t node = leaf; node != TRIE_ROOT; node = p.c.trie.parent[node])
			edits[o.n_edits++] = (struct beam_edit){
				.kind = EDIT_FORCE, .step = trie_depth(&p.c.trie, node), .node = node};
		o.edits = edits;
		o.kind = SEARCH_PLAIN; /* hf may stop before the item's end */
		assert_int_equal(beam_search(&t, &p.c.s, &o, false, &err), 0);
		assert_true((trace_rank(&t, leaf) > 0) == (logp > -INFINITY));
		for (size_t i = 0; i < t.n_results; i++)
			if (t.results[i].leaf == leaf)
				assert_true(t.results[i].logp == logp);
		trace_release(&t);
		pair_release(&p);
	}
	assert_true(lost_without > 300);
}

/* Forbidding all ways on ends the search with what was finished. */
static void test_nothing_left(void **state)
{
	struct rng r;

	(void)state;
	rng_seed(&r, 14);
	for (int round = 0; round < 500; round++) {
		struct beam_options o = options_random(&r);
		struct beam_edit edits[RANDCASE_VOCAB];
		struct trace t;
		struct pair p;
		struct err err;

		pair_init(&p, &r, round);
		for (uint32_t c = p.c.trie.first[TRIE_ROOT]; c < p.c.trie.first[TRIE_ROOT + 1]; c++)
			edits[o.n_edits++] = (struct beam_edit){.kind = EDIT_FORBID, .step = 1, .node = c};
		o.edits = edits;
		assert_int_equal(beam_search(&t, &p.c.s, &o, true, &err), 0);
		assert_int_equal(t.n_steps, 1);
		assert_int_equal(t.n_results, 0);
		assert_int_equal(t.steps[0].total, 0);
		assert_true(t.steps[0].done && t.short_of_items && t.steps[0].cutoff == -INFINITY);
		trace_release(&t);
		pair_release(&p);
	}
}

/* A search that fails behind a change of the mask leaves the scorer with its own. */
static void test_mask_is_put_back(void **state)
{
	static const struct beam_edit before = {.kind = EDIT_MASK, .step = 2, .mask = MASK_BEFORE};
	static const struct beam_options o = {.width = 3, .edits = &before, .n_edits = 1};
	int failed = 0, whole = 0;
	struct rng r;

	(void)state;
	rng_seed(&r, 15);
	while (failed < 20 || whole < 20) {
		struct randcase c;
		struct trace t;
		struct err err;

		randcase_init(&c, &r, 12, 0, 0.4);
		scorer_set(&c.s, MASK_AFTER, 1);
		if (beam_search(&t, &c.s, &o, true, &err) == 0) {
			whole++;
		} else {
			assert_int_equal(err.code, ERR_VALUE);
			failed++;
		}
		assert_int_equal(c.s.mask, MASK_AFTER);
		trace_release(&t);
		randcase_release(&c);
	}
}

static void test_width_of_nothing(void **state)
{
	static const struct beam_edit nothing = {.kind = EDIT_WIDTH, .step = 3};
	static const struct beam_options o = {.width = 3, .edits = &nothing, .n_edits = 1};
	struct randcase c;
	struct rng r;
	struct trace t;
	struct err err;

	(void)state;
	rng_seed(&r, 16);
	randcase_init(&c, &r, 12, 0, 0);
	assert_int_equal(beam_search(&t, &c.s, &o, true, &err), -1);
	assert_int_equal(err.code, ERR_VALUE);
	trace_release(&t);
	randcase_release(&c);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_against_simulator),
		cmocka_unit_test(test_empty_edits),
		cmocka_unit_test(test_forced_item_comes_back),
		cmocka_unit_test(test_nothing_left),
		cmocka_unit_test(test_mask_is_put_back),
		cmocka_unit_test(test_width_of_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
