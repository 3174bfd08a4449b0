/*
 * The Margins view. "This case": the positive item's margins and ranks by step, as charts with the step that is looked
 * at as their cursor. "All cases": the figures and charts of the last diagnosis of many cases.
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/utf8.h"
#include "list.h"
#include "minmax.h"
#include "panel.h"
#include "plot.h"
#include "session/trace_charts.h"
#include "tabs.h"
#include "view.h"

enum {
	STACK_H = 30, /* from this height on a case's charts stand one over the other */
	GRID_W = 58,  /* least width and height of a chart among others */
	GRID_H = 15,
	FIGURE_W = 81, /* a column of figures */
	LEAST_NAME_W = 24, /* of a figure's name */
	VALUE_W = 8,
	CHART_LEAST_H = 11 /* figures leave so much to the charts */
};

enum { TAB_CASE, TAB_ALL, TABS };

static const char *const tabs[TABS] = {[TAB_CASE] = "this case", [TAB_ALL] = "all cases"};

/* A chart that was drawn, for the mouse. */
struct shown_chart {
	size_t chart;
	struct plot_place place;
};

struct margins_view {
	bool all;                                /* the tab of all cases */
	bool zoomed;                             /* one chart alone */
	size_t case_chart, chart;                /* selected, of each tab */
	double cursors[SURVEY_CHARTS];           /* of the charts over all cases */
	struct shown_chart shown[SURVEY_CHARTS]; /* [n_shown] */
	size_t n_shown;
	struct rect tabs;               /* where they were drawn last, for the mouse */
	size_t n_charts;                /* over all cases */
	const struct snap_trace *trace; /* what was there last; only compared */
	const struct snap_survey *survey;
};

static bool has_charts(const struct snapshot *snap)
{
	return snap->survey && snap->survey->n_charts > 0;
}

static bool has_margins(const struct snapshot *snap)
{
	return snap->trace && snap->trace->n_positive > 0;
}

/* The newest thing is shown: a search, or a diagnosis. */
static void margins_refresh(void *state, const struct snapshot *snap)
{
	struct margins_view *v = state;

	v->n_charts = has_charts(snap) ? snap->survey->n_charts : 0;
	if (v->survey != snap->survey) {
		v->all = snap->survey != NULL;
		v->chart = 0;
		memset(v->cursors, 0, sizeof(v->cursors));
		for (size_t i = 0; i < v->n_charts; i++)
			v->cursors[i] = plot_move(&snap->survey->charts[i], 0, 0);
	} else if (v->trace != snap->trace && snap->trace) {
		v->all = false;
	}
	v->survey = snap->survey;
	v->trace = snap->trace;
}

static unsigned margins_context(const void *state)
{
	const struct margins_view *v = state;

	return (v->all ? IN_SURVEY : IN_MARGINS) | (v->zoomed ? IN_ZOOM : 0);
}

/* Words. */

static void add_rank(struct buf *out, size_t rank, size_t of)
{
	if (rank > 0)
		buf_addf(out, ", rank %zu", rank);
	if (rank > 0 && of > 0)
		buf_addf(out, " of %zu", of);
}

static void add_margin(struct buf *out, double margin)
{
	if (isinf(margin))
		buf_addstr(out, margin < 0 ? "-inf (no probability)" : "inf (nothing competes)");
	else
		buf_addf(out, "%+.3f", margin);
}

static const struct snap_positive *positive_at(const struct snapshot *snap)
{
	const struct snap_trace *t = snap->trace;

	return t && snap->step >= 1 && snap->step <= t->n_positive ? &t->positive[snap->step - 1] : NULL;
}

/* Is it by an edit that the item leaves the beam at the step that is looked at? */
static bool forbidden_here(const struct snapshot *snap)
{
	const struct snap_step *s = &snap->trace->steps[snap->step - 1];

	for (size_t i = 0; i < s->n; i++)
		if (s->candidates[i].positive)
			return s->candidates[i].forbidden;
	return false;
}

