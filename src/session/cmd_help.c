/*
 * What the tables say of themselves: help; and the words that end a session or begin a prompt: quit, repl.
 */
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "session/cmdtab.h"
#include "session/field.h"
#include "session/help.h"
#include "session/help_shell.h"
#include "session/record.h"

enum { ARG_COMMAND, ARG_FIELDS, ARG_ROFF, ARG_MARKDOWN, ARG_COMPLETION, N_ARGS };

/* Whole documents, by the option that asks for one. */
static void (*const documents[N_ARGS])(struct buf *out) = {
	[ARG_ROFF] = help_roff,
	[ARG_MARKDOWN] = help_markdown,
};

static json_t *usage_of(const struct cmd_entry *e)
{
	struct buf b = {0};
	json_t *v;

	cmd_usage(e, &b);
	v = json_string(buf_str(&b));
	buf_release(&b);
	return v;
}

void help_details(struct buf *out, const struct cmd_entry *e)
{
	buf_addstr(out, e->details);
	if (e->more)
		e->more(out);
}

static json_t *details_of(const struct cmd_entry *e)
{
	struct buf b = {0};
	json_t *v;

	if (!e->details)
		return json_null();
	help_details(&b, e);
	v = json_string(buf_str(&b));
	buf_release(&b);
	return v;
}

bool help_default_tells(const char *dflt)
{
	return dflt && strcmp(dflt, "off") != 0 && strcmp(dflt, "0") != 0;
}

static json_t *telling_default(const char *dflt)
{
	return help_default_tells(dflt) ? json_string(dflt) : json_null();
}

static json_t *arguments_of(const struct cmd_entry *e)
{
	json_t *list = json_array();

	for (const struct cmd_arg *arg = e->args; arg->name; arg++) {
		const char *value = cmd_value(arg);
		json_t *v = json_object();

		json_object_set_new(v, "name", json_string(arg->name));
		json_object_set_new(v, "value", value ? json_string(value) : json_null());
		json_object_set_new(v, "heading", arg->heading ? json_string(arg->heading) : json_null());
		json_object_set_new(v, "help", json_string(arg->help));
		json_object_set_new(v, "default", telling_default(arg->dflt));
		json_object_set_new(v, "choices", arg->choices ? json_string(arg->choices) : json_null());
		json_array_append_new(list, v);
	}
	return list;
}

static json_t *examples_of(const struct cmd_entry *e)
{
	json_t *list = json_array();

	for (const struct cmd_example *x = e->examples; x->line; x++) {
		json_t *v = json_object();

		json_object_set_new(v, "line", json_string(x->line));
		json_object_set_new(v, "what", json_string(x->what));
		json_array_append_new(list, v);
	}
	return list;
}

static json_t *command_record(const struct cmd_entry *e)
{
	json_t *v = json_object();

	json_object_set_new(v, "name", json_string(e->name));
	json_object_set_new(v, "group", json_string(e->group));
	json_object_set_new(v, "usage", usage_of(e));
	json_object_set_new(v, "summary", json_string(e->summary));
	json_object_set_new(v, "details", details_of(e));
	json_object_set_new(v, "arguments", arguments_of(e));
	json_object_set_new(v, "examples", examples_of(e));
	return v;
}

void help_option_usage(struct buf *out, const struct option_entry *o)
{
	if (o->letter)
		buf_addf(out, "-%c, ", o->letter);
	buf_addf(out, "--%s", o->name);
	if (o->type != OPT_FLAG)
		buf_addf(out, " %s", o->choices ? o->choices : o->value);
}

static json_t *option_usage(const struct option_entry *o)
{
	struct buf b = {0};
	json_t *v;

	help_option_usage(&b, o);
	v = json_string(buf_str(&b));
	buf_release(&b);
	return v;
}

static json_t *overview_record(void)
{
	json_t *v = json_object(), *commands = json_array(), *options = json_array();

	for (const struct cmd_entry *const *e = cmd_table; *e; e++)
		json_array_append_new(commands, command_record(*e));
	for (const struct option_entry *o = option_table; o->name; o++) {
		json_t *entry = json_object();

		json_object_set_new(entry, "usage", option_usage(o));
		json_object_set_new(entry, "name", json_string(o->name));
		json_object_set_new(entry, "help", json_string(o->help));
		json_object_set_new(entry, "default", telling_default(o->dflt));
		json_array_append_new(options, entry);
	}
	json_object_set_new(v, "commands", commands);
	json_object_set_new(v, "options", options);
	return v;
}

