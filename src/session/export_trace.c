/*
 * A search with all of its steps: export trace.
 */
#include <math.h>

#include "session/export_search.h"
#include "session/field.h"
#include "session/trace_picture.h"

#define TITLE(key) \
	{ \
		key, NULL, NULL, false, true \
	}

static const struct out_column csv_columns[] = {OUT_KEY("step"), OUT_KEY("rank"), OUT_KEY("token"), OUT_KEY("text"),
	OUT_KEY("parent"), OUT_KEY("node"), OUT_KEY("above"), OUT_KEY("step_logp"), OUT_KEY("logp"), OUT_KEY("kept"),
	OUT_KEY("finished"), OUT_KEY("positive"), OUT_KEY("carried"), OUT_KEY("tie"), OUT_KEY("forced"),
	OUT_KEY("forbidden"), OUT_KEY("prefix"), OUT_KEY("result"), OUT_KEY("item"), TITLE("title"), OUT_KEY(NULL)};

static void write_csv(const struct export_search *x, struct buf *out)
{
	json_t *rows = json_array(), *step, *v;
	size_t i, k;

	json_array_foreach(json_object_get(x->record, "steps"), i, step)
		json_array_foreach(json_object_get(step, "candidates"), k, v) {
			json_t *row = json_copy(v);

			json_object_set(row, "step", json_object_get(step, "step"));
			json_array_append_new(rows, row);
		}
	export_csv(rows, csv_columns, out);
	json_decref(rows);
}

static void draw(const void *picture, struct buf *out)
{
	trace_picture_draw(picture, out);
}

static void write_svg(struct export_search *x, struct buf *out)
{
	struct trace_picture *p = trace_picture_new(x->trace);

	export_picture(x, trace_picture_width(p), trace_picture_height(p), draw, p, out);
	trace_picture_free(p);
}

static void write_picture(struct page *p, struct export_search *x)
{
	struct trace_picture *picture = trace_picture_new(x->trace);
	struct buf svg = {0};

	trace_picture_draw(picture, &svg);
	p->ops->heading(p, "The search");
	p->ops->picture(p, NULL, buf_str(&svg),
		"From left to right: the prefixes of each step by their log-probability. Lines lead to those that go "
		"on with them.");
	trace_picture_free(picture);
	buf_release(&svg);
}

static void write_results(struct page *p, struct export_search *x)
{
	const struct snap_trace *t = x->trace;
	struct grid g;

	p->ops->heading(p, "Result");
	grid_init(&g, &x->arena, NULL);
	grid_column(&g, "rank", false);
	grid_column(&g, "item", true);
	grid_column(&g, "title", true);
	grid_column(&g, "log P", false);
	grid_column(&g, "score", false);
	for (size_t i = 0; i < t->n_results; i++) {
		const struct snap_result *r = &t->results[i];

		if (r->positive)
			g.strong = i;
		grid_cell(&g, "%u", r->rank);
		grid_cell(&g, "%s", r->item);
		grid_cell(&g, "%s%s", r->positive ? "\xe2\x98\x85 " : "", r->title_shown);
		grid_number(&g, r->logp, 4, false);
		grid_number(&g, r->score, 4, false);
	}
	grid_write(&g, p);
}

static void add_history(struct page *p, struct export_search *x)
{
	struct buf b = {0};

	if (x->trace->n_history == 0)
		return;
	buf_addf(&b, "History, oldest first: ");
	for (size_t i = 0; i < x->trace->n_history; i++)
		buf_addf(&b, "%s%s", i > 0 ? "; " : "", x->trace->history_shown[i]);
	buf_addch(&b, '.');
	p->ops->text(p, VOICE_NOTE, buf_str(&b));
	buf_release(&b);
}

static void add_fate(struct grid *g, const struct snap_candidate *k)
{
	const char *fate = k->forbidden  ? "forbidden"
			   : k->forced   ? "kept, forced"
			   : k->carried  ? "kept, complete before"
			   : k->finished ? "kept, complete"
					 : "kept";

	grid_cell(g, "%s%s%s", k->positive ? "\xe2\x98\x85 " : "", k->kept || k->forbidden ? fate : "pruned",
		k->tie ? ", a tie" : "");
}

static void add_share(struct grid *g, double logp)
{
	grid_cell(g, "%.2f %%", 100 * exp(logp));
}

/* A token's own text: its blanks at the ends are shown, since they belong to it. */
static void add_token(struct grid *g, const char *text)
{
	grid_cell(g, "\xe2\x80\x9c%s\xe2\x80\x9d", text);
}

