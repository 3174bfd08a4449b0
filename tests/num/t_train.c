/*
 * Training against the reference (PyTorch, set A): 20 steps at a constant learning rate, of all weights and of LoRA,
 * and the Hugging Face training loop with warm-up, linear decay and clipping. Losses and norms agree within 1e-4 of
 * themselves, trained tensors within 1e-4 of their largest entry.
 */
#include "../unit/tempdir.h"

#include <math.h>

#include "base/buf.h"
#include "model/lm.h"
#include "npy.h"
#include "racecase.h"
#include "store/file.h"
#include "store/json.h"
#include "store/safetensors.h"

#define TOLERANCE 1e-4

/* The reference's names for the objectives, in the order of the race; the first is not masked. */
#define RACE "sft,msl,bear,bear:K=5:xi=1:lambda=1"
static const char *const reference_names[] = {"lml", "msl", "bear", "bear_K5_xi1.0_lam1.0"};

struct worst {
	double curves, weights;
};

static json_t *read_reference(const char *name)
{
	char *path = ref_path(name);
	json_t *root = json_load_file(path, 0, NULL);

	if (!root)
		fail_msg("%s cannot be read", path);
	free(path);
	return root;
}

static void compare(struct worst *worst, const char *what, size_t step, double ours, double theirs)
{
	double off = fabs(ours - theirs) / fmax(fabs(theirs), 1e-12);

	if (!(off <= TOLERANCE) && ours != theirs)
		fail_msg("step %zu: %s is %.9g, and %.9g in the reference", step, what, ours, theirs);
	worst->curves = fmax(worst->curves, off);
}

/* The lines of a runner in the log, one by one, against the reference's lists. */
static void check_curve(
	struct worst *worst, const char *log, const char *name, const json_t *run, const char *norm_key, size_t steps)
{
	struct buf text = {0};
	size_t seen = 0;
	struct err err;
	char *line, *rest;

	check_ok(file_read(&text, log, 1 << 24, &err), &err);
	for (line = strtok_r(text.at, "\n", &rest); line; line = strtok_r(NULL, "\n", &rest)) {
		json_t *record = json_loads(line, 0, NULL);
		const json_t *objective = json_object_get(record, "objective");

		assert_non_null(record);
		if (objective && strcmp(json_string_value(objective), name) == 0) {
			const json_t *lr = json_array_get(json_object_get(run, "lr_used"), seen);

			compare(worst, "the loss", seen, json_number_value(json_object_get(record, "loss")),
				json_number_value(json_array_get(json_object_get(run, "loss"), seen)));
			compare(worst, "the gradient's norm", seen,
				json_number_value(json_object_get(record, "grad_norm")),
				json_number_value(json_array_get(json_object_get(run, norm_key), seen)));
			if (lr)
				compare(worst, "the learning rate", seen,
					json_number_value(json_object_get(record, "lr")), json_number_value(lr));
			seen++;
			assert_int_equal(json_integer_value(json_object_get(record, "step")), seen);
		}
		json_decref(record);
	}
	assert_int_equal(seen, steps);
	buf_release(&text);
}

/*
 * Rows of the output matrix that a masked objective has no gradient for: tokens that are never a choice, but at most
 * the only child. They stay as they were. In the reference softmax of a single value is off by rounding, of which AdamW
 * makes steps, so that theirs do not count.
 */
static void find_choices(const struct racecase *c, bool *is_choice)
{
	for (size_t p = 0; p < c->ref.prompts.n; p++) {
		uint32_t node = c->trie.item_leaf[c->ref.positives.at[p]];

		for (node = c->trie.parent[node]; node != TRIE_NONE; node = c->trie.parent[node])
			for (uint32_t k = c->trie.first[node]; k < c->trie.first[node + 1]; k++)
				is_choice[c->trie.token[k]] |= trie_n_children(&c->trie, node) > 1;
	}
}

struct comparison {
	const char *name;
	const float *ours, *theirs, *before;
	size_t rows, cols;
	const bool *counts; /* [rows] or NULL: all do */
};

static void compare_rows(struct worst *worst, const struct comparison *c)
{
	double largest = 0, off = 0;

	for (size_t i = 0; i < c->rows * c->cols; i++) {
		if (c->counts && !c->counts[i / c->cols]) {
			assert_true(c->ours[i] == c->before[i]);
			continue;
		}
		largest = fmax(largest, fabs(c->theirs[i]));
		off = isnan(c->ours[i]) ? INFINITY : fmax(off, fabs((double)c->ours[i] - c->theirs[i]));
	}
	if (!(off <= TOLERANCE * largest))
		fail_msg("%s is off by %g, and its largest entry is %g", c->name, off, largest);
	worst->weights = fmax(worst->weights, off / largest);
}

static struct tensor find_tensor(const struct safetensors *file, const char *name)
{
	struct tensor t;
	struct err err;

	check_ok(safetensors_tensor(file, name, &t, &err), &err);
	assert_int_equal(t.dtype, DTYPE_F32);
	return t;
}

static void open_file(struct safetensors *file, const char *path)
{
	struct err err;

	check_ok(safetensors_open(file, path, &err), &err);
}

/* A file of a checkpoint against one of the reference: the same tensors, no more and no fewer. choices: of a masked
 * objective, or NULL. */
