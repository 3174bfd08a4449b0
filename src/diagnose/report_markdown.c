/*
 * A report as GitHub-flavoured Markdown. Charts are tables with a bar in every row.
 */
#include <ctype.h>
#include <math.h>
#include <string.h>

#include "report_priv.h"

#define BAR_CELLS 24

/*
 * Every character that can begin a construct within a line is escaped, so that a "|" stays in its cell, and those that
 * make an address a link: "://", "www." and "@". What matters only at the start of a line cannot be there: texts follow
 * words or marks of ours.
 */
static bool is_special(const char *from, const char *s)
{
	if (*s == ':')
		return s[1] == '/';
	if (*s == '.')
		return s - from >= 3 && !strncasecmp(s - 3, "www", 3);
	if (*s == '@')
		return isalpha((unsigned char)s[1]);
	return strchr("\\`*_[]|~#!$", *s) != NULL;
}

static void escaped_within(struct buf *out, const char *text, size_t most)
{
	struct buf safe = {0};

	report_shown(text, most, &safe);
	for (const char *s = buf_str(&safe); *s; s++) {
		switch (*s) {
		case '&':
			buf_addstr(out, "&amp;");
			break;
		case '<':
			buf_addstr(out, "&lt;");
			break;
		case '>':
			buf_addstr(out, "&gt;");
			break;
		default:
			if (is_special(buf_str(&safe), s))
				buf_addch(out, '\\');
			buf_addch(out, *s);
		}
	}
	buf_release(&safe);
}

static void escaped(struct buf *out, const char *text)
{
	escaped_within(out, text, SHOWN_MOST);
}

static void begin(struct page *p, const char *title)
{
	buf_addstr(p->out, "# ");
	escaped(p->out, title);
	buf_addstr(p->out, "\n\n");
}

static void end(struct page *p, const char *colophon)
{
	buf_addstr(p->out, "---\n\n");
	escaped(p->out, colophon);
	buf_addch(p->out, '\n');
}

static void heading(struct page *p, const char *text)
{
	buf_addstr(p->out, "## ");
	escaped(p->out, text);
	buf_addstr(p->out, "\n\n");
}

static void subheading(struct page *p, const char *text)
{
	buf_addstr(p->out, "### ");
	escaped(p->out, text);
	buf_addstr(p->out, "\n\n");
}

static void text(struct page *p, enum page_voice voice, const char *words)
{
	const char *mark = voice == VOICE_LEAD ? "**" : "";

	buf_addstr(p->out, mark);
	escaped_within(p->out, words, PROSE_MOST);
	buf_addf(p->out, "%s\n\n", mark);
}

static void phrases(struct page *p, enum page_voice voice, const struct phrase *at, size_t n)
{
	(void)voice;
	for (size_t i = 0; i < n; i++)
		escaped_within(p->out, at[i].text, PROSE_MOST);
	buf_addstr(p->out, "\n\n");
}

static void cell(struct page *p, const char *words)
{
	buf_addstr(p->out, " ");
	escaped(p->out, words);
	buf_addstr(p->out, " |");
}

static void figures(struct page *p, const struct key_figure *f, size_t n)
{
	buf_addstr(p->out, "| figure | value | interval; cases |\n|---|--:|---|\n");
	for (size_t i = 0; i < n; i++) {
		buf_addch(p->out, '|');
		cell(p, f[i].name);
		cell(p, f[i].value);
		cell(p, f[i].below);
		buf_addch(p->out, '\n');
	}
	buf_addch(p->out, '\n');
}

/* A value between the ends of the chart's range as cells of eighths. */
static void bar(struct buf *out, double v, double low, double high)
{
	long eighths = lround(8 * BAR_CELLS * fmin(fmax((v - low) / (high - low), 0), 1));

	for (; eighths >= 8; eighths -= 8)
		buf_addstr(out, "\xe2\x96\x88");
	if (eighths > 0) /* U+258F, an eighth, to U+2589, seven */
		buf_addf(out, "\xe2\x96%c", (char)(0x90 - eighths));
}