static const char *fate_at(const struct snapshot *snap)
{
	size_t cut = snap->trace->pruned_at;

	if (cut == 0 || snap->step < cut)
		return "stays in the beam";
	if (snap->step > cut)
		return "left before";
	return forbidden_here(snap) ? "is forbidden here" : "is pruned here";
}

/* The prefix at the step that is looked at: "prefix margin -0.840 (rank 14, B 10): is pruned here" */
static void say_prefix(const struct snapshot *snap, const struct snap_positive *p, struct buf *out)
{
	bool before = snap->trace->pruned_at > 0 && snap->step > snap->trace->pruned_at;

	if (isnan(p->prefix_margin)) {
		buf_addstr(out, "prefix: the search had ended before this step");
		return;
	}
	buf_addstr(out, "prefix margin ");
	add_margin(out, p->prefix_margin);
	add_rank(out, p->prefix_rank, 0);
	buf_addf(out, " (B %zu): %s", p->width, before ? "had it stayed" : fate_at(snap));
}

static void say_token(const struct snap_positive *p, struct buf *out)
{
	buf_addstr(out, "token margin ");
	if (isnan(p->token_margin))
		buf_addch(out, '-');
	else
		add_margin(out, p->token_margin);
	add_rank(out, p->token_rank, p->valid);
	buf_addf(out, " valid, p %.4g%%", 100 * exp(p->step_logp));
}

/* Drawing: this case. */

/* A chart in its frame, "▶" before the title of the one that is selected. */
static void draw_chart(struct margins_view *v, struct canvas *c, struct rect r, const struct chart *chart,
	size_t number, bool selected, const struct plot_options *o, const char *readout)
{
	struct rect in = rect_inside(r);
	struct buf title = {0};

	if (selected)
		buf_addf(&title, "%s ", canvas_glyph(c, GLYPH_HERE));
	buf_addstr(&title, chart->title);
	canvas_box(c, r, ROLE_FRAME, buf_str(&title));
	buf_release(&title);
	if (readout && in.h >= 6) {
		canvas_text(c, in.x, in.y + in.h - 1, in.w, ROLE_TEXT, readout);
		in.h--;
	}
	if (v->n_shown < SURVEY_CHARTS)
		v->shown[v->n_shown++] = (struct shown_chart){number, plot_draw(c, in, chart, o)};
}

/* What the charts do not say in figures: two lines at most, and what the step's token is. */
static int draw_step(struct canvas *c, struct rect area, const struct snapshot *snap)
{
	const struct snap_positive *p = positive_at(snap);
	struct buf b = {0}, token = {0};
	int y = area.y + area.h - 2;

	if (area.h < 8 || !p)
		return 0;
	panel_token(c, p->text_shown, &token);
	buf_addf(&b, "step %zu of %zu  \"%s\"  ", snap->step, snap->trace->n_steps, buf_str(&token));
	int x = area.x + 1 + canvas_text(c, area.x + 1, y, area.w - 2, ROLE_TITLE, buf_str(&b));
	buf_clear(&b);
	say_prefix(snap, p, &b);
	canvas_text(c, x, y, area.x + area.w - x, ROLE_TEXT, buf_str(&b));
	buf_clear(&b);
	say_token(p, &b);
	canvas_text(c, x, y + 1, area.x + area.w - x, ROLE_TEXT, buf_str(&b));
	buf_release(&token);
	buf_release(&b);
	return 2;
}

static void draw_case_charts(struct margins_view *v, const struct snapshot *snap, struct canvas *c, struct rect area)
{
	struct plot_options o = {.has_cursor = true, .cursor = (double)snap->step};
	struct chart charts[TRACE_CHARTS];
	struct arena arena;

	arena_init(&arena);
	trace_charts(snap->trace, &arena, charts);
	for (size_t i = 0; i < TRACE_CHARTS; i++) {
		struct rect r = area;

		if (v->zoomed && i != v->case_chart)
			continue;
		if (!v->zoomed && area.h >= STACK_H) {
			r.h = i == 0 ? area.h / 2 : area.h - area.h / 2;
			r.y += i == 0 ? 0 : area.h / 2;
		} else if (!v->zoomed) {
			r.w = i == 0 ? area.w / 2 : area.w - area.w / 2;
			r.x += i == 0 ? 0 : area.w / 2;
		}
		draw_chart(v, c, r, &charts[i], i, false, &o, NULL);
	}
	arena_release(&arena);
}

