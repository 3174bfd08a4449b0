#include "ui.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include "base/mem.h"
#include "base/utf8.h"
#include "canvas_svg.h"
#include "session/command.h"
#include "ui/line.h"

void ui_init(struct ui *ui, const struct ui_host *host, const struct view_ops *const *views)
{
	*ui = (struct ui){.host = host, .views = views};
	player_init(&ui->player, host->lessons, host->arg);
	for (; views[ui->n_views]; ui->n_views++) {
		if (ui->n_views == UI_VIEWS)
			BUG("there is no tab for view '%s'", views[UI_VIEWS]->name);
		ui->states[ui->n_views] = xcalloc(1, views[ui->n_views]->size);
		if (views[ui->n_views] == &view_lessons)
			lessons_set(ui->states[ui->n_views], &ui->player);
		if (views[ui->n_views] == &view_beam) /* what one sees first */
			ui->current = ui->n_views;
	}
	ui_poll(ui);
}

static void close_over(struct ui *ui)
{
	if (ui->over && ui->over->release)
		ui->over->release(ui->over_state);
	free(ui->over_state);
	ui->over = NULL;
	ui->over_state = NULL;
}

static void open_over(struct ui *ui, const struct view_ops *ops)
{
	close_over(ui);
	ui->over = ops;
	ui->over_state = xcalloc(1, ops->size);
}

static void drop_queue(struct ui *ui)
{
	for (size_t i = 0; i < ui->queue.n; i++)
		free(ui->queue.at[i]);
	vec_clear(&ui->queue);
}

void ui_release(struct ui *ui)
{
	if (ui_edits_line(ui))
		line_close();
	close_over(ui);
	for (size_t i = 0; i < ui->n_views; i++) {
		if (ui->views[i]->release)
			ui->views[i]->release(ui->states[i]);
		free(ui->states[i]);
	}
	player_release(&ui->player);
	drop_queue(ui);
	vec_release(&ui->queue);
	free(ui->command);
	free(ui->search);
	buf_release(&ui->message);
	buf_release(&ui->prompt);
	snapshot_release(ui->snap);
}

static const struct view_ops *view(const struct ui *ui)
{
	return ui->views[ui->current];
}

/* What gets the keys: what lies over the view, or the view. */
static const struct view_ops *front(const struct ui *ui)
{
	return ui->over ? ui->over : view(ui);
}

static void *front_state(const struct ui *ui)
{
	return ui->over ? ui->over_state : ui->states[ui->current];
}

unsigned ui_context(const struct ui *ui)
{
	const struct view_ops *v = front(ui);
	unsigned lesson = ui->player.lesson && !ui->pressing && !v->takes_text ? IN_LESSON : 0;

	return lesson | (v->context_now ? v->context_now(front_state(ui)) : v->context);
}

bool ui_edits_line(const struct ui *ui)
{
	return ui->mode == MODE_COMMAND || ui->mode == MODE_SEARCH || ui->mode == MODE_ANSWER ||
		ui->mode == MODE_SAVE;
}

static bool busy(const struct ui *ui)
{
	return ui->snap->job != JOB_IDLE;
}

static void say(struct ui *ui, bool error, const char *fmt, ...) PRINTF_LIKE(3, 4);

static void say(struct ui *ui, bool error, const char *fmt, ...)
{
	char text[1200];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	buf_clear(&ui->message);
	buf_addstr(&ui->message, text);
	ui->message_is_error = error;
}

static void open_pager(struct ui *ui, const char *title, const char *text)
{
	open_over(ui, &view_pager);
	pager_set(ui->over_state, title, text);
}

/* A line of output is a message, more is a page. */
static void show_text(struct ui *ui, const char *text)
{
	size_t first = strcspn(text, "\n"), len = strlen(text);

	if (len == 0)
		return;
	if (first + 1 >= len && first < 60)
		say(ui, false, "%.*s", (int)first, text);
	else
		open_pager(ui, ui->command ? ui->command : "", text);
}

