/*
 * A race that was stopped, killed, out of disk or whose checkpoints were damaged goes on as if it had not been: every
 * number of its log and every bit of its weights and moments.
 */
#include "tempdir.h"

#include <math.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>

#include "base/rng.h"
#include "racerun.h"
#include "store/file.h"

#define EVERYTHING "sft,msl,bear,bear-reg:lambda=1,bear-margin,direct:K=3"

static void goes_on_from_every_step(const char *dir, bool full)
{
	char *whole = tempdir_path(dir, "whole");
	struct train_config config = racerun_config(EVERYTHING, full, whole);
	struct racecase c;

	racecase_init(&c, dir, NULL, 2);
	config.save_every = 0;
	racerun(&c, &config, 0, NULL);
	for (size_t step = 1; step < config.steps; step++) {
		char *broken = xasprintf("%s/broken-%zu", dir, step);

		config.dir = broken;
		config.resume = false;
		racerun(&c, &config, step, NULL);
		config.resume = true;
		racerun(&c, &config, 0, NULL);
		racerun_same(whole, broken, &config);
		free(broken);
	}
	racecase_release(&c);
	free(whole);
}

static void full_training_goes_on_from_every_step(void **state)
{
	goes_on_from_every_step(*state, true);
}

static void lora_goes_on_from_every_step(void **state)
{
	goes_on_from_every_step(*state, false);
}

/* Stopped after each of its steps, and saved in a type that cannot hold the values. */
static void a_run_in_twelve_parts_is_the_run_in_one(void **state)
{
	char *whole = tempdir_path(*state, "whole"), *parts = tempdir_path(*state, "parts");
	struct train_config config = racerun_config("bear,direct:K=3", true, whole);
	struct racecase c;

	racecase_init(&c, *state, NULL, 2);
	config.save_dtype = DTYPE_BF16;
	racerun(&c, &config, 0, NULL);
	config.dir = parts;
	for (size_t step = 1; step <= config.steps; step++) {
		racerun(&c, &config, step < config.steps ? step : 0, NULL);
		config.resume = true;
	}
	racerun_same(whole, parts, &config);
	racecase_release(&c);
	free(whole);
	free(parts);
}

/* Stopped in the middle of an evaluation, and run again without being made anew. */
static void a_trainer_that_was_stopped_can_be_run_again(void **state)
{
	char *whole = tempdir_path(*state, "whole"), *twice = tempdir_path(*state, "twice");
	struct train_config config = racerun_config("bear,direct:K=3", true, whole);
	struct watch w = {.stop_at = 8};
	struct trainer *t;
	struct racecase c;
	struct err err;
	bool finished;

	racecase_init(&c, *state, NULL, 2);
	racerun(&c, &config, 0, NULL);
	config.dir = twice;
	t = racerun_make(&c, &config, &w);
	check_ok(trainer_run(t, &w.control, NULL, &finished, &err), &err);
	assert_false(finished);
	check_ok(trainer_run(t, NULL, NULL, &finished, &err), &err);
	assert_true(finished);
	trainer_free(t);
	racerun_same(whole, twice, &config);
	racecase_release(&c);
	free(whole);
	free(twice);
}

/* Without its log a run goes on all the same, and begins with the evaluation of the step where it is, which does not
 * count twice against the patience. */
static void a_lost_log_loses_no_evaluation_to_come(void **state)
{
	char *dir = tempdir_path(*state, "run"), *log = tempdir_path(*state, "run/log.jsonl");
	struct train_config config = racerun_config("sft,bear", true, dir);
	struct watch w = {0};
	struct racecase c;
	json_t *records;

	racecase_init(&c, *state, NULL, 2);
	config.lr = 0;
	config.steps = 3;
	config.eval_every = 1;
	config.patience = 5;
	racerun(&c, &config, 0, NULL);
	assert_int_equal(unlink(log), 0);
	config.resume = true;
	config.steps = 4;
	racerun(&c, &config, 0, &w);
	assert_int_equal(w.kinds[TRAIN_STEP], 2);
	assert_int_equal(w.kinds[TRAIN_EVAL], 4);
	assert_int_equal(w.kinds[TRAIN_STOPPED], 0);
	records = racerun_log(dir);
	assert_int_equal(json_array_size(records), 1 + 2 + 4);
	json_decref(records);
	racecase_release(&c);
	free(log);
	free(dir);
}

