#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/mem.h"
#include "ui_priv.h"

static void free_state(const struct ui *ui, void **states, size_t i)
{
	if (states[i] && ui->views[i]->release)
		ui->views[i]->release(states[i]);
	free(states[i]);
}

void ui_renew_state(struct ui *ui, void **states, size_t i)
{
	free_state(ui, states, i);
	states[i] = xcalloc(1, ui->views[i]->size);
	if (ui->views[i] == &view_lessons)
		lessons_set(states[i], &ui->player);
}

void ui_init(struct ui *ui, const struct ui_host *host, const struct view_ops *const *views)
{
	*ui = (struct ui){.host = host, .views = views};
	player_init(&ui->player, host->lessons, host->arg);
	for (; views[ui->n_views]; ui->n_views++) {
		if (ui->n_views == UI_VIEWS)
			BUG("there is no tab for view '%s'", views[UI_VIEWS]->name);
		ui_renew_state(ui, ui->states, ui->n_views);
		if (views[ui->n_views] == &view_beam) /* what one sees first */
			ui->current = ui->n_views;
	}
	ui_poll(ui);
}

void ui_close_over(struct ui *ui)
{
	if (ui->over && ui->over->release)
		ui->over->release(ui->over_state);
	free(ui->over_state);
	ui->over = NULL;
	ui->over_state = NULL;
}

static void open_over(struct ui *ui, const struct view_ops *ops)
{
	ui_close_over(ui);
	ui->over = ops;
	ui->over_state = xcalloc(1, ops->size);
}

void ui_release(struct ui *ui)
{
	if (ui_edits_line(ui))
		line_close();
	ui_close_over(ui);
	for (size_t i = 0; i < ui->n_views; i++) {
		free_state(ui, ui->states, i);
		free_state(ui, ui->aside, i);
	}
	player_release(&ui->player);
	ui_drop_queue(ui);
	vec_release(&ui->queue);
	free(ui->command);
	free(ui->search);
	buf_release(&ui->message);
	buf_release(&ui->prompt);
	snapshot_release(ui->snap);
}

const struct view_ops *ui_view(const struct ui *ui)
{
	return ui->views[ui->current];
}

const struct view_ops *ui_front(const struct ui *ui)
{
	return ui->over ? ui->over : ui_view(ui);
}

void *ui_front_state(const struct ui *ui)
{
	return ui->over ? ui->over_state : ui->states[ui->current];
}

unsigned ui_context(const struct ui *ui)
{
	const struct view_ops *v = ui_front(ui);
	unsigned lesson = ui->player.lesson && !ui->pressing && !v->takes_text ? IN_LESSON : 0;

	unsigned own = v->context_now ? v->context_now(ui_front_state(ui)) : v->context;

	return lesson | own | ((own & IN_TRACE) && ui->snap->original ? IN_BRANCH : 0);
}

void ui_say(struct ui *ui, bool error, const char *fmt, ...)
{
	va_list ap;

	buf_clear(&ui->message);
	va_start(ap, fmt);
	buf_vaddf(&ui->message, fmt, ap);
	va_end(ap);
	ui->message_is_error = error;
}

void ui_open_pager(struct ui *ui, const char *title, const char *text)
{
	open_over(ui, &view_pager);
	pager_set(ui->over_state, title, text);
}

static void select_row(struct ui *ui, const char *name)
{
	if (ui_view(ui)->select)
		ui_view(ui)->select(ui->states[ui->current], ui->snap, name);
}

void ui_go(struct ui *ui, size_t to)
{
	struct buf name = {0};
	bool other = to != ui->current;

	ui_close_over(ui);
	if (other && ui_view(ui)->select)
		ui_view(ui)->selected(ui->states[ui->current], ui->snap, &name);
	ui->current = to;
	if (name.len > 0)
		select_row(ui, buf_str(&name));
	buf_release(&name);
}

static void go_to(struct ui *ui, const struct view_ops *ops)
{
	for (size_t i = 0; i < ui->n_views; i++)
		if (ui->views[i] == ops)
			ui_go(ui, i);
}

void ui_ask_quit(struct ui *ui, enum ui_effect *effect)
{
	if (ui_busy(ui))
		ui->mode = MODE_ASK_QUIT;
	else
		*effect = UI_QUIT;
}

static void copy_row(struct ui *ui)
{
	struct buf row = {0};

	if (ui_front(ui)->row)
		ui_front(ui)->row(ui_front_state(ui), ui->snap, &row);
	if (row.len == 0)
		ui_say(ui, true, "there is nothing to copy here");
	else if (!ui->host->copy(ui->host->arg, buf_str(&row), row.len))
		ui_say(ui, true, "this terminal has no clipboard (OSC 52)");
	else
		ui_say(ui, false, "copied %zu bytes", row.len);
	buf_release(&row);
}

