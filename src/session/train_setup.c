#include "session/train_setup.h"

#include <ctype.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "model/transformer.h"
#include "session/cmdtab.h"
#include "session/record.h"
#include "store/file.h"

#define MIB 1048576.0

/* A number of struct train_config: what was said on the command line comes first, then --protocol published, then the
 * run that is gone on with, then the argument's default. */
static const struct number {
	enum train_arg arg;
	const char *key;  /* in run.json */
	double published; /* NaN: the published scripts say nothing of it */
	bool real;        /* double; else size_t */
	size_t offset;
} numbers[] = {
#define COUNT(arg, key, field, published) {arg, key, published, false, offsetof(struct train_config, field)}
#define REAL(arg, key, field, published) {arg, key, published, true, offsetof(struct train_config, field)}
	COUNT(TRAIN_LORA_RANK, "lora.r", lora.r, 8),
	REAL(TRAIN_LORA_ALPHA, "lora.alpha", lora.alpha, 16),
	REAL(TRAIN_LORA_DROPOUT, "lora.dropout", lora.dropout, 0.05),
	COUNT(TRAIN_STEPS, "steps", steps, (double)NAN),
	COUNT(TRAIN_EPOCHS, "epochs", epochs, 10),
	COUNT(TRAIN_BATCH, "batch", batch, 128),
	COUNT(TRAIN_ACCUMULATE, "accumulate", accumulate, (double)NAN),
	REAL(TRAIN_LR, "lr", lr, 1e-4),
	COUNT(TRAIN_WARMUP, "warmup", warmup, 20),
	REAL(TRAIN_CLIP, "clip", clip, 1),
	REAL(TRAIN_WEIGHT_DECAY, "weight_decay", weight_decay, 0),
	COUNT(TRAIN_EVAL_EVERY, "eval_every", eval_every, (double)NAN),
	COUNT(TRAIN_EVAL_CASES, "eval_cases", eval_cases, (double)NAN),
	COUNT(TRAIN_PATIENCE, "patience", patience, (double)NAN),
	COUNT(TRAIN_SAVE_EVERY, "save_every", save_every, (double)NAN),
	COUNT(TRAIN_KEEP, "keep", keep, (double)NAN),
#undef COUNT
#undef REAL
};

/* What does not go together. */
static const struct conflict {
	enum train_arg a, b;
	const char *why;
} conflicts[] = {
	{TRAIN_FULL, TRAIN_LORA_RANK, "--full trains all weights: there is no adapter for --lora-rank"},
	{TRAIN_FULL, TRAIN_LORA_ALPHA, "--full trains all weights: there is no adapter for --lora-alpha"},
	{TRAIN_FULL, TRAIN_LORA_DROPOUT, "--full trains all weights: there is no adapter for --lora-dropout"},
	{TRAIN_FULL, TRAIN_LORA_TARGETS, "--full trains all weights: there is no adapter for --lora-targets"},
	{TRAIN_STEPS, TRAIN_EPOCHS, "--steps and --epochs both say how long to train: give one of them"},
	{TRAIN_BATCH, TRAIN_BATCHES, "--batches says what every batch is made of: leave --batch out"},
	{TRAIN_OUT, TRAIN_RESUME, "--resume goes on in the folder that it names: leave --out out"},
};

static int check_together(const struct cmd_args *a, struct err *err)
{
	for (size_t i = 0; i < ARRAY_LEN(conflicts); i++)
		if (a->given[conflicts[i].a] && a->given[conflicts[i].b])
			return err_set(err, ERR_USAGE, "%s", conflicts[i].why);
	if (!a->given[TRAIN_OBJECTIVES] && !a->given[TRAIN_RESUME])
		return err_set(err, ERR_USAGE,
			"OBJECTIVES is missing: 'train sft,bear' trains with two, 'train --resume DIR' goes on with a "
			"run");
	if (a->given[TRAIN_RESUME] && !a->given[TRAIN_OBJECTIVES] &&
		(a->given[TRAIN_K] || a->given[TRAIN_XI] || a->given[TRAIN_LAMBDA]))
		return err_set(err, ERR_USAGE,
			"--resume goes on with the run's objectives as they are: leave --K, --xi and --lambda out");
	if (a->given[TRAIN_PATIENCE] && a->number[TRAIN_PATIENCE] > 0 && !a->given[TRAIN_RESUME] &&
		!(a->number[TRAIN_EVAL_EVERY] > 0 && a->number[TRAIN_EVAL_CASES] > 0))
		return err_set(err, ERR_USAGE, "--patience counts evaluations: say how often with --eval-every N");
	if (!a->given[TRAIN_OUT] && !a->given[TRAIN_RESUME] && a->number[TRAIN_SAVE_EVERY] > 0)
		return err_set(err, ERR_USAGE, "--save-every needs a folder to save in: --out DIR");
	return 0;
}

