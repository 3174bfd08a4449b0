/*
 * Races on the reference's tiny model: what is written and when, what is refused, and how a race ends. Numbers against
 * the reference are in tests/num/t_train.c.
 */
#include "tempdir.h"

#include <math.h>
#include <pthread.h>
#include <time.h>

#include "model/transformer.h"
#include "racerun.h"
#include "store/file.h"
#include "store/safetensors.h"

static json_t *member(json_t *records, size_t line, const char *key)
{
	return json_object_get(json_array_get(records, line), key);
}

static void the_log_says_what_was_done(void **state)
{
	static const char *const figures[] = {"hr@5", "ndcg@5", "exact_hr@5", "exact_ndcg@5", "pruning_rate",
		"search_recall@5", "lucky", "condition_violated", "nll_before", "nll_after"};
	static const char *const settings[] = {"steps", "batch", "lr", "schedule", "warmup", "clip", "weight_decay",
		"eval_every", "save_every", "keep", "seed", "full", "lora", "split"};
	static const size_t evals[] = {1, 2, 11, 12, 21, 22, 31, 32};
	char *dir = tempdir_path(*state, "run");
	struct train_config config = racerun_config("bear,direct:K=3", false, dir);
	json_t *log, *own = json_pack("{s:s}", "split", "train");
	struct racecase c;

	racecase_init(&c, *state, NULL, 2);
	config.settings = own;
	racerun(&c, &config, 0, NULL);
	log = racerun_log(dir);
	for (size_t i = 0; i < ARRAY_LEN(settings); i++)
		if (!member(log, 0, settings[i]))
			fail_msg("the first line lacks %s", settings[i]);
	assert_string_equal(json_string_value(member(log, 0, "split")), "train");
	assert_int_equal(json_array_size(log), 1 + 2 * 12 + 2 * 4);
	for (size_t i = 0; i < ARRAY_LEN(evals); i++) {
		const json_t *eval = member(log, evals[i], "eval");

		assert_non_null(eval);
		assert_int_equal(json_integer_value(member(log, evals[i], "step")), i / 2 * 4);
		assert_int_equal(json_integer_value(json_object_get(eval, "cases")), 3);
		for (size_t k = 0; k < ARRAY_LEN(figures); k++)
			assert_non_null(json_object_get(eval, figures[k]));
		assert_true(json_is_number(json_object_get(eval, "nll_before")));
		assert_true(json_is_number(json_object_get(eval, "ndcg@5")));
	}
	for (size_t i = 3; i < 11; i++) {
		assert_string_equal(json_string_value(member(log, i, "objective")), i % 2 ? "bear" : "direct-K3");
		assert_int_equal(json_integer_value(member(log, i, "step")), (i - 1) / 2);
		assert_true(json_real_value(member(log, i, "loss")) > 0);
		assert_true(json_real_value(member(log, i, "grad_norm")) > 0);
		assert_true(json_real_value(member(log, i, "lr")) == 1e-3);
		assert_true(json_integer_value(member(log, i, "tokens")) > 0);
	}
	json_decref(log);
	json_decref(own);
	racecase_release(&c);
	free(dir);
}

static void all_runners_begin_alike(void **state)
{
	char *dir = tempdir_path(*state, "run");
	struct train_config config = racerun_config("msl,bear:lambda=0,sft", false, dir);
	struct racecase c;
	json_t *log;

	racecase_init(&c, *state, NULL, 2);
	racerun(&c, &config, 0, NULL);
	log = racerun_log(dir);
	for (size_t i = 2; i < 4; i++)
		assert_true(json_equal(member(log, 1, "eval"), member(log, i, "eval")));
	/* λ = 0 leaves the same direction, but for the number of tokens that the mean is over. */
	assert_int_equal(json_integer_value(member(log, 4, "tokens")), json_integer_value(member(log, 5, "tokens")));
	json_decref(log);
	racecase_release(&c);
	free(dir);
}

