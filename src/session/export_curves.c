/*
 * The curves of a race: export curves.
 */
#include "session/export.h"

#include <math.h>

#include "session/record.h"

#define WIDTH 860.0
#define HEIGHT 300.0

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

int export_curves(struct session *s, struct export_job *job, struct err *err)
{
	unsigned long version = 0;
	struct snap_race *race = scoreboard_copy(s->race, &version);
	struct chart charts[3];
	struct arena a;
	size_t n = 0;

	if (!race)
		return err_set(err, ERR_VALUE, "there is no race to draw yet: run 'train' before it");
	arena_init(&a);
	loss_chart(&charts[n++], race, &a);
	n += figure_chart(&charts[n], race, &a, RACE_NDCG, "Ranking gain (NDCG at B) by step");
	n += figure_chart(&charts[n], race, &a, RACE_PRUNING_RATE, "Wrongly pruned, by step");
	chart_page(charts, n, WIDTH, HEIGHT, &job->page);
	export_shows(job, "curves of %zu objective%s, %zu steps", race->n_runners, race->n_runners == 1 ? "" : "s",
		race->step);
	arena_release(&a);
	snap_race_unref(race);
	return 0;
}
