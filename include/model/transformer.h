/*
 * A decoder-only transformer behind struct lm: weights mapped from the file, one prefill a prompt, a tree KV cache.
 */
#ifndef MODEL_TRANSFORMER_H
#define MODEL_TRANSFORMER_H

#include <stddef.h>

#include "base/err.h"
#include "kern/kern.h"
#include "model/adapter.h"
#include "model/config.h"
#include "model/lm.h"
#include "model/params.h"
#include "store/gguf.h"

struct transformer;

/* Opens a Hugging Face directory (config.json and safetensors), a GGUF file, or a directory that holds one GGUF model
 * and no config.json (model/weights.h). kern is borrowed until lm_close. */
int transformer_open(struct lm **out, const char *path, struct kern *kern, struct err *err) MUST_CHECK;

/* The same transformer with other values: config and kern are the base's, params and adapter (NULL: none) are borrowed
 * until lm_close; base may be closed before. For weights in training: F32 values may change, and transformer_forget
 * says so.
 */
int transformer_over(struct lm **out, const struct lm *base, const struct params *params, const struct adapter *adapter,
	struct err *err) MUST_CHECK;

/* Puts a PEFT adapter over the model in place of the one that is there, live: it is not merged. Where it holds
 * parameters whole, transformer_params (then another pointer) and transformer_config are those with it, and lm->vocab
 * may change. After a failure the model is as it was. There is no prompt after. */
int transformer_adapt(struct lm *lm, const char *dir, struct err *err) MUST_CHECK;
const struct adapter *transformer_adapter(const struct lm *lm); /* NULL: none */
const char *transformer_dir(const struct lm *lm);               /* that was opened, or the GGUF file */
/* Where the tokenizer lies that goes with the model as it is: beside the adapter if it brings one, else the model's. */
const char *transformer_tokenizer_dir(const struct lm *lm);

/* The values of the parameters have changed: nothing that was computed counts any more. There is no prompt after. */
void transformer_forget(struct lm *lm);

/* For `info`: borrowed until lm_close. lm must come from transformer_open or transformer_over. */
const struct model_config *transformer_config(const struct lm *lm);
const struct params *transformer_params(const struct lm *lm);
const struct gguf *transformer_gguf(const struct lm *lm); /* that it was opened from; NULL: from safetensors */
size_t transformer_unused_tensors(const struct lm *lm); /* how many, and the name of one */
const char *transformer_unused_tensor(const struct lm *lm, size_t i);
size_t transformer_cache_bytes(const struct lm *lm); /* keys and values held now */

#endif
