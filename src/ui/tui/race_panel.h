/* The upper part of the Train view: how a race stands, and a table of its runners. */
#ifndef UI_TUI_RACE_PANEL_H
#define UI_TUI_RACE_PANEL_H

#include "canvas.h"
#include "session/snapshot.h"

/* As many as there is room for, at least one; all where something is to be remarked. */
int race_head_lines(const struct canvas *c, int w, int room, const struct snapshot *snap);
void race_head(struct canvas *c, struct rect r, const struct snapshot *snap);

/* With the intervals of the selected runner in a line of their own where the columns have no room for them. */
int race_table_lines(const struct snap_race *race, int w);
/* Line by line: the runner, or n_runners where there is none (heads, intervals). */
size_t race_table_row(const struct snap_race *race, size_t selected, int w, int line);
void race_table(struct canvas *c, struct rect r, const struct snap_race *race, size_t selected);

/* "24.5", "0.133", "4.905": as the units of figures are read, those in per cent without the sign. Appends. */
void race_number(double v, enum race_unit unit, struct buf *out);

#endif