static void checkpoints_come_and_go(void **state)
{
	static const struct {
		size_t keep, left;
	} cases[] = {{1, 1}, {2, 2}, {9, 5}};
	struct racecase c;

	racecase_init(&c, *state, NULL, 2);
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		char *dir = xasprintf("%s/run-%zu", (char *)*state, i), *runner = file_join(dir, "bear"),
		     *last = file_join(runner, "last"), *config_json = file_join(last, "config.json");
		struct train_config config = racerun_config("bear", true, dir);
		char target[64] = {0};
		struct watch w = {0};

		config.save_every = 3;
		config.steps = 13;
		config.keep = cases[i].keep;
		racerun(&c, &config, 0, &w);
		assert_int_equal(w.kinds[TRAIN_SAVED], 5);
		assert_true(isnan(w.first_left) && w.left == 0);
		assert_int_equal(tempdir_count(runner), cases[i].left + 1);
		assert_true(readlink(last, target, sizeof(target) - 1) > 0);
		assert_string_equal(target, "step-000013");
		assert_true(file_exists(config_json));
		free(config_json);
		free(last);
		free(runner);
		free(dir);
	}
	racecase_release(&c);
}

/* At a learning rate of 0 nothing gets better than what the runners begin with. */
static void a_runner_that_gets_no_better_stops(void **state)
{
	char *dir = tempdir_path(*state, "run"), *best = tempdir_path(*state, "run/bear/best"), target[64] = {0};
	struct train_config config = racerun_config("sft,bear", true, dir);
	struct runner_report reports[TRAIN_RUNNERS];
	struct watch w = {0};
	struct trainer *t;
	struct racecase c;
	struct err err;
	bool finished;

	racecase_init(&c, *state, NULL, 2);
	config.lr = 0;
	config.eval_every = 2;
	config.patience = 2;
	t = racerun_make(&c, &config, &w);
	check_ok(trainer_run(t, &w.control, NULL, &finished, &err), &err);
	assert_true(finished);
	assert_int_equal(trainer_reports(t, reports), 2);
	for (size_t i = 0; i < 2; i++) {
		assert_true(reports[i].stopped_early);
		assert_true(reports[i].evaluated);
		assert_int_equal(reports[i].step, 4);
		assert_int_equal(reports[i].metrics.cases, 3);
	}
	assert_int_equal(w.kinds[TRAIN_STOPPED], 2);
	assert_int_equal(w.kinds[TRAIN_STEP], 8);
	assert_true(readlink(best, target, sizeof(target) - 1) > 0);
	assert_string_equal(target, "step-000000");
	assert_true(file_is_dir(best)); /* though one newer checkpoint is to be kept */
	trainer_free(t);
	/* There is nothing left to do, and the last evaluation is known again. */
	config.resume = true;
	memset(&w, 0, sizeof(w));
	t = racerun_make(&c, &config, &w);
	check_ok(trainer_run(t, &w.control, NULL, &finished, &err), &err);
	assert_true(finished);
	assert_int_equal(w.kinds[TRAIN_STEP] + w.kinds[TRAIN_EVAL] + w.kinds[TRAIN_SAVED], 0);
	trainer_reports(t, reports);
	assert_true(reports[1].evaluated && reports[1].stopped_early);
	assert_int_equal(reports[1].metrics.cases, 3);
	trainer_free(t);
	racecase_release(&c);
	free(best);
	free(dir);
}

static void refuse(struct racecase *c, const struct train_config *config, enum err_code code, const char *why)
{
	struct trainer *t;
	struct err err;

	check_refused(trainer_new(&t, config, &c->train, NULL, &err), &err, code, why);
}

