/* Completion for fish: a line for each thing that may be offered, with the condition under which it is. */
#include "session/help_shell.h"

#include <string.h>

static const char begin[] =
	"# Completion of beamscope for fish, written by 'beamscope help --completion fish'.\n"
	"\n"
	"# Does this command stand before the cursor, and the argument of this number come next? Without a number:\n"
	"# any. Without a command: no command stands there, and no script (:) is given.\n"
	"function __beamscope_at\n"
	"	set -l command\n"
	"	set -l place 1\n"
	"	set -l value\n"
	"	set -l words (commandline -opc)\n"
	"	set -l takes $__beamscope_takes\n"
	"	set -e words[1]\n"
	"	for word in $words\n"
	"		if set -q value[1]\n"
	"			contains -- $value -c --command -f --file; and set command :\n"
	"			set -e value[1]\n"
	"		else if contains -- \"$command:$word\" $takes; or begin\n"
	"			contains -- $word $takes; and not contains -- \"$command:$word\" $__beamscope_flags\n"
	"		end\n"
	"			set value $word\n"
	"		else if string match -q -- '-?*' $word\n"
	"			continue\n"
	"		else if set -q command[1]\n"
	"			set place (math $place + 1)\n"
	"		else if contains -- $word $__beamscope_commands\n"
	"			set command $word\n"
	"		else\n"
	"			set command (string match -- \"$word*\" $__beamscope_commands)\n"
	"			set -q command[1]; and not set -q command[2]; or set command $word\n"
	"		end\n"
	"	end\n"
	"	test \"$command\" = \"$argv[1]\"; and begin\n"
	"		not set -q argv[2]; or test $argv[2] = any -o $argv[2] = $place\n"
	"	end\n"
	"end\n"
	"\n"
	"# The words after what the list that is typed has already, up to its last comma.\n"
	"function __beamscope_list\n"
	"	set -l typed (commandline -ct | string replace -r '^--[^=]*=' '')\n"
	"	printf '%s\\n' (string replace -r '[^,]*$' '' -- \"$typed\")$argv\n"
	"end\n"
	"\n"
	"# Folders, and files that end so.\n"
	"function __beamscope_ending\n"
	"	set -l typed (commandline -ct | string replace -r '^--[^=]*=' '')\n"
	"	set -l found $typed*$argv[1] $typed*/\n"
	"	set -q found[1]; and printf '%s\\n' $found\n"
	"end\n"
	"\n";

static void add_text(struct buf *out, const char *text)
{
	buf_addch(out, '\'');
	for (const char *p = text; *p; p++) {
		if (*p == '\'' || *p == '\\')
			buf_addch(out, '\\');
		buf_addch(out, *p);
	}
	buf_addch(out, '\'');
}

/* The names that values follow, those of flags, and those of the commands. */
static void add_names(struct buf *out)
{
	buf_addstr(out, "set -g __beamscope_takes");
	for (const struct option_entry *o = option_table; o->name; o++) {
		if (o->type == OPT_FLAG)
			continue;
		buf_addf(out, " --%s", o->name);
		if (o->letter)
			buf_addf(out, " -%c", o->letter);
	}
	for (const struct cmd_entry *const *e = cmd_table; *e; e++)
		for (const struct cmd_arg *arg = (*e)->args; arg->name; arg++)
			if (shell_is_option(arg) && arg->type != ARG_FLAG)
				buf_addf(out, " \\\n	%s:%s", (*e)->name, arg->name);
	buf_addstr(out, "\nset -g __beamscope_flags");
	for (const struct cmd_entry *const *e = cmd_table; *e; e++)
		for (const struct cmd_arg *arg = (*e)->args; arg->name; arg++)
			if (arg->type == ARG_FLAG)
				buf_addf(out, " \\\n	%s:%s", (*e)->name, arg->name);
	buf_addstr(out, "\nset -g __beamscope_commands");
	for (const struct cmd_entry *const *e = cmd_table; *e; e++)
		buf_addf(out, " %s", (*e)->name);
	buf_addstr(out, "\n\n");
}

