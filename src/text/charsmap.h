/*
 * SentencePiece's precompiled character map (Kudo and Richardson 2018): which short texts a normaliser replaces, and by
 * what. In the file it is a trie and the texts that stand for its keys:
 *
 *   bytes of the trie | unit, unit, …           | text, text, …
 *   u32               | u32, all little endian  | UTF-8, each ends with a NUL
 *
 * The trie is a double array (Aoe 1989; the layout of Darts-clone). A unit says where the units of a node's children
 * are: the one for byte c at (its place XOR its offset) XOR c, which is a child only if its label is c.
 *
 *   bits 0-7 label | 8 a key ends here | 9 the offset counts by 256 | 10-30 offset | 31 is 0
 *
 * Where a key ends, the child for byte 0 holds in its lower 31 bits the place of the key's text.
 */
#ifndef TEXT_CHARSMAP_H
#define TEXT_CHARSMAP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"

struct charsmap {
	uint32_t *units; /* owned */
	size_t n_units;
	char *texts; /* owned */
	size_t texts_len;
};

/* Whatever the units hold, a search stays inside: an offset that leads out of them, or to a place where no text begins,
 * counts as no key. */
int charsmap_init(struct charsmap *m, const void *bytes, size_t len, struct err *err) MUST_CHECK;
void charsmap_release(struct charsmap *m); /* a zeroed one is fine */

void charsmap_bytes(const struct charsmap *m, struct buf *out); /* appends what charsmap_init was given */

/*
 * Appends the normal form of text (valid UTF-8), as Hugging Face makes it: a grapheme cluster of less than six bytes
 * becomes what the shortest key that it begins with stands for, whatever follows the key; the characters of longer
 * clusters, and of those that begin with no key, do so one by one. Stops soon after *out has grown past `max` bytes.
 */
void charsmap_apply(const struct charsmap *m, const char *text, size_t len, struct buf *out, size_t max);

#endif
