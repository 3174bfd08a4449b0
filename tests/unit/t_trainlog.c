/* The log of a race: what is kept of it when the race goes on, and what a reader gets back of the numbers. */
#include "tempdir.h"

#include <float.h>
#include <math.h>
#include <signal.h>
#include <sys/resource.h>

#include "base/buf.h"
#include "store/file.h"
#include "train/evalfigures.h"
#include "train/pace.h"
#include "train/trainlog.h"

static char *read_text(const char *path)
{
	struct buf text = {0};
	struct err err;

	check_ok(file_read(&text, path, 1 << 20, &err), &err);
	return buf_detach(&text);
}

static struct metrics some_metrics(void)
{
	struct metrics m = {.width = 5, .cases = 40, .undecided = 2};
	struct figure *const figures[] = {&m.hr, &m.ndcg, &m.exact_hr, &m.exact_ndcg, &m.pruning_rate, &m.search_recall,
		&m.lucky, &m.condition_violated, &m.nll_before, &m.nll_after};

	for (size_t i = 0; i < ARRAY_LEN(figures); i++)
		*figures[i] = (struct figure){.value = (double)i / 7,
			.low = (double)i / 11,
			.high = (double)i / 3,
			.count = i,
			.n = 40 + i};
	m.pruning_rate = (struct figure){.value = NAN, .low = NAN, .high = NAN};
	m.hr.share = m.exact_hr.share = m.pruning_rate.share = m.lucky.share = m.condition_violated.share = true;
	return m;
}

static bool same_number(double a, double b)
{
	return a == b || (isnan(a) && isnan(b));
}

static void check_figure(const struct figure *a, const struct figure *b)
{
	assert_true(same_number(a->value, b->value) && same_number(a->low, b->low) && same_number(a->high, b->high));
	assert_int_equal(a->count, b->count);
	assert_int_equal(a->n, b->n);
	assert_int_equal(a->share, b->share);
}

static void check_metrics(const struct metrics *a, const struct metrics *b)
{
	check_figure(&a->hr, &b->hr);
	check_figure(&a->ndcg, &b->ndcg);
	check_figure(&a->exact_hr, &b->exact_hr);
	check_figure(&a->exact_ndcg, &b->exact_ndcg);
	check_figure(&a->pruning_rate, &b->pruning_rate);
	check_figure(&a->search_recall, &b->search_recall);
	check_figure(&a->lucky, &b->lucky);
	check_figure(&a->condition_violated, &b->condition_violated);
	check_figure(&a->nll_before, &b->nll_before);
	check_figure(&a->nll_after, &b->nll_after);
	assert_int_equal(a->cases, b->cases);
	assert_int_equal(a->undecided, b->undecided);
	assert_int_equal(a->width, b->width);
}

static void evaluations_are_read_back(void **state)
{
	struct metrics m = some_metrics(), again;
	struct buf text = {0};
	json_t *json = evalfigures_json(&m), *read;

	(void)state;
	json_add(&text, json);
	read = json_loads(text.at, 0, NULL);
	assert_true(evalfigures_read(&again, read, 5));
	check_metrics(&m, &again);
	assert_true(json_is_null(json_object_get(read, "pruning_rate")));
	assert_false(evalfigures_read(&again, read, 10)); /* of beams of another width */
	json_object_del(read, "nll_after");
	assert_false(evalfigures_read(&again, read, 5));
	json_decref(read);
	json_decref(json);
	buf_release(&text);
}

static void begin(struct trainlog *l, const char *path, struct trainlog_mark *marks, size_t n)
{
	json_t *settings = json_pack("{s:[], s:i}", "runners", "steps", 9);
	struct err err;

	trainlog_init(l, path);
	check_ok(trainlog_begin(l, settings, marks, n, &err), &err);
	json_decref(settings);
}

