#include "search/beam.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/cancel.h"
#include "heap.h"

/* A finished item of the hf search. */
struct finished {
	struct trace_result result;
	double step_logp; /* of EOS */
	size_t arrival; /* 0 is the first item that was finished */
	size_t held;    /* as beam.held */
};

struct beam {
	struct scorer *s;
	const struct trie *trie;
	const struct beam_options *o;
	struct trace *trace;
	bool want_steps;
	enum mask_rule mask;       /* the scorer's when the search began */
	struct beam_rules rules;   /* in force at the step */
	size_t width;              /* B, at most the nodes of the trie: then nothing is ever pruned */
	size_t step;               /* 1 is the first */
	struct trace_prefix *live; /* [places] best first */
	size_t n_live;
	struct trace_prefix *next; /* [places] the live prefixes of the step to come */
	size_t n_next;
	uint32_t *nodes;           /* [places] live prefixes to expand */
	struct best best;          /* the best candidates of the step; order: index of the parent in live */
	struct entry *forced;      /* [n_edits] those that an edit holds in */
	size_t n_forced;
	struct entry *barred;      /* [n_edits] what would compete if it were not forbidden */
	size_t n_barred;
	size_t n;                  /* of best.at: the best ones, and after them the forced ones that rank below these */
	bool *kept;                /* [n] */
	size_t *held;              /* [n] 1 + index of the edit that holds a candidate in; 0: it stays by rank */
	size_t total;              /* candidates that competed at the step */
	struct finished *finished; /* [most_width] hf: the kept ones */
	size_t n_finished, n_arrived;
	size_t cap_steps;          /* room in trace->steps */
	bool done;
};

static size_t smaller(size_t a, size_t b)
{
	return a < b ? a : b;
}

static bool is_hf(const struct beam *b)
{
	return b->rules.kind == SEARCH_HF;
}

/* How many candidates of a step are looked at. */
static size_t reach(const struct beam *b)
{
	return is_hf(b) ? 2 * b->width : b->width;
}

static size_t others_wanted(const struct beam *b, size_t width)
{
	return b->o->others > 0 ? smaller(b->o->others, b->trie->n_nodes) : 4 * width;
}

/* The candidates to keep of a step, forced ones apart. One beyond those that matter shows whether there is a tie at the
 * cut-off. After hf was narrowed more than B of them may end: then as many more. */
static size_t candidates_wanted(const struct beam *b)
{
	size_t more = is_hf(b) && b->n_live > b->width ? b->n_live : 0;

	return smaller(reach(b) + more + (b->want_steps ? others_wanted(b, b->width) : 1), b->trie->n_nodes);
}

static bool has_edit(const struct beam_options *o, enum beam_edit_kind kind)
{
	for (size_t i = 0; i < o->n_edits; i++)
		if (o->edits[i].kind == kind)
			return true;
	return false;
}

/* The largest B of any step. */
static size_t most_width(const struct beam *b)
{
	size_t most = b->o->width;

	for (size_t i = 0; i < b->o->n_edits; i++)
		if (b->o->edits[i].kind == EDIT_WIDTH && b->o->edits[i].width > most)
			most = b->o->edits[i].width;
	return smaller(most, b->trie->n_nodes);
}

static int beam_init(struct beam *b, struct err *err)
{
	size_t width = most_width(b), n_edits = b->o->n_edits;
	size_t places = has_edit(b->o, EDIT_KIND) ? 2 * width : width; /* hf's finished items may become prefixes */
	size_t n = smaller(3 * width + (b->want_steps ? others_wanted(b, width) : 1), b->trie->n_nodes) + n_edits;

	b->best.at = mem_try_alloc(n, sizeof(*b->best.at), false, "beam", err);
	b->kept = mem_try_alloc(n, sizeof(*b->kept), false, "beam", err);
	b->held = mem_try_alloc(n, sizeof(*b->held), false, "beam", err);
	b->forced = mem_try_alloc(n_edits, sizeof(*b->forced), false, "beam", err);
	b->barred = mem_try_alloc(n_edits, sizeof(*b->barred), false, "beam", err);
	b->live = mem_try_alloc(places, sizeof(*b->live), false, "beam", err);
	b->next = mem_try_alloc(places, sizeof(*b->next), false, "beam", err);
	b->nodes = mem_try_alloc(places, sizeof(*b->nodes), false, "beam", err);
	b->finished = mem_try_alloc(width, sizeof(*b->finished), false, "beam", err);
	if (b->best.at == NULL || b->kept == NULL || b->held == NULL || b->forced == NULL || b->barred == NULL ||
		b->live == NULL || b->next == NULL || b->nodes == NULL || b->finished == NULL)
		return -1;
	b->live[0] = (struct trace_prefix){.node = TRIE_ROOT};
	b->n_live = 1;
	b->rules = beam_rules_at(b->o, b->mask, 1);
	return 0;
}

