#include "diagnose/survey.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"

#define SYNC_SECONDS 5.0

/* Not a regular file, or the one that standard output goes to, where others write too. */
static bool is_stream(const struct stat *st)
{
	struct stat out;

	return !S_ISREG(st->st_mode) ||
	       (fstat(STDOUT_FILENO, &out) == 0 && out.st_dev == st->st_dev && out.st_ino == st->st_ino);
}

/* Standard output's file has one offset for all who write to it, so that it must be shared. */
static int open_stream(struct survey_file *f, const struct stat *st, struct err *err)
{
	f->fd = S_ISREG(st->st_mode) ? fcntl(STDOUT_FILENO, F_DUPFD_CLOEXEC, 0) :
				       open(f->path, O_WRONLY | O_CLOEXEC | O_NOCTTY);
	return f->fd < 0 ? err_errno(err, errno, "cannot write '%s'", f->path) : 0;
}

static int lock(const struct survey_file *f, struct err *err)
{
	if (flock(f->fd, LOCK_EX | LOCK_NB) == 0)
		return 0;
	if (errno == EWOULDBLOCK)
		return err_set(err, ERR_IO,
			"'%s' is being written by another process: wait for it, or give each of the two a file of its "
			"own and merge them",
			f->path);
	/* There are file systems without locks. */
	return errno == ENOLCK || errno == EOPNOTSUPP || errno == ENOSYS ?
		       0 :
		       err_errno(err, errno, "cannot lock '%s'", f->path);
}

/* Takes in what the file holds, and cuts away a line that was broken off. */
static int take_over(struct survey_file *f, struct survey *s, struct err *err)
{
	struct stat st;

	if (survey_read(s, f->path, &f->whole, err) < 0) {
		const enum err_code code = err->code;

		if (code == ERR_VALUE)
			err_prefix(err, "cannot go on with '%s': name another file, or the settings that this one was "
					"made with", f->path);
		else if (code == ERR_FORMAT)
			err_prefix(err, "'%s' holds something else than a diagnosis and is left as it is: name another "
					"file", f->path);
		return -1;
	}
	if (fstat(f->fd, &st) < 0)
		return err_errno(err, errno, "cannot examine '%s'", f->path);
	if ((size_t)st.st_size > f->whole && ftruncate(f->fd, (off_t)f->whole) < 0)
		return err_errno(err, errno, "cannot cut the last line of '%s', which was broken off", f->path);
	return 0;
}

int survey_file_open(struct survey_file *f, const char *path, struct survey *s, struct err *err)
{
	struct stat st;

	*f = (struct survey_file){.path = xstrdup(path), .fd = -1, .synced = clock_now()};
	if (stat(path, &st) == 0 && is_stream(&st))
		return open_stream(f, &st, err);
	f->regular = true;
	f->fd = open(path, O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC, 0666);
	if (f->fd < 0)
		return err_errno(err, errno, "cannot write '%s'", path);
	return lock(f, err) < 0 || take_over(f, s, err) < 0 ? -1 : 0;
}

static int sync_file(struct survey_file *f, struct err *err)
{
	f->synced = clock_now();
	if (f->regular && fsync(f->fd) < 0)
		return err_errno(err, errno, "cannot sync '%s'", f->path);
	return 0;
}

/* After a failure of which the message is to stay. */
static void cut_back(const struct survey_file *f)
{
	if (f->regular && ftruncate(f->fd, (off_t)f->whole) < 0)
		return; /* the next one to open the file cuts it */
}

int survey_file_add(struct survey_file *f, const struct survey *s, const struct finding *finding, struct err *err)
{
	const char *at;
	size_t left;

	buf_clear(&f->line);
	survey_line(s, finding, &f->line);
	at = f->line.at;
	left = f->line.len;
	while (left > 0) {
		ssize_t n = write(f->fd, at, left);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0) {
			err_errno(err, errno, "cannot write '%s'", f->path);
			cut_back(f);
			return -1;
		}
		at += n;
		left -= (size_t)n;
	}
	f->whole += f->line.len;
	return clock_now() - f->synced >= SYNC_SECONDS ? sync_file(f, err) : 0;
}

int survey_file_close(struct survey_file *f, struct err *err)
{
	int result = f->fd >= 0 ? sync_file(f, err) : 0;

	if (f->fd >= 0 && close(f->fd) < 0 && result == 0)
		result = err_errno(err, errno, "cannot close '%s'", f->path);
	free(f->path);
	buf_release(&f->line);
	*f = (struct survey_file){.fd = -1};
	return result;
}
