#include "ui/complete.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/mem.h"
#include "session/command.h"
#include "session/option.h"
#include "session/snap_cases.h"
#include "session/training.h"
#include "ui/complete_files.h"
#include "ui/typed.h"

/* What is completed: a word, or the part of it that begins at `at`. */
struct part {
	struct completion *c;
	const struct session *s; /* NULL: there is none to ask */
	char *value;             /* owned: the word as it is meant */
	size_t at;
	bool goes_on;            /* more may follow in the same word */
	const char *after;       /* goes behind one that is found; NULL: nothing */
};

static void begin(struct part *p, size_t at)
{
	p->at = at;
	candidates_init(&p->c->names, p->value + at);
}

static bool is(const char *word, size_t len, const char *name)
{
	return strlen(name) == len && memcmp(word, name, len) == 0;
}

/* An element of a list that is separated by commas. */
static void begin_element(struct part *p)
{
	const char *comma = strrchr(p->value, ',');

	begin(p, comma ? (size_t)(comma + 1 - p->value) : 0);
	p->goes_on = true;
}

static void offer_commands(struct part *p)
{
	for (size_t i = 0; cmd_table[i]; i++)
		candidates_offer_text(&p->c->names, cmd_table[i]->name);
}

/* The options that can be set, each between two texts. */
static void offer_options(struct part *p, const char *before, const char *after)
{
	char name[64];

	for (const struct option_entry *o = option_table; o->name; o++)
		if (!(o->flags & OPTION_FRONT))
			candidates_offer(&p->c->names, name,
				(size_t)snprintf(name, sizeof(name), "%s%s%s", before, o->name, after));
}

static void offer_files(struct part *p)
{
	char *path = complete_home(p->value);

	free(p->value);
	p->value = path;
	p->at = complete_files(&p->c->names, path);
}

/* What the session knows of a kind. */
static void offer_known(struct part *p, enum arg_source source)
{
	if (p->s)
		p->c->note = session_candidates(p->s, source, &p->c->names);
}

static void offer_known_or_files(struct part *p, enum arg_source source)
{
	offer_known(p, source);
	if (p->c->names.n == 0) {
		p->c->note = NULL;
		offer_files(p);
	}
}

static void offer_values(struct part *p, const struct option_entry *o)
{
	if (o->type == OPT_FLAG)
		candidates_offer_choices(&p->c->names, "on|off");
	else if (o->type != OPT_PATH)
		candidates_offer_choices(&p->c->names, o->choices);
	else if (!strcmp(o->name, "template"))
		offer_known_or_files(p, FROM_TEMPLATES);
	else
		offer_files(p);
}

static const struct option_entry *option_of(const char *name, size_t len)
{
	struct err ignored;
	char *word = xstrndup(name, len);
	const struct option_entry *o = option_find(word, &ignored);

	free(word);
	return o && !(o->flags & OPTION_FRONT) ? o : NULL;
}

/* NAME=VALUE, in a list or behind a colon: the name first, then the value. */
static void offer_settings(struct part *p)
{
	const char *name = p->value + p->at, *equals = strchr(name, '=');

	if (!equals) {
		offer_options(p, "", "=");
		return;
	}
	const struct option_entry *o = option_of(name, (size_t)(equals - name));
	begin(p, (size_t)(equals + 1 - p->value));
	if (o && o->type != OPT_PATH)
		offer_values(p, o);
}

static void offer_rivals(struct part *p)
{
	const char *colon = strrchr(p->value, ':');

	if (!colon) {
		offer_known_or_files(p, FROM_RIVALS);
		return;
	}
	p->goes_on = true;
	begin(p, (size_t)(colon + 1 - p->value));
	offer_settings(p);
}

/* "bear", then "bear:lambda=". */
static void offer_objectives(struct part *p)
{
	const char *first = p->value + p->at, *colon = strrchr(first, ':');
	size_t len = strcspn(first, ":");
	struct training_objective o;
	const char *name;

	if (!colon) {
		offer_known(p, FROM_OBJECTIVES);
		return;
	}
	p->goes_on = true;
	begin(p, (size_t)(colon + 1 - p->value));
	for (size_t i = 0; training_objective(i, &o); i++)
		for (size_t k = 0; is(first, len, o.name) && (name = training_parameter(&o, k)) != NULL; k++) {
			char setting[64];
			candidates_offer(&p->c->names, setting,
				(size_t)snprintf(setting, sizeof(setting), "%s=", name));
		}
}

