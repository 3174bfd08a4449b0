/*
 * Training behind the session's job interface: pause, resume, stop and cancel, the pictures that views get of it, and
 * that nothing of what is loaded or set changes.
 */
#include "tempdir.h"

#include <time.h>

#include "../num/tiny.h"
#include "sessionrun.h"
#include "base/rng.h"
#include "session/option.h"
#include "session/session.h"
#include "store/file.h"

#define ITEMS 24
#define CASES 16
#define TOKENS 40 /* vocabulary; 0: EOS, 1 …: items' and prompts' */
#define LONG_RUN "train msl,bear --full --steps 1000000 --batch 4 --lr 1e-4 --eval-cases 0"

static const struct tiny_shape shape = {
	.type = "llama",
	.vocab = TOKENS,
	.hidden = 16,
	.layers = 2,
	.heads = 2,
	.kv_heads = 1,
	.head_dim = 8,
	.intermediate = 24,
	.max_positions = 128,
	.theta = 10000,
	.eps = 1e-5,
	.scale = 1,
};

/* A session with a tiny model and a token dataset that has all three splits. */
struct stage {
	struct session *s;
	struct tiny model;
	char *dir; /* borrowed: of the test */
};

static void put(const char *dir, const char *name, struct buf *text)
{
	free(tempdir_put(dir, name, buf_str(text), text->len));
	buf_clear(text);
}

static void write_dataset(const char *dir)
{
	static const char *const splits[] = {"cases.csv", "cases_valid.csv", "cases_train.csv"};
	struct buf text = {0};
	struct rng rng;

	rng_seed(&rng, 5);
	buf_addstr(&text, "item_id,tokens\n");
	for (unsigned i = 0; i < ITEMS; i++)
		buf_addf(&text, "i%u,%u %u %u\n", i, 1 + i % 5, 6 + i, 1 + rng_below(&rng, 30));
	put(dir, "items.csv", &text);
	for (size_t k = 0; k < ARRAY_LEN(splits); k++) {
		buf_addstr(&text, "case_id,prompt_tokens,item_id\n");
		for (unsigned i = 0; i < CASES; i++)
			buf_addf(&text, "c%u,%u %u %u,i%u\n", i, 1 + i, 2 + rng_below(&rng, 30), 3 + i % 7,
				rng_below(&rng, ITEMS));
		put(dir, splits[k], &text);
	}
	buf_addstr(&text, "{\"eos_token_id\": 0}");
	put(dir, "meta.json", &text);
	buf_release(&text);
}

static void stage_open(struct stage *g, char *dir)
{
	struct err err;

	g->dir = dir;
	tiny_init(&g->model, &shape, 3);
	tiny_write(&g->model);
	write_dataset(dir);
	check_ok(session_new(&g->s, &err), &err);
	check_ok(session_set(g->s, "model", g->model.dir, &err), &err);
	check_ok(session_set(g->s, "data", dir, &err), &err);
	check_ok(session_set(g->s, "threads", "1", &err), &err);
}

static void stage_close(struct stage *g)
{
	session_free(g->s);
	tiny_release(&g->model);
}

static void start(struct session *s, const char *line)
{
	struct err err;

	check_ok(session_start(s, line, &err), &err);
}

static void ask(struct session *s, enum session_wish wish)
{
	struct err err;

	check_ok(session_ask(s, wish, &err), &err);
}

/* The step that all runners have made, as a picture says it now. */
static size_t step_now(struct session *s, enum snap_job *job)
{
	const struct snapshot *snap = session_snapshot(s);
	size_t step = snap->race ? snap->race->step : 0;

	if (job)
		*job = snap->job;
	snapshot_release(snap);
	return step;
}

static void wait_for_step(struct session *s, size_t step)
{
	while (step_now(s, NULL) < step) {
		assert_true(session_busy(s));
		sessionrun_news(s);
	}
}

/* The message after a job has ended. */
static void check_message(struct session *s, bool is_error, const char *text)
{
	const struct snapshot *snap = session_snapshot(s);

	assert_int_equal(snap->message_is_error, is_error);
	if (!strstr(snap->message_shown, text))
		fail_msg("'%s' does not say '%s'", snap->message_shown, text);
	snapshot_release(snap);
}

