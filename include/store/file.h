/*
 * Whole files, and writing that replaces a file entirely or not at all.
 *
 * Only regular files are read or replaced; a directory, pipe or device is refused by a message that says what it is,
 * and so is what git-lfs leaves in the place of a file that it did not fetch.
 */
#ifndef STORE_FILE_H
#define STORE_FILE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"
#include "base/err.h"

bool file_exists(const char *path); /* as a regular file, after symbolic links */
bool file_exists_in(const char *dir, const char *name); /* the same of dir/name */
bool file_is_dir(const char *path);
bool file_is_there(const char *path); /* as one or the other */
char *file_join(const char *dir, const char *name); /* dir/name; caller frees */
const char *file_last_part(const char *path); /* what follows the last slash; all of it where nothing does */

/* Makes all folders on the way to a file that are missing; a new one is the user's alone, as the XDG specification has
 * it. */
int file_make_folders(const char *path, struct err *err) MUST_CHECK;

/* Names in a directory, without it, in byte order. Zeroed is empty. */
struct file_names {
	char **at; /* owned, each too */
	size_t n, cap;
};

/* Appends the names of the regular files in dir that match a shell pattern (as fnmatch: *, ?, [...]). */
int file_list(struct file_names *names, const char *dir, const char *pattern, struct err *err) MUST_CHECK;
int file_list_dirs(struct file_names *names, const char *dir, struct err *err) MUST_CHECK; /* of the folders; no dots */
void file_names_release(struct file_names *names);

/* Appends the content of a file of at most `limit` bytes. */
int file_read(struct buf *out, const char *path, size_t limit, struct err *err) MUST_CHECK;

/* A file mapped read-only. An empty file is mapped as len 0. Other programs must replace the file rather than shorten
 * it while it is mapped. */
struct file_map {
	const unsigned char *at; /* page-aligned; valid until file_map_release */
	size_t len;
	size_t passed; /* see file_map_pass */
};

int file_map_init(struct file_map *map, const char *path, struct err *err) MUST_CHECK;
void file_map_release(struct file_map *map); /* a zeroed one is fine */

/* For who reads from the beginning to the end: the bytes before `upto` may give their memory back. They can still be
 * read, which costs reading them from the file. To be called at every step: it acts once in FILE_MAP_PASSED bytes. */
void file_map_pass(struct file_map *map, size_t upto);

#define FILE_MAP_PASSED ((size_t)1 << 24)

/*
 * Writing beside, then replacing. The bytes go to a new file in the same directory; commit makes them durable, renames
 * the new file over the old and makes the renaming durable. Until then, and after any failure, the old file stands as
 * it was. A symbolic link is followed, the file that it names is replaced. The old file's permissions are kept.
 */
struct file_writer {
	char *path, *temp; /* owned; temp is NULL when nothing is left to remove */
	int fd;
	struct buf pending;
};

int file_writer_init(struct file_writer *w, const char *path, struct err *err) MUST_CHECK;
int file_writer_add(struct file_writer *w, const void *bytes, size_t len, struct err *err) MUST_CHECK;
int file_writer_commit(struct file_writer *w, struct err *err) MUST_CHECK; /* once, and last */
void file_writer_release(struct file_writer *w); /* discards what was not committed; after a failed init too */

/* Makes the entries of a directory durable, where its file system can. */
int file_sync_dir(const char *dir, struct err *err) MUST_CHECK;

/* All in one. */
int file_write(const char *path, const void *bytes, size_t len, struct err *err) MUST_CHECK;

#endif
