/*
 * The curves of a race: export curves.
 */
#include <math.h>

#include "session/export_search.h"
#include "session/race_log.h"
#include "session/record.h"

#define CHARTS 4
#define CURVE_COLUMNS 64 /* of CSV */

/* Of each runner: what was measured, or the curve that sums it up. */
static void add_losses(struct chart *c, const struct snap_race *race, struct arena *a, bool raw)
{
	for (size_t i = 0; i < race->n_runners && c->n_series < CHART_SERIES; i++) {
		const struct snap_runner *r = &race->runners[i];
		double *x = arena_calloc(a, r->n_points, sizeof(*x)), *y = arena_calloc(a, r->n_points, sizeof(*y));

		for (size_t k = 0; k < r->n_points; k++) {
			x[k] = (double)r->points[k].step;
			y[k] = raw ? r->points[k].loss : r->points[k].smoothed;
		}
		c->series[c->n_series++] = (struct chart_series){
			.name = r->name_shown, .x = x, .y = y, .n = r->n_points, .look = i, .faint = raw};
	}
}

static void loss_chart(struct chart *c, const struct snap_race *race, struct arena *a)
{
	*c = (struct chart){.kind = CHART_LINES,
		.title = "Loss by step",
		.x_title = "step",
		.y_title = "loss, each objective its own",
		.whole_x = true,
		.note = race->settings_shown};
	if (2 * race->n_runners <= CHART_SERIES) /* there is room for both */
		add_losses(c, race, a, true);
	add_losses(c, race, a, false);
}

/* By step, with intervals. False where nothing was evaluated. */
static bool figure_chart(
	struct chart *c, const struct snap_race *race, struct arena *a, enum race_figure figure, const char *title)
{
	struct buf note = {0};
	bool any = false;

	buf_addf(&note, "%s · %s", race->eval_shown, race->eval_settings_shown);
	*c = (struct chart){.kind = CHART_LINES,
		.title = title,
		.x_title = "step",
		.y_title = race_figures[figure].unit == RACE_SHARE ? "share" : NULL,
		.percent = race_figures[figure].unit == RACE_SHARE,
		.whole_x = true,
		.note = buf_keep(&note, a)};
	for (size_t i = 0; i < race->n_runners && c->n_series < CHART_SERIES; i++) {
		const struct snap_runner *r = &race->runners[i];
		double *at[4];

		for (size_t k = 0; k < 4; k++)
			at[k] = arena_calloc(a, r->n_evals, sizeof(*at[k]));
		for (size_t k = 0; k < r->n_evals; k++) {
			const struct snap_figure *f = &r->evals[k].figures[figure];

			at[0][k] = (double)r->evals[k].step;
			at[1][k] = f->value;
			at[2][k] = f->low;
			at[3][k] = f->high;
			any = true;
		}
		c->series[c->n_series++] = (struct chart_series){.name = r->name_shown,
			.x = at[0],
			.y = at[1],
			.low = at[2],
			.high = at[3],
			.n = r->n_evals,
			.look = i};
	}
	return any;
}

/* Up to CHARTS. */
static size_t make_charts(const struct snap_race *race, struct arena *a, struct chart charts[CHARTS])
{
	size_t n = 0;

	loss_chart(&charts[n++], race, a);
	n += figure_chart(&charts[n], race, a, RACE_NDCG, "Ranking gain (NDCG at B) by step");
	n += figure_chart(&charts[n], race, a, RACE_PRUNING_RATE, "Wrongly pruned, by step");
	n += figure_chart(&charts[n], race, a, RACE_SEARCH_RECALL, "Search recall, by step");
	return n;
}

static void write_json(const struct race_log *l, struct buf *out)
{
	json_t *v = json_object(), *runners = json_array();

	for (size_t i = 0; i < l->race->n_runners; i++)
		json_array_append_new(runners, json_string(l->race->runners[i].name_shown));
	json_object_set_new(v, "objectives", runners);
	json_object_set_new(v, "settings", l->settings ? json_incref(l->settings) : json_null());
	json_object_set_new(v, "thinned", json_boolean(l->thinned));
	json_object_set(v, "lines", l->lines);
	export_json(v, "curves", out);
	json_decref(v);
}

#define STEP_COLUMNS 9