/* So long that the next picture is not of the race before. */
static void wait_for_picture(void)
{
	const struct timespec pause = {.tv_nsec = (long)(1.1e9 * RACE_COPY_SECONDS)};

	nanosleep(&pause, NULL);
}

/* After a pause was asked for the step that is being made is finished, however long that takes, and no other begins. A
 * race that went on would make a step about every millisecond. */
static size_t check_paused(struct session *s)
{
	enum snap_job job;
	size_t paused;

	wait_for_picture();
	paused = step_now(s, NULL);
	for (int i = 0; i < 4; i++) {
		wait_for_picture();
		session_poll(s);
		assert_true(step_now(s, &job) <= paused + 1);
		assert_int_equal(job, JOB_PAUSED);
	}
	return step_now(s, NULL);
}

/* The views show how it went: there is no text to page through. */
static void check_ending(struct session *s, enum race_ending ending)
{
	const struct snapshot *snap = session_snapshot(s);

	assert_int_equal(snap->race->ending, ending);
	assert_null(session_take_text(s));
	snapshot_release(snap);
}

static void test_pause_resume_stop(void **state)
{
	struct stage g;
	enum snap_job job;
	size_t paused;
	char *line, *last;

	stage_open(&g, *state);
	line = xasprintf(LONG_RUN " --out %s/run", g.dir);
	start(g.s, line);
	wait_for_step(g.s, 5);
	step_now(g.s, &job);
	assert_int_equal(job, JOB_RUNNING);

	ask(g.s, SESSION_PAUSE);
	paused = check_paused(g.s);
	assert_true(paused >= 5);
	ask(g.s, SESSION_RESUME);
	wait_for_step(g.s, paused + 5);
	step_now(g.s, &job);
	assert_int_equal(job, JOB_RUNNING);

	ask(g.s, SESSION_PAUSE);
	check_paused(g.s);
	ask(g.s, SESSION_STOP);
	sessionrun_wait(g.s);
	check_message(g.s, false, "");
	check_ending(g.s, RACE_STOPPED);
	last = xasprintf("%s/run/bear/last/model.safetensors", g.dir);
	assert_true(file_exists(last));
	free(last);
	free(line);
	stage_close(&g);
}

static void test_cancel_saves(void **state)
{
	struct stage g;
	char *line, *last;

	stage_open(&g, *state);
	line = xasprintf(LONG_RUN " --out %s/run", g.dir);
	start(g.s, line);
	wait_for_step(g.s, 3);
	ask(g.s, SESSION_PAUSE);
	session_cancel(g.s);
	sessionrun_wait(g.s);
	check_message(g.s, true, "train --resume");
	assert_null(session_take_text(g.s));
	last = xasprintf("%s/run/msl/last/model.safetensors", g.dir);
	assert_true(file_exists(last));
	/* The next job is not asked for what this one was. */
	free(line);
	line = xasprintf("train --resume %s/run", g.dir);
	start(g.s, line);
	wait_for_step(g.s, step_now(g.s, NULL) + 3);
	session_cancel(g.s);
	sessionrun_wait(g.s);
	free(last);
	free(line);
	stage_close(&g);
}

/* What can be asked of which job, by function and by command. */
static void test_asking(void **state)
{
	struct stage g;
	struct err err;
	char *text;

	stage_open(&g, *state);
	check_refused(session_ask(g.s, SESSION_PAUSE, &err), &err, ERR_VALUE, "no job runs");
	start(g.s, "pause");
	text = session_take_text(g.s);
	assert_string_equal(text, "no job runs\n");
	free(text);

	start(g.s, "beam c1");
	check_refused(session_ask(g.s, SESSION_PAUSE, &err), &err, ERR_VALUE, "'beam c1' cannot be paused");
	check_refused(session_start(g.s, "resume", &err), &err, ERR_VALUE, "only training can");
	start(g.s, "stop");
	sessionrun_wait(g.s);
	free(session_take_text(g.s));

	start(g.s, LONG_RUN);
	wait_for_step(g.s, 1);
	check_refused(session_start(g.s, "beam c1", &err), &err, ERR_VALUE, "a job is running");
	start(g.s, "pause");
	check_paused(g.s);
	start(g.s, "resume");
	wait_for_step(g.s, step_now(g.s, NULL) + 3);
	start(g.s, "stop");
	check_refused(session_ask(g.s, SESSION_RESUME, &err), &err, ERR_VALUE, "already being stopped");
	sessionrun_wait(g.s);
	check_ending(g.s, RACE_STOPPED);
	stage_close(&g);
}