static void numbers_are_read_back(void **state)
{
	static const double numbers[] = {0, 0.1, 1.0 / 3, 1e-300, 5e-324, DBL_MAX, 1e22, 123456789, -2.5, M_PI};
	char *path = tempdir_path(*state, "log"), *text, *rest, *line;
	struct step_figures f = {.tokens = 77};
	struct trainlog l;
	struct err err;

	begin(&l, path, NULL, 0);
	for (size_t i = 0; i < ARRAY_LEN(numbers); i++) {
		f.loss = f.lr = f.grad_norm = f.seconds = f.search_seconds = numbers[i];
		check_ok(trainlog_step(&l, "bear", i + 1, &f, i % 2, &err), &err);
	}
	f.loss = INFINITY;
	check_ok(trainlog_step(&l, "bear", ARRAY_LEN(numbers) + 1, &f, false, &err), &err);
	check_ok(trainlog_sync(&l, &err), &err);
	trainlog_release(&l);
	text = read_text(path);
	line = strtok_r(text, "\n", &rest);
	assert_string_equal(line, "{\"runners\": [], \"steps\": 9}");
	for (size_t i = 0; i < ARRAY_LEN(numbers); i++) {
		json_t *json = json_loads(strtok_r(NULL, "\n", &rest), 0, NULL);

		assert_true(json_real_value(json_object_get(json, "loss")) == numbers[i]);
		assert_true(json_real_value(json_object_get(json, "grad_norm")) == numbers[i]);
		assert_int_equal(json_integer_value(json_object_get(json, "tokens")), 77);
		assert_int_equal(json_object_get(json, "search_seconds") != NULL, i % 2);
		json_decref(json);
	}
	line = strtok_r(NULL, "\n", &rest);
	assert_non_null(strstr(line, "\"loss\": null"));
	assert_non_null(strstr(line, "\"lr\": 3.141592653589793,"));
	assert_null(strtok_r(NULL, "\n", &rest));
	free(text);
	free(path);
}

#define STEP(name, step) "{\"objective\": \"" name "\", \"step\": " step ", \"loss\": 1.5}\n"

static void lines_after_the_checkpoint_go(void **state)
{
	static const char before[] = "{\"runners\": [1], \"old\": 1}\n" STEP("a", "1") STEP("b", "1") STEP("a", "2")
		STEP("b", "2") STEP("c", "1") STEP("a", "2") "{\"objective\": \"a\", \"st\n" STEP("a", "3")
			STEP("b", "3") STEP("a", "-1") "[1]\n"
						       "{\"objective\": \"b\", \"step\": 1, \"eval\": {}}\n"
						       "{\"objective\": \"b\", \"step\": 2, \"eval\": {}}\n" STEP(
							       "b", "4") "{\"objective\": \"a\", \"step\": 2, \"lo";
	static const char after[] = "{\"runners\": [], \"steps\": 9}\n" STEP("a", "1") STEP("b", "1") STEP("a", "2")
		STEP("b", "2") STEP("b", "3") "{\"objective\": \"b\", \"step\": 1, \"eval\": {}}\n"
					      "{\"objective\": \"b\", \"step\": 2, \"eval\": {}}\n";
	struct trainlog_mark marks[] = {{.name = "a", .step = 2, .width = 5}, {.name = "b", .step = 3, .width = 5}};
	char *path = tempdir_put(*state, "log", before, sizeof(before) - 1), *text;
	struct trainlog l;

	begin(&l, path, marks, ARRAY_LEN(marks));
	trainlog_release(&l);
	assert_false(marks[0].found || marks[1].found);
	text = read_text(path);
	assert_string_equal(text, after);
	free(text);
	free(path);
}

/* Of the evaluation at the very step of the checkpoint only one that the checkpoint knows of stays. */
static void the_last_evaluation_is_found(void **state)
{
	char *path = tempdir_path(*state, "log"), *text;
	struct metrics m = some_metrics();
	struct trainlog_mark mark = {.name = "a", .step = 3, .evaluated = true, .width = 5};
	struct trainlog l;
	struct err err;

	begin(&l, path, NULL, 0);
	check_ok(trainlog_eval(&l, "a", 3, &m, 1.5, &err), &err);
	check_ok(trainlog_eval(&l, "b", 3, &m, 1.5, &err), &err);
	trainlog_release(&l);
	begin(&l, path, &mark, 1);
	trainlog_release(&l);
	assert_true(mark.found);
	check_metrics(&m, &mark.metrics);
	mark.width = 6;
	begin(&l, path, &mark, 1);
	assert_false(mark.found);
	check_ok(trainlog_eval(&l, "a", 3, &m, 1.5, &err), &err);
	trainlog_release(&l);
	mark.width = 5;
	mark.evaluated = false;
	begin(&l, path, &mark, 1);
	trainlog_release(&l);
	assert_false(mark.found);
	text = read_text(path);
	assert_string_equal(text, "{\"runners\": [], \"steps\": 9}\n");
	free(text);
	free(path);
}