/* The figures of an evaluation beside what a step has. */
static void add_figure_columns(const json_t *lines, struct arena *a, struct out_column *columns, size_t n)
{
	static const char *const ends[] = {"", "_low", "_high"};
	const json_t *eval = NULL;
	const char *key;
	json_t *v;

	for (size_t i = 0; i < json_array_size(lines) && !eval; i++)
		eval = json_object_get(json_array_get(lines, i), "eval");
	json_object_foreach((json_t *)eval, key, v) {
		bool figure = !json_is_object(v) && json_object_get(json_object_get(eval, "low"), key);

		if (json_is_object(v))
			continue;
		for (size_t k = 0; k < (figure ? ARRAY_LEN(ends) : 1) && n < CURVE_COLUMNS; k++) {
			char *name = xasprintf("%s%s", key, ends[k]);

			columns[n++] = (struct out_column){.key = arena_strdup(a, name)};
			free(name);
		}
	}
}

/* An evaluation's figures become cells of its row, with their intervals. */
static void flatten(json_t *row, const json_t *eval)
{
	static const char *const bounds[] = {"low", "high"};
	const char *key;
	json_t *v;

	json_object_foreach((json_t *)eval, key, v)
		if (!json_is_object(v))
			json_object_set(row, key, v);
	for (size_t i = 0; i < ARRAY_LEN(bounds); i++)
		json_object_foreach(json_object_get(eval, bounds[i]), key, v) {
			char *name = xasprintf("%s_%s", key, bounds[i]);

			json_object_set(row, name, v);
			free(name);
		}
}

static void write_csv(const struct race_log *l, struct arena *a, struct buf *out)
{
	static const char *const of_step[STEP_COLUMNS] = {
		"objective", "step", "line", "loss", "smoothed", "lr", "grad_norm", "tokens", "seconds"};
	struct out_column columns[CURVE_COLUMNS + 1] = {{0}};
	json_t *rows = json_array(), *line;
	size_t n = 0, i;

	for (; n < STEP_COLUMNS; n++)
		columns[n].key = of_step[n];
	add_figure_columns(l->lines, a, columns, n);
	json_array_foreach(l->lines, i, line) {
		json_t *row = json_copy(line), *eval = json_object_get(row, "eval");

		json_object_set_new(row, "line", json_string(eval ? "eval" : "step"));
		flatten(row, eval);
		json_array_append_new(rows, row);
	}
	export_csv(rows, columns, out);
	json_decref(rows);
}

static void add_figure(struct grid *g, const struct snap_figure *f, enum race_unit unit)
{
	struct buf b = {0};
	double by = unit == RACE_SHARE ? 100 : 1;
	int decimals = unit == RACE_SHARE ? 1 : 4;

	if (f->n == 0 && isnan(f->value)) {
		grid_cell(g, "-");
		return;
	}
	chart_number(by * f->value, decimals, &b);
	if (!isnan(f->low) && !isnan(f->high)) {
		buf_addstr(&b, " [");
		chart_number(by * f->low, decimals, &b);
		buf_addstr(&b, ", ");
		chart_number(by * f->high, decimals, &b);
		buf_addch(&b, ']');
	}
	grid_take(g, &b);
}

/* A runner's evaluations, a row each. */
static void write_evals(struct page *p, const struct snap_runner *r, struct arena *a)
{
	static const enum race_figure shown[] = {
		RACE_HR, RACE_NDCG, RACE_EXACT_HR, RACE_PRUNING_RATE, RACE_SEARCH_RECALL, RACE_CONDITION_VIOLATED};
	struct grid g;

	if (r->n_evals == 0)
		return;
	grid_init(&g, a, r->name_shown);
	grid_column(&g, "step", false);
	for (size_t i = 0; i < ARRAY_LEN(shown); i++) {
		char name[RACE_FIGURE_NAME];

		race_figure_name(name, shown[i], r->evals[0].width, true);
		grid_column(&g, arena_strdup(a, name), false);
	}
	for (size_t i = 0; i < r->n_evals; i++) {
		grid_cell(&g, "%zu", r->evals[i].step);
		for (size_t k = 0; k < ARRAY_LEN(shown); k++)
			add_figure(&g, &r->evals[i].figures[shown[k]], race_figures[shown[k]].unit);
	}
	grid_write(&g, p);
}

