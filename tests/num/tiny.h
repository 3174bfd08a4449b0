/*
 * Models made up for tests: a shape and random weights, written as a Hugging Face directory into a temporary folder;
 * and a forward pass in double, plain and slow, that the fast one is compared with.
 */
#ifndef TESTS_NUM_TINY_H
#define TESTS_NUM_TINY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/tensor.h"

struct tiny_shape {
	const char *type; /* model_type: llama, mistral, qwen2, qwen3, gpt2 */
	size_t vocab, hidden, layers, heads, kv_heads, head_dim, intermediate, max_positions;
	bool tied, attention_bias, mlp_bias; /* gpt2 has all biases by itself, and learned positions */
	const char *rope_scaling;       /* JSON; NULL: null */
	double (*stretch)(double freq); /* what rope_scaling does to a frequency; NULL: nothing */
	double theta, eps;
	enum dtype dtype;
	double scale; /* standard deviation of the weights times the square root of their inputs */
};

/* What LoRA puts beside a matrix W: W x becomes W x + scale · B A (mask · x). */
struct tiny_lora {
	const char *name; /* of W's tensor */
	size_t r;
	double scale;
	const double *a, *b; /* [r, in], [out, r] */
	const double *mask;  /* [n, in] for n tokens; NULL: 1 */
};

struct tiny {
	struct tiny_shape shape;
	char *dir;              /* owned; removed with what is in it by tiny_release */
	struct tensor *tensors; /* [n], names and data owned */
	size_t n;
	const struct tiny_lora *lora; /* borrowed, [n_lora]; tiny_init sets none */
	size_t n_lora;
};

/* Random weights of the given shape and an empty directory for them. */
void tiny_init(struct tiny *t, const struct tiny_shape *shape, uint64_t seed);
void tiny_release(struct tiny *t);

struct tensor *tiny_find(struct tiny *t, const char *name); /* NULL when there is none */

/* Writes config.json and model.safetensors; or one of them. */
void tiny_write(struct tiny *t);
void tiny_write_config(struct tiny *t);
void tiny_write_weights(struct tiny *t);
void tiny_write_file(struct tiny *t, const char *name, const void *bytes, size_t len);

/* Logits [n, vocab] after each of n tokens. */
void tiny_logits(struct tiny *t, double *logits, const uint32_t *tokens, size_t n);

#endif
