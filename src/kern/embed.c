#include "kern/layers.h"

void embed_fwd(float *y, const struct tensor *table, const uint32_t *ids, size_t T)
{
	size_t C = table->shape[1];

	for (size_t t = 0; t < T; t++)
		dtype_widen(y + t * C, table->data, table->dtype, ids[t] * C, C);
}
