/*
 * The parameter table of a transformer: every tensor's role, Hugging Face name and shape, in one fixed order. It drives
 * loading, listing and saving, and through model/trainable.h the optimiser and the checks of gradients.
 */
#ifndef MODEL_PARAMS_H
#define MODEL_PARAMS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/tensor.h"
#include "model/architecture.h"
#include "model/config.h"

#define PARAM_NO_LAYER SIZE_MAX

struct param {
	char name[96]; /* "model.layers.0.self_attn.q_proj.weight" */
	enum param_role role;
	size_t layer;         /* PARAM_NO_LAYER: of none */
	size_t rows, cols;    /* [out, in]; a vector has cols 1 */
	bool transposed;      /* HF's files hold [in, out] */
	struct tensor tensor; /* the stored data as [rows, cols]; dims is 0 until bound */
};

/* The parameters of one layer; one that the model does not have is NULL. All borrow from struct params. */
struct layer_params {
	struct param *attn_norm, *attn_norm_bias;
	struct param *qkv, *qkv_bias; /* or, where they are apart: */
	struct param *q, *k, *v, *q_bias, *k_bias, *v_bias;
	struct param *q_norm, *k_norm, *o, *o_bias;
	struct param *mlp_norm, *mlp_norm_bias;
	struct param *gate, *up, *down, *gate_bias, *up_bias, *down_bias;
};

struct params {
	const struct architecture *arch;
	struct param *at; /* owned, [n] */
	size_t n;
	struct param *embed, *positions, *norm, *norm_bias, *head; /* NULL: not there; head is embed when tied */
	struct layer_params *layers;                               /* owned, [config.layers] */
	size_t n_layers;
	size_t elements; /* of all parameters, tied ones once */
};

int params_init(struct params *p, const struct model_config *c, struct err *err) MUST_CHECK;
void params_release(struct params *p);

#endif
