#include "train/pace.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

void pace_add(struct pace *p, double seconds)
{
	p->seconds[p->n++ % PACE_KEPT] = seconds;
}

static int rising(const void *left, const void *right)
{
	double a = *(const double *)left, b = *(const double *)right;

	return a < b ? -1 : a > b;
}

double pace_typical(const struct pace *p)
{
	size_t n = p->n < PACE_KEPT ? p->n : PACE_KEPT, cut = n / 4;
	double sorted[PACE_KEPT], sum = 0;

	if (n == 0)
		return NAN;
	memcpy(sorted, p->seconds, n * sizeof(*sorted));
	qsort(sorted, n, sizeof(*sorted), rising);
	for (size_t i = cut; i < n - cut; i++)
		sum += sorted[i];
	return sum / (double)(n - 2 * cut);
}
