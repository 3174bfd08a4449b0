#include "base/err.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/mem.h"
#include "base/utf8.h"

#define LONGEST 400 /* bytes that a message may have before what nobody needs whole loses its middle */
#define HEAD 60     /* bytes that are kept of its beginning … */
#define TAIL 24     /* … and of its end */
#define GAP "..."
#define FAR (64 * (size_t)LONGEST) /* beyond it the middle is not worth looking at */

static bool within_character(const struct buf *msg, size_t at)
{
	return ((unsigned char)msg->at[at] & 0xc0) == 0x80;
}

/* Takes out from … to - 1 and what is left of the characters at either end, so that no more is kept than was asked. */
static void take_middle(struct buf *msg, size_t from, size_t to)
{
	char *rest;

	while (from > 0 && within_character(msg, from))
		from--;
	while (to < msg->len && within_character(msg, to))
		to++;
	rest = xstrndup(msg->at + to, msg->len - to);
	msg->len = from;
	buf_addstr(msg, GAP);
	buf_addstr(msg, rest);
	free(rest);
}

/* Shortens the longest piece between two of the marks; false where none is long. */
static bool shorten_piece(struct buf *msg, const char *marks)
{
	size_t best = 0, most = 0;

	for (size_t at = 0, n; at < msg->len; at += n + 1) {
		n = strcspn(msg->at + at, marks);
		if (n > most) {
			most = n;
			best = at;
		}
	}
	if (most <= HEAD + strlen(GAP) + TAIL)
		return false;
	take_middle(msg, best + HEAD, best + most - TAIL);
	return true;
}

/* A word or a text of enormous length, as a file may hold it or a slip of the hand may paste it, must not hide what is
 * wrong with it: the longest words give up their middle, then what is quoted, then the message itself. */
static void shorten(struct buf *msg)
{
	if (msg->len > FAR)
		take_middle(msg, FAR / 2, msg->len - FAR / 2);
	while (msg->len > LONGEST && shorten_piece(msg, " "))
		continue;
	while (msg->len > LONGEST && shorten_piece(msg, "'\""))
		continue;
	if (msg->len > LONGEST)
		take_middle(msg, LONGEST / 2, msg->len - (LONGEST / 2 - strlen(GAP)));
}

/* Takes the message over, safe for a terminal: harmless on text that went through it before. */
static int keep(struct err *err, enum err_code code, struct buf *msg)
{
	struct buf shown = {0};

	utf8_show(&shown, buf_str(msg), msg->len, false);
	shorten(&shown);
	err->code = code;
	snprintf(err->msg, sizeof(err->msg), "%s", buf_str(&shown));
	buf_release(&shown);
	buf_release(msg);
	return -1;
}

int err_set(struct err *err, enum err_code code, const char *fmt, ...)
{
	struct buf msg = {0};
	va_list args;

	va_start(args, fmt);
	buf_vaddf(&msg, fmt, args);
	va_end(args);
	return keep(err, code, &msg);
}

int err_errno(struct err *err, int errnum, const char *fmt, ...)
{
	struct buf msg = {0};
	char reason[128];
	va_list args;

	va_start(args, fmt);
	buf_vaddf(&msg, fmt, args);
	va_end(args);
	buf_addf(&msg, ": %s", strerror_r(errnum, reason, sizeof(reason)));
	return keep(err, ERR_IO, &msg);
}

int err_prefix(struct err *err, const char *fmt, ...)
{
	struct buf msg = {0};
	va_list args;

	va_start(args, fmt);
	buf_vaddf(&msg, fmt, args);
	va_end(args);
	buf_addf(&msg, ": %s", err->msg);
	return keep(err, err->code, &msg);
}

void bug_at(const char *file, int line, const char *fmt, ...)
{
	va_list args;

	fprintf(stderr, "%s:%d: bug: ", file, line);
	va_start(args, fmt);
	vfprintf(stderr, fmt, args);
	va_end(args);
	fputc('\n', stderr);
	abort();
}
