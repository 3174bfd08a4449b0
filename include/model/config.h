/*
 * The shape of a transformer, read from a Hugging Face config.json.
 */
#ifndef MODEL_CONFIG_H
#define MODEL_CONFIG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "model/architecture.h"

enum rope_kind {
	ROPE_PLAIN,
	ROPE_LINEAR, /* positions divided by factor */
	ROPE_LLAMA3, /* Llama 3.1: low frequencies divided by factor, high ones kept, a ramp between */
	ROPE_FACTORS, /* the frequency of each pair divided by a factor of its own */
};

#define ROPE_MAX_FACTORS 128

struct rope_config {
	enum rope_kind kind;
	double theta;
	double factor, low_freq_factor, high_freq_factor;
	double original_positions;
	float factors[ROPE_MAX_FACTORS]; /* [head_dim/2] */
};

#define CONFIG_MAX_EOS 8

struct model_config {
	const struct architecture *arch;
	size_t vocab, hidden, layers, heads, kv_heads, head_dim, intermediate;
	size_t max_positions; /* longest sequence that it was trained on; rotary positions go on after it, as in HF */
	size_t window; /* sliding attention over so many tokens; 0: none. Not computed, so no sequence may be longer */
	double norm_eps;
	struct rope_config rope;
	bool tied;     /* the output matrix is the embedding */
	bool qkv_bias; /* q, k, v projections have a bias */
	bool o_bias;
	bool mlp_bias;
	uint32_t bos;                 /* UINT32_MAX if not given */
	uint32_t eos[CONFIG_MAX_EOS]; /* config.json may give one id or a list */
	size_t n_eos;
};

/* Reads DIR/config.json (and generation_config.json's eos_token_id where config.json gives none). Every number is
 * checked: positive, bounded, heads divisible, head_dim even. A type, activation or rope kind that is not handled is
 * ERR_UNSUPPORTED by name. */
int model_config_read(struct model_config *c, const char *dir, struct err *err) MUST_CHECK;

#endif
