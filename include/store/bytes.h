/*
 * Reading binary data that is not to be trusted: every step is checked against the end. All numbers are little-endian.
 */
#ifndef STORE_BYTES_H
#define STORE_BYTES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct bytes {
	const unsigned char *at; /* borrowed */
	size_t len;
	size_t pos; /* <= len */
};

/* Both give false and move nothing when less than what is asked for is left. */
bool bytes_uint(struct bytes *b, size_t width, uint64_t *out); /* an unsigned number of 1 to 8 bytes */
bool bytes_take(struct bytes *b, uint64_t n, const unsigned char **out); /* the next n bytes, borrowed */

#endif