/* "-margin" sorts from the largest down. */
static void offer_columns(struct part *p)
{
	const char *minus = p->value[0] == '-' ? "-" : "", *column;

	for (size_t i = 0; (column = snap_case_column(i, NULL)); i++) {
		char name[64];
		candidates_offer(&p->c->names, name, (size_t)snprintf(name, sizeof(name), "%s%s", minus, column));
	}
}

/* An expression up to the cursor: what was written last, and what may follow it. */
struct expression {
	const char *column; /* borrowed: the one that waits for an operator or a value; NULL: none does */
	size_t column_len;
	bool compared;      /* it has its operator */
	bool complete;      /* a term stands there: `and` or `or` may follow */
};

static bool in_name(char c)
{
	return isalnum((unsigned char)c) || c == '_' || c == '-' || c == '.' || (c & 0x80);
}

static bool in_operator(char c)
{
	return c && strchr("=!~<>", c);
}

static bool joins(const char *word, size_t n)
{
	return is(word, n, "and") || is(word, n, "or") || is(word, n, "not");
}

/* One of its words or marks at *s, which is moved past it; false where the cursor is within quotation marks. */
static bool read_term(struct expression *e, const char **s)
{
	const char *at = *s;
	size_t n = 0;

	if (*at == '"' || *at == '\'') {
		const char *end = strchr(at + 1, *at);
		*e = (struct expression){.complete = true};
		*s = end ? end + 1 : at;
		return end != NULL;
	}
	while (in_operator(at[n]))
		n++;
	if (n > 0) {
		e->compared = true;
		e->complete = false;
	} else if (!in_name(*at)) {
		n = 1;
		*e = (struct expression){.complete = *at == ')'};
	} else {
		while (in_name(at[n]))
			n++;
		if (e->compared)
			*e = (struct expression){.complete = true};
		else if (joins(at, n))
			*e = (struct expression){.complete = false};
		else
			*e = (struct expression){.column = at, .column_len = n, .complete = true};
	}
	*s = at + n;
	return true;
}

/* The choices of the column that a value is compared with; NULL where it has none. */
static const char *choices_of(const struct expression *e)
{
	const char *choices, *column;

	for (size_t i = 0; e->column && (column = snap_case_column(i, &choices)); i++)
		if (is(e->column, e->column_len, column))
			return choices;
	return NULL;
}

static void offer_expression(struct part *p)
{
	size_t len = strlen(p->value), at = len;
	struct expression e = {.complete = false};

	while (at > 0 && in_name(p->value[at - 1]))
		at--;
	for (const char *s = p->value; s < p->value + at;)
		if (isspace((unsigned char)*s))
			s++;
		else if (!read_term(&e, &s))
			return;
	begin(p, at);
	p->goes_on = true;
	p->after = " ";
	if (e.compared) {
		candidates_offer_choices(&p->c->names, choices_of(&e));
		return;
	}
	if (e.column)
		candidates_offer_choices(&p->c->names, "=|!=|<|<=|>|>=|~|!~");
	if (e.complete)
		candidates_offer_choices(&p->c->names, "and|or");
	offer_columns(p);
	candidates_offer_choices(&p->c->names, "not");
}

static void offer_for_arg(struct part *p, const struct cmd_arg *arg)
{
	enum arg_source source = cmd_source(arg);

	switch (source) {
	case FROM_COMMANDS:
		offer_commands(p);
		break;
	case FROM_OPTIONS:
		offer_options(p, "", "");
		break;
	case FROM_FILES:
		offer_files(p);
		break;
	case FROM_COLUMNS:
		offer_columns(p);
		break;
	case FROM_CHOICES:
		candidates_offer_choices(&p->c->names, arg->choices);
		break;
	case FROM_WHERE:
		offer_expression(p);
		break;
	case FROM_SETTINGS:
		begin_element(p);
		offer_settings(p);
		break;
	case FROM_RIVALS:
		offer_rivals(p);
		break;
	case FROM_OBJECTIVE_LIST:
		begin_element(p);
		offer_objectives(p);
		break;
	case FROM_OBJECTIVES:
		offer_objectives(p);
		break;
	case FROM_CASE_LIST:
	case FROM_MODULES:
		begin_element(p);
		offer_known(p, source);
		break;
	default:
		offer_known(p, source);
		break;
	}
}