/* A member of the run by a dotted path; NULL: there is no run, or it does not say. */
static const json_t *run_value(const struct train_setup *t, const char *path)
{
	const json_t *v = t->run;
	char key[RECORD_KEY];

	while (v && *path) {
		size_t n = strcspn(path, ".");

		snprintf(key, sizeof(key), "%.*s", (int)n, path);
		v = json_object_get(v, key);
		path += n + (path[n] == '.');
	}
	return json_is_null(v) ? NULL : v;
}

static const char *run_text(const struct train_setup *t, const char *path)
{
	return json_string_value(run_value(t, path));
}

/* Is it an option that run.json holds, and that a run is gone on with? */
static bool is_of_run(const struct option_entry *e)
{
	static const char *const names[] = {"model", "adapter", "data", "seed", "threads"};

	for (size_t i = 0; i < ARRAY_LEN(names); i++)
		if (!strcmp(e->name, names[i]))
			return true;
	return e->flags & OPTION_SEARCH;
}

/* A path that was set back to nothing says nothing. */
static bool is_said(const struct options *o, const struct option_entry *e)
{
	return o->given[e - option_table] && (e->type != OPT_PATH || *(char *const *)option_field(o, e));
}

/* The options of a run, as settings_record wrote them; a path that it does not name is none. */
static int take_options(const struct train_setup *t, struct session *s, struct err *err)
{
	for (const struct option_entry *e = option_table; e->name; e++) {
		char key[RECORD_KEY];
		const json_t *v;
		char *text;
		int failed;

		record_setting_key(key, e);
		v = run_value(t, key);
		if ((!v && e->type != OPT_PATH) || !is_of_run(e) || is_said(&s->options, e))
			continue;
		if (!v || json_is_string(v))
			text = xstrdup(v ? json_string_value(v) : "");
		else
			text = json_dumps(v, JSON_ENCODE_ANY);
		failed = option_set(&s->options, e, text, err);
		free(text);
		if (failed)
			return err_prefix(err, "%s/run.json", t->dir);
	}
	return 0;
}

static int read_run(struct train_setup *t, struct session *s, const struct cmd_args *a, struct err *err)
{
	if (!a->given[TRAIN_RESUME])
		return 0;
	t->run = train_read_run(t->dir, err);
	return t->run ? take_options(t, s, err) : -1;
}

static bool is_published(const struct cmd_args *a)
{
	return a->given[TRAIN_PROTOCOL];
}

/* What the run says, within the bounds of the argument; 0 for steps stands for "as many as the epochs make". */
static int number_of_run(
	const struct train_setup *t, const struct number *n, const json_t *v, double *x, struct err *err)
{
	const struct cmd_arg *arg = &cmd_train.args[n->arg];

	*x = json_number_value(v);
	if (n->arg == TRAIN_STEPS && *x == 0)
		return 0;
	if (!(*x >= arg->min && *x <= arg->max) || (!n->real && *x != floor(*x)))
		return err_set(err, ERR_FORMAT, "%s/run.json: \"%s\" cannot be %g", t->dir, n->key, *x);
	return 0;
}

