/* Commands as the screens run them, one after another, and what the session answers. */
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "session/command.h"
#include "ui_priv.h"

bool ui_busy(const struct ui *ui)
{
	return ui->snap->job != JOB_IDLE;
}

void ui_drop_queue(struct ui *ui)
{
	for (size_t i = 0; i < ui->queue.n; i++)
		free(ui->queue.at[i]);
	vec_clear(&ui->queue);
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

void ui_show_snapshot(struct ui *ui, const struct snapshot *now)
{
	snapshot_release(ui->snap);
	ui->snap = now;
	for (size_t i = 0; i < ui->n_views; i++)
		if (ui->views[i]->refresh)
			ui->views[i]->refresh(ui->states[i], ui->snap);
}

void ui_take_snapshot(struct ui *ui)
{
	const struct snapshot *old = ui->snap, *now = ui->host->snapshot(ui->host->arg);
	bool ended = old && old->job != JOB_IDLE && now->job == JOB_IDLE;

	if (*now->message_shown && (ended || !old || strcmp(old->message_shown, now->message_shown) != 0))
		ui_say(ui, now->message_is_error, "%s", now->message_shown);
	if (ended && now->message_is_error)
		ui_drop_queue(ui);
	if (old && ui->queue.n == 0 && settings_left_behind(old, now))
		ui_say(ui, false, "these settings are for the next search: \":beam %s\" runs it", now->case_id);
	if (old && now->trace && !same_search(old, now) && first_look(old, now) != now->step)
		run_next(ui, xasprintf("goto %zu", first_look(old, now)));
	ui_show_snapshot(ui, now);
}

/* A line of output is a message, more is a page. */
static void show_text(struct ui *ui, const char *text)
{
	size_t first = strcspn(text, "\n"), len = strlen(text);

	if (len == 0)
		return;
	if (first + 1 >= len && first < 60)
		ui_say(ui, false, "%.*s", (int)first, text);
	else
		ui_open_pager(ui, ui->command ? ui->command : "", text);
}

static void take_text(struct ui *ui)
{
	char *text = ui->host->take_text(ui->host->arg);

	if (text && !ui->player.opening)
		show_text(ui, text);
	free(text);
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
	const struct cmd_entry *cmd = view_command(command);

	if (!cmd)
		return;
	if (has_word(ui_view(ui)->shows, cmd->name, strlen(cmd->name))) {
		ui_close_over(ui);
		return;
	}
	for (size_t i = 0; i < ui->n_views; i++)
		if (has_word(ui->views[i]->shows, cmd->name, strlen(cmd->name))) {
			ui_go(ui, i);
			return;
		}
}

/* A command, which is taken over, was started, or was not: its result or error is shown. */
static void show_started(struct ui *ui, char *command, bool failed, const struct err *err)
{
	free(ui->command);
	ui->command = command;
	ui_take_snapshot(ui);
	if (failed) {
		ui_say(ui, true, "%s", err->msg);
	} else {
		go_where_shown(ui, command);
		take_text(ui);
	}
}

static int start(struct ui *ui, char *command)
{
	struct err err = {0};
	int failed = ui->host->start(ui->host->arg, command, &err);

	show_started(ui, command, failed, &err);
	return failed;
}

/* The next statement of a line that holds several, or of a script; false: none waits. */
static bool go_on(struct ui *ui)
{
	struct err err = {0};
	char *command = NULL;
	int more = ui->host->go_on(ui->host->arg, &command, &err);

	if (more != 0)
		show_started(ui, more > 0 ? command : NULL, more < 0, &err);
	return more != 0;
}

static void start_queued(struct ui *ui)
{
	char *command = ui->queue.at[0];

	memmove(ui->queue.at, ui->queue.at + 1, --ui->queue.n * sizeof(*ui->queue.at));
	if (start(ui, command))
		ui_drop_queue(ui);
}

/* What keys stand for comes before the rest of a line or script: it belongs to what was run last. */
void ui_poll(struct ui *ui)
{
	bool more = true;

	ui_take_snapshot(ui);
	take_text(ui);
	while (more && !ui_busy(ui))
		if (ui->queue.n > 0)
			start_queued(ui);
		else
			more = go_on(ui);
	ui_go_on_with_lesson(ui);
}

void ui_run_line(struct ui *ui, const char *line)
{
	if (ui_begin_lesson(ui, line))
		return;
	char *command = xstrdup(line);

	if (ui_busy(ui))
		start(ui, command);
	else
		vec_push(&ui->queue, command);
}

int ui_expand(const struct ui *ui, const char *commands, struct buf *lines, struct err *err)
{
	struct buf selected = {0};
	int failed = 0;

	if (ui_front(ui)->selected)
		ui_front(ui)->selected(ui_front_state(ui), ui->snap, &selected);

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

	if (ui_expand(ui, commands, &lines, &err) < 0)
		ui_say(ui, true, "%s", err.msg);
	else
		for (size_t at = 0; at < lines.len; at += strlen(lines.at + at) + 1)
			ui_run_line(ui, lines.at + at);
	buf_release(&lines);
	ui_poll(ui);
}
