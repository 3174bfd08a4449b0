#include "session/command.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/nearest.h"

#define MAX_NAMES 128
#define MAX_USAGE_OPTIONS 8
#define LONGEST_OPTION 40 /* bytes of "--name" */

static int unknown_command(const char *name, struct err *err)
{
	const char *names[MAX_NAMES];
	struct buf hint = {0};
	size_t n = 0;

	for (const struct cmd_entry *const *e = cmd_table; *e && n < MAX_NAMES; e++)
		names[n++] = (*e)->name;
	nearest_names(&hint, name, names, n);
	if (*name && strspn(name, "0123456789") == strlen(name))
		buf_addf(&hint, "; did you mean 'beam %s'?", name);
	err_set(err, ERR_USAGE, "there is no command '%s'%s ('help' lists them all)", name, buf_str(&hint));
	buf_release(&hint);
	return -1;
}

const struct cmd_entry *cmd_find(const char *name, struct err *err)
{
	const struct cmd_entry *found = NULL;
	struct buf candidates = {0};
	size_t len = strlen(name), n = 0;

	for (const struct cmd_entry *const *e = cmd_table; *e; e++) {
		if (!strcmp((*e)->name, name) || ((*e)->alias && !strcmp((*e)->alias, name))) {
			buf_release(&candidates);
			return *e;
		}
		if (len == 0 || strncmp((*e)->name, name, len) != 0)
			continue;
		buf_addf(&candidates, "%s'%s'", n ? ", " : "", (*e)->name);
		found = *e;
		n++;
	}
	if (n == 0)
		unknown_command(name, err);
	else if (n > 1)
		err_set(err, ERR_USAGE, "'%s' may be any of %s", name, buf_str(&candidates));
	buf_release(&candidates);
	return n == 1 ? found : NULL;
}

static bool is_positional(const struct cmd_arg *a)
{
	return a->name[0] != '-';
}

/* Index of the n-th positional argument; -1 where there are fewer. */
static int positional(const struct cmd_entry *e, size_t n)
{
	for (int i = 0; e->args[i].name; i++)
		if (is_positional(&e->args[i]) && n-- == 0)
			return i;
	return -1;
}

static int check(struct cmd_args *a, const struct cmd_arg *arg, int i, struct err *err)
{
	const char *text = a->text[i];

	switch (arg->type) {
	case ARG_INT:
	case ARG_REAL:
		return option_number(&a->number[i], text, arg->type == ARG_INT, arg->min, arg->max, arg->name, err);
	case ARG_CHOICE:
		a->number[i] = option_choose(arg->choices, text, arg->name, err);
		return a->number[i] < 0 ? -1 : 0;
	case ARG_CASE:
	case ARG_ITEM:
	case ARG_PATH:
		if (!*text)
			return err_set(err, ERR_USAGE, "%s is empty", arg->name);
		return 0;
	case ARG_WORD:
	case ARG_REST:
	case ARG_FLAG:
		return 0;
	}
	BUG("argument type %d", (int)arg->type);
}

/* Each value of an argument that may have many. */
static int check_many(struct cmd_args *a, const struct cmd_arg *arg, int i, struct err *err)
{
	for (size_t k = 0; k < a->many.n; k++) {
		if (a->many.at[k].arg != i)
			continue;
		a->text[i] = a->many.at[k].text;
		if (check(a, arg, i, err))
			return -1;
	}
	return 0;
}

/* The words that are left, as the walk over them stands. */
struct words {
	int argc, at;
	char *const *argv;
};

/* The value of the option that stands at w->at: what follows "=", else the next word. */
static int own_value(const char **value, struct words *w, const char *name, const char *equals, struct err *err)
{
	if (equals) {
		*value = equals + 1;
		return 0;
	}
	if (w->at + 1 >= w->argc)
		return err_set(err, ERR_USAGE, "%s needs a value", name);
	*value = w->argv[++w->at];
	return 0;
}

/* Those among the options, own ones first, whose names begin with a word. */
struct likely {
	const struct cmd_arg *own;         /* the last one, or NULL */
	const struct option_entry *option; /* the same */
	struct buf names;
	size_t n;
};

static void add_likely(struct likely *l, const char *dashes, const char *name)
{
	buf_addf(&l->names, "%s'%s%s'", l->n++ ? ", " : "", dashes, name);
}

/* Has the command an option of its own of that name, which is meant then? */
static bool hides(const struct cmd_entry *e, const struct option_entry *o)
{
	for (const struct cmd_arg *arg = e->args; arg->name; arg++)
		if (!is_positional(arg) && !strcmp(arg->name + 2, o->name))
			return true;
	return false;
}