void help_wrap(struct out *out, const char *text, size_t indent, size_t at, size_t limit)
{
	while (*text) {
		size_t n = strcspn(text, " \n");

		if (at > indent && at + 1 + n > limit) {
			out_text(out, "\n");
			at = 0;
		}
		if (at == 0) {
			out_text(out, "%*s", (int)indent, "");
			at = indent;
		} else if (n > 0 && at > indent) {
			out_text(out, " ");
			at++;
		}
		out_text(out, "%.*s", (int)n, text);
		at += n;
		text += n;
		if (!strncmp(text, "\n\n", 2)) {
			out_text(out, "\n\n");
			at = 0;
			text += 2;
		} else if (*text) {
			text++;
		}
	}
	out_text(out, "\n");
}

/* At the width that out has, at 79 where it has none. */
static void wrap(struct out *out, const char *text, size_t indent)
{
	help_wrap(out, text, indent, 0, out->columns > 40 ? out->columns - 1 : 79);
}

/* "--steps N" as it stands in the list of arguments. */
static size_t argument_cells(const json_t *entry)
{
	size_t value = json_string_length(json_object_get(entry, "value"));

	return json_string_length(json_object_get(entry, "name")) + (value > 0 ? 1 + value : 0);
}

static void argument_text(const json_t *entry, size_t widest, struct out *out)
{
	const char *value = field_text(entry, "value");
	size_t indent = widest + 4, limit = out_line_width(out);
	struct buf help = {0};

	if (*field_text(entry, "heading"))
		out_text(out, "\n  %s\n", field_text(entry, "heading"));
	out_text(out, "  %s%s%s%*s  ", field_text(entry, "name"), *value ? " " : "", value,
		(int)(widest - argument_cells(entry)), "");
	buf_addstr(&help, field_text(entry, "help"));
	if (json_is_string(json_object_get(entry, "default")))
		buf_addf(&help, " (default %s)", field_text(entry, "default"));
	help_wrap(out, buf_str(&help), indent, indent, limit > indent + 20 ? limit : indent + 20);
	buf_release(&help);
}

static void command_text(const json_t *v, struct out *out)
{
	size_t i, widest = 0;
	json_t *entry;

	out_text(out, "%s\n\n", field_text(v, "usage"));
	wrap(out, field_text(v, "summary"), 2);
	if (json_is_string(json_object_get(v, "details"))) {
		out_text(out, "\n");
		wrap(out, field_text(v, "details"), 2);
	}
	json_array_foreach(json_object_get(v, "arguments"), i, entry)
		if (argument_cells(entry) > widest)
			widest = argument_cells(entry);
	if (widest > 0)
		out_text(out, "\n");
	json_array_foreach(json_object_get(v, "arguments"), i, entry)
		argument_text(entry, widest, out);
	out_text(out, "\n");
	json_array_foreach(json_object_get(v, "examples"), i, entry)
		out_text(out, "  beamscope %-28s  # %s\n", field_text(entry, "line"), field_text(entry, "what"));
}

static void overview_text(const json_t *v, struct out *out)
{
	const char *group = "";
	size_t i;
	json_t *entry;

	out_text(out, "beamscope [OPTIONS] [COMMAND [ARGUMENT...]]\n\n");
	wrap(out, "Why did beam search lose the right item? Without a command, on a terminal: the screens.", 2);
	json_array_foreach(json_object_get(v, "commands"), i, entry) {
		if (strcmp(group, field_text(entry, "group")) != 0) {
			group = field_text(entry, "group");
			out_text(out, "\n%s\n", group);
		}
		out_text(out, "  %-12s  %s\n", field_text(entry, "name"), field_text(entry, "summary"));
	}
	out_text(out, "\nOptions\n");
	json_array_foreach(json_object_get(v, "options"), i, entry) {
		out_text(out, "  %-32s  %s", field_text(entry, "usage"), field_text(entry, "help"));
		if (json_is_string(json_object_get(entry, "default")))
			out_text(out, " (%s)", field_text(entry, "default"));
		out_text(out, "\n");
	}
	out_text(out, "\n'help COMMAND' says more of one, with examples.\n");
}

static void document_text(const json_t *v, struct out *out)
{
	out_as_is(out);
	buf_addstr(&out->buf, field_text(v, "document"));
}

static void help_text(const json_t *v, struct out *out)
{
	if (json_object_get(v, "commands"))
		overview_text(v, out);
	else if (json_object_get(v, "fields"))
		help_fields_text(v, out);
	else if (json_object_get(v, "document"))
		document_text(v, out);
	else
		command_text(v, out);
}

