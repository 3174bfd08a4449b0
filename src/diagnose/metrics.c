#include "diagnose/metrics.h"

#include <math.h>

/* Counts, and what there are means of. */
struct sums {
	size_t width, cases;
	size_t hits, reachable, returned, within, pruned, lucky, violated, undecided;
	double *ndcg, *exact_ndcg, *recall, *before, *after; /* [number of cases] */
	size_t n_exact, n_recall;
};

double metrics_gain(size_t rank, size_t k)
{
	return rank > 0 && rank <= k ? 1 / log2((double)rank + 1) : 0;
}

/* By a rank that is known to be from exact_rank to `most`. */
static int within(const struct outcome *o, size_t most, size_t k)
{
	if (o->kind == VERDICT_UNREACHABLE || o->exact_rank > k)
		return 0;
	return most <= k ? 1 : -1;
}

static size_t most_rank(const struct finding *f)
{
	return f->outcome.exact_proved ? f->outcome.exact_rank : f->exact_rank_most;
}

int metrics_exact_within(const struct finding *f, size_t k)
{
	return within(&f->outcome, most_rank(f), k);
}

/* What the exact rank tells: whether a perfect search would return the item, and where. */
static void add_exact(struct sums *s, const struct outcome *o, size_t most)
{
	int in = within(o, most, s->width);

	if (in < 0) {
		s->undecided++;
		return;
	}
	s->within += in > 0;
	s->pruned += o->kind == VERDICT_PRUNED;
	s->returned += o->rank > 0;
	s->lucky += o->rank > 0 && !in;
	/* Within the best B, at a rank that the budget left open: no gain can be named. */
	if (!in || o->exact_proved)
		s->exact_ndcg[s->n_exact++] = metrics_gain(o->exact_rank, s->width);
}

static void add(struct sums *s, const struct outcome *o, size_t most)
{
	s->hits += o->rank > 0 && o->rank <= s->width;
	s->ndcg[s->cases++] = metrics_gain(o->rank, s->width);
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
	add_exact(s, o, most);
}

static void sums_init(struct sums *s, size_t n, size_t width, struct means *means)
{
	*s = (struct sums){.width = width,
		.ndcg = means_room(means, n),
		.exact_ndcg = means_room(means, n),
		.recall = means_room(means, n),
		.before = means_room(means, n),
		.after = means_room(means, n)};
}

static void conclude(struct metrics *m, const struct sums *s, struct means *means)
{
	*m = (struct metrics){
		.width = s->width,
		.cases = s->cases,
		.hr = figure_share(s->hits, s->cases),
		.exact_hr = figure_share(s->within, s->cases - s->undecided),
		.pruning_rate = figure_share(s->pruned, s->within),
		.lucky = figure_share(s->lucky, s->returned),
		.condition_violated = figure_share(s->violated, s->reachable),
		.undecided = s->undecided,
	};
	means_want(means, s->ndcg, s->cases, &m->ndcg);
	means_want(means, s->exact_ndcg, s->n_exact, &m->exact_ndcg);
	means_want(means, s->recall, s->n_recall, &m->search_recall);
	means_want(means, s->before, s->reachable, &m->nll_before);
	means_want(means, s->after, s->reachable, &m->nll_after);
}

void metrics_find(struct metrics *m, const struct outcome *outcomes, size_t n, size_t width, uint64_t seed)
{
	struct means means;
	struct sums s;

	means_init(&means);
	sums_init(&s, n, width, &means);
	for (size_t i = 0; i < n; i++) {
		const struct outcome *o = &outcomes[i];
		size_t most = o->exact_proved ? o->exact_rank : o->kind == VERDICT_PRUNED ? width : SIZE_MAX;

		add(&s, o, most);
	}
	conclude(m, &s, &means);
	means_find(&means, seed);
}

void metrics_gather(
	struct metrics *m, const struct finding *const *findings, size_t n, size_t width, struct means *means)
{
	struct sums s;

	sums_init(&s, n, width, means);
	for (size_t i = 0; i < n; i++)
		add(&s, &findings[i]->outcome, most_rank(findings[i]));
	conclude(m, &s, means);
}
