/*
 * Settings: set.
 */
#include <stdlib.h>
#include <string.h>

#include "session/cmdtab.h"
#include "session/rcfile.h"
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

enum { SET_NAME, SET_VALUE, SET_SAVE };

static const struct out_column saved_columns[] = {
	{"name", "option", NULL, false, false},
	{"value", "saved value", NULL, false, true},
	{"file", "file", NULL, false, true},
	{NULL, NULL, NULL, false, false},
};

/* What was saved, a record an option. */
static int saved_records(const struct session *s, const char *path, struct out *out, struct err *err)
{
	size_t n = 0;

	out_list_as(out, saved_columns);
	for (const struct option_entry *e = option_table; e->name; e++) {
		struct buf value = {0};
		if (!rcfile_saves(&s->options, e))
			continue;
		if (rcfile_value(&s->options, e, &value, err)) {
			buf_release(&value);
			return -1;
		}
		json_t *v = option_record(s, e);
		json_object_set_new(v, "value", record_text(buf_str(&value), value.len));
		json_object_set_new(v, "file", record_text(path, strlen(path)));
		out_record(out, v);
		buf_release(&value);
		n++;
	}
	if (n == 0)
		out_none(out, "option was set or given: there is nothing to save");
	return 0;
}

static int save(struct session *s, struct out *out, struct err *err)
{
	if (s->aside.in_lesson)
		return err_set(err, ERR_VALUE,
			"a lesson is open, and its settings are not yours to keep: close it first");
	char *path = rcfile_path();
	if (!path)
		return err_set(err, ERR_VALUE, "neither XDG_CONFIG_HOME nor HOME says where settings are kept");
	int failed = rcfile_save(&s->options, path, err);
	if (!failed)
		failed = saved_records(s, path, out, err);
	free(path);
	return failed;
}

static int list_options(struct session *s, struct out *out, struct err *err)
{
	if (options_now(s, err))
		return -1;
	for (const struct option_entry *e = option_table; e->name; e++)
		if (!(e->flags & OPTION_FRONT))
			out_record(out, option_record(s, e));
	return 0;
}

static int set_one(struct session *s, const struct cmd_args *a, struct out *out, struct err *err)
{
	const struct option_entry *e = option_match(a->text[SET_NAME], err);

	if (!e)
		return -1;
	if (e->flags & OPTION_FRONT)
		return err_set(err, ERR_USAGE, "option '%s' is of the command line and cannot be set", e->name);
	if (!a->text[SET_VALUE] && e->type != OPT_FLAG) {
		if (a->given[SET_SAVE])
			return err_set(err, ERR_USAGE, "option '%s' needs a value to be saved, or leave its name out",
				e->name);
		if (options_now(s, err))
			return -1;
		out_record(out, option_record(s, e));
		return 0;
	}
	if (option_set(&s->options, e, a->text[SET_VALUE], err))
		return -1;
	return loaded_now(&s->loaded, &s->options, &s->now, err);
}

static int set_exec(struct session *s, const struct cmd_args *a, struct out *out, struct err *err)
{
	if (!a->text[SET_NAME])
		return a->given[SET_SAVE] ? save(s, out, err) : list_options(s, out, err);
	if (set_one(s, a, out, err))
		return -1;
	return a->given[SET_SAVE] ? save(s, out, err) : 0;
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
		"With --save, all options that were set or given by now go into that file, but for 'output'; its other "
		"lines stay as they are.\n\n"
		"An option may also stand after a command, and then holds for that one command: 'beam 17 --beam "
		"20'.",
	.args = {
		{.name = "NAME", .type = ARG_WORD, .source = FROM_OPTIONS, .help = "the option"},
		{.name = "VALUE", .type = ARG_WORD, .source = FROM_VALUES, .help = "its new value"},
		{.name = "--save", .type = ARG_FLAG, .help = "keep what was set for later runs"},
	},
	.examples = {
		{"set", "all options"},
		{"set beam 3", "a beam of three from here on"},
	},
	.exec = set_exec,
	.columns = set_columns,
	.fields = fields_set,
};
