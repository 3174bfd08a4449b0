#include "train/objectives.h"

#include <math.h>
#include <string.h>

const struct objective *const objectives[] = {
	&objective_sft,
	&objective_msl,
	&objective_bear,
	&objective_bear_reg,
	&objective_bear_margin,
	&objective_direct,
	NULL,
};

const struct objective *objective_find(const char *name, struct err *err)
{
	struct buf names = {0};

	for (size_t i = 0; objectives[i]; i++) {
		if (strcmp(objectives[i]->name, name) == 0) {
			buf_release(&names);
			return objectives[i];
		}
		buf_addf(&names, "%s%s", i > 0 ? ", " : "", objectives[i]->name);
	}
	err_set(err, ERR_USAGE, "there is no objective '%s'; there are %s", name, buf_str(&names));
	buf_release(&names);
	return NULL;
}

double sigmoid(double x)
{
	double e = exp(-fabs(x));

	return (x < 0 ? e : 1) / (1 + e);
}

double log_sigmoid(double x)
{
	return fmin(x, 0) - log1p(exp(-fabs(x)));
}

double objective_masked_nll(const struct objective_batch *b, double *dlogp)
{
	size_t n = b->first[b->n_items];
	double sum = 0;

	for (size_t t = 0; t < n; t++) {
		sum -= b->logp[t];
		dlogp[t] = b->valid[t] > 1 ? -1 / (double)n : 0;
	}
	return n > 0 ? sum / (double)n : 0;
}
