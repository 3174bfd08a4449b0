#include "search/exact.h"

#include <math.h>
#include <stdlib.h>

#include "base/cancel.h"
#include "heap.h"

#define FIRST_QUEUE 16 /* entries: enough for a case of a sharp model */

struct exact {
	struct scorer *s;
	const struct trie *trie;
	const struct exact_options *o;
	struct exact_result *r;
	struct entry *queue;  /* open prefixes, the first to be expanded on top; order: tokens of the prefix */
	size_t n_queue, cap_queue;
	bool counting;        /* the best items are known, and it is left to count those better than the target */
	struct best items;    /* the best items found */
	struct entry *batch;  /* [n_taken] prefixes taken from the queue that the model has to be asked about */
	uint32_t *nodes;      /* [n_taken] */
	size_t n_taken;
	size_t speculative, sure; /* most at once, of those that may turn out useless and of those that cannot */
	double passed_over;   /* most items better than the target below prefixes that were not followed */
};

static size_t smaller(size_t a, size_t b)
{
	return a < b ? a : b;
}

/* Whether the target's rank is still of interest. */
static bool ranking(const struct exact *x)
{
	if (x->o->target == TRIE_NONE)
		return false;
	return x->o->rank_limit == 0 || x->r->target_rank <= x->o->rank_limit;
}

/* Whether an item below a prefix of this log P could change the answer: it would be better than the target, or be among
 * the best (where equals count, since the lower leaf goes first). Falls with logp. */
static bool matters(const struct exact *x, double logp)
{
	if (ranking(x) && logp > x->r->target_logp)
		return true;
	return x->items.cap > 0 && (x->items.n < x->items.cap || logp >= x->items.at[0].logp);
}

/* Whether a prefix of this log P has to be expanded whatever else is found. Falls with logp. */
static bool needed(const struct exact *x, double logp)
{
	return x->o->target != TRIE_NONE && x->o->rank_limit == 0 && logp > x->r->target_logp;
}

/* Leaves below a node, at most `enough`. On every level the nodes below one node stand side by side. */
static double leaves_below(const struct trie *t, uint32_t node, double enough)
{
	uint32_t first = node, end = node + 1;
	double n = 0;

	while (first < end && n < enough) {
		for (uint32_t i = first; i < end; i++)
			n += trie_is_leaf(t, i);
		first = t->first[first];
		end = t->first[end];
	}
	return fmin(n, enough);
}

static bool is_below(const struct trie *t, uint32_t node, uint32_t ancestor)
{
	while (node > ancestor)
		node = t->parent[node];
	return node == ancestor;
}

/* The most items below a prefix that can be better than the target: see target_rank_most. */
static double most_better(const struct exact *x, const struct entry *e)
{
	double slack = x->s->mask == MASK_BEFORE ? 1e-9 : 1e-3, share = e->logp - x->r->target_logp;

	if (x->o->target == TRIE_NONE || !(share > 0))
		return 0;
	return leaves_below(x->trie, e->node, floor(exp(share) * (1 + slack))) -
	       is_below(x->trie, x->o->target, e->node);
}

/*
 * The best prefix is expanded first, until the best items are known. Where it is left to find out whether more items
 * than the limit are better than the target, any of these will do, and the longest prefixes are the nearest to one; and
 * where there are not so many, all prefixes better than the target have to be expanded in any order.
 */
static bool entry_longer(const struct entry *a, const struct entry *b)
{
	return a->order != b->order ? a->order > b->order : entry_better(a, b);
}

static entry_before *queue_order(const struct exact *x)
{
	return x->counting ? entry_longer : entry_better;
}

/* Drops the open prefixes that have come to matter no more. */
static void queue_tidy(struct exact *x)
{
	size_t n = x->n_queue;

	x->n_queue = 0;
	for (size_t i = 0; i < n; i++) {
		struct entry e = x->queue[i];

		if (matters(x, e.logp))
			heap_push(x->queue, x->n_queue++, e, queue_order(x));
		else
			x->passed_over += most_better(x, &e);
	}
}

static int queue_grow(struct exact *x, struct err *err)
{
	size_t cap = x->cap_queue > 0 ? 2 * x->cap_queue : FIRST_QUEUE;

	if (mem_try_grow((void **)&x->queue, x->n_queue, cap, sizeof(*x->queue), "exact search", err) < 0)
		return -1;
	x->cap_queue = cap;
	return 0;
}

static int queue_push(struct exact *x, struct entry e, struct err *err)
{
	if (x->n_queue == x->cap_queue) {
		queue_tidy(x);
		if (x->n_queue >= x->cap_queue / 2 && queue_grow(x, err) < 0)
			return -1;
	}
	heap_push(x->queue, x->n_queue++, e, queue_order(x));
	return 0;
}

static void queue_pop(struct exact *x)
{
	x->n_queue--;
	if (x->n_queue > 0)
		heap_replace(x->queue, x->n_queue, x->queue[x->n_queue], queue_order(x));
}

/* Takes in a prefix of so many tokens, or an item, with its log P. */
static int meet(struct exact *x, uint32_t node, double logp, uint32_t depth, struct err *err)
{
	struct entry e;

	while (!trie_is_leaf(x->trie, node) && scorer_certain(x->s, node)) {
		node = x->trie->first[node];
		depth++;
	}
	if (trie_is_leaf(x->trie, node)) {
		if (logp > x->r->target_logp)
			x->r->target_rank++;
		best_offer(&x->items, (struct entry){logp, 0, node});
		return 0;
	}
	e = (struct entry){logp, depth, node};
	if (matters(x, logp))
		return queue_push(x, e, err);
	x->passed_over += most_better(x, &e);
	return 0;
}

