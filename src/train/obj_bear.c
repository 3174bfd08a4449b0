/*
 * BEAR as its published code has it: -log p weighted by how safely a token stands above the K-th best,
 *
 *     w_t = 1 + λ σ((log p_t - log β_t) / ξ),    loss = Σ w_t (-log p_t) / (Σ w_t + 1e-8)
 *
 * over the tokens with more than one valid child. The weights are constants to the gradient.
 */
#include "train/objectives.h"

#define SUM_GUARD 1e-8 /* added to the sum of weights, as published */

static double weight(const struct objective_params *p, const struct objective_batch *b, size_t t)
{
	return 1 + p->lambda * sigmoid((b->logp[t] - b->beta[t]) / p->xi);
}

static double bear(const struct objective_params *p, const struct objective_batch *b, double *dlogp)
{
	size_t n = b->first[b->n_items];
	double weights = SUM_GUARD, loss = 0;

	for (size_t t = 0; t < n; t++) {
		dlogp[t] = b->valid[t] > 1 ? -weight(p, b, t) : 0;
		weights -= dlogp[t];
	}
	for (size_t t = 0; t < n; t++) {
		dlogp[t] /= weights;
		if (b->valid[t] > 1)
			loss += dlogp[t] * b->logp[t];
	}
	return loss;
}

const struct objective objective_bear = {
	.name = "bear",
	.summary = "msl, weighted by how safely each token stands in the top K (BEAR as published in code)",
	.needs = OBJECTIVE_BETA,
	.eval = bear,
};
