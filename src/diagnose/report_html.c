/*
 * A report as one HTML page: nothing is loaded, nothing runs, and the policy in its head forbids both.
 */
#include <string.h>

#include "report_priv.h"

#define CHART_WIDTH 400
#define CHART_HEIGHT 252
#define CHARTS_A_ROW 3 /* on a wide screen */

/* clang-format off */
static const char *const style[] = {
	":root{color-scheme:light dark;--ink:#1d2125;--soft:#5a636b;--rule:#cfd4d8;--paper:#fdfdfb;"
	"--series-1:#1f5f9e;--series-2:#d2700f;--series-3:#23292e;--series-4:#7db4de;"
	"--series-5:#7d3c00;--series-6:#98a2aa;--series-7:#12304f;--series-8:#e5bb80}",
	"@media(prefers-color-scheme:dark){:root{--ink:#e4e6e8;--soft:#a0a8af;--rule:#3b4248;--paper:#15181b;"
	"--series-1:#6fb1ee;--series-2:#f0a050;--series-3:#eef0f2;--series-4:#3a7bb3;"
	"--series-5:#b5651d;--series-6:#87919a;--series-7:#b8daf6;--series-8:#7d5a2c}}",
	"*{box-sizing:border-box}",
	"html{background:var(--paper);color:var(--ink);-webkit-text-size-adjust:100%}",
	"body{margin:0 auto;max-width:80rem;padding:1.5rem 2rem 3rem;"
	"font:1rem/1.5 Charter,'Bitstream Charter','Iowan Old Style','Palatino Linotype',Palatino,Georgia,serif}",
	"header{border-bottom:1px solid var(--ink);padding-bottom:.4rem}",
	"h1{font-size:1.55rem;line-height:1.2;font-weight:600;margin:0;overflow-wrap:anywhere}",
	".sub,.note,footer,th,caption,.key dt,.key .below,svg text,td,figcaption{"
	"font-family:system-ui,'Segoe UI','Helvetica Neue',Helvetica,Arial,'Liberation Sans',sans-serif}",
	".sub{color:var(--soft);font-size:.85rem;margin:.3rem 0 0;overflow-wrap:anywhere}",
	"h2{font-size:1.25rem;font-weight:600;margin:2.6rem 0 .6rem;padding-top:.5rem;border-top:1px solid var(--ink)}",
	"h3{font-size:1.05rem;font-weight:600;margin:1.6rem 0 .4rem;overflow-wrap:anywhere}",
	"p{margin:.5rem 0;max-width:46rem;overflow-wrap:anywhere}",
	".lead{font-size:1.13rem;line-height:1.4;max-width:none;margin:.6rem 0 0}.lead+.lead{margin-top:.2rem}",
	".note{font-size:.8rem;color:var(--soft);line-height:1.4;max-width:none}.sub{max-width:none}",
	".lead+.note+.scroll{margin-top:.7rem}.scroll+.note{margin-top:.35rem}.note+.charts{margin-top:1rem}",
	"dl.key+p{margin-top:1rem}",
	"dl.key{display:grid;grid-template-columns:repeat(auto-fit,minmax(10.5rem,1fr));gap:.6rem 1.6rem;"
	"align-items:end;margin:1.1rem 0 0}",
	".key div{min-width:0;overflow-wrap:anywhere}",
	".key dt{font-size:.8rem;color:var(--soft)}.key dd{margin:0}",
	".key .value{font-size:1.6rem;line-height:1.25;font-variant-numeric:tabular-nums lining-nums}",
	".key .below{color:var(--soft);font-size:.8rem;line-height:1.35;font-variant-numeric:tabular-nums}",
	".charts{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(20rem,100%),1fr));gap:1.4rem 2rem;"
	"margin:1.3rem 0 0}",
	"figure{margin:0;min-width:0}figcaption{font-size:.9rem;font-weight:600;margin-bottom:.3rem}"
	"figure .note{margin:.3rem 0 0}",
	"svg{display:block;width:100%;height:auto;max-width:34rem}",
	".scroll{overflow-x:auto;margin:1.3rem 0 0;max-width:100%}",
	"table{border-collapse:collapse;font-size:.8rem;min-width:min(18rem,100%);line-height:1.35;"
	"font-variant-numeric:tabular-nums lining-nums;"
	"border-top:1.5px solid var(--ink);border-bottom:1.5px solid var(--ink)}",
	"caption{text-align:left;font-size:.9rem;font-weight:600;padding-bottom:.35rem}",
	"th{font-weight:400;color:var(--soft)}",
	"thead th{border-bottom:1px solid var(--rule)}",
	"th,td{padding:.16rem 0 .16rem .9rem;text-align:right;vertical-align:baseline;white-space:nowrap}",
	"th:first-child,td:first-child{padding-left:0}",
	"thead th{white-space:normal;max-width:10.5rem;vertical-align:bottom}tbody th{font-weight:400;color:inherit}",
	".w{text-align:left}",
	"td.w,tbody th.w{white-space:pre-wrap;overflow-wrap:anywhere;max-width:26rem;min-width:7rem}"
	"tbody th.w{min-width:8.5rem}",
	".picture{margin-top:1.3rem}.picture .scroll{margin-top:.4rem}.picture svg{width:auto;max-width:none}",
	"tr.cut>*{border-top:1px dashed var(--ink)}",
	"tr.strong>*{font-weight:700}tr.more>*{color:var(--soft);padding-top:0;padding-bottom:.3rem}",
	"a{color:inherit;text-decoration:underline;text-decoration-color:var(--rule);text-underline-offset:.2em}"
	"dt:target{text-decoration:underline}",
	".group{columns:2 33rem;column-gap:2.5rem}.group>*{break-inside:avoid;margin-top:0;padding-top:1.1rem}",
	"article h3{margin-top:0}article .scroll{margin-top:.5rem}article p{font-size:.95rem}",
	"pre{font:.82rem/1.5 ui-monospace,'DejaVu Sans Mono',Menlo,Consolas,monospace;white-space:pre-wrap;"
	"overflow-wrap:anywhere;border-left:2px solid var(--rule);padding-left:.8rem;margin:.5rem 0}",
	"dl.terms{display:grid;grid-template-columns:minmax(8rem,12rem) minmax(0,46rem);gap:.35rem 1.5rem;margin:0}",
	".terms dt{font-weight:600}.terms dd{margin:0}",
	"footer{margin-top:3rem;font-size:.8rem;color:var(--soft)}",
	"@media(max-width:40rem){body{padding:1rem 1rem 2rem}h1{font-size:1.3rem}.lead{font-size:1.05rem}"
	"dl.key{grid-template-columns:1fr 1fr}dl.terms{grid-template-columns:1fr;gap:0}.terms dd{margin-bottom:.6rem}}",
	"@media print{@page{margin:16mm}:root{color-scheme:light;--ink:#000;--soft:#333;--rule:#999;--paper:#fff;"
	"--series-1:#333;--series-2:#000;--series-3:#000;--series-4:#000;"
	"--series-5:#000;--series-6:#000;--series-7:#000;--series-8:#000}"
	"body{font-size:9.5pt;max-width:none;padding:0}.note{font-size:8pt}.scroll{overflow:visible}"
	".charts{grid-template-columns:1fr 1fr}dl.key{grid-template-columns:repeat(3,1fr)}"
	".group{columns:1}th,td{padding-left:.5rem}table{font-size:7pt}"
	"figure,article,tr,.key div{break-inside:avoid}h2,h3,caption{break-after:avoid}"
	".picture svg{max-width:100%}thead{display:table-header-group}}",
};
/* clang-format on */

