/*
 * Titles as a person should read them.
 *
 * Published titles carry HTML entities ("3&quot; x 5&quot; &amp; up"). The model sees the raw text; the screen sees
 * the characters that are meant. Decoding is done once: "&amp;quot;" is shown as "&quot;".
 */
#ifndef DATA_TITLE_H
#define DATA_TITLE_H

#include <stdbool.h>

#include "base/buf.h"

/*
 * Appends the title with its entities decoded: the names of HTML 4 and &apos;, &#NNN; and &#xHHH;. Numbers 128 to 159
 * mean Windows-1252, as browsers have it ("&#153;" is a trade mark sign). No-break spaces become spaces, since a
 * title is clipped and never wrapped. What names no character (an unknown name, no semicolon) stays as it is; a number
 * that is no Unicode character gives U+FFFD. The result may hold control characters: it is for searching and for
 * files, not for a terminal.
 */
void title_decode(struct buf *out, const char *title);

/* Appends title_decode's text made safe for a terminal by utf8_show, so that "&#27;" is harmless. */
void title_show(struct buf *out, const char *title, bool ascii);

#endif
