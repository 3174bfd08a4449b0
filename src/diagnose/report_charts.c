/*
 * The charts of a report's first screen.
 */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "report_priv.h"

#define STEPS_MOST 12 /* categories; the last one may stand for all from there on */

static double *numbers(struct report_work *w, size_t n)
{
	return arena_alloc(&w->arena, (n + 1) * sizeof(double));
}

static size_t chart_contenders(const struct report_work *w)
{
	size_t n = w->r->n > 1 ? w->r->n : 0;

	return n < CHART_SERIES ? n : CHART_SERIES;
}

/* The most steps that any of what is shown has, and the categories for them. */
static const char *const *step_names(struct report_work *w, size_t steps, bool all, size_t *n)
{
	const char **names;

	*n = steps < STEPS_MOST ? steps : STEPS_MOST;
	names = arena_alloc(&w->arena, (*n + 1) * sizeof(*names));
	for (size_t i = 0; i < *n; i++) {
		char name[32];

		snprintf(name, sizeof(name), all && i + 1 == *n && steps > *n ? "%zu+" : "%zu", i + 1);
		names[i] = arena_strdup(&w->arena, name);
	}
	return names;
}

/* What left the beam at every step, the last category with all later ones. */
static double *left_at(struct report_work *w, const struct tally *t, size_t n, bool wrongly)
{
	double *y = numbers(w, n);

	for (size_t i = 0; i < n; i++)
		y[i] = 0;
	for (size_t i = 0; i < t->n_steps; i++) {
		const struct tally_step *s = &t->steps[i];

		y[i < n ? i : n - 1] += (double)(wrongly ? s->wrongly : s->pruned - s->wrongly);
	}
	return y;
}

/* The last step at which any leaves the beam; 1 where none does. */
static size_t last_step(const struct tally *t, bool wrongly)
{
	size_t last = 1;

	for (size_t i = 0; i < t->n_steps; i++)
		if ((wrongly ? t->steps[i].wrongly : t->steps[i].pruned) > 0)
			last = i + 1;
	return last;
}

/* The steps of the charts by step: up to the last at which any positive item leaves a beam. */
static size_t shown_steps(const struct report_work *w)
{
	size_t steps = last_step(&w->tally, false);

	for (size_t i = 0; i < w->contest.n; i++) {
		size_t last = last_step(&w->contest.tallies[i], false);

		steps = last > steps ? last : steps;
	}
	return steps;
}

/* Where items are lost: of one survey the wrongly pruned apart from the rest, of several the wrongly pruned of each. */
static void chart_lost(struct report_work *w, struct chart *c)
{
	size_t several = chart_contenders(w);

	*c = (struct chart){.kind = CHART_BARS, .x_title = "step"};
	c->categories = step_names(w, shown_steps(w), true, &c->n_categories);
	if (several > 0) {
		c->title = "Lost to the search, by step";
		c->y_title = "positive items";
		c->note = "Only the wrongly pruned, at the step where each left the beam.";
		if (!report_one_width(w))
			c->note = "Only the wrongly pruned of each search at its own B, at the step where each left "
				  "the beam.";
		for (size_t i = 0; i < several; i++)
			c->series[i] = (struct chart_series){.name = w->r->contenders[i].name,
				.y = left_at(w, &w->contest.tallies[i], c->n_categories, true),
				.n = c->n_categories,
				.look = i};
		c->n_series = several;
		return;
	}
	c->title = "Where items leave the beam";
	c->y_title = "positive items";
	c->note = "All positive items that left it: lost to the search, or rightly, since the model ranks them beyond "
		  "B.";
	c->series[0] = (struct chart_series){.name = "lost (wrongly pruned)",
		.y = left_at(w, &w->tally, c->n_categories, true),
		.n = c->n_categories};
	c->series[1] = (struct chart_series){.name = "rightly",
		.y = left_at(w, &w->tally, c->n_categories, false),
		.n = c->n_categories,
		.open = true};
	c->n_series = 2;
}

static void chart_margins(struct report_work *w, struct chart *c)
{
	struct buf b = {0};
	double *y;

	if (w->r->n > 1)
		buf_addf(&b, "Prefix margins of %s, by step", w->r->contenders[0].name);
	else
		buf_addstr(&b, "Prefix margins, by step");
	*c = (struct chart){.kind = CHART_BOXES,
		.title = report_kept(w, &b),
		.x_title = "step",
		.y_title = "nats above the cut-off",
		.zero_line = true,
		.note = "All positive items still in the beam: range, middle half, median. One below 0 leaves it, and "
			"is lost if it is among the exact best B."};
	c->categories = step_names(w, shown_steps(w), false, &c->n_categories);
	y = numbers(w, 5 * c->n_categories);
	for (size_t i = 0; i < c->n_categories; i++)
		for (size_t k = 0; k < 5; k++)
			y[5 * i + k] = i < w->tally.n_steps && w->tally.steps[i].alive > 0
					       ? w->tally.steps[i].prefix_margin[k]
					       : (double)NAN;
	c->series[0] = (struct chart_series){.name = "prefix margin", .y = y, .n = c->n_categories};
	c->n_series = 1;
}

