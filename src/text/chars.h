/* Characters of a text as tokenizers see them: white space, and what normalisers make of single ones, as Hugging Face's
 * do. All texts are valid UTF-8. */
#ifndef TEXT_CHARS_H
#define TEXT_CHARS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define CHARS_MAX 2 /* that one character becomes */

/* The characters that c becomes, and how many they are. */
typedef size_t chars_map(uint32_t c, uint32_t out[CHARS_MAX]);

chars_map chars_nmt;           /* control characters vanish; other kinds of white space become spaces */
chars_map chars_lower;         /* lower case, whatever stands beside it */
chars_map chars_without_marks; /* combining marks vanish */

bool chars_is_space(uint32_t c); /* Unicode's White_Space */

/* The character that ends at `at`, and where it starts; at > 0. */
size_t chars_before(const char *text, size_t at, uint32_t *c);

/* Where the white space starts that ends at `at`, and where that ends which starts there; `at` if there is none. */
size_t chars_spaces_start(const char *text, size_t at);
size_t chars_spaces_end(const char *text, size_t len, size_t at);

#endif
