#include "diagnose/outcome.h"

#include <math.h>

/* -log P of an item under a mask; leaves the scorer with that mask. */
static int nll_under(double *nll, struct scorer *s, enum mask_rule mask, uint32_t leaf, struct err *err)
{
	double logp;

	scorer_set(s, mask, s->tau);
	if (scorer_path(s, leaf, &logp, NULL, err) < 0)
		return -1;
	*nll = -logp;
	return 0;
}

/* Both figures, before anything else is asked for: a change of the mask costs the scorer its answers. An item that is
 * unreachable under the scorer's own mask gets no other figure: MASK_BEFORE may have no distribution for it. One that
 * is reachable only as a single child may be impossible under MASK_AFTER. */
static int find_nll(struct outcome *out, struct scorer *s, uint32_t leaf, struct err *err)
{
	enum mask_rule mask = s->mask;
	int rc = nll_under(&out->nll_after, s, MASK_AFTER, leaf, err);

	if (rc == 0 && (mask == MASK_BEFORE || out->nll_after < INFINITY))
		rc = nll_under(&out->nll_before, s, MASK_BEFORE, leaf, err);
	scorer_set(s, mask, s->tau);
	return rc;
}

/* BEAR's condition: every token of the item is among the `width` most probable of its sisters. */
static int check_condition(struct outcome *out, struct scorer *s, uint32_t leaf, size_t width, struct err *err)
{
	const struct trie *t = s->trie;
	double logp;

	if (scorer_path(s, leaf, &logp, NULL, err) < 0)
		return -1;
	out->condition_holds = true;
	for (uint32_t node = leaf; node != TRIE_ROOT; node = t->parent[node]) {
		uint32_t parent = t->parent[node];
		const double *sisters = scorer_logp(s, parent);
		size_t n = trie_n_children(t, parent);

		out->condition_holds &= token_rank(sisters, n, sisters[node - t->first[parent]]) <= width;
	}
	return 0;
}

/* Items of the result that belong to the exact best. One as probable as the last of these is as good as it. */
static void count_recalled(struct outcome *out, const struct trace *t, const struct exact_result *r)
{
	out->returned = t->n_results;
	out->exact_n = r->n_items;
	for (size_t i = 0; i < t->n_results && r->n_items > 0; i++)
		out->recalled += t->results[i].logp >= r->items[r->n_items - 1].logp;
	if (out->recalled > out->exact_n)
		out->recalled = out->exact_n;
}

/* What is returned and more probable than the positive item bounds its exact rank, whatever the budget allowed. */
static void bound_exact_rank(struct outcome *out, const struct trace *t, const struct exact_result *r)
{
	size_t rank = 1;

	for (size_t i = 0; i < t->n_results; i++)
		rank += t->results[i].logp > r->target_logp;
	out->exact_rank = r->proved || r->target_rank > rank ? r->target_rank : rank;
	out->exact_proved = r->proved || out->exact_rank == r->target_rank_most;
}

static void judge(struct outcome *out, const struct trie *trie, uint32_t leaf, const struct trace *t,
	const struct exact_result *r, size_t width)
{
	bound_exact_rank(out, t, r);
	out->rank = trace_rank(t, leaf);
	if (out->rank == 0)
		out->pruned_at = trace_lost_at(t, trie, leaf);
	if (out->rank > 0)
		out->kind = VERDICT_RETRIEVED;
	else if (out->exact_rank > width)
		out->kind = VERDICT_OUTRANKED;
	else if (r->target_rank_most <= width)
		out->kind = VERDICT_PRUNED;
	else
		out->kind = VERDICT_UNDECIDED;
}

/* The two searches, and what they say of the positive item (leaf TRIE_NONE: nothing). */
static int search(
	struct outcome *out, struct scorer *s, uint32_t leaf, const struct diagnose_options *o, struct err *err)
{
	size_t width = o->beam.width;
	struct beam_options beam = o->beam;
	struct exact_options exact = {.top = width, .target = leaf, .budget = o->budget, .rank_limit = width};
	struct exact_result best = {0};
	struct trace trace;
	int rc = -1;

	beam.others = 1;
	if (beam_search(&trace, s, &beam, leaf != TRIE_NONE, err) < 0 || exact_search(&best, s, &exact, err) < 0)
		goto out;
	count_recalled(out, &trace, &best);
	if (leaf != TRIE_NONE)
		judge(out, s->trie, leaf, &trace, &best, width);
	rc = 0;
out:
	exact_release(&best);
	trace_release(&trace);
	return rc;
}

int outcome_find(struct outcome *out, struct scorer *s, uint32_t leaf, enum unreachable_why why,
	const struct diagnose_options *o, struct err *err)
{
	*out = (struct outcome){.kind = VERDICT_UNREACHABLE, .why = why, .nll_before = INFINITY, .nll_after = INFINITY};
	if (leaf == TRIE_NONE)
		return search(out, s, TRIE_NONE, o, err);
	if (find_nll(out, s, leaf, err) < 0)
		return -1;
	if ((s->mask == MASK_BEFORE ? out->nll_before : out->nll_after) == INFINITY) {
		out->why = UNREACHABLE_ZERO;
		return search(out, s, TRIE_NONE, o, err);
	}
	out->why = UNREACHABLE_NOT;
	if (check_condition(out, s, leaf, o->beam.width, err) < 0)
		return -1;
	return search(out, s, leaf, o, err);
}