static void another_race_cannot_go_on(void **state)
{
	char *dir = tempdir_path(*state, "run"), *nowhere = tempdir_path(*state, "nowhere"),
	     *run = tempdir_path(*state, "run/run.json");
	struct train_config config = racerun_config("sft,bear", true, dir), other;
	struct runner_config swapped;
	struct racecase c;

	racecase_init(&c, *state, NULL, 2);
	racerun(&c, &config, 6, NULL);
	refuse(&c, &config, ERR_VALUE, "--resume");
	config.resume = true;
	other = config;
	other.lr = 2e-3;
	refuse(&c, &other, ERR_VALUE, "lr 0.001, not 0.002");
	other = config;
	other.seed = 8;
	refuse(&c, &other, ERR_VALUE, "seed 7, not 8");
	other = config;
	other.batch = 3;
	refuse(&c, &other, ERR_VALUE, "batch 4, not 3");
	other = config;
	other.steps = 11;
	refuse(&c, &other, ERR_VALUE, "12 steps, not 11");
	other = config;
	swapped = other.runners[0];
	other.runners[0] = other.runners[1];
	other.runners[1] = swapped;
	refuse(&c, &other, ERR_VALUE, "begun with the objectives sft (tau 1,");
	other = config;
	other.full = false;
	refuse(&c, &other, ERR_VALUE, "full true, not false");
	assert_int_equal(unlink(run), 0);
	other = config;
	other.steps = 5;
	refuse(&c, &other, ERR_VALUE, "is of step 6, beyond the 5");
	other = config;
	other.dir = nowhere;
	refuse(&c, &other, ERR_NOT_FOUND, "nowhere");
	other.dir = NULL;
	refuse(&c, &other, ERR_VALUE, "no directory");
	config.eval_every = 5;
	config.eval_cases = 2;
	config.save_every = 1;
	config.keep = 2;
	config.steps = 14;
	racerun(&c, &config, 0, NULL);
	racecase_release(&c);
	free(run);
	free(nowhere);
	free(dir);
}

static void two_processes_do_not_share_a_folder(void **state)
{
	char *dir = tempdir_path(*state, "run");
	struct train_config config = racerun_config("sft", true, dir);
	struct trainer *holder;
	struct watch w = {0};
	struct racecase c;

	racecase_init(&c, *state, NULL, 2);
	racerun(&c, &config, 3, NULL);
	config.resume = true;
	holder = racerun_make(&c, &config, &w);
	refuse(&c, &config, ERR_VALUE, "another process is training");
	trainer_free(holder);
	racerun(&c, &config, 0, NULL);
	racecase_release(&c);
	free(dir);
}

static void impossible_settings_are_refused(void **state)
{
	struct train_config config = racerun_config("sft", true, NULL), other = config;
	struct racecase c;

	racecase_init(&c, *state, NULL, 2);
	other.batch = 0;
	refuse(&c, &other, ERR_VALUE, "--batch");
	other = config;
	other.steps = 0;
	refuse(&c, &other, ERR_VALUE, "--steps");
	other = config;
	other.lr = NAN;
	refuse(&c, &other, ERR_VALUE, "learning rate");
	other = config;
	other.keep = 0;
	refuse(&c, &other, ERR_VALUE, "--keep");
	other = config;
	other.patience = 1;
	other.eval_cases = 0;
	refuse(&c, &other, ERR_VALUE, "--eval-cases");
	other = config;
	c.train.n_held_out = 0;
	refuse(&c, &other, ERR_VALUE, "no held-out cases");
	racecase_release(&c);
}

static void memory_is_planned(void **state)
{
	char *dir = tempdir_path(*state, "run");
	struct train_config config = racerun_config("sft,bear", true, dir);
	struct watch one = {0}, two = {0}, lora = {0}, small = {0};
	size_t values;
	struct racecase c;

	racecase_init(&c, *state, NULL, 2);
	values = transformer_params(c.base)->elements * sizeof(float);
	config.max_memory = 100000;
	refuse(&c, &config, ERR_MEMORY, "--recompute, fewer objectives, LoRA instead of --full");
	assert_int_equal(access(dir, F_OK), -1);
	config.max_memory = 0;
	config.dir = NULL;
	trainer_free(racerun_make(&c, &config, &two));
	racerun(&c, &config, 1, &two);
	config.batch = 1;
	racerun(&c, &config, 1, &small);
	config.batch = 4;
	config.n_runners = 1;
	racerun(&c, &config, 1, &one);
	config.full = false;
	racerun(&c, &config, 1, &lora);
	/* Values and two moments each, one gradient in all. */
	assert_true(two.memory - one.memory >= 3 * values && two.memory - one.memory < 4 * values);
	assert_true(one.memory > 4 * values);
	assert_true(small.memory < two.memory);
	assert_true(lora.memory < one.memory - 3 * values);
	config.max_memory = lora.memory - 1;
	refuse(&c, &config, ERR_MEMORY, "would make it smaller");
	config.max_memory = lora.memory;
	racerun(&c, &config, 1, NULL);
	racecase_release(&c);
	free(dir);
}

