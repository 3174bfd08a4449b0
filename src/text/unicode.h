/*
 * Characters on which the libraries below and those below Hugging Face's tokenizers differ, because each has
 * the tables of another version of Unicode. Ids follow from these tables, so a model has to be given those that it was
 * trained with.
 *
 *   Normalisation, marks: theirs are of Unicode 9, utf8proc's are newer (15 in utf8proc 2.8).
 *   Expressions:          theirs (Oniguruma) are of Unicode 16, those of PCRE2 10.42 of Unicode 14.
 *   Small letters:        theirs are of Unicode 17.
 *
 * All lists were found by asking the tokenizers of 2026 (0.23) about every character.
 */
#ifndef TEXT_UNICODE_H
#define TEXT_UNICODE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"

/* Has this character a decomposition, a part in a composition or a combining class only since Unicode 10? Their
 * normalisation lets it stand where it is, and nothing moves or composes across it. */
bool unicode_unnormalised(uint32_t c);

bool unicode_is_mark(uint32_t c);   /* of Unicode 9 */
uint32_t unicode_lower(uint32_t c); /* the one small letter of a capital one; c if there is none */

/* Appends, as members of a class of PCRE2, the characters that got the property, of this name's length, after Unicode
 * 14. Properties are general categories ("L", "Nd") and scripts ("Han"). */
void unicode_add_newer(struct buf *out, const char *property, size_t len);

/* A word character of Unicode's regular expressions (UTS #18): Alphabetic, marks, decimal digits, connectors, joiners.
 * The alphabetic symbols, which have no category of their own, are the circled and squared Latin letters. */
bool unicode_is_word(uint32_t c);

#endif
