/*
 * A line that is being typed: the words of its last statement up to the cursor, with their quotation marks, and how a
 * word is written so that it is read as it is meant.
 */
#ifndef UI_TYPED_H
#define UI_TYPED_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"
#include "base/vec.h"

struct typed_word {
	char *text;      /* owned; what it says, quotation marks and backslashes taken away */
	size_t from;     /* where it begins in the line */
	char quote;      /* that is open at its end; 0: none */
	char style;      /* the first one in it; 0: none */
	size_t variable; /* 0, or the place in the line where the name after its last "$" or "${" begins */
};

struct typed_line {
	VEC(struct typed_word) words; /* the last, which may be empty, is the one at the cursor */
	bool comment;                 /* the cursor is in one */
};

/* Of line[0 … end); fits any bytes. */
void typed_line_init(struct typed_line *t, const char *line, size_t end);
void typed_line_release(struct typed_line *t);

/* Appends a word with the quotation marks that it needs, or those of `style` if not 0. whole: the closing one too. */
void typed_quote(struct buf *out, const char *text, char style, bool whole);

#endif
