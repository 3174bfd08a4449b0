#include <math.h>
#include <stdlib.h>

#include "base/mem.h"
#include "inquest.h"

/* A search, and what is being found of the item in it. */
struct inquiry {
	struct diagnosis *d;
	const struct trace *trace;
	struct scorer *s;
	const struct beam_options *o;
	enum mask_rule mask; /* without edits */
};

size_t token_rank(const double *logp, size_t n, double step)
{
	size_t larger = 0;

	for (size_t i = 0; i < n; i++)
		larger += logp[i] > step;
	return larger + 1;
}

static double smallest_valid(const double *logp, size_t n)
{
	double smallest = INFINITY;

	for (size_t i = 0; i < n; i++)
		if (logp[i] > -INFINITY && logp[i] < smallest)
			smallest = logp[i];
	return smallest < INFINITY ? smallest : -INFINITY;
}

/* Puts x in the place of the top of the heap at[0 … n-1], its smallest. */
static void replace_smallest(double *at, size_t n, double x)
{
	size_t i = 0, child;

	while ((child = 2 * i + 1) < n) {
		if (child + 1 < n && at[child + 1] < at[child])
			child++;
		if (at[child] >= x)
			break;
		at[i] = at[child];
		i = child;
	}
	at[i] = x;
}

double token_beta(const double *logp, size_t n, size_t width)
{
	double few[32], *largest = few, beta;

	if (width >= n)
		return smallest_valid(logp, n);
	if (width > ARRAY_LEN(few))
		largest = xmalloc(width * sizeof(*largest));
	for (size_t i = 0; i < width; i++)
		largest[i] = -INFINITY;
	for (size_t i = 0; i < n; i++)
		if (logp[i] > largest[0])
			replace_smallest(largest, width, logp[i]);
	beta = smallest_valid(largest, width);
	if (largest != few)
		free(largest);
	return beta;
}

/* The index of a prefix's parent among the live prefixes of a step, n_live if it did not compete there. */
static size_t own_parent(const struct inquiry *q, const struct trace_step *step, const struct positive_step *p)
{
	size_t i = 0;

	if (p->logp == -INFINITY)
		return step->n_live;
	while (i < step->n_live && step->live[i].node != q->s->trie->parent[p->node])
		i++;
	return i;
}

/* The rank of a prefix among all candidates of a step, those that the trace did not keep included. Where it competed,
 * equal ones count as the search ordered them. */
static int find_rank(const struct inquiry *q, const struct trace_step *step, struct positive_step *p, struct err *err)
{
	const struct trie *t = q->s->trie;
	size_t own = own_parent(q, step, p);
	bool competed = own < step->n_live;

	p->prefix_rank = 1;
	for (size_t i = 0; i < step->n_live; i++) {
		const struct trace_prefix *live = &step->live[i];

		if (live->finished) {
			p->prefix_rank += live->logp > p->logp || (live->logp == p->logp && competed && i < own);
			continue;
		}
		if (scorer_expand(q->s, &live->node, 1, err) < 0)
			return -1;
		for (uint32_t c = t->first[live->node]; c < t->first[live->node + 1]; c++) {
			double logp = live->logp + scorer_step(q->s, c);
			bool earlier = competed && (i < own || (i == own && c < p->node));

			if (!beam_forbids(q->o, c))
				p->prefix_rank += logp > p->logp || (logp == p->logp && earlier);
		}
	}
	return 0;
}

static const struct trace_candidate *find_candidate(const struct trace_step *step, uint32_t node)
{
	for (size_t i = 0; i < step->n_candidates; i++)
		if (step->candidates[i].node == node)
			return &step->candidates[i];
	return NULL;
}

/* Sets one positive step against the beam at that step. */
static int place_in_beam(
	const struct inquiry *q, const struct trace_step *step, struct positive_step *p, struct err *err)
{
	const struct trace_candidate *c = find_candidate(step, p->node);
	bool ends = trie_is_leaf(q->s->trie, p->node);

	p->prefix_margin = p->logp == -INFINITY ? -INFINITY : p->logp - (ends ? step->finish_cutoff : step->cutoff);
	if (c != NULL) {
		p->prefix_rank = c->rank;
		p->in_beam = c->kept;
		return 0;
	}
	return find_rank(q, step, p, err);
}

