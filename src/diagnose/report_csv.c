/*
 * The table of cases as CSV (RFC 4180, UTF-8, lines end with CR LF).
 *
 * Texts are made visible as on a screen, with the entities of titles decoded: who needs their bytes has them in the
 * lines of JSON. Numbers stay as they are.
 */
#include <math.h>
#include <string.h>

#include "base/utf8.h"
#include "data/title.h"
#include "store/csvfile.h"
#include "report_priv.h"

static void add_text(const char *text, bool title, struct buf *out)
{
	struct buf shown = {0};

	if (title)
		title_show(&shown, text, false);
	else
		utf8_show(&shown, text, strlen(text), false);
	csvfile_add_text(out, buf_str(&shown));
	buf_release(&shown);
}

/* As JSON has it: in the fewest digits that bring it back. */
static void add_number(double x, struct buf *out)
{
	json_t *v;

	if (isnan(x))
		return;
	if (isinf(x)) {
		buf_addstr(out, x < 0 ? "-inf" : "inf");
		return;
	}
	v = x == floor(x) && fabs(x) < 1e15 ? json_integer((json_int_t)x) : json_real(x);
	json_add(out, v);
	json_decref(v);
}

static void add_cell(const struct column *c, const struct finding *f, struct buf *out)
{
	double x;

	switch (c->type) {
	case COLUMN_TEXT:
		add_text(c->text(f), !strcmp(c->name, "title"), out);
		break;
	case COLUMN_NUMBER:
		add_number(c->number(f), out);
		break;
	case COLUMN_FLAG:
		x = c->number(f);
		buf_addstr(out, isnan(x) ? "" : x != 0 ? "true" : "false");
		break;
	}
}

void report_csv(const struct survey *s, struct buf *out)
{
	for (const struct column *c = columns; c->name; c++)
		buf_addf(out, c == columns ? "%s" : ",%s", c->name);
	buf_addstr(out, "\r\n");
	for (size_t i = 0; i < s->findings.n; i++) {
		for (const struct column *c = columns; c->name; c++) {
			if (c != columns)
				buf_addch(out, ',');
			add_cell(c, &s->findings.at[i], out);
		}
		buf_addstr(out, "\r\n");
	}
}