static void draw_case(struct margins_view *v, const struct snapshot *snap, struct canvas *c, struct rect area)
{
	int lines;

	if (!snap->trace) {
		panel_message(c, area,
			snap->job != JOB_IDLE
				? "searching"
				: "No search yet: \":beam 1\" searches for case 1, and shows here by how much "
				  "its positive item stays in the beam at every step, or leaves it.\nd "
				  "diagnoses all cases; m shows what it found.");
		return;
	}
	if (!has_margins(snap)) {
		panel_message(c, area,
			"The positive item of this case cannot be reached: it has no token whose margin could be "
			"shown. ] goes "
			"to the next case.");
		return;
	}
	lines = panel_verdict_lines(c, area.w, snap);
	if (!v->zoomed && area.h - lines - 2 >= CHART_LEAST_H) {
		panel_verdict(c, (struct rect){area.x, area.y + area.h - lines, area.w, lines}, snap);
		area.h -= lines;
	}
	area.h -= draw_step(c, area, snap);
	draw_case_charts(v, snap, c, area);
}

/* Drawing: all cases. */

/* Takes sentences off the end of a text until the others fit whole; the first stays. */
static void drop_sentences(const struct canvas *c, struct rect r, char *text)
{
	struct buf folded = {0};
	char *end = text + strlen(text);

	while (canvas_fold(c, r.w, text, &folded) > r.h) {
		do
			end--;
		while (end > text && !(end[-1] == '.' && *end == ' '));
		if (end <= text)
			break;
		*end = '\0';
		buf_clear(&folded);
	}
	buf_release(&folded);
}

/* Enter shows all of it. */
static int draw_headline(struct canvas *c, struct rect area, const struct snap_survey *s)
{
	struct rect r = {area.x + 1, area.y, area.w - 2, max(area.h / 6, 2)};
	char *text = xstrdup(s->headline_shown);

	drop_sentences(c, r, text);
	int lines = canvas_wrap(c, r, ROLE_TEXT, text);
	free(text);
	return lines;
}

/* Of the figures' names in a column of w cells: a name is cut before an interval is. */
static int names_width(const struct canvas *c, const struct snap_survey *s, int w)
{
	int name_w = 0, interval_w = 0, room;

	for (size_t i = 0; i < s->n_figures; i++) {
		int name = canvas_width(c, s->figures[i].name_shown);
		int interval = canvas_width(c, s->figures[i].interval_shown);

		name_w = name > name_w ? name : name_w;
		interval_w = interval > interval_w ? interval : interval_w;
	}
	room = w - VALUE_W - 4 - interval_w;
	room = room < LEAST_NAME_W ? LEAST_NAME_W : room;
	return name_w < room ? name_w : room;
}

/* As many of the figures as there is room for, in columns. */
static int draw_figures(struct canvas *c, struct rect area, const struct snap_survey *s)
{
	int columns = max(area.w / FIGURE_W, 1), most = area.h - CHART_LEAST_H;
	int lines = ((int)s->n_figures + columns - 1) / columns;
	int w = area.w / columns, name_w = names_width(c, s, w);

	lines = min(lines, max(most, 0));
	for (int i = 0; i < (int)s->n_figures && i < lines * columns; i++) {
		const struct snap_key_figure *f = &s->figures[i];
		int x = area.x + 1 + i / lines * w, y = area.y + i % lines;
		int value = x + name_w, end = value + VALUE_W + 2;

		canvas_text(c, x, y, name_w, ROLE_DIM, f->name_shown);
		canvas_right(c, value, y, VALUE_W, ROLE_TEXT | STYLE_STRONG, f->value_shown);
		canvas_text(c, end, y, x + w - 1 - end, ROLE_DIM, f->interval_shown);
	}
	return lines;
}

