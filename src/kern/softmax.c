#include <math.h>

#include "kern/layers.h"

double lse_fwd(const float *z, size_t n, double inv_tau)
{
	double max = -INFINITY, sum = 0.0;

	for (size_t i = 0; i < n; i++)
		if (!(z[i] <= max)) /* a NaN stays, to be seen in the result */
			max = z[i];
	if (max == -INFINITY)
		return -INFINITY;
	for (size_t i = 0; i < n; i++)
		sum += exp(inv_tau * (z[i] - max));
	return inv_tau * max + log(sum);
}
