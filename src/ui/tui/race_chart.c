#include "race_chart.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/chart.h"
#include "base/mem.h"
#include "panel.h"
#include "race_panel.h"
#include "tabs.h"

/* A curve: of a member of the points, or of a figure of the evaluations. */
static const struct tab {
	const char *name;
	size_t member;     /* of struct snap_point, a double */
	bool eval;
	enum race_figure figure;
} tabs[] = {
#define POINT(name, member) {name, offsetof(struct snap_point, member), false, RACE_FIGURES}
#define EVAL(name, figure) {name, 0, true, figure}
	POINT("loss", smoothed),
	EVAL("NDCG", RACE_NDCG),
	EVAL("HR", RACE_HR),
	EVAL("pruned", RACE_PRUNING_RATE),
	EVAL("recall", RACE_SEARCH_RECALL),
	EVAL("violated", RACE_CONDITION_VIOLATED),
	POINT("gradient", grad_norm),
	POINT("rate", lr),
	POINT("tokens/s", tokens_per_second),
#undef POINT
#undef EVAL
};

enum { TAB_LOSS = 0 };

size_t race_tabs(void)
{
	return ARRAY_LEN(tabs);
}

size_t race_newest(const struct snap_race *race)
{
	size_t newest = 0;

	for (size_t i = 0; i < race->n_runners; i++)
		newest = race->runners[i].step > newest ? race->runners[i].step : newest;
	return newest;
}

void race_shown(const struct snap_race *race, const struct race_look *look, size_t *from, size_t *to)
{
	size_t newest = race_newest(race);

	*from = look->to > 0 ? look->from : 0;
	*to = look->to > 0 ? look->to : newest;
	if (*to <= *from)
		*to = *from + 1;
}

static double member(const struct snap_point *p, size_t offset)
{
	return *(const double *)((const char *)p + offset);
}

/* The newest point up to a step, NULL: there is none. */
static const struct snap_point *point_at(const struct snap_runner *r, size_t step)
{
	size_t low = 0, high = r->n_points;

	while (low < high) {
		size_t mid = low + (high - low) / 2;
		if (r->points[mid].step <= step)
			low = mid + 1;
		else
			high = mid;
	}
	return low > 0 ? &r->points[low - 1] : NULL;
}

static const struct snap_eval *eval_at(const struct snap_runner *r, size_t step)
{
	size_t n = r->n_evals;

	while (n > 0 && r->evals[n - 1].step > step)
		n--;
	return n > 0 ? &r->evals[n - 1] : NULL;
}

static void add_value(const struct tab *tab, double v, struct buf *out)
{
	if (tab->eval) {
		race_number(v, race_figures[tab->figure].unit, out);
		if (race_figures[tab->figure].unit == RACE_SHARE && !isnan(v))
			buf_addstr(out, " %");
	} else if (isnan(v)) {
		buf_addstr(out, "NaN");
	} else if (tab->member == offsetof(struct snap_point, tokens_per_second) && isfinite(v)) {
		buf_addcount(out, (size_t)v);
	} else {
		buf_addf(out, "%.4g", v);
	}
}

/* "sft 0.4971 (raw 0.4868)"; of an evaluation before the step "sft 24.5 % (at 50)". */
static void add_reading(const struct snap_runner *r, const struct tab *tab, bool raw, size_t at, struct buf *out)
{
	const struct snap_point *p = tab->eval ? NULL : point_at(r, at);
	const struct snap_eval *e = tab->eval ? eval_at(r, at) : NULL;
	const struct snap_figure *f = e ? &e->figures[tab->figure] : NULL;

	buf_addf(out, "%s ", r->name_shown);
	if (p)
		add_value(tab, member(p, tab->member), out);
	else if (f && f->n > 0)
		add_value(tab, f->value, out);
	else
		buf_addch(out, '-');
	if (raw && p) {
		buf_addstr(out, " (raw ");
		add_value(tab, p->loss, out);
		buf_addch(out, ')');
	}
	if (e && e->step != at)
		buf_addf(out, " (at %zu)", e->step);
}

void race_readout(const struct snap_race *race, const struct race_look *look, struct buf *out)
{
	const struct tab *tab = &tabs[look->tab];
	size_t at = look->at > 0 ? look->at : race_newest(race);

	buf_addf(out, "step %zu:", at);
	for (size_t i = 0; i < race->n_runners; i++) {
		buf_addstr(out, i > 0 ? ", " : " ");
		add_reading(&race->runners[i], tab, look->tab == TAB_LOSS && i == look->selected, at, out);
	}
}

