/*
 * What `record FILE` does: every statement that has run well goes into the file at once, so that `-f FILE` does it all
 * again. Those of a script that was named by `source` do not, the line that names it does.
 */
#ifndef SESSION_RECORDER_H
#define SESSION_RECORDER_H

#include <stdio.h>

#include "base/err.h"
#include "session/option.h"

struct recorder {
	FILE *file;   /* owned; NULL: nothing is recorded */
	char *path;   /* owned */
	size_t depth; /* scripts that were open when it began */
};

/* Begins the file, with the options that the user has given; or goes on with one that is there. ERR_VALUE where it is
 * there already and is not to be gone on with. */
int recorder_begin(struct recorder *r, const char *path, bool append, const struct options *o, size_t depth,
	struct err *err) MUST_CHECK;

/* A failed write ends the recording. */
int recorder_add(struct recorder *r, const char *statement, size_t depth, struct err *err) MUST_CHECK;

int recorder_end(struct recorder *r, struct err *err) MUST_CHECK;
void recorder_release(struct recorder *r); /* a zeroed one is fine */

#endif
