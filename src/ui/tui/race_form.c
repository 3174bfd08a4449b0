#include "race_form.h"

#include <stdlib.h>
#include <string.h>

#include "session/command.h"
#include "session/training.h"

#define SMALL_MODEL 5000000 /* weights; training all of them takes seconds a step at most */

/* What a small and a large model begin with; NULL: the command's own default. */
static const struct entry {
	const char *heading; /* of a group that begins here */
	int column;
	const char *arg; /* an argument of `train`, or (without hyphens) an option; NULL: neither */
	const char *label, *help; /* help NULL: the table's */
	enum form_steps steps;
	const char *small, *large;
} entries[RACE_FIELDS] = {
	[RACE_OUT] = {"What is kept", 0, "--out", "folder", "a new folder for the race; empty: nothing is saved",
		FORM_BY_ONE, "", ""},
	[RACE_SAVE_EVERY] = {NULL, 0, "--save-every", "save every", NULL, FORM_BY_ROUND, "100", "100"},
	[RACE_SEED] = {NULL, 0, "seed", "seed", "of batches and dropout; empty: as \":set seed\" has it",
		FORM_BY_ONE, "", ""},
	[RACE_WEIGHTS] = {"What is trained", 1, NULL, "weights",
		"all weights of the model, or a small adapter over them (LoRA), which goes with large models",
		FORM_BY_ONE, NULL, NULL},
	[RACE_LORA_RANK] = {NULL, 1, "--lora-rank", "rank", NULL, FORM_BY_DOUBLE, NULL, NULL},
	[RACE_LORA_ALPHA] = {NULL, 1, "--lora-alpha", "alpha", NULL, FORM_BY_DOUBLE, NULL, NULL},
	[RACE_LORA_TARGETS] = {NULL, 1, "--lora-targets", "layers", NULL, FORM_BY_ONE, NULL, NULL},
	[RACE_TARGETS] = {NULL, 1, "--targets", "targets",
		"what is learned of a history: every item but the first, or the last one alone",
		FORM_BY_ONE, "all", NULL},
	[RACE_STEPS] = {"How", 1, "--steps", "steps", "updates of every objective", FORM_BY_ROUND, "300", "300"},
	[RACE_BATCH] = {NULL, 1, "--batch", "batch", NULL, FORM_BY_DOUBLE, NULL, NULL},
	[RACE_LR] = {NULL, 1, "--lr", "learning rate", NULL, FORM_BY_ROUND, "5e-4", NULL},
	[RACE_SCHEDULE] = {NULL, 1, "--schedule", "schedule", NULL, FORM_BY_ONE, "cosine", "linear"},
	[RACE_TAU] = {NULL, 1, "tau", "temperature",
		"tau: the logits are divided by it; empty: as \":set tau\" has it", FORM_BY_ROUND, "", ""},
	[RACE_MORE] = {NULL, 1, NULL, "more options",
		"others of train, as on a command line: --clip 1 --warmup 20 (\":help train\" lists them)", FORM_BY_ONE,
		"", ""},
	[RACE_EVAL_EVERY] = {"Evaluation", 1, "--eval-every", "every", NULL, FORM_BY_ROUND, "50", "50"},
	[RACE_EVAL_CASES] = {NULL, 1, "--eval-cases", "cases", NULL, FORM_BY_ROUND, NULL, NULL},
};

static const char *const param_args[RACE_FORM_PARAMS] = {"--K", "--xi", "--lambda"};
static const char *const param_small[RACE_FORM_PARAMS] = {NULL, "0.5", "4"};

static const struct cmd_entry *train(void)
{
	struct err err;
	const struct cmd_entry *e = cmd_find("train", &err);

	if (!e)
		BUG("%s", err.msg);
	return e;
}

static const struct cmd_arg *train_arg(const char *name)
{
	for (const struct cmd_arg *a = train()->args; a->name; a++)
		if (strcmp(a->name, name) == 0)
			return a;
	BUG("train has no argument '%s'", name);
}

static void set_text(struct form_field *field, const char *text)
{
	buf_clear(&field->text);
	buf_addstr(&field->text, text ? text : "");
}

static struct form_field *add_arg(
	struct form *f, int column, const char *name, const char *label, const char *help, const char *value)
{
	const struct cmd_arg *a = train_arg(name);
	bool number = a->type == ARG_INT || a->type == ARG_REAL;
	struct form_field *field = form_add(f, a->type == ARG_CHOICE ? FORM_CHOICE : number ? FORM_NUMBER : FORM_TEXT,
		column, label, help ? help : a->help);

	value = value ? value : a->dflt;
	if (a->type == ARG_CHOICE) {
		field->choices = a->choices;
		field->choice = (size_t)option_choice(a->choices, value);
		return field;
	}
	field->whole = a->type == ARG_INT;
	field->min = a->min;
	field->max = a->max;
	set_text(field, value);
	return field;
}

