/*
 * A Llama-type transformer behind struct lm: weights mapped from the file, one prefill a prompt, a tree KV cache.
 */
#ifndef MODEL_LLAMA_H
#define MODEL_LLAMA_H

#include <stddef.h>

#include "base/err.h"
#include "kern/kern.h"
#include "model/config.h"
#include "model/lm.h"
#include "model/params.h"

struct llama;

/* Opens a Hugging Face directory (config.json and safetensors). kern is borrowed until lm_close. */
int llama_open(struct lm **out, const char *dir, struct kern *kern, struct err *err) MUST_CHECK;

/* For `info`: borrowed until lm_close. lm must come from llama_open. */
const struct model_config *llama_config(const struct lm *lm);
const struct params *llama_params(const struct lm *lm);
size_t llama_unused_tensors(const struct lm *lm);
size_t llama_cache_bytes(const struct lm *lm); /* keys and values held now */

#endif
