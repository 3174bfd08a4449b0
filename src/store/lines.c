#include "store/lines.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

int lines_init(struct lines *l, const char *path, struct err *err)
{
	*l = (struct lines){.path = xstrdup(path), .next = 1};
	if (file_map_init(&l->map, path, err))
		return -1;
	if (l->map.len >= 3 && memcmp(l->map.at, "\xef\xbb\xbf", 3) == 0)
		l->pos = 3;
	return 0;
}

void lines_release(struct lines *l)
{
	file_map_release(&l->map);
	free(l->path);
	*l = (struct lines){0};
}

/* Takes one line, empty or not. It looks no further than its end: a file of CRs has no LF to be found. */
static int take_line(struct lines *l, struct err *err)
{
	const unsigned char *at = l->map.at + l->pos;
	size_t left = l->map.len - l->pos, len = 0;

	l->line = l->next++;
	while (len < left && at[len] != '\n' && at[len] != '\r') {
		if (at[len] == '\0')
			return lines_refuse(l, err, "holds a NUL byte; this is not a text file");
		if (++len > LINES_MAX)
			return lines_refuse(l, err, "has more than %zu bytes", LINES_MAX);
	}
	l->at = (const char *)at;
	l->len = len;
	if (len < left && at[len++] == '\r' && len < left && at[len] == '\n')
		len++;
	l->pos += len;
	file_map_pass(&l->map, (size_t)(at - l->map.at));
	return 0;
}

int lines_next(struct lines *l, struct err *err)
{
	while (l->pos < l->map.len) {
		if (take_line(l, err))
			return -1;
		if (l->len > 0)
			return 1;
	}
	return 0;
}

size_t lines_split(const struct lines *l, const char *separator, struct lines_field *fields, size_t most)
{
	const char *at = l->at, *end = l->at + l->len, *found = NULL;
	size_t n = 0, width = strlen(separator);

	for (; n + 1 < most; at = found + width) {
		found = memmem(at, (size_t)(end - at), separator, width);
		if (!found)
			break;
		fields[n++] = (struct lines_field){at, (size_t)(found - at)};
	}
	fields[n++] = (struct lines_field){at, (size_t)(end - at)};
	return n;
}

int lines_refuse(const struct lines *l, struct err *err, const char *fmt, ...)
{
	va_list args;
	char what[512];

	va_start(args, fmt);
	vsnprintf(what, sizeof(what), fmt, args);
	va_end(args);
	return err_set(err, ERR_FORMAT, "%s:%zu: %s", l->path, l->line, what);
}