/* Are both branches of one search, or that search itself? */
static bool same_search(const struct snapshot *old, const struct snapshot *now)
{
	return (old->original ? old->original : old->trace) == (now->original ? now->original : now->trace);
}

/* A new search is opened where it was decided: at the step of the pruning; else, over the same case, where one was. */
static size_t first_look(const struct snapshot *old, const struct snapshot *now)
{
	if (now->trace->pruned_at > 0 && now->trace->pruned_at <= now->trace->n_steps)
		return now->trace->pruned_at;
	bool same = old->case_id && now->case_id && strcmp(old->case_id, now->case_id) == 0;
	return same && old->step <= now->trace->n_steps ? old->step : now->step;
}

static void run_next(struct ui *ui, char *command)
{
	vec_push(&ui->queue, command);
	memmove(ui->queue.at + 1, ui->queue.at, (ui->queue.n - 1) * sizeof(*ui->queue.at));
	ui->queue.at[0] = command;
}

/* Did the settings just become others than those of the search that is shown? */
static bool settings_left_behind(const struct snapshot *old, const struct snapshot *now)
{
	return now->trace && now->case_id && strcmp(old->settings_shown, now->settings_shown) != 0 &&
		strcmp(now->trace->settings_shown, now->settings_shown) != 0;
}

/* What the views keep of the old one is renewed before anything looks at it. */
static void show_snapshot(struct ui *ui, const struct snapshot *now)
{
	snapshot_release(ui->snap);
	ui->snap = now;
	for (size_t i = 0; i < ui->n_views; i++)
		if (ui->views[i]->refresh)
			ui->views[i]->refresh(ui->states[i], ui->snap);
}

/* Takes the present snapshot and says what it has new to say. */
static void take_snapshot(struct ui *ui)
{
	const struct snapshot *old = ui->snap, *now = ui->host->snapshot(ui->host->arg);
	bool ended = old && old->job != JOB_IDLE && now->job == JOB_IDLE;

	if (*now->message_shown && (ended || !old || strcmp(old->message_shown, now->message_shown) != 0))
		say(ui, now->message_is_error, "%s", now->message_shown);
	if (ended && now->message_is_error)
		drop_queue(ui);
	if (old && ui->queue.n == 0 && settings_left_behind(old, now))
		say(ui, false, "these settings are for the next search: \":beam %s\" runs it", now->case_id);
	if (old && now->trace && !same_search(old, now) && first_look(old, now) != now->step)
		run_next(ui, xasprintf("goto %zu", first_look(old, now)));
	show_snapshot(ui, now);
}

static void take_text(struct ui *ui)
{
	char *text = ui->host->take_text(ui->host->arg);

	if (text && !ui->player.opening)
		show_text(ui, text);
	free(text);
}

static void select_row(struct ui *ui, const char *name)
{
	if (view(ui)->select)
		view(ui)->select(ui->states[ui->current], ui->snap, name);
}

/* The selected row stays so where the other view knows it too. */
static void go(struct ui *ui, size_t to)
{
	struct buf name = {0};
	bool other = to != ui->current;

	close_over(ui);
	if (other && view(ui)->select)
		view(ui)->selected(ui->states[ui->current], ui->snap, &name);
	ui->current = to;
	if (name.len > 0)
		select_row(ui, buf_str(&name));
	buf_release(&name);
}

static void go_to(struct ui *ui, const struct view_ops *ops)
{
	for (size_t i = 0; i < ui->n_views; i++)
		if (ui->views[i] == ops)
			go(ui, i);
}

/* Is the word, of n bytes, one of those that are separated by spaces? */
static bool has_word(const char *words, const char *word, size_t n)
{
	for (const char *s = words; s && *s; s += strspn(s, " ")) {
		size_t len = strcspn(s, " ");
		if (len == n && memcmp(s, word, n) == 0)
			return true;
		s += len;
	}
	return false;
}

