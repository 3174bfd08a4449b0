/* The GGUF side of model/weights.h. */
#ifndef SRC_MODEL_WEIGHTS_GGUF_H
#define SRC_MODEL_WEIGHTS_GGUF_H

#include "model/weights.h"

/* Factors that divide the frequencies of rotary positions, one a pair. */
#define WEIGHTS_ROPE_FACTORS "rope_freqs.weight"

int weights_bind_gguf(struct weights *w, const struct model_config *c, struct params *p, struct err *err) MUST_CHECK;

#endif
