/*
 * The file of command lines that were typed, oldest first, kept between runs. A line that was accepted is there before
 * its command runs, whole, whatever becomes of the program; several programs add to one file without harm.
 *
 * An entry is a line of the file. A line break in it stands as a backslash and a line break; what ends in a backslash
 * has a blank behind it.
 */
#ifndef SESSION_HISTFILE_H
#define SESSION_HISTFILE_H

#include "base/compiler.h"
#include "base/err.h"
#include "base/vec.h"

struct histfile_entries {
	VEC(char *) at; /* owned, each owned */
};

/* $XDG_STATE_HOME/beamscope/history, ~/.local/state without the variable. Caller frees; NULL: there is no home. */
char *histfile_path(void);

/* Appends the latest entries, at most `limit`, one that stands several times in a row once; what no terminal has sent,
 * such as a control character, is left out. Cuts a file that is longer to these. No such file is fine. */
int histfile_read(struct histfile_entries *e, const char *path, size_t limit, struct err *err) MUST_CHECK;
void histfile_release(struct histfile_entries *e);

/* Puts an entry at the end of the file, which is made, as are its folders, for the user alone. */
int histfile_add(const char *path, const char *entry, struct err *err) MUST_CHECK;

#endif
