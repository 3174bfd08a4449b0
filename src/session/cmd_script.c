/*
 * Command lines that are kept, named and used again: let, last, source, record.
 */
#include <string.h>
#include <sys/stat.h>

#include "session/cmdtab.h"
#include "session/record.h"

enum { LET_NAME, LET_VALUE, LET_UNSET };

static void variable_record(struct out *out, const char *name, const char *value)
{
	json_t *v = json_object();

	json_object_set_new(v, "name", record_string(name));
	json_object_set_new(v, "value", record_string(value));
	out_record(out, v);
}

static int show_variable(const struct session *s, const char *name, struct out *out, struct err *err)
{
	const char *value = variables_get(&s->variables, name);

	if (!value)
		return err_set(err, ERR_NOT_FOUND, "there is no variable '%s': 'let %s VALUE' sets it", name, name);
	variable_record(out, name, value);
	return 0;
}

static int let_exec(struct session *s, const struct cmd_args *a, struct out *out, struct err *err)
{
	const struct variables *v = &s->variables;

	if (a->given[LET_UNSET] && (!a->given[LET_NAME] || a->given[LET_VALUE]))
		return err_set(err, ERR_USAGE, "--unset takes the name of a variable, and no value");
	if (a->given[LET_VALUE] || a->given[LET_UNSET])
		return variables_set(&s->variables, a->text[LET_NAME], a->text[LET_VALUE], err);
	if (a->given[LET_NAME])
		return show_variable(s, a->text[LET_NAME], out, err);
	for (size_t i = 0; i < v->n; i++)
		variable_record(out, v->at[i].name, v->at[i].value);
	if (v->n == 0)
		out_none(out, "variable was set: 'let NAME VALUE' does it");
	return 0;
}

static const struct out_column let_columns[] = {
	{"name", "variable", NULL, false, true},
	{"value", "value", NULL, false, true},
	{NULL, NULL, NULL, false, false},
};

const struct cmd_entry cmd_let = {
	.name = "let",
	.group = "Script",
	.summary = "set a variable for the lines that follow, or list the variables",
	.details =
		"In a line $NAME and ${NAME} stand for the value of a variable, as one word or as a part of one, and "
		"${NAME:-WORDS} for WORDS where there is none; not in '...', and \\$ is a dollar sign.\n\n"
		"$1, $2 and so on are the ids of what was listed last: of cases where the command wants a case, of "
		"items where it wants an item. $last.KEY is a member of the last answer, as its JSON has it: "
		"$last.verdict.exact_rank. $data is the folder of the bundled data, $arg1, $arg2 the words after "
		"'-f FILE'. All other names are those that 'let' has set, and then those of the environment.",
	.args = {
		[LET_NAME] = {.name = "NAME", .type = ARG_WORD, .source = FROM_VARIABLES,
			.help = "letters, digits and _"},
		[LET_VALUE] = {.name = "VALUE", .type = ARG_REST, .source = FROM_NONE, .help = "what it stands for"},
		[LET_UNSET] = {.name = "--unset", .type = ARG_FLAG, .help = "take the variable away"},
	},
	.examples = {
		{"-c 'let lost 312' -c 'why $lost'", "a name for a case"},
		{"-c 'find brush' -c 'item $2'", "the second item that was listed"},
		{"-c 'beam 312; beam 312 --beam $last.verdict.smallest_beam'", "a number of the last answer"},
	},
	.flags = CMD_ANYTIME | CMD_APART,
	.exec = let_exec,
	.columns = let_columns,
	.fields = fields_let,
};

static int last_exec(struct session *s, const struct cmd_args *a, struct out *out, struct err *err)
{
	const struct listing *l = &s->listing;
	size_t i;
	json_t *record;

	(void)a;
	if (!l->records)
		return err_set(err, ERR_VALUE, "no command has answered yet");
	if (l->cut)
		return err_set(err, ERR_VALUE,
			"the last answer had more than %d records, which are not kept: give '%s' again", OUT_KEEPS,
			l->command->name);
	out->command = l->command;
	out_list_as(out, l->columns);
	json_array_foreach(l->records, i, record)
		out_record(out, json_incref(record));
	return 0;
}

