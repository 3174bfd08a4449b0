/*
 * Lists as Python prints them, "[3437, 642]" or "['B00GU8W', \"6' cable\"]": how the published CSV files write
 * histories.
 *
 * An element is an integer in decimal without leading zeros, whose text is its digits, or a string in single or double
 * quotation marks with Python's escapes (\\ \' \" \a \b \f \n \r \t \v \0 to \777, \xHH, \uHHHH, \UHHHHHHHH, a
 * backslash before the end of a line). Elements of both kinds may stand in one list.
 */
#ifndef DATA_PYLIST_H
#define DATA_PYLIST_H

#include <stddef.h>

#include "base/buf.h"

/* Zeroed is empty. */
struct pylist {
	const char *text; /* borrowed, NUL-terminated */
	const char *at;   /* where reading stands; after a failure, what cannot be read */
	size_t n;         /* elements read */
	struct buf element;
};

void pylist_release(struct pylist *l);
void pylist_begin(struct pylist *l, const char *text); /* a list may be read after another */

/* 1: *element is the next one's text, UTF-8 without NUL, valid until another is read; 0: the list has ended, and the
 * text with it; -1: it is no such list, see pylist_wrong. */
int pylist_next(struct pylist *l, const char **element, size_t *len);

/* After a failure: the character of the text, from 1, at which it is no list. */
size_t pylist_wrong(const struct pylist *l);

#endif
