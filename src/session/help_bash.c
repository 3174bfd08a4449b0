/* Completion for bash: two functions that are tables, and one that walks over the words of the line. */
#include "session/help_shell.h"

#include <string.h>

/* Where a value is split at '=', as bash does it, the '=' is a word by itself. Names of files are left to bash, which
 * knows how to quote them. */
static const char logic[] =
	"# Sets command to the one that the word stands for, be it cut short.\n"
	"_beamscope_command()\n"
	"{\n"
	"	local name found=\n"
	"\n"
	"	for name in $commands; do\n"
	"		[[ $name == \"$1\" ]] && command=$name && return\n"
	"		[[ $name == \"$1\"* ]] && found+=\" $name\"\n"
	"	done\n"
	"	[[ $found == ' '*' '* ]] && found=\n"
	"	command=${found# }\n"
	"	: \"${command:=$1}\"\n"
	"}\n"
	"\n"
	"_beamscope_offer()\n"
	"{\n"
	"	local before= last=$cur\n"
	"\n"
	"	if [[ $kind == list ]]; then\n"
	"		last=${cur##*,}\n"
	"		before=${cur%\"$last\"}\n"
	"		compopt -o nospace\n"
	"	fi\n"
	"	case $paths in\n"
	"	files) compopt -o default ;;\n"
	"	folders) compopt -o dirnames ;;\n"
	"	esac\n"
	"	COMPREPLY=($(compgen -P \"$before\" -W \"$words\" -- \"$last\"))\n"
	"}\n"
	"\n"
	"_beamscope()\n"
	"{\n"
	"	local cur=$2 commands options kind paths words word\n"
	"	local command= option= ended= place=1 IFS=$' \\t\\n'\n"
	"\n"
	"	_beamscope_options ''\n"
	"	for word in \"${COMP_WORDS[@]:1:COMP_CWORD-1}\"; do\n"
	"		if [[ $word == '=' ]]; then\n"
	"			option=${option:-=}\n"
	"		elif [[ $option ]]; then\n"
	"			case $option in -c | --command | -f | --file) command=: ;; esac\n"
	"			option=\n"
	"		elif [[ $word == -- ]]; then\n"
	"			ended=yes\n"
	"		elif [[ $word == -?* && ! $ended ]]; then\n"
	"			_beamscope_value \"$command\" \"$word\"\n"
	"			[[ $kind == flag ]] || option=$word\n"
	"		elif [[ ! $command ]]; then\n"
	"			_beamscope_command \"$word\"\n"
	"		else\n"
	"			((place++))\n"
	"		fi\n"
	"	done\n"
	"	if [[ $option ]]; then\n"
	"		_beamscope_value \"$command\" \"$option\"\n"
	"	elif [[ $cur == -* && ! $ended ]]; then\n"
	"		_beamscope_options \"$command\"\n"
	"		kind=value paths= words=$options\n"
	"	elif [[ ! $command ]]; then\n"
	"		kind=value paths= words=$commands\n"
	"	else\n"
	"		_beamscope_value \"$command\" \"$place\"\n"
	"	fi\n"
	"	COMPREPLY=()\n"
	"	_beamscope_offer\n"
	"}\n"
	"\n"
	"complete -F _beamscope beamscope\n";

/* ` | NAME` under which a value is looked up, of a command's or of any. */
static void add_pattern(struct buf *out, bool *first, const char *command, const char *name)
{
	buf_addf(out, "%s%s:%s", *first ? "	" : " | ", command, name);
	*first = false;
}

/* Where nothing is known of a value, only its being one counts: an option's, which is not the next argument. */
static void add_value(struct buf *out, const struct shell_value *v)
{
	static const char *const paths[] = {"", " paths=files", " paths=folders"};

	buf_addf(out, ")%s%s", v->list ? " kind=list" : "", paths[v->paths]);
	if (v->words.len > 0)
		buf_addf(out, " words='%s'", buf_str(&v->words));
	buf_addstr(out, " ;;\n");
}

static bool is_known(const struct shell_value *v)
{
	return v->words.len > 0 || v->paths != SHELL_NO_PATHS;
}

static void add_argument(
	struct buf *out, const struct cmd_entry *e, const struct cmd_arg *arg, const struct shell_names *names)
{
	struct shell_value v;

