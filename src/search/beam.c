#include "search/beam.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/cancel.h"
#include "heap.h"

/* A finished item of the hf search. */
struct finished {
	struct trace_result result;
	size_t arrival; /* 0 is the first item that was finished */
};

struct beam {
	struct scorer *s;
	const struct trie *trie;
	const struct beam_options *o;
	struct trace *trace;
	bool want_steps;
	size_t width;              /* B, at most the nodes of the trie: then nothing is ever pruned */
	size_t step;               /* 1 is the first */
	struct trace_prefix *live; /* [width] best first */
	size_t n_live;
	struct trace_prefix *next; /* [width] the live prefixes of the step to come */
	size_t n_next;
	uint32_t *nodes;           /* [width] live prefixes to expand */
	struct best best;          /* the best candidates of the step; order: index of the parent in live */
	bool *kept;                /* [best.cap] */
	size_t total;              /* candidates of the step */
	struct finished *finished; /* [width] hf: the kept ones */
	size_t n_finished, n_arrived;
	size_t cap_steps;          /* room in trace->steps */
	bool done;
};

static size_t smaller(size_t a, size_t b)
{
	return a < b ? a : b;
}

/* How many candidates of a step are looked at. */
static size_t reach(const struct beam *b)
{
	return b->o->kind == SEARCH_HF ? 2 * b->width : b->width;
}

static size_t others_wanted(const struct beam *b)
{
	return b->o->others > 0 ? smaller(b->o->others, b->trie->n_nodes) : 4 * b->width;
}

static int beam_init(struct beam *b, struct err *err)
{
	/* One candidate beyond those that matter shows whether there is a tie at the cut-off. */
	size_t beyond = b->want_steps ? others_wanted(b) : 1;

	b->best.cap = smaller(reach(b) + beyond, b->trie->n_nodes);
	b->best.at = mem_try_alloc(b->best.cap, sizeof(*b->best.at), false, "beam", err);
	b->kept = mem_try_alloc(b->best.cap, sizeof(*b->kept), false, "beam", err);
	b->live = mem_try_alloc(b->width, sizeof(*b->live), false, "beam", err);
	b->next = mem_try_alloc(b->width, sizeof(*b->next), false, "beam", err);
	b->nodes = mem_try_alloc(b->width, sizeof(*b->nodes), false, "beam", err);
	b->finished = mem_try_alloc(b->width, sizeof(*b->finished), false, "beam", err);
	if (b->best.at == NULL || b->kept == NULL || b->live == NULL || b->next == NULL || b->nodes == NULL ||
		b->finished == NULL)
		return -1;
	b->live[0] = (struct trace_prefix){.node = TRIE_ROOT};
	b->n_live = 1;
	return 0;
}

static void beam_release(struct beam *b)
{
	free(b->best.at);
	free(b->kept);
	free(b->live);
	free(b->next);
	free(b->nodes);
	free(b->finished);
}

static void offer(struct beam *b, double logp, size_t parent, uint32_t node)
{
	best_offer(&b->best, (struct entry){logp, (uint32_t)parent, node});
	b->total++;
}

static void offer_children(struct beam *b, size_t parent)
{
	const struct trace_prefix *p = &b->live[parent];
	const double *logp = scorer_logp(b->s, p->node);
	uint32_t first = b->trie->first[p->node];
	size_t n = trie_n_children(b->trie, p->node);

	for (size_t i = 0; i < n; i++)
		if (logp[i] > -INFINITY)
			offer(b, p->logp + logp[i], parent, first + (uint32_t)i);
}

/* Fills b->best with the candidates of the step, best first. */
static int compete(struct beam *b, struct err *err)
{
	size_t n = 0;

	for (size_t i = 0; i < b->n_live; i++)
		if (!b->live[i].finished)
			b->nodes[n++] = b->live[i].node;
	if (scorer_expand(b->s, b->nodes, n, err) < 0)
		return -1;
	b->best.n = b->total = 0;
	for (size_t i = 0; i < b->n_live; i++) {
		if (b->live[i].finished)
			offer(b, b->live[i].logp, i, b->live[i].node);
		else
			offer_children(b, i);
	}
	best_sort(&b->best);
	return 0;
}

static void keep_plain(struct beam *b)
{
	b->done = true;
	b->n_next = smaller(b->best.n, b->width);
	for (size_t i = 0; i < b->best.n; i++) {
		const struct entry *e = &b->best.at[i];
		bool finished = trie_is_leaf(b->trie, e->node);

		b->kept[i] = i < b->n_next;
		if (!b->kept[i])
			continue;
		b->next[i] = (struct trace_prefix){e->node, e->logp, finished};
		b->done &= finished;
	}
}