void ui_search(struct ui *ui, int direction)
{
	if (!ui->search)
		ui_say(ui, true, "nothing was searched for yet: / does");
	else if (!ui_front(ui)->find || !ui_front(ui)->find(ui_front_state(ui), ui->snap, ui->search, direction))
		ui_say(ui, true, "\"%s\" is not here", ui->search);
}

static void ask_cases(struct ui *ui, const char *where, const char *sort)
{
	struct err err;

	if (ui->host->ask_cases(ui->host->arg, where, sort, &err))
		ui_say(ui, true, "%s", err.msg);
	ui_take_snapshot(ui);
}

/* The first line is the title; what follows it and empty lines is the text. */
static void show_page(struct ui *ui, const char *page)
{
	size_t first = strcspn(page, "\n");
	char *title = xstrndup(page, first);
	const char *rest = page + first;

	ui_open_pager(ui, title, rest + strspn(rest, "\n"));
	free(title);
}

static void perform(struct ui *ui, const char *command, enum ui_effect *effect);

void ui_take_reply(struct ui *ui, struct view_reply *r, enum ui_effect *effect)
{
	if (r->close)
		ui_close_over(ui);
	if (r->ask_cases)
		ask_cases(ui, buf_str(&r->where), buf_str(&r->sort));
	if (r->text.len > 0)
		show_page(ui, buf_str(&r->text));
	if (r->go)
		go_to(ui, r->go);
	if (r->command.len > 0)
		perform(ui, buf_str(&r->command), effect);
	if (r->line.len > 0) {
		ui_run_line(ui, buf_str(&r->line));
		ui_poll(ui);
	}
	if (r->select.len > 0)
		select_row(ui, buf_str(&r->select));
	if (r->prompt.len > 0) {
		ui->player_asks = false;
		ui_ask(ui, r);
	}
	if (r->message.len > 0)
		ui_say(ui, r->is_error, "%s", buf_str(&r->message));
	buf_release(&r->where);
	buf_release(&r->sort);
	buf_release(&r->text);
	buf_release(&r->command);
	buf_release(&r->line);
	buf_release(&r->select);
	buf_release(&r->prompt);
	buf_release(&r->initial);
	buf_release(&r->message);
}

static bool tell_front(struct ui *ui, const struct view_event *e, enum ui_effect *effect)
{
	struct view_reply reply = {0};
	bool did = ui_front(ui)->event(ui_front_state(ui), ui->snap, e, &reply);

	ui_take_reply(ui, &reply, effect);
	return did;
}

/* Closes what lies on top, else goes up within the view, else cancels what runs, else leaves the lesson. */
static void back(struct ui *ui, enum ui_effect *effect)
{
	/* A race is not broken off by one key that was pressed too often. */
	bool races = ui->snap->race && ui->snap->race->running;

	if (ui->over)
		ui_close_over(ui);
	else if (tell_front(ui, &(struct view_event){.action = ACTION_BACK}, effect))
		return;
	else if (ui_busy(ui) && !races)
		ui->host->cancel(ui->host->arg);
	else if (ui->player.lesson)
		ui_tell_lesson(ui, ACTION_LESSON_CLOSE, effect);
	else if (races)
		ui_say(ui, false, "the race goes on: Ctrl-C saves and ends it");
	else
		ui_say(ui, false, "Q quits");
}

/* The view's own keys, whatever lies over it. */
static void open_help(struct ui *ui)
{
	ui_close_over(ui);
	unsigned context = ui_context(ui);
	open_over(ui, &view_help);
	help_set(ui->over_state, ui_view(ui)->name, context);
}

static void open_palette(struct ui *ui)
{
	ui_close_over(ui);
	unsigned context = ui_context(ui);
	open_over(ui, &view_palette);
	palette_set(ui->over_state, ui->views, ui_view(ui)->name, context);
}

static void act(struct ui *ui, enum ui_action a, enum ui_effect *effect)
{
	switch (a) {
	case ACTION_BACK:
		back(ui, effect);
		return;
	case ACTION_CANCEL:
		if (ui_busy(ui))
			ui->host->cancel(ui->host->arg);
		else
			ui_say(ui, false, "Q quits");
		return;
	case ACTION_QUIT:
		ui_ask_quit(ui, effect);
		return;
	case ACTION_HELP:
		open_help(ui);
		return;
	case ACTION_PALETTE:
		open_palette(ui);
		return;
	case ACTION_COMMAND:
		ui_open_line(ui, MODE_COMMAND, LINE_COMMAND, "");
		return;
	case ACTION_SEARCH:
		ui_open_line(ui, MODE_SEARCH, LINE_TEXT, "");
		return;
	case ACTION_NEXT_MATCH:
		ui_search(ui, 1);
		return;
	case ACTION_PREVIOUS_MATCH:
		ui_search(ui, -1);
		return;
	case ACTION_NEXT_VIEW:
		ui_go(ui, (ui->current + 1) % ui->n_views);
		return;
	case ACTION_PREVIOUS_VIEW:
		ui_go(ui, (ui->current + ui->n_views - 1) % ui->n_views);
		return;
	case ACTION_COPY:
		copy_row(ui);
		return;
	case ACTION_SAVE:
		ui_ask_name(ui);
		return;
	case ACTION_LESSON_NEXT:
	case ACTION_LESSON_BACK:
	case ACTION_LESSON_CLOSE:
		ui_tell_lesson(ui, a, effect);
		return;
	case ACTION_REDRAW:
		*effect = UI_REDRAW;
		return;
	case ACTION_SUSPEND:
		*effect = UI_SUSPEND;
		return;
	default:
		tell_front(ui, &(struct view_event){.action = a}, effect);
	}
}