/* A learning rate that throws the weights out of all range. */
static void a_loss_that_is_not_finite_ends_the_race(void **state)
{
	char *dir = tempdir_path(*state, "run"), *good = tempdir_path(*state, "good");
	struct train_config config = racerun_config("sft,bear", true, dir);
	struct watch w = {0};
	struct racecase c;
	struct trainer *t;
	struct err err;
	bool finished;

	racecase_init(&c, *state, NULL, 2);
	config.warmup = 1;
	config.lr = 1e30;
	config.eval_cases = 0;
	config.save_every = 1;
	t = racerun_make(&c, &config, &w);
	check_refused(trainer_run(t, &w.control, NULL, &finished, &err), &err, ERR_VALUE, "'sft' at step 3");
	assert_non_null(strstr(err.msg, "the loss"));
	assert_null(strstr(err.msg, "--resume")); /* it would end there again */
	assert_non_null(strstr(err.msg, "checkpoint of step 2"));
	assert_false(finished);
	trainer_free(t);
	config.dir = NULL;
	t = racerun_make(&c, &config, &w);
	check_refused(trainer_run(t, &w.control, NULL, &finished, &err), &err, ERR_VALUE, "'sft' at step 3");
	assert_null(strstr(err.msg, "checkpoint"));
	trainer_free(t);
	racecase_release(&c);
	free(good);
	free(dir);
}

/* A run's final weights of one tensor. Caller frees. */
static float *read_weights(const char *dir, const char *runner, const char *name, size_t *n)
{
	char *path = xasprintf("%s/%s/last/model.safetensors", dir, runner);
	struct safetensors file;
	struct tensor t;
	struct err err;
	float *values;

	check_ok(safetensors_open(&file, path, &err), &err);
	check_ok(safetensors_tensor(&file, name, &t, &err), &err);
	*n = tensor_elements(&t);
	values = xcalloc(*n, sizeof(*values));
	memcpy(values, t.data, *n * sizeof(*values));
	safetensors_release(&file);
	free(path);
	return values;
}

/* With a gradient clipped to nothing, decay alone moves the weights: matrices, not vectors. */
static void only_matrices_decay(void **state)
{
	static const struct {
		const char *name;
		double by;
	} tensors[] = {
		{"model.layers.0.self_attn.q_proj.weight", 1 - 1e-3 * 0.5},
		{"model.embed_tokens.weight", 1 - 1e-3 * 0.5},
		{"model.layers.0.input_layernorm.weight", 1},
		{"model.norm.weight", 1},
	};
	char *still = tempdir_path(*state, "still"), *decayed = tempdir_path(*state, "decayed");
	struct train_config config = racerun_config("sft", true, still);
	struct racecase c;

	racecase_init(&c, *state, NULL, 2);
	config.eval_cases = 0;
	config.steps = 1;
	config.clip = 1e-30;
	racerun(&c, &config, 0, NULL);
	config.dir = decayed;
	config.weight_decay = 0.5;
	racerun(&c, &config, 0, NULL);
	for (size_t i = 0; i < ARRAY_LEN(tensors); i++) {
		size_t n;
		float *before = read_weights(still, "sft", tensors[i].name, &n),
		      *after = read_weights(decayed, "sft", tensors[i].name, &n);

		for (size_t k = 0; k < n; k++)
			assert_true(fabs(after[k] - tensors[i].by * before[k]) <= 1e-7 * fabs(before[k]));
		free(before);
		free(after);
	}
	racecase_release(&c);
	free(still);
	free(decayed);
}

