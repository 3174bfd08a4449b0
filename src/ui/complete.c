#include "ui/complete.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "session/command.h"
#include "session/option.h"

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
		offer(c, typed, o->name, strlen(o->name));
}

static void offer_choices(struct completion *c, struct word typed, const char *choices)
{
	while (choices && *choices) {
		size_t n = strcspn(choices, "|");
		offer(c, typed, choices, n);
		choices += n + (choices[n] == '|');
	}
}

/* The value of an option that was named by the word before (`set NAME VALUE`). */
static void offer_values(struct completion *c, struct word typed, struct word name)
{
	for (const struct option_entry *o = option_table; o->name; o++) {
		if (!same(name, o->name))
			continue;
		offer_choices(c, typed, o->choices);
		c->files = o->type == OPT_PATH;
	}
}

static void offer_for_arg(struct completion *c, struct word typed, const struct cmd_arg *arg, struct word last)
{
	switch (arg->source) {
	case FROM_COMMANDS:
		offer_commands(c, typed);
		return;
	case FROM_OPTIONS:
		offer_options(c, typed);
		return;
	case FROM_FILES:
		c->files = true;
		return;
	case FROM_CHOICES:
		if (!arg->choices)
			offer_values(c, typed, last);
		break;
	case FROM_NONE:
	case FROM_CASES: /* numbers that the session alone knows */
	case FROM_ITEMS:
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

static const struct cmd_arg *positional(const struct cmd_entry *cmd, size_t n)
{
	for (size_t i = 0; i < CMD_MAX_ARGS && cmd->args[i].name; i++)
		if (!is_option(&cmd->args[i]) && n-- == 0)
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

void complete_line(struct completion *c, const char *line, size_t start, size_t end)
{
	struct word typed = {line + start, end - start}, last, w;
	size_t at = 0, place = 0;
	*c = (struct completion){0};
	if (!next_word(line, start, &at, &last)) {
		offer_commands(c, typed);
		return;
	}
	const struct cmd_entry *cmd = command_of(last);
	const struct cmd_arg *wants = NULL; /* the option before, if it takes a value */
	while (cmd && next_word(line, start, &at, &w)) {
		const struct cmd_arg *option = wants ? NULL : option_of(cmd, w);
		place += !wants && !option;
		wants = option && option->type != ARG_FLAG ? option : NULL;
		last = w;
	}
	if (!cmd)
		return;
	if (!wants && typed.len > 0 && typed.s[0] == '-') {
		for (size_t i = 0; i < CMD_MAX_ARGS && cmd->args[i].name; i++)
			if (is_option(&cmd->args[i]))
				offer(c, typed, cmd->args[i].name, strlen(cmd->args[i].name));
		return;
	}
	if (!wants)
		wants = positional(cmd, place);
	if (wants)
		offer_for_arg(c, typed, wants, last);
}

void completion_release(struct completion *c)
{
	for (size_t i = 0; i < c->words.n; i++)
		free(c->words.at[i]);
	vec_release(&c->words);
}
