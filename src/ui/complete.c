#include "ui/complete.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "session/command.h"
#include "session/option.h"
#include "session/snap_cases.h"

struct word {
	const char *s;
	size_t len;
};

static bool same(struct word w, const char *s)
{
	return strlen(s) == w.len && memcmp(w.s, s, w.len) == 0;
}

/* The word of line[*at … end) that comes next, quotes included; false at the end. */
static bool next_word(const char *line, size_t end, size_t *at, struct word *w)
{
	size_t i = *at;
	char quote = 0;

	while (i < end && isspace((unsigned char)line[i]))
		i++;
	size_t from = i;
	for (; i < end && (quote || !isspace((unsigned char)line[i])); i++)
		if (line[i] == quote)
			quote = 0;
		else if (!quote && (line[i] == '"' || line[i] == '\''))
			quote = line[i];
	*w = (struct word){line + from, i - from};
	*at = i;
	return i > from;
}

/* Takes a candidate if it begins with what was typed of the word. */
static void offer(struct completion *c, struct word typed, const char *s, size_t len)
{
	if (len >= typed.len && memcmp(s, typed.s, typed.len) == 0)
		vec_push(&c->words, xstrndup(s, len));
}

static void offer_commands(struct completion *c, struct word typed)
{
	for (size_t i = 0; cmd_table[i]; i++)
		offer(c, typed, cmd_table[i]->name, strlen(cmd_table[i]->name));
}

static void offer_options(struct completion *c, struct word typed)
{
	for (const struct option_entry *o = option_table; o->name; o++)
		if (!(o->flags & OPTION_FRONT))
			offer(c, typed, o->name, strlen(o->name));
}

/* "--beam": any option may stand after a command, for that command alone. */
static void offer_long_options(struct completion *c, struct word typed)
{
	char name[64];

	for (const struct option_entry *o = option_table; o->name; o++)
		if (!(o->flags & OPTION_FRONT))
			offer(c, typed, name, (size_t)snprintf(name, sizeof(name), "--%s", o->name));
}

static const struct option_entry *long_option(struct word w)
{
	for (const struct option_entry *o = option_table; o->name; o++)
		if (w.len == strlen(o->name) + 2 && memcmp(w.s, "--", 2) == 0 &&
			memcmp(w.s + 2, o->name, w.len - 2) == 0)
			return o;
	return NULL;
}

static void offer_choices(struct completion *c, struct word typed, const char *choices)
{
	while (choices && *choices) {
		size_t n = strcspn(choices, "|");
		offer(c, typed, choices, n);
		choices += n + (choices[n] == '|');
	}
}

static void offer_values(struct completion *c, struct word typed, const struct option_entry *o)
{
	offer_choices(c, typed, o->type == OPT_FLAG ? "on|off" : o->choices);
	c->files = o->type == OPT_PATH;
}

/* The value of the option that was named before: `set NAME VALUE`. */
static void offer_values_of(struct completion *c, struct word typed, struct word name)
{
	for (const struct option_entry *o = option_table; o->name; o++)
		if (same(name, o->name))
			offer_values(c, typed, o);
}

/* "-margin" sorts from the largest down. */
static void offer_columns(struct completion *c, struct word typed)
{
	const char *minus = typed.len > 0 && typed.s[0] == '-' ? "-" : "", *column;

	for (size_t i = 0; (column = snap_case_column(i, NULL)); i++) {
		char name[64];
		offer(c, typed, name, (size_t)snprintf(name, sizeof(name), "%s%s", minus, column));
	}
}

static void offer_for_arg(struct completion *c, struct word typed, const struct cmd_arg *arg)
{
	switch (cmd_source(arg)) {
	case FROM_COMMANDS:
		offer_commands(c, typed);
		return;
	case FROM_OPTIONS:
		offer_options(c, typed);
		return;
	case FROM_FILES:
		c->files = true;
		return;
	case FROM_COLUMNS:
		offer_columns(c, typed);
		return;
	default:
		break;
	}
	offer_choices(c, typed, arg->choices);
	if (arg->type == ARG_PATH)
		c->files = true;
}

static bool is_option(const struct cmd_arg *arg)
{
	return strncmp(arg->name, "--", 2) == 0;
}

static const struct cmd_arg *option_of(const struct cmd_entry *cmd, struct word w)
{
	for (size_t i = 0; i < CMD_MAX_ARGS && cmd->args[i].name; i++)
		if (is_option(&cmd->args[i]) && same(w, cmd->args[i].name))
			return &cmd->args[i];
	return NULL;
}

