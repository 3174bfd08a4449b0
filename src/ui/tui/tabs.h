/* Tabs within a view: names in a line, that of the one that is looked at in brackets. */
#ifndef UI_TUI_TABS_H
#define UI_TUI_TABS_H

#include <stddef.h>

#include "canvas.h"

/* In the first line of r. Returns the x behind them. */
int tabs_draw(struct canvas *c, struct rect r, const char *const *names, size_t n, size_t current);

/* The tab at a place, as they are drawn there; n: there is none. Names are ASCII. */
size_t tabs_at(struct rect r, const char *const *names, size_t n, int x, int y);

#endif