static void beam_release(struct beam *b)
{
	free(b->best.at);
	free(b->kept);
	free(b->held);
	free(b->forced);
	free(b->barred);
	free(b->live);
	free(b->next);
	free(b->nodes);
	free(b->finished);
}

/* 1 + index of the edit that holds a prefix in; 0: none does. */
static size_t held_by(const struct beam *b, uint32_t node)
{
	const struct beam_edit *e = beam_edit_of(b->o, node);

	return e != NULL && e->kind == EDIT_FORCE ? (size_t)(e - b->o->edits) + 1 : 0;
}

static void offer(struct beam *b, double logp, size_t parent, uint32_t node)
{
	struct entry e = {logp, (uint32_t)parent, node};

	if (beam_forbids(b->o, node)) {
		b->barred[b->n_barred++] = e;
		return;
	}
	if (held_by(b, node) > 0)
		b->forced[b->n_forced++] = e;
	best_offer(&b->best, e);
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

/* Puts the forced candidates that are not among the best ones after these, and says of all what holds them in. */
static void line_up(struct beam *b)
{
	const struct entry *last = b->best.n > 0 ? &b->best.at[b->best.n - 1] : NULL;

	b->n = b->best.n;
	qsort(b->forced, b->n_forced, sizeof(*b->forced), entry_compare);
	qsort(b->barred, b->n_barred, sizeof(*b->barred), entry_compare);
	for (size_t i = 0; i < b->n_forced; i++)
		if (entry_better(last, &b->forced[i]))
			b->best.at[b->n++] = b->forced[i];
	for (size_t i = 0; i < b->n; i++)
		b->held[i] = held_by(b, b->best.at[i].node);
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
	b->best.cap = candidates_wanted(b);
	b->best.n = b->total = b->n_forced = b->n_barred = 0;
	for (size_t i = 0; i < b->n_live; i++) {
		if (b->live[i].finished)
			offer(b, b->live[i].logp, i, b->live[i].node);
		else
			offer_children(b, i);
	}
	best_sort(&b->best);
	line_up(b);
	return 0;
}

static bool ends(const struct beam *b, size_t i)
{
	return trie_is_leaf(b->trie, b->best.at[i].node);
}

/* log p of a candidate's last token. What was finished at an earlier step may have been so under another mask. */
static double step_logp(const struct beam *b, const struct entry *e)
{
	const struct trace_prefix *parent = &b->live[e->order];

	return parent->finished ? parent->step_logp : scorer_step(b->s, e->node);
}

/* The places among the prefixes that forced candidates take. Where these are more than B, the earliest edits no longer
 * hold. */
static size_t claim_places(struct beam *b)
{
	for (;;) {
		size_t n = 0, earliest = 0;

		for (size_t i = 0; i < b->n; i++) {
			if (b->held[i] == 0 || (is_hf(b) && ends(b, i)))
				continue;
			if (n++ == 0 || b->held[i] < b->held[earliest])
				earliest = i;
		}
		if (n <= b->width)
			return n;
		b->held[earliest] = 0;
	}
}

static void keep_plain(struct beam *b)
{
	size_t places = b->width - claim_places(b);

	b->done = true;
	b->n_next = 0;
	for (size_t i = 0; i < b->n; i++) {
		const struct entry *e = &b->best.at[i];
		bool finished = ends(b, i);

		b->kept[i] = b->held[i] > 0 || places > 0;
		if (!b->kept[i])
			continue;
		places -= b->held[i] == 0;
		b->next[b->n_next++] = (struct trace_prefix){e->node, e->logp, step_logp(b, e), finished};
		b->done &= finished;
	}
}

static double hf_score(const struct beam *b, double logp, size_t length)
{
	return logp / pow((double)length, b->o->length_penalty);
}

static bool hf_loses(const struct finished *a, const struct finished *b)
{
	if (a->held != b->held)
		return a->held < b->held;
	if (a->result.score != b->result.score)
		return a->result.score < b->result.score;
	return a->arrival < b->arrival;
}

/* The kept item that would lose its place first: one that no edit holds, of these the one with the lowest score, the
 * earliest of several. */
static struct finished *hf_worst(struct beam *b)
{
	struct finished *worst = &b->finished[0];

	for (size_t i = 1; i < b->n_finished; i++)
		if (hf_loses(&b->finished[i], worst))
			worst = &b->finished[i];
	return worst;
}

/* Whether the item gets a place among the finished ones. */
static bool hf_finish(struct beam *b, const struct entry *e, size_t held)
{
	struct finished *into, f = {.step_logp = step_logp(b, e), .arrival = b->n_arrived++, .held = held};

	f.result = (struct trace_result){.leaf = e->node, .logp = e->logp, .score = hf_score(b, e->logp, b->step)};
	if (b->n_finished < b->width) {
		into = &b->finished[b->n_finished++];
	} else {
		into = hf_worst(b);
		if (held == into->held ? !(f.result.score > into->result.score) : held < into->held)
			return false;
	}
	*into = f;
	return true;
}

static bool hf_done(struct beam *b, double best_logp)
{
	const struct finished *worst = hf_worst(b);
	size_t length = b->step;

	if (b->n_finished < b->width)
		return false;
	if (b->o->early == EARLY_TRUE || b->width == 1 || worst->held > 0)
		return true;
	if (b->o->early == EARLY_NEVER && b->o->length_penalty > 0)
		length = b->trie->max_depth > HF_MAX_NEW_TOKENS ? b->trie->max_depth : HF_MAX_NEW_TOKENS;
	return worst->result.score >= hf_score(b, best_logp, length);
}

static void keep_hf(struct beam *b)
{
	size_t limit = reach(b), places = b->width - claim_places(b);

	b->n_next = 0;
	for (size_t i = 0; i < b->n; i++) {
		const struct entry *e = &b->best.at[i];
		bool held = b->held[i] > 0;

		if (ends(b, i)) {
			b->kept[i] = (held || i < b->width) && hf_finish(b, e, b->held[i]);
			continue;
		}
		b->kept[i] = held || (i < limit && places > 0);
		if (!b->kept[i])
			continue;
		places -= !held;
		b->next[b->n_next++] = (struct trace_prefix){e->node, e->logp, step_logp(b, e), false};
	}
	b->done = b->n_next == 0 || hf_done(b, b->best.at[0].logp);
}

static bool equal(const struct beam *b, size_t i, size_t j)
{
	return i < b->best.n && j < b->best.n && b->best.at[i].logp == b->best.at[j].logp;
}

/* 1 + index of the last candidate that stays by rank, in hf search of those that go on; 0: none does. */
static size_t last_by_rank(const struct beam *b)
{
	size_t last = b->best.n;

	while (last > 0 && (!b->kept[last - 1] || b->held[last - 1] > 0 || (is_hf(b) && ends(b, last - 1))))
		last--;
	return last;
}

/* Whether the last candidate that stays by rank has an equal that does not. */
static bool tie_of_places(const struct beam *b)
{
	size_t last = last_by_rank(b);

	if (last == 0)
		return false;
	for (size_t i = last; equal(b, i, last - 1); i++)
		if (!b->kept[i] && !(is_hf(b) && ends(b, i)))
			return true;
	return false;
}

/* hf: whether a prefix is looked at, or is not although there is a place for it, by the order of equals. */
static bool tie_at_reach(const struct beam *b)
{
	size_t end = reach(b), i = end;

	if (!equal(b, end - 1, end))
		return false;
	while (i > 0 && equal(b, i - 1, end))
		i--;
	for (; equal(b, i, end); i++)
		if (!ends(b, i) && b->held[i] == 0 && (b->kept[i] || b->n_next < b->width))
			return true;
	return false;
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
		if (ends(b, i) && b->held[i] == 0)
			return true;
	return false;
}

/* Whether the order of equal candidates decided who stays. */
static bool tie_at_cutoff(const struct beam *b)
{
	if (tie_of_places(b))
		return true;
	return is_hf(b) && (tie_of_ends(b) || tie_at_reach(b));
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

/* The rank of a candidate that is not among the best ones, or would have if it competed. */
static size_t count_rank(const struct beam *b, const struct entry *e)
{
	size_t rank = 1;

	for (size_t i = 0; i < b->n_live; i++) {
		const struct trace_prefix *p = &b->live[i];
		uint32_t first = p->finished ? p->node : b->trie->first[p->node];
		size_t n = p->finished ? 1 : trie_n_children(b->trie, p->node);

		for (uint32_t node = first; node < first + n; node++) {
			double step = p->finished ? 0 : scorer_step(b->s, node);
			struct entry other = {p->logp + step, (uint32_t)i, node};

			rank += step > -INFINITY && !beam_forbids(b->o, node) && entry_better(&other, e);
		}
	}
	return rank;
}

static struct trace_candidate *add_candidate(const struct beam *b, struct trace_step *step, const struct entry *e)
{
	struct trace_candidate *k = &step->candidates[step->n_candidates++];

	*k = (struct trace_candidate){
		.node = e->node,
		.token = b->trie->token[e->node],
		.parent = e->order,
		.step_logp = step_logp(b, e),
		.logp = e->logp,
		.finished = trie_is_leaf(b->trie, e->node),
		.carried = b->live[e->order].finished,
	};
	return k;
}

/* The forbidden ones that go before a candidate, or all that are left (NULL). *at: how many were added already. */
static void add_barred(const struct beam *b, struct trace_step *step, size_t *at, const struct entry *before)
{
	for (; *at < b->n_barred && (before == NULL || entry_better(&b->barred[*at], before)); ++*at) {
		struct trace_candidate *k = add_candidate(b, step, &b->barred[*at]);

		k->rank = (uint32_t)count_rank(b, &b->barred[*at]);
		k->forbidden = true;
	}
}

static void record_candidates(const struct beam *b, struct trace_step *step)
{
	size_t others = others_wanted(b, b->width), n_others = 0, n_barred = 0;

	step->candidates = arena_alloc(&b->trace->arena, (b->n + b->n_barred + 1) * sizeof(*step->candidates));
	for (size_t i = 0; i < b->n; i++) {
		const struct entry *e = &b->best.at[i];
		bool among_best = i < b->best.n;
		struct trace_candidate *k;

		add_barred(b, step, &n_barred, e);
		if (!b->kept[i] && n_others++ >= others)
			continue;
		k = add_candidate(b, step, e);
		k->rank = (uint32_t)(among_best ? i + 1 : count_rank(b, e));
		k->kept = b->kept[i];
		k->forced = b->kept[i] && b->held[i] > 0;
		k->tie = i > 0 && among_best && e[-1].logp == e->logp;
		step->n_kept += b->kept[i];
	}
	add_barred(b, step, &n_barred, NULL);
}

/* As struct trace_step has it. In hf search an end may be dropped above a prefix that goes on. */
static double find_cutoff(const struct beam *b)
{
	double cutoff = INFINITY;
	size_t i, n_kept = 0;

	for (i = 0; i < b->n && (b->kept[i] || (is_hf(b) && ends(b, i))); i++)
		if (b->kept[i])
			cutoff = b->best.at[i].logp;
	if (is_hf(b) && b->n_next < b->width && i < b->n && i >= reach(b))
		return b->best.at[reach(b) - 1].logp;
	for (i = 0; i < b->n; i++)
		n_kept += b->kept[i];
	return n_kept > 0 ? cutoff : -INFINITY;
}

static void record_finished(const struct beam *b, struct trace_step *step)
{
	size_t most = is_hf(b) ? b->n_finished : b->n_next;

	step->finished = arena_alloc(&b->trace->arena, (most + 1) * sizeof(*step->finished));
	for (size_t i = 0; i < b->n_finished; i++)
		step->finished[step->n_finished++] = b->finished[i].result;
	if (is_hf(b))
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
	step->cutoff = step->finish_cutoff = find_cutoff(b);
	step->done = b->done;
	record_candidates(b, step);
	record_finished(b, step);
	if (is_hf(b))
		step->finish_cutoff =
			b->best.n > 0 ? b->best.at[smaller(b->width, b->best.n) - 1].logp : -INFINITY;
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
	size_t n = is_hf(b) ? b->n_finished : b->n_next;

	qsort(b->finished, b->n_finished, sizeof(*b->finished), compare_finished);
	t->results = arena_alloc(&t->arena, (n + 1) * sizeof(*t->results));
	t->n_results = n;
	t->short_of_items = n < b->rules.width;
	for (size_t i = 0; i < n; i++) {
		const struct trace_prefix *p = &b->next[i];

		t->results[i] =
			is_hf(b) ? b->finished[i].result
				 : (struct trace_result){.leaf = p->node, .logp = p->logp, .score = p->logp};
		t->results[i].rank = (uint32_t)i + 1;
	}
}

/* plain to hf: the items that are finished leave the prefixes. The earlier an item ended, the earlier it arrived. */
static void part_finished(struct beam *b)
{
	size_t n = 0;

	b->n_finished = b->n_arrived = 0;
	for (size_t depth = 1; depth < b->step; depth++) {
		for (size_t i = 0; i < b->n_live; i++) {
			const struct trace_prefix *p = &b->live[i];

			if (!p->finished || trie_depth(b->trie, p->node) != depth)
				continue;
			b->finished[b->n_finished++] = (struct finished){
				{.leaf = p->node, .logp = p->logp, .score = hf_score(b, p->logp, depth)},
				p->step_logp,
				b->n_arrived++,
				held_by(b, p->node),
			};
		}
	}
	for (size_t i = 0; i < b->n_live; i++)
		if (!b->live[i].finished)
			b->live[n++] = b->live[i];
	b->n_live = n;
}

/* By falling log P, the earlier one first among equals. */
static int compare_logp(const void *left, const void *right)
{
	const struct finished *a = left, *b = right;

	if (a->result.logp != b->result.logp)
		return a->result.logp > b->result.logp ? -1 : 1;
	return a->arrival < b->arrival ? -1 : a->arrival > b->arrival;
}

/* hf to plain: the finished items go among the prefixes. Both lists are merged from their worst ends. */
static void join_finished(struct beam *b)
{
	size_t n = b->n_finished, i = b->n_live;

	qsort(b->finished, n, sizeof(*b->finished), compare_logp);
	b->n_live += n;
	for (size_t at = b->n_live; n > 0; at--) {
		const struct finished *f = &b->finished[n - 1];

		if (i > 0 && b->live[i - 1].logp <= f->result.logp) {
			b->live[at - 1] = b->live[--i];
		} else {
			b->live[at - 1] =
				(struct trace_prefix){f->result.leaf, f->result.logp, f->step_logp, true};
			n--;
		}
	}
	b->n_finished = 0;
}

/* Puts the rules of the step in force. */
static void follow_rules(struct beam *b)
{
	enum search_kind before = b->rules.kind;

	b->rules = beam_rules_at(b->o, b->mask, b->step);
	b->width = smaller(b->rules.width, b->trie->n_nodes);
	if (b->s->mask != b->rules.mask)
		scorer_set(b->s, b->rules.mask, b->s->tau);
	if (b->rules.kind != before && is_hf(b))
		part_finished(b);
	else if (b->rules.kind != before)
		join_finished(b);
	while (b->n_finished > b->width) {
		struct finished *worst = hf_worst(b);

		*worst = b->finished[--b->n_finished];
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
		follow_rules(b);
		if (compete(b, err) < 0)
			return -1;
		if (is_hf(b))
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

static int check_options(const struct beam_options *o, const struct trie *t, struct err *err)
{
	bool positive = o->width > 0;

	for (size_t i = 0; i < o->n_edits; i++) {
		const struct beam_edit *e = &o->edits[i];

		positive &= e->kind != EDIT_WIDTH || e->width > 0;
		if ((e->kind == EDIT_FORCE || e->kind == EDIT_FORBID) &&
			(e->node >= t->n_nodes || trie_depth(t, e->node) != e->step))
			BUG("node %u is no prefix of %zu tokens", (unsigned)e->node, e->step);
	}
	if (!positive)
		return err_set(err, ERR_VALUE, "the beam width is 0; it must be at least 1");
	if (!isfinite(o->length_penalty))
		return err_set(err, ERR_VALUE, "the length penalty is %g, not a finite number", o->length_penalty);
	return 0;
}

int beam_search(struct trace *trace, struct scorer *s, const struct beam_options *o, bool want_steps, struct err *err)
{
	struct beam b = {.s = s, .trie = s->trie, .o = o, .trace = trace, .want_steps = want_steps, .mask = s->mask};
	int rc = -1;

	trace_init(trace);
	if (check_options(o, s->trie, err) < 0)
		return -1;
	if (beam_init(&b, err) == 0)
		rc = run(&b, err);
	if (s->mask != b.mask)
		scorer_set(s, b.mask, s->tau);
	beam_release(&b);
	return rc;
}