static bool is_option(const struct cmd_arg *arg)
{
	return arg->name[0] == '-';
}

/* The n-th, where one of which there may be many, or all words that are left, stands for all from it on. */
static const struct cmd_arg *positional(const struct cmd_entry *cmd, size_t n)
{
	for (const struct cmd_arg *arg = cmd->args; arg->name; arg++)
		if (!is_option(arg) && (n-- == 0 || arg->many || arg->type == ARG_REST))
			return arg;
	return NULL;
}

/* The option that "--name" or "--name=value" means, as the command would take it; both NULL where it means none. */
static void find_option(const struct cmd_entry *cmd, const char *word, const struct cmd_arg **own,
	const struct option_entry **option)
{
	struct err ignored;

	if (cmd_find_option(cmd, word, strcspn(word, "="), own, option, &ignored)) {
		*own = NULL;
		*option = NULL;
	}
}

/* What has been typed of a command's arguments before the word at the cursor. */
struct typed_args {
	size_t place;                      /* positional arguments so far */
	size_t run;                        /* of these, the ones that directly precede the word */
	const struct cmd_arg *wants;       /* the word is the value of this option of the command */
	const struct option_entry *option; /* the word is the value of this option of the table */
};

static void read_args(struct typed_args *t, const struct cmd_entry *cmd, const struct typed_line *line)
{
	for (size_t i = 1; i + 1 < line->words.n; i++) {
		const char *word = line->words.at[i].text;
		const struct cmd_arg *own = NULL;
		const struct option_entry *option = NULL;

		if (t->wants || t->option) {
			t->wants = NULL;
			t->option = NULL;
			continue;
		}
		if (word[0] == '-' && word[1] && !strchr("0123456789.", word[1])) {
			find_option(cmd, word, &own, &option);
			bool valued = strchr(word, '=') != NULL;
			t->wants = own && own->type != ARG_FLAG && !valued ? own : NULL;
			t->option = option && option->type != OPT_FLAG && !valued ? option : NULL;
			t->run = 0;
		} else {
			t->place++;
			t->run++;
		}
	}
}

/* "--name=": the value, at the place where it begins. */
static void offer_attached(struct part *p, const struct cmd_entry *cmd)
{
	const struct option_entry *option = NULL;
	const struct cmd_arg *own = NULL;
	size_t len = strcspn(p->value, "=");

	find_option(cmd, p->value, &own, &option);
	if (own && own->type == ARG_CHOICE) {
		begin(p, len + 1);
		candidates_offer_choices(&p->c->names, own->choices);
	} else if (option && option->type != OPT_PATH) {
		begin(p, len + 1);
		offer_values(p, option);
	}
}

static void offer_option_names(struct part *p, const struct cmd_entry *cmd, bool all)
{
	for (const struct cmd_arg *arg = cmd->args; arg->name; arg++)
		if (is_option(arg))
			candidates_offer_text(&p->c->names, arg->name);
	if (all)
		offer_options(p, "--", "");
}

/* The option that the word before the one at the cursor names. */
static void offer_values_of(struct part *p, const struct typed_line *line)
{
	const char *name = line->words.at[line->words.n - 2].text;
	const struct option_entry *o = option_of(name, strlen(name));

	if (o)
		offer_values(p, o);
}

static void offer_args(
	struct part *p, const struct cmd_entry *cmd, const struct typed_args *t, const struct typed_line *line)
{
	const struct cmd_arg *arg = positional(cmd, t->place);

	if (t->wants) {
		offer_for_arg(p, t->wants);
	} else if (t->option) {
		offer_values(p, t->option);
	} else if (p->value[0] == '-' && strchr(p->value, '=')) {
		offer_attached(p, cmd);
	} else if (p->value[0] == '-') {
		offer_option_names(p, cmd, true);
	} else if (arg && arg->source == FROM_VALUES) {
		offer_values_of(p, line);
	} else if (arg) {
		offer_for_arg(p, arg);
	} else {
		offer_option_names(p, cmd, false);
	}
}

/* The words that a value of many words has so far. */
static void join_words(struct part *p, const struct typed_line *line, size_t first)
{
	struct buf b = {0};

	for (size_t i = first; i < line->words.n; i++)
		buf_addf(&b, "%s%s", i > first ? " " : "", line->words.at[i].text);
	free(p->value);
	p->value = buf_detach(&b);
}

