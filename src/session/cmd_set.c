/*
 * Settings: set.
 */
#include <string.h>

#include "session/cmdtab.h"
#include "session/record.h"

static json_t *option_record(const struct session *s, const struct option_entry *e)
{
	struct buf value = {0};
	json_t *v = json_object();

	option_get(&s->now, e, &value);
	json_object_set_new(v, "name", json_string(e->name));
	json_object_set_new(v, "value", value.len > 0 ? record_text(buf_str(&value), value.len) : json_null());
	json_object_set_new(v, "default", e->dflt ? json_string(e->dflt) : json_null());
	json_object_set_new(v, "help", json_string(e->help));
	buf_release(&value);
	return v;
}

/* The options as a search would have them: a dataset may ask for some, so it is read first. Where it cannot be read,
 * the command that needs it will say so. */
static int options_now(struct session *s, struct err *err)
{
	struct err ignored;

	return session_prepare(s, CMD_NEEDS_DATA, &ignored) ? loaded_now(&s->loaded, &s->options, &s->now, err) : 0;
}

static int set_exec(struct session *s, const struct cmd_args *a, struct out *out, struct err *err)
{
	const struct option_entry *e;

	if (!a->text[0]) {
		if (options_now(s, err))
			return -1;
		for (e = option_table; e->name; e++)
			if (!(e->flags & OPTION_FRONT))
				out_record(out, option_record(s, e));
		return 0;
	}
	e = option_find(a->text[0], err);
	if (!e)
		return -1;
	if (e->flags & OPTION_FRONT)
		return err_set(err, ERR_USAGE, "option '%s' is of the command line and cannot be set", e->name);
	if (!a->text[1] && e->type != OPT_FLAG) {
		if (options_now(s, err))
			return -1;
		out_record(out, option_record(s, e));
		return 0;
	}
	if (option_set(&s->options, e, a->text[1], err))
		return -1;
	return loaded_now(&s->loaded, &s->options, &s->now, err);
}

static const struct out_column set_columns[] = {
	{"name", "option", NULL, false, false},
	{"value", "value", NULL, false, true},
	{"default", "default", NULL, false, false},
	{"help", "", NULL, false, true},
	{NULL, NULL, NULL, false, false},
};

const struct cmd_entry cmd_set = {
	.name = "set",
	.group = "Session",
	.summary = "show or change options",
	.details = "Without arguments, all options with their values. Every option of the command line can be set "
		"here, and in the file $XDG_CONFIG_HOME/beamscope/config as lines of the form 'name = value'. The "
		"command line and 'set' come before what a dataset asks for, and that comes before the file.\n\n"
		"An option may also stand after a command, and then holds for that one command: 'beam 17 --beam "
		"20'.",
	.args = {
		{.name = "NAME", .type = ARG_WORD, .source = FROM_OPTIONS, .help = "the option"},
		{.name = "VALUE", .type = ARG_WORD, .help = "its new value"},
	},
	.examples = {
		{"set", "all options"},
		{"set beam 3", "a beam of three from here on"},
	},
	.exec = set_exec,
	.columns = set_columns,
};
