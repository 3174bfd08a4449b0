/* Read by each isa_*.c after its vector primitives: the bodies, and the table of them. */

#include "body_math.h"
#include "body_quant.h"
#include "body_product.h"
#include "body_turn.h"
#include "body_mix.h"
#ifdef GEMM_BY_BLAS
#include "body_blas.h"
#define GEMM_ANY_CUT false
#else
#include "body_gemm.h"
#define GEMM_ANY_CUT true
#endif
#include "body_layers.h"
#include "body_train.h"

const struct isa PASTE(isa_, ISA) = {
	.name = STRING(ISA),
	.product_rows = PRODUCT_ROWS,
	.widen = widen,
	.dot = dot,
	.product = product,
	.turn = turn,
	.mix = mix,
	.gemm = gemm,
	.gemm_any_cut = GEMM_ANY_CUT,
	.max = max,
	.exp_sum = exp_sum,
	.scale = scale,
	.add = add,
	.rmsnorm = rmsnorm,
	.rmsnorm_bwd = rmsnorm_bwd,
	.layernorm = layernorm,
	.layernorm_bwd = layernorm_bwd,
	.rope = rope,
	.swiglu = swiglu,
	.swiglu_bwd = swiglu_bwd,
	.gelu = gelu,
	.gelu_bwd = gelu_bwd,
	.attn_bwd = attn_bwd,
	.xent_bwd = xent_bwd,
	.adamw = adamw,
	.sum_squares = sum_squares,
	.dropout = dropout,
};
