/*
 * The table of the cases that were diagnosed: export cases.
 */
#include <math.h>
#include <string.h>

#include "diagnose/column.h"
#include "diagnose/report.h"
#include "diagnose/survey_charts.h"
#include "diagnose/where.h"
#include "session/export_search.h"
#include "session/field.h"
#include "session/record.h"
#include "store/file.h"

#define MOST_COLUMNS 64

/* The cases that are written: the session's, or those of files. */
struct cases {
	struct survey read; /* of files */
	struct survey of;   /* those that are meant; borrows all but its list */
	struct tally tally;
	struct arena arena;
};

static int find_survey(
	struct cases *c, struct session *s, const struct cmd_args *a, const struct survey **survey, struct err *err)
{
	for (size_t i = 0; i < a->many.n; i++)
		if (survey_read(&c->read, a->many.at[i].text, NULL, err))
			return -1;
	survey_sort(&c->read);
	*survey = a->many.n > 0 ? &c->read : &s->survey;
	if ((*survey)->findings.n > 0)
		return 0;
	if (a->many.n > 0)
		return err_set(err, ERR_VALUE, "'%s' holds no case", a->many.at[0].text);
	return err_set(err, ERR_VALUE,
		"there are no cases yet: run 'diagnose' before it, or name the files that 'diagnose -o FILE.jsonl' "
		"wrote");
}

static int choose(struct cases *c, const struct survey *survey, const char *expression, struct err *err)
{
	struct where *where;

	if (where_new(&where, expression, err))
		return -1;
	c->of = *survey;
	c->of.findings.at = NULL;
	c->of.findings.n = c->of.findings.cap = 0;
	for (size_t i = 0; i < survey->findings.n; i++)
		if (where_holds(where, &survey->findings.at[i]))
			vec_push(&c->of.findings, survey->findings.at[i]);
	where_free(where);
	if (c->of.findings.n > 0)
		return 0;
	return err_set(err, ERR_VALUE, "there is no case for which '%s' holds", expression);
}

static void cases_release(struct cases *c)
{
	tally_release(&c->tally);
	vec_release(&c->of.findings);
	survey_release(&c->read);
	arena_release(&c->arena);
}

/* Released by the caller, also after a failure. */
static int cases_init(struct cases *c, struct session *s, const struct cmd_args *a, struct err *err)
{
	const struct survey *survey;

	*c = (struct cases){0};
	arena_init(&c->arena);
	survey_init(&c->read);
	if (find_survey(c, s, a, &survey, err) || choose(c, survey, a->text[EXPORT_WHERE], err))
		return -1;
	return tally_init(&c->tally, &c->of, NULL, 0, err);
}

static json_t *rows(const struct cases *c)
{
	json_t *list = json_array();

	for (size_t i = 0; i < c->of.findings.n; i++) {
		json_t *row = json_object();

		for (const struct column *k = columns; k->name; k++)
			json_object_set_new(row, k->name, record_cell(k, &c->of.findings.at[i]));
		json_array_append_new(list, row);
	}
	return list;
}

/* A line a case, so that it can be looked through. */
static void write_json(const struct cases *c, struct buf *out)
{
	json_t *list = rows(c), *row;
	size_t i;

	buf_addstr(out, "[");
	json_array_foreach(list, i, row) {
		buf_addstr(out, i > 0 ? ",\n" : "\n");
		json_add(out, row);
	}
	buf_addstr(out, "\n]\n");
	json_decref(list);
}

static void write_csv(const struct cases *c, struct buf *out)
{
	struct out_column list[MOST_COLUMNS + 1] = {{0}};
	json_t *all = rows(c);
	size_t n = 0;

	for (const struct column *k = columns; k->name; k++) {
		if (n == MOST_COLUMNS)
			BUG("a case of more than %d columns", MOST_COLUMNS);
		list[n++] = (struct out_column){.key = k->name, .shown = !strcmp(k->name, "title")};
	}
	export_csv(all, list, out);
	json_decref(all);
}

static size_t make_charts(struct cases *c, struct chart charts[SURVEY_CHARTS_ALL])
{
	return survey_charts(&c->arena, &c->of, &c->tally, charts);
}

