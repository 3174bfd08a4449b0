/*
 * The charts of a survey.
 */
#include "diagnose/survey_charts.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define STEPS_MOST 12 /* categories; the last one may stand for all from there on */
#define BINS 9        /* of a histogram, about */
#define BINS_MOST (CHART_TICKS + 1)
#define TAIL 0.03 /* of the values may lie beyond the bins of one width, at each end */

const char *const *survey_step_names(struct arena *a, size_t steps, bool all, size_t *n)
{
	const char **names;

	*n = steps < STEPS_MOST ? steps : STEPS_MOST;
	names = arena_calloc(a, *n, sizeof(*names));
	for (size_t i = 0; i < *n; i++) {
		char name[32];

		snprintf(name, sizeof(name), all && i + 1 == *n && steps > *n ? "%zu+" : "%zu", i + 1);
		names[i] = arena_strdup(a, name);
	}
	return names;
}

double *survey_left_at(struct arena *a, const struct tally *t, size_t n, bool wrongly)
{
	double *y = arena_calloc(a, n, sizeof(*y));

	for (size_t i = 0; i < t->n_steps; i++) {
		const struct tally_step *s = &t->steps[i];

		y[i < n ? i : n - 1] += (double)(wrongly ? s->wrongly : s->pruned - s->wrongly);
	}
	return y;
}

size_t survey_last_step(const struct tally *t)
{
	size_t last = 1;

	for (size_t i = 0; i < t->n_steps; i++)
		if (t->steps[i].pruned > 0)
			last = i + 1;
	return last;
}

void survey_chart_lost(struct arena *a, const struct tally *t, size_t steps, struct chart *c)
{
	*c = (struct chart){.kind = CHART_BARS,
		.title = "Where items leave the beam",
		.x_title = "step",
		.y_title = "positive items",
		.note = "All positive items that left it: lost to the search, or rightly, since the model ranks them "
			"beyond B."};
	c->categories = survey_step_names(a, steps, true, &c->n_categories);
	c->series[0] = (struct chart_series){.name = "lost (wrongly pruned)",
		.y = survey_left_at(a, t, c->n_categories, true),
		.n = c->n_categories};
	c->series[1] = (struct chart_series){.name = "rightly",
		.y = survey_left_at(a, t, c->n_categories, false),
		.n = c->n_categories,
		.open = true};
	c->n_series = 2;
}

void survey_chart_margins(struct arena *a, const struct tally *t, size_t steps, struct chart *c)
{
	double *y;

	*c = (struct chart){.kind = CHART_BOXES,
		.title = "Prefix margins, by step",
		.x_title = "step",
		.y_title = "nats above the cut-off",
		.zero_line = true,
		.note = "All positive items still in the beam: range, middle half, median. One below 0 leaves it, and "
			"is lost if it is among the exact best B."};
	c->categories = survey_step_names(a, steps, false, &c->n_categories);
	y = arena_calloc(a, c->n_categories, 5 * sizeof(*y));
	for (size_t i = 0; i < c->n_categories; i++)
		for (size_t k = 0; k < 5; k++)
			y[5 * i + k] =
				i < t->n_steps && t->steps[i].alive > 0 ? t->steps[i].prefix_margin[k] : (double)NAN;
	c->series[0] = (struct chart_series){.name = "prefix margin", .y = y, .n = c->n_categories};
	c->n_series = 1;
}

/* Figures as a series: arrays of an arena. */
struct points {
	double *x, *y, *low, *high;
	size_t n;
};

static struct points new_points(struct arena *a, size_t n)
{
	double *at = arena_calloc(a, n, 4 * sizeof(*at));

	return (struct points){at, at + n, at + 2 * n, at + 3 * n, 0};
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

struct chart_series survey_by_width(
	struct arena *a, const struct tally *t, const char *name, struct figure (*of)(const struct tally_width *t))
{
	struct points p = new_points(a, t->n_widths);

