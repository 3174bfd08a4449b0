/* The screens: the session's state drawn in a terminal, commands on keys. */
#ifndef UI_TUI_H
#define UI_TUI_H

#include <stdbool.h>
#include <stddef.h>

#include "base/compiler.h"
#include "base/err.h"
#include "session/session.h"

struct tui_options {
	bool ascii, no_color, no_mouse;
	int graph; /* what charts are drawn with, as the option has it */
};

/* Runs the screens until the user leaves them; they begin with a saved search that is open, else with one over the
 * split's first case. Fails before it has touched the terminal when that cannot show them or when nothing can be
 * loaded. The terminal is given back in every case, also when the process is killed or crashes. A training that still
 * runs is stopped and saved; that is said as a failure. */
int tui_main(struct session *s, const struct tui_options *o, struct err *err) MUST_CHECK;

/* Do the screens know a key by that name? */
bool tui_knows_key(const char *name, size_t len);

#endif