static void draw_survey_chart(
	struct margins_view *v, const struct snap_survey *s, struct canvas *c, struct rect r, size_t i, bool among)
{
	struct plot_options o = {.has_cursor = i == v->chart, .cursor = v->cursors[i]};
	struct chart chart = s->charts[i];
	struct buf title = {0}, readout = {0};

	if (!among)
		buf_addf(&title, "%zu of %zu: ", i + 1, s->n_charts);
	buf_addstr(&title, chart.title);
	chart.title = buf_str(&title);
	if (i == v->chart)
		plot_readout(&chart, v->cursors[i], &readout);
	draw_chart(v, c, r, &chart, i, among && i == v->chart, &o, readout.len > 0 ? buf_str(&readout) : NULL);
	buf_release(&title);
	buf_release(&readout);
}

/* Charts of the page on which the selected one is, in as many columns and rows as have room. */
static void draw_grid(struct margins_view *v, const struct snap_survey *s, struct canvas *c, struct rect area)
{
	int columns = v->zoomed || area.w < 2 * GRID_W ? 1 : area.w / GRID_W;
	int rows = v->zoomed || area.h < 2 * GRID_H ? 1 : area.h / GRID_H;
	size_t page, first;

	columns = min(columns, 3);
	while (rows > 1 && (size_t)(columns * (rows - 1)) >= s->n_charts)
		rows--;
	page = (size_t)(columns * rows);
	first = v->chart / page * page;
	for (size_t i = first; i < first + page && i < s->n_charts; i++) {
		int column = (int)(i - first) % columns, row = (int)(i - first) / columns;
		int x0 = area.w * column / columns, x1 = area.w * (column + 1) / columns;
		int y0 = area.h * row / rows, y1 = area.h * (row + 1) / rows;

		draw_survey_chart(v, s, c, (struct rect){area.x + x0, area.y + y0, x1 - x0, y1 - y0}, i, page > 1);
	}
}

static void draw_no_survey(const struct snapshot *snap, struct canvas *c, struct rect area)
{
	struct buf b = {0};

	if (snap->job != JOB_IDLE) {
		buf_addf(&b, "%s", snap->job_shown);
		if (snap->job_total > 0)
			buf_addf(&b, ": %zu of %zu", snap->job_done, snap->job_total);
		buf_addstr(&b, "\nIts figures and charts are shown here when it is done. Esc stops it, and shows those "
			       "of what "
			       "is done.");
	} else if (snap->n_cases == 0) {
		buf_addstr(&b, "No dataset is loaded: \":load MODEL DATA\" loads one.");
	} else {
		buf_addstr(&b, "No diagnosis yet: d (\":diagnose\") goes through all ");
		buf_addcount(&b, snap->n_cases);
		buf_addf(&b,
			" cases of the %s split, and shows here how many positive items the search loses, at which "
			"steps, "
			"by how much, and what wider beams would save.\n\":diagnose --limit 100\" takes less time.",
			snap->split_shown);
	}
	panel_message(c, area, buf_str(&b));
	buf_release(&b);
}

/* What the figures are of, in the line of the tabs. */
static void draw_source(struct canvas *c, int x, struct rect line, const struct snap_survey *s)
{
	struct buf b = {0};

	buf_addcount(&b, s->cases);
	if (s->cases < s->meant) {
		buf_addstr(&b, " of ");
		buf_addcount(&b, s->meant);
	}
	buf_addf(&b, " %s · %s", s->cases == 1 && s->meant <= 1 ? "case" : "cases", s->settings_shown);
	canvas_right(c, x, line.y, line.x + line.w - x, ROLE_DIM, buf_str(&b));
	buf_release(&b);
}

