#include "race_panel.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "minmax.h"
#include "race_chart.h"

void race_number(double v, enum race_unit unit, struct buf *out)
{
	static const int digits[] = {[RACE_SHARE] = 1, [RACE_GAIN] = 3, [RACE_NATS] = 3};

	if (isnan(v))
		buf_addstr(out, "-");
	else
		buf_addf(out, "%.*f", digits[unit], unit == RACE_SHARE ? 100 * v : v);
}

/* Of the newest step at which every runner that goes on was evaluated; SIZE_MAX: there is none. */
static size_t common_eval(const struct snap_race *race)
{
	size_t step = SIZE_MAX;

	for (size_t i = 0; i < race->n_runners; i++) {
		const struct snap_runner *r = &race->runners[i];

		if (r->state == RUNNER_STOPPED_EARLY)
			continue;
		if (r->n_evals == 0)
			return SIZE_MAX;
		step = r->evals[r->n_evals - 1].step < step ? r->evals[r->n_evals - 1].step : step;
	}
	return step;
}

/* What is compared: of the runners, their evaluations after the newest step at which all that go on were evaluated.
 * NULL: the runner has none. */
static const struct snap_eval *standing(const struct snap_race *race, size_t runner)
{
	const struct snap_runner *r = &race->runners[runner];
	size_t step = common_eval(race), n = r->n_evals;

	while (n > 0 && step < SIZE_MAX && r->evals[n - 1].step > step)
		n--;
	return n > 0 ? &r->evals[n - 1] : NULL;
}

/* The first line: what goes on, and how far it is. */
static unsigned add_state(const struct snapshot *snap, struct buf *out)
{
	const struct snap_race *race = snap->race;
	static const char *const endings[] = {
		[RACE_GOES_ON] = "",
		[RACE_FINISHED] = "finished",
		[RACE_STOPPED] = "stopped",
		[RACE_FAILED] = "failed",
	};

	if (!race->running) {
		buf_addstr(out, endings[race->ending]);
		return race->ending == RACE_FAILED ? ROLE_ERROR : ROLE_HOT;
	}
	if (snap->job == JOB_STOPPING || snap->job == JOB_CANCELLING)
		buf_addstr(out, "stopping");
	else if (snap->job == JOB_PAUSED)
		buf_addstr(out, "paused");
	else if (race->cases > 0)
		buf_addstr(out, "evaluating");
	else
		buf_addstr(out, "training");
	return ROLE_HOT;
}

static double tokens_per_second(const struct snap_race *race)
{
	double tokens = 0, seconds = 0;

	for (size_t i = 0; i < race->n_runners; i++) {
		tokens += (double)race->runners[i].tokens;
		seconds += race->runners[i].seconds;
	}
	return seconds > 0 ? tokens / seconds : (double)NAN;
}

static void add_progress(const struct canvas *c, const struct snapshot *snap, struct buf *out)
{
	const struct snap_race *race = snap->race;
	const char *dot = canvas_glyph(c, GLYPH_DOT);
	char left[CLOCK_SPAN];
	double pace = tokens_per_second(race);

	buf_addf(out, "step %zu of %zu", race->step, race->steps);
	if (race->running && race->cases > 0 && race->judged < race->n_runners)
		buf_addf(out, " %s %s: %zu of %zu cases", dot, race->runners[race->judged].name_shown, race->done,
			race->cases);
	if (race->running && snap->job == JOB_RUNNING && !isnan(race->left)) {
		clock_span(left, race->left);
		buf_addf(out, " %s %s left", dot, left);
	}
	if (!isnan(pace)) {
		buf_addf(out, " %s ", dot);
		buf_addcount(out, (size_t)pace);
		buf_addstr(out, " tokens/s");
	}
}

/* The settings of the evaluation, which the top line has too, go first where it is too long. */
static void add_saved(const struct canvas *c, const struct snap_race *race, int w, struct buf *out)
{
	const char *dot = canvas_glyph(c, GLYPH_DOT);

	if (!*race->dir_shown)
		buf_addstr(out, "nothing is saved (no --out)");
	else if (race->saved_step == 0)
		buf_addf(out, "%s: nothing saved yet", race->dir_shown);
	else
		buf_addf(out, "saved at step %zu in %s", race->saved_step, race->dir_shown);
	if (!*race->eval_shown)
		return;
	const struct snap_eval *e = race->n_runners > 0 ? standing(race, 0) : NULL;
	buf_addf(out, " %s ", dot);
	if (e)
		buf_addf(out, "evaluated at %zu on %s", e->step, race->eval_shown);
	else
		buf_addf(out, "evaluated on %s", race->eval_shown);
	if (canvas_width(c, buf_str(out)) + 3 + canvas_width(c, race->eval_settings_shown) <= w)
		buf_addf(out, " %s %s", dot, race->eval_settings_shown);
}

