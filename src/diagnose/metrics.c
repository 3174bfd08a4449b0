#include "diagnose/metrics.h"

#include <math.h>
#include <stdlib.h>

#include "base/mem.h"

/* Counts, and what there are means of. */
struct sums {
	size_t hits, reachable, returned, within, pruned, lucky, violated, undecided;
	double *ndcg, *exact_ndcg, *recall, *before, *after; /* [number of cases] */
	size_t n_ndcg, n_exact, n_recall;
};

/* The discounted gain of one positive item at a rank; 0 beyond the list. */
static double gain(size_t rank, size_t width)
{
	return rank > 0 && rank <= width ? 1 / log2((double)rank + 1) : 0;
}

/* What the exact rank tells: whether a perfect search would return the item, and where. */
static void add_exact(struct sums *s, const struct outcome *o, size_t width)
{
	bool beyond = o->exact_rank > width, within = o->kind == VERDICT_PRUNED || (o->exact_proved && !beyond);

	if (!beyond && !within) {
		s->undecided++;
		return;
	}
	s->within += within;
	s->pruned += o->kind == VERDICT_PRUNED;
	s->returned += o->rank > 0;
	s->lucky += o->rank > 0 && beyond;
	/* Lost within the best B, at a rank that the budget left open: no gain can be named. */
	if (beyond || o->exact_proved)
		s->exact_ndcg[s->n_exact++] = gain(o->exact_rank, width);
}

static void add(struct sums *s, const struct outcome *o, size_t width)
{
	s->hits += o->rank > 0 && o->rank <= width;
	s->ndcg[s->n_ndcg++] = gain(o->rank, width);
	if (o->exact_n > 0)
		s->recall[s->n_recall++] = (double)o->recalled / (double)o->exact_n;
	if (o->kind == VERDICT_UNREACHABLE) {
		s->exact_ndcg[s->n_exact++] = 0;
		return;
	}
	s->before[s->reachable] = o->nll_before;
	s->after[s->reachable] = o->nll_after;
	s->reachable++;
	s->violated += !o->condition_holds;
	add_exact(s, o, width);
}

void metrics_find(struct metrics *m, const struct outcome *outcomes, size_t n, size_t width, uint64_t seed)
{
	double *values = xmalloc((5 * n + 1) * sizeof(*values));
	struct sums s = {.ndcg = values,
		.exact_ndcg = values + n,
		.recall = values + 2 * n,
		.before = values + 3 * n,
		.after = values + 4 * n};

	for (size_t i = 0; i < n; i++)
		add(&s, &outcomes[i], width);
	*m = (struct metrics){
		.width = width,
		.cases = n,
		.hr = figure_share(s.hits, n),
		.ndcg = figure_mean(s.ndcg, n, seed),
		.exact_hr = figure_share(s.within, n - s.undecided),
		.exact_ndcg = figure_mean(s.exact_ndcg, s.n_exact, seed),
		.pruning_rate = figure_share(s.pruned, s.within),
		.search_recall = figure_mean(s.recall, s.n_recall, seed),
		.lucky = figure_share(s.lucky, s.returned),
		.condition_violated = figure_share(s.violated, s.reachable),
		.nll_before = figure_mean(s.before, s.reachable, seed),
		.nll_after = figure_mean(s.after, s.reachable, seed),
		.undecided = s.undecided,
	};
	free(values);
}