static int take_numbers(struct train_setup *t, const struct cmd_args *a, struct err *err)
{
	for (size_t i = 0; i < ARRAY_LEN(numbers); i++) {
		const struct number *n = &numbers[i];
		const json_t *of_run = run_value(t, n->key);
		char *field = (char *)&t->config + n->offset;
		double x = a->number[n->arg];

		if (!a->given[n->arg] && is_published(a) && !isnan(n->published))
			x = n->published;
		else if (!a->given[n->arg] && json_is_number(of_run) && number_of_run(t, n, of_run, &x, err))
			return -1;
		if (n->real)
			*(double *)field = x;
		else
			*(size_t *)field = (size_t)x;
	}
	/* What was said of the length comes before what the run says of it in another way. */
	if (a->given[TRAIN_EPOCHS])
		t->config.steps = 0;
	return 0;
}

/* Index of the choice: said, published, of the run, or the default. */
static int choose(const struct train_setup *t, const struct cmd_args *a, enum train_arg arg, const char *key,
	const char *choices, const char *published)
{
	const char *of_run = run_text(t, key);
	char text[16] = "";
	int i = -1;

	if (a->given[arg])
		return (int)a->number[arg];
	if (published && is_published(a))
		i = option_choice(choices, published);
	else if (of_run) {
		for (size_t k = 0; of_run[k] && k + 1 < sizeof(text); k++)
			text[k] = (char)tolower((unsigned char)of_run[k]);
		i = option_choice(choices, text);
	}
	return i >= 0 ? i : (int)a->number[arg];
}

/* A path or text: said, of the run, or the default. Caller frees; NULL: none. */
static char *take_text(
	const struct train_setup *t, const struct cmd_args *a, enum train_arg arg, const char *key)
{
	const char *of_run = run_text(t, key);
	const char *text = a->given[arg] || !of_run ? a->text[arg] : of_run;

	return text ? xstrdup(text) : NULL;
}

/* So that a run can be gone on with from anywhere. Caller frees. */
static char *whole_path(const char *path)
{
	char *whole = realpath(path, NULL), *here;

	if (whole || *path == '/')
		return whole ? whole : xstrdup(path);
	here = realpath(".", NULL);
	whole = here ? xasprintf("%s/%s", here, path) : xstrdup(path);
	free(here);
	return whole;
}

static void take_texts(struct train_setup *t, const struct cmd_args *a)
{
	char *batches = take_text(t, a, TRAIN_BATCHES, "batches"), *log = take_text(t, a, TRAIN_LOG, "log");

	t->lora_targets = take_text(t, a, TRAIN_LORA_TARGETS, "lora.targets");
	if (is_published(a) && !a->given[TRAIN_LORA_TARGETS]) {
		free(t->lora_targets);
		t->lora_targets = NULL;
	}
	t->batches = batches && !a->given[TRAIN_BATCH] ? whole_path(batches) : NULL;
	t->log = log ? whole_path(log) : NULL;
	free(batches);
	free(log);
}

static struct objective_params params_said(const struct options *o, const struct cmd_args *a)
{
	return (struct objective_params){
		.tau = o->tau,
		.K = (size_t)a->number[TRAIN_K],
		.xi = a->number[TRAIN_XI],
		.lambda = a->number[TRAIN_LAMBDA],
	};
}

int train_setup_init(struct train_setup *t, struct session *s, const struct cmd_args *a, struct err *err)
{
	struct train_config *c = &t->config;
	const char *dir = a->given[TRAIN_RESUME] ? a->text[TRAIN_RESUME] : a->text[TRAIN_OUT];
	const struct objective_params params = params_said(&s->options, a);

	memset(t, 0, sizeof(*t));
	if (check_together(a, err))
		return -1;
	/* A wrong word is said before models are loaded; the dataset may still ask for another tau or beam. */
	if (a->given[TRAIN_OBJECTIVES] &&
		runners_parse(c->runners, &c->n_runners, a->text[TRAIN_OBJECTIVES], &params, err))
		return -1;
	t->dir = dir ? xstrdup(dir) : NULL;
	if (read_run(t, s, a, err) || take_numbers(t, a, err))
		return -1;
	take_texts(t, a);
	c->full = a->given[TRAIN_FULL] || json_is_true(run_value(t, "full"));
	c->recompute = a->given[TRAIN_RECOMPUTE] || json_is_true(run_value(t, "recompute"));
	c->schedule = (enum schedule)choose(t, a, TRAIN_SCHEDULE, "schedule", TRAIN_SCHEDULES, "linear");
	c->save_dtype = (enum dtype)choose(t, a, TRAIN_SAVE_DTYPE, "save_dtype", TRAIN_DTYPES, NULL);
	t->targets = (enum targets_rule)choose(t, a, TRAIN_TARGETS, "targets", TRAIN_TARGETS_CHOICES, "last");
	t->eval_split_said = a->given[TRAIN_EVAL_SPLIT] || run_text(t, "eval_split");
	if (t->eval_split_said)
		t->eval_split =
			(enum split_kind)choose(t, a, TRAIN_EVAL_SPLIT, "eval_split", TRAIN_SPLITS, NULL);
	c->max_memory = (size_t)(a->number[TRAIN_MAX_MEMORY] * MIB);
	c->batches = t->batches;
	c->dir = t->dir;
	c->log = t->log;
	c->resume = t->run != NULL;
	return 0;
}