/* What has to be said: how it failed or where it was broken off, else the newest note. */
static const char *remark(const struct snap_race *race)
{
	if (*race->ending_shown)
		return race->ending_shown;
	return race->n_notes > 0 ? race->notes_shown[race->n_notes - 1] : "";
}

enum { HEAD_LINES = 3, REMARK_LINES = 3 };

int race_head_lines(const struct canvas *c, int w, int room, const struct snapshot *snap)
{
	struct buf folded = {0};
	int lines = canvas_fold(c, w - 2, remark(snap->race), &folded);

	buf_release(&folded);
	return lines > 0 ? HEAD_LINES + min(lines, REMARK_LINES) : clamp(room, 1, HEAD_LINES);
}

enum { STATE_W = 11, BAR_W = 20 };

void race_head(struct canvas *c, struct rect r, const struct snapshot *snap)
{
	const struct snap_race *race = snap->race;
	struct buf text = {0};
	int x = r.x + 1, w = r.w - 2, bar_w = w >= 90 ? BAR_W : BAR_W / 2;
	unsigned state = add_state(snap, &text) | STYLE_STRONG;

	canvas_text(c, x, r.y, STATE_W, state, buf_str(&text));
	canvas_bar(c, x + STATE_W, r.y, bar_w, race->steps > 0 ? (double)race->step / (double)race->steps : 0, false,
		ROLE_HOT);
	for (int i = 0; i < bar_w; i++) /* what is still to come */
		if (canvas_at(c, x + STATE_W + i, r.y)->text[0] == ' ')
			canvas_put(c, x + STATE_W + i, r.y, ROLE_DIM, GLYPH_DOT);
	buf_clear(&text);
	add_progress(c, snap, &text);
	canvas_text(c, x + STATE_W + bar_w + 1, r.y, w - STATE_W - bar_w - 1, ROLE_TEXT, buf_str(&text));
	if (r.h > 1)
		canvas_text(c, x, r.y + 1, w, ROLE_DIM, race->settings_shown);
	buf_clear(&text);
	add_saved(c, race, w, &text);
	if (r.h > 2)
		canvas_text(c, x, r.y + 2, w, ROLE_DIM, buf_str(&text));
	if (r.h > HEAD_LINES)
		canvas_wrap(c, (struct rect){x, r.y + HEAD_LINES, w, r.h - HEAD_LINES},
			race->ending == RACE_FAILED ? ROLE_ERROR : ROLE_TEXT, remark(race));
	buf_release(&text);
}

/* Columns of the table's figures, the most telling first: those at the right go where there is no room. */
static const struct figure_column {
	enum race_figure figure;
	const char *head; /* NULL: the figure's title */
	int w;            /* of a value and its mark */
} figures[] = {
	{RACE_NDCG, NULL, 9},
	{RACE_HR, NULL, 9},
	{RACE_PRUNING_RATE, "pruned", 10},
	{RACE_SEARCH_RECALL, "recall", 10},
	{RACE_CONDITION_VIOLATED, "violated", 12},
	{RACE_EXACT_NDCG, NULL, 15},
	{RACE_EXACT_HR, NULL, 14},
	{RACE_NLL_BEFORE, "NLL", 8},
};

enum { MARK_W = 2, STEP_W = 7, LOSS_W = 9, LEAST_NAME_W = 8, MOST_NAME_W = 24, INTERVAL_W = 17, PACE_W = 10 };

struct table {
	int name_w, step, loss, pace, figures; /* x; pace 0: not there */
	int interval_w;                  /* of an interval beside its value; 0: in a line of its own */
	size_t n_figures;
};

static int width_of_figures(size_t n, int interval_w)
{
	int w = 0;

	for (size_t i = 0; i < n; i++)
		w += figures[i].w + interval_w;
	return w;
}

static struct table table_layout(const struct snap_race *race, int w)
{
	struct table t = {.name_w = LEAST_NAME_W};