static void escaped_within(struct buf *out, const char *text, size_t most)
{
	struct buf safe = {0};

	report_shown(text, most, &safe);
	buf_addmarkup(out, buf_str(&safe));
	buf_release(&safe);
}

static void escaped(struct buf *out, const char *text)
{
	escaped_within(out, text, SHOWN_MOST);
}

static bool sticks(char c)
{
	return c && strchr("%=<", c);
}

/* Text of ours with numbers in it: they get a minus sign, and no line ends within "23.5 %" or "p < 0.001". */
static void typeset(struct buf *out, const char *text)
{
	struct buf set = {0};
	char before = ' ';

	for (const char *s = text; *s; before = *s++) {
		if (*s == '-' && strchr(" ([", before) && s[1] >= '0' && s[1] <= '9')
			buf_addstr(&set, "\xe2\x88\x92");
		else if (*s == ' ' && (sticks(before) || sticks(s[1])))
			buf_addstr(&set, "\xc2\xa0");
		else
			buf_addch(&set, *s);
	}
	escaped_within(out, buf_str(&set), PROSE_MOST);
	buf_release(&set);
}

/* <name class="kind">text</name> */
static void element(struct buf *out, const char *name, const char *kind, const char *text)
{
	buf_addf(out, "<%s", name);
	if (*kind)
		buf_addf(out, " class=\"%s\"", kind);
	buf_addch(out, '>');
	escaped(out, text);
	buf_addf(out, "</%s>", name);
}