/* Where the result of a command is to be seen. */
static void go_where_shown(struct ui *ui, const char *command)
{
	struct err ignored;
	char *word = xstrndup(command, strcspn(command, " "));
	const struct cmd_entry *cmd = cmd_find(word, &ignored);

	free(word);
	if (!cmd)
		return;
	if (has_word(view(ui)->shows, cmd->name, strlen(cmd->name))) {
		close_over(ui);
		return;
	}
	for (size_t i = 0; i < ui->n_views; i++)
		if (has_word(ui->views[i]->shows, cmd->name, strlen(cmd->name))) {
			go(ui, i);
			return;
		}
}

/* Starts a command, which is taken over; its result or error is shown. */
static int start(struct ui *ui, char *command)
{
	struct err err = {0};

	free(ui->command);
	ui->command = command;
	int failed = ui->host->start(ui->host->arg, command, &err);
	take_snapshot(ui);
	if (failed) {
		say(ui, true, "%s", err.msg);
	} else {
		go_where_shown(ui, command);
		take_text(ui);
	}
	return failed;
}

/* Views find their places when they are drawn: a key that no reader pressed must meet what he would have seen. */
static void draw_unseen(struct ui *ui)
{
	const struct canvas *shown = ui->page;
	struct canvas page;

	if (!shown)
		return;
	canvas_init(&page, shown->ascii);
	page.graph = shown->graph;
	canvas_resize(&page, shown->w, shown->h);
	ui_draw(ui, &page);
	canvas_release(&page);
	ui->page = shown;
}

/* Presses what the lesson wants pressed, as long as nothing runs; tells it how things stand. */
static void go_on_with_lesson(struct ui *ui)
{
	uint32_t key;

	if (ui->pressing)
		return;
	ui->pressing = true;
	for (;;) {
		bool idle = !busy(ui) && ui->queue.n == 0;
		player_settle(&ui->player, ui->snap, idle, ui->message_is_error && ui->message.len > 0);
		if (!idle || !player_take_key(&ui->player, &key))
			break;
		draw_unseen(ui);
		ui_event(ui, &(struct event){.type = EVENT_KEY, .key = key});
	}
	ui->pressing = false;
}

void ui_poll(struct ui *ui)
{
	take_snapshot(ui);
	take_text(ui);
	while (ui->queue.n > 0 && !busy(ui)) {
		char *command = ui->queue.at[0];
		memmove(ui->queue.at, ui->queue.at + 1, --ui->queue.n * sizeof(*ui->queue.at));
		if (start(ui, command))
			drop_queue(ui);
	}
	go_on_with_lesson(ui);
}

static bool begins_lesson(struct ui *ui, const char *line);

/* Beside a running job the session decides what may run; nothing waits unseen for the job's end. */
static void run_line(struct ui *ui, const char *line)
{
	if (begins_lesson(ui, line))
		return;
	char *command = xstrdup(line);

	if (busy(ui))
		start(ui, command);
	else
		vec_push(&ui->queue, command);
}

/* Appends each command of the list with its names filled in and a NUL. */
static int expand(const struct ui *ui, const char *commands, struct buf *lines, struct err *err)
{
	struct buf selected = {0};
	int failed = 0;

	if (front(ui)->selected)
		front(ui)->selected(front_state(ui), ui->snap, &selected);

	for (const char *s = commands; *s && !failed;) {
		const char *end = strstr(s, "; ");
		char *command = end ? xstrndup(s, (size_t)(end - s)) : xstrdup(s);
		failed = keys_expand(command, ui->snap, selected.len > 0 ? buf_str(&selected) : NULL, lines, err);
		buf_addch(lines, '\0');
		s = end ? end + 2 : s + strlen(s);
		free(command);
	}
	buf_release(&selected);
	return failed;
}

