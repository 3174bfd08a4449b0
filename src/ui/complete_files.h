/* Names of files, as completion offers them. */
#ifndef UI_COMPLETE_FILES_H
#define UI_COMPLETE_FILES_H

#include <stddef.h>

#include "session/candidates.h"

/* Offers the names in the folder that a path, which is being typed, names up to its last "/": without the folder, those
 * of folders with "/" behind. Hidden ones only where a "." is typed. Gives how much of the path is the folder. */
size_t complete_files(struct candidates *c, const char *path);

/* With a "~/" or "~NAME/" at its beginning replaced by the home that it stands for. Caller frees. */
char *complete_home(const char *path);

#endif