static double hf_score(const struct beam *b, double logp, size_t length)
{
	return logp / pow((double)length, b->o->length_penalty);
}

/* The kept item with the lowest score, the earliest of several. */
static struct finished *hf_worst(struct beam *b)
{
	struct finished *worst = &b->finished[0];

	for (size_t i = 1; i < b->n_finished; i++) {
		struct finished *f = &b->finished[i];

		if (f->result.score < worst->result.score ||
			(f->result.score == worst->result.score && f->arrival < worst->arrival))
			worst = f;
	}
	return worst;
}

/* Whether the item gets a place among the finished ones. */
static bool hf_finish(struct beam *b, const struct entry *e)
{
	struct finished *into, f = {.arrival = b->n_arrived++};

	f.result = (struct trace_result){.leaf = e->node, .logp = e->logp, .score = hf_score(b, e->logp, b->step)};
	if (b->n_finished < b->width) {
		into = &b->finished[b->n_finished++];
	} else {
		into = hf_worst(b);
		if (!(f.result.score > into->result.score))
			return false;
	}
	*into = f;
	return true;
}

static bool hf_done(struct beam *b, double best_logp)
{
	size_t length = b->step;

	if (b->n_finished < b->width)
		return false;
	if (b->o->early == EARLY_TRUE || b->width == 1)
		return true;
	if (b->o->early == EARLY_NEVER && b->o->length_penalty > 0)
		length = b->trie->max_depth > HF_MAX_NEW_TOKENS ? b->trie->max_depth : HF_MAX_NEW_TOKENS;
	return hf_worst(b)->result.score >= hf_score(b, best_logp, length);
}

static void keep_hf(struct beam *b)
{
	size_t limit = smaller(b->best.n, reach(b));

	memset(b->kept, 0, b->best.n * sizeof(*b->kept));
	b->n_next = 0;
	for (size_t i = 0; i < limit && b->n_next < b->width; i++) {
		const struct entry *e = &b->best.at[i];

		if (trie_is_leaf(b->trie, e->node)) {
			b->kept[i] = i < b->width && hf_finish(b, e);
		} else {
			b->kept[i] = true;
			b->next[b->n_next++] = (struct trace_prefix){e->node, e->logp, false};
		}
	}
	b->done = b->n_next == 0 || hf_done(b, b->best.at[0].logp);
}

static bool equal(const struct beam *b, size_t i, size_t j)
{
	return i < b->best.n && j < b->best.n && b->best.at[i].logp == b->best.at[j].logp;
}

static bool ends(const struct beam *b, size_t i)
{
	return trie_is_leaf(b->trie, b->best.at[i].node);
}

/* hf: whether an item that ends is among the candidates equal to that of rank B, so that order decides about it. */
static bool tie_of_ends(const struct beam *b)
{
	size_t i = b->width;

	if (!equal(b, b->width - 1, b->width))
		return false;
	while (i > 0 && equal(b, i - 1, b->width))
		i--;
	for (; equal(b, i, b->width); i++)
		if (ends(b, i))
			return true;
	return false;
}

/* hf: whether the last prefix that goes on has an equal that does not. At most B of 2B + 1 candidates end, so that the
 * next one that does not is among these. */
static bool tie_of_prefixes(const struct beam *b)
{
	size_t last = b->best.n;

	while (last > 0 && (!b->kept[last - 1] || ends(b, last - 1)))
		last--;
	if (last == 0)
		return false;
	for (size_t i = last; equal(b, i, last - 1); i++)
		if (!ends(b, i))
			return true;
	return false;
}

/* Whether the order of equal candidates decided who stays. */
static bool tie_at_cutoff(const struct beam *b)
{
	if (b->o->kind == SEARCH_PLAIN)
		return equal(b, b->width - 1, b->width);
	return tie_of_ends(b) || tie_of_prefixes(b);
}

static struct trace_step *add_step(struct beam *b)
{
	struct trace *t = b->trace;

	if (t->n_steps == b->cap_steps) {
		size_t cap = b->cap_steps > 0 ? 2 * b->cap_steps : 16;
		struct trace_step *steps = arena_alloc(&t->arena, cap * sizeof(*steps));

		if (t->n_steps > 0)
			memcpy(steps, t->steps, t->n_steps * sizeof(*steps));
		t->steps = steps;
		b->cap_steps = cap;
	}
	t->steps[t->n_steps] = (struct trace_step){0};
	return &t->steps[t->n_steps++];
}

