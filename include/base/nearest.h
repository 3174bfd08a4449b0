/* The names that a mistyped word may have meant. */
#ifndef BASE_NEAREST_H
#define BASE_NEAREST_H

#include <stddef.h>

#include "base/buf.h"

/* Appends "; did you mean 'x' or 'y'?" with the names that are closest to the word, and nothing where none is close. */
void nearest_names(struct buf *out, const char *word, const char *const *names, size_t n);

#endif