/* They stand in the first line. */
static struct rect line_of_tabs(struct rect r)
{
	return (struct rect){r.x + 1, r.y, r.w - 1, 1};
}

static void list_names(const char *names[ARRAY_LEN(tabs)])
{
	for (size_t i = 0; i < ARRAY_LEN(tabs); i++)
		names[i] = tabs[i].name;
}

size_t race_tab_at(struct rect r, int x, int y)
{
	const char *names[ARRAY_LEN(tabs)];

	list_names(names);
	return tabs_at(line_of_tabs(r), names, ARRAY_LEN(tabs), x, y);
}

unsigned race_role(size_t runner)
{
	return ROLE_SERIES_1 + (unsigned)(runner % CHART_SERIES);
}

/* A chart with room for the curves that it draws. */
struct curves {
	struct chart chart;
	double *values[CHART_SERIES]; /* owned */
	size_t room;                  /* buckets of a curve: two values a bucket are seen */
	size_t from, to;              /* steps */
};

static void curves_release(struct curves *v)
{
	for (size_t i = 0; i < v->chart.n_series; i++)
		free(v->values[i]);
}

static struct chart_series *add_series(
	struct curves *v, const struct snap_runner *r, size_t look, size_t n, int columns)
{
	struct chart_series *s = &v->chart.series[v->chart.n_series];
	double *values = xcalloc(n + 1, (size_t)columns * sizeof(*values));

	v->values[v->chart.n_series++] = values;
	*s = (struct chart_series){.name = r->name_shown, .x = values, .y = values + n, .look = look};
	return s;
}

static void put(struct chart_series *s, double x, double y)
{
	((double *)s->x)[s->n] = x;
	((double *)s->y)[s->n++] = y;
}

/* The points of a bucket shrink to the lowest and the highest, in their order: what is left out would lie between. */
struct bucket {
	size_t number, n;
	struct snap_point const *low, *high;
};

static void put_bucket(struct chart_series *s, const struct bucket *b, size_t offset)
{
	const struct snap_point *first = b->low <= b->high ? b->low : b->high;
	const struct snap_point *last = b->low <= b->high ? b->high : b->low;

	if (b->n == 0)
		return;
	put(s, (double)first->step, member(first, offset));
	if (last != first)
		put(s, (double)last->step, member(last, offset));
}

static void add_points(struct curves *v, const struct snap_runner *r, size_t look, size_t offset, bool faint)
{
	struct chart_series *s = add_series(v, r, look, 2 * (v->room + 1), 2);
	struct bucket b = {.n = 0};

	s->faint = faint;
	for (size_t i = 0; i < r->n_points; i++) {
		const struct snap_point *p = &r->points[i];
		double y = member(p, offset);

		if (p->step < v->from || p->step > v->to || isnan(y))
			continue;
		size_t number = (p->step - v->from) * v->room / (v->to - v->from + 1);
		if (b.n > 0 && number != b.number) {
			put_bucket(s, &b, offset);
			b.n = 0;
		}
		b.number = number;
		if (b.n == 0 || y < member(b.low, offset))
			b.low = p;
		if (b.n == 0 || y > member(b.high, offset))
			b.high = p;
		b.n++;
	}
	put_bucket(s, &b, offset);
}

static void add_evals(struct curves *v, const struct snap_runner *r, size_t look, enum race_figure f, bool intervals)
{
	struct chart_series *s = add_series(v, r, look, r->n_evals, 4);
	double *low = (double *)s->y + r->n_evals, *high = low + r->n_evals;
	double scale = race_figures[f].unit == RACE_SHARE ? 100 : 1;

	for (size_t i = 0; i < r->n_evals; i++) {
		const struct snap_figure *figure = &r->evals[i].figures[f];

		if (figure->n == 0)
			continue;
		low[s->n] = scale * figure->low;
		high[s->n] = scale * figure->high;
		put(s, (double)r->evals[i].step, scale * figure->value);
	}
	if (intervals) {
		s->low = low;
		s->high = high;
	}
}

/* Raw values under the smoothed ones, of all runners where there is room for so many curves. */
static void add_raw(struct curves *v, const struct snap_race *race, const struct race_look *look)
{
	bool all = 2 * race->n_runners <= CHART_SERIES && !look->alone;

	for (size_t i = 0; i < race->n_runners; i++)
		if ((all || i == look->selected) && v->chart.n_series + race->n_runners < CHART_SERIES)
			add_points(v, &race->runners[i], i, offsetof(struct snap_point, loss), true);
}

