/*
 * The search itself, simulated (BEAR's paper, objective 3.1): the mean over steps of
 *
 *     -log p_t + λ log σ((c_t - log P(s_t)) / ξ),    log P(s_t) = Σ_{s <= t} log p_s,
 *
 * c_t the cut-off that a beam search with the current weights had, a constant to the gradient. A step's second term
 * depends on every token up to it.
 */
#include "train/objectives.h"

static double direct(const struct objective_params *p, const struct objective_batch *b, double *dlogp)
{
	size_t n = b->first[b->n_items];
	double loss = objective_masked_nll(b, dlogp), sum = 0;

	for (size_t i = 0; i < b->n_items; i++) {
		double logp = 0, later = 0;

		for (size_t t = b->first[i]; t < b->first[i + 1]; t++)
			logp += b->logp[t];
		/* From the last step backwards: `later` is what all steps from t on press on token t. */
		for (size_t t = b->first[i + 1]; t-- > b->first[i]; logp -= b->logp[t]) {
			double x = (b->cutoff[t] - logp) / p->xi;

			sum += p->lambda * log_sigmoid(x);
			later += p->lambda / p->xi * sigmoid(-x);
			dlogp[t] *= 1 + later;
		}
	}
	return n > 0 ? loss + sum / (double)n : 0;
}

const struct objective objective_direct = {
	.name = "direct",
	.summary = "msl with log sigmoid of a real search's cut-off over each prefix, a beam search for every item",
	.needs = OBJECTIVE_SEARCH,
	.eval = direct,
};
