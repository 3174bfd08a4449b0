#include "search/trace.h"

void trace_init(struct trace *t)
{
	*t = (struct trace){0};
	arena_init(&t->arena);
}

void trace_release(struct trace *t)
{
	arena_release(&t->arena);
	trace_init(t);
}

size_t trace_rank(const struct trace *t, uint32_t leaf)
{
	for (size_t i = 0; i < t->n_results; i++)
		if (t->results[i].leaf == leaf)
			return t->results[i].rank;
	return 0;
}

static bool keeps(const struct trace_step *step, uint32_t node)
{
	for (size_t i = 0; i < step->n_candidates; i++)
		if (step->candidates[i].node == node)
			return step->candidates[i].kept;
	return false;
}

static bool holds_place(const struct trace_step *step, uint32_t leaf)
{
	for (size_t i = 0; i < step->n_finished; i++)
		if (step->finished[i].leaf == leaf)
			return true;
	return false;
}

size_t trace_lost_at(const struct trace *t, const struct trie *trie, uint32_t leaf)
{
	size_t depth = trie_depth(trie, leaf), lost = 0;
	uint32_t node = leaf;

	for (size_t step = depth; step > 0; step--, node = trie->parent[node])
		if (step <= t->n_steps && !keeps(&t->steps[step - 1], node))
			lost = step;
	if (lost > 0 || depth > t->n_steps)
		return lost > 0 ? lost : t->n_steps;
	lost = depth;
	while (lost < t->n_steps && holds_place(&t->steps[lost - 1], leaf))
		lost++;
	return lost;
}
