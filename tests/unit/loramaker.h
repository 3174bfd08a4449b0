/*
 * Adapters made up for tests: the text of adapter_config.json, which a test may change, and random matrices, written as
 * a PEFT directory; and merging them into a made-up model, in double.
 */
#ifndef TEST_LORAMAKER_H
#define TEST_LORAMAKER_H

#include <jansson.h>

#include "../num/tiny.h"
#include "base/rng.h"
#include "base/vec.h"

struct loramaker {
	char *dir;                  /* owned; removed with what is in it by loramaker_release */
	json_t *config;             /* owned */
	VEC(struct tensor) tensors; /* A, B, A, …; names and data owned */
	struct rng rng;
};

/* A configuration for q_proj and v_proj, and no matrices. */
void loramaker_init(struct loramaker *l, size_t r, double alpha, uint64_t seed);
void loramaker_release(struct loramaker *l);

/* Sets a key of the configuration to a JSON text; NULL takes it away. */
void loramaker_set(struct loramaker *l, const char *key, const char *json);

/* Adds A and B for a matrix of a layer ("self_attn.q_proj") of the model, and merges scale · B A into it. */
void loramaker_add(struct loramaker *l, struct tiny *t, size_t layer, const char *module, size_t r, double scale,
	enum dtype dtype);

void loramaker_write(struct loramaker *l);

#endif