/* SIGKILL comes when this process has computed for so many seconds, however busy the machine is. */
static void die_after(double seconds)
{
	struct sigevent event = {.sigev_notify = SIGEV_SIGNAL, .sigev_signo = SIGKILL};
	struct itimerspec due = {.it_value = {(time_t)seconds, 1 + (long)(999999999 * (seconds - floor(seconds)))}};
	timer_t timer;

	if (timer_create(CLOCK_PROCESS_CPUTIME_ID, &event, &timer) || timer_settime(timer, 0, &due, NULL))
		_exit(2);
}

/* In a child: makes everything anew and runs the race to its end, as a program would, if it lives so long. */
static void run_in_child(const char *dir, const struct train_config *config, double seconds)
{
	struct train_config own = *config;
	struct racecase c;
	char *last = xasprintf("%s/run.json", config->dir);

	die_after(seconds);
	own.resume = file_exists(last);
	racecase_init(&c, dir, NULL, 2);
	racerun(&c, &own, 0, NULL);
	_exit(0);
}

/* Killed again and again at moments that have nothing to do with what it does. At first it gets a small part of what
 * the whole run took, so that it is killed often; the parts grow, so that it comes to an end. */
static void a_killed_race_goes_on(void **state)
{
	char *whole = tempdir_path(*state, "whole"), *killed = tempdir_path(*state, "killed");
	struct train_config config = racerun_config("msl,direct:K=3", true, whole);
	int status = 0, kills = 0;
	clock_t began = clock();
	struct rng rng;
	struct racecase c;
	double most;

	config.steps = 60;
	config.save_every = 1;
	racecase_init(&c, *state, NULL, 2);
	racerun(&c, &config, 0, NULL);
	racecase_release(&c);
	most = (double)(clock() - began) / CLOCKS_PER_SEC / 8;
	config.dir = killed;
	rng_seed(&rng, 1);
	for (;; most += most / 8) {
		pid_t child = fork();

		assert_true(child >= 0);
		if (child == 0)
			run_in_child(*state, &config, most * rng_uniform(&rng));
		assert_int_equal(waitpid(child, &status, 0), child);
		if (WIFEXITED(status))
			break;
		kills++;
	}
	assert_int_equal(WEXITSTATUS(status), 0);
	print_message("# killed %d times\n", kills);
	assert_true(kills >= 3);
	racerun_same(whole, killed, &config);
	free(whole);
	free(killed);
}

static const struct rlimit no_limit = {RLIM_INFINITY, RLIM_INFINITY};

static void fill_disk(void)
{
	struct rlimit limit = {50000, RLIM_INFINITY};

	assert_int_equal(setrlimit(RLIMIT_FSIZE, &limit), 0);
}

static void free_disk(void)
{
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &no_limit), 0);
}

/* No more files beyond 50,000 bytes once the first checkpoint is there. */
static void a_full_disk_leaves_the_last_checkpoint(void **state)
{
	char *whole = tempdir_path(*state, "whole"), *full = tempdir_path(*state, "full"),
	     *bear = tempdir_path(*state, "full/bear"), *name;
	struct train_config config = racerun_config("sft,bear", true, whole);
	struct watch w = {.on_saved = fill_disk};
	struct racecase c;
	struct trainer *t;
	struct err err;
	bool finished;

	signal(SIGXFSZ, SIG_IGN);
	racecase_init(&c, *state, NULL, 2);
	racerun(&c, &config, 0, NULL);
	config.dir = full;
	t = racerun_make(&c, &config, &w);
	check_refused(trainer_run(t, &w.control, NULL, &finished, &err), &err, ERR_IO, "File too large");
	free_disk();
	assert_non_null(strstr(err.msg, "checkpoint of step 5"));
	assert_non_null(strstr(err.msg, "--resume"));
	assert_false(finished);
	trainer_free(t);
	assert_int_equal(tempdir_count(bear), 2); /* step-000005, last */
	name = xasprintf("%s/step-000005", bear);
	assert_true(file_is_dir(name));
	free(name);
	config.resume = true;
	racerun(&c, &config, 0, NULL);
	racerun_same(whole, full, &config);
	racecase_release(&c);
	free(whole);
	free(full);
	free(bear);
}