static void check_curves(const struct snap_race *race)
{
	for (size_t i = 0; i < race->n_runners; i++) {
		const struct snap_runner *r = &race->runners[i];

		assert_true(r->n_points <= RACE_POINTS);
		for (size_t k = 1; k < r->n_points; k++)
			assert_true(r->points[k].step > r->points[k - 1].step);
		if (r->n_points > 0)
			assert_int_equal(r->points[r->n_points - 1].step, r->step);
	}
}

/* The curves grow while the race runs, and are kept after it, also by who holds a picture when the session is gone. */
static void test_pictures(void **state)
{
	const struct snapshot *early, *late, *end;
	struct stage g;

	stage_open(&g, *state);
	start(g.s, LONG_RUN);
	wait_for_step(g.s, 2);
	early = session_snapshot(g.s);
	wait_for_step(g.s, early->race->step + 50);
	late = session_snapshot(g.s);
	ask(g.s, SESSION_STOP);
	sessionrun_wait(g.s);
	end = session_snapshot(g.s);
	assert_true(early->race->running && late->race->running && !end->race->running);
	assert_int_equal(early->job_total, 1000000);
	assert_int_equal(early->job_done, early->race->step);
	assert_true(late->job_left > 0);
	assert_int_equal(end->job_total, 0);
	assert_int_equal(early->race->n_runners, 2);
	assert_string_equal(early->race->runners[1].name_shown, "bear");
	assert_non_null(strstr(early->race->settings_shown, "all weights"));
	assert_true(late->race->runners[0].n_points > early->race->runners[0].n_points);
	assert_true(end->race->runners[0].n_points >= late->race->runners[0].n_points);
	assert_true(late->race->runners[1].last.loss > 0 && late->race->runners[1].last.grad_norm > 0);
	assert_true(late->race->memory > 0);
	session_free(g.s);
	check_curves(early->race);
	check_curves(late->race);
	check_curves(end->race);
	snapshot_release(early);
	snapshot_release(late);
	snapshot_release(end);
	tiny_release(&g.model);
}

/* More steps than a curve has points. */
static void test_long_curves(void **state)
{
	const struct snapshot *snap;
	struct stage g;

	stage_open(&g, *state);
	start(g.s, "train msl --lora-rank 1 --steps 5000 --batch 1 --eval-every 2500 --eval-cases 2");
	sessionrun_wait(g.s);
	snap = session_snapshot(g.s);
	check_curves(snap->race);
	assert_int_equal(snap->race->runners[0].step, 5000);
	assert_int_equal(snap->race->runners[0].state, RUNNER_DONE);
	assert_int_equal(snap->race->runners[0].n_evals, 3);
	assert_int_equal(snap->race->runners[0].evals[1].step, 2500);
	assert_non_null(strstr(snap->race->eval_shown, "2 cases of the valid split"));
	snapshot_release(snap);
	stage_close(&g);
}

