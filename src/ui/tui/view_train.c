/*
 * The Train view: a form that sets up a race, and the race that runs or was last, with its curves. The selected runner
 * of the table is the one that stands out in the curves, and that is opened or compared.
 */
#include <stdlib.h>
#include <string.h>

#include "session/training.h"
#include "list.h"
#include "minmax.h"
#include "race_chart.h"
#include "race_form.h"
#include "race_panel.h"
#include "view.h"

struct train_view {
	bool racing;           /* the race is looked at, otherwise the form */
	bool runs;             /* it has not ended */
	unsigned long number;  /* of the race that was seen last */
	struct race_form form;
	bool has_form, touched; /* touched: the form is no more as it was made */
	size_t weights;        /* of the model that it was made for */
	struct list runners;
	struct race_look look;
	bool alone;            /* the chart without what is above it */
	struct rect table, chart; /* where they were drawn last, for the mouse */
	struct plot_place curves;
};

static void train_release(void *state)
{
	struct train_view *v = state;

	if (v->has_form)
		race_form_release(&v->form);
}

static unsigned train_context(const void *state)
{
	const struct train_view *v = state;

	if (!v->racing)
		return IN_SETUP;
	return IN_TRAIN | (v->runs ? IN_RACE : 0) | (v->alone ? IN_ZOOM : 0);
}

/* As long as nobody has changed anything, the form is one for the model that is loaded. */
static struct race_form *form(struct train_view *v, const struct snapshot *snap)
{
	if (v->has_form && !v->touched && v->weights != snap->model_weights) {
		race_form_release(&v->form);
		v->has_form = false;
	}
	if (!v->has_form) {
		race_form_init(&v->form, snap->model_weights);
		v->weights = snap->model_weights;
		v->has_form = true;
	}
	return &v->form;
}

static void train_refresh(void *state, const struct snapshot *snap)
{
	struct train_view *v = state;

	list_set(&v->runners, snap->race ? snap->race->n_runners : 0);
	v->runs = snap->race && snap->race->running;
	if (!snap->race)
		v->racing = false;
	if (!snap->race || snap->race->number == v->number)
		return;
	v->number = snap->race->number;
	v->racing = true;
	v->runners.sel = 0;
	v->alone = false;
	v->look = (struct race_look){.tab = v->look.tab, .log = v->look.log};
}

static void start(struct train_view *v, struct view_reply *reply)
{
	struct err err;

	race_form_free_folder(&v->form);
	if (race_form_check(&v->form, &err)) {
		buf_addstr(&reply->message, err.msg);
		reply->is_error = true;
		return;
	}
	race_form_command(&v->form, &reply->command);
}

/* The race that was looked at, else the newest folder that has a proposed name. */
static void ask_resume(const struct snapshot *snap, struct view_reply *reply)
{
	const struct snap_race *race = snap->race;
	char *newest = training_newest();

	buf_addstr(&reply->prompt, ":");
	buf_addstr(&reply->initial, "train --resume ");
	if (!race && newest)
		buf_addword(&reply->initial, newest);
	free(newest);
	if (!race || !*race->dir || race->running)
		return;
	buf_addword(&reply->initial, race->dir);
	if (race->ending == RACE_FINISHED)
		buf_addf(&reply->initial, " --steps %zu", 2 * race->steps);
}

/* Enter: a line is asked for where one types, else it is as the mouse's click. */
static void edit(struct train_view *v, struct view_reply *reply)
{
	struct form_field *field = form_selected(&v->form.form);

	if (!field)
		return;
	if (field == v->form.start) {
		start(v, reply);
	} else if (field->kind == FORM_NUMBER || field->kind == FORM_TEXT) {
		buf_addf(&reply->prompt, "%s: ", field->label);
		buf_addstr(&reply->initial, buf_str(&field->text));
	} else {
		form_act(&v->form.form, ACTION_TOGGLE);
	}
}

static bool on_form_mouse(struct train_view *v, const struct view_event *e, struct view_reply *reply)
{
	struct form *f = &v->form.form;

	if (e->mouse != EVENT_CLICK)
		return form_act(f, e->mouse == EVENT_WHEEL_UP ? ACTION_UP : ACTION_DOWN);
	const struct form_field *before = form_selected(f);
	if (!form_click(f, e->x, e->y))
		return false;
	const struct form_field *now = form_selected(f);
	if (now == v->form.start || (now == before && (now->kind == FORM_NUMBER || now->kind == FORM_TEXT)))
		edit(v, reply);
	return true;
}