	for (size_t i = 0; i < race->n_runners; i++)
		t.name_w = max(t.name_w, (int)strlen(race->runners[i].name_shown));
	t.name_w = min(t.name_w, w >= 120 ? MOST_NAME_W : 16);
	t.step = 1 + MARK_W + t.name_w;
	t.loss = t.step + STEP_W;
	t.figures = t.loss + LOSS_W;
	if (w - t.figures - PACE_W >= width_of_figures(5, 0)) {
		t.pace = t.figures;
		t.figures += PACE_W;
	}
	int room = w - t.figures - 1;
	t.interval_w = room >= width_of_figures(4, INTERVAL_W) ? INTERVAL_W : 0;
	while (t.n_figures < ARRAY_LEN(figures) && width_of_figures(t.n_figures + 1, t.interval_w) <= room)
		t.n_figures++;
	return t;
}

static bool has_interval_line(const struct snap_race *race, int w)
{
	return table_layout(race, w).interval_w == 0 && race->n_runners > 0;
}

int race_table_lines(const struct snap_race *race, int w)
{
	return 1 + (int)race->n_runners + has_interval_line(race, w);
}

size_t race_table_row(const struct snap_race *race, size_t selected, int w, int line)
{
	size_t row = line > 0 ? (size_t)line - 1 : race->n_runners;

	if (has_interval_line(race, w) && row == selected + 1)
		return race->n_runners;
	row -= has_interval_line(race, w) && row > selected;
	return row < race->n_runners ? row : race->n_runners;
}

static void draw_heads(struct canvas *c, const struct table *t, struct rect r, const struct snap_race *race)
{
	const struct snap_eval *e = race->n_runners > 0 ? standing(race, 0) : NULL;
	int x = r.x + t->figures;

	canvas_text(c, r.x + 1 + MARK_W, r.y, t->name_w, ROLE_DIM, "runner");
	canvas_right(c, r.x + t->step, r.y, STEP_W, ROLE_DIM, "step");
	canvas_right(c, r.x + t->loss, r.y, LOSS_W, ROLE_DIM, "loss");
	if (t->pace)
		canvas_right(c, r.x + t->pace, r.y, PACE_W, ROLE_DIM, "tokens/s");
	for (size_t i = 0; i < t->n_figures; i++) {
		const struct figure_column *f = &figures[i];
		char title[RACE_FIGURE_NAME];
		struct buf head = {0};

		race_figure_name(title, f->figure, e ? e->width : 10, true);
		buf_addf(&head, "%s%s", f->head ? f->head : title,
			race_figures[f->figure].unit == RACE_SHARE ? " %" : "");
		canvas_right(c, x, r.y, f->w - 1, ROLE_DIM, buf_str(&head));
		x += f->w + t->interval_w;
		buf_release(&head);
	}
}

#define BEST "* best"

/* Is the value the best of all runners, and is there a worse one? */
static bool is_best(const struct snap_race *race, enum race_figure f, double value)
{
	double sign = race_figures[f].less_is_better ? -1 : 1;
	bool worse = false;

	for (size_t i = 0; i < race->n_runners; i++) {
		const struct snap_eval *e = standing(race, i);
		double other = e ? e->figures[f].value : (double)NAN;

		if (isnan(other))
			return false;
		if (sign * other > sign * value)
			return false;
		worse = worse || sign * other < sign * value;
	}
	return worse;
}

static void add_interval(const struct snap_figure *f, enum race_unit unit, struct buf *out)
{
	if (f->n == 0 || isnan(f->low))
		return;
	buf_addch(out, '[');
	race_number(f->low, unit, out);
	buf_addstr(out, ", ");
	race_number(f->high, unit, out);
	buf_addch(out, ']');
}

static void draw_figures(struct canvas *c, const struct table *t, int x, int y, const struct snap_race *race,
	const struct snap_eval *e, bool strong)
{
	struct buf text = {0};

	for (size_t i = 0; i < t->n_figures; i++, x += figures[i - 1].w + t->interval_w) {
		enum race_figure f = figures[i].figure;
		const struct snap_figure *figure = e ? &e->figures[f] : NULL;
		bool best = figure && figure->n > 0 && is_best(race, f, figure->value);
		unsigned style = (figure ? ROLE_TEXT : ROLE_DIM) | (strong || best ? STYLE_STRONG : 0);

		buf_clear(&text);
		race_number(figure && figure->n > 0 ? figure->value : (double)NAN, race_figures[f].unit, &text);
		canvas_right(c, x, y, figures[i].w - 1, style, buf_str(&text));
		if (best)
			canvas_text(c, x + figures[i].w - 1, y, 1, style, "*");
		buf_clear(&text);
		if (figure && t->interval_w > 0)
			add_interval(figure, race_figures[f].unit, &text);
		canvas_text(c, x + figures[i].w + 1, y, t->interval_w - 1, ROLE_DIM, buf_str(&text));
	}
	buf_release(&text);
}