static void add_cell(struct grid *g, const struct column *k, const struct finding *f)
{
	double x;

	if (k->type == COLUMN_TEXT) {
		grid_cell(g, "%s", k->text(f));
		return;
	}
	x = k->number(f);
	if (isnan(x))
		grid_cell(g, "-");
	else if (k->type == COLUMN_FLAG)
		grid_cell(g, x != 0 ? "yes" : "no");
	else
		grid_number(g, x, k->form ? 2 : 0, k->form && k->form[1] == '+');
}

/* What a reader looks for; the other columns are in JSON and CSV. */
static void write_table(struct page *p, struct cases *c)
{
	static const char *const shown[] = {"case", "title", "kind", "rank", "exact_rank", "step", "margin",
		"condition", "smallest_beam", "item_tokens", "popularity", "history"};
	const struct column *list[ARRAY_LEN(shown)];
	struct err ignored;
	struct grid g;

	p->ops->heading(p, "Cases");
	grid_init(&g, &c->arena, NULL);
	for (size_t i = 0; i < ARRAY_LEN(shown); i++) {
		list[i] = column_find(shown[i], strlen(shown[i]), &ignored);
		grid_column(&g, list[i]->head, list[i]->type != COLUMN_NUMBER && i > 0);
	}
	for (size_t i = 0; i < c->of.findings.n; i++)
		for (size_t k = 0; k < ARRAY_LEN(shown); k++)
			add_cell(&g, list[k], &c->of.findings.at[i]);
	grid_write(&g, p);
	p->ops->text(p, VOICE_NOTE, "The same table as JSON or CSV has all columns.");
}

static void begin_page(struct page *p, struct cases *c, const char *where)
{
	const json_t *settings = c->of.settings;
	const char *adapter = field_text(settings, "adapter");
	struct buf title = {0}, sub = {0}, lead = {0};
	struct phrase subtitle = {0};

	buf_addf(&title, "Cases: %s", file_last_part(field_text(settings, "model")));
	if (*adapter)
		buf_addf(&title, " with %s", file_last_part(adapter));
	buf_addf(&title, " on %s", field_text(settings, "data"));
	p->ops->begin(p, buf_str(&title));
	buf_addcount(&sub, c->of.findings.n);
	buf_addf(&sub, " case%s of the %s split \xc2\xb7 B %zu \xc2\xb7 mask %s \xc2\xb7 %s search",
		c->of.findings.n == 1 ? "" : "s", field_text(settings, "split"), c->of.width,
		field_text(settings, "mask"), field_text(settings, "search"));
	if (where)
		buf_addf(&sub, " \xc2\xb7 those with %s", where);
	subtitle.text = buf_str(&sub);
	p->ops->phrases(p, VOICE_SUBTITLE, &subtitle, 1);
	report_headline(&c->tally, &lead);
	p->ops->text(p, VOICE_LEAD, buf_str(&lead));
	buf_release(&title);
	buf_release(&sub);
	buf_release(&lead);
}

static void write_html(struct cases *c, const char *where, struct buf *out)
{
	struct page p = {&page_html, out};
	struct chart charts[SURVEY_CHARTS_ALL];

	begin_page(&p, c, where);
	p.ops->charts(&p, charts, make_charts(c, charts));
	write_table(&p, c);
	export_page_settings(&p, c->of.settings, &c->arena);
}

int export_cases(struct session *s, struct export_job *job, struct err *err)
{
	struct chart charts[SURVEY_CHARTS_ALL];
	struct cases c;
	int failed = cases_init(&c, s, job->args, err);

	if (!failed) {
		switch (job->form) {
		case EXPORT_JSON:
			write_json(&c, &job->page);
			break;
		case EXPORT_CSV:
			write_csv(&c, &job->page);
			break;
		case EXPORT_SVG:
			chart_page(charts, make_charts(&c, charts), EXPORT_CHART_W, EXPORT_CHART_H, &job->page);
			break;
		default:
			write_html(&c, job->args->text[EXPORT_WHERE], &job->page);
		}
		export_shows(job, "the table of %zu case%s", c.of.findings.n, c.of.findings.n == 1 ? "" : "s");
		json_object_set_new(job->record, "cases", record_count(c.of.findings.n));
	}
	cases_release(&c);
	return failed;
}