static void close_to(json_t *a, json_t *b)
{
	double x = json_number_value(a), y = json_number_value(b);

	if (!(fabs(x - y) <= 1e-4 * fabs(x)))
		fail_msg("%.9g and %.9g", x, y);
}

/* Two batches of an update that are the same have their mean for a gradient. */
static void accumulation_is_a_mean(void **state)
{
	char *once = tempdir_path(*state, "once"), *twice = tempdir_path(*state, "twice"),
	     *single = tempdir_put(*state, "single", "p0 p3\np5\n", 9),
	     *pairs = tempdir_put(*state, "pairs", "p0 p3\np0 p3\np5\np5\n", 18);
	struct train_config config = racerun_config("sft,bear", true, once);
	size_t steps = 0;
	json_t *a, *b;
	struct racecase c;

	racecase_init(&c, *state, NULL, 2);
	config.batches = single;
	config.clip = 0.5;
	racerun(&c, &config, 0, NULL);
	config.dir = twice;
	config.batches = pairs;
	config.accumulate = 2;
	racerun(&c, &config, 0, NULL);
	a = racerun_log(once);
	b = racerun_log(twice);
	assert_int_equal(json_array_size(a), json_array_size(b));
	for (size_t i = 1; i < json_array_size(a); i++) {
		if (!member(a, i, "loss"))
			continue;
		close_to(member(a, i, "loss"), member(b, i, "loss"));
		close_to(member(a, i, "grad_norm"), member(b, i, "grad_norm"));
		assert_int_equal(
			json_integer_value(member(b, i, "tokens")), 2 * json_integer_value(member(a, i, "tokens")));
		steps++;
	}
	assert_int_equal(steps, 2 * config.steps);
	json_decref(a);
	json_decref(b);
	racecase_release(&c);
	free(single);
	free(pairs);
	free(once);
	free(twice);
}

/* At a learning rate of 0 and with the same batch in every step only the masks differ: from step to step, not between
 * runners. λ = 0 makes K count for nothing. */
static void dropout_is_drawn_anew_for_every_batch(void **state)
{
	char *dir = tempdir_path(*state, "run"), *batches = tempdir_put(*state, "batches", "p0 p3\n", 6);
	struct train_config config = racerun_config("bear:lambda=0,bear:lambda=0:K=5", false, dir);
	struct racecase c;
	json_t *log;

	racecase_init(&c, *state, NULL, 2);
	config.batches = batches;
	config.eval_cases = 0;
	config.lr = 0;
	racerun(&c, &config, 0, NULL);
	log = racerun_log(dir);
	for (size_t i = 1; i < json_array_size(log); i += 2) {
		assert_true(json_equal(member(log, i, "grad_norm"), member(log, i + 1, "grad_norm")));
		for (size_t k = 1; k < i; k += 2)
			assert_false(json_equal(member(log, i, "grad_norm"), member(log, k, "grad_norm")));
	}
	json_decref(log);
	racecase_release(&c);
	free(batches);
	free(dir);
}

static void epochs_are_counted_in_steps(void **state)
{
	struct train_config config = racerun_config("sft", true, NULL);
	struct watch w = {0};
	struct racecase c;

	racecase_init(&c, *state, NULL, 2);
	config.steps = 0;
	config.epochs = 3;
	config.eval_cases = 0;
	racerun(&c, &config, 0, &w);
	assert_int_equal(w.kinds[TRAIN_STEP], 9); /* 10 examples: 4 + 4 + 2 */
	memset(&w, 0, sizeof(w));
	config.accumulate = 2;
	racerun(&c, &config, 0, &w);
	assert_int_equal(w.kinds[TRAIN_STEP], 5);
	assert_true(w.left >= 0);
	racecase_release(&c);
}

struct pause_watch {
	struct watch w;
	pthread_t thread;
	_Atomic size_t steps;  /* made */
	size_t steps_in_pause; /* made when the other thread ended the pause */
	_Atomic bool finished;
	size_t naps_after;     /* of that thread from then on */
};