const struct cmd_entry cmd_last = {
	.name = "last",
	.group = "Script",
	.summary = "show the last answer again, without computing it anew",
	.details = "In another form, or in a file: 'last --format json', 'last -o FILE'. What is told of the program "
		"itself, as by help, is no answer.",
	.examples = {
		{"-c 'beam 312' -c 'last --format tsv'", "the same search as rows"},
	},
	.flags = CMD_ANYTIME | CMD_APART | CMD_UNRECORDED,
	.exec = last_exec,
};

static int source_exec(struct session *s, const struct cmd_args *a, struct out *out, struct err *err)
{
	struct stat st;

	(void)out;
	if (a->n_settings > 0)
		return err_set(err, ERR_USAGE, "options after 'source' hold for none of its lines: 'set' them before");
	if (!strcmp(a->text[0], "-"))
		return err_set(err, ERR_USAGE, "'-' would take what is typed or read already: name a file");
	if (stat(a->text[0], &st) == 0 && !S_ISREG(st.st_mode))
		return err_set(err, ERR_VALUE, "script '%s' is no regular file: 'beamscope -f' reads such ones",
			a->text[0]);
	return session_feed_file(s, a->text[0], err);
}

const struct cmd_entry cmd_run_script = {
	.name = "source",
	.group = "Script",
	.summary = "run the command lines of a file",
	.details = "The first line that fails ends the script, and is told with file and line; with the option "
		"keep-going the rest is run all the same. 'beamscope -f FILE' does the same from the shell, and a file "
		"whose first line is '#!/usr/bin/env -S beamscope -f' is a program of its own.",
	.args = {
		{.name = "FILE", .type = ARG_PATH, .required = true, .source = FROM_FILES, .help = "the script"},
	},
	.examples = {{"-c 'record session.beam' -c 'beam 312' -c 'record --stop' -c 'source session.beam'",
		"what was recorded, once more"}},
	.flags = CMD_SETTLES | CMD_APART,
	.exec = source_exec,
};

enum { RECORD_FILE, RECORD_APPEND, RECORD_STOP };

static int record_exec(struct session *s, const struct cmd_args *a, struct out *out, struct err *err)
{
	struct recorder *r = &s->recorder;
	json_t *v;

	if (a->given[RECORD_FILE] && a->given[RECORD_STOP])
		return err_set(err, ERR_USAGE, "--stop ends what is recorded, and takes no FILE");
	if (a->given[RECORD_STOP] && !r->file)
		return err_set(err, ERR_VALUE, "nothing is recorded");
	if (a->given[RECORD_STOP])
		return recorder_end(r, err);
	if (a->given[RECORD_FILE] && r->file)
		return err_set(err, ERR_VALUE, "'%s' is recorded into: 'record --stop' ends that", r->path);
	if (a->given[RECORD_FILE])
		return recorder_begin(r, a->text[RECORD_FILE], a->given[RECORD_APPEND], &s->options,
			s->script.depth, err);
	v = json_object();
	json_object_set_new(v, "file", record_string(r->path));
	out_record(out, v);
	return 0;
}

static void recorded_text(const json_t *record, struct out *out)
{
	const char *path = json_string_value(json_object_get(record, "file"));

	out_text(out, path ? "commands are recorded in " : "nothing is recorded");
	if (path)
		out_shown(out, path);
	out_text(out, "\n");
}

static const struct out_column record_columns[] = {
	{"file", "file", NULL, false, true},
	{NULL, NULL, NULL, false, false},
};

const struct cmd_entry cmd_record = {
	.name = "record",
	.group = "Script",
	.summary = "write the commands that are run from here on into a script",
	.details = "The file begins with the options that were given, so that 'beamscope -f FILE' does the same again "
		"from anywhere. Every command that ends well is in it at once; on the screens those that keys stand "
		"for too. It is a program of its own after 'chmod +x FILE'. Without FILE: what is recorded now.",
	.args = {
		[RECORD_FILE] = {.name = "FILE", .type = ARG_PATH, .source = FROM_FILES,
			.help = "the script; one that is there is not written over"},
		[RECORD_APPEND] = {.name = "--append", .type = ARG_FLAG, .help = "go on with a script that is there"},
		[RECORD_STOP] = {.name = "--stop", .type = ARG_FLAG, .help = "record no more"},
	},
	.examples = {{"-c 'record lost.beam' -c 'beam 312' -c 'goto pruned'", "a script of two commands"}},
	.flags = CMD_SETTLES | CMD_APART | CMD_UNRECORDED,
	.exec = record_exec,
	.text = recorded_text,
	.columns = record_columns,
	.fields = fields_record,
};
