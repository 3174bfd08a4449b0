/*
 * Completion for shells, written from the tables: what the scripts for bash, zsh and fish have in common. They offer
 * what does not depend on a model or a dataset, and run nothing.
 */
#ifndef SESSION_HELP_SHELL_H
#define SESSION_HELP_SHELL_H

#include <stdbool.h>

#include "base/buf.h"
#include "base/err.h"
#include "session/command.h"
#include "session/option.h"

/* Words are made of letters, digits, '-' and '_', which no shell takes for anything else. */
struct shell_names {
	struct buf lessons, templates; /* of the bundled data, blanks between the words */
};

enum shell_paths { SHELL_NO_PATHS, SHELL_FILES, SHELL_FOLDERS };

/* What may stand in a place. */
struct shell_value {
	struct buf words;       /* blanks between them; empty: none are known */
	bool list;              /* several of the words, separated by commas */
	enum shell_paths paths; /* beside the words */
	const char *ending;     /* of the files: ".lesson"; NULL: any */
};

/* What an argument or an option of a command may be; a flag nothing. shell_value_release after. */
void shell_argument(struct shell_value *v, const struct cmd_arg *arg, const struct shell_names *names);
void shell_option(struct shell_value *v, const struct option_entry *o, const struct shell_names *names);
void shell_value_release(struct shell_value *v);

static inline bool shell_is_option(const struct cmd_arg *arg)
{
	return arg->name[0] == '-';
}

/* May it stand after a command? Those of the command line alone stand before. */
bool shell_after_command(const struct option_entry *o);

/* Has the command an option of its own by the name of one of the table? Then it hides that one. */
bool shell_hides(const struct cmd_entry *e, const struct option_entry *o);

/* How many words stand before this argument, from 1; it must not be an option. */
int shell_place(const struct cmd_entry *e, const struct cmd_arg *arg);

/* The scripts, each in a source of its own. */
void shell_bash(struct buf *out, const struct shell_names *names);
void shell_zsh(struct buf *out, const struct shell_names *names);
void shell_fish(struct buf *out, const struct shell_names *names);

#define SHELLS "bash|zsh|fish"

/* Appends the script for the shell of that index among SHELLS. Fails where lessons or templates cannot be listed. */
int help_shell(struct buf *out, int shell, const char *datadir, struct err *err) MUST_CHECK;

#endif
