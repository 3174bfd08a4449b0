/*
 * Text that is no wider than the terminal: lines that nothing else has made to fit are broken at blanks. What goes on
 * in the next line is indented, so that tables and lists still show where their rows begin.
 */
#include <string.h>

#include "base/utf8.h"
#include "session/out.h"

#define HANGING 2 /* cells that what goes on with stands to the right of a line without columns */

/* A part of a line that is not to be broken: bytes, and the cells that they take. */
struct piece {
	size_t bytes, cells;
};

static size_t blanks(const char *s, size_t len)
{
	size_t n = 0;

	while (n < len && s[n] == ' ')
		n++;
	return n;
}

/* Up to the next blank; a number stays with the % sign after it. */
static struct piece next_piece(const char *s, size_t len)
{
	struct piece p = {.bytes = 0};

	while (p.bytes < len && s[p.bytes] != ' ')
		p.bytes++;
	if (p.bytes + 1 < len && s[p.bytes + 1] == '%' && (p.bytes + 2 == len || !strchr("0123456789", s[p.bytes + 2])))
		p.bytes += 2;
	p.cells = utf8_width_coloured(s, p.bytes);
	return p;
}

/* Where what goes on in the next line begins: below the last column that begins in the left three fifths of the line;
 * below the line's own beginning where it is indented and has no columns. */
static size_t hanging_of(const char *line, size_t len, size_t start, size_t limit)
{
	size_t hanging = start > 0 ? start : HANGING;

	for (size_t i = start; i < len;) {
		size_t gap;

		while (i < len && line[i] != ' ')
			i++;
		gap = blanks(line + i, len - i);
		i += gap;
		if (gap > 1 && i < len && utf8_width_coloured(line, i) <= limit * 3 / 5)
			hanging = utf8_width_coloured(line, i);
	}
	return hanging <= limit * 3 / 5 ? hanging : 0;
}

/* Blanks at its end are left out. */
static void add_broken(struct buf *b, const char *line, size_t len, size_t limit)
{
	size_t start = blanks(line, len), hanging = hanging_of(line, len, start, limit), at = 0;
	bool begun = false; /* something but blanks stands in this line of the output */

	for (size_t i = 0; i < len;) {
		size_t gap = blanks(line + i, len - i);
		struct piece p;

		i += gap;
		p = next_piece(line + i, len - i);
		if (p.bytes == 0)
			break;
		if (begun && at + gap + p.cells > limit) {
			buf_addch(b, '\n');
			at = 0;
			gap = hanging;
		}
		if (at == 0 && gap + p.cells > limit)
			gap = p.cells < limit ? limit - p.cells : 0;
		buf_addrep(b, ' ', gap);
		buf_add(b, line + i, p.bytes);
		at += gap + p.cells;
		begun = true;
		i += p.bytes;
	}
}

void out_fit(struct out *o, size_t from)
{
	size_t limit = out_line_width(o), end = o->buf.len;
	struct buf fitted = {0};

	if (o->columns == 0)
		return;
	for (size_t at = from, len; at < end; at += len + 1) {
		const char *line = buf_str(&o->buf) + at, *stop = memchr(line, '\n', end - at);

		len = stop ? (size_t)(stop - line) : end - at;
		if (utf8_width_coloured(line, len) <= limit)
			buf_add(&fitted, line, len);
		else
			add_broken(&fitted, line, len, limit);
		if (stop)
			buf_addch(&fitted, '\n');
	}
	o->buf.len = from;
	buf_add(&o->buf, buf_str(&fitted), fitted.len);
	buf_release(&fitted);
}
