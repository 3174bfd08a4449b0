/*
 * The figures of a comparison over many cases: what it comes to in a sentence, and a table of the contenders and their
 * difference. Drawing only.
 */
#ifndef UI_TUI_CONTEST_PANEL_H
#define UI_TUI_CONTEST_PANEL_H

#include <stddef.h>

#include "canvas.h"
#include "session/snap_survey.h"

/* bout: which contender is looked at beside the first. */
void contest_panel_draw(struct canvas *c, struct rect r, const struct snap_contest *s, size_t bout);
int contest_panel_lines(const struct canvas *c, int w, const struct snap_contest *s, size_t bout); /* frame included */

#endif