static bool on_form(
	struct train_view *v, const struct snapshot *snap, const struct view_event *e, struct view_reply *reply)
{
	bool did = true;

	form(v, snap);
	switch (e->action) {
	case ACTION_NONE:
		did = on_form_mouse(v, e, reply);
		break;
	case ACTION_START:
		start(v, reply);
		return true;
	case ACTION_OPEN:
		edit(v, reply);
		break;
	case ACTION_RESUME_RUN:
		ask_resume(snap, reply);
		return true;
	case ACTION_BACK:
		v->racing = snap->race != NULL;
		return v->racing;
	default:
		did = form_act(&v->form.form, e->action);
	}
	v->touched = true;
	race_form_settle(&v->form);
	return did;
}

static void train_answer(void *state, const struct snapshot *snap, const char *text, struct view_reply *reply)
{
	struct train_view *v = state;
	struct form_field *field = form_selected(&form(v, snap)->form);
	struct err err;

	if (v->racing || !field)
		return;
	if (form_set(field, text, &err)) {
		buf_addstr(&reply->message, err.msg);
		reply->is_error = true;
	}
	v->touched = true;
	race_form_settle(&v->form);
}

static const struct snap_runner *selected(const struct train_view *v, const struct snapshot *snap)
{
	return v->runners.sel < v->runners.n ? &snap->race->runners[v->runners.sel] : NULL;
}

/* Appends the path of the selected runner's newest checkpoint as a word of a command; false: there is none that can be
 * opened now, and the message says why. */
static bool add_checkpoint(
	const struct train_view *v, const struct snapshot *snap, const char *what, struct buf *out, struct buf *why)
{
	const struct snap_race *race = snap->race;
	const struct snap_runner *r = selected(v, snap);
	struct buf path = {0};

	if (!r)
		return false;
	if (race->running)
		buf_addf(why, "the race still needs the model: S stops and saves it, then %s", what);
	else if (!*race->dir)
		buf_addstr(why, "nothing was saved: a race with a folder (--out) leaves checkpoints");
	else if (race->saved_step == 0)
		buf_addstr(why, "no checkpoint was saved yet");
	else if (strpbrk(race->dir, "{;"))
		buf_addf(why, "a key cannot name '%s': type \":load model\" with its path", race->dir_shown);
	if (why->len > 0)
		return false;
	buf_addf(&path, "%s/%s/last", race->dir, r->name_shown);
	buf_addword(out, buf_str(&path));
	buf_release(&path);
	return true;
}

static void open_checkpoint(const struct train_view *v, const struct snapshot *snap, struct view_reply *reply)
{
	struct buf path = {0};

	if (add_checkpoint(v, snap, "o opens the checkpoint", &path, &reply->message)) {
		const char *found = snap->case_id ? "{case}" : "{next}";
		buf_addf(&reply->command, "%s%s; beam %s", snap->race->open_with, buf_str(&path), found);
	}
	buf_release(&path);
}

/* The top line names the end of its path, of an adapter after the model's. */
static bool is_loaded(const struct snapshot *snap, const struct snap_runner *r)
{
	const char *plus = strstr(snap->model_shown, " + "), *loaded = plus ? plus + 3 : snap->model_shown;
	size_t n = strlen(loaded);
	struct buf path = {0};

	buf_addf(&path, "%s/%s/last", snap->race->dir_shown, r->name_shown);
	bool is = n > 0 && path.len >= n && strcmp(buf_str(&path) + path.len - n, loaded) == 0;
	buf_release(&path);
	return is;
}

static void compare(const struct train_view *v, const struct snapshot *snap, struct view_reply *reply)
{
	struct buf path = {0};

	bool can = add_checkpoint(v, snap, "c compares", &path, &reply->message);
	if (can && is_loaded(snap, selected(v, snap))) {
		buf_addf(&reply->message, "%s is the model that is loaded: select another runner to compare it with",
			selected(v, snap)->name_shown);
	} else if (can) {
		buf_addstr(&reply->prompt, ":");
		buf_addf(&reply->initial, "compare %s --limit 200", buf_str(&path));
	}
	buf_release(&path);
}