/* Finds one that is named whole; else lists those that begin so. */
static void find_likely(struct likely *l, const struct cmd_entry *e, const char *word, size_t len)
{
	for (const struct cmd_arg *arg = e->args; arg->name; arg++) {
		if (is_positional(arg) || strncmp(arg->name, word, len) != 0)
			continue;
		l->own = arg;
		add_likely(l, "", arg->name);
		if (!arg->name[len]) {
			l->n = 1;
			return;
		}
	}
	for (const struct option_entry *o = option_table; o->name; o++) {
		if ((o->flags & OPTION_FRONT) || strncmp(o->name, word + 2, len - 2) != 0 || hides(e, o))
			continue;
		l->option = o;
		add_likely(l, "--", o->name);
		if (!o->name[len - 2]) {
			l->own = NULL;
			l->n = 1;
			return;
		}
	}
}

static int unknown_option(const struct cmd_entry *e, const char *word, size_t len, struct err *err)
{
	char *name = xstrndup(word, len), of_table[OPTION_MAX][LONGEST_OPTION];
	const char *names[CMD_MAX_ARGS + OPTION_MAX];
	struct buf hint = {0};
	size_t n = 0, m = 0;

	for (const struct cmd_arg *arg = e->args; arg->name; arg++)
		if (!is_positional(arg))
			names[n++] = arg->name;
	for (const struct option_entry *o = option_table; o->name; o++) {
		if (o->flags & OPTION_FRONT)
			continue;
		snprintf(of_table[m], LONGEST_OPTION, "--%s", o->name);
		if (!hides(e, o))
			names[n++] = of_table[m++];
	}
	nearest_names(&hint, name, names, n);
	err_set(err, ERR_USAGE, "command '%s' has no option '%s'%s", e->name, name, buf_str(&hint));
	buf_release(&hint);
	free(name);
	return -1;
}

int cmd_find_option(const struct cmd_entry *e, const char *word, size_t len, const struct cmd_arg **own,
	const struct option_entry **option, struct err *err)
{
	struct likely l = {0};
	int failed = 0;

	if (len > 2 && !memcmp(word, "--", 2))
		find_likely(&l, e, word, len);
	*own = l.n == 1 ? l.own : NULL;
	*option = l.n == 1 && !l.own ? l.option : NULL;
	if (l.n == 0)
		failed = unknown_option(e, word, len, err);
	else if (l.n > 1)
		failed = err_set(err, ERR_USAGE, "option '%.*s' of '%s' may be any of %s", (int)len, word, e->name,
			buf_str(&l.names));
	buf_release(&l.names);
	return failed;
}

/* Is it one of the command line alone? */
static bool names_front(const char *name, size_t len)
{
	for (const struct option_entry *o = option_table; o->name; o++)
		if ((o->flags & OPTION_FRONT) && strlen(o->name) == len && !memcmp(o->name, name, len))
			return true;
	return false;
}

static int stands_late(const char *name, size_t len, struct err *err)
{
	return err_set(err, ERR_USAGE, "option '%.*s' must stand before the command", (int)len, name);
}

/* One of the option table, for this command alone. */
static int add_setting(struct cmd_args *a, const struct option_entry *o, const char *value, struct err *err)
{
	if (o->flags & OPTION_FRONT)
		return stands_late(o->name, strlen(o->name), err);
	if (a->n_settings == CMD_MAX_SETTINGS)
		return err_set(err, ERR_USAGE, "more than %d options after one command", CMD_MAX_SETTINGS);
	a->settings[a->n_settings].option = o;
	a->settings[a->n_settings].value = value;
	a->n_settings++;
	return 0;
}

/* "-B 5", "-B5" */
static int parse_short(const struct cmd_entry *e, struct cmd_args *a, struct words *w, struct err *err)
{
	const char *word = w->argv[w->at], *value;
	const struct option_entry *o;
	struct err why;
	int used;

	if (option_word(&o, &value, &used, word, w->at + 1 < w->argc ? w->argv[w->at + 1] : NULL, &why)) {
		if (o)
			*err = why;
		return o ? -1 : unknown_option(e, word, strcspn(word, "="), err);
	}
	w->at += used - 1;
	return add_setting(a, o, value, err);
}

static int parse_own(const struct cmd_entry *e, const struct cmd_arg *arg, struct cmd_args *a, struct words *w,
	const char *equals, struct err *err)
{
	int i = (int)(arg - e->args);

	a->given[i] = true;
	if (arg->type == ARG_FLAG)
		return equals ? err_set(err, ERR_USAGE, "%s takes no value", arg->name) : 0;
	if (own_value(&a->text[i], w, arg->name, equals, err))
		return -1;
	if (arg->many)
		vec_push(&a->many, (struct cmd_word){i, a->text[i]});
	return 0;
}

static int parse_option(const struct cmd_entry *e, struct cmd_args *a, struct words *w, struct err *err)
{
	const char *word = w->argv[w->at], *equals = strchr(word, '='), *value;
	size_t len = equals ? (size_t)(equals - word) : strlen(word);
	const struct option_entry *option;
	const struct cmd_arg *own;
	int used;

	if (!strcmp(word, "--help") || !strcmp(word, "-h")) {
		a->help = true;
		return 0;
	}
	if (word[1] != '-')
		return parse_short(e, a, w, err);
	if (cmd_find_option(e, word, len, &own, &option, err))
		return names_front(word + 2, len - 2) ? stands_late(word + 2, len - 2, err) : -1;
	if (own)
		return parse_own(e, own, a, w, equals, err);
	if (option_take_value(option, &value, &used, equals ? equals + 1 : NULL,
		    w->at + 1 < w->argc ? w->argv[w->at + 1] : NULL, err))
		return -1;
	w->at += used - 1;
	return add_setting(a, option, value, err);
}

