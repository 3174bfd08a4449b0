/* Base 64 (RFC 4648, section 4). */
#ifndef BASE_BASE64_H
#define BASE_BASE64_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"

void base64_encode(struct buf *out, const void *bytes, size_t len); /* appends */

/* Appends the bytes that text stands for; false, and *out is unchanged, where it is not whole groups of four digits
 * with the padding that they need. */
bool base64_decode(struct buf *out, const char *text, size_t len);

#endif
