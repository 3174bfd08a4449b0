/*
 * Where a transformer's configuration and parameters come from: a Hugging Face directory (config.json and safetensors),
 * or a GGUF file.
 *
 * Parameters are always as Hugging Face has them, with matrices as [out, in]: what a file holds otherwise is copied
 * into that order, in its stored type, and all else stays mapped. GPT-2's matrices are turned, since Hugging Face's
 * files have them as [in, out]. The rows of q and k of Llama-type GGUF files are put back: there the two halves of a
 * head, which rotary positions turn as pairs (i, i + head_dim/2), are interleaved.
 */
#ifndef MODEL_WEIGHTS_H
#define MODEL_WEIGHTS_H

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"
#include "model/config.h"
#include "model/params.h"
#include "store/gguf.h"
#include "store/safetensors.h"

struct weights {
	bool is_gguf;
	struct safetensors file; /* or: */
	struct gguf gguf;
	VEC(void *) blocks;       /* owned, each too: what was copied */
	VEC(const char *) unused; /* names of tensors that the model has no use for */
};

/*
 * Opens a directory with a config.json, a GGUF file, or a directory without config.json that holds one GGUF model, and
 * reads the configuration. What is handed out borrows from w until weights_release.
 */
int weights_open(struct weights *w, struct model_config *c, const char *path, struct err *err) MUST_CHECK;
void weights_release(struct weights *w); /* a zeroed one is fine, and one whose opening failed */

/*
 * Points every parameter at its tensor or at a copy in the right order. Missing tensors and wrong shapes are errors
 * that name file, tensor, the shape found and the shape expected. A tied pair may be stored under either name. Tensors
 * of safetensors that the model does not use are listed in w->unused, except buffers that are no weights; what a GGUF
 * file holds is computed with, so that there a tensor without a use is refused.
 */
int weights_bind(struct weights *w, const struct model_config *c, struct params *p, struct err *err) MUST_CHECK;

/* The GGUF file that a path stands for: itself, or the one in a directory (of a split model the first part); NULL for a
 * directory with config.json or without such a file. Several are an error that names two. Caller frees. */
int weights_find_gguf(char **file, const char *path, struct err *err) MUST_CHECK;

/* The configuration that a GGUF file's keys and tensors describe. Anything that would change what is computed and that
 * is not handled is ERR_UNSUPPORTED by name. */
int model_config_gguf(struct model_config *c, const struct gguf *g, struct err *err) MUST_CHECK;

/* What GGUF calls a parameter: "blk.0.attn_q.weight". */
#define WEIGHTS_GGUF_NAME 64
void weights_gguf_name(char name[WEIGHTS_GGUF_NAME], const struct param *param);

/* Where a GGUF file has the row of a parameter: another one for q and k of some architectures. */
bool weights_gguf_reorders(const struct model_config *c, enum param_role role);
size_t weights_gguf_row(const struct model_config *c, enum param_role role, size_t row);

#endif
