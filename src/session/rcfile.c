#include "session/rcfile.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/mem.h"
#include "store/file.h"

#define RCFILE_LIMIT (1u << 20) /* bytes of a file that people write */

char *rcfile_path(void)
{
	const char *base = getenv("XDG_CONFIG_HOME"), *home = getenv("HOME");

	if (base && *base)
		return xasprintf("%s/beamscope/config", base);
	return home && *home ? xasprintf("%s/.config/beamscope/config", home) : NULL;
}

/* A line's name and value, blanks around them taken away. */
struct setting {
	const char *name, *value;
	size_t name_len, value_len;
};

static const char *trim(const char *s, const char *end, size_t *len)
{
	while (s < end && strchr(" \t\r", *s))
		s++;
	while (end > s && strchr(" \t\r", end[-1]))
		end--;
	*len = (size_t)(end - s);
	return s;
}

/* False for a line that sets nothing. Without "=" its value is NULL. */
static bool read_setting(struct setting *s, const char *line, size_t len)
{
	const char *end = line + len, *equals = memchr(line, '=', len);

	s->name = trim(line, equals ? equals : end, &s->name_len);
	if (line + strspn(line, " \t\r") >= end || *s->name == '#')
		return false;
	s->value = equals ? trim(equals + 1, end, &s->value_len) : NULL;
	return true;
}

static int read_line(struct options *o, const char *line, size_t len, struct err *err)
{
	const struct option_entry *e;
	struct setting s;
	int failed = -1;

	if (strnlen(line, len) < len)
		return err_set(err, ERR_FORMAT, "the line holds a NUL byte");
	if (!read_setting(&s, line, len))
		return 0;
	if (!s.value)
		return err_set(err, ERR_FORMAT, "'%.*s' is not of the form name = value", (int)s.name_len, s.name);
	char *name = xstrndup(s.name, s.name_len), *value = xstrndup(s.value, s.value_len);
	e = option_find(name, err);
	if (e && !option_set(o, e, value, err)) {
		o->given[e - option_table] = false;
		failed = 0;
	}
	free(name);
	free(value);
	return failed;
}

static const char *line_end(const char *line, const char *end)
{
	const char *newline = memchr(line, '\n', (size_t)(end - line));

	return newline ? newline : end;
}

int rcfile_read(struct options *o, const char *path, struct err *err)
{
	struct buf text = {0};
	size_t number = 0;
	int failed = 0;

	if (access(path, F_OK) != 0 && (errno == ENOENT || errno == ENOTDIR))
		return 0;
	if (file_read(&text, path, RCFILE_LIMIT, err))
		return -1;
	const char *end = buf_str(&text) + text.len;
	for (const char *line = buf_str(&text), *next; line < end && !failed; line = next + 1) {
		next = line_end(line, end);
		number++;
		failed = read_line(o, line, (size_t)(next - line), err);
	}
	if (failed) {
		err->code = ERR_FORMAT;
		err_prefix(err, "%s:%zu", path, number);
	}
	buf_release(&text);
	return failed;
}

bool rcfile_saves(const struct options *o, const struct option_entry *e)
{
	return !(e->flags & OPTION_FRONT) && o->given[e - option_table] && strcmp(e->name, "output") != 0;
}

int rcfile_value(const struct options *o, const struct option_entry *e, struct buf *out, struct err *err)
{
	struct buf value = {0};
	int failed = 0;

	option_get(o, e, &value);
	const char *text = buf_str(&value);
	/* A template's name without a slash is one of the data directory's. */
	bool is_place = e->type == OPT_PATH && (strcmp(e->name, "template") != 0 || strchr(text, '/'));
	char *whole = is_place && value.len > 0 ? realpath(text, NULL) : NULL;
	if (whole)
		text = whole;
	size_t len, all = strlen(text);
	trim(text, text + all, &len);
	if (len < all || strchr(text, '\n'))
		failed = err_set(err, ERR_VALUE, "option '%s': a line of the file cannot hold the value '%s'", e->name,
			text);
	else
		buf_addstr(out, text);
	free(whole);
	buf_release(&value);
	return failed;
}

static bool is_default(const struct option_entry *e, const char *value)
{
	return strcmp(value, e->dflt ? e->dflt : "") == 0;
}

static int add_line(const struct options *o, const struct option_entry *e, struct buf *out, struct err *err)
{
	buf_addf(out, "%s = ", e->name);
	if (rcfile_value(o, e, out, err))
		return -1;
	buf_addch(out, '\n');
	return 0;
}

/* The option that a line of the file sets and that is to be saved, or NULL. */
static const struct option_entry *saved_in(const struct options *o, const char *line, size_t len)
{
	struct setting s;

	if (!read_setting(&s, line, len))
		return NULL;
	for (const struct option_entry *e = option_table; e->name; e++)
		if (rcfile_saves(o, e) && strlen(e->name) == s.name_len && !memcmp(e->name, s.name, s.name_len))
			return e;
	return NULL;
}

/* The file's text with the options in it. */
static int update(const struct options *o, const struct buf *text, struct buf *out, struct err *err)
{
	const char *end = buf_str(text) + text->len;
	bool there[OPTION_MAX] = {false};

	for (const char *line = buf_str(text), *next; line < end; line = next + 1) {
		next = line_end(line, end);
		const struct option_entry *e = saved_in(o, line, (size_t)(next - line));
		if (!e) {
			buf_add(out, line, (size_t)(next - line));
			buf_addch(out, '\n');
			continue;
		}
		there[e - option_table] = true;
		if (add_line(o, e, out, err))
			return -1;
	}
	for (const struct option_entry *e = option_table; e->name; e++) {
		struct buf value = {0};
		if (!rcfile_saves(o, e) || there[e - option_table])
			continue;
		option_get(o, e, &value);
		int failed = is_default(e, buf_str(&value)) ? 0 : add_line(o, e, out, err);
		buf_release(&value);
		if (failed)
			return -1;
	}
	return 0;
}

int rcfile_save(const struct options *o, const char *path, struct err *err)
{
	struct buf before = {0}, after = {0};
	int failed = 0;

	if (file_exists(path))
		failed = file_read(&before, path, RCFILE_LIMIT, err);
	if (!failed)
		failed = update(o, &before, &after, err);
	if (!failed && strcmp(buf_str(&before), buf_str(&after)) != 0)
		failed = file_make_folders(path, err) || file_write(path, buf_str(&after), after.len, err);
	buf_release(&before);
	buf_release(&after);
	return failed ? -1 : 0;
}
