/* The line that is typed at the bottom: a command, a search, an answer to a view, the name of a file. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/mem.h"
#include "base/utf8.h"
#include "canvas_svg.h"
#include "session/command.h"
#include "ui_priv.h"

bool ui_edits_line(const struct ui *ui)
{
	return ui->mode == MODE_COMMAND || ui->mode == MODE_SEARCH || ui->mode == MODE_ANSWER ||
		ui->mode == MODE_SAVE;
}

void ui_open_line(struct ui *ui, enum ui_mode mode, enum line_kind kind, const char *initial)
{
	ui->mode = mode;
	line_open(kind);
	if (*initial)
		line_feed(initial, strlen(initial));
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

void ui_ask_name(struct ui *ui)
{
	struct buf name = {0};

	free_name(&name);
	ui_open_line(ui, MODE_SAVE, LINE_PATH, buf_str(&name));
	buf_release(&name);
}

/* The page as it is without the line in which its name is typed. Nothing is overwritten. */
static void save_page(struct ui *ui, const char *path)
{
	struct canvas page;
	struct err err;

	if (!*path)
		return;
	if (access(path, F_OK) == 0) {
		ui_say(ui, true, "'%s' is there already and stays as it is: P and another name", path);
		return;
	}
	if (!ui_draw_again(ui, &page))
		return;
	int failed = canvas_save(&page, path, &err);
	canvas_release(&page);
	if (failed)
		ui_say(ui, true, "%s", err.msg);
	else
		ui_say(ui, false, "saved as %s", path);
}

void ui_ask(struct ui *ui, const struct view_reply *r)
{
	const char *initial = buf_str(&r->initial);

	if (strcmp(buf_str(&r->prompt), ":") == 0) {
		ui_open_line(ui, MODE_COMMAND, LINE_COMMAND, initial);
		return;
	}
	buf_clear(&ui->prompt);
	buf_addstr(&ui->prompt, buf_str(&r->prompt));
	ui->asker = ui->current;
	ui_open_line(ui, MODE_ANSWER, r->is_filter ? LINE_FILTER : LINE_TEXT, initial);
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
	const struct cmd_entry *cmd = view_command(command);

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
		ui_ask_quit(ui, effect);
	} else {
		ui_run_line(ui, command);
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
	ui_go(ui, ui->asker); /* what a job had to show may have come in front of it meanwhile */
	if (!ui_view(ui)->answer)
		BUG("view '%s' asked for a line and takes none", ui_view(ui)->name);
	ui_view(ui)->answer(ui_front_state(ui), ui->snap, text, &reply);
	ui_take_reply(ui, &reply, effect);
}

void ui_line_key(struct ui *ui, uint32_t key, enum ui_effect *effect)
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
	const char *trouble = line_trouble();
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
		ui_search(ui, 0);
	}
	if (trouble)
		ui_say(ui, true, "%s", trouble);
	free(text);
}
