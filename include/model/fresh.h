/*
 * A Llama-type model that has learnt nothing yet: HF's initialisation (normal with deviation 0.02, norms 1).
 */
#ifndef MODEL_FRESH_H
#define MODEL_FRESH_H

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

struct fresh_model {
	size_t vocab, hidden, layers, heads, kv_heads, intermediate, max_positions;
	uint32_t bos, eos;
	int tied;
	double rope_theta;
	uint64_t seed;
};

/* Writes config.json, generation_config.json and model.safetensors (F32) into a directory that exists. ERR_VALUE for a
 * shape that cannot be: heads that do not divide hidden, an odd head size. */
int fresh_model_write(const char *dir, const struct fresh_model *m, struct err *err) MUST_CHECK;

#endif