static void record_candidates(const struct beam *b, struct trace_step *step)
{
	size_t others = others_wanted(b), n_others = 0;

	step->candidates = arena_alloc(&b->trace->arena, (b->best.n + 1) * sizeof(*step->candidates));
	for (size_t i = 0; i < b->best.n; i++) {
		const struct entry *e = &b->best.at[i];
		bool carried = b->live[e->order].finished;

		if (!b->kept[i] && n_others++ >= others)
			continue;
		step->candidates[step->n_candidates++] = (struct trace_candidate){
			.rank = (uint32_t)i + 1,
			.node = e->node,
			.token = b->trie->token[e->node],
			.parent = e->order,
			.step_logp = scorer_step(b->s, e->node),
			.logp = e->logp,
			.kept = b->kept[i],
			.finished = trie_is_leaf(b->trie, e->node),
			.carried = carried,
			.tie = i > 0 && e[-1].logp == e->logp,
		};
		if (b->kept[i]) {
			step->cutoff = e->logp;
			step->n_kept++;
		}
	}
}

static void record_finished(const struct beam *b, struct trace_step *step)
{
	size_t most = b->o->kind == SEARCH_HF ? b->n_finished : b->n_next;

	step->finished = arena_alloc(&b->trace->arena, (most + 1) * sizeof(*step->finished));
	for (size_t i = 0; i < b->n_finished; i++)
		step->finished[step->n_finished++] = b->finished[i].result;
	if (b->o->kind == SEARCH_HF)
		return;
	for (size_t i = 0; i < b->n_next; i++)
		if (b->next[i].finished)
			step->finished[step->n_finished++] = (struct trace_result){
				.leaf = b->next[i].node, .logp = b->next[i].logp, .score = b->next[i].logp};
}

static void record(struct beam *b)
{
	struct trace_step *step = add_step(b);

	step->step = (uint32_t)b->step;
	step->live = arena_alloc(&b->trace->arena, (b->n_live + 1) * sizeof(*step->live));
	memcpy(step->live, b->live, b->n_live * sizeof(*step->live));
	step->n_live = b->n_live;
	step->total = b->total;
	step->cutoff = step->finish_cutoff = -INFINITY;
	step->done = b->done;
	record_candidates(b, step);
	record_finished(b, step);
	if (b->o->kind == SEARCH_PLAIN)
		step->finish_cutoff = step->cutoff;
	else if (b->best.n > 0)
		step->finish_cutoff = b->best.at[smaller(b->width, b->best.n) - 1].logp;
}

/* By falling score, the later one first among equals. */
static int compare_finished(const void *left, const void *right)
{
	const struct finished *a = left, *b = right;

	if (a->result.score != b->result.score)
		return a->result.score > b->result.score ? -1 : 1;
	return a->arrival > b->arrival ? -1 : a->arrival < b->arrival;
}

static void write_results(struct beam *b)
{
	struct trace *t = b->trace;
	size_t n = b->o->kind == SEARCH_HF ? b->n_finished : b->n_next;

	qsort(b->finished, b->n_finished, sizeof(*b->finished), compare_finished);
	t->results = arena_alloc(&t->arena, (n + 1) * sizeof(*t->results));
	t->n_results = n;
	t->short_of_items = n < b->o->width;
	for (size_t i = 0; i < n; i++) {
		const struct trace_prefix *p = &b->next[i];

		t->results[i] = b->o->kind == SEARCH_HF
					? b->finished[i].result
					: (struct trace_result){.leaf = p->node, .logp = p->logp, .score = p->logp};
		t->results[i].rank = (uint32_t)i + 1;
	}
}

static int run(struct beam *b, struct err *err)
{
	while (!b->done) {
		struct trace_prefix *swap = b->live;

		/* Where the scorer knows every answer the model, which listens too, is not asked. */
		if (cancelled(b->s->lm->cancel))
			return err_set(err, ERR_CANCELLED, "cancelled");
		b->step++;
		if (compete(b, err) < 0)
			return -1;
		if (b->o->kind == SEARCH_HF)
			keep_hf(b);
		else
			keep_plain(b);
		b->trace->n_ties += tie_at_cutoff(b);
		if (b->want_steps)
			record(b);
		if (b->done)
			break;
		b->live = b->next;
		b->n_live = b->n_next;
		b->next = swap;
	}
	write_results(b);
	return 0;
}

int beam_search(struct trace *trace, struct scorer *s, const struct beam_options *o, bool want_steps, struct err *err)
{
	struct beam b = {.s = s, .trie = s->trie, .o = o, .trace = trace, .want_steps = want_steps};
	int rc = -1;

	trace_init(trace);
	if (o->width == 0)
		return err_set(err, ERR_VALUE, "the beam width is 0; it must be at least 1");
	if (!isfinite(o->length_penalty))
		return err_set(err, ERR_VALUE, "the length penalty is %g, not a finite number", o->length_penalty);
	b.width = smaller(o->width, s->trie->n_nodes);
	if (beam_init(&b, err) == 0)
		rc = run(&b, err);
	beam_release(&b);
	return rc;
}
