#include "diagnose/finding.h"

#include <math.h>

#include "inquest.h"

size_t finding_worst_step(const struct finding *f)
{
	size_t worst = 0;

	for (size_t i = 0; i < f->n_steps; i++) {
		double margin = f->steps[i].prefix_margin;

		if (!isnan(margin) && (worst == 0 || margin < f->steps[worst - 1].prefix_margin))
			worst = i + 1;
	}
	return worst;
}

uint32_t finding_leaf(const struct catalogue *c, const struct trie *t, uint32_t item, enum unreachable_why *why)
{
	uint32_t leaf;

	*why = UNREACHABLE_NO_POSITIVE;
	if (item == ITEM_NONE)
		return TRIE_NONE;
	*why = UNREACHABLE_NO_TOKENS;
	if (c->first[item] == c->first[item + 1])
		return TRIE_NONE;
	leaf = t->item_leaf[item];
	*why = leaf == TRIE_NONE ? UNREACHABLE_HIDDEN : UNREACHABLE_NOT;
	return leaf;
}

static void describe_tokens(struct finding *f, const struct catalogue *c, uint32_t item, const struct trie *t)
{
	enum unreachable_why ignored;
	uint32_t node, first;

	f->item_tokens = c->first[item + 1] - c->first[item];
	if (f->item_tokens == 0)
		return;
	f->first_token = c->tokens[c->first[item]];
	first = trie_child(t, TRIE_ROOT, f->first_token);
	if (first != TRIE_NONE)
		f->first_shared = trie_leaves_below(t, first);
	node = finding_leaf(c, t, item, &ignored);
	for (; node != TRIE_NONE && node != TRIE_ROOT; node = t->parent[node])
		f->choices += trie_n_children(t, t->parent[node]) > 1;
}

void finding_describe(struct finding *f, const struct dataset *d, const struct rec_case *c, size_t index,
	const struct trie *t, struct arena *arena)
{
	const struct item *item = c->positive == ITEM_NONE ? NULL : &d->catalogue.items[c->positive];

	*f = (struct finding){
		.index = index,
		.id = arena_strdup(arena, c->id),
		.user = arena_strdup(arena, c->user),
		.item = arena_strdup(arena, item ? item->id : c->positive_id),
		.title = arena_strdup(arena, item ? item->title : ""),
		.history = c->n_history,
		.popularity = item ? item->popularity : 0,
		.first_token = TOKEN_NONE,
		.first_text = "",
	};
	if (item && t)
		describe_tokens(f, &d->catalogue, c->positive, t);
}

/* A finding in the making. */
struct work {
	struct finding *f;
	struct scorer *s;
	const struct finding_options *o;
	struct inquest q;
};

static void take_steps(struct work *w, struct arena *arena)
{
	const struct diagnosis *d = &w->q.d;
	struct finding *f = w->f;

	f->n_steps = d->n_steps;
	f->steps = arena_alloc(arena, (d->n_steps + 1) * sizeof(*f->steps));
	for (size_t i = 0; i < d->n_steps; i++) {
		const struct positive_step *p = &d->steps[i];

		f->steps[i] = (struct finding_step){
			.token = p->token,
			.text = "",
			.valid = p->valid,
			.token_rank = p->token_rank,
			.prefix_rank = p->prefix_rank,
			.step_logp = p->step_logp,
			.token_margin = p->token_margin,
			.prefix_margin = p->prefix_margin,
			.in_beam = p->in_beam,
		};
	}
}

/* Items of one sequence stand in the list one after another, in the order of the catalogue. */
static size_t item_rank(const struct trace *t, const struct trie *trie, uint32_t item, uint32_t leaf)
{
	size_t rank = 0;

	for (size_t i = 0; i < t->n_results; i++) {
		uint32_t at = t->results[i].leaf;

		for (size_t k = trie->leaf_first[at]; k < trie->leaf_first[at + 1]; k++) {
			rank++;
			if (at == leaf && trie->leaf_item[k] == item)
				return rank;
		}
	}
	return 0;
}

