/* Read by each isa_*.c after its vector primitives: the bodies, and the table of them. */

/* The first n < VL floats at p, then `fill`. */
INLINE vf vload_part(const float *p, size_t n, float fill)
{
	float t[VL];

	vstore(t, vset(fill));
	memcpy(t, p, n * sizeof(*p));
	return vload(t);
}

INLINE void vstore_part(float *p, size_t n, vf v)
{
	float t[VL];

	vstore(t, v);
	memcpy(p, t, n * sizeof(*p));
}

#include "body_math.h"
#include "body_product.h"
#include "body_layers.h"
#include "body_train.h"

const struct isa PASTE(isa_, ISA) = {
	.name = STRING(ISA),
	.product_rows = PRODUCT_ROWS,
	.widen = widen,
	.dot = dot,
	.product = product,
	.mix = mix,
	.max = max,
	.exp_sum = exp_sum,
	.scale = scale,
	.add = add,
	.rmsnorm = rmsnorm,
	.rmsnorm_bwd = rmsnorm_bwd,
	.rope = rope,
	.swiglu = swiglu,
	.swiglu_bwd = swiglu_bwd,
	.softmax_bwd = softmax_bwd,
	.adamw = adamw,
	.sum_squares = sum_squares,
	.dropout = dropout,
};
