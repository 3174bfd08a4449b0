/*
 * The parameter table of a Llama-type model: every tensor's Hugging Face name and shape, in one fixed order. It drives
 * loading, listing and saving, and through model/trainable.h the optimiser and the checks of gradients.
 */
#ifndef MODEL_PARAMS_H
#define MODEL_PARAMS_H

#include <stddef.h>

#include "base/err.h"
#include "base/tensor.h"
#include "model/config.h"
#include "store/safetensors.h"

struct param {
	char name[96];        /* "model.layers.0.self_attn.q_proj.weight" */
	size_t rows, cols;    /* [out, in]; a vector has cols 1 */
	struct tensor tensor; /* the stored data, borrowed from the file; dims is 0 until bound */
};

/* The parameters of one layer; a bias that the model does not have is NULL. All borrow from struct params. */
struct layer_params {
	struct param *attn_norm, *q, *k, *v, *o, *q_bias, *k_bias, *v_bias, *o_bias;
	struct param *mlp_norm, *gate, *up, *down, *gate_bias, *up_bias, *down_bias;
};

struct params {
	struct param *at; /* owned, [n] */
	size_t n;
	struct param *embed, *norm, *head; /* head is embed when tied */
	struct layer_params *layers;       /* owned, [config.layers] */
	size_t elements;                   /* of all parameters, tied ones once */
};

int params_init(struct params *p, const struct model_config *c, struct err *err) MUST_CHECK;
void params_release(struct params *p);

/* Points every parameter at its tensor. Missing tensors and wrong shapes are errors that name file, tensor, the shape
 * found and the shape expected. A tied pair may be stored under either name. Tensors that the model does not use are
 * counted in *unused. */
int params_bind(struct params *p, const struct safetensors *file, size_t *unused, struct err *err) MUST_CHECK;

#endif
