/*
 * Two judged files over the same cases.
 */
#include <stdlib.h>

#include "diagnose/judgement.h"
#include "diagnose/metrics.h"

/* Entries of both files that are of one case. */
struct pair {
	const struct judged *first, *second;
};

/* In the order of the split. pairs: [cases of the split]. */
static size_t find_pairs(struct pair *pairs, const struct judgement *first, const struct judgement *second)
{
	size_t cases = first->data->splits[first->split].n, n = 0;

	for (size_t i = 0; i < first->predictions->n; i++)
		pairs[first->at[i].index - 1].first = &first->at[i];
	for (size_t i = 0; i < second->predictions->n; i++)
		pairs[second->at[i].index - 1].second = &second->at[i];
	for (size_t i = 0; i < cases; i++)
		if (pairs[i].first && pairs[i].second)
			pairs[n++] = pairs[i];
	return n;
}

static bool summed_at(const struct judgement *j, size_t k)
{
	for (size_t i = 0; i < j->n_at; i++)
		if (j->at_k[i].k == k)
			return true;
	return false;
}

/* x, y: [n] scratch. */
static void test_at(struct judgement_bout *b, const struct pair *pairs, size_t k, double *x, double *y, uint64_t seed)
{
	struct flip_test *hit = &b->hit[b->n_at];
	struct mean_test *ndcg = &b->ndcg[b->n_at];
	double ignored;

	*hit = (struct flip_test){.n = b->cases};
	*ndcg = (struct mean_test){.n = b->cases};
	for (size_t i = 0; i < b->cases; i++) {
		x[i] = metrics_gain(pairs[i].first->rank, k);
		y[i] = metrics_gain(pairs[i].second->rank, k);
	}
	ndcg->difference = figure_paired(x, y, b->cases, seed, &ndcg->p);
	for (size_t i = 0; i < b->cases; i++) {
		x[i] = x[i] > 0;
		y[i] = y[i] > 0;
		hit->gained += x[i] < y[i];
		hit->lost += x[i] > y[i];
	}
	hit->p = figure_mcnemar(hit->gained, hit->lost);
	hit->difference = figure_paired(x, y, b->cases, seed, &ignored);
	b->k[b->n_at++] = k;
}

void judgement_compare(
	struct judgement_bout *b, const struct judgement *first, const struct judgement *second, uint64_t seed)
{
	struct pair *pairs;
	double *x, *y;

	*b = (struct judgement_bout){0};
	if (!first->data || !second->data)
		return;
	pairs = xcalloc(first->data->splits[first->split].n + 1, sizeof(*pairs));
	b->cases = find_pairs(pairs, first, second);
	x = xcalloc(b->cases + 1, sizeof(*x));
	y = xcalloc(b->cases + 1, sizeof(*y));
	for (size_t i = 0; i < first->n_at && b->cases > 0; i++)
		if (summed_at(second, first->at_k[i].k))
			test_at(b, pairs, first->at_k[i].k, x, y, seed);
	free(pairs);
	free(x);
	free(y);
}
