/* The shape that other programs were measured on: that of SmolLM2-135M. Random weights; the dtype is the caller's. */
#ifndef TESTS_BENCH_SHAPE_H
#define TESTS_BENCH_SHAPE_H

#include "../num/tiny.h"

static const struct tiny_shape bench_shape = {
	.type = "llama",
	.vocab = 49152,
	.hidden = 576,
	.layers = 30,
	.heads = 9,
	.kv_heads = 3,
	.head_dim = 64,
	.intermediate = 1536,
	.max_positions = 2048,
	.tied = true,
	.theta = 10000,
	.eps = 1e-5,
	.scale = 1,
};

#endif