/* Figures as a series: arrays of the work's arena. */
struct points {
	double *x, *y, *low, *high;
	size_t n;
};

static struct points new_points(struct report_work *w, size_t n)
{
	return (struct points){numbers(w, n), numbers(w, n), numbers(w, n), numbers(w, n), 0};
}

static void add_point(struct points *p, double x, const struct figure *f)
{
	p->x[p->n] = x;
	p->y[p->n] = f->value;
	p->low[p->n] = f->low;
	p->high[p->n] = f->high;
	p->n++;
}

static struct chart_series series_of(const struct points *p, const char *name)
{
	return (struct chart_series){.name = name, .x = p->x, .y = p->y, .low = p->low, .high = p->high, .n = p->n};
}

static struct figure returned_at(const struct tally_width *t)
{
	return t->hr;
}

static struct figure exact_at(const struct tally_width *t)
{
	return t->exact_hr;
}

static struct figure lost_at(const struct tally_width *t)
{
	return t->pruning_rate;
}

static struct chart_series by_width(struct report_work *w, const struct tally *t, const char *name,
	struct figure (*of)(const struct tally_width *t))
{
	struct points p = new_points(w, t->n_widths);

	for (size_t i = 0; i < t->n_widths; i++) {
		struct figure f = of(&t->widths[i]);

		add_point(&p, (double)t->widths[i].width, &f);
	}
	return series_of(&p, name);
}

/* By beam width: of one survey what is returned beside what could be, of several what each loses. */
static void chart_survival(struct report_work *w, struct chart *c)
{
	size_t several = chart_contenders(w);

	*c = (struct chart){.kind = CHART_LINES, .x_title = "beam width B", .log_x = true, .percent = true};
	if (several == 0) {
		c->title = "Survival, by beam width";
		c->y_title = "share of all positive items";
		c->note = "Between the lines: what is lost to the search, less what it returns by luck. Whiskers: 95 % "
			  "intervals.";
		c->series[0] = by_width(w, &w->tally, "returned", returned_at);
		c->series[1] = by_width(w, &w->tally, "among the exact best B", exact_at);
		c->series[1].open = true;
		c->n_series = 2;
		return;
	}
	c->title = "Lost to the search, by beam width";
	c->y_title = "share of those among the exact best B";
	c->note = "The wrongly pruned, had each searched with that B. Whiskers: 95 % intervals.";
	c->n_series = several;
	for (size_t i = 0; i < several; i++) {
		c->series[i] = by_width(w, &w->contest.tallies[i], w->r->contenders[i].name, lost_at);
		c->series[i].look = i;
	}
}

/* "Wrongly pruned, by item tokens" */
static const char *slices_title(struct report_work *w, const char *figure, const struct slices *s)
{
	struct buf b = {0};
	const char *kept;

	buf_addf(&b, "%s, by %s", figure, s->by->name);
	for (char *at = b.at; *at; at++)
		if (*at == '_')
			*at = ' ';
	kept = arena_strdup(&w->arena, buf_str(&b));
	buf_release(&b);
	return kept;
}

/* How much is lost; where no positive item could be, how many of the exact best items are returned. */
static void chart_slices(struct report_work *w, const struct slices *s, struct chart *c)
{
	bool any = w->tally.metrics.pruning_rate.n > 0;
	struct buf note = {0};
	const char **names;
	struct points p;

	if (w->r->n > 1)
		buf_addf(&note, "Of %s. ", w->r->contenders[0].name);
	buf_addstr(&note, "Whiskers: 95 % intervals.");
	*c = (struct chart){.kind = CHART_BARS,
		.title = slices_title(w, any ? "Wrongly pruned" : "Search recall", s),
		.y_title = any ? "share of those among the exact best B" : "share of the exact best B",
		.percent = true,
		.note = report_kept(w, &note)};
	c->x_title = s->by->title;
	c->n_categories = s->n;
	names = arena_alloc(&w->arena, (s->n + 1) * sizeof(*names));
	p = new_points(w, s->n);
	for (size_t i = 0; i < s->n; i++) {
		names[i] = s->at[i].label;
		add_point(&p, 0, any ? &s->at[i].metrics.pruning_rate : &s->at[i].metrics.search_recall);
	}
	c->categories = names;
	c->series[0] = series_of(&p, c->title);
	c->n_series = 1;
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