static void add_candidate(struct grid *g, const struct snap_step *s, const struct snap_candidate *k)
{
	grid_cell(g, "%u", k->rank);
	add_fate(g, k);
	add_token(g, k->text_shown);
	add_share(g, k->step_logp);
	grid_number(g, k->logp, 3, false);
	grid_number(g, isfinite(s->cutoff) ? k->logp - s->cutoff : (double)NAN, 3, true);
	grid_cell(g, "%s", k->item_shown ? k->item_shown : k->prefix_shown);
}

/* The positive item's prefix where it had left the beam before. */
static void add_followed(struct grid *g, const struct snap_positive *own)
{
	if (own->prefix_rank > 0)
		grid_cell(g, "%zu", own->prefix_rank);
	else
		grid_cell(g, "-");
	grid_cell(g, "\xe2\x98\x85 had it stayed");
	add_token(g, own->text_shown);
	add_share(g, own->step_logp);
	grid_number(g, own->logp, 3, false);
	grid_number(g, own->prefix_margin, 3, true);
	grid_cell(g, "-");
}

static void write_step(struct page *p, struct export_search *x, size_t i)
{
	const struct snap_step *s = &x->trace->steps[i];
	struct buf caption = {0};
	bool competes = false;
	struct grid g;

	buf_addf(&caption, "Step %zu \xc2\xb7 %zu kept of %zu \xc2\xb7 cut-off ", i + 1, s->kept, s->total);
	chart_number(s->cutoff, 3, &caption);
	if (s->n < s->total)
		buf_addf(&caption, " \xc2\xb7 the best %zu are listed", s->n);
	grid_init(&g, &x->arena, buf_keep(&caption, &x->arena));
	grid_column(&g, "rank", false);
	grid_column(&g, "fate", true);
	grid_column(&g, "token", true);
	grid_column(&g, "p(token)", false);
	grid_column(&g, "log P", false);
	grid_column(&g, "margin", false);
	grid_column(&g, "prefix, or item", true);
	for (size_t k = 0; k < s->n; k++) {
		if (s->candidates[k].positive) {
			g.strong = k;
			competes = true;
		}
		if (s->candidates[k].kept)
			g.cut = k + 1;
		add_candidate(&g, s, &s->candidates[k]);
	}
	if (!competes && i < x->trace->n_positive) {
		g.strong = s->n;
		add_followed(&g, &x->trace->positive[i]);
	}
	grid_write(&g, p);
}

static void write_html(struct export_search *x, struct buf *out)
{
	struct page p = {&page_html, out};
	struct chart charts[EXPORT_CHARTS];

	export_page_begin(&p, x);
	write_picture(&p, x);
	if (export_search_charts(x, charts)) {
		p.ops->heading(&p, "Margins and ranks");
		p.ops->charts(&p, charts, EXPORT_CHARTS);
	}
	write_results(&p, x);
	add_history(&p, x);
	p.ops->heading(&p, "Steps");
	p.ops->text(&p, VOICE_NOTE,
		"Margin: how far log P lies above the cut-off, the log P of the last prefix kept, in nats. A dashed "
		"line stands where the beam ends; \xe2\x98\x85 is the positive item.");
	for (size_t i = 0; i < x->trace->n_steps; i++)
		write_step(&p, x, i);
	export_page_settings(&p, json_object_get(x->record, "settings"), &x->arena);
}

static int write_form(struct export_search *x, struct export_job *job, struct err *err)
{
	if (job->form != EXPORT_JSON && job->form != EXPORT_CSV && x->trace->n_steps == 0)
		return err_set(err, ERR_VALUE, "the search of case '%s' has no steps to be drawn", x->trace->case_id);
	switch (job->form) {
	case EXPORT_JSON:
		export_json(x->record, "trace", &job->page);
		break;
	case EXPORT_CSV:
		write_csv(x, &job->page);
		break;
	case EXPORT_SVG:
		write_svg(x, &job->page);
		break;
	default:
		write_html(x, &job->page);
	}
	export_shows(job, "the search over case %s, %zu step%s", x->trace->case_id, x->trace->n_steps,
		x->trace->n_steps == 1 ? "" : "s");
	return 0;
}

int export_trace(struct session *s, struct export_job *job, struct err *err)
{
	struct export_search x;
	int failed = export_search_init(&x, s, job, err) || write_form(&x, job, err);

	export_search_release(&x);
	return failed ? -1 : 0;
}
