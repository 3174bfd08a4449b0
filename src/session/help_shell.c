#include "session/help_shell.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "session/lesson.h"
#include "session/loaded.h"
#include "session/snap_cases.h"
#include "store/file.h"
#include "train/objective.h"

/* Others are left out: they would need quoting, and nobody misses them. */
static bool is_plain(const char *word, size_t len)
{
	return len > 0 && strspn(word, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_") >= len;
}

static void add_word(struct buf *words, const char *word, size_t len)
{
	if (!is_plain(word, len))
		return;
	if (words->len > 0)
		buf_addch(words, ' ');
	buf_add(words, word, len);
}

static void add_choices(struct buf *words, const char *choices)
{
	while (choices && *choices) {
		size_t n = strcspn(choices, "|");

		add_word(words, choices, n);
		choices += n + (choices[n] == '|');
	}
}

static void add_commands(struct buf *words)
{
	for (const struct cmd_entry *const *e = cmd_table; *e; e++)
		add_word(words, (*e)->name, strlen((*e)->name));
}

static void add_settable(struct buf *words)
{
	for (const struct option_entry *o = option_table; o->name; o++)
		if (!(o->flags & OPTION_FRONT))
			add_word(words, o->name, strlen(o->name));
}

static void add_columns(struct buf *words)
{
	const char *column;

	for (size_t i = 0; (column = snap_case_column(i, NULL)); i++)
		add_word(words, column, strlen(column));
}

static void add_objectives(struct buf *words)
{
	for (const struct objective *const *o = objectives; *o; o++)
		add_word(words, (*o)->name, strlen((*o)->name));
}

static enum shell_paths paths_called(const char *value)
{
	return value && !strcmp(value, "DIR") ? SHELL_FOLDERS : SHELL_FILES;
}

void shell_argument(struct shell_value *v, const struct cmd_arg *arg, const struct shell_names *names)
{
	*v = (struct shell_value){.paths = SHELL_NO_PATHS};
	switch (cmd_source(arg)) {
	case FROM_CHOICES:
		add_choices(&v->words, arg->choices);
		break;
	case FROM_COMMANDS:
		add_commands(&v->words);
		break;
	case FROM_OPTIONS:
		add_settable(&v->words);
		break;
	case FROM_COLUMNS:
		add_columns(&v->words);
		break;
	case FROM_OBJECTIVE_LIST:
		v->list = true;
		add_objectives(&v->words);
		break;
	case FROM_OBJECTIVES:
		add_objectives(&v->words);
		break;
	case FROM_LESSONS:
		buf_addstr(&v->words, buf_str(&names->lessons));
		v->paths = SHELL_FILES;
		v->ending = LESSON_ENDING;
		break;
	case FROM_FILES:
	case FROM_RIVALS:
		v->paths = paths_called(arg->value ? arg->value : arg->name);
		break;
	default: /* known to a session alone, or one's own */
		break;
	}
}

void shell_option(struct shell_value *v, const struct option_entry *o, const struct shell_names *names)
{
	*v = (struct shell_value){.paths = SHELL_NO_PATHS};
	add_choices(&v->words, o->choices);
	if (!strcmp(o->name, "template"))
		buf_addstr(&v->words, buf_str(&names->templates));
	if (o->type == OPT_PATH)
		v->paths = paths_called(o->value);
}

void shell_value_release(struct shell_value *v)
{
	buf_release(&v->words);
}

bool shell_after_command(const struct option_entry *o)
{
	return !(o->flags & OPTION_FRONT) || !strcmp(o->name, "help");
}

bool shell_hides(const struct cmd_entry *e, const struct option_entry *o)
{
	for (const struct cmd_arg *arg = e->args; arg->name; arg++)
		if (shell_is_option(arg) && !strcmp(arg->name + strlen("--"), o->name))
			return true;
	return false;
}

int shell_place(const struct cmd_entry *e, const struct cmd_arg *arg)
{
	int place = 1;

	for (const struct cmd_arg *before = e->args; before < arg; before++)
		place += !shell_is_option(before);
	return place;
}

static int list_templates(struct buf *words, const char *datadir, struct err *err)
{
	struct file_names names = {0};
	int failed = loaded_templates(&names, datadir, err);

	for (size_t i = 0; i < names.n && !failed; i++)
		add_word(words, names.at[i], strlen(names.at[i]));
	file_names_release(&names);
	return failed;
}

static int list_lessons(struct buf *words, const char *datadir, struct err *err)
{
	char *folder = file_join(datadir, "lessons");
	struct lesson **lessons;
	size_t n = 0;
	int failed = lessons_read(&lessons, &n, folder, err);

	for (size_t i = 0; i < n && !failed; i++)
		add_word(words, lessons[i]->name, strlen(lessons[i]->name));
	if (!failed)
		lessons_free(lessons, n);
	free(folder);
	return failed;
}

int help_shell(struct buf *out, int shell, const char *datadir, struct err *err)
{
	static void (*const scripts[])(struct buf *out, const struct shell_names *names) = {
		shell_bash, shell_zsh, shell_fish,
	};
	struct shell_names names = {0};
	int failed = list_lessons(&names.lessons, datadir, err) || list_templates(&names.templates, datadir, err);

	if (!failed)
		scripts[shell](out, &names);
	buf_release(&names.lessons);
	buf_release(&names.templates);
	return failed ? -1 : 0;
}