static void check_weights(struct worst *worst, const char *ours_path, const char *reference, const bool *choices)
{
	char *theirs_path = ref_path(reference), *before_path = ref_path("A/model/model.safetensors");
	struct safetensors ours, theirs, before;

	open_file(&ours, ours_path);
	open_file(&theirs, theirs_path);
	open_file(&before, before_path);
	assert_int_equal(ours.entries.n, theirs.entries.n);
	for (size_t i = 0; i < theirs.entries.n; i++) {
		const char *name = theirs.entries.at[i].name;
		struct tensor a = find_tensor(&ours, name), b = find_tensor(&theirs, name);
		struct comparison c = {name, a.data, b.data, NULL, b.shape[0], b.dims > 1 ? b.shape[1] : 1, NULL};

		assert_int_equal(a.dims, b.dims);
		for (unsigned d = 0; d < a.dims; d++)
			assert_int_equal(a.shape[d], b.shape[d]);
		if (choices && strcmp(name, "lm_head.weight") == 0) {
			c.before = find_tensor(&before, name).data;
			c.counts = choices;
		}
		compare_rows(worst, &c);
	}
	safetensors_release(&ours);
	safetensors_release(&theirs);
	safetensors_release(&before);
	free(theirs_path);
	free(before_path);
}

/* A race over the batches of the reference, its folder made in dir. */
static struct trainer *run_race(
	struct racecase *c, const char *dir, struct train_config *config, const json_t *pairs, const char *lora)
{
	char *batches = tempdir_path(dir, "batches"), *out = tempdir_path(dir, "run");
	struct trainer *t;
	struct err err;
	bool finished;

	racecase_init(c, dir, lora, 2);
	racecase_write_batches(batches, pairs);
	config->batches = batches;
	config->dir = out;
	config->steps = json_array_size(pairs);
	check_ok(trainer_new(&t, config, &c->train, NULL, &err), &err);
	check_ok(trainer_run(t, NULL, NULL, &finished, &err), &err);
	assert_true(finished);
	free(batches);
	free(out);
	return t;
}

static void check_constant(const char *dir, bool full)
{
	json_t *root = read_reference("A/train/train.json");
	struct train_config config = racecase_config(RACE);
	struct runner_report reports[TRAIN_RUNNERS];
	char *log = tempdir_path(dir, "run/log.jsonl");
	struct worst worst = {0};
	bool *choices;
	struct trainer *t;
	struct racecase c;

	config.full = full;
	t = run_race(&c, dir, &config, json_object_get(root, "batch_pairs"), full ? NULL : "A/train/lora_init");
	choices = xcalloc(c.base->vocab, sizeof(*choices));
	find_choices(&c, choices);
	assert_int_equal(trainer_reports(t, reports), ARRAY_LEN(reference_names));
	for (size_t i = 0; i < ARRAY_LEN(reference_names); i++) {
		char *run = xasprintf("%s_%s", full ? "full" : "lora", reference_names[i]);
		char *file = xasprintf("A/train/%s%s", run, full ? ".safetensors" : "/adapter_model.safetensors");
		char *weights;

		check_curve(&worst, log, reports[i].name, json_object_get(json_object_get(root, "runs"), run),
			"grad_norm", 20);
		weights = file_join(reports[i].checkpoint, full ? "model.safetensors" : "adapter_model.safetensors");
		check_weights(&worst, weights, file, i > 0 ? choices : NULL);
		free(weights);
		free(run);
		free(file);
	}
	print_message("# worst: curves %.2g, weights %.2g\n", worst.curves, worst.weights);
	trainer_free(t);
	racecase_release(&c);
	json_decref(root);
	free(choices);
	free(log);
}

static void all_weights_are_trained_as_in_the_reference(void **state)
{
	check_constant(*state, true);
}

static void lora_is_trained_as_in_the_reference(void **state)
{
	check_constant(*state, false);
}

/* One objective at a time: their batches differ, since each run drew its own. */
static void check_published(const char *dir, const char *objective, const char *name, struct worst *worst)
{
	json_t *root = read_reference("A/train/official_trainer.json");
	const json_t *run = json_object_get(json_object_get(root, "runs"), name);
	struct train_config config = racecase_config(objective);
	char *own = tempdir_path(dir, name), *log = xasprintf("%s/run/log.jsonl", own);
	char *file = xasprintf("A/train/trainer_%s/adapter_model.safetensors", name);
	struct runner_report reports[TRAIN_RUNNERS];
	struct trainer *t;
	struct racecase c;
	char *weights;

	assert_int_equal(mkdir(own, 0700), 0);
	config.schedule = SCHEDULE_LINEAR;
	config.warmup = 20;
	config.clip = 1;
	t = run_race(&c, own, &config, json_object_get(run, "pairs"), "A/train/lora_init");
	trainer_reports(t, reports);
	check_curve(worst, log, objective, run, "grad_norm_before_clip", 30);
	weights = file_join(reports[0].checkpoint, "adapter_model.safetensors");
	check_weights(worst, weights, file, NULL);
	free(weights);
	trainer_free(t);
	racecase_release(&c);
	json_decref(root);
	free(file);
	free(log);
	free(own);
}

static void the_published_loop_is_followed(void **state)
{
	static const char *const objectives[] = {"sft", "msl", "bear"};
	struct worst worst = {0};

	for (size_t i = 0; i < ARRAY_LEN(objectives); i++)
		check_published(*state, objectives[i], reference_names[i], &worst);
	print_message("# worst: curves %.2g, weights %.2g\n", worst.curves, worst.weights);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		in_tempdir(all_weights_are_trained_as_in_the_reference),
		in_tempdir(lora_is_trained_as_in_the_reference),
		in_tempdir(the_published_loop_is_followed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