static void draw_all(struct margins_view *v, const struct snapshot *snap, struct canvas *c, struct rect area)
{
	const struct snap_survey *s = snap->survey;

	if (!s) {
		draw_no_survey(snap, c, area);
		return;
	}
	if (!has_charts(snap)) {
		panel_message(c, area, s->headline_shown);
		return;
	}
	if (!v->zoomed) {
		int lines = draw_headline(c, area, s);

		area.y += lines;
		area.h -= lines;
		lines = draw_figures(c, area, s);
		area.y += lines;
		area.h -= lines;
	}
	draw_grid(v, s, c, area);
}

static void margins_draw(void *state, const struct snapshot *snap, struct canvas *c, struct rect area)
{
	struct margins_view *v = state;

	v->n_shown = 0;
	v->tabs = (struct rect){area.x + 1, area.y, area.w - 2, 1};
	int end = tabs_draw(c, v->tabs, tabs, TABS, v->all ? TAB_ALL : TAB_CASE);
	if (v->all && snap->survey)
		draw_source(c, end + 2, v->tabs, snap->survey);
	area.y++;
	area.h--;
	if (v->all)
		draw_all(v, snap, c, area);
	else
		draw_case(v, snap, c, area);
}

/* Events. */

static void describe_case(const struct snapshot *snap, struct buf *out)
{
	const struct snap_trace *t = snap->trace;

	buf_addf(out, "Margins of %s\n\n", t->title_shown);
	buf_addstr(out, "step  token      prefix margin rank   B token margin rank valid\n");
	for (size_t i = 0; i < t->n_positive; i++) {
		const struct snap_positive *p = &t->positive[i];

		buf_addf(out, "%4zu  ", i + 1);
		utf8_fit(out, p->text_shown, strlen(p->text_shown), 10, true, false);
		buf_addf(out, "%14.4f%5zu%4zu%13.4f%5zu%6zu%s\n", p->prefix_margin, p->prefix_rank, p->width,
			p->token_margin, p->token_rank, p->valid, i + 1 == t->pruned_at ? "  pruned" : "");
	}
	buf_addstr(out,
		"\nprefix margin: log P of the prefix less that of the first prefix that does not stay; below 0 it "
		"leaves the beam. nan: the search had ended before.\ntoken margin: the same for the token alone, "
		"among the valid next tokens.\n");
}

static void describe_survey(const struct margins_view *v, const struct snap_survey *s, struct buf *out)
{
	const struct chart *c = &s->charts[v->chart];

	buf_addf(out, "Diagnosis of %zu of %zu cases\n\n%s\n\n", s->cases, s->meant, s->headline_shown);
	for (size_t i = 0; i < s->n_figures; i++)
		buf_addf(out, "%-44s %8s  %s\n", s->figures[i].name_shown, s->figures[i].value_shown,
			s->figures[i].interval_shown);
	buf_addf(out, "\n%s\n%s\n\n", c->title, c->note ? c->note : "");
	for (double at = plot_move(c, -1, 0), next; !isnan(at); at = next) {
		plot_readout(c, at, out);
		buf_addch(out, '\n');
		next = plot_move(c, at, 1);
		if (next == at)
			break;
	}
}

/* The charts over all cases: which one, and where its cursor is. */
static bool move_chart(struct margins_view *v, const struct snapshot *snap, enum ui_action a)
{
	size_t n = v->n_charts;
	double *cursor = &v->cursors[v->chart];

	switch (a) {
	case ACTION_LEFT:
	case ACTION_RIGHT:
		*cursor = plot_move(&snap->survey->charts[v->chart], *cursor, a == ACTION_LEFT ? -1 : 1);
		return true;
	case ACTION_UP:
	case ACTION_PAGE_UP:
		v->chart = (v->chart + n - 1) % n;
		return true;
	case ACTION_DOWN:
	case ACTION_PAGE_DOWN:
		v->chart = (v->chart + 1) % n;
		return true;
	case ACTION_TOP:
		v->chart = 0;
		return true;
	case ACTION_BOTTOM:
		v->chart = n - 1;
		return true;
	default:
		return false;
	}
}

