/* The race as it is written down: curves stay bounded and true, copies are whole, and what a watcher is told. */
#include "check.h"

#include <math.h>
#include <pthread.h>
#include <stdatomic.h>

#include "base/mem.h"
#include "session/scoreboard.h"

static const struct scoreboard_words words = {.settings = "all weights \033[1m",
	.eval = "5 cases",
	.eval_settings = "B 2",
	.dir = "runs/a\n",
	.open_with = "load model "};

static void begin(struct scoreboard *b, size_t runners)
{
	struct train_config c = {.n_runners = runners};

	for (size_t i = 0; i < runners; i++)
		snprintf(c.runners[i].name, sizeof(c.runners[i].name), "runner%zu", i);
	scoreboard_begin(b, &c, &words);
}

static struct race_news emit(struct scoreboard *b, struct train_event e)
{
	struct race_news news;

	scoreboard_event(b, &e, &news);
	return news;
}

static double loss_at(size_t step)
{
	return 3 + sin((double)step) / sqrt((double)step);
}

static struct race_news step(struct scoreboard *b, size_t runner, size_t at, size_t steps)
{
	return emit(b, (struct train_event){.kind = TRAIN_STEP, .runner = runner, .step = at, .steps = steps,
			       .loss = loss_at(at), .lr = 0.5, .grad_norm = 2, .tokens = 30, .seconds = 0.25,
			       .search_seconds = 0.125, .left = 7});
}

static struct race_news evaluate(struct scoreboard *b, size_t runner, size_t at)
{
	struct metrics m = {.width = 10,
		.cases = 5,
		.undecided = 1,
		.ndcg = {.value = 0.25, .low = 0.125, .high = 0.5, .count = 5, .n = 5}};

	m.hr.value = (double)at;
	return emit(b, (struct train_event){.kind = TRAIN_EVAL, .runner = runner, .step = at, .metrics = &m});
}

static struct snap_race *copy(struct scoreboard *b)
{
	unsigned long version = 0;
	struct snap_race *s = scoreboard_copy(b, &version);

	assert_non_null(s);
	return s;
}

/* Mean of the losses up to a step, each weighted by the smoothing to the power of its age. */
static double smoothed(size_t at)
{
	double sum = 0, weight = 0;

	for (size_t i = 1; i <= at; i++) {
		double w = pow(RACE_SMOOTHING, (double)(at - i));

		sum += w * loss_at(i);
		weight += w;
	}
	return sum / weight;
}

static void check_curve(const struct snap_runner *r, size_t last)
{
	size_t stride = r->n_points > 1 ? r->points[1].step - r->points[0].step : 1;

	assert_true(r->n_points <= RACE_POINTS);
	assert_int_equal(r->points[0].step, 1);
	assert_int_equal(r->points[r->n_points - 1].step, last);
	for (size_t i = 1; i + 1 < r->n_points; i++)
		assert_int_equal(r->points[i].step - r->points[i - 1].step, stride);
	for (size_t i = 0; i < r->n_points; i++)
		assert_true(r->points[i].loss == loss_at(r->points[i].step));
}

/* However many steps, the curve is bounded, evenly spaced, true, and ends at the newest step. */
static void test_curves_are_bounded(void **state)
{
	static const size_t lengths[] = {1, 2, RACE_POINTS - 1, RACE_POINTS, RACE_POINTS + 1, 10000, 100001};
	size_t done = 0;
	struct scoreboard *b = scoreboard_new();

	(void)state;
	begin(b, 1);
	for (size_t k = 0; k < ARRAY_LEN(lengths); k++) {
		struct snap_race *s;

		while (done < lengths[k]) {
			done++;
			step(b, 0, done, 200000);
		}
		s = copy(b);
		check_curve(&s->runners[0], done);
		assert_int_equal(s->runners[0].tokens, 30 * done);
		if (done > RACE_POINTS)
			assert_true(s->runners[0].n_points > RACE_POINTS / 2 - 1);
		snap_race_unref(s);
	}
	scoreboard_free(b);
}

static void test_smoothing(void **state)
{
	struct snap_race *s;
	struct scoreboard *b = scoreboard_new();

	(void)state;
	begin(b, 1);
	for (size_t i = 1; i <= 200; i++)
		step(b, 0, i, 200);
	s = copy(b);
	for (size_t i = 0; i < 200; i += 13)
		assert_true(fabs(s->runners[0].points[i].smoothed - smoothed(i + 1)) < 1e-12);
	assert_true(s->runners[0].points[9].tokens_per_second == 120);
	snap_race_unref(s);
	scoreboard_free(b);
}

