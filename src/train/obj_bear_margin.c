/*
 * For comparison with BEAR: the mean over tokens of
 *
 *     -log p_t + λ softplus((log β_t - log p_t) / ξ),
 *
 * which presses hardest on tokens outside the top K, where BEAR presses hardest on those safely inside. β is a constant
 * to the gradient. A token with a single valid child adds the constant λ softplus(0).
 */
#include "train/objectives.h"

static double bear_margin(const struct objective_params *p, const struct objective_batch *b, double *dlogp)
{
	size_t n = b->first[b->n_items];
	double loss = objective_masked_nll(b, dlogp), sum = 0;

	for (size_t t = 0; t < n; t++) {
		double x = (b->beta[t] - b->logp[t]) / p->xi;

		sum -= p->lambda * log_sigmoid(-x);
		dlogp[t] *= 1 + p->lambda / p->xi * sigmoid(x);
	}
	return n > 0 ? loss + sum / (double)n : 0;
}

const struct objective objective_bear_margin = {
	.name = "bear-margin",
	.summary = "msl with softplus of the lead of the K-th best token: presses on tokens outside the top K",
	.needs = OBJECTIVE_BETA,
	.eval = bear_margin,
};
