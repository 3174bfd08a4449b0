/* Completion for zsh: specifications for its _arguments, those of the command line and those of each command. */
#include "session/help_shell.h"

#include <string.h>

static const char begin[] =
	"#compdef beamscope\n"
	"# Completion of beamscope for zsh, written by 'beamscope help --completion zsh'.\n"
	"\n"
	"# Words, or files that end so.\n"
	"_beamscope_or_files()\n"
	"{\n"
	"	_alternative \"names:name:(${*[2,-1]})\" \"files:file:_files -g '*$1'\"\n"
	"}\n"
	"\n"
	"_beamscope()\n"
	"{\n"
	"	local curcontext=$curcontext context state state_descr line command ret=1\n"
	"	local -a commands front shared found\n"
	"	typeset -A opt_args\n"
	"\n";

/* The command may be cut short, where that leaves one. */
static const char dispatch[] =
	"	_arguments -C -S -s $front $shared '1: :->command' '*:: :->argument' && ret=0\n"
	"	case $state in\n"
	"	command)\n"
	"		_describe -t commands command commands && ret=0\n"
	"		;;\n"
	"	argument)\n"
	"		command=$line[1]\n"
	"		found=(${(M)commands:#$command*})\n"
	"		(( $#found == 1 )) && command=${found[1]%%:*}\n"
	"		curcontext=${curcontext%:*:*}:beamscope-$command:\n"
	"		case $command in\n";

static const char end[] =
	"		esac\n"
	"		;;\n"
	"	esac\n"
	"	return ret\n"
	"}\n"
	"\n"
	"if [[ $funcstack[1] == _beamscope ]]; then\n"
	"	_beamscope \"$@\"\n"
	"else\n"
	"	compdef _beamscope beamscope\n"
	"fi\n";

/* Between single quotes, with a backslash before what would end a part of the specification. */
static void add_text(struct buf *out, const char *text, const char *ends)
{
	for (const char *p = text; *p; p++) {
		if (*p == '\'')
			buf_addstr(out, "'\\'");
		else if (*p == '\\' || strchr(ends, *p))
			buf_addch(out, '\\');
		buf_addch(out, *p);
	}
}

/* ":N: ": what the value is called and how it is completed. */
static void add_value(struct buf *out, const char *called, const struct shell_value *v)
{
	static const char *const files[] = {" ", "_files", "_files -/"};
	const char *words = buf_str(&v->words);

	buf_addch(out, ':');
	add_text(out, called, ":");
	buf_addch(out, ':');
	if (v->words.len > 0 && v->paths != SHELL_NO_PATHS)
		buf_addf(out, " _beamscope_or_files \"%s\" %s", v->ending ? v->ending : "", words);
	else if (v->list)
		buf_addf(out, "{_sequence compadd - %s}", words);
	else if (v->words.len > 0)
		buf_addf(out, "(%s)", words);
	else
		buf_addstr(out, files[v->paths]);
}

/* A script stands in a command's place, and there may be many. */
static bool is_script(const struct option_entry *o)
{
	return (o->flags & OPTION_FRONT) && o->letter && o->type != OPT_FLAG;
}

/* '(-m --model)'{-m+,--model=}'[...]': the one excludes the other. */
static void add_option_names(struct buf *out, const struct option_entry *o)
{
	bool flag = o->type == OPT_FLAG;

	if (!o->letter)
		buf_addf(out, "'--%s%s", o->name, flag ? "" : "=");
	else if (is_script(o))
		buf_addf(out, "'(1 *)*'{-%c+,--%s=}'", o->letter, o->name);
	else
		buf_addf(out, "'(-%c --%s)'{-%c%s,--%s%s}'", o->letter, o->name, o->letter, flag ? "" : "+", o->name,
			flag ? "" : "=");
}

static void add_option(struct buf *out, const struct option_entry *o, const struct shell_names *names)
{
	struct shell_value v;

	buf_addstr(out, "		");
	add_option_names(out, o);
	buf_addch(out, '[');
	add_text(out, o->help, "[]");
	buf_addch(out, ']');
	if (o->type != OPT_FLAG) {
		shell_option(&v, o, names);
		add_value(out, o->value, &v);
		shell_value_release(&v);
	}
	buf_addstr(out, "'\n");
}

static void add_options(struct buf *out, const char *name, bool after_command, const struct shell_names *names)
{
	buf_addf(out, "	%s=(\n", name);
	for (const struct option_entry *o = option_table; o->name; o++)
		if (shell_after_command(o) == after_command)
			add_option(out, o, names);
	buf_addstr(out, "	)\n");
}

static void add_commands(struct buf *out)
{
	buf_addstr(out, "	commands=(\n");
	for (const struct cmd_entry *const *e = cmd_table; *e; e++) {
		buf_addf(out, "		'%s:", (*e)->name);
		add_text(out, (*e)->summary, ":");
		buf_addstr(out, "'\n");
	}
	buf_addstr(out, "	)\n");
}

static void add_argument(
	struct buf *out, const struct cmd_entry *e, const struct cmd_arg *arg, const struct shell_names *names)
{
	const char *called = cmd_value(arg) ? cmd_value(arg) : arg->name;
	struct shell_value v;

	buf_addstr(out, " \\\n				'");
	if (shell_is_option(arg)) {
		buf_addf(out, "%s%s%s[", arg->many ? "*" : "", arg->name, arg->type == ARG_FLAG ? "" : "=");
		add_text(out, arg->help, "[]");
		buf_addch(out, ']');
	} else if (arg->many || arg->type == ARG_REST) {
		buf_addch(out, '*');
	} else {
		buf_addf(out, "%d%s", shell_place(e, arg), arg->required ? "" : ":");
	}
	if (arg->type != ARG_FLAG) {
		shell_argument(&v, arg, names);
		add_value(out, called, &v);
		shell_value_release(&v);
	}
	buf_addch(out, '\'');
}

/* The options of the table, but for those that the command hides. */
static void add_command(struct buf *out, const struct cmd_entry *e, const struct shell_names *names)
{
	buf_addf(out, "		%s)\n", e->name);
	for (const struct option_entry *o = option_table; o->name; o++)
		if (shell_after_command(o) && shell_hides(e, o))
			buf_addf(out, "			shared=(${shared:#(|\\(*\\))--%s(=|\\[)*})\n", o->name);
	buf_addstr(out, "			_arguments -S -s $shared");
	for (const struct cmd_arg *arg = e->args; arg->name; arg++)
		add_argument(out, e, arg, names);
	buf_addstr(out, " && ret=0\n			;;\n");
}

void shell_zsh(struct buf *out, const struct shell_names *names)
{
	buf_addstr(out, begin);
	add_commands(out);
	add_options(out, "front", false, names);
	add_options(out, "shared", true, names);
	buf_addstr(out, dispatch);
	for (const struct cmd_entry *const *e = cmd_table; *e; e++)
		add_command(out, *e, names);
	buf_addstr(out, end);
}
