/*
 * UTF-8 and what a terminal cell shows of it. Widths and cluster boundaries come from utf8proc.
 *
 * Text from files is data: utf8_show is the only way for it to reach a terminal. It replaces control characters,
 * bidirectional controls and other invisible formatting by visible stand-ins and invalid bytes by U+FFFD.
 */
#ifndef BASE_UTF8_H
#define BASE_UTF8_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"

#define UTF8_REPLACEMENT 0xFFFDu

/* Decodes one code point; returns its length in bytes, or 0 when the bytes at s are not valid UTF-8 (overlong forms,
 * surrogates and values past U+10FFFF included) or len is 0. */
size_t utf8_decode(const char *s, size_t len, uint32_t *cp);
size_t utf8_encode(uint32_t cp, char out[4]); /* bytes written; cp must be a valid scalar value */
bool utf8_valid(const char *s, size_t len);
size_t utf8_invalid_at(const char *s, size_t len); /* offset of the first invalid byte, len if none */

/* Bytes of the control character that s, of len > 0 bytes, begins with: one of ASCII takes 1, one of Latin 1, which
 * acts on terminals too, 2. 0: it is none. */
size_t utf8_control(const char *s, size_t len);

/* Appends s made safe for a terminal; with ascii set every non-ASCII character becomes a stand-in of the same width. */
void utf8_show(struct buf *out, const char *s, size_t len, bool ascii);

/* One user-perceived character (grapheme cluster) at s: its bytes, and its width in cells in *cells (0, 1 or 2). */
size_t utf8_cluster(const char *s, size_t len, unsigned *cells);
size_t utf8_width(const char *s, size_t len); /* cells of a safe string */
size_t utf8_width_coloured(const char *s, size_t len); /* the same of one that may hold sequences for colour */

/* Bytes of the longest prefix of whole clusters that fits into `cells`; *used gets its width. */
size_t utf8_clip(const char *s, size_t len, size_t cells, size_t *used);

/* Appends s clipped to `cells` with an ellipsis ("…", or "..." with ascii) where something was cut, then padded with
 * spaces to exactly `cells` when pad is set. */
void utf8_fit(struct buf *out, const char *s, size_t len, size_t cells, bool pad, bool ascii);

#endif
