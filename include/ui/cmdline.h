/*
 * The words that the program was started with.
 */
#ifndef UI_CMDLINE_H
#define UI_CMDLINE_H

#include <stdbool.h>

#include "base/err.h"
#include "base/vec.h"
#include "session/session.h"

struct cmdline_script {
	bool is_file;     /* -f FILE, else -c 'COMMAND' */
	const char *text; /* borrowed from argv */
};

struct cmdline {
	VEC(struct cmdline_script) scripts; /* in the order given */
	int argc;                           /* words of the command, or of the script, after the options; 0: none */
	char *const *argv;                  /* borrowed */
	bool no_screens, help, version;
	const char *trace;                  /* borrowed from argv, as those below; NULL: not given */
	const char *shot, *keys, *size;
};

/* Sets the session's options, opens a saved search and finds the rest. Released by the caller, also on failure. */
int cmdline_parse(struct cmdline *c, struct session *s, int argc, char *const *argv, struct err *err) MUST_CHECK;
void cmdline_release(struct cmdline *c);

/* Is there anything to run without screens? */
bool cmdline_has_command(const struct cmdline *c);

#endif
