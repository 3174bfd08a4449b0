#include "session/trace_charts.h"

#include <math.h>

enum {
	LOOK_PREFIX,
	LOOK_TOKEN,
	LOOK_CUTOFF
};

/* One value for every step; NaN where there is none. */
typedef double value_fn(const struct snap_positive *p);

static double prefix_margin(const struct snap_positive *p)
{
	return p->prefix_margin;
}

static double token_margin(const struct snap_positive *p)
{
	return p->token_margin;
}

static double rank_or_none(size_t rank)
{
	return rank > 0 ? (double)rank : (double)NAN;
}

static double prefix_rank(const struct snap_positive *p)
{
	return rank_or_none(p->prefix_rank);
}

static double token_rank(const struct snap_positive *p)
{
	return rank_or_none(p->token_rank);
}

static double width(const struct snap_positive *p)
{
	return (double)p->width;
}

/* Adds the curve of steps from … to, which count from 1. */
static struct chart_series *add(struct chart *c, const struct snap_trace *t, struct arena *a, const char *name,
	size_t look, value_fn *value, size_t from, size_t to)
{
	struct chart_series *s = &c->series[c->n_series++];
	double *x = arena_calloc(a, t->n_positive, sizeof(*x)), *y = arena_calloc(a, t->n_positive, sizeof(*y));

	*s = (struct chart_series){.name = name, .x = x, .y = y, .look = look};
	for (size_t step = from; step <= to && step <= t->n_positive; step++) {
		x[s->n] = (double)step;
		y[s->n++] = value(&t->positive[step - 1]);
	}
	return s;
}

/* The prefix's curve, from the step of the pruning on as what might have been. */
static void add_prefix(struct chart *c, const struct snap_trace *t, struct arena *a, const char *name, value_fn *value)
{
	size_t cut = t->pruned_at > 0 && t->pruned_at < t->n_positive ? t->pruned_at : t->n_positive;

	add(c, t, a, name, LOOK_PREFIX, value, 1, cut);
	if (cut < t->n_positive)
		add(c, t, a, "had it stayed", LOOK_PREFIX, value, cut, t->n_positive)->open = true;
}

static struct chart chart_of(const struct snap_trace *t, const char *title, const char *y_title)
{
	return (struct chart){.kind = CHART_LINES,
		.title = title,
		.x_title = "step",
		.y_title = y_title,
		.whole_x = true,
		.x_from = 1,
		.x_to = (double)t->n_positive};
}

void trace_charts(const struct snap_trace *t, struct arena *a, struct chart charts[TRACE_CHARTS])
{
	struct chart *margins = &charts[TRACE_MARGINS], *ranks = &charts[TRACE_RANKS];

	*margins = chart_of(t, "Margins by step", "nats above the cut-off");
	margins->zero_line = true;
	margins->note = "A prefix below 0 leaves the beam; a token below 0 is not among the best B of its step.";
	add_prefix(margins, t, a, "prefix margin", prefix_margin);
	add(margins, t, a, "token margin", LOOK_TOKEN, token_margin, 1, t->n_positive);
	*ranks = chart_of(t, "Ranks by step", "rank");
	ranks->log_y = true;
	ranks->falling_y = true;
	ranks->note = "A prefix below the cut-off leaves the beam.";
	add_prefix(ranks, t, a, "prefix rank", prefix_rank);
	add(ranks, t, a, "token rank", LOOK_TOKEN, token_rank, 1, t->n_positive);
	add(ranks, t, a, "cut-off at B", LOOK_CUTOFF, width, 1, t->n_positive)->open = true;
}