static void draw_runner(struct canvas *c, const struct table *t, int x, int y, const struct snap_race *race, size_t i,
	bool selected)
{
	const struct snap_runner *r = &race->runners[i];
	unsigned style = ROLE_TEXT | (selected ? STYLE_STRONG : 0);
	const char *state = r->state == RUNNER_STOPPED_EARLY ? " (stopped early)" : "";

	canvas_put(c, x + 1, y, race_role(i) | STYLE_STRONG, GLYPH_SOLID);
	canvas_textf(c, x + 1 + MARK_W, y, t->name_w + STEP_W - 5, race_role(i) | (style & STYLE_STRONG), "%s%s",
		r->name_shown, state);
	canvas_rightf(c, x + t->step, y, STEP_W, style, "%zu", r->step);
	if (r->last.step == 0)
		canvas_right(c, x + t->loss, y, LOSS_W, ROLE_DIM, "-");
	else if (!isfinite(r->last.loss))
		canvas_rightf(c, x + t->loss, y, LOSS_W, ROLE_ERROR | STYLE_STRONG, "%s %s",
			canvas_glyph(c, GLYPH_NO), isnan(r->last.loss) ? "NaN" : "inf");
	else
		canvas_rightf(c, x + t->loss, y, LOSS_W, style, fabs(r->last.smoothed) < 1000 ? "%.4f" : "%.1e",
			r->last.smoothed);
	if (t->pace && r->seconds > 0) {
		struct buf pace = {0};
		buf_addcount(&pace, (size_t)((double)r->tokens / r->seconds));
		canvas_right(c, x + t->pace, y, PACE_W, style, buf_str(&pace));
		buf_release(&pace);
	}
	draw_figures(c, t, x + t->figures, y, race, standing(race, i), selected);
}

/* Of the selected runner, under its figures and in their order, as many as there is room for. */
static void draw_intervals(struct canvas *c, const struct table *t, int x, int y, int w, const struct snap_eval *e)
{
	struct buf text = {0}, more = {0};

	buf_addstr(&text, e ? "95 %" : "not evaluated yet");
	for (size_t i = 0; e && i < t->n_figures; i++) {
		buf_clear(&more);
		add_interval(&e->figures[figures[i].figure], race_figures[figures[i].figure].unit, &more);
		if (canvas_width(c, buf_str(&text)) + 2 + canvas_width(c, buf_str(&more)) > w)
			break;
		buf_addf(&text, "  %s", buf_str(&more));
	}
	canvas_right(c, x, y, w, ROLE_DIM, buf_str(&text));
	if (e && MARK_W + canvas_width(c, BEST) + 2 + canvas_width(c, buf_str(&text)) <= w)
		canvas_text(c, x + MARK_W, y, w, ROLE_DIM, BEST);
	buf_release(&text);
	buf_release(&more);
}

void race_table(struct canvas *c, struct rect r, const struct snap_race *race, size_t selected)
{
	struct table t = table_layout(race, r.w);
	bool line = has_interval_line(race, r.w);

	draw_heads(c, &t, r, race);
	if (!line && t.n_figures > 0 && t.name_w > canvas_width(c, "runner  " BEST))
		canvas_right(c, r.x + 1 + MARK_W, r.y, t.name_w, ROLE_DIM, BEST);
	for (size_t i = 0; i < race->n_runners; i++) {
		int y = r.y + 1 + (int)i + (line && i > selected);

		if (y >= r.y + r.h)
			return;
		draw_runner(c, &t, r.x, y, race, i, i == selected);
		if (i == selected)
			canvas_mark(c, (struct rect){r.x, y, r.w, 1}, STYLE_SELECTED);
		if (line && i == selected && y + 1 < r.y + r.h)
			draw_intervals(c, &t, r.x + 1, y + 1, r.w - 2, standing(race, i));
	}
}