/* Empty: as the option stands. */
static struct form_field *add_option(struct form *f, int column, const char *name, const char *label, const char *help)
{
	struct err err;
	const struct option_entry *o = option_find(name, &err);

	if (!o)
		BUG("%s", err.msg);
	struct form_field *field = form_add(f, FORM_NUMBER, column, label, help ? help : o->help);
	field->whole = o->type == OPT_INT;
	field->min = o->min;
	field->max = o->max;
	field->empty = "as :set has it";
	field->from = o->dflt;
	return field;
}

static void add_entry(struct race_form *f, size_t i, bool small)
{
	const struct entry *e = &entries[i];
	struct form_field *field;

	if (e->heading)
		form_add(&f->form, FORM_HEADING, e->column, e->heading, NULL);
	if (e->arg && e->arg[0] == '-')
		field = add_arg(&f->form, e->column, e->arg, e->label, e->help, small ? e->small : e->large);
	else if (e->arg)
		field = add_option(&f->form, e->column, e->arg, e->label, e->help);
	else
		field = form_add(&f->form, FORM_TEXT, e->column, e->label, e->help);
	field->steps = e->steps;
	f->fields[i] = field;
}

static bool begins_taken(const char *name)
{
	return strcmp(name, "sft") == 0 || strcmp(name, "msl") == 0 || strcmp(name, "bear") == 0;
}

static void add_pick(struct race_form *f, const struct training_objective *o, bool small)
{
	struct race_pick *p = &f->picks[f->n_picks++];

	*p = (struct race_pick){.name = o->name};
	p->taken = form_add(&f->form, FORM_TOGGLE, 0, o->name, o->summary);
	p->taken->on = begins_taken(o->name);
	for (size_t i = 0; o->regularises && i < RACE_FORM_PARAMS; i++) {
		const char *arg = param_args[i];
		p->params[i] = add_arg(&f->form, 0, arg, arg + 2, NULL, small ? param_small[i] : NULL);
		p->params[i]->inner = true;
		p->params[i]->steps = FORM_BY_ROUND;
	}
}

void race_form_init(struct race_form *f, size_t weights)
{
	bool small = weights <= SMALL_MODEL;
	struct training_objective o;

	*f = (struct race_form){.n_picks = 0};
	form_add(&f->form, FORM_HEADING, 0, "Objectives", NULL);
	for (size_t i = 0; i < RACE_FORM_OBJECTIVES && training_objective(i, &o); i++)
		add_pick(f, &o, small);
	for (size_t i = 0; i < RACE_FIELDS; i++)
		add_entry(f, i, small);
	f->fields[RACE_WEIGHTS]->kind = FORM_CHOICE;
	f->fields[RACE_WEIGHTS]->choices = "all|adapter";
	f->fields[RACE_WEIGHTS]->choice = !small;
	for (size_t i = RACE_LORA_RANK; i <= RACE_LORA_TARGETS; i++)
		f->fields[i]->inner = true;
	f->fields[RACE_OUT]->empty = "none: nothing is saved";
	f->fields[RACE_MORE]->empty = "none";
	f->start = form_add(&f->form, FORM_BUTTON, 1, "Start", "runs the command below; s does so from every field");
	race_form_new_folder(f);
	race_form_settle(f);
}

void race_form_release(struct race_form *f)
{
	form_release(&f->form);
	free(f->proposed);
}

void race_form_new_folder(struct race_form *f)
{
	free(f->proposed);
	f->proposed = training_folder();
	set_text(f->fields[RACE_OUT], f->proposed);
}

void race_form_free_folder(struct race_form *f)
{
	if (strcmp(buf_str(&f->fields[RACE_OUT]->text), f->proposed) == 0)
		race_form_new_folder(f);
}

void race_form_settle(struct race_form *f)
{
	for (size_t i = 0; i < f->n_picks; i++)
		for (size_t k = 0; k < RACE_FORM_PARAMS; k++)
			if (f->picks[i].params[k])
				f->picks[i].params[k]->hidden = !f->picks[i].taken->on;
	for (size_t i = RACE_LORA_RANK; i <= RACE_LORA_TARGETS; i++)
		f->fields[i]->hidden = f->fields[RACE_WEIGHTS]->choice == 0;
	f->fields[RACE_SAVE_EVERY]->hidden = f->fields[RACE_OUT]->text.len == 0;
}

/* Is a value what the command takes by itself? */
static bool is_default(const struct form_field *field, const char *dflt)
{
	const char *text = buf_str(&field->text);

	if (!dflt || !*text)
		return !*text;
	return field->kind == FORM_NUMBER ? strtod(text, NULL) == strtod(dflt, NULL) : strcmp(text, dflt) == 0;
}

