#include "session/picture.h"

#include <math.h>
#include <string.h>

#include "base/chart.h"
#include "base/svg.h"
#include "base/utf8.h"

#define CELL 6.3 /* about the mean width of a character, in a wide face */
#define STRONG_CELL 7.3
#define LEGEND_CELL 6.3

/* The colour of the positive item is that of the first series of charts, where its margins are drawn. */
#define POSITIVE "var(--series-1,#1f5f9e)"

static const struct {
	const char *path; /* around 0,0 */
	const char *look;
	const char *means; /* in the legend */
} marks[PICTURE_MARKS] = {
	[PICTURE_MARK_KEPT] = {"M-3.2 0a3.2 3.2 0 1 0 6.4 0a3.2 3.2 0 1 0-6.4 0z", "fill=\"currentColor\"", "kept"},
	[PICTURE_MARK_FINISHED] = {"M-3 -3h6v6h-6z", "fill=\"currentColor\"", "kept, item complete"},
	[PICTURE_MARK_ENDED] = {"M-3.2 0a3.2 3.2 0 1 0 6.4 0a3.2 3.2 0 1 0-6.4 0z",
		"fill=\"none\" stroke=\"currentColor\" stroke-width=\"1.2\"", "kept, nothing left of it"},
	[PICTURE_MARK_FORCED] = {"M0 -4.2L4.2 0L0 4.2L-4.2 0z", "fill=\"currentColor\"", "forced"},
	[PICTURE_MARK_PRUNED] = {"M-3 -3L3 3M-3 3L3 -3", "fill=\"none\" stroke=\"currentColor\" stroke-width=\"1.3\"",
		"pruned"},
	[PICTURE_MARK_FORBIDDEN] = {"M-3.4 0a3.4 3.4 0 1 0 6.8 0a3.4 3.4 0 1 0-6.8 0zM-2.4 2.4L2.4 -2.4",
		"fill=\"none\" stroke=\"currentColor\" stroke-width=\"1.2\"", "forbidden"},
	[PICTURE_MARK_FOLLOWED] = {"M-3.2 0a3.2 3.2 0 1 0 6.4 0a3.2 3.2 0 1 0-6.4 0z",
		"fill=\"none\" stroke=\"currentColor\" stroke-width=\"1.2\" stroke-dasharray=\"1.6 1.6\"",
		"had it stayed"},
	[PICTURE_MARK_POSITIVE] = {"M0 -5L1.5 -1.6L5 -1.5L2.2 .8L3.1 4.4L0 2.3L-3.1 4.4L-2.2 .8L-5 -1.5L-1.5 -1.6z",
		"style=\"fill:" POSITIVE "\"", "positive item"},
};

static const char *const lines[] = {
	[PICTURE_KEPT] = "stroke=\"currentColor\" stroke-opacity=\".38\"",
	[PICTURE_PRUNED] = "stroke=\"currentColor\" stroke-opacity=\".38\" stroke-dasharray=\"2 3\"",
	[PICTURE_POSITIVE] = "style=\"stroke:" POSITIVE "\" stroke-width=\"2.4\"",
	[PICTURE_WOULD_BE] = "style=\"stroke:" POSITIVE "\" stroke-width=\"1.6\" stroke-dasharray=\"5 3\"",
	[PICTURE_BRANCH] = "stroke=\"currentColor\" stroke-opacity=\".8\" stroke-width=\"1.3\"",
	[PICTURE_ENDED] = "stroke=\"currentColor\" stroke-opacity=\".6\" stroke-dasharray=\"8 2 2 2\"",
	[PICTURE_CUT] = "stroke=\"currentColor\" stroke-dasharray=\"7 4\"",
};

static const char *const voices[] = {
	[PICTURE_PLAIN] = "",
	[PICTURE_SOFT] = " fill-opacity=\".66\"",
	[PICTURE_STRONG] = " font-weight=\"600\"",
	[PICTURE_SMALL] = " font-size=\"11\" fill-opacity=\".72\"",
	[PICTURE_NUMBER] = " text-anchor=\"end\" fill-opacity=\".72\"",
};