static void begin(struct page *p, const char *title)
{
	buf_addstr(p->out, "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
			   "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src "
			   "'unsafe-inline'\">\n"
			   "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
			   "<meta name=\"color-scheme\" content=\"light dark\">\n");
	element(p->out, "title", "", title);
	buf_addstr(p->out, "\n<style>\n");
	for (size_t i = 0; i < ARRAY_LEN(style); i++)
		buf_addf(p->out, "%s\n", style[i]);
	buf_addstr(p->out, "</style>\n</head>\n<body>\n<header>\n");
	element(p->out, "h1", "", title);
	buf_addch(p->out, '\n');
}

static void end(struct page *p, const char *colophon)
{
	buf_addstr(p->out, "</main>\n");
	element(p->out, "footer", "", colophon);
	buf_addstr(p->out, "\n</body>\n</html>\n");
}

static void heading(struct page *p, const char *text)
{
	element(p->out, "h2", "", text);
	buf_addch(p->out, '\n');
}

static void subheading(struct page *p, const char *text)
{
	element(p->out, "h3", "", text);
	buf_addch(p->out, '\n');
}

static void open_paragraph(struct page *p, enum page_voice voice)
{
	static const char *const kinds[] = {
		[VOICE_LEAD] = "lead", [VOICE_TEXT] = "", [VOICE_NOTE] = "note", [VOICE_SUBTITLE] = "sub"};

	buf_addf(p->out, *kinds[voice] ? "<p class=\"%s\">" : "<p>", kinds[voice]);
}

static void text(struct page *p, enum page_voice voice, const char *words)
{
	open_paragraph(p, voice);
	if (voice == VOICE_TEXT)
		escaped_within(p->out, words, PROSE_MOST);
	else
		typeset(p->out, words);
	buf_addstr(p->out, "</p>\n");
}

static void phrases(struct page *p, enum page_voice voice, const struct phrase *at, size_t n)
{
	open_paragraph(p, voice);
	for (size_t i = 0; i < n; i++) {
		if (at[i].term)
			buf_addf(p->out, "<a href=\"#%s\">", at[i].term);
		typeset(p->out, at[i].text);
		buf_addstr(p->out, at[i].term ? "</a>" : "");
	}
	buf_addstr(p->out, voice == VOICE_SUBTITLE ? "</p>\n</header>\n<main>\n" : "</p>\n");
}

static void figures(struct page *p, const struct key_figure *f, size_t n)
{
	buf_addstr(p->out, "<dl class=\"key\">\n");
	for (size_t i = 0; i < n; i++) {
		buf_addstr(p->out, "<div>");
		element(p->out, "dt", "", f[i].name);
		element(p->out, "dd", "value", f[i].value);
		element(p->out, "dd", "below", f[i].below);
		buf_addstr(p->out, "</div>\n");
	}
	buf_addstr(p->out, "</dl>\n");
}

static void charts(struct page *p, const struct chart *c, size_t n)
{
	struct chart_frame frame;

	buf_addstr(p->out, "<div class=\"charts\">\n");
	for (size_t i = 0; i < n; i++) {
		if (i % CHARTS_A_ROW == 0) {
			frame = (struct chart_frame){0};
			for (size_t k = i; k < n && k < i + CHARTS_A_ROW; k++)
				chart_frame(&c[k], CHART_WIDTH, &frame);
		}
		buf_addstr(p->out, "<figure>\n<figcaption>");
		escaped(p->out, c[i].title);
		buf_addstr(p->out, "</figcaption>\n");
		chart_svg(&c[i], CHART_WIDTH, CHART_HEIGHT, &frame, p->out);
		if (c[i].note)
			element(p->out, "p", "note", c[i].note);
		buf_addstr(p->out, "</figure>\n");
	}
	buf_addstr(p->out, "</div>\n");
}

