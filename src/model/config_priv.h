/* What the readers of configurations share: config.json's and GGUF's. */
#ifndef SRC_MODEL_CONFIG_PRIV_H
#define SRC_MODEL_CONFIG_PRIV_H

#include "model/config.h"

/* Far beyond any model, and small enough for every product of two of them to fit. */
#define MAX_VOCAB (1u << 24)
#define MAX_WIDTH (1u << 20)
#define MAX_LAYERS (1u << 12)
#define MAX_HEADS (1u << 12)
#define MAX_POSITIONS (1u << 28)

/* Whether the sizes go together; `file` stands in messages. */
int config_check_sizes(const struct model_config *c, const char *file, struct err *err) MUST_CHECK;

#endif
