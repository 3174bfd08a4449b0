/* The start of a spelling from a file, for "%.*s" in a message. */
#ifndef TEXT_QUOTE_H
#define TEXT_QUOTE_H

#define QUOTE(len, text) (int)((len) < 120 ? (len) : 120), (text)

#endif
