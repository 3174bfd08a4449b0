#include "inquest.h"

#include <math.h>

static int path_nll(double *nll, struct scorer *s, uint32_t leaf, struct err *err)
{
	double logp;

	if (scorer_path(s, leaf, &logp, NULL, err) < 0)
		return -1;
	*nll = -logp;
	return 0;
}

/* Forgets all answers, and begins to count. */
static void begin(struct inquest *q, struct scorer *s, enum mask_rule mask)
{
	scorer_set(s, mask, s->tau);
	q->expanded = s->expanded;
	q->scored = s->scored;
}

/* -log P under both masks, the scorer's own last: a change of the mask costs it its answers. An item that is
 * unreachable under its own mask gets no other figure: MASK_BEFORE may have no distribution for it. One that is
 * reachable only as a single child may be impossible under MASK_AFTER. */
static int find_nll(struct inquest *q, struct scorer *s, uint32_t leaf, struct err *err)
{
	enum mask_rule mask = s->mask;
	int rc;

	scorer_set(s, MASK_AFTER, s->tau);
	rc = path_nll(&q->nll_after, s, leaf, err);
	if (rc == 0 && mask == MASK_AFTER && q->nll_after < INFINITY) {
		scorer_set(s, MASK_BEFORE, s->tau);
		rc = path_nll(&q->nll_before, s, leaf, err);
	}
	begin(q, s, mask);
	return rc == 0 && mask == MASK_BEFORE ? path_nll(&q->nll_before, s, leaf, err) : rc;
}

/* The exact search comes first: its batches are large, and the beam finds most of its answers there. */
int inquest_hold(struct inquest *q, struct scorer *s, uint32_t leaf, enum unreachable_why why,
	const struct diagnose_options *o, size_t top, size_t rank_limit, struct err *err)
{
	struct exact_options exact = {.top = top, .target = leaf, .budget = o->budget, .rank_limit = rank_limit};
	struct beam_options beam = o->beam;
	bool reachable;

	*q = (struct inquest){.nll_before = INFINITY, .nll_after = INFINITY};
	q->d = (struct diagnosis){.kind = VERDICT_UNREACHABLE, .why = why, .leaf = leaf, .logp = -INFINITY};
	trace_init(&q->trace);
	begin(q, s, s->mask);
	if (leaf != TRIE_NONE && find_nll(q, s, leaf, err) < 0)
		return -1;
	reachable = (s->mask == MASK_BEFORE ? q->nll_before : q->nll_after) < INFINITY;
	if (!reachable)
		exact.target = TRIE_NONE;
	beam.others = 1;
	if (exact_search(&q->best, s, &exact, err) < 0)
		return -1;
	if (beam_search(&q->trace, s, &beam, leaf != TRIE_NONE, err) < 0)
		return -1;
	if (leaf != TRIE_NONE && diagnosis_follow(&q->d, &q->trace, s, leaf, &o->beam, err) < 0)
		return -1;
	if (reachable) {
		diagnosis_rank(&q->d, &q->best);
		diagnosis_bound(&q->d, &q->trace);
	}
	return 0;
}

void inquest_release(struct inquest *q)
{
	trace_release(&q->trace);
	exact_release(&q->best);
	diagnosis_release(&q->d);
}

/* An item as probable as the last of the exact best is as good as it. Of the first few of them alone, which the budget
 * may have left, more are returned than of all: that share would flatter the search. */
size_t inquest_recalled(const struct inquest *q, const struct trace *returned, size_t width, size_t *exact_n)
{
	size_t n = q->best.n_items < width ? q->best.n_items : width, recalled = 0;

	if (n < width && !q->best.complete)
		n = 0;
	*exact_n = n;
	for (size_t i = 0; i < returned->n_results && n > 0; i++)
		recalled += returned->results[i].logp >= q->best.items[n - 1].logp;
	return recalled < n ? recalled : n;
}

void inquest_close(struct inquest *q, size_t width, struct outcome *out)
{
	struct diagnosis *d = &q->d;
	bool reachable = d->why == UNREACHABLE_NOT;

	if (reachable)
		d->kind = verdict_find(d->rank, d->exact_rank, d->exact_rank_most, width);
	*out = (struct outcome){
		.kind = d->kind,
		.why = d->why,
		.rank = d->rank,
		.exact_rank = d->exact_rank,
		.exact_proved = d->exact_proved,
		.pruned_at = reachable ? d->pruned_at : 0,
		.condition_holds = reachable && d->condition_holds,
		.returned = q->trace.n_results,
		.nll_before = reachable ? q->nll_before : INFINITY,
		.nll_after = reachable ? q->nll_after : INFINITY,
	};
	out->recalled = inquest_recalled(q, &q->trace, width, &out->exact_n);
}