static void place_among_tokens(const struct inquiry *q, struct positive_step *p)
{
	uint32_t parent = q->s->trie->parent[p->node];
	const double *logp = scorer_logp(q->s, parent);

	p->valid = trie_n_children(q->s->trie, parent);
	p->token_rank = token_rank(logp, p->valid, p->step_logp);
	p->beta_logp = token_beta(logp, p->valid, p->width);
	p->token_margin = p->step_logp - p->beta_logp;
}

/* Makes the answers on the item's path those of a step's mask. Below probability zero, which another mask may have
 * given, no distribution is required: then that one is missing is no failure. */
static int set_mask(const struct inquiry *q, enum mask_rule mask, double logp, struct err *err)
{
	double ignored;

	if (q->s->mask == mask)
		return 0;
	scorer_set(q->s, mask, q->s->tau);
	if (scorer_path(q->s, q->d->leaf, &ignored, NULL, err) < 0)
		return logp == -INFINITY && err->code == ERR_VALUE ? 0 : -1;
	return 0;
}

/* Fills in all steps: the path by teacher forcing, then every step by itself. Leaves the scorer with the last step's
 * mask. */
static int follow(const struct inquiry *q, struct err *err)
{
	struct diagnosis *d = q->d;
	const struct trie *t = q->s->trie;
	size_t n = trie_depth(t, d->leaf);
	double logp = 0;
	uint32_t node = d->leaf;

	d->steps = mem_try_alloc(n, sizeof(*d->steps), true, "diagnosis", err);
	if (d->steps == NULL || scorer_path(q->s, d->leaf, &d->logp, NULL, err) < 0)
		return -1;
	d->n_steps = n;
	for (size_t i = n; i > 0; i--, node = t->parent[node])
		d->steps[i - 1].node = node;
	d->condition_holds = true;
	for (size_t i = 0; i < n; i++) {
		struct positive_step *p = &d->steps[i];
		struct beam_rules rules = beam_rules_at(q->o, q->mask, i + 1);

		if (set_mask(q, rules.mask, logp, err) < 0)
			return -1;
		p->width = rules.width;
		p->token = t->token[p->node];
		p->step_logp = scorer_step(q->s, p->node);
		logp += p->step_logp;
		p->logp = logp;
		p->prefix_margin = NAN;
		place_among_tokens(q, p);
		d->condition_holds &= p->token_rank <= p->width;
		if (i < q->trace->n_steps && place_in_beam(q, &q->trace->steps[i], p, err) < 0)
			return -1;
	}
	return 0;
}

static enum lost_how how_cut(const struct inquiry *q, const struct positive_step *p)
{
	struct beam_rules rules = beam_rules_at(q->o, q->mask, q->d->pruned_at);

	if (beam_forbids(q->o, p->node))
		return LOST_FORBIDDEN;
	if (rules.kind == SEARCH_PLAIN || !trie_is_leaf(q->s->trie, p->node))
		return LOST_CUT;
	return p->prefix_rank > rules.width ? LOST_LATE_END : LOST_SCORE;
}

/* Where and how an item that was not returned left the search. */
static void find_loss(const struct inquiry *q)
{
	struct diagnosis *d = q->d;

	d->pruned_at = trace_lost_at(q->trace, q->s->trie, d->leaf);
	if (d->pruned_at <= d->n_steps && !d->steps[d->pruned_at - 1].in_beam)
		d->how = how_cut(q, &d->steps[d->pruned_at - 1]);
	else
		d->how = d->n_steps > q->trace->n_steps ? LOST_STOPPED : LOST_DISPLACED;
}

int diagnosis_follow(struct diagnosis *d, const struct trace *trace, struct scorer *s, uint32_t leaf,
	const struct beam_options *o, struct err *err)
{
	struct inquiry q = {d, trace, s, o, s->mask};
	int rc;

	*d = (struct diagnosis){.kind = VERDICT_UNREACHABLE, .leaf = leaf, .logp = -INFINITY};
	if (trace->n_steps == 0)
		BUG("a trace without steps");
	rc = follow(&q, err);
	if (s->mask != q.mask)
		scorer_set(s, q.mask, s->tau);
	if (rc < 0)
		return -1;
	d->rank = trace_rank(trace, leaf);
	if (d->rank == 0)
		find_loss(&q);
	d->why = UNREACHABLE_NOT;
	if (d->logp == -INFINITY) {
		d->why = UNREACHABLE_ZERO;
		d->how = LOST_NOT;
	}
	return 0;
}