static void nap(void)
{
	const struct timespec pause = {.tv_nsec = 20000000};

	nanosleep(&pause, NULL);
}

/* How soon a pause is noticed to be over is counted in naps, which take longer where all else does, too. */
static void *pause_and_go(void *arg)
{
	struct pause_watch *p = arg;

	for (int i = 0; i < 8; i++)
		nap();
	p->steps_in_pause = atomic_load(&p->steps);
	atomic_store(&p->w.control, TRAIN_GO);
	for (; !atomic_load(&p->finished); p->naps_after++)
		nap();
	return NULL;
}

static void pause_once(void *arg, const struct train_event *e)
{
	struct pause_watch *p = arg;

	if (e->kind != TRAIN_STEP)
		return;
	atomic_store(&p->steps, e->step);
	if (e->step == 3) {
		atomic_store(&p->w.control, TRAIN_PAUSE);
		assert_int_equal(pthread_create(&p->thread, NULL, pause_and_go, p), 0);
	}
}

static void a_pause_waits_until_it_is_over(void **state)
{
	struct train_config config = racerun_config("sft", false, NULL);
	struct pause_watch p = {0};
	const struct train_observer observer = {pause_once, &p};
	struct trainer *t;
	struct racecase c;
	struct err err;
	bool finished;

	racecase_init(&c, *state, NULL, 2);
	config.eval_cases = 0;
	check_ok(trainer_new(&t, &config, &c.train, &observer, &err), &err);
	check_ok(trainer_run(t, &p.w.control, NULL, &finished, &err), &err);
	atomic_store(&p.finished, true);
	assert_true(finished);
	assert_int_equal(pthread_join(p.thread, NULL), 0);
	assert_int_equal(p.steps_in_pause, 3);
	print_message("# went on within %zu naps of 20 ms\n", p.naps_after);
	assert_true(p.naps_after < 100);
	trainer_free(t);
	racecase_release(&c);
}

static void a_cancelled_race_saves_and_returns(void **state)
{
	char *dir = tempdir_path(*state, "run"), *runner = tempdir_path(*state, "run/sft");
	struct train_config config = racerun_config("sft", false, dir);
	cancel_flag cancel = true;
	struct watch w = {0};
	struct trainer *t;
	struct racecase c;
	struct err err;
	bool finished;

	racecase_init(&c, *state, NULL, 2);
	t = racerun_make(&c, &config, &w);
	check_ok(trainer_run(t, &w.control, &cancel, &finished, &err), &err);
	assert_false(finished);
	assert_int_equal(w.kinds[TRAIN_STEP] + w.kinds[TRAIN_EVAL] + w.kinds[TRAIN_SAVED], 0);
	assert_false(file_is_dir(runner));
	trainer_free(t);
	config.resume = true;
	racerun(&c, &config, 0, &w);
	assert_non_null(strstr(w.note, "from the beginning"));
	assert_true(file_is_dir(runner));
	racecase_release(&c);
	free(runner);
	free(dir);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		in_tempdir(the_log_says_what_was_done),
		in_tempdir(all_runners_begin_alike),
		in_tempdir(checkpoints_come_and_go),
		in_tempdir(a_runner_that_gets_no_better_stops),
		in_tempdir(another_race_cannot_go_on),
		in_tempdir(two_processes_do_not_share_a_folder),
		in_tempdir(impossible_settings_are_refused),
		in_tempdir(memory_is_planned),
		in_tempdir(a_loss_that_is_not_finite_ends_the_race),
		in_tempdir(only_matrices_decay),
		in_tempdir(accumulation_is_a_mean),
		in_tempdir(dropout_is_drawn_anew_for_every_batch),
		in_tempdir(epochs_are_counted_in_steps),
		in_tempdir(a_pause_waits_until_it_is_over),
		in_tempdir(a_cancelled_race_saves_and_returns),
	};

	racerun_in_memory();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
