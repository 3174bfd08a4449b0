/*
 * Two searches of one case side by side, at the same step: what each keeps and prunes, where the positive item stands,
 * what became of it. Prefixes are paired by what they say, since two models may have other tokens.
 */
#ifndef UI_TUI_LOCKSTEP_H
#define UI_TUI_LOCKSTEP_H

#include <stdbool.h>
#include <stddef.h>

#include "canvas.h"
#include "keys.h"
#include "list.h"
#include "session/snapshot.h"

struct lockstep {
	/* What is shown: borrowed from a snapshot and set anew with every one. traces[0] NULL: nothing. */
	const struct snap_trace *traces[2];
	const char *names[2];
	const char *case_id;
	size_t step;        /* 1 … of the longer search */
	struct list lines;  /* of both lists, which scroll together */
	struct rect way;    /* where the rows of the positive item's way were drawn last */
	size_t way_first;   /* step in the first of them */
};

/* Begins with the step at which one of both pruned the positive item. */
void lockstep_begin(struct lockstep *l);

void lockstep_goto(struct lockstep *l, size_t step); /* the nearest there is */

/* Steps and scrolls; true if it was for that. */
bool lockstep_move(struct lockstep *l, enum ui_action a);
bool lockstep_wheel(struct lockstep *l, enum event_type wheel);

int lockstep_lines(const struct lockstep *l); /* that it would like to have */
void lockstep_draw(struct lockstep *l, struct canvas *c, struct rect r);

#endif