void picture_begin(double width, double height, const char *title, const char *told, struct buf *out)
{
	buf_addstr(out, "<svg role=\"img\"");
	svg_attribute(out, "width", width);
	svg_attribute(out, "height", height);
	svg_view(out, width, height);
	buf_addstr(out, " font-size=\"12\" fill=\"currentColor\" style=\"font-variant-numeric:tabular-nums\">\n"
			"<title>");
	svg_text(out, title);
	buf_addstr(out, "</title>\n<desc>");
	svg_text(out, told);
	buf_addstr(out, "</desc>\n");
}

static void add_point(double x, double y, struct buf *out)
{
	svg_number(out, x);
	buf_addch(out, ' ');
	svg_number(out, y);
}

void picture_mark(enum picture_mark mark, double x, double y, struct buf *out)
{
	buf_addf(out, "<path d=\"%s\" %s transform=\"translate(", marks[mark].path, marks[mark].look);
	add_point(x, y, out);
	buf_addstr(out, ")\"/>");
}

void picture_line(enum picture_line line, double x0, double y0, double x1, double y1, struct buf *out)
{
	double middle = (x0 + x1) / 2;

	buf_addstr(out, "<path d=\"M");
	add_point(x0, y0, out);
	if (y0 == y1) {
		buf_addch(out, 'L');
	} else {
		buf_addch(out, 'C');
		add_point(middle, y0, out);
		buf_addch(out, ' ');
		add_point(middle, y1, out);
		buf_addch(out, ' ');
	}
	add_point(x1, y1, out);
	buf_addf(out, "\" fill=\"none\" %s/>\n", lines[line]);
}

void picture_text(double x, double y, enum picture_voice voice, struct buf *out)
{
	buf_addstr(out, "<text");
	svg_attribute(out, "x", x);
	svg_attribute(out, "y", y);
	buf_addf(out, "%s>", voices[voice]);
}

static double cell(enum picture_voice voice)
{
	return voice == PICTURE_STRONG ? STRONG_CELL : CELL;
}

double picture_text_width(const char *text, enum picture_voice voice)
{
	return cell(voice) * (double)utf8_width(text, strlen(text));
}

void picture_fit(const char *text, double width, enum picture_voice voice, struct buf *out)
{
	struct buf cut = {0};
	double cells = width / cell(voice);

	utf8_fit(&cut, text, strlen(text), cells > 1 ? (size_t)cells : 1, false, false);
	svg_text(out, buf_str(&cut));
	buf_release(&cut);
}

void picture_token(const char *text, double width, enum picture_voice voice, struct buf *out)
{
	struct buf shown = {0};
	size_t len = strlen(text), first = strspn(text, " "), last = len;

	while (last > first && text[last - 1] == ' ')
		last--;
	for (size_t i = 0; i < len; i++)
		if (text[i] == ' ' && (i < first || i >= last))
			buf_addstr(&shown, "\xe2\x90\xa3");
		else
			buf_addch(&shown, text[i]);
	picture_fit(buf_str(&shown), width, voice, out);
	buf_release(&shown);
}

void picture_number(double v, struct buf *out)
{
	struct buf b = {0};

	chart_number(v, 2, &b);
	buf_addstr(out, *buf_str(&b) == '-' && b.len > 1 ? "\xe2\x88\x92" : "");
	buf_addstr(out, buf_str(&b) + (*buf_str(&b) == '-' && b.len > 1));
	buf_release(&b);
}

void picture_right(double x, double y, double v, struct buf *out)
{
	buf_addstr(out, "<text text-anchor=\"end\" font-size=\"11\" fill-opacity=\".72\"");
	svg_attribute(out, "x", x);
	svg_attribute(out, "y", y);
	buf_addch(out, '>');
	picture_number(v, out);
	buf_addstr(out, "</text>");
}

void picture_legend(const bool shown[PICTURE_MARKS], bool cut, double y, struct buf *out)
{
	double x = 9;

	for (int i = 0; i < PICTURE_MARKS; i++) {
		if (!shown[i])
			continue;
		picture_mark((enum picture_mark)i, x, y, out);
		picture_text(x + 9, y + 4, PICTURE_SMALL, out);
		buf_addf(out, "%s</text>\n", marks[i].means);
		x += 26 + LEGEND_CELL * (double)strlen(marks[i].means);
	}
	if (!cut)
		return;
	picture_line(PICTURE_CUT, x - 6, y, x + 18, y, out);
	picture_text(x + 24, y + 4, PICTURE_SMALL, out);
	buf_addstr(out, "cut-off; figures are log P</text>\n");
}
