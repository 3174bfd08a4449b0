/*
 * The shortest edit script between two sequences (Myers 1986, the greedy O(ND) algorithm).
 */
#ifndef SESSION_DIFF_H
#define SESSION_DIFF_H

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

/* a[a_at … a_at + a_n - 1] became b[b_at … b_at + b_n - 1]. */
struct diff_hunk {
	size_t a_at, a_n, b_at, b_n;
};

struct diff {
	struct diff_hunk *at; /* owned; in order, never touching each other */
	size_t n, cap;
};

/* Sequences that differ in more than `most` places are ERR_VALUE. The caller releases d, also on failure. */
int diff_init(struct diff *d, const uint32_t *a, size_t n, const uint32_t *b, size_t m, size_t most,
	struct err *err) MUST_CHECK;
void diff_release(struct diff *d);

#endif