static int meet_children(struct exact *x, const struct entry *parent, struct err *err)
{
	const double *logp = scorer_logp(x->s, parent->node);
	uint32_t first = x->trie->first[parent->node];
	size_t n = trie_n_children(x->trie, parent->node);

	for (size_t i = 0; i < n; i++)
		if (logp[i] > -INFINITY &&
			meet(x, first + (uint32_t)i, parent->logp + logp[i], parent->order + 1, err) < 0)
			return -1;
	return 0;
}

/* Takes the best open prefixes until the model has to be asked about `most` of them. What the scorer knows is expanded
 * on the way: the items below it raise the bar for those that come after. */
static int take_batch(struct exact *x, size_t most, struct err *err)
{
	x->n_taken = 0;
	while (x->n_queue > 0 && matters(x, x->queue[0].logp)) {
		struct entry e = x->queue[0];
		bool known = scorer_knows(x->s, e.node);

		if (cancelled(x->s->lm->cancel))
			return err_set(err, ERR_CANCELLED, "cancelled");
		if (!known && x->n_taken >= (needed(x, e.logp) ? most : smaller(most, x->speculative)))
			break;
		queue_pop(x);
		if (!known) {
			x->nodes[x->n_taken] = e.node;
			x->batch[x->n_taken++] = e;
		} else if (scorer_expand(x->s, &e.node, 1, err) < 0 || meet_children(x, &e, err) < 0) {
			return -1;
		}
	}
	return 0;
}

static int expand_batch(struct exact *x, struct err *err)
{
	if (scorer_expand(x->s, x->nodes, x->n_taken, err) < 0)
		return -1;
	x->r->expanded += x->n_taken;
	for (size_t i = 0; i < x->n_taken; i++)
		if (meet_children(x, &x->batch[i], err) < 0)
			return -1;
	return 0;
}

/* How many prefixes the model may yet be asked about at once. */
static size_t allowance(const struct exact *x)
{
	size_t left = x->o->budget - x->r->expanded;

	return x->o->budget > 0 && left < x->sure ? left : x->sure;
}

static size_t rank_at_most(const struct exact *x)
{
	double most = (double)x->r->target_rank + x->passed_over;

	for (size_t i = 0; i < x->n_queue; i++)
		most += most_better(x, &x->queue[i]);
	return (size_t)most;
}

/* Writes down what is proved: an item counts where no open prefix could lead to one that goes before it. */
static int conclude(struct exact *x, struct err *err)
{
	struct exact_result *r = x->r;
	double open = -INFINITY;

	for (size_t i = 0; i < x->n_queue; i++)
		open = fmax(open, x->queue[i].logp);
	best_sort(&x->items);
	r->items = mem_try_alloc(x->items.n, sizeof(*r->items), false, "exact search", err);
	if (r->items == NULL)
		return -1;
	for (size_t i = 0; i < x->items.n && x->items.at[i].logp > open; i++)
		r->items[r->n_items++] = (struct trace_result){
			(uint32_t)i + 1, x->items.at[i].node, x->items.at[i].logp, x->items.at[i].logp};
	r->complete = r->n_items == x->items.cap || x->n_queue == 0;
	if (x->o->target != TRIE_NONE) {
		r->target_rank_most = rank_at_most(x);
		r->proved = r->target_rank_most == r->target_rank;
	}
	return 0;
}

static int exact_init(struct exact *x, struct err *err)
{
	size_t nodes = x->trie->n_nodes;

	x->speculative = smaller(x->o->batch > 0 ? x->o->batch : EXACT_BATCH, nodes);
	x->sure = smaller(x->o->batch > 0 ? x->o->batch : EXACT_SURE_BATCH, nodes);
	x->items.cap = smaller(x->o->top, x->trie->n_leaves);
	x->items.at = mem_try_alloc(x->items.cap, sizeof(*x->items.at), false, "exact search", err);
	x->batch = mem_try_alloc(x->sure, sizeof(*x->batch), false, "exact search", err);
	x->nodes = mem_try_alloc(x->sure, sizeof(*x->nodes), false, "exact search", err);
	return x->items.at != NULL && x->batch != NULL && x->nodes != NULL ? 0 : -1;
}

/* Goes over to counting where nothing else is left to do. */
static void count_only(struct exact *x)
{
	bool best = x->items.cap > 0 && x->n_queue > 0 &&
		    (x->items.n < x->items.cap || x->queue[0].logp >= x->items.at[0].logp);

	if (x->counting || best || x->o->rank_limit == 0)
		return;
	x->counting = true;
	queue_tidy(x);
}

static int run(struct exact *x, struct err *err)
{
	if (meet(x, TRIE_ROOT, 0.0, 0, err) < 0)
		return -1;
	do {
		count_only(x);
		if (take_batch(x, allowance(x), err) < 0 || expand_batch(x, err) < 0)
			return -1;
	} while (x->n_taken > 0);
	return conclude(x, err);
}

int exact_search(struct exact_result *r, struct scorer *s, const struct exact_options *o, struct err *err)
{
	struct exact x = {.s = s, .trie = s->trie, .o = o, .r = r};
	size_t scored = s->scored;
	int rc = -1;

	*r = (struct exact_result){.target_logp = NAN};
	if (o->target != TRIE_NONE) {
		r->target_rank = 1;
		if (scorer_path(s, o->target, &r->target_logp, NULL, err) < 0)
			return -1;
	}
	if (exact_init(&x, err) == 0)
		rc = run(&x, err);
	r->scored = s->scored - scored;
	free(x.queue);
	free(x.items.at);
	free(x.batch);
	free(x.nodes);
	return rc;
}

void exact_release(struct exact_result *r)
{
	free(r->items);
	*r = (struct exact_result){0};
}