/* To keep fewer makes room before the next checkpoint is written, not after it. */
static void to_keep_fewer_makes_room(void **state)
{
	char *dir = tempdir_path(*state, "run"), *bear = tempdir_path(*state, "run/bear");
	struct train_config config = racerun_config("sft,bear", true, dir);
	struct racecase c;
	struct trainer *t;
	struct err err;
	bool finished;
	struct watch w = {0};

	signal(SIGXFSZ, SIG_IGN);
	racecase_init(&c, *state, NULL, 2);
	config.save_every = 2;
	config.keep = 3;
	racerun(&c, &config, 7, NULL);
	assert_int_equal(tempdir_count(bear), 4); /* steps 4, 6 and 7, last */
	config.resume = true;
	config.keep = 1;
	t = racerun_make(&c, &config, &w);
	fill_disk();
	check_refused(trainer_run(t, &w.control, NULL, &finished, &err), &err, ERR_IO, "File too large");
	free_disk();
	trainer_free(t);
	assert_int_equal(tempdir_count(bear), 2);
	racecase_release(&c);
	free(bear);
	free(dir);
}

/* An evaluation that was broken off is made before the next step. */
static void broken_off_evaluations_are_made_up_for(void **state)
{
	char *whole = tempdir_path(*state, "whole"), *broken = tempdir_path(*state, "broken");
	struct train_config config = racerun_config("msl,bear", false, whole);
	struct watch w = {0};
	struct trainer *t;
	struct racecase c;
	struct err err;
	bool finished;
	cancel_flag cancel = false;

	racecase_init(&c, *state, NULL, 2);
	config.patience = 3;
	racerun(&c, &config, 0, NULL);
	config.dir = broken;
	w.stop_at = 8;
	t = racerun_make(&c, &config, &w);
	check_ok(trainer_run(t, &w.control, &cancel, &finished, &err), &err);
	assert_false(finished);
	assert_int_equal(w.kinds[TRAIN_EVAL], 4);
	trainer_free(t);
	config.resume = true;
	memset(&w, 0, sizeof(w));
	racerun(&c, &config, 0, &w);
	assert_int_equal(w.kinds[TRAIN_EVAL], 4);
	racerun_same(whole, broken, &config);
	racecase_release(&c);
	free(whole);
	free(broken);
}

static void damage(const char *dir, const char *file)
{
	char *path = file_join(dir, file);

	assert_int_equal(truncate(path, 100), 0);
	free(path);
}

/* A checkpoint with a damaged file is passed over, for all runners; without a whole one the run begins anew. */
static void damaged_checkpoints_are_passed_over(void **state)
{
	char *whole = tempdir_path(*state, "whole"), *hurt = tempdir_path(*state, "hurt"),
	     *left = tempdir_path(*state, "hurt/sft/step-000009.123-0.tmp");
	struct train_config config = racerun_config("sft,bear", true, whole);
	struct racecase c;

	racecase_init(&c, *state, NULL, 2);
	racerun(&c, &config, 0, NULL);
	config.dir = hurt;
	config.keep = 3;
	config.save_every = 2;
	racerun(&c, &config, 7, NULL);
	config.resume = true;
	damage(hurt, "bear/step-000007/trainer.safetensors");
	damage(hurt, "sft/step-000006/trainer.json");
	assert_int_equal(mkdir(left, 0700), 0);
	{
		struct watch w = {0};

		racerun(&c, &config, 9, &w);
		assert_non_null(strstr(w.note, "step 7 is not whole"));
		assert_non_null(strstr(w.note, "step 6 is not whole"));
		assert_int_equal(w.kinds[TRAIN_STEP], 2 * (9 - 4));
		assert_false(file_is_dir(left));
	}
	damage(hurt, "bear/step-000009/model.safetensors");
	damage(hurt, "bear/step-000008/model.safetensors");
	damage(hurt, "sft/step-000006/model.safetensors");
	{
		struct watch w = {0};

		racerun(&c, &config, 0, &w);
		assert_non_null(strstr(w.note, "from the beginning"));
		assert_int_equal(w.kinds[TRAIN_STEP], 2 * 12);
	}
	config.keep = 1;
	racerun_same_file(whole, hurt, "bear/last/model.safetensors");
	racecase_release(&c);
	free(left);
	free(whole);
	free(hurt);
}

