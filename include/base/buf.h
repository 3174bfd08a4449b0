/*
 * A growable byte string. Zeroed is empty. Once anything was added, at[len] is NUL; buf_str gives "" for an empty one.
 */
#ifndef BASE_BUF_H
#define BASE_BUF_H

#include <stdarg.h>
#include <stddef.h>

#include "base/compiler.h"

struct arena;

struct buf {
	char *at; /* owned */
	size_t len, cap;
};

void buf_add(struct buf *b, const void *bytes, size_t len);
void buf_addstr(struct buf *b, const char *s);
void buf_addch(struct buf *b, char c);
void buf_addrep(struct buf *b, char c, size_t n);
void buf_addcount(struct buf *b, size_t n); /* 2411 as "2,411" */
void buf_addword(struct buf *b, const char *word); /* as a word of a shell's line or of ours, quoted if need be */
void buf_addmarkup(struct buf *b, const char *text); /* as text of HTML or SVG, or between double quotation marks */
void buf_addf(struct buf *b, const char *fmt, ...) PRINTF_LIKE(2, 3);
void buf_vaddf(struct buf *b, const char *fmt, va_list args) PRINTF_LIKE(2, 0);
const char *buf_str(const struct buf *b); /* borrows until the next change */
char *buf_detach(struct buf *b);          /* caller frees; b is empty after */
char *buf_keep(struct buf *b, struct arena *a); /* the arena's; b is released */
void buf_clear(struct buf *b);            /* empty, storage kept */
void buf_release(struct buf *b);

#endif
