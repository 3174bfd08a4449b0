#include "session/feed.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/mem.h"
#include "base/vec.h"
#include "session/statement.h"

#define BLOCK 65536 /* bytes that are read of a file at once */

static void source_release(struct feed_source *s)
{
	if (s->name && s->fd != STDIN_FILENO)
		close(s->fd);
	free(s->name);
	buf_release(&s->ahead);
	buf_release(&s->text);
}

void feed_text(struct feed *f, const char *text)
{
	struct feed_source s = {0};

	buf_addstr(&s.text, text);
	vec_push(f, s);
	free(f->name);
	f->name = NULL;
}

int feed_file(struct feed *f, const char *path, struct err *err)
{
	struct feed_source s = {0};

	if (feed_depth(f) == FEED_MAX_DEPTH)
		return err_set(err, ERR_VALUE,
			"script '%s': %d scripts have begun within one another, does one run itself?", path,
			FEED_MAX_DEPTH);
	s.fd = strcmp(path, "-") != 0 ? open(path, O_RDONLY | O_CLOEXEC) : STDIN_FILENO;
	if (s.fd < 0)
		return err_errno(err, errno, "script '%s'", path);
	s.name = xstrdup(path);
	vec_push(f, s);
	return 0;
}

/* Until there is something to read, or its end. A signal that raises the flag is let in only while it waits, so that
 * none comes unseen between the look at the flag and the waiting. */
static int await(int fd, const cancel_flag *cancel, struct err *err)
{
	struct pollfd p = {.fd = fd, .events = POLLIN};
	sigset_t all, before;
	bool stopped;
	int ready = -1;

	sigfillset(&all);
	pthread_sigmask(SIG_BLOCK, &all, &before);
	while (!(stopped = cancelled(cancel)) && ready < 0) {
		ready = ppoll(&p, 1, NULL, &before);
		if (ready < 0 && errno != EINTR)
			break;
	}
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	if (stopped)
		return err_set(err, ERR_CANCELLED, "cancelled");
	return ready < 0 ? err_errno(err, errno, "reading") : 0;
}

/* Bytes that were read; 0 at the end of the file. */
static ssize_t read_ahead(struct feed_source *s, const cancel_flag *cancel, struct err *err)
{
	char block[BLOCK];
	ssize_t n;

	buf_clear(&s->ahead);
	s->taken = 0;
	do {
		if (await(s->fd, cancel, err))
			return -1;
		n = read(s->fd, block, sizeof(block));
	} while (n < 0 && (errno == EINTR || errno == EAGAIN));
	if (n < 0)
		return err_errno(err, errno, "reading");
	buf_add(&s->ahead, block, (size_t)n);
	return n;
}

/* Takes what there is of a line. *whole: its end came too. */
static int take_part(struct feed_source *s, bool *whole, struct err *err)
{
	const char *from = s->ahead.at + s->taken, *end;
	size_t n = s->ahead.len - s->taken;

	end = memchr(from, '\n', n);
	*whole = end != NULL;
	if (end)
		n = (size_t)(end - from);
	if (memchr(from, '\0', n))
		return err_set(err, ERR_FORMAT, "the line holds a NUL byte: is this a script?");
	if (n > FEED_MAX_LINE || s->text.len > FEED_MAX_LINE - n)
		return err_set(err, ERR_FORMAT, "the line is longer than %zu bytes", FEED_MAX_LINE);
	buf_add(&s->text, from, n);
	s->taken += n + *whole;
	return 0;
}

/* Appends a line without its end. 1; 0 at the end of the file. */
static int add_line(struct feed_source *s, const cancel_flag *cancel, struct err *err)
{
	bool begun = false, whole = false;

	while (!whole) {
		if (s->taken == s->ahead.len) {
			ssize_t n = read_ahead(s, cancel, err);
			if (n < 0)
				return -1;
			if (n == 0)
				break;
		}
		begun = true;
		if (take_part(s, &whole, err))
			return -1;
	}
	s->lines += begun;
	return begun;
}

/* The next lines of a script, as many as one statement goes through. */
static int read_lines(struct feed_source *s, const cancel_flag *cancel, struct err *err)
{
	struct statement_scan scan = {0};
	int more;

	buf_clear(&s->text);
	s->at = 0;
	s->line = s->lines + 1;
	more = add_line(s, cancel, err);
	while (more > 0 && statement_open_still(&scan, buf_str(&s->text))) {
		buf_addch(&s->text, '\n');
		if (add_line(s, cancel, err) <= 0) {
			s->text.at[--s->text.len] = '\0'; /* nothing follows: the statement says so when it is run */
			return err->code == ERR_NONE ? 1 : -1;
		}
	}
	return more;
}

static size_t newlines(const char *text, size_t n)
{
	size_t found = 0;

	for (size_t i = 0; i < n; i++)
		found += text[i] == '\n';
	return found;
}

static void note_place(struct feed *f, const struct feed_source *s)
{
	free(f->name);
	f->name = s->name ? xstrdup(s->name) : NULL;
	f->line = s->line + newlines(buf_str(&s->text), s->at);
	f->depth = feed_depth(f);
}

static void take_statement(struct feed_source *s, struct buf *out)
{
	const char *from = buf_str(&s->text) + s->at;
	size_t n = statement_end(from);

	buf_clear(out);
	buf_add(out, from, n);
	s->at += n + (from[n] != '\0');
}

int feed_next(struct feed *f, size_t n, struct buf *out, struct err *err)
{
	while (f->n > n) {
		struct feed_source *s = &f->at[f->n - 1];
		int more = s->at < s->text.len;

		err->code = ERR_NONE;
		if (!more && s->name)
			more = read_lines(s, f->cancel, err);
		if (more != 0)
			note_place(f, s);
		if (more > 0) {
			take_statement(s, out);
			return 1;
		}
		feed_drop(f, f->n - 1);
		if (more < 0)
			return -1;
	}
	return 0;
}

size_t feed_depth(const struct feed *f)
{
	size_t depth = 0;

	for (size_t i = 0; i < f->n; i++)
		depth += f->at[i].name != NULL;
	return depth;
}

void feed_drop(struct feed *f, size_t n)
{
	while (f->n > n)
		source_release(&f->at[--f->n]);
}

void feed_release(struct feed *f)
{
	feed_drop(f, 0);
	vec_release(f);
	free(f->name);
	f->name = NULL;
}