static void chart_row(struct page *p, const struct chart *c, size_t series, size_t i, double low, double high)
{
	double v = c->series[series].y[i];
	struct buf b = {0};

	buf_addch(p->out, '|');
	if (c->kind == CHART_LINES)
		chart_tick_label(c->series[series].x[i], 0, false, &b);
	cell(p, c->kind == CHART_LINES ? buf_str(&b) : c->categories[i]);
	if (c->n_series > 1)
		cell(p, c->series[series].name);
	buf_clear(&b);
	chart_tick_label(v, c->percent ? 3 : 0, c->percent, &b);
	cell(p, buf_str(&b));
	buf_addch(p->out, ' ');
	if (isfinite(v))
		bar(p->out, v, low, high);
	buf_addstr(p->out, " |\n");
	buf_release(&b);
}

static void chart(struct page *p, const struct chart *c)
{
	double x0, x1, low, high;
	size_t longest = 0;

	subheading(p, c->title);
	if (c->note)
		text(p, VOICE_NOTE, c->note);
	chart_range(c, &x0, &x1, &low, &high);
	buf_addch(p->out, '|');
	cell(p, c->x_title ? c->x_title : "");
	if (c->n_series > 1)
		cell(p, "");
	cell(p, c->y_title);
	buf_addf(p->out, " |\n|--:|%s--:|:--|\n", c->n_series > 1 ? "---|" : "");
	for (size_t s = 0; s < c->n_series; s++)
		longest = c->series[s].n > longest ? c->series[s].n : longest;
	for (size_t i = 0; i < longest; i++)
		for (size_t s = 0; s < c->n_series; s++)
			if (i < c->series[s].n)
				chart_row(p, c, s, i, low, high);
	buf_addch(p->out, '\n');
}

/* Boxes have no bars: their numbers are in the table of steps. */
static void charts(struct page *p, const struct chart *c, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (c[i].kind != CHART_BOXES)
			chart(p, &c[i]);
}

static void no_picture(struct page *p, const char *caption, const char *svg, const char *note)
{
	(void)p;
	(void)caption;
	(void)svg;
	(void)note;
}

static void table(struct page *p, const struct grid *g)
{
	if (g->caption) {
		buf_addstr(p->out, "**");
		escaped(p->out, g->caption);
		buf_addstr(p->out, "**\n\n");
	}
	buf_addch(p->out, '|');
	for (size_t i = 0; i < g->n_columns; i++)
		cell(p, g->heads[i]);
	buf_addstr(p->out, "\n|");
	for (size_t i = 0; i < g->n_columns; i++)
		buf_addstr(p->out, g->words[i] ? "---|" : "--:|");
	for (size_t i = 0; i < g->cells.n; i++) {
		bool strong = i / g->n_columns == g->strong && *g->cells.at[i];

		if (i % g->n_columns == 0)
			buf_addstr(p->out, "\n|");
		buf_addstr(p->out, strong ? " **" : " ");
		escaped(p->out, g->cells.at[i]);
		buf_addstr(p->out, strong ? "** |" : " |");
	}
	buf_addstr(p->out, "\n\n");
}

/* Indented, since a fence could be closed by what is in it. */
static void code(struct page *p, const char *lines)
{
	while (*lines) {
		size_t n = strcspn(lines, "\n");
		char *line = xstrndup(lines, n);

		buf_addstr(p->out, "    ");
		report_shown(line, PROSE_MOST, p->out);
		buf_addch(p->out, '\n');
		lines += n + (lines[n] == '\n');
		free(line);
	}
	buf_addch(p->out, '\n');
}

static void terms(struct page *p, const struct term *t, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		buf_addstr(p->out, "- **");
		escaped(p->out, t[i].name);
		buf_addstr(p->out, "**: ");
		escaped(p->out, t[i].meaning);
		buf_addch(p->out, '\n');
	}
	buf_addch(p->out, '\n');
}

static void nothing(struct page *p)
{
	(void)p;
}

const struct page_ops page_markdown = {
	.begin = begin,
	.end = end,
	.heading = heading,
	.subheading = subheading,
	.text = text,
	.phrases = phrases,
	.figures = figures,
	.charts = charts,
	.picture = no_picture,
	.table = table,
	.code = code,
	.terms = terms,
	.case_begin = subheading,
	.case_end = nothing,
	.group_begin = nothing,
	.group_end = nothing,
};
