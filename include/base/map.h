/*
 * Hash map from byte strings to uint32_t (open addressing, grows at 70 %). Keys are borrowed: their bytes must
 * outlive the map. Iteration order is not defined; nothing that is shown may depend on it.
 */
#ifndef BASE_MAP_H
#define BASE_MAP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct map_slot {
	const char *key; /* NULL: free */
	size_t len;
	uint64_t hash;
	uint32_t value;
};

struct map {
	struct map_slot *slots; /* owned */
	size_t n, cap;          /* cap is 0 or a power of two */
};

void map_init(struct map *m, size_t expected);
bool map_get(const struct map *m, const char *key, size_t len, uint32_t *value);
/* Adds the key unless it is there; *added says which. Returns its value's address, valid until the next map_put. */
uint32_t *map_put(struct map *m, const char *key, size_t len, uint32_t value, bool *added);
void map_release(struct map *m);

uint64_t hash_bytes(const void *bytes, size_t len);

#endif
