/*
 * Masked softmax loss: the mean of -log p over the valid children. Tokens with a single child count in the mean, with
 * zero loss.
 */
#include "train/objectives.h"

static double msl(const struct objective_params *p, const struct objective_batch *b, double *dlogp)
{
	(void)p;
	return objective_masked_nll(b, dlogp);
}

const struct objective objective_msl = {
	.name = "msl",
	.summary = "-log p of the item's tokens over the valid children (masked softmax)",
	.eval = msl,
};
