/*
 * Growable arrays. A vector is any struct with the members {T *at; size_t n, cap;}; VEC(T) declares one. Zeroed is
 * empty. vec_push returns nothing and may move the storage: keep indices, not pointers, across a push.
 */
#ifndef BASE_VEC_H
#define BASE_VEC_H

#include <stdint.h>
#include <stdlib.h>

#include "base/mem.h"

#define VEC(T) \
	struct { \
		T *at; \
		size_t n, cap; \
	}

struct vec_u32 {
	uint32_t *at;
	size_t n, cap;
};

struct vec_f64 {
	double *at;
	size_t n, cap;
};

/* Makes room for `want` elements in all. */
#define vec_reserve(v, want) \
	do { \
		size_t vec_want_ = (want); \
		if (vec_want_ > (v)->cap) { \
			size_t vec_cap_ = (v)->cap ? (v)->cap * 2 : 16; \
			if (vec_cap_ < vec_want_) \
				vec_cap_ = vec_want_; \
			(v)->at = xreallocarray((v)->at, vec_cap_, sizeof(*(v)->at)); \
			(v)->cap = vec_cap_; \
		} \
	} while (0)

#define vec_push(v, ...) \
	do { \
		vec_reserve((v), (v)->n + 1); \
		(v)->at[(v)->n++] = (__VA_ARGS__); \
	} while (0)

#define vec_clear(v) ((v)->n = 0)

#define vec_release(v) \
	do { \
		free((v)->at); \
		(v)->at = NULL; \
		(v)->n = (v)->cap = 0; \
	} while (0)

#endif