static void other_files_are_not_touched(void **state)
{
	static const char *const texts[] = {"a diary\n", "{\"diary\": 1}\n", "{\"runners\": []}", "[\"runners\"]\n"};
	struct trainlog_mark mark = {.name = "a"};
	json_t *settings = json_pack("{s:[]}", "runners");
	struct trainlog l;
	struct err err;

	for (size_t i = 0; i < ARRAY_LEN(texts); i++) {
		char *path = tempdir_put(*state, "log", texts[i], strlen(texts[i])), *text;

		trainlog_init(&l, path);
		check_refused(trainlog_begin(&l, settings, &mark, 1, &err), &err, ERR_FORMAT, "not the log");
		trainlog_release(&l);
		text = read_text(path);
		assert_string_equal(text, texts[i]);
		free(text);
		free(path);
	}
	trainlog_init(&l, *state);
	check_refused(trainlog_begin(&l, settings, NULL, 0, &err), &err, ERR_IO, "a directory");
	trainlog_release(&l);
	json_decref(settings);
}

static void a_line_without_room_leaves_whole_lines(void **state)
{
	char *path = tempdir_path(*state, "log"), *before, *after;
	struct rlimit limit = {0, RLIM_INFINITY}, none = {RLIM_INFINITY, RLIM_INFINITY};
	struct step_figures f = {.loss = 1};
	struct trainlog l;
	struct err err;

	signal(SIGXFSZ, SIG_IGN);
	begin(&l, path, NULL, 0);
	check_ok(trainlog_step(&l, "a", 1, &f, false, &err), &err);
	before = read_text(path);
	for (size_t room = 0; room < 20; room += 7) {
		limit.rlim_cur = strlen(before) + room;
		assert_int_equal(setrlimit(RLIMIT_FSIZE, &limit), 0);
		check_refused(trainlog_step(&l, "a", 2, &f, false, &err), &err, ERR_IO, "cannot write");
		assert_int_equal(setrlimit(RLIMIT_FSIZE, &none), 0);
		assert_non_null(strstr(err.msg, path));
		after = read_text(path);
		assert_string_equal(after, before);
		free(after);
	}
	check_ok(trainlog_step(&l, "a", 2, &f, false, &err), &err);
	trainlog_release(&l);
	free(before);
	free(path);
}

static void without_a_path_nothing_is_written(void **state)
{
	struct step_figures f = {.loss = 1};
	struct metrics m = some_metrics();
	struct trainlog l;
	struct err err;

	begin(&l, NULL, NULL, 0);
	check_ok(trainlog_step(&l, "a", 1, &f, false, &err), &err);
	check_ok(trainlog_eval(&l, "a", 1, &m, 1, &err), &err);
	check_ok(trainlog_sync(&l, &err), &err);
	trainlog_release(&l);
	assert_int_equal(tempdir_count(*state), 0);
}

static void a_pace_is_not_upset_by_a_hiccup(void **state)
{
	struct pace p = {0};

	(void)state;
	assert_true(isnan(pace_typical(&p)));
	pace_add(&p, 3);
	assert_true(pace_typical(&p) == 3);
	pace_add(&p, 1);
	assert_true(pace_typical(&p) == 2);
	for (size_t i = 0; i < 30; i++)
		pace_add(&p, i % 10 == 0 ? 100 : 1);
	assert_true(pace_typical(&p) == 1);
	for (size_t i = 0; i < PACE_KEPT; i++)
		pace_add(&p, 5); /* the machine has become slower */
	assert_true(pace_typical(&p) == 5);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(evaluations_are_read_back),
		in_tempdir(numbers_are_read_back),
		in_tempdir(lines_after_the_checkpoint_go),
		in_tempdir(the_last_evaluation_is_found),
		in_tempdir(other_files_are_not_touched),
		in_tempdir(a_line_without_room_leaves_whole_lines),
		in_tempdir(without_a_path_nothing_is_written),
		cmocka_unit_test(a_pace_is_not_upset_by_a_hiccup),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
