#include "store/file.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <fnmatch.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/mem.h"
#include "base/vec.h"

#define WRITE_BEHIND ((size_t)1 << 16) /* bytes gathered before they are written */
#define TEMP_TRIES 100

bool file_exists(const char *path)
{
	struct stat st;

	return stat(path, &st) == 0 && S_ISREG(st.st_mode);
}

bool file_exists_in(const char *dir, const char *name)
{
	char *path = file_join(dir, name);
	bool there = file_exists(path);

	free(path);
	return there;
}

bool file_is_dir(const char *path)
{
	struct stat st;

	return stat(path, &st) == 0 && S_ISDIR(st.st_mode);
}

bool file_is_there(const char *path)
{
	return file_exists(path) || file_is_dir(path);
}

char *file_join(const char *dir, const char *name)
{
	size_t len = strlen(dir);

	return xasprintf("%s%s%s", dir, len > 0 && dir[len - 1] == '/' ? "" : "/", name);
}

const char *file_last_part(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash && slash[1] ? slash + 1 : path;
}

static int compare_names(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

int file_make_folders(const char *path, struct err *err)
{
	char *folder = xstrdup(path);
	int failed = 0;

	for (char *slash = strchr(folder + 1, '/'); slash && !failed; slash = strchr(slash + 1, '/')) {
		*slash = '\0';
		if (mkdir(folder, 0700) != 0 && errno != EEXIST)
			failed = err_errno(err, errno, "cannot make the folder '%s'", folder);
		*slash = '/';
	}
	free(folder);
	return failed;
}

static int list(struct file_names *names, const char *dir, const char *pattern, bool (*wanted)(const char *path),
	struct err *err)
{
	size_t first = names->n;
	struct dirent *entry;
	int result = 0;
	DIR *d = opendir(dir);

	if (!d)
		return err_errno(err, errno, "cannot list '%s'", dir);
	while (errno = 0, (entry = readdir(d)) != NULL) {
		char *path;

		if (fnmatch(pattern, entry->d_name, FNM_PERIOD) != 0)
			continue;
		path = file_join(dir, entry->d_name);
		if (wanted(path))
			vec_push(names, xstrdup(entry->d_name));
		free(path);
	}
	if (errno != 0)
		result = err_errno(err, errno, "cannot list '%s'", dir);
	closedir(d);
	if (names->n > first)
		qsort(names->at + first, names->n - first, sizeof(*names->at), compare_names);
	return result;
}

int file_list(struct file_names *names, const char *dir, const char *pattern, struct err *err)
{
	return list(names, dir, pattern, file_exists, err);
}

int file_list_dirs(struct file_names *names, const char *dir, struct err *err)
{
	return list(names, dir, "*", file_is_dir, err);
}

void file_names_release(struct file_names *names)
{
	for (size_t i = 0; i < names->n; i++)
		free(names->at[i]);
	vec_release(names);
}

static int refuse_kind(const char *path, mode_t mode, struct err *err)
{
	const char *kind = S_ISDIR(mode)    ? "a directory"
			   : S_ISFIFO(mode) ? "a pipe"
			   : S_ISSOCK(mode) ? "a socket"
					    : "a device";

	return err_set(err, ERR_IO, "'%s' is %s; a regular file is needed", path, kind);
}

/* Opens a regular file for reading and gives its size. O_NONBLOCK keeps a pipe without a writer from holding us up. */
static int open_regular(const char *path, int *fd_out, size_t *size, struct err *err)
{
	struct stat st;
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	int result = -1;

	if (fd < 0)
		return err_errno(err, errno, "cannot open '%s'", path);
	if (fstat(fd, &st) < 0) {
		err_errno(err, errno, "cannot examine '%s'", path);
		goto out;
	}
	if (!S_ISREG(st.st_mode)) {
		refuse_kind(path, st.st_mode, err);
		goto out;
	}
	if ((uintmax_t)st.st_size > PTRDIFF_MAX) {
		err_set(err, ERR_UNSUPPORTED, "'%s' is larger than this machine can address", path);
		goto out;
	}
	*size = (size_t)st.st_size;
	*fd_out = fd;
	fd = -1;
	result = 0;
out:
	if (fd >= 0)
		close(fd);
	return result;
}

/* What a clone holds in a file's place where git-lfs was not there to fetch it. */
static int refuse_pointer(const char *path, const void *bytes, size_t len, struct err *err)
{
	static const char begin[] = "version https://git-lfs.github.com/spec/";

	if (len < sizeof(begin) - 1 || memcmp(bytes, begin, sizeof(begin) - 1) != 0)
		return 0;
	return err_set(err, ERR_FORMAT,
		"'%s' only stands for a file that git-lfs has not fetched: fetch it with git lfs pull", path);
}

int file_read(struct buf *out, const char *path, size_t limit, struct err *err)
{
	char chunk[1 << 14];
	size_t size, begin = out->len;
	ssize_t n;
	int fd, result = -1;

	if (open_regular(path, &fd, &size, err) < 0)
		return -1;
	/* The size is only a forecast: the file may grow while it is read. */
	do {
		if (size > limit || out->len - begin > limit) {
			err_set(err, ERR_UNSUPPORTED, "'%s' is larger than the %zu bytes that are read of such a file",
				path, limit);
			goto out;
		}
		n = read(fd, chunk, sizeof(chunk));
		if (n > 0)
			buf_add(out, chunk, (size_t)n);
	} while (n > 0 || (n < 0 && errno == EINTR));
	if (n < 0)
		err_errno(err, errno, "cannot read '%s'", path);
	else
		result = refuse_pointer(path, buf_str(out) + begin, out->len - begin, err);
out:
	close(fd);
	return result;
}

int file_map_init(struct file_map *map, const char *path, struct err *err)
{
	size_t size;
	int fd, result = 0;
	void *at;

	*map = (struct file_map){0};
	if (open_regular(path, &fd, &size, err) < 0)
		return -1;
	if (size > 0) {
		at = mmap(NULL, size, PROT_READ, MAP_PRIVATE, fd, 0);
		if (at == MAP_FAILED)
			result = err_errno(err, errno, "cannot map '%s'", path);
		else
			*map = (struct file_map){.at = at, .len = size};
	}
	close(fd);
	if (map->at && refuse_pointer(path, map->at, map->len, err) != 0) {
		file_map_release(map);
		result = -1;
	}
	return result;
}

void file_map_pass(struct file_map *map, size_t upto)
{
	size_t from = map->passed;

	if (upto - from < 2 * FILE_MAP_PASSED)
		return;
	map->passed = upto - upto % FILE_MAP_PASSED;
	/* A wish: where it is not heard, the system takes the pages back when it needs them. */
	(void)madvise((void *)(map->at + from), map->passed - from, MADV_DONTNEED);
}

void file_map_release(struct file_map *map)
{
	if (map->at)
		munmap((void *)map->at, map->len);
	*map = (struct file_map){0};
}

/* Creates a file beside w->path under a name that was free; the mode is the old file's or what umask leaves. */
static int create_temp(struct file_writer *w, struct err *err)
{
	struct stat old;
	bool replaces = stat(w->path, &old) == 0;

	if (replaces && !S_ISREG(old.st_mode))
		return refuse_kind(w->path, old.st_mode, err);
	for (int i = 0; i < TEMP_TRIES; i++) {
		w->temp = xasprintf("%s.%ld-%d.tmp", w->path, (long)getpid(), i);
		w->fd = open(w->temp, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
		if (w->fd >= 0)
			break;
		free(w->temp);
		w->temp = NULL;
		if (errno != EEXIST)
			break;
	}
	if (w->fd < 0)
		return err_errno(err, errno, "cannot create a file beside '%s'", w->path);
	if (replaces && fchmod(w->fd, old.st_mode & 07777) < 0)
		return err_errno(err, errno, "cannot give '%s' the permissions of '%s'", w->temp, w->path);
	return 0;
}

int file_writer_init(struct file_writer *w, const char *path, struct err *err)
{
	*w = (struct file_writer){.fd = -1};
	w->path = realpath(path, NULL);
	if (!w->path) {
		if (errno != ENOENT)
			return err_errno(err, errno, "cannot write '%s'", path);
		w->path = xstrdup(path);
	}
	return create_temp(w, err);
}

static int write_out(struct file_writer *w, const char *bytes, size_t len, struct err *err)
{
	while (len > 0) {
		ssize_t n = write(w->fd, bytes, len);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return err_errno(err, errno, "cannot write '%s'", w->temp);
		bytes += n;
		len -= (size_t)n;
	}
	return 0;
}

static int write_pending(struct file_writer *w, struct err *err)
{
	int result = write_out(w, buf_str(&w->pending), w->pending.len, err);

	buf_clear(&w->pending);
	return result;
}

int file_writer_add(struct file_writer *w, const void *bytes, size_t len, struct err *err)
{
	if (len >= WRITE_BEHIND) {
		if (write_pending(w, err) < 0)
			return -1;
		return write_out(w, bytes, len, err);
	}
	buf_add(&w->pending, bytes, len);
	return w->pending.len < WRITE_BEHIND ? 0 : write_pending(w, err);
}

int file_sync_dir(const char *dir, struct err *err)
{
	int fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	int result = 0;

	if (fd >= 0 && fsync(fd) < 0 && errno == EIO)
		result = err_errno(err, errno, "directory '%s' could not be synced", dir);
	if (fd >= 0)
		close(fd);
	return result;
}

/* Makes the entry in the file's directory durable. */
static int sync_directory(const char *path, struct err *err)
{
	const char *slash = strrchr(path, '/');
	char *dir = slash == path ? xstrdup("/") : slash ? xstrndup(path, (size_t)(slash - path)) : xstrdup(".");
	int result = file_sync_dir(dir, err);

	if (result < 0)
		err_prefix(err, "'%s' is written", path);
	free(dir);
	return result;
}

int file_writer_commit(struct file_writer *w, struct err *err)
{
	int fd;

	if (write_pending(w, err) < 0)
		return -1;
	if (fsync(w->fd) < 0)
		return err_errno(err, errno, "cannot sync '%s'", w->temp);
	fd = w->fd;
	w->fd = -1;
	if (close(fd) < 0)
		return err_errno(err, errno, "cannot close '%s'", w->temp);
	if (rename(w->temp, w->path) < 0)
		return err_errno(err, errno, "cannot replace '%s'", w->path);
	free(w->temp);
	w->temp = NULL;
	return sync_directory(w->path, err);
}

void file_writer_release(struct file_writer *w)
{
	if (w->fd >= 0)
		close(w->fd);
	if (w->temp)
		unlink(w->temp);
	free(w->temp);
	free(w->path);
	buf_release(&w->pending);
	*w = (struct file_writer){.fd = -1};
}

int file_write(const char *path, const void *bytes, size_t len, struct err *err)
{
	struct file_writer w;
	int result = -1;

	if (file_writer_init(&w, path, err) == 0 && file_writer_add(&w, bytes, len, err) == 0)
		result = file_writer_commit(&w, err);
	file_writer_release(&w);
	return result;
}