void diagnosis_rank(struct diagnosis *d, const struct exact_result *r)
{
	d->exact_rank = r->target_rank;
	d->exact_rank_most = r->target_rank_most;
	d->exact_proved = r->proved;
}

void diagnosis_bound(struct diagnosis *d, const struct trace *t)
{
	size_t rank = 1;

	for (size_t i = 0; i < t->n_results; i++)
		rank += t->results[i].logp > d->logp;
	if (!d->exact_proved && rank > d->exact_rank)
		d->exact_rank = rank < d->exact_rank_most ? rank : d->exact_rank_most;
	d->exact_proved |= d->exact_rank == d->exact_rank_most;
}

enum verdict_kind verdict_find(size_t rank, size_t exact_rank, size_t exact_rank_most, size_t width)
{
	if (rank > 0)
		return VERDICT_RETRIEVED;
	if (exact_rank > width)
		return VERDICT_OUTRANKED;
	return exact_rank_most <= width ? VERDICT_PRUNED : VERDICT_UNDECIDED;
}

/* A token of rank r has r - 1 sisters that are better at every beam width, so a width below r loses it. In hf search an
 * end among these takes no place from a prefix that goes on. */
size_t diagnosis_least_width(const struct diagnosis *d, enum search_kind kind)
{
	size_t least = 1;

	for (size_t i = 0; i < d->n_steps; i++) {
		size_t rank = d->steps[i].token_rank - (kind == SEARCH_HF && i + 1 < d->n_steps);

		least = rank > least ? rank : least;
	}
	return least;
}

static int find_exact_rank(struct diagnosis *d, struct scorer *s, size_t budget, struct err *err)
{
	const struct exact_options o = {.target = d->leaf, .budget = budget};
	struct exact_result r;
	int rc = exact_search(&r, s, &o, err);

	if (rc == 0)
		diagnosis_rank(d, &r);
	exact_release(&r);
	return rc;
}

static int scan_widths(struct diagnosis *d, struct scorer *s, const struct diagnose_options *options, struct err *err)
{
	struct beam_options o = options->beam;

	d->widths_scanned = options->max_width;
	o.width = diagnosis_least_width(d, o.kind);
	for (; o.width <= options->max_width && d->smallest_width == 0; o.width++) {
		size_t rank = d->rank;

		if (o.width != options->beam.width) {
			struct trace t;
			int rc = beam_search(&t, s, &o, false, err);

			rank = trace_rank(&t, d->leaf);
			if (rc == 0)
				diagnosis_bound(d, &t);
			trace_release(&t);
			if (rc < 0)
				return -1;
		}
		if (rank > 0)
			d->smallest_width = o.width;
	}
	return 0;
}

int diagnose(struct diagnosis *d, const struct trace *trace, struct scorer *s, uint32_t leaf, enum unreachable_why why,
	const struct diagnose_options *o, struct err *err)
{
	*d = (struct diagnosis){.kind = VERDICT_UNREACHABLE, .why = why, .leaf = leaf, .logp = -INFINITY};
	if (leaf == TRIE_NONE)
		return 0;
	if (diagnosis_follow(d, trace, s, leaf, &o->beam, err) < 0)
		return -1;
	if (d->why == UNREACHABLE_ZERO)
		return 0;
	if (find_exact_rank(d, s, o->budget, err) < 0)
		return -1;
	diagnosis_bound(d, trace);
	if (scan_widths(d, s, o, err) < 0)
		return -1;
	d->kind = verdict_find(d->rank, d->exact_rank, d->exact_rank_most, o->beam.width);
	return 0;
}

int diagnose_branch(struct diagnosis *d, const struct trace *trace, struct scorer *s, const struct diagnosis *original,
	const struct beam_options *o, struct err *err)
{
	*d = (struct diagnosis){.leaf = original->leaf};
	if (d->leaf != TRIE_NONE && diagnosis_follow(d, trace, s, d->leaf, o, err) < 0)
		return -1;
	d->kind = original->kind;
	d->why = original->why;
	d->logp = original->logp;
	d->exact_rank = original->exact_rank;
	d->exact_rank_most = original->exact_rank_most;
	d->exact_proved = original->exact_proved;
	d->smallest_width = original->smallest_width;
	d->widths_scanned = original->widths_scanned;
	d->original = original;
	return 0;
}

void diagnosis_release(struct diagnosis *d)
{
	free(d->steps);
	*d = (struct diagnosis){0};
}