static size_t curves_init(
	struct curves *v, const struct snap_race *race, const struct race_look *look, int columns)
{
	const struct tab *tab = &tabs[look->tab];
	size_t strong = 0;

	*v = (struct curves){.room = columns > 1 ? 2 * (size_t)columns : 2};
	race_shown(race, look, &v->from, &v->to);
	v->chart = (struct chart){
		.kind = CHART_LINES,
		.title = tab->name,
		.x_title = "step",
		.log_y = look->log,
		.whole_x = true,
		.x_from = (double)v->from,
		.x_to = (double)v->to,
		/* In per cent, but not as a share, whose axis begins at 0: small differences shall be seen. */
		.y_title = tab->eval && race_figures[tab->figure].unit == RACE_SHARE ? "%" : NULL,
	};
	if (look->tab == TAB_LOSS)
		add_raw(v, race, look);
	for (size_t i = 0; i < race->n_runners; i++) {
		const struct snap_runner *r = &race->runners[i];
		bool stands_out = i == look->selected && (look->alone || race->n_runners == 1);

		/* Losses of different objectives cannot be compared: alone, one has the axis for itself. */
		if (look->tab == TAB_LOSS && look->alone && !stands_out)
			continue;

		if (tab->eval)
			add_evals(v, r, i, tab->figure, stands_out);
		else
			add_points(v, r, i, tab->member, false);
		if (stands_out && look->alone)
			strong = v->chart.n_series;
	}
	return strong;
}

static const char *nothing_to_show(const struct tab *tab, const struct snap_race *race, bool log, size_t n)
{
	if (n > 0)
		return NULL;
	if (!tab->eval)
		return race->running ? "the first step is being made" : "no step was made";
	if (!*race->eval_shown)
		return "nothing is evaluated (--eval-cases 0)";
	return log ? "no value above 0 yet: L goes back to the linear axis" : "not evaluated yet";
}

static size_t count_points(const struct chart *chart)
{
	size_t n = 0;

	for (size_t i = 0; i < chart->n_series; i++)
		for (size_t k = 0; k < chart->series[i].n; k++)
			n += chart_has_point(chart, &chart->series[i], k);
	return n;
}

static struct plot_place draw_curves(
	struct canvas *c, struct rect r, const struct snap_race *race, const struct race_look *look)
{
	struct curves curves;
	struct plot_place place = {.in = {r.x, r.y, 0, 0}};
	struct plot_options o = {
		.strong = curves_init(&curves, race, look, r.w),
		.has_cursor = look->at > 0,
		.cursor = (double)look->at,
	};
	const char *empty = nothing_to_show(&tabs[look->tab], race, look->log, count_points(&curves.chart));

	if (empty)
		panel_message(c, r, empty);
	else
		place = plot_draw(c, r, &curves.chart, &o);
	curves_release(&curves);
	return place;
}

struct plot_place race_chart(
	struct canvas *c, struct rect r, const struct snap_race *race, const struct race_look *look)
{
	static const char remark[] = "losses cannot be compared";
	const char *names[ARRAY_LEN(tabs)];
	struct buf line = {0};
	size_t from, to;

	if (r.h < 3)
		return (struct plot_place){.in = {r.x, r.y, 0, 0}};
	list_names(names);
	int x = tabs_draw(c, line_of_tabs(r), names, ARRAY_LEN(tabs), look->tab);
	race_shown(race, look, &from, &to);
	if (look->to > 0)
		buf_addf(&line, "steps %zu-%zu of %zu ", from, to, race_newest(race));
	buf_addstr(&line, look->log ? "log" : "linear");
	canvas_right(c, x, r.y, r.x + r.w - x - 1, ROLE_DIM, buf_str(&line));
	buf_clear(&line);
	struct plot_place place = draw_curves(c, (struct rect){r.x + 1, r.y + 1, r.w - 2, r.h - 2}, race, look);
	race_readout(race, look, &line);
	int used = canvas_text(c, r.x + 1, r.y + r.h - 1, r.w - 2, ROLE_TEXT, buf_str(&line));
	if (look->tab == TAB_LOSS && race->n_runners > 1 && canvas_width(c, remark) + 2 <= r.w - 2 - used)
		canvas_right(c, r.x + 1 + used, r.y + r.h - 1, r.w - 2 - used, ROLE_DIM, remark);
	buf_release(&line);
	return place;
}
