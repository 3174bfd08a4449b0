/*
 * Memory.
 *
 * x*: for sizes that we choose; running out aborts, since there is no sensible way on.
 * mem_try_*: for sizes that a file, an option or a dataset sets; products are checked for overflow and a refusal
 * comes back as ERR_MEMORY with the size in it.
 * struct mem_layout: many arrays in one block of a mem_try_ kind, whose size is known before it is allocated.
 * struct arena: many small objects with one lifetime, released together; never freed piecemeal.
 */
#ifndef BASE_MEM_H
#define BASE_MEM_H

#include <stddef.h>
#include <stdbool.h>

#include "base/compiler.h"
#include "base/err.h"

#define MEM_ALIGN 64 /* bytes; a cache line and the widest vector register */

void *xmalloc(size_t size);               /* size > 0; caller frees with free() */
void *xcalloc(size_t n, size_t size);     /* zeroed */
void *xrealloc(void *old, size_t size);
void *xreallocarray(void *old, size_t n, size_t size);
char *xstrdup(const char *s);
char *xstrndup(const char *s, size_t len);
char *xasprintf(const char *fmt, ...) PRINTF_LIKE(1, 2);

/* a * b into *product; false on overflow. */
bool mem_mul(size_t a, size_t b, size_t *product);

/* n * size bytes aligned to MEM_ALIGN, zeroed when zero is set; `what` names the use in the message. NULL on refusal.
 * n = 0 gives a valid pointer. Caller frees with free(). */
void *mem_try_alloc(size_t n, size_t size, bool zero, const char *what, struct err *err) MUST_CHECK;

/* Grows an aligned block from old_n to n elements, keeping its content; *block is unchanged on refusal. */
int mem_try_grow(void **block, size_t old_n, size_t n, size_t size, const char *what, struct err *err) MUST_CHECK;

/* One walk over all arrays takes a piece for each: without a base it only counts, and then, with a base of `used`
 * bytes, it hands the pieces out. */
struct mem_layout {
	void *base;  /* aligned to MEM_ALIGN; NULL: count */
	size_t used; /* bytes; SIZE_MAX once they overflow */
};

/* The next n · m elements of `size` bytes, aligned to MEM_ALIGN; NULL while counting. */
void *mem_piece(struct mem_layout *l, size_t n, size_t m, size_t size);

/* Bytes that this process may still take: the least of what the machine has without swapping, what the memory limits of
 * the process's control group and of those above it leave, and what RLIMIT_AS leaves. Cached files count as free, since
 * the system drops them first. SIZE_MAX where nothing says. */
size_t mem_available(void);

struct arena {
	struct arena_chunk *chunks; /* newest first */
	size_t used;                /* bytes handed out, for `info` */
};

void arena_init(struct arena *a);
void *arena_alloc(struct arena *a, size_t size); /* 16-byte aligned, not zeroed; lives until clear or release */
void *arena_calloc(struct arena *a, size_t n, size_t size); /* the same of n elements, zeroed */
char *arena_strndup(struct arena *a, const char *s, size_t len);
char *arena_strdup(struct arena *a, const char *s);
void arena_clear(struct arena *a);   /* forgets all objects, keeps one chunk for reuse */
void arena_release(struct arena *a); /* gives all memory back; the arena is then as after arena_init */

#endif