/* The n-th, where one of which there may be many stands for all from it on. */
static const struct cmd_arg *positional(const struct cmd_entry *cmd, size_t n)
{
	for (size_t i = 0; i < CMD_MAX_ARGS && cmd->args[i].name; i++)
		if (!is_option(&cmd->args[i]) && (n-- == 0 || cmd->args[i].many))
			return &cmd->args[i];
	return NULL;
}

static const struct cmd_entry *command_of(struct word w)
{
	struct err ignored;
	char *name = xstrndup(w.s, w.len);
	const struct cmd_entry *cmd = cmd_find(name, &ignored);

	free(name);
	return cmd;
}

/* What has been typed of a command's arguments, up to the word that is completed. */
struct typed_args {
	size_t place;                      /* positional arguments so far */
	const struct cmd_arg *wants;       /* the word is the value of this option of the command */
	const struct option_entry *option; /* the word is the value of this option of the table */
	struct word last;
};

static void read_args(struct typed_args *t, const struct cmd_entry *cmd, const char *line, size_t end, size_t at)
{
	struct word w;

	while (next_word(line, end, &at, &w)) {
		bool value = t->wants || t->option;
		const struct cmd_arg *own = value ? NULL : option_of(cmd, w);
		const struct option_entry *option = value || own ? NULL : long_option(w);
		t->place += !value && !own && !option;
		t->wants = own && own->type != ARG_FLAG ? own : NULL;
		t->option = option && option->type != OPT_FLAG ? option : NULL;
		t->last = w;
	}
}

static void offer_args(struct completion *c, struct word typed, const struct cmd_entry *cmd, const struct typed_args *t)
{
	const struct cmd_arg *arg = positional(cmd, t->place),
			     *before = t->place > 0 ? positional(cmd, t->place - 1) : NULL;

	if (t->wants) {
		offer_for_arg(c, typed, t->wants);
	} else if (t->option) {
		offer_values(c, typed, t->option);
	} else if (typed.len > 0 && typed.s[0] == '-') {
		for (size_t i = 0; i < CMD_MAX_ARGS && cmd->args[i].name; i++)
			if (is_option(&cmd->args[i]))
				offer(c, typed, cmd->args[i].name, strlen(cmd->args[i].name));
		offer_long_options(c, typed);
	} else if (before && before->source == FROM_OPTIONS) {
		offer_values_of(c, typed, t->last);
	} else if (arg) {
		offer_for_arg(c, typed, arg);
	}
}

void complete_line(struct completion *c, const char *line, size_t start, size_t end)
{
	struct word typed = {line + start, end - start}, name;
	size_t at = 0;

	*c = (struct completion){0};
	if (!next_word(line, start, &at, &name)) {
		offer_commands(c, typed);
		return;
	}
	const struct cmd_entry *cmd = command_of(name);
	struct typed_args args = {0};
	if (cmd) {
		read_args(&args, cmd, line, start, at);
		offer_args(c, typed, cmd, &args);
	}
}

/* The choices of the column that a value is compared with, of n bytes; NULL where it has none. */
static const char *choices_of(const char *name, size_t n)
{
	const char *choices, *column;

	for (size_t i = 0; (column = snap_case_column(i, &choices)); i++)
		if (strlen(column) == n && memcmp(column, name, n) == 0)
			return choices;
	return NULL;
}

/* Blanks, a quotation mark before a value, and operators. */
static bool is_between(char c)
{
	return c && strchr(" \t\"'=!~<>", c);
}

static bool is_operator(char c)
{
	return c && strchr("=!~<>", c);
}

void complete_filter(struct completion *c, const char *line, size_t start, size_t end)
{
	struct word typed = {line + start, end - start};
	size_t to = start, from;
	bool value = false;

	*c = (struct completion){0};
	for (; to > 0 && is_between(line[to - 1]); to--)
		value = value || is_operator(line[to - 1]);
	for (from = to; from > 0 && (isalnum((unsigned char)line[from - 1]) || line[from - 1] == '_'); from--)
		;
	if (value) {
		offer_choices(c, typed, choices_of(line + from, to - from));
		return;
	}
	offer_columns(c, typed);
	offer_choices(c, typed, "and|or|not");
}

void completion_release(struct completion *c)
{
	for (size_t i = 0; i < c->words.n; i++)
		free(c->words.at[i]);
	vec_release(&c->words);
}
