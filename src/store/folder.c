#include "store/folder.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/mem.h"
#include "store/file.h"

#define TEMP_TRIES 100
#define FOLDERS_OPEN 16 /* descriptors that walking a tree may take */

static bool is_self_or_parent(const struct dirent *entry)
{
	return !strcmp(entry->d_name, ".") || !strcmp(entry->d_name, "..");
}

static bool is_empty(const char *path)
{
	DIR *d = opendir(path);
	struct dirent *entry;
	bool empty = d != NULL;

	while (empty && (entry = readdir(d)) != NULL)
		empty = is_self_or_parent(entry);
	if (d)
		closedir(d);
	return empty;
}

static int remove_entry(const char *path, const struct stat *st, int kind, struct FTW *ftw)
{
	(void)st;
	(void)kind;
	(void)ftw;
	return remove(path);
}

static int remove_tree(const char *path)
{
	return nftw(path, remove_entry, FOLDERS_OPEN, FTW_DEPTH | FTW_PHYS);
}

uint64_t folder_bytes(const char *path)
{
	DIR *d = opendir(path);
	struct dirent *entry;
	uint64_t bytes = 0;
	struct stat st;

	while (d && (entry = readdir(d)) != NULL)
		if (fstatat(dirfd(d), entry->d_name, &st, AT_SYMLINK_NOFOLLOW) == 0 && S_ISREG(st.st_mode))
			bytes += (uint64_t)st.st_size;
	if (d)
		closedir(d);
	return bytes;
}

int folder_remove(const char *path, struct err *err)
{
	struct stat st;

	if (lstat(path, &st) < 0 && errno == ENOENT)
		return 0;
	return remove_tree(path) != 0 ? err_errno(err, errno, "cannot remove '%s'", path) : 0;
}

static int check_free(const char *path, struct err *err)
{
	struct stat st;

	if (lstat(path, &st) < 0)
		return errno == ENOENT ? 0 : err_errno(err, errno, "cannot write '%s'", path);
	if (!S_ISDIR(st.st_mode))
		return err_set(err, ERR_VALUE, "'%s' is there already and is no directory", path);
	if (!is_empty(path))
		return err_set(
			err, ERR_VALUE, "directory '%s' is there already and is not empty: name a new one", path);
	return 0;
}

int folder_writer_init(struct folder_writer *w, const char *path, struct err *err)
{
	size_t len = strlen(path);
	int code = EEXIST;

	while (len > 1 && path[len - 1] == '/')
		len--;
	*w = (struct folder_writer){.path = xstrndup(path, len)};
	if (check_free(w->path, err))
		return -1;
	for (int i = 0; i < TEMP_TRIES && code == EEXIST; i++) {
		w->temp = xasprintf("%s.%ld-%d.tmp", w->path, (long)getpid(), i);
		if (mkdir(w->temp, 0777) == 0)
			return 0;
		code = errno;
		free(w->temp);
		w->temp = NULL;
	}
	return err_errno(err, code, "cannot create a directory beside '%s'", w->path);
}

int folder_writer_commit(struct folder_writer *w, struct err *err)
{
	const char *slash = strrchr(w->path, '/');
	char *parent;
	int result;

	if (file_sync_dir(w->temp, err) < 0)
		return -1;
	if (rename(w->temp, w->path) < 0)
		return err_errno(err, errno, "cannot put '%s' in its place", w->path);
	free(w->temp);
	w->temp = NULL;
	parent = slash == w->path ? xstrdup("/") : slash ? xstrndup(w->path, (size_t)(slash - w->path)) : xstrdup(".");
	result = file_sync_dir(parent, err);
	if (result < 0)
		err_prefix(err, "'%s' is written", w->path);
	free(parent);
	return result;
}

void folder_writer_release(struct folder_writer *w)
{
	if (w->temp)
		remove_tree(w->temp);
	free(w->temp);
	free(w->path);
	*w = (struct folder_writer){0};
}