	for (size_t i = 0; i < t->n_widths; i++) {
		struct figure f = of(&t->widths[i]);

		add_point(&p, (double)t->widths[i].width, &f);
	}
	return series_of(&p, name);
}

void survey_chart_survival(struct arena *a, const struct tally *t, struct chart *c)
{
	*c = (struct chart){.kind = CHART_LINES,
		.title = "Survival, by beam width",
		.x_title = "beam width B",
		.y_title = "share of all positive items",
		.log_x = true,
		.percent = true,
		.note = "Between the lines: what is lost to the search, less what it returns by luck. Whiskers: 95 % "
			"intervals."};
	c->series[0] = survey_by_width(a, t, "returned", returned_at);
	c->series[1] = survey_by_width(a, t, "among the exact best B", exact_at);
	c->series[1].open = true;
	c->n_series = 2;
}

/* "Wrongly pruned, by item tokens" */
static const char *slices_title(struct arena *a, const char *figure, const struct slices *s)
{
	struct buf b = {0};

	buf_addf(&b, "%s, by %s", figure, s->by->name);
	for (char *at = b.at; *at; at++)
		if (*at == '_')
			*at = ' ';
	return buf_keep(&b, a);
}

void survey_chart_slices(struct arena *a, const struct slices *s, bool any, struct chart *c)
{
	const char **names = arena_calloc(a, s->n, sizeof(*names));
	struct points p = new_points(a, s->n);

	*c = (struct chart){.kind = CHART_BARS,
		.title = slices_title(a, any ? "Wrongly pruned" : "Search recall", s),
		.x_title = s->by->title,
		.y_title = any ? "share of those among the exact best B" : "share of the exact best B",
		.categories = names,
		.n_categories = s->n,
		.percent = true,
		.note = "Whiskers: 95 % intervals."};
	for (size_t i = 0; i < s->n; i++) {
		names[i] = arena_strdup(a, s->at[i].label);
		add_point(&p, 0, any ? &s->at[i].metrics.pruning_rate : &s->at[i].metrics.search_recall);
	}
	c->series[0] = series_of(&p, c->title);
	c->n_series = 1;
}

/* Smallest prefix margins of all cases that have one. */
static size_t worst_margins(const struct survey *s, double *margins, bool *lost)
{
	size_t n = 0;

	for (size_t i = 0; i < s->findings.n; i++) {
		const struct finding *f = &s->findings.at[i];
		size_t step = finding_worst_step(f);

		if (step == 0)
			continue;
		lost[n] = finding_pruned(f);
		margins[n++] = f->steps[step - 1].prefix_margin;
	}
	return n;
}

/* Edges of bins that hold all but the tails of the finite values; their number, 0 where there are none. */
static size_t bin_edges(double edges[CHART_TICKS], const double *margins, size_t n, int *decimals)
{
	double *sorted = xcalloc(n + 1, sizeof(*sorted));
	size_t finite = 0, edges_n = 0;

	for (size_t i = 0; i < n; i++)
		if (isfinite(margins[i]))
			sorted[finite++] = margins[i];
	qsort(sorted, finite, sizeof(*sorted), figure_rising);
	if (finite > 0)
		edges_n = chart_ticks(edges, figure_quantile(sorted, finite, TAIL),
			figure_quantile(sorted, finite, 1 - TAIL), BINS, decimals);
	free(sorted);
	return edges_n;
}

/* Bin 0 is below the first edge, bin i from edge i - 1 on. */
static size_t bin_of(const double *edges, size_t n, double v)
{
	size_t i = 0;

	while (i < n && v >= edges[i])
		i++;
	return i;
}

/* "< -4", "-4…-3", "≥ 6" */
static const char *bin_name(struct arena *a, const double *edges, size_t n, size_t bin, int decimals)
{
	struct buf b = {0};

	buf_addstr(&b, bin == 0 ? "< " : bin == n ? "≥ " : "");
	chart_tick_label(edges[bin > 0 ? bin - 1 : 0], decimals, false, &b);
	if (bin > 0 && bin < n) {
		buf_addstr(&b, "…");
		chart_tick_label(edges[bin], decimals, false, &b);
	}
	return buf_keep(&b, a);
}

void survey_chart_worst(struct arena *a, const struct survey *s, struct chart *c)
{
	double *margins = xcalloc(s->findings.n + 1, sizeof(*margins)), edges[CHART_TICKS], *y[2];
	bool *lost = xcalloc(s->findings.n + 1, sizeof(*lost));
	const char **names = arena_alloc(a, BINS_MOST * sizeof(*names));
	size_t n = worst_margins(s, margins, lost), first, last, n_edges;
	size_t counts[2][BINS_MOST] = {{0}};
	int decimals = 0;

	n_edges = bin_edges(edges, margins, n, &decimals);
	for (size_t i = 0; n_edges > 0 && i < n; i++)
		counts[lost[i] ? 0 : 1][bin_of(edges, n_edges, margins[i])]++;
	first = n_edges > 0 && counts[0][0] + counts[1][0] == 0;
	last = n_edges > 0 && counts[0][n_edges] + counts[1][n_edges] == 0 ? n_edges : n_edges + 1;
	*c = (struct chart){.kind = CHART_BARS,
		.title = "Smallest prefix margin of each case",
		.x_title = "nats above the cut-off",
		.y_title = "cases",
		.categories = names,
		.n_categories = n_edges > 0 ? last - first : 0,
		.note = "Below 0 the positive item has left the beam: lost to the search, or rightly."};
	for (size_t k = 0; k < 2; k++) {
		y[k] = arena_calloc(a, BINS_MOST, sizeof(*y[k]));
		for (size_t i = 0; i < c->n_categories; i++)
			y[k][i] = (double)counts[k][first + i];
	}
	for (size_t i = 0; i < c->n_categories; i++)
		names[i] = bin_name(a, edges, n_edges, first + i, decimals);
	c->series[0] = (struct chart_series){.name = "lost (wrongly pruned)", .y = y[0], .n = c->n_categories};
	c->series[1] = (struct chart_series){.name = "others", .y = y[1], .n = c->n_categories, .open = true};
	c->n_series = 2;
	free(margins);
	free(lost);
}

/* The slicing of this name; its chart, where it tells cases apart. */
static size_t add_slices(
	struct arena *a, const struct survey *s, const struct tally *t, const char *name, struct chart *c)
{
	size_t made = 0;

	for (size_t i = 0; slicings[i]; i++) {
		struct slices slices;

		if (strcmp(slicings[i]->name, name) != 0)
			continue;
		slices_init(&slices, slicings[i], s);
		made = slices.n > 1;
		if (made)
			survey_chart_slices(a, &slices, t->metrics.pruning_rate.n > 0, c);
		slices_release(&slices);
	}
	return made;
}

size_t survey_charts(
	struct arena *a, const struct survey *s, const struct tally *t, struct chart charts[SURVEY_CHARTS_ALL])
{
	size_t n = 0, steps = survey_last_step(t);

	if (s->findings.n == 0)
		return 0;
	survey_chart_lost(a, t, steps, &charts[n++]);
	survey_chart_worst(a, s, &charts[n]);
	n += charts[n].n_categories > 0;
	if (t->n_widths > 1)
		survey_chart_survival(a, t, &charts[n++]);
	n += add_slices(a, s, t, "popularity", &charts[n]);
	n += add_slices(a, s, t, "item_tokens", &charts[n]);
	survey_chart_margins(a, t, steps, &charts[n++]);
	return n;
}
