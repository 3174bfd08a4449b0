#include "train/runfile.h"

#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "base/map.h"
#include "store/file.h"

static const char *const masks[] = {"before", "after"};

/* Settings that do not change what a step does. */
static const char *const free_to_change[] = {"program", "steps", "epochs", "updates", "eval_every", "eval_cases",
	"eval_mask", "eval_tau", "eval_beam", "patience", "save_every", "keep", "save_dtype", "threads", "log",
	"held_out", "eval_split", "beam", "mask", "search", "length_penalty", "early_stopping", "budget"};

/* Where things are found: they may be moved, and run.json be told so. */
static const char *const places[] = {"model", "adapter", "data", "batches"};

static void set_count(json_t *object, const char *key, size_t n)
{
	json_object_set_new(object, key, json_integer((json_int_t)n));
}

static void set_real(json_t *object, const char *key, double x)
{
	json_object_set_new(object, key, json_real_or_null(x));
}

static void set_text(json_t *object, const char *key, const char *text)
{
	json_object_set_new(object, key, text ? json_string(text) : json_null());
}

static json_t *runners_json(const struct train_config *c)
{
	json_t *all = json_array();

	for (size_t i = 0; i < c->n_runners; i++) {
		const struct runner_config *r = &c->runners[i];
		json_t *one = json_object();

		set_text(one, "name", r->name);
		set_text(one, "objective", r->objective->name);
		set_real(one, "tau", r->params.tau);
		set_count(one, "K", r->params.K);
		set_real(one, "xi", r->params.xi);
		set_real(one, "lambda", r->params.lambda);
		json_array_append_new(all, one);
	}
	return all;
}

static json_t *lora_json(const struct adapter_config *lora)
{
	json_t *object = json_object();

	set_count(object, "r", lora->r);
	set_real(object, "alpha", lora->alpha);
	set_real(object, "dropout", lora->dropout);
	json_object_set_new(object, "rslora", json_boolean(lora->rslora));
	set_text(object, "targets", lora->targets);
	return object;
}

static void add_optimiser(json_t *object, const struct train_config *c)
{
	set_count(object, "batch", c->batch);
	set_count(object, "accumulate", c->accumulate);
	set_text(object, "batches", c->batches);
	set_real(object, "lr", c->lr);
	set_text(object, "schedule", schedule_name(c->schedule));
	set_count(object, "warmup", c->warmup);
	set_real(object, "clip", c->clip);
	set_real(object, "weight_decay", c->weight_decay);
	json_object_set_new(object, "seed", json_integer((json_int_t)c->seed));
	json_object_set_new(object, "recompute", json_boolean(c->recompute));
}

static void add_watching(json_t *object, const struct train_config *c, const struct train_data *d)
{
	set_count(object, "eval_every", c->eval_every);
	set_count(object, "eval_cases", c->eval_cases);
	set_count(object, "held_out", d->n_held_out);
	set_text(object, "eval_mask", masks[d->mask]);
	set_real(object, "eval_tau", d->tau);
	set_count(object, "eval_beam", d->diagnose.beam.width);
	set_count(object, "patience", c->patience);
	set_count(object, "save_every", c->save_every);
	set_count(object, "keep", c->keep);
	set_text(object, "save_dtype", dtype_name(c->save_dtype));
}

json_t *runfile_json(
	const struct train_config *c, const struct train_data *d, const struct adapter_config *lora, size_t updates)
{
	json_t *object = json_object();

	set_text(object, "program", PACKAGE_STRING);
	json_object_set_new(object, "runners", runners_json(c));
	json_object_set_new(object, "full", json_boolean(c->full));
	json_object_set_new(object, "lora", lora ? lora_json(lora) : json_null());
	set_count(object, "examples", d->examples->at.n);
	set_count(object, "sequences", d->trie->n_leaves);
	set_count(object, "steps", c->steps);
	set_count(object, "epochs", c->epochs);
	set_count(object, "updates", updates);
	add_optimiser(object, c);
	add_watching(object, c, d);
	if (c->settings)
		json_object_update_missing(object, c->settings);
	return object;
}

