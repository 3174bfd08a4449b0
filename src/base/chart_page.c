/*
 * Charts as a file of their own.
 */
#include <string.h>

#include "base/chart.h"
#include "base/utf8.h"

#define MARGIN 16.0
#define TITLE 24.0 /* height of a title, of a line of a note */
#define NOTE 16.0
#define NOTE_CELL 6.2 /* mean width of a character in notes */
#define GAP 14.0      /* between a chart's note and the next title */

static void add_attribute(struct buf *out, const char *name, double v)
{
	buf_addf(out, " %s=\"", name);
	chart_number(v, 1, out);
	buf_addch(out, '"');
}

static void begin_text(struct buf *out, double y, const char *font)
{
	buf_addstr(out, "<text");
	add_attribute(out, "x", MARGIN);
	add_attribute(out, "y", y);
	buf_addf(out, " %s>", font);
}

static void end_text(struct buf *out, const char *words, size_t len)
{
	struct buf safe = {0};

	utf8_show(&safe, words, len, false);
	buf_addmarkup(out, buf_str(&safe));
	buf_addstr(out, "</text>\n");
	buf_release(&safe);
}

/* Bytes of the note's next line: whole words, one at least. */
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
static size_t note(const char *s, double width, double y, bool draw, struct buf *out)
{
	size_t lines = 0;

	while (s && *s) {
		size_t n = line_bytes(s, (size_t)((width - 2 * MARGIN) / NOTE_CELL));

		if (draw) {
			begin_text(out, y + NOTE * (double)lines + 11, "font-size=\"11.5\" fill=\"#5a646c\"");
			end_text(out, s, n);
		}
		lines++;
		s += n + strspn(s + n, " ");
	}
	return lines;
}

static double block_height(const struct chart *c, double width, double height)
{
	return TITLE + height + 6 + NOTE * (double)note(c->note, width, 0, false, NULL) + GAP;
}

void chart_page(const struct chart *charts, size_t n, double width, double height, struct buf *out)
{
	double all = 2 * MARGIN - GAP, y = MARGIN;

	for (size_t i = 0; i < n; i++)
		all += block_height(&charts[i], width, height);
	buf_addstr(out, "<svg xmlns=\"http://www.w3.org/2000/svg\"");
	add_attribute(out, "width", width);
	add_attribute(out, "height", all);
	buf_addstr(out, " font-family=\"system-ui, sans-serif\" fill=\"#23292e\" color=\"#23292e\">\n"
			"<rect width=\"100%\" height=\"100%\" fill=\"#ffffff\"/>\n");
	for (size_t i = 0; i < n; i++) {
		begin_text(out, y + 14, "font-size=\"15\" font-weight=\"bold\"");
		end_text(out, charts[i].title, strlen(charts[i].title));
		buf_addstr(out, "<svg");
		add_attribute(out, "x", MARGIN);
		add_attribute(out, "y", y + TITLE);
		add_attribute(out, "width", width - 2 * MARGIN);
		add_attribute(out, "height", height);
		buf_addstr(out, ">\n");
		chart_svg(&charts[i], width - 2 * MARGIN, height, NULL, out);
		buf_addstr(out, "</svg>\n");
		note(charts[i].note, width, y + TITLE + height + 6, true, out);
		y += block_height(&charts[i], width, height);
	}
	buf_addstr(out, "</svg>\n");
}