/* The steps that are shown are halved or doubled around the one that is read. */
static void zoom(struct train_view *v, const struct snap_race *race, bool in)
{
	size_t newest = race_newest(race), from, to, half;
	size_t at = v->look.at > 0 ? v->look.at : newest;

	race_shown(race, &v->look, &from, &to);
	half = in ? (to - from) / 4 : to - from;
	if (half < 2)
		half = 2;
	from = at > half ? at - half : 0;
	to = from + 2 * half;
	if (to > newest) {
		to = newest;
		from = newest > 2 * half ? newest - 2 * half : 0;
	}
	bool all = from == 0 && to >= newest;
	v->look.from = all ? 0 : from;
	v->look.to = all ? 0 : to;
}

/* To the next step of which something is known; the shown part goes along. */
static void read_at(struct train_view *v, const struct snap_race *race, int direction)
{
	size_t newest = race_newest(race), from, to, step;
	size_t at = v->look.at > 0 ? v->look.at : newest;

	race_shown(race, &v->look, &from, &to);
	step = (to - from) / 50 > 0 ? (to - from) / 50 : 1;
	if (direction < 0)
		at = at > step ? at - step : 1;
	else
		at = at + step;
	if (at >= newest) {
		v->look.at = 0;
		at = newest;
	} else {
		v->look.at = at;
	}
	if (v->look.to == 0 || (at >= from && at <= to))
		return;
	size_t width = to - from;
	v->look.from = at < from ? at : at - width;
	v->look.to = v->look.from + width;
}

static bool go_back(struct train_view *v, const struct snapshot *snap, struct view_reply *reply)
{
	if (v->alone) {
		v->alone = false;
	} else if (v->look.to > 0 || v->look.at > 0) {
		v->look.to = v->look.at = 0;
	} else if (snap->race->running) {
		buf_addstr(&reply->message, "the race goes on: S stops and saves it");
	} else {
		return false;
	}
	return true;
}

static void set_up_new(struct train_view *v, const struct snapshot *snap, struct view_reply *reply)
{
	if (snap->race->running) {
		buf_addstr(&reply->message, "this race still runs: S stops and saves it");
		return;
	}
	race_form_new_folder(form(v, snap));
	v->racing = false;
}

static bool on_race_mouse(struct train_view *v, const struct snapshot *snap, const struct view_event *e)
{
	double step;

	if (e->mouse != EVENT_CLICK)
		return list_select(&v->runners, e->mouse == EVENT_WHEEL_UP ? ACTION_UP : ACTION_DOWN);
	if (rect_has(v->table, e->x, e->y)) {
		size_t row = race_table_row(snap->race, v->runners.sel, v->table.w, e->y - v->table.y);
		if (row < v->runners.n)
			v->runners.sel = row;
	}
	size_t tab = race_tab_at(v->chart, e->x, e->y);
	if (tab < race_tabs())
		v->look.tab = tab;
	else if (plot_at(&v->curves, e->x, e->y, &step) && step >= 1)
		v->look.at = (size_t)(step + 0.5);
	return true;
}

static bool on_race(
	struct train_view *v, const struct snapshot *snap, const struct view_event *e, struct view_reply *reply)
{
	const struct snap_race *race = snap->race;
	size_t n = race_tabs();

	switch (e->action) {
	case ACTION_NONE:
		return on_race_mouse(v, snap, e);
	case ACTION_PAUSE:
		buf_addstr(&reply->command, snap->job == JOB_PAUSED ? "resume" : "pause");
		break;
	case ACTION_STOP:
		buf_addstr(&reply->command, "stop");
		break;
	case ACTION_OPEN:
		open_checkpoint(v, snap, reply);
		break;
	case ACTION_COMPARE:
		compare(v, snap, reply);
		break;
	case ACTION_NEW:
		set_up_new(v, snap, reply);
		break;
	case ACTION_RESUME_RUN:
		ask_resume(snap, reply);
		break;
	case ACTION_NEXT_TAB:
	case ACTION_PREVIOUS_TAB:
		v->look.tab = (v->look.tab + n + (e->action == ACTION_NEXT_TAB ? 1 : n - 1)) % n;
		break;
	case ACTION_TOGGLE:
		v->look.alone = !v->look.alone;
		break;
	case ACTION_LOG_SCALE:
		v->look.log = !v->look.log;
		break;
	case ACTION_LEFT:
	case ACTION_RIGHT:
		read_at(v, race, e->action == ACTION_LEFT ? -1 : 1);
		break;
	case ACTION_ZOOM_IN:
	case ACTION_ZOOM_OUT:
		zoom(v, race, e->action == ACTION_ZOOM_IN);
		break;
	case ACTION_ZOOM_ALL:
		v->look.from = v->look.to = 0;
		break;
	case ACTION_ZOOM:
		v->alone = !v->alone;
		break;
	case ACTION_BACK:
		return go_back(v, snap, reply);
	default:
		return list_select(&v->runners, e->action);
	}
	return true;
}

