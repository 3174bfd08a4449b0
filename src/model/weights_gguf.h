/* The GGUF side of model/weights.h. */
#ifndef SRC_MODEL_WEIGHTS_GGUF_H
#define SRC_MODEL_WEIGHTS_GGUF_H

#include "model/weights.h"

/* Factors that divide the frequencies of rotary positions, one a pair. */
#define WEIGHTS_ROPE_FACTORS "rope_freqs.weight"

/* A key of the architecture's own: "llama.block_count". */
struct weights_gguf_key {
	char name[96];
};

struct weights_gguf_key weights_gguf_key(const struct model_config *c, const char *suffix);

int weights_bind_gguf(struct weights *w, const struct model_config *c, struct params *p, struct err *err) MUST_CHECK;

#endif