/* A run that is gone on with, also by another session, has the curve that it would have in one. */
static void test_resumed_curves(void **state)
{
	const struct snapshot *snap;
	struct stage g;
	char *line;

	stage_open(&g, *state);
	line = xasprintf(
		"train msl,bear --full --steps 12 --lr 1e-2 --eval-every 4 --eval-cases 2 --out %s/run", g.dir);
	start(g.s, line);
	sessionrun_wait(g.s);
	check_ending(g.s, RACE_FINISHED);
	free(line);
	session_free(g.s);
	{
		struct err err;

		check_ok(session_new(&g.s, &err), &err);
	}
	line = xasprintf("train --resume %s/run --steps 20", g.dir);
	start(g.s, line);
	sessionrun_wait(g.s);
	snap = session_snapshot(g.s);
	check_curves(snap->race);
	assert_int_equal(snap->race->ending, RACE_FINISHED);
	assert_int_equal(snap->race->steps, 20);
	for (size_t i = 0; i < 2; i++) {
		const struct snap_runner *r = &snap->race->runners[i];

		assert_int_equal(r->n_points, 20);
		assert_int_equal(r->points[0].step, 1);
		assert_true(r->points[0].loss > 0 && r->points[0].lr == 1e-2);
		assert_int_equal(r->n_evals, 6);
		assert_int_equal(r->evals[0].step, 0);
		assert_int_equal(r->state, RUNNER_DONE);
	}
	snapshot_release(snap);
	free(line);
	stage_close(&g);
}

/* What a view runs to open a checkpoint works, whatever is loaded. */
static void open_checkpoint(struct session *s, const char *name)
{
	const struct snapshot *snap = session_snapshot(s);
	char *commands = xasprintf("%s%s/%s/last; beam c1", snap->race->open_with, snap->race->dir, name);
	char *rest = commands;

	for (char *line = commands; line; line = rest) {
		rest = strstr(line, "; ");
		if (rest) {
			*rest = '\0';
			rest += 2;
		}
		start(s, line);
		if (session_busy(s))
			sessionrun_wait(s);
		check_message(s, false, "");
	}
	snapshot_release(snap);
	free(session_take_text(s));
	free(commands);
}

static void test_checkpoints_open(void **state)
{
	const struct snapshot *snap;
	struct stage g;
	char *line;

	stage_open(&g, *state);
	line = xasprintf("train msl,bear --steps 2 --batch 2 --eval-cases 0 --out %s/lora", g.dir);
	start(g.s, line);
	sessionrun_wait(g.s);
	free(line);
	open_checkpoint(g.s, "msl");
	open_checkpoint(g.s, "bear");
	snap = session_snapshot(g.s);
	assert_non_null(strstr(snap->model_shown, " + lora/bear/last"));
	snapshot_release(snap);
	/* From there on: the adapter is trained further, and all weights, with it added to them. */
	line = xasprintf("train msl --full --steps 2 --batch 2 --eval-cases 0 --out %s/full", g.dir);
	start(g.s, line);
	sessionrun_wait(g.s);
	free(line);
	open_checkpoint(g.s, "msl");
	snap = session_snapshot(g.s);
	assert_string_equal(snap->model_shown, "full/msl/last");
	assert_true(snap->model_weights > 0);
	snapshot_release(snap);
	stage_close(&g);
}

static void test_nothing_changes(void **state)
{
	char *before, *after, *line;
	const struct options *o;
	struct stage g;

	stage_open(&g, *state);
	before = sessionrun_output(g.s, OUT_JSON, "beam c3 --trace");
	line = xasprintf("train msl --full --steps 5 --lr 1e-2 --eval-cases 2 --beam 3 --seed 9 --out %s/run", g.dir);
	free(sessionrun_output(g.s, OUT_JSON, line));
	free(line);
	after = sessionrun_output(g.s, OUT_JSON, "beam c3 --trace");
	assert_string_equal(before, after);
	free(after);
	/* The run is gone on with from its folder alone. */
	o = session_options(g.s);
	free(sessionrun_output(g.s, OUT_JSON, "set model ''"));
	free(sessionrun_output(g.s, OUT_JSON, "set data ''"));
	line = xasprintf("train --resume %s/run --steps 8", g.dir);
	after = sessionrun_output(g.s, OUT_JSON, line);
	assert_non_null(strstr(after, "\"step\": 8"));
	assert_non_null(strstr(after, "\"beam\": 3"));
	assert_null(o->model);
	assert_int_equal(o->beam, 10);
	assert_int_equal(o->seed, 0);
	free(before);
	free(after);
	free(line);
	stage_close(&g);
}

