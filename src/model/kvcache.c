/* The KV cache grows layer by layer, so that no more than one layer's block stands twice in memory. */
#include "kvcache.h"

#include <stdlib.h>

#include "base/mem.h"

#define MIN_GROWTH 256 /* slots */

int kvcache_init(struct kvcache *c, size_t layers, size_t width, struct err *err)
{
	*c = (struct kvcache){.layers = layers, .width = width};
	c->at = mem_try_alloc(layers, sizeof(*c->at), true, "the KV cache", err);
	return c->at == NULL ? -1 : 0;
}

void kvcache_release(struct kvcache *c)
{
	for (size_t l = 0; c->at != NULL && l < c->layers; l++) {
		free(c->at[l].keys);
		free(c->at[l].values);
	}
	free(c->at);
	*c = (struct kvcache){0};
}

static int grow(struct kvcache *c, float **block, size_t slots, struct err *err)
{
	void *at = *block;

	if (mem_try_grow(&at, c->slots, slots, c->width * sizeof(float), "the KV cache", err) != 0)
		return -1;
	*block = at;
	return 0;
}

int kvcache_reserve(struct kvcache *c, size_t slots, struct err *err)
{
	size_t extra = c->slots / 2 > MIN_GROWTH ? c->slots / 2 : MIN_GROWTH;

	if (slots <= c->slots)
		return 0;
	if (slots < c->slots + extra)
		slots = c->slots + extra;
	/* A refusal half-way leaves some blocks larger than c->slots says, which harms nothing. */
	for (size_t l = 0; l < c->layers; l++) {
		if (grow(c, &c->at[l].keys, slots, err) != 0 || grow(c, &c->at[l].values, slots, err) != 0)
			return -1;
	}
	c->slots = slots;
	return 0;
}

size_t kvcache_bytes(const struct kvcache *c)
{
	return 2 * c->layers * c->slots * c->width * sizeof(float);
}
