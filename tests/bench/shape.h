/* Shapes of the models that are measured; weights are random, the dtype is the caller's. */
#ifndef TESTS_BENCH_SHAPE_H
#define TESTS_BENCH_SHAPE_H

#include "../num/tiny.h"

/* The one that other programs were measured on: that of SmolLM2-135M. */
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

/* What `new` makes for a catalogue of some thousand titles, about. */
static const struct tiny_shape bench_small = {
	.type = "llama",
	.vocab = 2000,
	.hidden = 128,
	.layers = 3,
	.heads = 4,
	.kv_heads = 2,
	.head_dim = 32,
	.intermediate = 352,
	.max_positions = 512,
	.tied = true,
	.theta = 10000,
	.eps = 1e-5,
	.scale = 1,
};

#endif