/* By its name in small letters. */
static void go_to_named(struct ui *ui, const char *name)
{
	for (size_t i = 0; i < ui->n_views; i++)
		if (strcasecmp(ui->views[i]->name, name) == 0) {
			ui_go(ui, i);
			return;
		}
	BUG("the key table names an unknown view: %s", name);
}

/* Begins a line with a command, to be gone on with. */
static void type(struct ui *ui, const char *command)
{
	struct buf line = {0};
	struct err err;

	if (ui_expand(ui, command, &line, &err) < 0)
		ui_say(ui, true, "%s", err.msg);
	else
		ui_open_line(ui, MODE_COMMAND, LINE_COMMAND, buf_str(&line));
	buf_release(&line);
}

/* A command as the key table has it. */
static void perform(struct ui *ui, const char *command, enum ui_effect *effect)
{
	enum ui_action a = key_action(command);

	if (key_view(command))
		go_to_named(ui, key_view(command));
	else if (key_typed(command))
		type(ui, key_typed(command));
	else if (a == ACTION_NONE)
		ui_run(ui, command);
	else
		act(ui, a, effect);
}

static void on_key(struct ui *ui, uint32_t key, enum ui_effect *effect)
{
	const struct key_entry *e = key_find(ui_context(ui), key);

	if (!ui->over && player_awaits_number(&ui->player) && key >= '0' && key <= '9')
		ui_answer_lesson(ui, key, effect);
	else if (e)
		perform(ui, e->command, effect);
	else if (ui_front(ui)->takes_text)
		tell_front(ui, &(struct view_event){.key = key}, effect);
	else if (key > '0' && key <= '9' && key - '1' < ui->n_views)
		ui_go(ui, key - '1');
	else if (ui->over && key_find(ui_view(ui)->context, key))
		ui_say(ui, false, "that key is the view's: q goes back there");
}

static void on_mouse(struct ui *ui, const struct event *e, enum ui_effect *effect)
{
	if (e->type == EVENT_CLICK && e->y == 0) {
		for (size_t i = 0; i < ui->n_views; i++)
			if (e->x < ui->tab_ends[i]) {
				ui_go(ui, i);
				return;
			}
		return;
	}
	if (ui->player.lesson && rect_has(ui->player.area, e->x, e->y)) {
		if (e->type == EVENT_CLICK)
			ui_tell_lesson(ui, ACTION_LESSON_NEXT, effect);
		return;
	}
	tell_front(ui, &(struct view_event){.mouse = e->type, .x = e->x, .y = e->y}, effect);
}

/* The terminal's own keys, which mean the same where one types. */
static enum ui_effect terminal_key(uint32_t key)
{
	const struct key_entry *k = key_find(IN_PAGER, key);
	enum ui_action action = k ? key_action(k->command) : ACTION_NONE;

	return action == ACTION_SUSPEND ? UI_SUSPEND : action == ACTION_REDRAW ? UI_REDRAW : UI_GO_ON;
}

enum ui_effect ui_event(struct ui *ui, const struct event *e)
{
	enum ui_effect effect = UI_GO_ON;

	if (e->type != EVENT_KEY) {
		if (ui->mode == MODE_VIEW)
			on_mouse(ui, e, &effect);
		return effect;
	}
	effect = terminal_key(e->key);
	if (effect != UI_GO_ON)
		return effect;
	buf_clear(&ui->message);
	if (!ui->pressing)
		player_notice(&ui->player, e->key);
	switch (ui->mode) {
	case MODE_VIEW:
		on_key(ui, e->key, &effect);
		break;
	case MODE_COMMAND:
	case MODE_SEARCH:
	case MODE_ANSWER:
	case MODE_SAVE:
		ui_line_key(ui, e->key, &effect);
		break;
	case MODE_ASK_QUIT:
		ui->mode = MODE_VIEW;
		if (e->key == 'y' || e->key == 'Y')
			effect = UI_QUIT;
		break;
	}
	ui_go_on_with_lesson(ui);
	return effect;
}