static void document_record(const struct buf *document, struct out *out)
{
	json_t *v = json_object();

	json_object_set_new(v, "document", record_text(buf_str(document), document->len));
	out_record(out, v);
}

/* *asked false: no option asks for a document. */
static int write_document(
	const struct session *s, const struct cmd_args *a, struct out *out, bool *asked, struct err *err)
{
	struct buf b = {0};
	int failed = 0;

	*asked = false;
	for (int i = 0; i < N_ARGS && !*asked; i++) {
		*asked = documents[i] && a->given[i];
		if (*asked && i == ARG_ROFF && a->given[ARG_FIELDS])
			help_fields_roff(&b);
		else if (*asked)
			documents[i](&b);
	}
	if (!*asked && a->given[ARG_COMPLETION]) {
		*asked = true;
		failed = help_shell(&b, (int)a->number[ARG_COMPLETION], s->datadir, err);
	}
	if (*asked && !failed)
		document_record(&b, out);
	buf_release(&b);
	return failed;
}

static int help_exec(struct session *s, const struct cmd_args *a, struct out *out, struct err *err)
{
	const struct cmd_entry *e = NULL;
	bool is_document;
	int failed = write_document(s, a, out, &is_document, err);

	if (is_document)
		return failed;
	if (a->text[ARG_COMMAND]) {
		e = cmd_find(a->text[ARG_COMMAND], err);
		if (!e)
			return -1;
	}
	if (a->given[ARG_FIELDS])
		out_record(out, help_fields(e));
	else
		out_record(out, e ? command_record(e) : overview_record());
	return 0;
}

static const struct out_column help_columns[] = {
	{"name", NULL, NULL, false, false},
	{"usage", NULL, NULL, false, false},
	{"summary", NULL, NULL, false, false},
	{NULL, NULL, NULL, false, false},
};

static void help_tsv(const json_t *v, struct out *out)
{
	const json_t *commands = json_object_get(v, "commands");

	if (json_object_get(v, "fields"))
		help_fields_tsv(v, out);
	else
		out_rows(out, commands ? commands : v, help_columns);
}

const struct cmd_entry cmd_help = {
	.name = "help",
	.alias = "?",
	.group = "Session",
	.summary = "list the commands and options, or explain one command",
	.args = {
		[ARG_COMMAND] = {.name = "COMMAND", .type = ARG_WORD, .source = FROM_COMMANDS, .help = "the command"},
		[ARG_FIELDS] = {.name = "--fields", .type = ARG_FLAG,
			.help = "list the members of its JSON records; without a command, which have which"},
		[ARG_ROFF] = {.name = "--roff", .type = ARG_FLAG, .help = "write the manual page's sections"},
		[ARG_MARKDOWN] = {.name = "--markdown", .type = ARG_FLAG, .help = "write the table of commands"},
		[ARG_COMPLETION] = {.name = "--completion", .type = ARG_CHOICE, .choices = SHELLS, .value = "SHELL",
			.help = "write a script that completes the program's words in bash, zsh or fish"},
	},
	.examples = {
		{"help", "all commands and options"},
		{"help beam", "one command"},
		{"help exact --fields", "what its JSON records hold"},
		{"help --completion bash", "for one's own shell: eval \"$(beamscope help --completion bash)\""},
	},
	.flags = CMD_ANYTIME | CMD_APART | CMD_UNRECORDED,
	.exec = help_exec,
	.text = help_text,
	.tsv = help_tsv,
	.fields = fields_help,
};

/* The front-end that owns a shell's terminal takes this word before it comes here. */
static int repl_exec(struct session *s, const struct cmd_args *a, struct out *out, struct err *err)
{
	(void)s;
	(void)a;
	(void)out;
	return err_set(err, ERR_USAGE, "'repl' is for the shell's command line: beamscope repl");
}

const struct cmd_entry cmd_repl = {
	.name = "repl",
	.group = "Session",
	.summary = "read commands from a prompt with line editing, history and completion",
	.examples = {{"repl", "a prompt; 'quit' leaves it"}},
	.flags = CMD_ANYTIME | CMD_APART | CMD_UNRECORDED,
	.exec = repl_exec,
};

static int quit_exec(struct session *s, const struct cmd_args *a, struct out *out, struct err *err)
{
	(void)a;
	(void)out;
	(void)err;
	s->quit = true;
	return 0;
}

const struct cmd_entry cmd_quit = {
	.name = "quit",
	.alias = "exit",
	.group = "Session",
	.summary = "end the script, the prompt or the screens",
	.examples = {{"quit", "leave"}},
	.flags = CMD_ANYTIME | CMD_APART | CMD_UNRECORDED,
	.exec = quit_exec,
};