static void take_reach(struct work *w, size_t at, const struct trace *t)
{
	struct finding_reach *reach = &w->f->reach[at];

	reach->rank = w->q.d.leaf == TRIE_NONE ? 0 : trace_rank(t, w->q.d.leaf);
	reach->recalled = inquest_recalled(&w->q, t, w->o->widths[at], &reach->exact_n);
}

static int search_width(struct work *w, size_t width, struct trace *t, struct err *err)
{
	struct beam_options o = w->o->search.beam;

	o.width = width;
	if (beam_search(t, w->s, &o, false, err) < 0)
		return -1;
	if (w->q.d.why == UNREACHABLE_NOT)
		diagnosis_bound(&w->q.d, t);
	return 0;
}

static int survive(struct work *w, struct arena *arena, struct err *err)
{
	const struct finding_options *o = w->o;

	w->f->reach = arena_alloc(arena, (o->n_widths + 1) * sizeof(*w->f->reach));
	for (size_t i = 0; i < o->n_widths; i++) {
		struct trace t;
		int rc;

		if (o->widths[i] == o->search.beam.width) {
			take_reach(w, i, &w->q.trace);
			continue;
		}
		rc = search_width(w, o->widths[i], &t, err);
		if (rc == 0)
			take_reach(w, i, &t);
		trace_release(&t);
		if (rc < 0)
			return -1;
	}
	return 0;
}

/* The item's rank in a search of this width, which is done unless it was. */
static int rank_at(struct work *w, size_t width, size_t *rank, struct err *err)
{
	const struct finding_options *o = w->o;
	struct trace t;
	int rc;

	*rank = w->q.d.rank;
	if (width == o->search.beam.width)
		return 0;
	for (size_t i = 0; i < o->n_widths; i++)
		if (o->widths[i] == width) {
			*rank = w->f->reach[i].rank;
			return 0;
		}
	rc = search_width(w, width, &t, err);
	if (rc == 0)
		*rank = trace_rank(&t, w->q.d.leaf);
	trace_release(&t);
	return rc;
}

static int scan(struct work *w, struct err *err)
{
	const struct diagnose_options *o = &w->o->search;
	size_t width = diagnosis_least_width(&w->q.d, o->beam.kind), rank = 0;

	if (w->q.d.exact_rank > o->max_width && w->q.d.rank == 0)
		return 0;
	for (; width <= o->max_width && w->f->smallest_width == 0; width++) {
		if (rank_at(w, width, &rank, err) < 0)
			return -1;
		if (rank > 0)
			w->f->smallest_width = width;
	}
	return 0;
}

static size_t widest(const struct finding_options *o)
{
	size_t last = o->n_widths > 0 ? o->widths[o->n_widths - 1] : 0;

	return last > o->search.beam.width ? last : o->search.beam.width;
}

static int search(struct work *w, uint32_t item, uint32_t leaf, enum unreachable_why why, struct arena *arena,
	struct err *err)
{
	const struct finding_options *o = w->o;
	struct finding *f = w->f;
	size_t top = widest(o), limit = o->rank_limit > top ? o->rank_limit : top;

	f->smallest_width = 0;
	if (inquest_hold(&w->q, w->s, leaf, why, &o->search, top, limit, err) < 0)
		return -1;
	take_steps(w, arena);
	if (survive(w, arena, err) < 0 || (w->q.d.why == UNREACHABLE_NOT && scan(w, err) < 0))
		return -1;
	inquest_close(&w->q, o->search.beam.width, &f->outcome);
	f->how = w->q.d.how;
	f->item_rank = f->outcome.rank > 0 ? item_rank(&w->q.trace, w->s->trie, item, leaf) : 0;
	f->exact_rank_most = w->q.d.exact_rank_most;
	f->expanded = w->s->expanded - w->q.expanded;
	f->scored = w->s->scored - w->q.scored;
	return 0;
}

int finding_search(struct finding *f, struct scorer *s, uint32_t item, uint32_t leaf, enum unreachable_why why,
	const struct finding_options *o, struct arena *arena, struct err *err)
{
	struct work w = {.f = f, .s = s, .o = o};
	int rc = search(&w, item, leaf, why, arena, err);

	inquest_release(&w.q);
	return rc;
}
