#include "session/feed.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/vec.h"
#include "session/statement.h"

static void source_release(struct feed_source *s)
{
	if (s->file && s->file != stdin)
		fclose(s->file);
	free(s->name);
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
	s.file = strcmp(path, "-") != 0 ? fopen(path, "re") : stdin;
	if (!s.file)
		return err_errno(err, errno, "script '%s'", path);
	s.name = xstrdup(path);
	vec_push(f, s);
	return 0;
}

/* Appends a line without its end. 1; 0 at the end of the file. */
static int add_line(struct feed_source *s, struct err *err)
{
	size_t before = s->text.len;
	int c;

	while ((c = getc(s->file)) != EOF && c != '\n') {
		if (c == '\0')
			return err_set(err, ERR_FORMAT, "the line holds a NUL byte: is this a script?");
		if (s->text.len >= FEED_MAX_LINE)
			return err_set(err, ERR_FORMAT, "the line is longer than %zu bytes", FEED_MAX_LINE);
		buf_addch(&s->text, (char)c);
	}
	if (ferror(s->file))
		return err_errno(err, errno, "reading");
	if (c == EOF && s->text.len == before)
		return 0;
	s->lines++;
	return 1;
}

/* The next lines of a script, as many as one statement goes through. */
static int read_lines(struct feed_source *s, struct err *err)
{
	int more;

	buf_clear(&s->text);
	s->at = 0;
	s->line = s->lines + 1;
	more = add_line(s, err);
	while (more > 0 && statement_open(buf_str(&s->text))) {
		buf_addch(&s->text, '\n');
		if (add_line(s, err) <= 0) {
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
		if (!more && s->file)
			more = read_lines(s, err);
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
		depth += f->at[i].file != NULL;
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
