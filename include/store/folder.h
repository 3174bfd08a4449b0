/*
 * Writing a folder that is there with all its files or not at all.
 *
 * The files go to a new folder beside the place where it shall be; commit makes their entries durable, renames the new
 * folder to its place and makes the renaming durable. After any failure before that nothing is left.
 */
#ifndef STORE_FOLDER_H
#define STORE_FOLDER_H

#include <stdint.h>

#include "base/err.h"

struct folder_writer {
	char *path; /* owned; without slashes at its end */
	char *temp; /* owned; the folder to write files into (store/file.h syncs each); NULL when nothing is left */
};

/* The place must be free: ERR_VALUE where something is there, but for an empty directory, which is replaced. */
int folder_writer_init(struct folder_writer *w, const char *path, struct err *err) MUST_CHECK;
int folder_writer_commit(struct folder_writer *w, struct err *err) MUST_CHECK; /* once, and last */
void folder_writer_release(struct folder_writer *w); /* removes what was not committed; after a failed init too */

/* Bytes of the regular files in a folder, those in folders below it left out. */
uint64_t folder_bytes(const char *path);

/* Removes a folder with all that is in it; symbolic links in it are removed, not followed. That it is not there is
 * fine. */
int folder_remove(const char *path, struct err *err) MUST_CHECK;

#endif