static int take_word(const struct cmd_entry *e, struct cmd_args *a, struct words *w, size_t *n, struct err *err)
{
	int i = positional(e, *n);

	if (i < 0)
		return err_set(
			err, ERR_USAGE, "command '%s' does not know what to do with '%s'", e->name, w->argv[w->at]);
	if (e->args[i].type == ARG_REST) {
		if (a->given[i])
			buf_addch(&a->rest, ' ');
		buf_addstr(&a->rest, w->argv[w->at]);
		a->text[i] = buf_str(&a->rest);
	} else {
		a->text[i] = w->argv[w->at];
		if (e->args[i].many)
			vec_push(&a->many, (struct cmd_word){i, a->text[i]});
		else
			++*n;
	}
	a->given[i] = true;
	return 0;
}

static int finish(const struct cmd_entry *e, struct cmd_args *a, struct err *err)
{
	struct buf usage = {0};

	for (int i = 0; e->args[i].name; i++) {
		const struct cmd_arg *arg = &e->args[i];

		if (!a->given[i])
			a->text[i] = arg->dflt;
		if (a->text[i] && (arg->many ? check_many(a, arg, i, err) : check(a, arg, i, err)))
			return -1;
		if (arg->required && !a->given[i]) {
			cmd_usage(e, &usage);
			err_set(err, ERR_USAGE, "%s is missing: %s", arg->name, buf_str(&usage));
			buf_release(&usage);
			return -1;
		}
	}
	return 0;
}

int cmd_parse(const struct cmd_entry *e, int argc, char *const *argv, struct cmd_args *a, struct err *err)
{
	struct words w = {.argc = argc, .argv = argv};
	bool options = true;
	size_t n = 0;

	memset(a, 0, sizeof(*a));
	for (; w.at < argc; w.at++) {
		const char *word = argv[w.at];
		int failed;

		if (options && !strcmp(word, "--")) {
			options = false;
			continue;
		}
		if (!options || word[0] != '-' || !word[1] || strchr("0123456789.", word[1]))
			failed = take_word(e, a, &w, &n, err);
		else
			failed = parse_option(e, a, &w, err);
		if (failed)
			return -1;
	}
	return a->help ? 0 : finish(e, a, err);
}

void cmd_args_release(struct cmd_args *a)
{
	buf_release(&a->rest);
	vec_release(&a->many);
}

const char *cmd_value(const struct cmd_arg *arg)
{
	static const char *const kinds[] = {
		[ARG_WORD] = "TEXT",
		[ARG_REST] = "TEXT",
		[ARG_CASE] = "CASE",
		[ARG_ITEM] = "ITEM",
		[ARG_INT] = "N",
		[ARG_REAL] = "X",
		[ARG_PATH] = "FILE",
		[ARG_CHOICE] = "TEXT",
		[ARG_FLAG] = NULL,
	};

	if (is_positional(arg) || arg->type == ARG_FLAG)
		return NULL;
	return arg->value ? arg->value : arg->choices ? arg->choices : kinds[arg->type];
}

enum arg_source cmd_source(const struct cmd_arg *arg)
{
	static const enum arg_source sources[] = {
		[ARG_WORD] = FROM_NONE,
		[ARG_REST] = FROM_NONE,
		[ARG_CASE] = FROM_CASES,
		[ARG_ITEM] = FROM_ITEMS,
		[ARG_INT] = FROM_NONE,
		[ARG_REAL] = FROM_NONE,
		[ARG_PATH] = FROM_FILES,
		[ARG_CHOICE] = FROM_CHOICES,
		[ARG_FLAG] = FROM_NONE,
	};

	return arg->source != FROM_TYPE ? arg->source : sources[arg->type];
}

static size_t count_options(const struct cmd_entry *e)
{
	size_t n = 0;

	for (const struct cmd_arg *arg = e->args; arg->name; arg++)
		n += !is_positional(arg);
	return n;
}

void cmd_usage(const struct cmd_entry *e, struct buf *out)
{
	bool all = count_options(e) <= MAX_USAGE_OPTIONS;

	buf_addstr(out, e->name);
	for (const struct cmd_arg *arg = e->args; arg->name; arg++) {
		const char *value = cmd_value(arg);
		bool choices = arg->type == ARG_CHOICE && is_positional(arg);

		if (!all && !is_positional(arg) && !arg->required)
			continue;
		buf_addf(out, "%s%s", arg->required ? " " : " [", choices ? arg->choices : arg->name);
		if (value)
			buf_addf(out, " %s", value);
		buf_addf(out, "%s%s", arg->many ? "..." : "", arg->required ? "" : "]");
	}
	if (!all)
		buf_addstr(out, " [OPTION...]");
}