/* `load` reads anew what has the path that it had before: the newest checkpoint is another after more training. */
static void test_newest_is_loaded(void **state)
{
	char *line, *load, *early, *late;
	struct session *other;
	struct stage g;
	struct err err;

	stage_open(&g, *state);
	check_ok(session_new(&other, &err), &err);
	line = xasprintf("train msl --full --steps 3 --batch 4 --lr 1e-2 --eval-cases 0 --out %s/run", g.dir);
	free(sessionrun_output(g.s, OUT_JSON, line));
	free(line);
	load = xasprintf("load model %s/run/msl/last", g.dir);
	free(sessionrun_output(g.s, OUT_JSON, load));
	early = sessionrun_output(g.s, OUT_JSON, "score c3");
	line = xasprintf("train --resume %s/run --steps 40 --keep 1", g.dir);
	free(sessionrun_output(other, OUT_JSON, line));
	late = sessionrun_output(g.s, OUT_JSON, "score c3");
	assert_string_equal(early, late);
	free(late);
	free(sessionrun_output(g.s, OUT_JSON, load));
	late = sessionrun_output(g.s, OUT_JSON, "score c3");
	assert_string_not_equal(early, late);
	session_free(other);
	free(line);
	free(load);
	free(early);
	free(late);
	stage_close(&g);
}

/* What fails before it begins leaves the race before to be looked at. */
static void test_failure_keeps_race(void **state)
{
	const struct snapshot *snap;
	struct stage g;

	stage_open(&g, *state);
	start(g.s, "train msl --steps 3 --batch 4 --eval-cases 0");
	sessionrun_wait(g.s);
	start(g.s, "train sft --steps 3 --max-memory 0.001");
	sessionrun_wait(g.s);
	check_message(g.s, true, "of memory");
	snap = session_snapshot(g.s);
	assert_string_equal(snap->race->runners[0].name_shown, "msl");
	assert_int_equal(snap->race->step, 3);
	snapshot_release(snap);
	stage_close(&g);
}

struct heard {
	size_t kinds[RACE_PLANNED + 1];
	size_t last_step;
};

static void listen(void *arg, const struct race_news *n)
{
	struct heard *h = arg;

	h->kinds[n->kind]++;
	if (n->kind == RACE_STEPPED)
		h->last_step = n->runner->step;
	if (n->kind == RACE_EVALUATED)
		assert_int_equal(n->eval->cases, 2);
	assert_int_equal(n->race->n_runners, 2);
}

static void test_watching(void **state)
{
	struct heard h = {.last_step = 0};
	struct stage g;
	char *line;

	stage_open(&g, *state);
	session_watch(g.s, listen, &h);
	line = xasprintf("train sft,msl --steps 6 --batch 4 --eval-every 3 --eval-cases 2 --save-every 2 "
			 "--out %s/run",
		g.dir);
	free(sessionrun_output(g.s, OUT_JSON, line));
	assert_int_equal(h.kinds[RACE_PLANNED], 1);
	assert_int_equal(h.kinds[RACE_STEPPED], 12);
	assert_int_equal(h.kinds[RACE_JUDGING], 12);
	assert_int_equal(h.kinds[RACE_EVALUATED], 6);
	assert_int_equal(h.kinds[RACE_SAVED], 3);
	assert_int_equal(h.last_step, 6);
	session_watch(g.s, NULL, NULL);
	free(sessionrun_output(g.s, OUT_JSON, "train sft --steps 1 --batch 4 --eval-cases 0"));
	assert_int_equal(h.kinds[RACE_STEPPED], 12);
	free(line);
	stage_close(&g);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		in_tempdir(test_pause_resume_stop),
		in_tempdir(test_cancel_saves),
		in_tempdir(test_asking),
		in_tempdir(test_pictures),
		in_tempdir(test_long_curves),
		in_tempdir(test_resumed_curves),
		in_tempdir(test_checkpoints_open),
		in_tempdir(test_nothing_changes),
		in_tempdir(test_newest_is_loaded),
		in_tempdir(test_failure_keeps_race),
		in_tempdir(test_watching),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