static bool train_event(void *state, const struct snapshot *snap, const struct view_event *e, struct view_reply *reply)
{
	struct train_view *v = state;

	return v->racing && snap->race ? on_race(v, snap, e, reply) : on_form(v, snap, e, reply);
}

#define MOST_COMMAND_LINES 4

/* The fields, what the selected one is for, and the command, close together where there is more room than needed. */
static void draw_form(struct train_view *v, const struct snapshot *snap, struct canvas *c, struct rect area)
{
	struct race_form *f = form(v, snap);
	const struct form_field *field = form_selected(&f->form);
	struct buf command = {0}, folded = {0};
	struct rect in = {area.x + 1, area.y + 1, area.w - 2, area.h - 1};

	race_form_command(f, &command);
	int lines = canvas_fold(c, in.w, buf_str(&command), &folded);
	lines = min(lines, MOST_COMMAND_LINES);
	int below = lines + 3, form_h = min(form_lines(&f->form), in.h - below);
	canvas_text(c, in.x, area.y, in.w, ROLE_DIM, "A race: objectives from the same weights, on the same batches.");
	form_draw(&f->form, c, (struct rect){in.x, in.y, in.w, form_h});
	int y = in.y + form_h + 1;
	int told = field && field->help && canvas_width(c, field->help) > in.w ? 2 : 1; /* over it is an empty line */
	if (field && field->help)
		canvas_wrap(c, (struct rect){in.x, y + 1 - told, in.w, told}, ROLE_TEXT, field->help);
	canvas_repeat(c, area.x, y + 1, area.w, ROLE_FRAME, GLYPH_HORIZONTAL);
	canvas_text(c, in.x + 1, y + 1, in.w, ROLE_TITLE, " what s runs ");
	canvas_wrap(c, (struct rect){in.x, y + 2, in.w, lines}, ROLE_TEXT | STYLE_STRONG, buf_str(&command));
	buf_release(&command);
	buf_release(&folded);
}

enum { CHART_LEAST_H = 9 }; /* with its tabs and what it says at the cursor */

static void draw_race(struct train_view *v, const struct snapshot *snap, struct canvas *c, struct rect area)
{
	int table = v->alone ? 0 : race_table_lines(snap->race, area.w);
	int head = v->alone ? 0 : race_head_lines(c, area.w, area.h - table - CHART_LEAST_H, snap);
	bool airy = area.h >= 26 && !v->alone;

	v->look.selected = v->runners.sel;
	v->table = (struct rect){area.x, area.y + head + airy, area.w, table};
	v->chart = (struct rect){area.x, v->table.y + table + airy, area.w, 0};
	v->chart.h = area.y + area.h - v->chart.y;
	if (!v->alone) {
		race_head(c, (struct rect){area.x, area.y, area.w, head}, snap);
		race_table(c, v->table, snap->race, v->runners.sel);
	}
	v->curves = race_chart(c, v->chart, snap->race, &v->look);
}

static void train_draw(void *state, const struct snapshot *snap, struct canvas *c, struct rect area)
{
	struct train_view *v = state;

	if (v->racing && snap->race)
		draw_race(v, snap, c, area);
	else
		draw_form(v, snap, c, area);
}

/* The command of the form, or what the curves say. */
static void train_row(void *state, const struct snapshot *snap, struct buf *out)
{
	struct train_view *v = state;

	if (v->racing && snap->race)
		race_readout(snap->race, &v->look, out);
	else
		race_form_command(form(v, snap), out);
}

const struct view_ops view_train = {
	.name = "Train",
	.context = IN_TRAIN | IN_SETUP,
	.context_now = train_context,
	.shows = "train pause resume",
	.size = sizeof(struct train_view),
	.release = train_release,
	.refresh = train_refresh,
	.event = train_event,
	.answer = train_answer,
	.draw = train_draw,
	.row = train_row,
};