/* Of one case: both charts, then each alone. */
static void zoom_case(struct margins_view *v)
{
	if (!v->zoomed) {
		v->zoomed = true;
		v->case_chart = 0;
	} else if (++v->case_chart == TRACE_CHARTS) {
		v->zoomed = false;
	}
}

static bool on_click(struct margins_view *v, const struct snapshot *snap, int x, int y, struct view_reply *reply)
{
	for (size_t i = 0; i < v->n_shown; i++) {
		const struct shown_chart *s = &v->shown[i];
		double at;

		if (!plot_at(&s->place, x, y, &at))
			continue;
		if (v->all) {
			v->chart = s->chart;
			v->cursors[s->chart] = plot_move(&snap->survey->charts[s->chart], at, 0);
		} else if (at >= 0.5) {
			buf_addf(&reply->command, "goto %.0f", fmin(round(at), (double)snap->trace->n_steps));
		}
		return true;
	}
	return false;
}

static bool margins_event(
	void *state, const struct snapshot *snap, const struct view_event *e, struct view_reply *reply)
{
	struct margins_view *v = state;
	bool there = v->all ? has_charts(snap) : has_margins(snap);
	size_t tab = e->mouse == EVENT_CLICK ? tabs_at(v->tabs, tabs, TABS, e->x, e->y) : TABS;

	if (e->action == ACTION_NEXT_TAB || e->action == ACTION_PREVIOUS_TAB || tab < TABS) {
		v->all = tab < TABS ? tab == TAB_ALL : !v->all;
		v->zoomed = false;
		return true;
	}
	if (!there)
		return false;
	if (e->action == ACTION_BACK && v->zoomed) {
		v->zoomed = false;
		return true;
	}
	if (e->action == ACTION_ZOOM && v->all)
		v->zoomed = !v->zoomed;
	else if (e->action == ACTION_ZOOM)
		zoom_case(v);
	else if (e->action == ACTION_OPEN && v->all)
		describe_survey(v, snap->survey, &reply->text);
	else if (e->action == ACTION_OPEN)
		describe_case(snap, &reply->text);
	else if (e->action != ACTION_NONE)
		return v->all && move_chart(v, snap, e->action);
	else if (e->mouse == EVENT_CLICK)
		return on_click(v, snap, e->x, e->y, reply);
	else if (v->all)
		return move_chart(v, snap, e->mouse == EVENT_WHEEL_UP ? ACTION_UP : ACTION_DOWN);
	return true;
}

static void margins_row(void *state, const struct snapshot *snap, struct buf *out)
{
	const struct margins_view *v = state;
	const struct snap_positive *p = positive_at(snap);

	if (v->all && has_charts(snap)) {
		plot_row(&snap->survey->charts[v->chart], v->cursors[v->chart], out);
	} else if (!v->all && p) {
		buf_addstr(out, "step\ttoken\tprefix margin\tprefix rank\tB\ttoken margin\ttoken rank\tvalid\n");
		buf_addf(out, "%zu\t%s\t%.9g\t%zu\t%zu\t%.9g\t%zu\t%zu", snap->step, p->text_shown, p->prefix_margin,
			p->prefix_rank, p->width, p->token_margin, p->token_rank, p->valid);
	}
}

static bool chart_has(const void *survey, size_t i, const char *text)
{
	return view_has(((const struct snap_survey *)survey)->charts[i].title, text);
}

/* The charts' titles. */
static bool margins_find(void *state, const struct snapshot *snap, const char *text, int direction)
{
	struct margins_view *v = state;
	struct list charts = {.n = v->n_charts, .sel = v->chart};

	if (!v->all || !list_find(&charts, direction, chart_has, snap->survey, text))
		return false;
	v->chart = charts.sel;
	return true;
}

const struct view_ops view_margins = {
	.name = "Margins",
	.context = IN_MARGINS,
	.context_now = margins_context,
	.shows = "beam step back goto diagnose merge",
	.size = sizeof(struct margins_view),
	.refresh = margins_refresh,
	.event = margins_event,
	.draw = margins_draw,
	.row = margins_row,
	.find = margins_find,
};