static int take_params(const struct train_setup *t, struct runner_config *r, const json_t *v, struct err *err)
{
	const struct objective_params p = {
		.tau = json_number_value(json_object_get(v, "tau")),
		.K = (size_t)json_integer_value(json_object_get(v, "K")),
		.xi = json_number_value(json_object_get(v, "xi")),
		.lambda = json_number_value(json_object_get(v, "lambda")),
	};

	if (!(p.tau > 0) || p.K < 1 || p.K > SIZE_MAX / 2 || !(p.xi > 0) || !(p.lambda >= 0))
		return err_set(
			err, ERR_FORMAT, "%s/run.json: the parameters of '%s' are out of range", t->dir, r->name);
	r->params = p;
	return 0;
}

/* A name as runners_parse makes it of the objective: it names a folder in the run's. */
static bool is_name_of(const char *name, const char *objective)
{
	size_t n = strlen(objective);

	return strlen(name) < RUNNER_NAME && strncmp(name, objective, n) == 0 && (!name[n] || name[n] == '-') &&
		!strchr(name, '/');
}

/* The objectives of the run that is gone on with. */
static int runners_of_run(struct train_setup *t, struct err *err)
{
	const json_t *list = run_value(t, "runners");
	struct train_config *c = &t->config;
	size_t i;
	json_t *v;

	if (json_array_size(list) == 0 || json_array_size(list) > TRAIN_RUNNERS)
		return err_set(err, ERR_FORMAT, "%s/run.json: \"runners\" is not a list of 1 to %d objectives", t->dir,
			TRAIN_RUNNERS);
	json_array_foreach((json_t *)list, i, v) {
		const char *name = json_string_value(json_object_get(v, "name"));
		const char *objective = json_string_value(json_object_get(v, "objective"));
		struct runner_config *r = &c->runners[i];

		if (!name || !objective || !is_name_of(name, objective))
			return err_set(err, ERR_FORMAT,
				"%s/run.json: \"runners[%zu]\" has no name that is its objective's", t->dir, i);
		r->objective = objective_find(objective, err);
		if (!r->objective)
			return err_prefix(err, "%s/run.json", t->dir);
		memcpy(r->name, name, strlen(name) + 1);
		if (take_params(t, r, v, err))
			return -1;
	}
	c->n_runners = i;
	return 0;
}

/* Those that were said; where the run has one of that name, its parameters are meant unless others were said too. */
static int runners_said(struct train_setup *t, const struct session *s, const struct cmd_args *a, struct err *err)
{
	const struct objective_params params = params_said(&s->now, a);
	struct train_config *c = &t->config;
	size_t i;
	json_t *v;

	if (runners_parse(c->runners, &c->n_runners, a->text[TRAIN_OBJECTIVES], &params, err))
		return -1;
	if (a->given[TRAIN_K] || a->given[TRAIN_XI] || a->given[TRAIN_LAMBDA])
		return 0;
	json_array_foreach((json_t *)run_value(t, "runners"), i, v) {
		const char *name = json_string_value(json_object_get(v, "name"));

		for (size_t k = 0; name && k < c->n_runners; k++)
			if (!strcmp(c->runners[k].name, name) && take_params(t, &c->runners[k], v, err))
				return -1;
	}
	return 0;
}

