/*
 * Errors.
 *
 * What a file, a user or the machine can cause is returned: the function gives 0 or -1 and takes a caller-owned
 * struct err as its last argument, which is written only on failure. What only a bug of ours can cause aborts
 * through BUG(). Messages are lower case, quote their subject, say what is wrong, where, and what would mend it;
 * they carry no full stop and no newline. What they quote from a file or a user is made safe for a terminal by
 * utf8_show.
 */
#ifndef BASE_ERR_H
#define BASE_ERR_H

#include "base/compiler.h"

enum err_code {
	ERR_NONE,
	ERR_IO,          /* the system refused: open, read, write, map */
	ERR_FORMAT,      /* a file is not what it should be */
	ERR_VALUE,       /* an option or argument is out of range or of the wrong kind */
	ERR_MEMORY,      /* an allocation whose size came from outside was refused */
	ERR_UNSUPPORTED, /* well-formed, but of a kind that is not handled */
	ERR_NOT_FOUND,   /* the named thing does not exist */
	ERR_CANCELLED,   /* the cancel flag was raised */
	ERR_USAGE,       /* the command line is wrong: exit status 2 */
};

struct err {
	enum err_code code;
	char msg[1000]; /* NUL-terminated; the longest words lose their middle where it would pass 400 bytes */
};

/* Sets code and message; returns -1 so that `return err_set(...)` reads well. */
int err_set(struct err *err, enum err_code code, const char *fmt, ...) PRINTF_LIKE(3, 4);

/* As err_set, and appends ": " and the text of the given errno. */
int err_errno(struct err *err, int errnum, const char *fmt, ...) PRINTF_LIKE(3, 4);

/* Puts text and ": " before the message that is there; keeps the code; returns -1. */
int err_prefix(struct err *err, const char *fmt, ...) PRINTF_LIKE(2, 3);

/* A fault of ours: prints file, line and message to stderr and aborts. */
#define BUG(...) bug_at(__FILE__, __LINE__, __VA_ARGS__)
NORETURN void bug_at(const char *file, int line, const char *fmt, ...) PRINTF_LIKE(3, 4);

#endif