static void test_evaluations(void **state)
{
	struct snap_race *s;
	struct race_news news;
	struct scoreboard *b = scoreboard_new();

	(void)state;
	begin(b, 2);
	news = emit(b, (struct train_event){.kind = TRAIN_CASE, .runner = 1, .step = 4, .done = 3, .cases = 5});
	assert_int_equal(news.kind, RACE_JUDGING);
	assert_true(news.race->judged == 1 && news.race->done == 3 && news.race->cases == 5);
	news = evaluate(b, 1, 4);
	assert_int_equal(news.kind, RACE_EVALUATED);
	assert_int_equal(news.race->cases, 0);
	assert_string_equal(news.runner->name_shown, "runner1");
	assert_int_equal(news.eval->step, 4);
	assert_int_equal(news.eval->undecided, 1);
	assert_true(news.eval->figures[RACE_NDCG].low == 0.125 && news.eval->figures[RACE_NDCG].n == 5);
	assert_true(news.eval->figures[RACE_HR].value == 4);
	for (size_t i = 5; i <= 5000; i++)
		evaluate(b, 1, i);
	s = copy(b);
	assert_int_equal(s->runners[0].n_evals, 0);
	assert_true(s->runners[1].n_evals <= RACE_EVALS && s->runners[1].n_evals > RACE_EVALS / 2 - 1);
	assert_int_equal(s->runners[1].evals[0].step, 4);
	assert_int_equal(s->runners[1].evals[s->runners[1].n_evals - 1].step, 5000);
	for (size_t i = 0; i < s->runners[1].n_evals; i++)
		assert_true(s->runners[1].evals[i].figures[RACE_HR].value == (double)s->runners[1].evals[i].step);
	snap_race_unref(s);
	scoreboard_free(b);
}

static void test_heads(void **state)
{
	struct race_news news;
	struct snap_race *s;
	struct scoreboard *b = scoreboard_new();

	(void)state;
	begin(b, 3);
	news = emit(b, (struct train_event){.kind = TRAIN_PLANNED, .step = 10, .steps = 20, .memory = 1000});
	assert_int_equal(news.kind, RACE_PLANNED);
	assert_int_equal(news.race->step, 10);
	assert_int_equal(news.race->steps, 20);
	step(b, 0, 11, 20);
	news = step(b, 1, 11, 20);
	assert_int_equal(news.race->step, 10);
	news = step(b, 2, 11, 20);
	assert_int_equal(news.race->step, 11);
	assert_true(news.race->left == 7);
	news = emit(b, (struct train_event){.kind = TRAIN_STOPPED, .runner = 1, .step = 11});
	assert_int_equal(news.kind, RACE_STOPPED_EARLY);
	step(b, 0, 12, 20);
	news = step(b, 2, 12, 20);
	assert_int_equal(news.race->step, 12);
	for (size_t i = 13; i <= 20; i++)
		step(b, 2, i, 20);
	news = emit(b, (struct train_event){.kind = TRAIN_SAVED, .step = 12, .text = "runs/a\033[2J"});
	assert_int_equal(news.kind, RACE_SAVED);
	assert_null(strchr(news.text_shown, '\033'));
	s = copy(b);
	assert_true(s->running && s->memory == 1000 && s->saved_step == 12);
	assert_int_equal(s->runners[0].state, RUNNER_RUNNING);
	assert_int_equal(s->runners[1].state, RUNNER_STOPPED_EARLY);
	assert_int_equal(s->runners[2].state, RUNNER_DONE);
	assert_true(s->runners[2].seconds == 0.25 * 10 && s->runners[2].search_seconds == 0.125 * 10);
	assert_null(strchr(s->settings_shown, '\033'));
	assert_null(strchr(s->dir_shown, '\n'));
	snap_race_unref(s);
	scoreboard_free(b);
}

/* A copy is made only of what is new, outlives the race, and a new race forgets the one before. */
static void test_copies(void **state)
{
	unsigned long version = 0, before;
	struct snap_race *first, *second;
	struct scoreboard *b = scoreboard_new();

	(void)state;
	assert_null(scoreboard_copy(b, &version));
	begin(b, 1);
	step(b, 0, 1, 2);
	first = scoreboard_copy(b, &version);
	assert_non_null(first);
	assert_true(version == scoreboard_version(b));
	assert_null(scoreboard_copy(b, &version));
	for (size_t i = 0; i < 2 * RACE_NOTES; i++)
		assert_string_equal(
			emit(b, (struct train_event){.kind = TRAIN_NOTE, .text = "a note"}).text_shown, "a note");
	step(b, 0, 2, 2);
	assert_int_equal(first->ending, RACE_GOES_ON);
	scoreboard_end(b, RACE_FAILED, "the disk is\nfull");
	before = version;
	second = scoreboard_copy(b, &version);
	assert_true(version > before);
	assert_true(first->running && !second->running);
	assert_int_equal(second->ending, RACE_FAILED);
	assert_null(strchr(second->ending_shown, '\n'));
	assert_non_null(strstr(second->ending_shown, "full"));
	assert_string_equal(second->dir, "runs/a\n");
	assert_string_equal(second->open_with, "load model ");
	assert_int_equal(first->runners[0].n_points, 1);
	assert_int_equal(second->runners[0].n_points, 2);
	assert_int_equal(first->n_notes, 0);
	assert_int_equal(second->n_notes, RACE_NOTES);
	begin(b, 2);
	scoreboard_free(b);
	assert_string_equal(second->notes_shown[0], "a note");
	assert_string_equal(second->runners[0].name_shown, "runner0");
	snap_race_unref(first);
	snap_race_unref(second);
}