/* What takes the place of the typed part, in the word's value; false where nothing is gained. */
static bool become(const struct part *p, struct buf *value)
{
	const struct candidates *k = &p->c->names;
	bool grows = k->common >= k->typed_len && k->n > 0 &&
		     !strncasecmp(k->words.at[0], k->typed, k->typed_len);

	buf_add(value, p->value, p->at);
	if (k->n == 1)
		buf_addstr(value, k->words.at[0]);
	else if (grows)
		buf_add(value, k->words.at[0], k->common);
	else
		buf_addstr(value, k->typed);
	if (k->n == 1 && p->after)
		buf_addstr(value, p->after);
	return k->n > 0 && value->len > 0;
}

/* Puts what was found into the line, quoted as the word began. */
static void finish(struct part *p, size_t from, char style)
{
	struct completion *c = p->c;
	struct buf value = {0}, text = {0};

	if (become(p, &value)) {
		char last = value.at[value.len - 1];
		c->whole = c->names.n == 1 && !p->goes_on && last != '/' && last != '=';
		typed_quote(&text, buf_str(&value), style, c->whole);
		c->text = buf_detach(&text);
		c->from = from;
	}
	c->names.typed = NULL;
	buf_release(&value);
	free(p->value);
}

/* A name after "$": what is put in is no value, it stays as it is typed. */
static void complete_variable(struct part *p, const char *line, size_t from, size_t end)
{
	free(p->value);
	p->value = xstrndup(line + from, end - from);
	p->after = from > 0 && line[from - 1] == '{' ? "}" : NULL;
	begin(p, 0);
	if (p->s)
		session_variable_candidates(p->s, &p->c->names);

	struct buf value = {0};
	if (become(p, &value)) {
		p->c->from = from;
		p->c->text = buf_detach(&value);
	}
	p->c->names.typed = NULL;
	buf_release(&value);
	free(p->value);
}

static void complete_word(struct part *p, const struct typed_line *line)
{
	const struct typed_word *word = &line->words.at[line->words.n - 1];
	struct typed_args args = {0};
	struct err ignored;

	if (line->words.n == 1) {
		offer_commands(p);
		finish(p, word->from, word->style);
		return;
	}
	const struct cmd_entry *cmd = cmd_find(line->words.at[0].text, &ignored);
	if (cmd) {
		read_args(&args, cmd, line);
		const struct cmd_arg *arg = positional(cmd, args.place);
		bool valued = args.wants || args.option || word->text[0] == '-';
		if (arg && arg->type == ARG_REST && !valued) {
			word -= args.run;
			join_words(p, line, line->words.n - 1 - args.run);
			begin(p, 0);
		}
		offer_args(p, cmd, &args, line);
	}
	finish(p, word->from, word->style);
}

void complete_line(struct completion *c, const struct session *s, const char *line, size_t end)
{
	struct part p = {.c = c, .s = s};
	struct typed_line typed;

	*c = (struct completion){.from = end};
	typed_line_init(&typed, line, end);
	if (!typed.comment) {
		const struct typed_word *word = &typed.words.at[typed.words.n - 1];
		p.value = xstrdup(word->text);
		begin(&p, 0);
		if (word->variable)
			complete_variable(&p, line, word->variable, end);
		else
			complete_word(&p, &typed);
	}
	typed_line_release(&typed);
}

/* A line that is one value from its first byte to its last. */
static void complete_value(struct completion *c, const char *line, size_t end, void (*offer)(struct part *p))
{
	struct part p = {.c = c, .value = xstrndup(line, end)};
	struct buf value = {0};

	*c = (struct completion){.from = 0};
	begin(&p, 0);
	offer(&p);
	if (become(&p, &value))
		c->text = buf_detach(&value);
	c->names.typed = NULL;
	buf_release(&value);
	free(p.value);
}

void complete_filter(struct completion *c, const char *line, size_t end)
{
	complete_value(c, line, end, offer_expression);
}

void complete_path(struct completion *c, const char *line, size_t end)
{
	complete_value(c, line, end, offer_files);
}

void completion_release(struct completion *c)
{
	candidates_release(&c->names);
	free(c->text);
}
