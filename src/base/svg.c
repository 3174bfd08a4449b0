#include "base/svg.h"

#include <string.h>

#include "base/chart.h"
#include "base/utf8.h"

#define TITLE 24.0 /* height of a title, of a line of a note */
#define NOTE 16.0
#define NOTE_CELL 6.2 /* mean width of a character in notes */
#define GAP 14.0      /* between a block's note and the next title */

void svg_number(struct buf *out, double v)
{
	struct buf b = {0};

	chart_number(v, 1, &b);
	if (b.len > 2 && !strcmp(b.at + b.len - 2, ".0"))
		b.len -= 2;
	buf_add(out, b.at, b.len);
	buf_release(&b);
}

void svg_attribute(struct buf *out, const char *name, double v)
{
	buf_addf(out, " %s=\"", name);
	svg_number(out, v);
	buf_addch(out, '"');
}

void svg_view(struct buf *out, double width, double height)
{
	buf_addstr(out, " viewBox=\"0 0 ");
	svg_number(out, width);
	buf_addch(out, ' ');
	svg_number(out, height);
	buf_addch(out, '"');
}

static void add_text(struct buf *out, const char *text, size_t len)
{
	struct buf safe = {0};

	utf8_show(&safe, text, len, false);
	buf_addmarkup(out, buf_str(&safe));
	buf_release(&safe);
}

void svg_text(struct buf *out, const char *text)
{
	add_text(out, text, strlen(text));
}

static void line(struct buf *out, double y, const char *font, const char *words, size_t len)
{
	buf_addstr(out, "<text");
	svg_attribute(out, "x", SVG_MARGIN);
	svg_attribute(out, "y", y);
	buf_addf(out, " %s>", font);
	add_text(out, words, len);
	buf_addstr(out, "</text>\n");
}

/* Bytes of the next line: whole words, one at least. */
static size_t line_bytes(const char *s, size_t cells)
{
	size_t end = strcspn(s, " ");

	for (size_t next = end; s[end]; end = next) {
		next = end + 1 + strcspn(s + end + 1, " ");
		if (utf8_width(s, next) > cells)
			break;
	}
	return end;
}

/* The lines of a note from y on, or only their number. */
static size_t note(const char *s, double width, double y, struct buf *out)
{
	size_t lines = 0;

	while (s && *s) {
		size_t n = line_bytes(s, (size_t)((width - 2 * SVG_MARGIN) / NOTE_CELL));

		if (out)
			line(out, y + NOTE * (double)lines + 11, "font-size=\"11.5\" fill=\"#5a646c\"", s, n);
		lines++;
		s += n + strspn(s + n, " ");
	}
	return lines;
}

static double block_height(const struct svg_block *b, double width)
{
	return TITLE + b->height + 6 + NOTE * (double)note(b->note, width, 0, NULL) + GAP;
}

void svg_page(const struct svg_block *blocks, size_t n, double width, struct buf *out)
{
	double all = 2 * SVG_MARGIN - GAP, y = SVG_MARGIN;

	for (size_t i = 0; i < n; i++)
		all += block_height(&blocks[i], width);
	buf_addstr(out, "<svg xmlns=\"http://www.w3.org/2000/svg\"");
	svg_attribute(out, "width", width);
	svg_attribute(out, "height", all);
	svg_view(out, width, all);
	buf_addstr(out, " font-family=\"system-ui, sans-serif\" fill=\"#23292e\" color=\"#23292e\">\n"
			"<rect width=\"100%\" height=\"100%\" fill=\"#ffffff\"/>\n");
	for (size_t i = 0; i < n; i++) {
		const struct svg_block *b = &blocks[i];

		line(out, y + 14, "font-size=\"15\" font-weight=\"bold\"", b->title, strlen(b->title));
		buf_addstr(out, "<svg");
		svg_attribute(out, "x", SVG_MARGIN);
		svg_attribute(out, "y", y + TITLE);
		svg_attribute(out, "width", width - 2 * SVG_MARGIN);
		svg_attribute(out, "height", b->height);
		/* Faces differ in width: a label that is wider than was reckoned goes into the margin. */
		buf_addstr(out, " overflow=\"visible\">\n");
		b->draw(b->what, width - 2 * SVG_MARGIN, b->height, out);
		buf_addstr(out, "</svg>\n");
		note(b->note, width, y + TITLE + b->height + 6, out);
		y += block_height(b, width);
	}
	buf_addstr(out, "</svg>\n");
}
