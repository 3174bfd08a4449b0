/*
 * Keys and values of the tokens that went through a model: for every layer two blocks of [slots, width] floats, one row
 * a token, width = kv_heads · head_dim. Who sits in which slot is the user's business.
 */
#ifndef SRC_MODEL_KVCACHE_H
#define SRC_MODEL_KVCACHE_H

#include <stddef.h>

#include "base/err.h"

struct kv_layer {
	float *keys, *values; /* owned, [slots, width] */
};

struct kvcache {
	struct kv_layer *at; /* owned, [layers] */
	size_t layers, width, slots;
};

int kvcache_init(struct kvcache *c, size_t layers, size_t width, struct err *err) MUST_CHECK;
void kvcache_release(struct kvcache *c);

/* Makes room for `slots` slots in all, keeping what is there; after a refusal the cache is as it was. */
int kvcache_reserve(struct kvcache *c, size_t slots, struct err *err) MUST_CHECK;
size_t kvcache_bytes(const struct kvcache *c);

#endif
