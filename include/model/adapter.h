/*
 * LoRA adapters (Hu et al. 2021) in PEFT's form: beside a frozen matrix W [out, in] stand A [r, in] and B [out, r], and
 * the layer computes W x + scale · B A x with scale = α / r (α / sqrt(r) for rank-stabilised ones).
 */
#ifndef MODEL_ADAPTER_H
#define MODEL_ADAPTER_H

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"
#include "base/tensor.h"
#include "model/params.h"
#include "store/json.h"
#include "store/safetensors.h"

struct adapter_config {
	size_t r;
	double alpha;
	double dropout; /* of x before A, in training only */
	bool rslora;    /* scale = α / sqrt(r) */
	char *targets;  /* owned: "q_proj,v_proj", the modules' names; of a file perhaps an expression */
};

/* One adapted matrix. */
struct lora {
	const struct param *param; /* of the base model */
	struct tensor a, b;        /* [r, in], [out, r]; the data is borrowed */
	size_t r;
	double alpha; /* this matrix's own: patterns may give others than config's */
	float scale;
};

/* A parameter that the adapter holds whole, in place of the base's (PEFT's modules_to_save, and embeddings that were
 * resized). */
struct adapter_saved {
	struct param param;   /* as the model has it then; its tensor is borrowed from the file, or from turned */
	struct tensor stored; /* as the file has it */
	void *turned;         /* owned: of a transposed parameter */
};

struct adapter {
	const struct architecture *arch; /* of the base model */
	struct adapter_config config;
	struct lora *at; /* owned, [n], in the order of the base model's parameters */
	size_t n;
	const struct lora **of;      /* owned, [params n]: what a parameter is adapted by, or NULL */
	struct adapter_saved *saved; /* owned, [n_saved] */
	size_t n_saved;
	bool unties;  /* of the base's tied pair one or both are saved, and each counts for itself */
	size_t vocab; /* rows of the embedding then; 0: those of the base */
	json_t *source;          /* owned: adapter_config.json as it was; NULL: not from a file */
	struct safetensors file; /* where the data is, when it was opened from a directory */
};

#define ADAPTER_NAME_MAX 160

/* The PEFT name of A or B: "base_model.model.model.layers.0.self_attn.q_proj.lora_A.weight". */
void adapter_tensor_name(char name[ADAPTER_NAME_MAX], const struct lora *l, bool is_b);

/*
 * Opens a PEFT directory (adapter_config.json, adapter_model.safetensors) for a model's parameters. As PEFT means them
 * are followed: targets by names, by an expression or "all-linear", exclusions, layers, rank and alpha patterns and
 * modules_to_save; fan_in_fan_out goes by the model's kind, as there. Refused by name, each in one sentence: another
 * peft_type, DoRA, trained biases, low-rank updates of embeddings and output matrix, layer replication, a beginning
 * that changed the base model (PiSSA and the like); targets of which the model has none; a tensor that is missing, left
 * over or of another shape than the model calls for. After a failure there is nothing to release.
 *
 * What is saved whole does not count before adapter_params has made a table of it.
 */
int adapter_open(struct adapter *a, const char *dir, const struct params *params, struct err *err) MUST_CHECK;

/* An adapter without data for every matrix that `config->targets` names (config is copied), or, where that is NULL,
 * those that PEFT takes by itself for this kind of model: ERR_VALUE names what the model has where a name fits none.
 * The caller points a.data and b.data. */
int adapter_init(struct adapter *a, const struct adapter_config *config, const struct params *params,
	struct err *err) MUST_CHECK;
/* An adapter without data of the same shape as another one of the same parameters. */
int adapter_like(
	struct adapter *a, const struct adapter *other, const struct params *params, struct err *err) MUST_CHECK;
/* The parameters of the base with what the adapter holds whole in its place, and the configuration that goes with them
 * (of the base when called): their vocabulary, and whether embedding and output matrix are one. The adapter's matrices
 * then stand beside these parameters, which borrow their data from the base and from the adapter. */
int adapter_params(struct adapter *a, struct params *out, struct model_config *config, const struct params *base,
	struct err *err) MUST_CHECK;
void adapter_release(struct adapter *a); /* a zeroed one is fine, and one whose opening failed */

/* Writes adapter_config.json (with the keys that it was opened with, or those of PEFT 0.15) and
 * adapter_model.safetensors (F32) into a directory that exists, each whole or not at all. base: what
 * base_model_name_or_path shall say where nothing did. Opened again it is the same. */
int adapter_save(const struct adapter *a, const char *dir, const char *base, struct err *err) MUST_CHECK;

#endif
