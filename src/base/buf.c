#include "base/buf.h"

#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/mem.h"

#define BUF_FIRST 64

/* Makes room for `more` bytes and the NUL behind them. */
static void buf_room(struct buf *b, size_t more)
{
	size_t want, cap;

	if (__builtin_add_overflow(b->len, more, &want) || want == SIZE_MAX)
		BUG("buffer of %zu bytes cannot grow by %zu", b->len, more);
	want++;
	if (want <= b->cap)
		return;
	cap = b->cap ? b->cap : BUF_FIRST;
	while (cap < want)
		cap = cap <= SIZE_MAX / 2 ? cap * 2 : want;
	b->at = xrealloc(b->at, cap);
	b->cap = cap;
}

void buf_add(struct buf *b, const void *bytes, size_t len)
{
	buf_room(b, len);
	if (len > 0)
		memcpy(b->at + b->len, bytes, len);
	b->len += len;
	b->at[b->len] = '\0';
}

void buf_addstr(struct buf *b, const char *s)
{
	buf_add(b, s, strlen(s));
}

void buf_addch(struct buf *b, char c)
{
	buf_add(b, &c, 1);
}

void buf_addrep(struct buf *b, char c, size_t n)
{
	buf_room(b, n);
	memset(b->at + b->len, c, n);
	b->len += n;
	b->at[b->len] = '\0';
}

void buf_addcount(struct buf *b, size_t n)
{
	if (n >= 1000) {
		buf_addcount(b, n / 1000);
		buf_addf(b, ",%03zu", n % 1000);
	} else {
		buf_addf(b, "%zu", n);
	}
}

void buf_addmarkup(struct buf *b, const char *text)
{
	for (const char *p = text; *p; p++) {
		switch (*p) {
		case '&':
			buf_addstr(b, "&amp;");
			break;
		case '<':
			buf_addstr(b, "&lt;");
			break;
		case '>':
			buf_addstr(b, "&gt;");
			break;
		case '"':
			buf_addstr(b, "&quot;");
			break;
		default:
			buf_addch(b, *p);
		}
	}
}

void buf_addword(struct buf *b, const char *word)
{
	static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-./,:=+@%";

	if (*word && word[strspn(word, plain)] == '\0') {
		buf_addstr(b, word);
		return;
	}
	buf_addch(b, '\'');
	for (const char *p = word; *p; p++)
		if (*p == '\'')
			buf_addstr(b, "'\\''");
		else
			buf_addch(b, *p);
	buf_addch(b, '\'');
}

void buf_vaddf(struct buf *b, const char *fmt, va_list args)
{
	va_list again;
	size_t room;
	int len;

	buf_room(b, 0);
	room = b->cap - b->len;
	va_copy(again, args);
	len = vsnprintf(b->at + b->len, room, fmt, args);
	if (len < 0)
		BUG("format \"%s\" cannot be printed", fmt);
	if ((size_t)len >= room) {
		buf_room(b, (size_t)len);
		vsnprintf(b->at + b->len, (size_t)len + 1, fmt, again);
	}
	va_end(again);
	b->len += (size_t)len;
}

void buf_addf(struct buf *b, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	buf_vaddf(b, fmt, args);
	va_end(args);
}

const char *buf_str(const struct buf *b)
{
	return b->at ? b->at : "";
}

char *buf_detach(struct buf *b)
{
	char *s = b->at ? b->at : xstrdup("");

	*b = (struct buf){0};
	return s;
}

char *buf_keep(struct buf *b, struct arena *a)
{
	char *s = arena_strndup(a, buf_str(b), b->len);

	buf_release(b);
	return s;
}

void buf_clear(struct buf *b)
{
	b->len = 0;
	if (b->at)
		b->at[0] = '\0';
}

void buf_release(struct buf *b)
{
	free(b->at);
	*b = (struct buf){0};
}
