/* The open lesson: it presses keys, runs commands and asks, as a reader would. */
#include <string.h>

#include "session/command.h"
#include "ui_priv.h"

/* Views find their places when they are drawn: a key that no reader pressed must meet what he would have seen. */
static void draw_unseen(struct ui *ui)
{
	struct canvas page;

	if (ui_draw_again(ui, &page))
		canvas_release(&page);
}

void ui_go_on_with_lesson(struct ui *ui)
{
	uint32_t key;

	if (ui->pressing)
		return;
	ui->pressing = true;
	for (;;) {
		bool idle = !ui_busy(ui) && ui->queue.n == 0;
		player_settle(&ui->player, ui->snap, idle, ui->message_is_error && ui->message.len > 0);
		if (!idle || !player_take_key(&ui->player, &key))
			break;
		draw_unseen(ui);
		ui_event(ui, &(struct event){.type = EVENT_KEY, .key = key});
	}
	ui->pressing = false;
}

/* The keys of a lesson are meant for views as they are at the start, and its reader gets his own back as he left them.
 * The list of lessons stays the one it is. */
static void change_views(struct ui *ui)
{
	bool open = ui->player.lesson != NULL, stays = open && ui->in_lesson;

	for (size_t i = 0; i < ui->n_views; i++) {
		if (ui->views[i] == &view_lessons)
			continue;
		if (open && ui->player.opening)
			ui_renew_state(ui, stays ? ui->states : ui->aside, i);
		if (open == ui->in_lesson)
			continue;
		void *now = ui->states[i];
		ui->states[i] = ui->aside[i];
		ui->aside[i] = now;
	}
	ui->in_lesson = open;
}

/* Where the lesson put the session aside or took it back, there was no step from one search to another: the new picture
 * replaces the old one without a word. */
static void take_reply(struct ui *ui, struct view_reply *r, enum ui_effect *effect)
{
	bool asks = r->prompt.len > 0;

	if (ui->player.moved) {
		ui_drop_queue(ui);
		ui_close_over(ui);
		change_views(ui);
		ui_show_snapshot(ui, ui->host->snapshot(ui->host->arg));
		ui->player.moved = false;
	}
	ui_take_reply(ui, r, effect);
	if (asks)
		ui->player_asks = true;
	ui_poll(ui);
}

void ui_tell_lesson(struct ui *ui, enum ui_action a, enum ui_effect *effect)
{
	struct view_reply reply = {0};

	if (!ui->player.lesson)
		return;
	player_event(&ui->player, a, &reply);
	take_reply(ui, &reply, effect);
}

void ui_answer_lesson(struct ui *ui, uint32_t digit, enum ui_effect *effect)
{
	ui_tell_lesson(ui, ACTION_LESSON_NEXT, effect);
	if (ui->mode == MODE_ANSWER)
		ui_line_key(ui, digit, effect);
}

/* In any other form the command stays what it is at the prompt: text. */
static bool is_played(const struct cmd_line *words)
{
	struct err ignored;
	const struct cmd_entry *cmd = words->argc > 0 ? cmd_find(words->argv[0], &ignored) : NULL;

	if (!cmd || strcmp(cmd->name, "lesson") != 0)
		return false;
	if (words->argc == 4)
		return strcmp(words->argv[2], "--page") == 0 && strcmp(words->argv[3], "1") == 0;
	return words->argc == 1 || (words->argc == 2 && words->argv[1][0] != '-');
}

/* On the screens the Lessons view lists them and the panel plays them. */
bool ui_begin_lesson(struct ui *ui, const char *line)
{
	struct view_reply reply = {0};
	enum ui_effect ignored;
	struct cmd_line words;
	struct err err;

	if (!ui->host->lessons || line[statement_end(line)] || statement_split(&words, line, NULL, NULL, &err))
		return false;
	bool played = is_played(&words);
	if (played && words.argc == 1)
		reply.go = &view_lessons;
	else if (played)
		player_begin(&ui->player, words.argv[1], words.argc == 4, &reply);
	if (played)
		take_reply(ui, &reply, &ignored);
	cmd_line_release(&words);
	return played;
}