/* What a log says of the time before a run was resumed stands before what comes then. */
static void test_past_begins_the_curves(void **state)
{
	struct snap_race *s;
	struct scoreboard *b = scoreboard_new();

	(void)state;
	begin(b, 1);
	for (size_t i = 1; i <= 40; i++)
		scoreboard_past(b, &(struct train_event){.kind = TRAIN_STEP, .step = i, .steps = SIZE_MAX,
						   .loss = loss_at(i), .tokens = 30, .seconds = 0.25, .left = NAN});
	emit(b, (struct train_event){.kind = TRAIN_PLANNED, .step = 40, .steps = 60});
	for (size_t i = 41; i <= 50; i++)
		step(b, 0, i, 60);
	s = copy(b);
	assert_int_equal(s->steps, 60);
	assert_int_equal(s->step, 50);
	assert_int_equal(s->saved_step, 40); /* the checkpoint that it went on from */
	assert_int_equal(s->runners[0].n_points, 50);
	assert_int_equal(s->runners[0].state, RUNNER_RUNNING);
	for (size_t i = 0; i < 50; i++) {
		assert_int_equal(s->runners[0].points[i].step, i + 1);
		assert_true(s->runners[0].points[i].loss == loss_at(i + 1));
	}
	snap_race_unref(s);
	scoreboard_free(b);
}

static void test_begin_forgets(void **state)
{
	struct snap_race *s;
	struct scoreboard *b = scoreboard_new();

	(void)state;
	begin(b, 1);
	for (size_t i = 1; i <= 5000; i++)
		step(b, 0, i, 5000);
	evaluate(b, 0, 5000);
	emit(b, (struct train_event){.kind = TRAIN_NOTE, .text = "a note"});
	begin(b, 1);
	step(b, 0, 1, 5);
	step(b, 0, 2, 5);
	s = copy(b);
	assert_int_equal(s->n_notes, 0);
	assert_int_equal(s->runners[0].n_evals, 0);
	check_curve(&s->runners[0], 2);
	assert_true(fabs(s->runners[0].last.smoothed - smoothed(2)) < 1e-12);
	snap_race_unref(s);
	scoreboard_free(b);
}

struct writing {
	struct scoreboard *race;
	atomic_bool done;
};

static void *write_steps(void *arg)
{
	struct writing *w = arg;

	for (size_t i = 1; i <= 20000; i++)
		step(w->race, 0, i, 20000);
	atomic_store(&w->done, true);
	return NULL;
}

/* Copies that are made while the race goes on are each whole. */
static void test_two_threads(void **state)
{
	struct writing w = {.done = false};
	unsigned long version = 0;
	pthread_t thread;
	struct scoreboard *b = scoreboard_new();
	size_t last = 0;

	(void)state;
	begin(b, 1);
	w.race = b;
	assert_int_equal(pthread_create(&thread, NULL, write_steps, &w), 0);
	while (!atomic_load(&w.done)) {
		struct snap_race *s = scoreboard_copy(b, &version);

		if (s && s->runners[0].n_points > 0) {
			assert_true(s->runners[0].step >= last);
			last = s->runners[0].step;
			check_curve(&s->runners[0], last);
		}
		snap_race_unref(s);
	}
	pthread_join(thread, NULL);
	scoreboard_free(b);
}

static void test_names(void **state)
{
	char name[RACE_FIGURE_NAME];

	(void)state;
	race_figure_name(name, RACE_NDCG, 10, false);
	assert_string_equal(name, "ndcg@10");
	race_figure_name(name, RACE_EXACT_HR, 5, false);
	assert_string_equal(name, "exact_hr@5");
	race_figure_name(name, RACE_PRUNING_RATE, 10, false);
	assert_string_equal(name, "pruning_rate");
	race_figure_name(name, RACE_NDCG, 10, true);
	assert_string_equal(name, "NDCG@10");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_curves_are_bounded),
		cmocka_unit_test(test_smoothing),
		cmocka_unit_test(test_evaluations),
		cmocka_unit_test(test_heads),
		cmocka_unit_test(test_copies),
		cmocka_unit_test(test_past_begins_the_curves),
		cmocka_unit_test(test_begin_forgets),
		cmocka_unit_test(test_two_threads),
		cmocka_unit_test(test_names),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