static bool is_among(const char *key, const char *const *names, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (strcmp(names[i], key) == 0)
			return true;
	return false;
}

static bool may_change(const char *key)
{
	return is_among(key, free_to_change, ARRAY_LEN(free_to_change));
}

static void add_objectives(struct buf *b, const json_t *runners)
{
	size_t i;
	json_t *r;

	json_array_foreach((json_t *)runners, i, r) {
		const char *name = json_string_value(json_object_get(r, "name"));

		buf_addf(b, "%s%s (tau %g, K %lld, xi %g, lambda %g)", i > 0 ? ", " : "", name ? name : "?",
			json_number_value(json_object_get(r, "tau")),
			(long long)json_integer_value(json_object_get(r, "K")),
			json_number_value(json_object_get(r, "xi")), json_number_value(json_object_get(r, "lambda")));
	}
}

/* A setting as a sentence has it: objectives by name and parameters, all else as JSON. */
static void add_value(struct buf *b, bool are_objectives, const json_t *value)
{
	if (!value)
		buf_addstr(b, "unset");
	else if (are_objectives)
		add_objectives(b, value);
	else
		json_add(b, value);
}

static int refuse(const json_t *old, const json_t *new, const char *key, const char *dir, struct err *err)
{
	bool are_objectives = strcmp(key, "runners") == 0;
	struct buf was = {0}, is = {0};

	add_value(&was, are_objectives, old);
	add_value(&is, are_objectives, new);
	err_set(err, ERR_VALUE, "the run in '%s' was begun with %s %.200s, not %.200s: give the same, or another --out",
		dir, are_objectives ? "the objectives" : key, buf_str(&was), buf_str(&is));
	buf_release(&was);
	buf_release(&is);
	return -1;
}

int runfile_check(const json_t *old, const json_t *new, const char *dir, struct err *err)
{
	const json_t *was = json_object_get(old, "updates"), *is = json_object_get(new, "updates"), *other;
	const char *key;
	json_t *value;

	json_object_foreach((json_t *)new, key, value) {
		other = json_object_get(old, key);
		if (!may_change(key) && !(other && json_equal(other, value)))
			return refuse(other, value, key, dir, err);
	}
	json_object_foreach((json_t *)old, key, value)
		if (!may_change(key) && !json_object_get(new, key))
			return refuse(value, NULL, key, dir, err);
	if (json_integer_value(is) < json_integer_value(was))
		return err_set(err, ERR_VALUE,
			"the run in '%s' was begun for %lld steps, not %lld: it can be given more steps, not fewer",
			dir, (long long)json_integer_value(was), (long long)json_integer_value(is));
	return 0;
}

uint64_t runfile_fingerprint(const json_t *settings)
{
	json_t *fixed = json_object();
	struct buf text = {0};
	const char *key;
	uint64_t hash;
	json_t *value;

	json_object_foreach((json_t *)settings, key, value)
		if (!may_change(key) && !is_among(key, places, ARRAY_LEN(places)))
			json_object_set(fixed, key, value);
	json_add(&text, fixed);
	hash = hash_bytes(buf_str(&text), text.len);
	buf_release(&text);
	json_decref(fixed);
	return hash;
}

json_t *train_read_run(const char *dir, struct err *err)
{
	char *path = file_join(dir, RUN_FILE);
	struct json_doc doc = {0};
	json_t *run = NULL;

	if (!file_exists(path))
		err_set(err, ERR_NOT_FOUND, "'%s' holds no training run: it has no %s", dir, RUN_FILE);
	else if (json_doc_read(&doc, path, err) == 0 && json_as_object(&doc.root, err) == 0)
		run = json_incref(doc.json);
	json_doc_release(&doc);
	free(path);
	return run;
}
