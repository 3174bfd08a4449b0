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
#include "store/file.h"

enum rope_kind {
	ROPE_PLAIN,
	ROPE_LINEAR,  /* positions divided by factor */
	ROPE_LLAMA3,  /* Llama 3.1: low frequencies divided by factor, high ones kept, a ramp between */
	ROPE_YARN,    /* the same with another ramp; cos and sin times attention_factor (Peng et al. 2023) */
	ROPE_DYNAMIC, /* plain up to original_positions, and not computed beyond: HF's frequencies then depend on the
		       * length of the sequence, and keys that are cached do not follow */
	ROPE_FACTORS, /* the frequency of each pair divided by a factor of its own */
};

#define ROPE_MAX_FACTORS 128

struct rope_config {
	enum rope_kind kind;
	double theta;
	double factor;
	double original_positions;                     /* llama3, yarn, dynamic: that it was trained on at first */
	double low_freq_factor, high_freq_factor;      /* llama3 */
	double attention_factor, beta_fast, beta_slow; /* yarn */
	bool truncate;                                 /* yarn: the ramp begins and ends at whole pairs */
	float factors[ROPE_MAX_FACTORS];               /* factors: [head_dim/2] */
};

#define CONFIG_MAX_EOS 8

struct model_config {
	const struct architecture *arch;
	size_t vocab, hidden, layers, heads, kv_heads, head_dim, intermediate;
	size_t max_positions; /* longest sequence that it was trained on; rotary positions may go on after it, as in HF
			       */
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
 * checked: positive, bounded, heads divisible, head_dim even where positions are rotary. A type, activation or rope
 * kind that is not handled is ERR_UNSUPPORTED by name. */
int model_config_read(struct model_config *c, const char *dir, struct err *err) MUST_CHECK;

/* Appends the members of DIR/config.json that are neither read nor known to change nothing of what is computed. */
int model_config_unknown(struct file_names *names, const char *dir, struct err *err) MUST_CHECK;

/* The longest sequence that is computed: of learned positions, a sliding window, rotary positions that hang on the
 * length. 0: any. */
size_t model_config_longest(const struct model_config *c);

#endif
