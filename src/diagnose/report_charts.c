/*
 * The charts of a report's first screen.
 */
#include "diagnose/survey_charts.h"
#include "report_priv.h"

static size_t chart_contenders(const struct report_work *w)
{
	size_t n = w->r->n > 1 ? w->r->n : 0;

	return n < CHART_SERIES ? n : CHART_SERIES;
}

/* The steps of the charts by step: up to the last at which any positive item leaves a beam. */
static size_t shown_steps(const struct report_work *w)
{
	size_t steps = survey_last_step(&w->tally);

	for (size_t i = 0; i < w->contest.n; i++) {
		size_t last = survey_last_step(&w->contest.tallies[i]);

		steps = last > steps ? last : steps;
	}
	return steps;
}

/* Where items are lost: of one survey the wrongly pruned apart from the rest, of several the wrongly pruned of each. */
static void chart_lost(struct report_work *w, struct chart *c)
{
	size_t several = chart_contenders(w);

	if (several == 0) {
		survey_chart_lost(&w->arena, &w->tally, shown_steps(w), c);
		return;
	}
	*c = (struct chart){.kind = CHART_BARS,
		.title = "Lost to the search, by step",
		.x_title = "step",
		.y_title = "positive items",
		.note = report_one_width(w) ? "Only the wrongly pruned, at the step where each left the beam."
					    : "Only the wrongly pruned of each search at its own B, at the step where "
					      "each left the beam."};
	c->categories = survey_step_names(&w->arena, shown_steps(w), true, &c->n_categories);
	for (size_t i = 0; i < several; i++)
		c->series[i] = (struct chart_series){.name = w->r->contenders[i].name,
			.y = survey_left_at(&w->arena, &w->contest.tallies[i], c->n_categories, true),
			.n = c->n_categories,
			.look = i};
	c->n_series = several;
}

static void chart_margins(struct report_work *w, struct chart *c)
{
	struct buf b = {0};

	survey_chart_margins(&w->arena, &w->tally, shown_steps(w), c);
	if (w->r->n == 1)
		return;
	buf_addf(&b, "Prefix margins of %s, by step", w->r->contenders[0].name);
	c->title = report_kept(w, &b);
}

static struct figure lost_at(const struct tally_width *t)
{
	return t->pruning_rate;
}

/* By beam width: of one survey what is returned beside what could be, of several what each loses. */
static void chart_survival(struct report_work *w, struct chart *c)
{
	size_t several = chart_contenders(w);

	if (several == 0) {
		survey_chart_survival(&w->arena, &w->tally, c);
		return;
	}
	*c = (struct chart){.kind = CHART_LINES,
		.title = "Lost to the search, by beam width",
		.x_title = "beam width B",
		.y_title = "share of those among the exact best B",
		.log_x = true,
		.percent = true,
		.note = "The wrongly pruned, had each searched with that B. Whiskers: 95 % intervals.",
		.n_series = several};
	for (size_t i = 0; i < several; i++) {
		c->series[i] = survey_by_width(&w->arena, &w->contest.tallies[i], w->r->contenders[i].name, lost_at);
		c->series[i].look = i;
	}
}

static void chart_slices(struct report_work *w, const struct slices *s, struct chart *c)
{
	struct buf note = {0};

	survey_chart_slices(&w->arena, s, w->tally.metrics.pruning_rate.n > 0, c);
	if (w->r->n == 1)
		return;
	buf_addf(&note, "Of %s. %s", w->r->contenders[0].name, c->note);
	c->note = report_kept(w, &note);
}

/* Those slices that tell cases apart: by popularity first. */
size_t report_charts(struct report_work *w, struct chart charts[REPORT_CHARTS])
{
	size_t n = 0;

	chart_lost(w, &charts[n++]);
	chart_survival(w, &charts[n++]);
	chart_margins(w, &charts[n++]);
	for (size_t i = 0; i < w->n_slices && n < REPORT_CHARTS; i++)
		if (w->slices[i].n > 1 && !w->slices[i].by->pruned_only)
			chart_slices(w, &w->slices[i], &charts[n++]);
	return n;
}