/* Where some file may stand, and where only some of them. */
static bool any_file(const struct shell_value *v)
{
	return v->paths == SHELL_FILES && !v->ending;
}

static void add_words(struct buf *out, const struct shell_value *v)
{
	if (v->words.len == 0 && (v->paths == SHELL_NO_PATHS || any_file(v)))
		return;
	buf_addstr(out, " -a '");
	if (v->list)
		buf_addf(out, "(__beamscope_list %s)", buf_str(&v->words));
	else
		buf_addstr(out, buf_str(&v->words));
	if (v->paths == SHELL_FOLDERS)
		buf_addstr(out, "(__fish_complete_directories)");
	else if (v->ending)
		buf_addf(out, " (__beamscope_ending %s)", v->ending);
	buf_addch(out, '\'');
}

/* -r: a value follows, which may be a file; -x: it may not. */
static void add_option_value(struct buf *out, const struct shell_value *v)
{
	buf_addstr(out, any_file(v) ? " -r -F" : " -x");
	add_words(out, v);
}

static void add_help(struct buf *out, const char *help)
{
	buf_addstr(out, " -d ");
	add_text(out, help);
	buf_addch(out, '\n');
}

static void add_option(struct buf *out, const struct option_entry *o, const struct shell_names *names)
{
	struct shell_value v;

	buf_addstr(out, "complete -c beamscope");
	if (!shell_after_command(o))
		buf_addstr(out, " -n '__beamscope_at; or __beamscope_at :'");
	for (const struct cmd_entry *const *e = cmd_table; *e; e++)
		if (shell_after_command(o) && shell_hides(*e, o))
			buf_addf(out, " -n 'not __beamscope_at %s'", (*e)->name);
	buf_addf(out, " -l %s", o->name);
	if (o->letter)
		buf_addf(out, " -s %c", o->letter);
	if (o->type != OPT_FLAG) {
		shell_option(&v, o, names);
		add_option_value(out, &v);
		shell_value_release(&v);
	}
	add_help(out, o->help);
}

static void add_argument(
	struct buf *out, const struct cmd_entry *e, const struct cmd_arg *arg, const struct shell_names *names)
{
	struct shell_value v;

	shell_argument(&v, arg, names);
	if (shell_is_option(arg)) {
		buf_addf(out, "complete -c beamscope -n '__beamscope_at %s' -l %s", e->name, arg->name + strlen("--"));
		if (arg->type != ARG_FLAG)
			add_option_value(out, &v);
		add_help(out, arg->help);
	} else if (v.words.len > 0 || v.paths != SHELL_NO_PATHS) {
		buf_addf(out, "complete -c beamscope -n '__beamscope_at %s ", e->name);
		if (arg->many)
			buf_addstr(out, "any'");
		else
			buf_addf(out, "%d'", shell_place(e, arg));
		buf_addstr(out, any_file(&v) ? " -F" : "");
		add_words(out, &v);
		add_help(out, arg->name);
	}
	shell_value_release(&v);
}

void shell_fish(struct buf *out, const struct shell_names *names)
{
	buf_addstr(out, begin);
	add_names(out);
	buf_addstr(out, "complete -c beamscope -f\n");
	for (const struct option_entry *o = option_table; o->name; o++)
		add_option(out, o, names);
	buf_addstr(out, "complete -c beamscope -n '__beamscope_at :' -F\n");
	for (const struct cmd_entry *const *e = cmd_table; *e; e++) {
		buf_addf(out, "complete -c beamscope -n __beamscope_at -a %s", (*e)->name);
		add_help(out, (*e)->summary);
		for (const struct cmd_arg *arg = (*e)->args; arg->name; arg++)
			add_argument(out, *e, arg, names);
	}
}
