/*
 * What the frame needs of a session (struct ui_host), for the screens on a terminal and for pages that are made without
 * one.
 */
#ifndef UI_TUI_HOST_H
#define UI_TUI_HOST_H

#include <stdbool.h>

#include "session/session.h"
#include "ui.h"

struct host {
	struct session *session; /* borrowed */
	int width;               /* of the page, for the tables in a command's output; kept up by the owner */
	bool ascii;
	struct lesson **lessons; /* owned, with the message that explains why there are none, or NULL */
	char *no_lessons;
	VEC(struct lesson *) replaced;  /* owned: whose files were read again */
	struct player_host lesson_host; /* borrows lessons and message */
	struct ui_host ops; /* its arg is this host, and nothing is copied: an owner with a clipboard sets `copy` */
};

/* Where the lessons cannot be read, their view says why. */
void host_init(struct host *h, struct session *s, bool ascii);
void host_release(struct host *h); /* after the frame that it was lent to */

/* The frame as one finds it: with a search over the split's first case, which may still run. */
void host_begin(struct host *h, struct ui *ui);

#endif
