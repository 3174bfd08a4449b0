/*
 * The kinds of transformers that are computed: one table with a small description of each. What the kinds share (a
 * layer is x += attention(norm(x)), x += mlp(norm(x))) is written once, in forward.c and backprop*.c; where they
 * differ, those and the readers of configurations and weights ask the description.
 *
 * A parameter is known by its role. A kind has those roles that it has names for: with PARAM_QKV its projections are
 * one matrix, with PARAM_GATE its MLP is gated, with PARAM_POSITIONS its positions are learned, otherwise rotary.
 */
#ifndef MODEL_ARCHITECTURE_H
#define MODEL_ARCHITECTURE_H

#include <stdbool.h>
#include <stddef.h>

enum param_role {
	PARAM_EMBED,
	PARAM_POSITIONS, /* learned, one row a position */

	/* Of a layer. */
	PARAM_ATTN_NORM,
	PARAM_ATTN_NORM_BIAS,
	PARAM_QKV, /* q, k and v in one: their rows one after the other */
	PARAM_QKV_BIAS,
	PARAM_Q,
	PARAM_Q_BIAS,
	PARAM_K,
	PARAM_K_BIAS,
	PARAM_V,
	PARAM_V_BIAS,
	PARAM_Q_NORM, /* [head_dim], of every head by itself, before the positions */
	PARAM_K_NORM,
	PARAM_O,
	PARAM_O_BIAS,
	PARAM_MLP_NORM,
	PARAM_MLP_NORM_BIAS,
	PARAM_GATE,
	PARAM_GATE_BIAS,
	PARAM_UP, /* without a gate: the map that goes into the activation */
	PARAM_UP_BIAS,
	PARAM_DOWN,
	PARAM_DOWN_BIAS,

	PARAM_NORM,
	PARAM_NORM_BIAS,
	PARAM_HEAD,
	PARAM_ROLES
};

enum norm_kind {
	NORM_RMS,
	NORM_LAYER, /* with mean and bias */
};

/* Whether a model of a kind has something: never, always, or where its configuration says so. */
enum usage {
	USE_NEVER,
	USE_ALWAYS,
	USE_ASKED,
};

/* What config.json calls the sizes; NULL: it does not have them. */
struct config_names {
	const char *hidden, *layers, *heads, *kv_heads, *head_dim, *intermediate, *positions, *norm_eps, *activation;
};

struct architecture {
	const char *type;  /* config.json's "model_type" */
	const char *class; /* its "architectures" */
	const char *gguf;  /* a GGUF file's "general.architecture" */
	struct config_names config;
	const char *prefix; /* "model.": of all names but the head's; absent from files of the transformer alone */
	const char *layers; /* "layers": what the layers are in */
	const char *const *names;   /* [PARAM_ROLES], within all that; NULL: this kind has no such parameter */
	const char *const *buffers; /* ends of names of tensors in old files that are no weights; NULL ends it */
	const char *linear;         /* "q_proj,…": the modules of a layer's matrices */
	const char *targets;        /* of these, what PEFT adapts where nobody says */
	enum norm_kind norm;
	bool conv1d; /* HF stores the layers' matrices as [in, out] */
	bool tied;   /* where config.json does not say: the output matrix is the embedding */
	enum usage qkv_bias, o_bias, mlp_bias;
	enum usage window; /* sliding attention */
	size_t head_dim;   /* where config.json does not say; 0: hidden / heads */
};

/* NULL where no kind has that name. Several kinds may have one GGUF name: the first is given, or, for a model with
 * sliding attention, the first that may have it. */
const struct architecture *architecture_find(const char *type);
const struct architecture *architecture_find_gguf(const char *name, bool window);

/* "llama, mistral and gpt2": the types of all kinds, for messages. */
void architecture_list(char *out, size_t size);

/* A vector is a norm's weight or a bias. */
bool role_is_vector(enum param_role role);
bool role_is_bias(enum param_role role);
/* A linear map of a layer, which an adapter may stand beside. */
bool role_is_map(enum param_role role);

#endif
