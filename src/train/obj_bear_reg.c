/*
 * BEAR as its paper has it: the mean over tokens of
 *
 *     -log p_t + λ log σ((log β_t - log p_t) / ξ),
 *
 * β a constant to the gradient, which is that of obj_bear.c with λ / ξ for λ, up to normalisation. A token with a
 * single valid child adds the constant λ log σ(0).
 */
#include "train/objectives.h"

static double bear_reg(const struct objective_params *p, const struct objective_batch *b, double *dlogp)
{
	size_t n = b->first[b->n_items];
	double loss = objective_masked_nll(b, dlogp), sum = 0;

	for (size_t t = 0; t < n; t++) {
		double x = (b->beta[t] - b->logp[t]) / p->xi;

		sum += p->lambda * log_sigmoid(x);
		dlogp[t] *= 1 + p->lambda / p->xi * sigmoid(-x);
	}
	return n > 0 ? loss + sum / (double)n : 0;
}

const struct objective objective_bear_reg = {
	.name = "bear-reg",
	.summary = "msl with log sigmoid of the lead of the K-th best token (BEAR as published on paper)",
	.needs = OBJECTIVE_BETA,
	.eval = bear_reg,
};