void ui_run(struct ui *ui, const char *commands)
{
	struct buf lines = {0};
	struct err err;

	if (expand(ui, commands, &lines, &err) < 0)
		say(ui, true, "%s", err.msg);
	else
		for (size_t at = 0; at < lines.len; at += strlen(lines.at + at) + 1)
			run_line(ui, lines.at + at);
	buf_release(&lines);
	ui_poll(ui);
}

static void ask_quit(struct ui *ui, enum ui_effect *effect)
{
	if (busy(ui))
		ui->mode = MODE_ASK_QUIT;
	else
		*effect = UI_QUIT;
}

static void copy_row(struct ui *ui)
{
	struct buf row = {0};

	if (front(ui)->row)
		front(ui)->row(front_state(ui), ui->snap, &row);
	if (row.len == 0)
		say(ui, true, "there is nothing to copy here");
	else if (!ui->host->copy(ui->host->arg, buf_str(&row), row.len))
		say(ui, true, "this terminal has no clipboard (OSC 52)");
	else
		say(ui, false, "copied %zu bytes", row.len);
	buf_release(&row);
}

/* Appends the first name beside what is there that neither a picture nor a text has. */
static void free_name(struct buf *out)
{
	for (int i = 1; i < 1000; i++) {
		char picture[64], text[64];
		snprintf(picture, sizeof(picture), "beamscope-%d.svg", i);
		snprintf(text, sizeof(text), "beamscope-%d.txt", i);
		if (access(picture, F_OK) != 0 && access(text, F_OK) != 0) {
			buf_addstr(out, picture);
			return;
		}
	}
}

/* The page as it is without the line in which its name is typed. Nothing is overwritten. */
static void save_page(struct ui *ui, const char *path)
{
	const struct canvas *shown = ui->page;
	struct canvas page;
	struct err err;

	if (!*path || !shown)
		return;
	if (access(path, F_OK) == 0) {
		say(ui, true, "'%s' is there already and stays as it is: P and another name", path);
		return;
	}
	canvas_init(&page, shown->ascii);
	page.graph = shown->graph;
	canvas_resize(&page, shown->w, shown->h);
	ui_draw(ui, &page);
	int failed = canvas_save(&page, path, &err);
	canvas_release(&page);
	ui->page = shown;
	if (failed)
		say(ui, true, "%s", err.msg);
	else
		say(ui, false, "saved as %s", path);
}

static void search(struct ui *ui, int direction)
{
	if (!ui->search)
		say(ui, true, "nothing was searched for yet: / does");
	else if (!front(ui)->find || !front(ui)->find(front_state(ui), ui->snap, ui->search, direction))
		say(ui, true, "\"%s\" is not here", ui->search);
}

static void open_line(struct ui *ui, enum ui_mode mode, enum line_kind kind, const char *initial)
{
	ui->mode = mode;
	line_open(kind);
	if (*initial)
		line_feed(initial, strlen(initial));
}

static void ask_name(struct ui *ui)
{
	struct buf name = {0};

	free_name(&name);
	open_line(ui, MODE_SAVE, LINE_PATH, buf_str(&name));
	buf_release(&name);
}

static void ask_cases(struct ui *ui, const char *where, const char *sort)
{
	struct err err;

	if (ui->host->ask_cases(ui->host->arg, where, sort, &err))
		say(ui, true, "%s", err.msg);
	take_snapshot(ui);
}

/* The first line is the title; what follows it and empty lines is the text. */
static void show_page(struct ui *ui, const char *page)
{
	size_t first = strcspn(page, "\n");
	char *title = xstrndup(page, first);
	const char *rest = page + first;

	open_pager(ui, title, rest + strspn(rest, "\n"));
	free(title);
}

