#include "search/exact.h"

#include <math.h>
#include <stdlib.h>

#include "base/cancel.h"
#include "heap.h"

struct exact {
	struct scorer *s;
	const struct trie *trie;
	const struct exact_options *o;
	struct exact_result *r;
	struct entry *queue;  /* open prefixes, the best on top */
	size_t n_queue, cap_queue;
	struct best items;    /* the best items found */
	struct entry *batch;  /* [n_batch] prefixes taken from the queue */
	uint32_t *nodes;      /* [n_batch] */
	size_t n_batch;       /* most at once */
};

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

static int queue_push(struct exact *x, struct entry e, struct err *err)
{
	if (x->n_queue == x->cap_queue) {
		size_t cap = x->cap_queue > 0 ? 2 * x->cap_queue : 256;

		if (mem_try_grow((void **)&x->queue, x->n_queue, cap, sizeof(*x->queue), "exact search", err) < 0)
			return -1;
		x->cap_queue = cap;
	}
	heap_push(x->queue, x->n_queue++, e, entry_better);
	return 0;
}

static struct entry queue_pop(struct exact *x)
{
	struct entry top = x->queue[0];

	x->n_queue--;
	if (x->n_queue > 0)
		heap_replace(x->queue, x->n_queue, x->queue[x->n_queue], entry_better);
	return top;
}

/* Takes in a prefix or item with its log P. */
static int meet(struct exact *x, uint32_t node, double logp, struct err *err)
{
	while (!trie_is_leaf(x->trie, node) && scorer_certain(x->s, node))
		node = x->trie->first[node];
	if (!trie_is_leaf(x->trie, node))
		return matters(x, logp) ? queue_push(x, (struct entry){logp, 0, node}, err) : 0;
	if (logp > x->r->target_logp)
		x->r->target_rank++;
	best_offer(&x->items, (struct entry){logp, 0, node});
	return 0;
}

static int meet_children(struct exact *x, const struct entry *parent, struct err *err)
{
	const double *logp = scorer_logp(x->s, parent->node);
	uint32_t first = x->trie->first[parent->node];
	size_t n = trie_n_children(x->trie, parent->node);

	for (size_t i = 0; i < n; i++)
		if (logp[i] > -INFINITY && meet(x, first + (uint32_t)i, parent->logp + logp[i], err) < 0)
			return -1;
	return 0;
}

/* Expands the best open prefixes, at most n of them. */
static int expand_batch(struct exact *x, size_t n, struct err *err)
{
	size_t taken = 0;

	while (taken < n && x->n_queue > 0 && matters(x, x->queue[0].logp)) {
		x->batch[taken] = queue_pop(x);
		x->nodes[taken] = x->batch[taken].node;
		taken++;
	}
	if (scorer_expand(x->s, x->nodes, taken, err) < 0)
		return -1;
	x->r->expanded += taken;
	for (size_t i = 0; i < taken; i++)
		if (meet_children(x, &x->batch[i], err) < 0)
			return -1;
	return 0;
}

/* How many prefixes the next batch may hold. */
static size_t allowance(const struct exact *x)
{
	size_t left;

	if (x->o->budget == 0)
		return x->n_batch;
	left = x->o->budget > x->r->expanded ? x->o->budget - x->r->expanded : 0;
	return left < x->n_batch ? left : x->n_batch;
}

/* The items below an open prefix share its probability P, so at most P / p of them are more probable than p. */
static size_t rank_at_most(const struct exact *x)
{
	double most = (double)x->r->target_rank, all = (double)x->trie->n_leaves;

	for (size_t i = 0; i < x->n_queue; i++)
		if (x->queue[i].logp > x->r->target_logp)
			most += floor(exp(x->queue[i].logp - x->r->target_logp) * (1 + 1e-9));
	return (size_t)fmin(most, all);
}

/* Writes down what is proved: an item counts where no open prefix could lead to one that goes before it. */
static int conclude(struct exact *x, struct err *err)
{
	struct exact_result *r = x->r;
	double open = x->n_queue > 0 ? x->queue[0].logp : -INFINITY;

	best_sort(&x->items);
	r->items = mem_try_alloc(x->items.n, sizeof(*r->items), false, "exact search", err);
	if (r->items == NULL)
		return -1;
	for (size_t i = 0; i < x->items.n && x->items.at[i].logp > open; i++)
		r->items[r->n_items++] = (struct trace_result){
			(uint32_t)i + 1, x->items.at[i].node, x->items.at[i].logp, x->items.at[i].logp};
	r->complete = r->n_items == x->items.cap || x->n_queue == 0;
	if (ranking(x)) {
		r->proved = !(open > r->target_logp);
		r->target_rank_most = rank_at_most(x);
	} else if (x->o->target != TRIE_NONE) {
		r->target_rank_most = x->trie->n_leaves; /* prefixes better than the target were passed over */
	}
	return 0;
}

static int exact_init(struct exact *x, struct err *err)
{
	size_t top = x->o->top < x->trie->n_leaves ? x->o->top : x->trie->n_leaves;
	size_t batch = x->o->batch > 0 ? x->o->batch : EXACT_BATCH;

	x->n_batch = batch < x->trie->n_nodes ? batch : x->trie->n_nodes;
	x->items.cap = top;
	x->items.at = mem_try_alloc(top, sizeof(*x->items.at), false, "exact search", err);
	x->batch = mem_try_alloc(x->n_batch, sizeof(*x->batch), false, "exact search", err);
	x->nodes = mem_try_alloc(x->n_batch, sizeof(*x->nodes), false, "exact search", err);
	return x->items.at != NULL && x->batch != NULL && x->nodes != NULL ? 0 : -1;
}

static int run(struct exact *x, struct err *err)
{
	size_t n;

	if (meet(x, TRIE_ROOT, 0.0, err) < 0)
		return -1;
	while (x->n_queue > 0 && matters(x, x->queue[0].logp) && (n = allowance(x)) > 0) {
		if (cancelled(x->s->lm->cancel))
			return err_set(err, ERR_CANCELLED, "cancelled");
		if (expand_batch(x, n, err) < 0)
			return -1;
	}
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
