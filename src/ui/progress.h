/*
 * How a race or a command over many cases goes, on stderr: a line that is written over, and lines that stay for
 * evaluations and notes. Only where stderr is a terminal; on a dumb one, and with ACCESSIBLE, only lines that stay.
 */
#ifndef UI_PROGRESS_H
#define UI_PROGRESS_H

#include <stdbool.h>

#include "base/buf.h"
#include "session/session.h"

struct progress {
	struct session *session; /* borrowed: watched; NULL: stderr is no terminal */
	bool rewrites;           /* the terminal can write over a line */
	bool ascii;
	bool shown;              /* the line is on the screen */
	double when;             /* it was written last */
	struct buf line;
	size_t tenth;            /* of the cases or steps, that was told of last */
};

void progress_init(struct progress *p, struct session *s); /* p must stay where it is until progress_release */
void progress_clear(struct progress *p); /* takes the line away, for what is written next */
void progress_release(struct progress *p);

#endif