static void prompt(struct ui *ui, const struct view_reply *r)
{
	const char *initial = buf_str(&r->initial);

	if (strcmp(buf_str(&r->prompt), ":") == 0) {
		open_line(ui, MODE_COMMAND, LINE_COMMAND, initial);
		return;
	}
	buf_clear(&ui->prompt);
	buf_addstr(&ui->prompt, buf_str(&r->prompt));
	ui->asker = ui->current;
	open_line(ui, MODE_ANSWER, r->is_filter ? LINE_FILTER : LINE_TEXT, initial);
}

static void perform(struct ui *ui, const char *command, enum ui_effect *effect);

static void take_reply(struct ui *ui, struct view_reply *r, enum ui_effect *effect)
{
	if (r->close)
		close_over(ui);
	if (r->ask_cases)
		ask_cases(ui, buf_str(&r->where), buf_str(&r->sort));
	if (r->text.len > 0)
		show_page(ui, buf_str(&r->text));
	if (r->go)
		go_to(ui, r->go);
	if (r->command.len > 0)
		perform(ui, buf_str(&r->command), effect);
	if (r->line.len > 0) {
		run_line(ui, buf_str(&r->line));
		ui_poll(ui);
	}
	if (r->select.len > 0)
		select_row(ui, buf_str(&r->select));
	if (r->prompt.len > 0) {
		ui->player_asks = false;
		prompt(ui, r);
	}
	if (r->message.len > 0)
		say(ui, r->is_error, "%s", buf_str(&r->message));
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
	bool did = front(ui)->event(front_state(ui), ui->snap, e, &reply);

	take_reply(ui, &reply, effect);
	return did;
}

/* What the lesson wants done. Where it put the session aside or took it back, there was no step from one search to
 * another: the new picture replaces the old one without a word. */
static void take_lesson_reply(struct ui *ui, struct view_reply *r, enum ui_effect *effect)
{
	bool asks = r->prompt.len > 0;

	if (ui->player.moved) {
		drop_queue(ui);
		close_over(ui);
		show_snapshot(ui, ui->host->snapshot(ui->host->arg));
		ui->player.moved = false;
	}
	take_reply(ui, r, effect);
	if (asks)
		ui->player_asks = true;
	ui_poll(ui);
}

static void tell_lesson(struct ui *ui, enum ui_action a, enum ui_effect *effect)
{
	struct view_reply reply = {0};

	if (!ui->player.lesson)
		return;
	player_event(&ui->player, a, &reply);
	take_lesson_reply(ui, &reply, effect);
}

/* Is it `lesson`? On the screens the Lessons view lists them and the panel plays them. */
static bool begins_lesson(struct ui *ui, const char *line)
{
	struct view_reply reply = {0};
	enum ui_effect ignored;
	struct cmd_line words;
	struct err err;

	if (!ui->host->lessons || cmd_line_split(&words, line, &err))
		return false;
	const struct cmd_entry *cmd = words.argc > 0 ? cmd_find(words.argv[0], &err) : NULL;
	bool begins = cmd && !strcmp(cmd->name, "lesson") &&
		(words.argc <= 2 || (words.argc == 4 && !strcmp(words.argv[2], "--page"))) &&
		(words.argc < 2 || words.argv[1][0] != '-');
	if (begins && words.argc == 1)
		reply.go = &view_lessons;
	else if (begins)
		player_begin(&ui->player, words.argv[1], words.argc == 4, &reply);
	if (begins)
		take_lesson_reply(ui, &reply, &ignored);
	cmd_line_release(&words);
	return begins;
}

/* Closes what lies on top, else goes up within the view, else cancels what runs, else leaves the lesson. */
static void back(struct ui *ui, enum ui_effect *effect)
{
	/* A race is not broken off by one key that was pressed too often. */
	bool races = ui->snap->race && ui->snap->race->running;

	if (ui->over)
		close_over(ui);
	else if (tell_front(ui, &(struct view_event){.action = ACTION_BACK}, effect))
		return;
	else if (busy(ui) && !races)
		ui->host->cancel(ui->host->arg);
	else if (ui->player.lesson)
		tell_lesson(ui, ACTION_LESSON_CLOSE, effect);
	else if (races)
		say(ui, false, "the race goes on: \":stop\" saves and ends it, Ctrl-C cancels it");
}