static int check_adapter(const struct train_setup *t, const struct model_stage *m, const struct cmd_args *a,
	struct err *err)
{
	static const enum train_arg fresh[] = {
		TRAIN_LORA_RANK,
		TRAIN_LORA_ALPHA,
		TRAIN_LORA_DROPOUT,
		TRAIN_LORA_TARGETS,
	};

	if (t->config.full || !transformer_adapter(m->lm))
		return 0;
	for (size_t i = 0; i < ARRAY_LEN(fresh); i++)
		if (a->given[fresh[i]])
			return err_set(err, ERR_USAGE,
				"the loaded adapter is trained on as it is: its rank, alpha, dropout and targets are "
				"in its adapter_config.json, and no --lora option can change them");
	return 0;
}

/* Where nothing was said: the validation split, or the test split where there is no other. */
static int find_split(struct train_setup *t, const struct dataset *d, struct err *err)
{
	if (!d->splits[SPLIT_TRAIN].file)
		return err_set(err, ERR_VALUE, "dataset '%s' has no cases to train on: it has no train split", d->name);
	if (t->config.eval_cases == 0)
		return 0;
	if (!t->eval_split_said)
		t->eval_split = d->splits[SPLIT_VALID].file ? SPLIT_VALID : SPLIT_TEST;
	t->eval_fallback = t->eval_split == SPLIT_TEST && !d->splits[SPLIT_VALID].file;
	if (d->splits[t->eval_split].n == 0)
		return err_set(err, ERR_VALUE,
			"dataset '%s' has no %s split to evaluate on: choose another with --eval-split, or none with "
			"--eval-cases 0",
			d->name, split_name(t->eval_split));
	return 0;
}

static json_t *path_value(const char *path)
{
	char *whole = path ? whole_path(path) : NULL;
	json_t *v = record_string(whole);

	free(whole);
	return v;
}

/* What run.json holds beside the trainer's own settings: enough to find everything again. */
static json_t *settings_record(const struct train_setup *t, const struct session *s)
{
	static const char *const others[] = {"split", "scan"}; /* no part in training */
	const struct loaded *l = &s->loaded;
	json_t *v = record_settings(s);

	for (size_t i = 0; i < ARRAY_LEN(others); i++)
		json_object_del(v, others[i]);
	json_object_set_new(v, "model", path_value(l->model->path));
	json_object_set_new(v, "adapter", path_value(s->options.adapter));
	json_object_set_new(v, "data", path_value(l->data->path));
	if (s->now.template_name && file_exists(s->now.template_name))
		json_object_set_new(v, "template", path_value(s->now.template_name));
	json_object_set_new(v, "threads", record_count(pool_threads(kern_pool(l->model->kern))));
	json_object_set_new(v, "log", record_string(t->log));
	json_object_set_new(v, "targets", json_string(t->targets == TARGETS_ALL ? "all" : "last"));
	json_object_set_new(v, "eval_split",
		t->config.eval_cases > 0 ? json_string(split_name(t->eval_split)) : json_null());
	return v;
}

int train_setup_finish(struct train_setup *t, const struct session *s, const struct cmd_args *a, struct err *err)
{
	const struct model_stage *m = s->loaded.model;

	if (m->is_table)
		return err_set(err, ERR_UNSUPPORTED,
			"model '%s' is a probability table: it has no weights to train; name a Hugging Face directory "
			"with -m",
			m->path);
	if (check_adapter(t, m, a, err) || find_split(t, s->loaded.data->dataset, err))
		return -1;
	if (a->given[TRAIN_OBJECTIVES] ? runners_said(t, s, a, err) : runners_of_run(t, err))
		return -1;
	if (!t->lora_targets)
		t->lora_targets = xstrdup(transformer_config(m->lm)->arch->targets);
	t->config.lora.targets = t->lora_targets;
	t->config.seed = (uint64_t)s->now.seed;
	t->settings = settings_record(t, s);
	t->config.settings = t->settings;
	return 0;
}

void train_setup_release(struct train_setup *t)
{
	json_decref(t->run);
	json_decref(t->settings);
	free(t->dir);
	free(t->log);
	free(t->batches);
	free(t->lora_targets);
}