static void picture(struct page *p, const char *caption, const char *svg, const char *note)
{
	buf_addstr(p->out, "<figure class=\"picture\">\n");
	if (caption)
		element(p->out, "figcaption", "", caption);
	buf_addf(p->out, "\n<div class=\"scroll\">\n%s</div>\n", svg);
	if (note)
		element(p->out, "p", "note", note);
	buf_addstr(p->out, "</figure>\n");
}

static void row(struct page *p, const struct grid *g, size_t at)
{
	const char *const *cells = (const char *const *)g->cells.at + at * g->n_columns;
	bool more = g->pairs && at > 0 && at % 2 == 0;

	if (at == g->strong)
		buf_addstr(p->out, at == g->cut ? "<tr class=\"strong cut\">" : "<tr class=\"strong\">");
	else
		buf_addstr(p->out, at == g->cut ? "<tr class=\"cut\">" : more ? "<tr class=\"more\">" : "<tr>");
	for (size_t i = 0; i < g->n_columns; i++) {
		const char *name = i == 0 ? "th" : "td";

		buf_addf(p->out, "<%s%s%s>", name, i == 0 ? " scope=\"row\"" : "", g->words[i] ? " class=\"w\"" : "");
		if (g->words[i])
			escaped(p->out, cells[i]);
		else
			typeset(p->out, cells[i]);
		buf_addf(p->out, "</%s>", name);
	}
	buf_addstr(p->out, "</tr>\n");
}

static void table(struct page *p, const struct grid *g)
{
	buf_addstr(p->out, "<div class=\"scroll\"><table>\n");
	if (g->caption) {
		element(p->out, "caption", "", g->caption);
		buf_addch(p->out, '\n');
	}
	buf_addstr(p->out, "<thead><tr>");
	for (size_t i = 0; i < g->n_columns; i++) {
		buf_addf(p->out, "<th scope=\"col\"%s>", g->words[i] ? " class=\"w\"" : "");
		escaped(p->out, g->heads[i]);
		buf_addstr(p->out, "</th>");
	}
	buf_addstr(p->out, "</tr></thead>\n<tbody>\n");
	for (size_t i = 0; i < g->cells.n / g->n_columns; i++)
		row(p, g, i);
	buf_addstr(p->out, "</tbody>\n</table></div>\n");
}

static void code(struct page *p, const char *lines)
{
	buf_addstr(p->out, "<pre>");
	while (*lines) {
		size_t n = strcspn(lines, "\n");
		char *line = xstrndup(lines, n);

		escaped_within(p->out, line, PROSE_MOST);
		buf_addch(p->out, '\n');
		lines += n + (lines[n] == '\n');
		free(line);
	}
	buf_addstr(p->out, "</pre>\n");
}

static void terms(struct page *p, const struct term *t, size_t n)
{
	buf_addstr(p->out, "<dl class=\"terms\">\n");
	for (size_t i = 0; i < n; i++) {
		buf_addf(p->out, "<dt id=\"%s\">", t[i].id);
		escaped(p->out, t[i].name);
		buf_addstr(p->out, "</dt>");
		element(p->out, "dd", "", t[i].meaning);
		buf_addch(p->out, '\n');
	}
	buf_addstr(p->out, "</dl>\n");
}

static void case_begin(struct page *p, const char *head)
{
	buf_addstr(p->out, "<article>\n");
	subheading(p, head);
}

static void case_end(struct page *p)
{
	buf_addstr(p->out, "</article>\n");
}

static void group_begin(struct page *p)
{
	buf_addstr(p->out, "<div class=\"group\">\n");
}

static void group_end(struct page *p)
{
	buf_addstr(p->out, "</div>\n");
}

const struct page_ops page_html = {
	.begin = begin,
	.end = end,
	.heading = heading,
	.subheading = subheading,
	.text = text,
	.phrases = phrases,
	.figures = figures,
	.charts = charts,
	.picture = picture,
	.table = table,
	.code = code,
	.terms = terms,
	.case_begin = case_begin,
	.case_end = case_end,
	.group_begin = group_begin,
	.group_end = group_end,
};
