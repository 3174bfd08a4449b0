/*
 * Regular expressions in Python's dialect, as far as PCRE2 reads it alike, held against whole texts.
 */
#ifndef BASE_REGEX_H
#define BASE_REGEX_H

#include <stdbool.h>

#include "base/err.h"

struct regex;

/* Caller frees. ERR_FORMAT says what is wrong with the expression, and where. One thread at a time uses it. */
int regex_new(struct regex **out, const char *expr, struct err *err) MUST_CHECK;
void regex_free(struct regex *r); /* NULL is fine */

/* Does all of the text match (Python's re.fullmatch)? ERR_UNSUPPORTED: it takes more steps than any text should. */
int regex_whole(struct regex *r, const char *text, bool *found, struct err *err) MUST_CHECK;

#endif
