/*
 * Supervised fine-tuning: the mean of -log p over the whole vocabulary. To it a token with a single valid child is like
 * any other, since it knows nothing of the catalogue.
 */
#include "train/objectives.h"

static double sft(const struct objective_params *p, const struct objective_batch *b, double *dlogp)
{
	size_t n = b->first[b->n_items];
	double sum = 0;

	(void)p;
	for (size_t t = 0; t < n; t++) {
		sum -= b->logp[t];
		dlogp[t] = -1 / (double)n;
	}
	return n > 0 ? sum / (double)n : 0;
}

const struct objective objective_sft = {
	.name = "sft",
	.summary = "-log p of the item's tokens over the whole vocabulary (the published LML)",
	.needs = OBJECTIVE_VOCAB,
	.eval = sft,
};