/* Steps and evaluations, as they came. */
struct told {
	size_t n;
	struct train_event at[200];
	struct metrics metrics[200];
};

static void tell(void *arg, const struct train_event *e)
{
	struct told *t = arg;

	if (e->kind != TRAIN_STEP && e->kind != TRAIN_EVAL)
		return;
	assert_true(t->n < ARRAY_LEN(t->at));
	if (e->kind == TRAIN_EVAL)
		t->metrics[t->n] = *e->metrics;
	t->at[t->n++] = *e;
}

static void assert_told_again(const struct told *then, size_t i, const struct told *now, size_t k)
{
	const struct train_event *a = &then->at[i], *b = &now->at[k];

	assert_int_equal(a->kind, b->kind);
	assert_int_equal(a->runner, b->runner);
	assert_int_equal(a->step, b->step);
	if (a->kind == TRAIN_STEP) {
		assert_true(a->loss == b->loss && a->lr == b->lr && a->grad_norm == b->grad_norm);
		assert_true(a->tokens == b->tokens && a->seconds == b->seconds);
		assert_true(a->search_seconds == b->search_seconds);
	} else {
		assert_true(then->metrics[i].ndcg.value == now->metrics[k].ndcg.value);
		assert_true(then->metrics[i].hr.high == now->metrics[k].hr.high);
	}
}

/* What a log says of a race is what the race had told, up to the step that is asked for; a line that was cut short and
 * another run's runner are passed over. */
static void a_log_tells_what_the_race_told(void **state)
{
	char *dir = tempdir_path(*state, "run"), *log = tempdir_path(*state, "run/log.jsonl");
	struct train_config config = racerun_config("sft,direct:K=3", true, dir);
	struct told *then = xcalloc(1, sizeof(*then)), *now = xcalloc(1, sizeof(*now));
	const struct train_observer at_first = {tell, then}, again = {tell, now};
	size_t width, k = 0;
	struct trainer *t;
	struct racecase c;
	struct err err;
	bool finished;
	FILE *f;

	racecase_init(&c, *state, NULL, 2);
	width = c.train.diagnose.beam.width;
	check_ok(trainer_new(&t, &config, &c.train, &at_first, &err), &err);
	check_ok(trainer_run(t, NULL, NULL, &finished, &err), &err);
	trainer_free(t);
	f = fopen(log, "a");
	assert_non_null(f);
	fputs("{\"objective\": \"msl\", \"step\": 1, \"loss\": 1}\n{\"objective\": \"sft\", \"step\": 1, \"lo", f);
	fclose(f);

	check_ok(train_read_log(log, &config, 5, width, &again, &err), &err);
	for (size_t i = 0; i < then->n; i++)
		if (then->at[i].step <= 5)
			assert_told_again(then, i, now, k++);
	assert_int_equal(k, now->n);
	assert_int_equal(k, 2 * (5 + 2)); /* evaluated before the first step and after the fourth */

	now->n = 0;
	check_ok(train_read_log(log, &config, 5, width + 1, &again, &err), &err);
	assert_int_equal(now->n, 2 * 5);
	assert_int_equal(unlink(log), 0);
	assert_int_equal(train_read_log(log, &config, 5, width, &again, &err), -1);
	assert_non_null(strstr(err.msg, "log.jsonl"));
	racecase_release(&c);
	free(then);
	free(now);
	free(log);
	free(dir);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		in_tempdir(full_training_goes_on_from_every_step),
		in_tempdir(lora_goes_on_from_every_step),
		in_tempdir(a_run_in_twelve_parts_is_the_run_in_one),
		in_tempdir(a_trainer_that_was_stopped_can_be_run_again),
		in_tempdir(a_lost_log_loses_no_evaluation_to_come),
		in_tempdir(a_killed_race_goes_on),
		in_tempdir(a_full_disk_leaves_the_last_checkpoint),
		in_tempdir(to_keep_fewer_makes_room),
		in_tempdir(broken_off_evaluations_are_made_up_for),
		in_tempdir(damaged_checkpoints_are_passed_over),
		in_tempdir(a_log_tells_what_the_race_told),
	};

	racerun_in_memory();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