/* The view's own keys, whatever lies over it. */
static void open_help(struct ui *ui)
{
	close_over(ui);
	unsigned context = ui_context(ui);
	open_over(ui, &view_help);
	help_set(ui->over_state, view(ui)->name, context);
}

static void open_palette(struct ui *ui)
{
	close_over(ui);
	unsigned context = ui_context(ui);
	open_over(ui, &view_palette);
	palette_set(ui->over_state, ui->views, view(ui)->name, context);
}

static void act(struct ui *ui, enum ui_action a, enum ui_effect *effect)
{
	switch (a) {
	case ACTION_BACK:
		back(ui, effect);
		return;
	case ACTION_CANCEL:
		if (busy(ui))
			ui->host->cancel(ui->host->arg);
		else
			say(ui, false, "Q quits");
		return;
	case ACTION_QUIT:
		ask_quit(ui, effect);
		return;
	case ACTION_HELP:
		open_help(ui);
		return;
	case ACTION_PALETTE:
		open_palette(ui);
		return;
	case ACTION_COMMAND:
		open_line(ui, MODE_COMMAND, LINE_COMMAND, "");
		return;
	case ACTION_SEARCH:
		open_line(ui, MODE_SEARCH, LINE_TEXT, "");
		return;
	case ACTION_NEXT_MATCH:
		search(ui, 1);
		return;
	case ACTION_PREVIOUS_MATCH:
		search(ui, -1);
		return;
	case ACTION_NEXT_VIEW:
		go(ui, (ui->current + 1) % ui->n_views);
		return;
	case ACTION_PREVIOUS_VIEW:
		go(ui, (ui->current + ui->n_views - 1) % ui->n_views);
		return;
	case ACTION_COPY:
		copy_row(ui);
		return;
	case ACTION_SAVE:
		ask_name(ui);
		return;
	case ACTION_LESSON_NEXT:
	case ACTION_LESSON_BACK:
	case ACTION_LESSON_CLOSE:
		tell_lesson(ui, a, effect);
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
			go(ui, i);
			return;
		}
	BUG("the key table names an unknown view: %s", name);
}

/* Begins a line with a command, to be gone on with. */
static void type(struct ui *ui, const char *command)
{
	struct buf line = {0};
	struct err err;

	if (expand(ui, command, &line, &err) < 0)
		say(ui, true, "%s", err.msg);
	else
		open_line(ui, MODE_COMMAND, LINE_COMMAND, buf_str(&line));
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

	if (e)
		perform(ui, e->command, effect);
	else if (front(ui)->takes_text)
		tell_front(ui, &(struct view_event){.key = key}, effect);
	else if (key > '0' && key <= '9' && key - '1' < ui->n_views)
		go(ui, key - '1');
}

/* The bytes that a terminal sends for a key, as readline knows them. */
static size_t key_bytes(uint32_t key, char out[8])
{
	static const struct {
		uint32_t key;
		const char *bytes;
	} sequences[] = {
		{UI_KEY_UP, "\033[A"},
		{UI_KEY_DOWN, "\033[B"},
		{UI_KEY_RIGHT, "\033[C"},
		{UI_KEY_LEFT, "\033[D"},
		{UI_KEY_HOME, "\033[H"},
		{UI_KEY_END, "\033[F"},
		{UI_KEY_DELETE, "\033[3~"},
	};
	size_t n = 0;
	for (size_t i = 0; i < ARRAY_LEN(sequences); i++)
		if (sequences[i].key == key) {
			n = strlen(sequences[i].bytes);
			memcpy(out, sequences[i].bytes, n);
			return n;
		}
	if (key & UI_KEY_ALT) {
		out[n++] = '\033';
		key &= ~(uint32_t)UI_KEY_ALT;
	}
	return key < UI_KEY_UP ? n + utf8_encode(key, out + n) : 0;
}

