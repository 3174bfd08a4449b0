#include "session/histfile.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/mem.h"
#include "base/utf8.h"
#include "store/file.h"

#define FILE_LIMIT (16u << 20) /* bytes; 2,000 lines are some 100,000 */
#define MINE 0600

char *histfile_path(void)
{
	const char *base = getenv("XDG_STATE_HOME"), *home = getenv("HOME");

	if (base && *base)
		return xasprintf("%s/beamscope/history", base);
	return home && *home ? xasprintf("%s/.local/state/beamscope/history", home) : NULL;
}

/* Is the open file still the one of that name? Another program may have put a shorter one in its place. */
static bool is_in_place(int fd, const char *path)
{
	struct stat open, named;

	return fstat(fd, &open) == 0 && stat(path, &named) == 0 && open.st_ino == named.st_ino &&
	       open.st_dev == named.st_dev;
}

static int wait_for_lock(int fd, int how)
{
	int failed;

	do {
		failed = flock(fd, how);
	} while (failed && errno == EINTR);
	return failed;
}

/* Opens the file and keeps others from replacing it (LOCK_SH), or from touching it at all (LOCK_EX), until it is
 * closed. -1: errno says why. */
static int open_locked(const char *path, int flags, int how)
{
	for (;;) {
		int fd = open(path, flags | O_CLOEXEC | O_NONBLOCK | O_NOCTTY, MINE);

		if (fd < 0 || wait_for_lock(fd, how) || is_in_place(fd, path))
			return fd; /* where files cannot be locked, without */
		close(fd);
	}
}

/* Is it a text as it may have been typed? */
static bool is_typed(const char *s, size_t len)
{
	for (size_t i = 0; i < len; i++)
		if (s[i] != '\t' && s[i] != '\n' && utf8_control(s + i, len - i))
			return false;
	return utf8_valid(s, len) && len > 0;
}

static void take(struct histfile_entries *e, const struct buf *entry)
{
	const char *last = e->at.n > 0 ? e->at.at[e->at.n - 1] : "";

	if (is_typed(buf_str(entry), entry->len) && strcmp(last, buf_str(entry)) != 0)
		vec_push(&e->at, xstrndup(entry->at, entry->len));
}

static void parse(struct histfile_entries *e, const struct buf *text)
{
	const char *end = buf_str(text) + text->len;
	struct buf entry = {0};

	for (const char *line = buf_str(text), *next; line < end; line = next + 1) {
		next = memchr(line, '\n', (size_t)(end - line));
		if (!next)
			break; /* its writer died within it */
		bool goes_on = next > line && next[-1] == '\\';
		buf_add(&entry, line, (size_t)(next - line) - goes_on);
		if (goes_on) {
			buf_addch(&entry, '\n');
			continue;
		}
		take(e, &entry);
		buf_clear(&entry);
	}
	buf_release(&entry);
}

static void drop_oldest(struct histfile_entries *e, size_t limit)
{
	size_t n = e->at.n > limit ? e->at.n - limit : 0;

	if (n == 0)
		return;
	for (size_t i = 0; i < n; i++)
		free(e->at.at[i]);
	memmove(e->at.at, e->at.at + n, (e->at.n - n) * sizeof(*e->at.at));
	e->at.n -= n;
}

static void add_entry(struct buf *out, const char *entry)
{
	for (; *entry; entry++) {
		if (*entry == '\n')
			buf_addch(out, '\\');
		buf_addch(out, *entry);
	}
	if (out->len > 0 && out->at[out->len - 1] == '\\')
		buf_addch(out, ' ');
	buf_addch(out, '\n');
}

/* Without what another program has added since it was read: it reads the file anew while nobody else writes. */
static int cut(const char *path, size_t limit, struct err *err)
{
	struct histfile_entries latest = {0};
	struct buf before = {0}, after = {0};
	int fd = open_locked(path, O_RDWR, LOCK_EX), failed = -1;

	if (fd < 0)
		return err_errno(err, errno, "cannot open the history '%s'", path);
	if (!file_read(&before, path, FILE_LIMIT, err)) {
		parse(&latest, &before);
		drop_oldest(&latest, limit);
		for (size_t i = 0; i < latest.at.n; i++)
			add_entry(&after, latest.at.at[i]);
		failed = file_write(path, buf_str(&after), after.len, err);
	}
	close(fd);
	histfile_release(&latest);
	buf_release(&before);
	buf_release(&after);
	return failed;
}

int histfile_read(struct histfile_entries *e, const char *path, size_t limit, struct err *err)
{
	struct buf text = {0};
	int failed = 0;

	if (access(path, F_OK) != 0 && (errno == ENOENT || errno == ENOTDIR))
		return 0;
	if (file_read(&text, path, FILE_LIMIT, err))
		return err_prefix(err, "the history is not read");
	parse(e, &text);
	if (e->at.n > limit)
		failed = cut(path, limit, err);
	drop_oldest(e, limit);
	buf_release(&text);
	return failed;
}

void histfile_release(struct histfile_entries *e)
{
	for (size_t i = 0; i < e->at.n; i++)
		free(e->at.at[i]);
	vec_release(&e->at);
}

/* Does the last line of the file end? Its writer may have died within it. */
static bool ends_whole(int fd)
{
	off_t size = lseek(fd, 0, SEEK_END);
	char last;

	return size <= 0 || pread(fd, &last, 1, size - 1) != 1 || last == '\n';
}

static int write_entry(int fd, const char *entry)
{
	struct buf line = {0};
	ssize_t n;

	if (!ends_whole(fd))
		buf_addch(&line, '\n');
	add_entry(&line, entry);
	do {
		n = write(fd, line.at, line.len); /* at once: lines of several programs stay whole */
	} while (n < 0 && errno == EINTR);
	bool whole = n == (ssize_t)line.len;
	if (n >= 0 && !whole)
		errno = ENOSPC;
	buf_release(&line);
	return whole ? 0 : -1;
}

int histfile_add(const char *path, const char *entry, struct err *err)
{
	struct stat st;
	int failed = -1;

	if (file_make_folders(path, err))
		return err_prefix(err, "the history is not kept");
	int fd = open_locked(path, O_RDWR | O_CREAT | O_APPEND, LOCK_SH);
	if (fd < 0)
		return err_errno(err, errno, "the history '%s' is not kept", path);
	if (fstat(fd, &st) == 0 && !S_ISREG(st.st_mode))
		err_set(err, ERR_IO, "the history '%s' is not kept: it is no regular file", path);
	else if (write_entry(fd, entry) || ((st.st_mode & 077) && fchmod(fd, MINE)))
		err_errno(err, errno, "the history '%s' is not kept", path);
	else
		failed = 0;
	close(fd);
	return failed;
}
