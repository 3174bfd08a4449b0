/* The lower part of the Train view: one curve of all runners, its tabs, and what the curves say at a step. */
#ifndef UI_TUI_RACE_CHART_H
#define UI_TUI_RACE_CHART_H

#include <stdbool.h>
#include <stddef.h>

#include "canvas.h"
#include "plot.h"
#include "session/snap_race.h"

/* What is looked at. */
struct race_look {
	size_t tab;
	size_t selected; /* runner */
	bool alone;      /* it stands out: the others pale (losses: go), and its intervals are seen */
	bool log;
	size_t from, to; /* only these steps are shown; to 0: all */
	size_t at;       /* the step that is read; 0: the newest */
};

size_t race_tabs(void); /* how many there are */

/* The last step that any runner has come to. */
size_t race_newest(const struct snap_race *race);

/* Steps that are shown: *from … *to, of which the second is larger. */
void race_shown(const struct snap_race *race, const struct race_look *look, size_t *from, size_t *to);

/* Returns where the curves came to lie. */
struct plot_place race_chart(
	struct canvas *c, struct rect r, const struct snap_race *race, const struct race_look *look);

/* Of a runner's curve, in the table too. */
unsigned race_role(size_t runner);

/* The tab at a place of the chart's first line; race_tabs() where there is none. */
size_t race_tab_at(struct rect r, int x, int y);

/* The readout as a line of text: "step 120: sft 0.4971, bear 1.4075". Appends. */
void race_readout(const struct snap_race *race, const struct race_look *look, struct buf *out);

#endif
