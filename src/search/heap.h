/*
 * Binary heaps of prefixes, for the searches: the best few of many (a bounded heap with the worst on top), and a queue
 * with the best on top.
 */
#ifndef SEARCH_HEAP_H
#define SEARCH_HEAP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

struct entry {
	double logp;
	uint32_t order; /* among equal log P the lower one is better */
	uint32_t node;  /* and then the lower node */
};

typedef bool entry_before(const struct entry *a, const struct entry *b);

static inline bool entry_better(const struct entry *a, const struct entry *b)
{
	if (a->logp != b->logp)
		return a->logp > b->logp;
	return a->order != b->order ? a->order < b->order : a->node < b->node;
}

static inline bool entry_worse(const struct entry *a, const struct entry *b)
{
	return entry_better(b, a);
}

static inline int entry_compare(const void *a, const void *b)
{
	return entry_better(a, b) ? -1 : entry_better(b, a);
}

/* Puts e into the heap at[0 … n-1], which has room for one more. */
static inline void heap_push(struct entry *at, size_t n, struct entry e, entry_before *before)
{
	while (n > 0 && before(&e, &at[(n - 1) / 2])) {
		at[n] = at[(n - 1) / 2];
		n = (n - 1) / 2;
	}
	at[n] = e;
}

/* Puts e in the place of the top of the heap at[0 … n-1]. */
static inline void heap_replace(struct entry *at, size_t n, struct entry e, entry_before *before)
{
	size_t i = 0, child;

	while ((child = 2 * i + 1) < n) {
		if (child + 1 < n && before(&at[child + 1], &at[child]))
			child++;
		if (!before(&at[child], &e))
			break;
		at[i] = at[child];
		i = child;
	}
	at[i] = e;
}

/* The best `cap` of the entries offered. */
struct best {
	struct entry *at; /* [cap], the worst first until best_sort */
	size_t n, cap;
};

static inline void best_offer(struct best *b, struct entry e)
{
	if (b->n < b->cap)
		heap_push(b->at, b->n++, e, entry_worse);
	else if (b->cap > 0 && entry_better(&e, &b->at[0]))
		heap_replace(b->at, b->n, e, entry_worse);
}

/* Best first. After it, only n = 0 starts anew. */
static inline void best_sort(struct best *b)
{
	qsort(b->at, b->n, sizeof(*b->at), entry_compare);
}

#endif