/* Quitting is the frame's: it asks while a job runs. */
static bool names_quit(const char *command)
{
	struct err ignored;
	char *name = xstrndup(command, strcspn(command, " "));
	const struct cmd_entry *cmd = cmd_find(name, &ignored);

	free(name);
	return cmd && strcmp(cmd->name, "quit") == 0;
}

static void run_typed(struct ui *ui, const char *text, enum ui_effect *effect)
{
	text += strspn(text, " :");
	size_t len = strlen(text);
	while (len > 0 && text[len - 1] == ' ')
		len--;
	if (len == 0)
		return;
	char *command =
		strspn(text, "0123456789") == len ? xasprintf("goto %.*s", (int)len, text) : xstrndup(text, len);
	if (names_quit(command)) {
		ask_quit(ui, effect);
	} else {
		run_line(ui, command);
		ui_poll(ui);
	}
	free(command);
}

static void answer(struct ui *ui, const char *text, enum ui_effect *effect)
{
	struct view_reply reply = {0};

	if (ui->player_asks) {
		ui->player_asks = false;
		player_answer(&ui->player, text);
		return;
	}
	go(ui, ui->asker); /* what a job had to show may have come in front of it meanwhile */
	if (!view(ui)->answer)
		BUG("view '%s' asked for a line and takes none", view(ui)->name);
	view(ui)->answer(front_state(ui), ui->snap, text, &reply);
	take_reply(ui, &reply, effect);
}

static void on_line_key(struct ui *ui, uint32_t key, enum ui_effect *effect)
{
	enum ui_mode mode = ui->mode;
	char bytes[8];
	bool leave = key == UI_KEY_ESC || key == ('C' & 0x1f) ||
			((key == UI_KEY_BACKSPACE || key == 8) && line_text()[0] == '\0');
	size_t n = leave ? 0 : key_bytes(key, bytes);

	if (leave) {
		line_close();
		ui->mode = MODE_VIEW;
		return;
	}
	if (n == 0 || line_feed(bytes, n) != LINE_DONE)
		return;
	char *text = line_take();
	ui->mode = MODE_VIEW;
	if (mode == MODE_COMMAND) {
		run_typed(ui, text, effect);
	} else if (mode == MODE_SAVE) {
		save_page(ui, text);
	} else if (mode == MODE_ANSWER) {
		answer(ui, text, effect);
	} else if (*text) {
		free(ui->search);
		ui->search = xstrdup(text);
		search(ui, 0);
	}
	free(text);
}

static void on_mouse(struct ui *ui, const struct event *e, enum ui_effect *effect)
{
	if (e->type == EVENT_CLICK && e->y == 0) {
		for (size_t i = 0; i < ui->n_views; i++)
			if (e->x < ui->tab_ends[i]) {
				go(ui, i);
				return;
			}
		return;
	}
	if (ui->player.lesson && rect_has(ui->player.area, e->x, e->y)) {
		if (e->type == EVENT_CLICK)
			tell_lesson(ui, ACTION_LESSON_NEXT, effect);
		return;
	}
	tell_front(ui, &(struct view_event){.mouse = e->type, .x = e->x, .y = e->y}, effect);
}

enum ui_effect ui_event(struct ui *ui, const struct event *e)
{
	enum ui_effect effect = UI_GO_ON;

	if (e->type != EVENT_KEY) {
		if (ui->mode == MODE_VIEW)
			on_mouse(ui, e, &effect);
		return effect;
	}
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
		on_line_key(ui, e->key, &effect);
		break;
	case MODE_ASK_QUIT:
		ui->mode = MODE_VIEW;
		if (e->key == 'y' || e->key == 'Y')
			effect = UI_QUIT;
		break;
	}
	go_on_with_lesson(ui);
	return effect;
}
