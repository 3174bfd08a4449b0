#include "base/err.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/utf8.h"

/* Puts the message through utf8_show. Harmless on text that went through it before. */
static int make_safe(struct err *err)
{
	struct buf shown = {0};

	utf8_show(&shown, err->msg, strlen(err->msg), false);
	snprintf(err->msg, sizeof(err->msg), "%s", buf_str(&shown));
	err->msg[utf8_invalid_at(err->msg, strlen(err->msg))] = '\0'; /* where the cut went through a character */
	buf_release(&shown);
	return -1;
}

int err_set(struct err *err, enum err_code code, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	err->code = code;
	vsnprintf(err->msg, sizeof(err->msg), fmt, args);
	va_end(args);
	return make_safe(err);
}

int err_errno(struct err *err, int errnum, const char *fmt, ...)
{
	char reason[128];
	va_list args;
	size_t len;

	va_start(args, fmt);
	err->code = ERR_IO;
	vsnprintf(err->msg, sizeof(err->msg), fmt, args);
	va_end(args);
	len = strlen(err->msg);
	snprintf(err->msg + len, sizeof(err->msg) - len, ": %s", strerror_r(errnum, reason, sizeof(reason)));
	return make_safe(err);
}

int err_prefix(struct err *err, const char *fmt, ...)
{
	char rest[sizeof(err->msg)];
	va_list args;
	size_t len;

	memcpy(rest, err->msg, sizeof(rest));
	va_start(args, fmt);
	vsnprintf(err->msg, sizeof(err->msg), fmt, args);
	va_end(args);
	len = strlen(err->msg);
	snprintf(err->msg + len, sizeof(err->msg) - len, ": %s", rest);
	return make_safe(err);
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
