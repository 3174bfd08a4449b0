/*
 * The positive item of a search step by step: export margins.
 */
#include <math.h>

#include "session/export_search.h"
#include "session/record.h"

static const struct out_column csv_columns[] = {OUT_KEY("step"), OUT_KEY("token"), OUT_KEY("text"), OUT_KEY("valid"),
	OUT_KEY("token_rank"), OUT_KEY("prefix_rank"), OUT_KEY("beam"), OUT_KEY("step_logp"), OUT_KEY("logp"),
	OUT_KEY("beta_logp"), OUT_KEY("token_margin"), OUT_KEY("prefix_margin"), OUT_KEY("in_beam"),
	OUT_KEY("followed"), OUT_KEY("prefix"), OUT_KEY(NULL)};

/* The positive item's steps with their number and B; without numbers that only a trace uses. */
static json_t *step_rows(const struct export_search *x)
{
	json_t *rows = json_array(), *v;
	size_t i;

	json_array_foreach(json_object_get(json_object_get(x->record, "positive"), "steps"), i, v) {
		json_t *row = json_object();

		json_object_set_new(row, "step", record_count(i + 1));
		json_object_update(row, v);
		json_object_set_new(row, "beam", record_count(x->trace->positive[i].width));
		json_object_del(row, "node");
		json_array_append_new(rows, row);
	}
	return rows;
}

static void write_json(const struct export_search *x, struct buf *out)
{
	static const char *const keys[] = {"case", "settings", "edits", "branch", "verdict"};
	static const char *const of_item[] = {"item", "title", "tokens", "logp"};
	const json_t *positive = json_object_get(x->record, "positive");
	json_t *v = json_object();

	for (size_t i = 0; i < ARRAY_LEN(keys); i++)
		if (json_object_get(x->record, keys[i]))
			json_object_set(v, keys[i], json_object_get(x->record, keys[i]));
	for (size_t i = 0; i < ARRAY_LEN(of_item); i++)
		json_object_set(v, of_item[i], json_object_get(positive, of_item[i]));
	json_object_set_new(v, "steps", step_rows(x));
	export_json(v, "margins", out);
	json_decref(v);
}

static void write_csv(const struct export_search *x, struct buf *out)
{
	json_t *rows = step_rows(x);

	export_csv(rows, csv_columns, out);
	json_decref(rows);
}

static void add_step(struct grid *g, size_t step, const struct snap_positive *own)
{
	grid_cell(g, "%zu", step);
	grid_cell(g, "\xe2\x80\x9c%s\xe2\x80\x9d", own->text_shown);
	grid_cell(g, "%.2f %%", 100 * exp(own->step_logp));
	grid_cell(g, "%zu of %zu", own->token_rank, own->valid);
	grid_number(g, own->token_margin, 3, true);
	if (own->prefix_rank > 0)
		grid_cell(g, "%zu", own->prefix_rank);
	else
		grid_cell(g, "-");
	grid_number(g, own->logp, 3, false);
	grid_number(g, own->prefix_margin, 3, true);
	grid_cell(g, "%zu", own->width);
	grid_cell(g, own->in_beam ? "in the beam" : "not in the beam");
}

static void write_table(struct page *p, struct export_search *x)
{
	const struct snap_trace *t = x->trace;
	struct grid g;

	p->ops->heading(p, "Steps");
	grid_init(&g, &x->arena, NULL);
	grid_column(&g, "step", false);
	grid_column(&g, "token", true);
	grid_column(&g, "p(token)", false);
	grid_column(&g, "token rank", false);
	grid_column(&g, "token margin", false);
	grid_column(&g, "prefix rank", false);
	grid_column(&g, "log P", false);
	grid_column(&g, "prefix margin", false);
	grid_column(&g, "B", false);
	grid_column(&g, "", true);
	for (size_t i = 0; i < t->n_positive; i++)
		add_step(&g, i + 1, &t->positive[i]);
	if (t->pruned_at > 0 && t->pruned_at <= t->n_positive)
		g.strong = t->pruned_at - 1;
	grid_write(&g, p);
	if (t->pruned_at > 0)
		p->ops->text(p, VOICE_NOTE,
			"From the step on at which the item left the beam, the figures are those that it would have "
			"had, had it stayed.");
}

static void write_html(struct export_search *x, const struct chart *charts, struct buf *out)
{
	struct page p = {&page_html, out};

	export_page_begin(&p, x);
	p.ops->heading(&p, "Margins and ranks");
	p.ops->charts(&p, charts, EXPORT_CHARTS);
	write_table(&p, x);
	export_page_settings(&p, json_object_get(x->record, "settings"), &x->arena);
}

/* By itself each chart says whose it is, and the last one what it was searched with. */
static void name_charts(struct export_search *x, struct chart charts[EXPORT_CHARTS])
{
	static const char *const of[EXPORT_CHARTS] = {"margins", "ranks"};
	struct buf b = {0};

	for (size_t i = 0; i < EXPORT_CHARTS; i++) {
		buf_addf(&b, "Case %s: %s by step", x->trace->case_id, of[i]);
		charts[i].title = buf_keep(&b, &x->arena);
	}
	buf_addf(&b, "%s %s", charts[EXPORT_CHARTS - 1].note, export_search_settings(x));
	charts[EXPORT_CHARTS - 1].note = buf_keep(&b, &x->arena);
}

static int write_form(struct export_search *x, struct export_job *job, struct err *err)
{
	struct chart charts[EXPORT_CHARTS];

	if (!export_search_charts(x, charts))
		return err_set(err, ERR_VALUE, "the positive item of case '%s' cannot be reached: it has no margins",
			x->trace->case_id);
	switch (job->form) {
	case EXPORT_JSON:
		write_json(x, &job->page);
		break;
	case EXPORT_CSV:
		write_csv(x, &job->page);
		break;
	case EXPORT_SVG:
		name_charts(x, charts);
		chart_page(charts, EXPORT_CHARTS, EXPORT_CHART_W, EXPORT_CHART_H, &job->page);
		break;
	default:
		write_html(x, charts, &job->page);
	}
	export_shows(job, "margins and ranks of case %s", x->trace->case_id);
	return 0;
}

int export_margins(struct session *s, struct export_job *job, struct err *err)
{
	struct export_search x;
	int failed = export_search_init(&x, s, job, err) || write_form(&x, job, err);

	export_search_release(&x);
	return failed ? -1 : 0;
}