/* As a word in which variables stay what they are: what is typed into the form may hold them. */
static void add_typed_word(struct buf *out, const char *text)
{
	if (!strchr(text, '$')) {
		buf_addword(out, text);
		return;
	}
	buf_addch(out, '"');
	for (const char *p = text; *p; p++)
		buf_addf(out, "%s%c", strchr("\"\\", *p) ? "\\" : "", *p);
	buf_addch(out, '"');
}

static void add_said(const struct form_field *field, const char *name, const char *dflt, struct buf *out)
{
	struct buf value = {0};

	form_value(field, &value);
	bool same = field->kind == FORM_CHOICE ? dflt && strcmp(buf_str(&value), dflt) == 0 : is_default(field, dflt);
	if (!same && !field->hidden) {
		buf_addf(out, " %s%s ", name[0] == '-' ? "" : "--", name);
		add_typed_word(out, buf_str(&value));
	}
	buf_release(&value);
}

/* The value of a parameter that all chosen objectives have alike, which is then said once; NULL: they differ. */
static const struct form_field *shared_param(const struct race_form *f, size_t k)
{
	const struct form_field *shared = NULL;

	for (size_t i = 0; i < f->n_picks; i++) {
		const struct form_field *p = f->picks[i].params[k];

		if (!p || !f->picks[i].taken->on)
			continue;
		if (shared && strtod(buf_str(&shared->text), NULL) != strtod(buf_str(&p->text), NULL))
			return NULL;
		shared = p;
	}
	return shared;
}

/* "sft,bear:lambda=4" */
static void add_picks(const struct race_form *f, struct buf *out)
{
	const char *comma = " ";

	for (size_t i = 0; i < f->n_picks; i++) {
		const struct race_pick *p = &f->picks[i];

		if (!p->taken->on)
			continue;
		buf_addf(out, "%s%s", comma, p->name);
		comma = ",";
		for (size_t k = 0; k < RACE_FORM_PARAMS; k++)
			if (p->params[k] && !shared_param(f, k) &&
				!is_default(p->params[k], train_arg(param_args[k])->dflt))
				buf_addf(out, ":%s=%s", param_args[k] + 2, buf_str(&p->params[k]->text));
	}
}

void race_form_command(const struct race_form *f, struct buf *out)
{
	static const enum race_field order[] = {RACE_LORA_RANK, RACE_LORA_ALPHA, RACE_LORA_TARGETS, RACE_TARGETS,
		RACE_STEPS, RACE_BATCH, RACE_LR, RACE_SCHEDULE, RACE_TAU};
	static const enum race_field rest[] = {RACE_EVAL_EVERY, RACE_EVAL_CASES, RACE_SEED, RACE_SAVE_EVERY, RACE_OUT};

	buf_addstr(out, "train");
	add_picks(f, out);
	if (f->fields[RACE_WEIGHTS]->choice == 0)
		buf_addstr(out, " --full");
	for (size_t i = 0; i < ARRAY_LEN(order); i++) {
		const char *name = entries[order[i]].arg;
		add_said(f->fields[order[i]], name, name[0] == '-' ? train_arg(name)->dflt : NULL, out);
	}
	for (size_t k = RACE_FORM_PARAMS; k-- > 0;)
		if (shared_param(f, k))
			add_said(shared_param(f, k), param_args[k], train_arg(param_args[k])->dflt, out);
	for (size_t i = 0; i < ARRAY_LEN(rest); i++) {
		const char *name = entries[rest[i]].arg;
		const struct form_field *field = f->fields[rest[i]];
		if (field->text.len > 0)
			add_said(field, name, name[0] == '-' ? train_arg(name)->dflt : NULL, out);
	}
	if (f->fields[RACE_MORE]->text.len > 0)
		buf_addf(out, " %s", buf_str(&f->fields[RACE_MORE]->text));
}

int race_form_check(const struct race_form *f, struct err *err)
{
	struct buf command = {0};
	struct cmd_line line = {0};
	struct cmd_args args;
	size_t taken = 0;
	int failed;

	for (size_t i = 0; i < f->n_picks; i++)
		taken += f->picks[i].taken->on;
	if (taken == 0)
		return err_set(err, ERR_USAGE, "no objective is chosen: Space takes one into the race");
	race_form_command(f, &command);
	/* What keys run may hold several commands, and names to be filled in. */
	if (strpbrk(buf_str(&command), "{;"))
		failed = err_set(err, ERR_USAGE, "'{' and ';' cannot stand in a form: type the command after ':'");
	else
		failed = statement_split(&line, buf_str(&command), NULL, NULL, err);
	if (!failed) {
		failed = cmd_parse(train(), line.argc - 1, line.argv + 1, &args, err);
		cmd_args_release(&args);
		cmd_line_release(&line);
	}
	buf_release(&command);
	return failed;
}
