#include "base/map.h"

#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/mem.h"

#define MAP_FIRST 16

/* A bijection on 64 bits in which every input bit reaches the low bits that pick the slot. */
static uint64_t mix(uint64_t x)
{
	x ^= x >> 32;
	x *= 0x9e3779b97f4a7c15u;
	x ^= x >> 29;
	x *= 0xbf58476d1ce4e5b9u;
	x ^= x >> 32;
	return x;
}

uint64_t hash_bytes(const void *bytes, size_t len)
{
	const unsigned char *p = bytes;
	uint64_t h = mix(len + 1), word;

	for (; len >= 8; p += 8, len -= 8) {
		memcpy(&word, p, 8);
		h = mix(h ^ word);
	}
	if (len > 0) {
		word = 0;
		memcpy(&word, p, len);
		h = mix(h ^ word);
	}
	return h;
}

/* The slot of the key, or the free slot where it belongs. cap > n, so the walk ends. */
static struct map_slot *find(struct map_slot *slots, size_t cap, const char *key, size_t len, uint64_t hash)
{
	size_t i = hash & (cap - 1);

	while (slots[i].key) {
		struct map_slot *s = &slots[i];

		if (s->hash == hash && s->len == len && memcmp(s->key, key, len) == 0)
			return s;
		i = (i + 1) & (cap - 1);
	}
	return &slots[i];
}

static void resize(struct map *m, size_t cap)
{
	struct map_slot *slots = xcalloc(cap, sizeof(*slots));

	for (size_t i = 0; i < m->cap; i++) {
		const struct map_slot *s = &m->slots[i];

		if (s->key)
			*find(slots, cap, s->key, s->len, s->hash) = *s;
	}
	free(m->slots);
	m->slots = slots;
	m->cap = cap;
}

/* 70 % of a table's slots. */
static size_t limit(size_t cap)
{
	return cap / 10 * 7 + cap % 10 * 7 / 10;
}

void map_init(struct map *m, size_t expected)
{
	size_t cap = MAP_FIRST;

	*m = (struct map){0};
	if (expected > SIZE_MAX / 4 / sizeof(*m->slots))
		BUG("a map for %zu keys", expected);
	while (limit(cap) < expected)
		cap *= 2;
	if (expected > 0)
		resize(m, cap);
}

bool map_get(const struct map *m, const char *key, size_t len, uint32_t *value)
{
	const struct map_slot *s;

	if (m->n == 0)
		return false;
	if (!key)
		key = "";
	s = find(m->slots, m->cap, key, len, hash_bytes(key, len));
	if (!s->key)
		return false;
	*value = s->value;
	return true;
}

uint32_t *map_put(struct map *m, const char *key, size_t len, uint32_t value, bool *added)
{
	struct map_slot *s;
	uint64_t hash;

	if (!key)
		key = "";
	hash = hash_bytes(key, len);
	if (m->n + 1 > limit(m->cap))
		resize(m, m->cap ? m->cap * 2 : MAP_FIRST);
	s = find(m->slots, m->cap, key, len, hash);
	*added = !s->key;
	if (*added) {
		*s = (struct map_slot){key, len, hash, value};
		m->n++;
	}
	return &s->value;
}

void map_release(struct map *m)
{
	free(m->slots);
	*m = (struct map){0};
}
