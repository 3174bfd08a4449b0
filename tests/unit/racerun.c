#include "racerun.h"

#include "check.h"

#include <unistd.h>

#include "base/buf.h"
#include "base/mem.h"
#include "store/file.h"

static void watch_event(void *arg, const struct train_event *e)
{
	struct watch *w = arg;

	w->kinds[e->kind]++;
	w->left = e->left;
	if (e->kind == TRAIN_PLANNED) {
		w->memory = e->memory;
		w->first_left = e->left;
	}
	if (e->kind == TRAIN_NOTE)
		snprintf(w->note, sizeof(w->note), "%s", e->text);
	if (e->kind == TRAIN_STEP && w->stop_at > 0 && e->step == w->stop_at)
		atomic_store(&w->control, TRAIN_STOP);
	if (e->kind == TRAIN_SAVED && w->on_saved)
		w->on_saved();
}

struct trainer *racerun_make(struct racecase *c, const struct train_config *config, struct watch *w)
{
	const struct train_observer observer = {watch_event, w};
	struct trainer *t;
	struct err err;

	check_ok(trainer_new(&t, config, &c->train, &observer, &err), &err);
	return t;
}

void racerun(struct racecase *c, const struct train_config *config, size_t stop_at, struct watch *w)
{
	struct watch own = {0};
	struct trainer *t;
	struct err err;
	bool finished;

	if (!w)
		w = &own;
	w->stop_at = stop_at;
	t = racerun_make(c, config, w);
	check_ok(trainer_run(t, &w->control, NULL, &finished, &err), &err);
	assert_int_equal(finished, stop_at == 0);
	trainer_free(t);
}

json_t *racerun_log(const char *run)
{
	char *path = file_join(run, "log.jsonl"), *rest;
	json_t *records = json_array();
	struct buf text = {0};
	struct err err;

	check_ok(file_read(&text, path, 1 << 24, &err), &err);
	assert_int_equal(text.at[text.len - 1], '\n');
	for (char *line = strtok_r(text.at, "\n", &rest); line; line = strtok_r(NULL, "\n", &rest)) {
		json_t *record = json_loads(line, 0, NULL);

		assert_non_null(record);
		json_object_del(record, "seconds");
		json_object_del(record, "search_seconds");
		json_array_append_new(records, record);
	}
	buf_release(&text);
	free(path);
	return records;
}

static void same_log(const char *run, const char *other)
{
	json_t *a = racerun_log(run), *b = racerun_log(other);

	assert_int_equal(json_array_size(a), json_array_size(b));
	for (size_t i = 0; i < json_array_size(a); i++)
		if (!json_equal(json_array_get(a, i), json_array_get(b, i)))
			fail_msg("line %zu of the logs of '%s' and '%s' differs:\n%s\n%s", i + 1, run, other,
				json_dumps(json_array_get(a, i), 0), json_dumps(json_array_get(b, i), 0));
	json_decref(a);
	json_decref(b);
}

void racerun_same_file(const char *run, const char *other, const char *name)
{
	char *a_path = file_join(run, name), *b_path = file_join(other, name);
	struct file_map a, b;
	struct err err;

	check_ok(file_map_init(&a, a_path, &err), &err);
	check_ok(file_map_init(&b, b_path, &err), &err);
	if (a.len != b.len || memcmp(a.at, b.at, a.len) != 0)
		fail_msg("'%s' and '%s' differ", a_path, b_path);
	file_map_release(&a);
	file_map_release(&b);
	free(a_path);
	free(b_path);
}

void racerun_same(const char *run, const char *other, const struct train_config *config)
{
	same_log(run, other);
	for (size_t i = 0; i < config->n_runners; i++) {
		char *weights = xasprintf("%s/last/%s", config->runners[i].name,
			config->full ? "model.safetensors" : "adapter_model.safetensors");
		char *moments = xasprintf("%s/last/trainer.safetensors", config->runners[i].name);

		racerun_same_file(run, other, weights);
		racerun_same_file(run, other, moments);
		free(weights);
		free(moments);
	}
}

struct train_config racerun_config(const char *objectives, bool full, const char *dir)
{
	struct train_config config = racecase_config(objectives);

	config.full = full;
	config.dir = dir;
	config.eval_every = 4;
	config.eval_cases = 3;
	config.save_every = 5;
	return config;
}

void racerun_in_memory(void)
{
	if (access("/dev/shm", W_OK) == 0)
		setenv("TMPDIR", "/dev/shm", 0);
}