/* Where every runner is. */
static void write_losses(struct page *p, const struct snap_race *race, struct arena *a)
{
	struct grid g;

	p->ops->heading(p, "Objectives");
	grid_init(&g, a, NULL);
	grid_column(&g, "objective", true);
	grid_column(&g, "steps", false);
	grid_column(&g, "loss at the first", false);
	grid_column(&g, "smoothed at the last", false);
	grid_column(&g, "tokens", false);
	grid_column(&g, "seconds", false);
	for (size_t i = 0; i < race->n_runners; i++) {
		const struct snap_runner *r = &race->runners[i];

		grid_cell(&g, "%s", r->name_shown);
		grid_count(&g, r->step);
		grid_number(&g, r->n_points > 0 ? r->points[0].loss : (double)NAN, 4, false);
		grid_number(&g, r->last.step > 0 ? r->last.smoothed : (double)NAN, 4, false);
		grid_count(&g, r->tokens);
		grid_number(&g, r->seconds, 1, false);
	}
	grid_write(&g, p);
	p->ops->text(p, VOICE_NOTE,
		"Losses of different objectives are different things: they are not to be compared with each other.");
}

static void begin_page(struct page *p, const struct race_log *l)
{
	const struct phrase subtitle = {l->race->settings_shown, NULL};
	struct buf title = {0}, lead = {0};

	buf_addstr(&title, "Training:");
	for (size_t i = 0; i < l->race->n_runners; i++)
		buf_addf(&title, "%s %s", i > 0 ? "," : "", l->race->runners[i].name_shown);
	p->ops->begin(p, buf_str(&title));
	p->ops->phrases(p, VOICE_SUBTITLE, &subtitle, 1);
	buf_addf(&lead, "%zu objective%s from the same weights on the same batches, %zu steps.", l->race->n_runners,
		l->race->n_runners == 1 ? "" : "s", l->race->step);
	if (*l->race->eval_shown)
		buf_addf(&lead, " Evaluated on %s, %s.", l->race->eval_shown, l->race->eval_settings_shown);
	p->ops->text(p, VOICE_LEAD, buf_str(&lead));
	buf_release(&title);
	buf_release(&lead);
}

static void write_html(const struct race_log *l, struct arena *a, struct buf *out)
{
	struct page p = {&page_html, out};
	struct chart charts[CHARTS];
	bool evaluated = false;

	begin_page(&p, l);
	p.ops->charts(&p, charts, make_charts(l->race, a, charts));
	write_losses(&p, l->race, a);
	for (size_t i = 0; i < l->race->n_runners; i++) {
		if (!evaluated && l->race->runners[i].n_evals > 0)
			p.ops->heading(&p, "Evaluations");
		evaluated |= l->race->runners[i].n_evals > 0;
		write_evals(&p, &l->race->runners[i], a);
	}
	if (evaluated)
		p.ops->text(&p, VOICE_NOTE, "Shares are in per cent; in brackets their 95 % intervals.");
	export_page_settings(&p, l->settings, a);
}

int export_curves(struct session *s, struct export_job *job, struct err *err)
{
	struct race_log l;
	struct chart charts[CHARTS];
	struct arena a;
	int failed;

	if (job->args->many.n > 1)
		return err_set(err, ERR_USAGE, "'export curves' takes one folder");
	failed = job->args->many.n > 0 ? race_log_read(&l, job->args->many.at[0].text, err)
				       : race_log_of_board(&l, s->race, err);
	arena_init(&a);
	if (!failed) {
		switch (job->form) {
		case EXPORT_JSON:
			write_json(&l, &job->page);
			break;
		case EXPORT_CSV:
			write_csv(&l, &a, &job->page);
			break;
		case EXPORT_SVG:
			chart_page(charts, make_charts(l.race, &a, charts), EXPORT_CHART_W, EXPORT_CHART_H, &job->page);
			break;
		default:
			write_html(&l, &a, &job->page);
		}
		export_shows(job, "curves of %zu objective%s, %zu steps", l.race->n_runners,
			l.race->n_runners == 1 ? "" : "s", l.race->step);
	}
	arena_release(&a);
	race_log_release(&l);
	return failed;
}