	shell_argument(&v, arg, names);
	if (is_known(&v)) {
		buf_addf(out, "	%s:", e->name);
		if (shell_is_option(arg))
			buf_addstr(out, arg->name);
		else if (arg->many)
			buf_addstr(out, "[0-9]*");
		else
			buf_addf(out, "%d", shell_place(e, arg));
		add_value(out, &v);
	}
	shell_value_release(&v);
}

static void add_flags(struct buf *out, const struct cmd_entry *e)
{
	bool first = true;

	for (const struct cmd_arg *arg = e->args; arg->name; arg++)
		if (arg->type == ARG_FLAG)
			add_pattern(out, &first, e->name, arg->name);
	if (!first)
		buf_addstr(out, ") kind=flag ;;\n");
}

static void add_unknown(struct buf *out, const struct cmd_entry *e, const struct shell_names *names)
{
	bool first = true;

	for (const struct cmd_arg *arg = e->args; arg->name; arg++) {
		struct shell_value v;

		shell_argument(&v, arg, names);
		if (shell_is_option(arg) && arg->type != ARG_FLAG && !is_known(&v))
			add_pattern(out, &first, e->name, arg->name);
		shell_value_release(&v);
	}
	if (!first)
		buf_addstr(out, ") ;;\n");
}

static void add_option(struct buf *out, const struct option_entry *o, const struct shell_names *names)
{
	struct shell_value v;

	if (o->type == OPT_FLAG)
		return;
	shell_option(&v, o, names);
	buf_addf(out, "	*:--%s", o->name);
	if (o->letter)
		buf_addf(out, " | *:-%c", o->letter);
	add_value(out, &v);
	shell_value_release(&v);
}

/* The commands' own stand before those of the table, which they hide. */
static void add_values(struct buf *out, const struct shell_names *names)
{
	buf_addstr(out, "# What may stand after an option of a command, or as its argument of that number.\n"
			"_beamscope_value()\n{\n	kind=value paths= words=\n	case $1:$2 in\n");
	for (const struct cmd_entry *const *e = cmd_table; *e; e++) {
		for (const struct cmd_arg *arg = (*e)->args; arg->name; arg++)
			add_argument(out, *e, arg, names);
		add_unknown(out, *e, names);
		add_flags(out, *e);
	}
	for (const struct option_entry *o = option_table; o->name; o++)
		add_option(out, o, names);
	buf_addstr(out, "	*:-*) kind=flag ;;\n	::*) paths=files ;;\n	esac\n}\n\n");
}

/* Is it named among the options of the table already? */
static bool is_named(const char *name)
{
	for (const struct option_entry *o = option_table; o->name; o++)
		if (shell_after_command(o) && !strcmp(name + strlen("--"), o->name))
			return true;
	return false;
}

static void add_options(struct buf *out)
{
	buf_addstr(out, "# The names of the commands, and of the options that may stand after one, before it,\n"
			"# or beside a script (:).\n_beamscope_options()\n{\n	commands='");
	for (const struct cmd_entry *const *e = cmd_table; *e; e++)
		buf_addf(out, "%s%s", e == cmd_table ? "" : " ", (*e)->name);
	buf_addstr(out, "'\n	options='");
	for (const struct option_entry *o = option_table; o->name; o++)
		if (shell_after_command(o))
			buf_addf(out, "%s--%s", o == option_table ? "" : " ", o->name);
	buf_addstr(out, "'\n	case $1 in\n	'' | :) options+='");
	for (const struct option_entry *o = option_table; o->name; o++)
		if (!shell_after_command(o))
			buf_addf(out, " --%s", o->name);
	buf_addstr(out, "' ;;\n");
	for (const struct cmd_entry *const *e = cmd_table; *e; e++) {
		bool first = true;

		for (const struct cmd_arg *arg = (*e)->args; arg->name; arg++) {
			if (!shell_is_option(arg) || is_named(arg->name))
				continue;
			if (first)
				buf_addf(out, "	%s) options+='", (*e)->name);
			first = false;
			buf_addf(out, " %s", arg->name);
		}
		if (!first)
			buf_addstr(out, "' ;;\n");
	}
	buf_addstr(out, "	esac\n}\n\n");
}

void shell_bash(struct buf *out, const struct shell_names *names)
{
	buf_addstr(out, "# Completion of beamscope for bash, written by 'beamscope help --completion bash'.\n\n");
	add_options(out);
	add_values(out, names);
	buf_addstr(out, logic);
}
