/* The session: what is loaded survives what cannot be, settings and where they come from, the worker and its pictures.
 */
#include "sessionrun.h"

#include <math.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/mem.h"
#include "session/option.h"
#include "session/session.h"
#include "store/file.h"

/* A session with the lesson. */
static struct session *open_session(void)
{
	struct session *s = sessionrun_open();
	struct err err;
	char *path;

	path = xasprintf("%s/lesson", session_datadir(s));
	check_ok(session_set(s, "data", path, &err), &err);
	free(path);
	path = xasprintf("%s/lesson/table.csv", session_datadir(s));
	check_ok(session_set(s, "model", path, &err), &err);
	free(path);
	return s;
}

static json_t *record(struct session *s, const char *line)
{
	char *text = sessionrun_output(s, OUT_JSON, line);
	json_t *v = json_loads(text, 0, NULL);

	if (!v)
		fail_msg("not JSON: %s", text);
	free(text);
	return v;
}

static void refused(struct session *s, const char *line, enum err_code code, const char *why)
{
	struct out out;
	struct err err;

	out_init(&out, NULL);
	check_refused(session_run_line(s, line, &out, &err), &err, code, why);
	out_release(&out);
}

/* The value at a path "verdict.kind" as text. */
static void check_value(const json_t *v, const char *path, const char *wanted)
{
	char *copy = xstrdup(path), *rest = copy, *key, *got;

	while ((key = strsep(&rest, ".")))
		v = json_is_array(v) ? json_array_get(v, (size_t)atoi(key)) : json_object_get(v, key);
	got = v ? json_dumps(v, JSON_ENCODE_ANY | JSON_COMPACT | JSON_REAL_PRECISION(6)) : xstrdup("(absent)");
	if (strcmp(got, wanted) != 0)
		fail_msg("%s is %s, not %s", path, got, wanted);
	free(got);
	free(copy);
}

static void check_record(struct session *s, const char *line, const char *path, const char *wanted)
{
	json_t *v = record(s, line);

	check_value(v, path, wanted);
	json_decref(v);
}

static void test_lesson(void **state)
{
	struct session *s = open_session();

	(void)state;
	check_record(s, "beam 1", "verdict.kind", "\"incorrectly-pruned\"");
	check_record(s, "beam 1", "verdict.pruned_at", "1");
	check_record(s, "beam 1", "verdict.exact_rank", "1");
	check_record(s, "beam 1", "verdict.smallest_beam", "3");
	check_record(s, "beam 2", "verdict.kind", "\"retrieved\"");
	check_record(s, "beam 2", "verdict.rank", "1");
	check_record(s, "beam 3", "verdict.rank", "2");
	check_record(s, "beam 3", "verdict.exact_rank", "3");
	check_record(s, "beam 1 --mask before", "verdict.kind", "\"out-ranked\"");
	check_record(s, "beam 1 --beam 3", "verdict.rank", "1");
	/* An option after a command held for that command alone. */
	check_record(s, "beam 1", "settings.beam", "2");
	check_record(s, "beam 1 --trace", "steps.0.positive.prefix_margin", "-0.182322");
	check_record(s, "beam 1 --trace", "steps.1.positive.followed", "true");
	check_record(s, "exact 1 --top 1", "items.0.item", "\"tin\"");
	check_record(s, "exact 1 --top 1", "positive.rank", "1");
	check_record(s, "score 1", "before.logp.0", "-1.38629");
	check_record(s, "score 1", "after.margin.0", "-0.182322");
	check_record(s, "score 1 --item cobalt", "valid", "[3,1,1]");
	session_free(s);
}

static void test_settings(void **state)
{
	struct session *s = open_session();
	struct err err;

	(void)state;
	/* What the dataset asks for comes before the default, and the user before the dataset. */
	sessionrun_quietly(s, "beam 1");
	check_record(s, "set beam", "value", "\"2\"");
	check_record(s, "set mask", "value", "\"after\"");
	check_record(s, "set beam", "default", "\"10\"");
	sessionrun_quietly(s, "set beam 3");
	check_record(s, "beam 1", "settings.beam", "3");
	check_record(s, "beam 1", "settings.mask", "\"after\"");
	refused(s, "set beam 0", ERR_USAGE, "out of range");
	check_record(s, "beam 1", "settings.beam", "3");
	check_ok(session_set(s, "beam", "2", &err), &err);
	check_record(s, "beam 1", "settings.beam", "2");
	check_refused(session_set(s, "beem", "2", &err), &err, ERR_USAGE, "did you mean 'beam'?");
	session_free(s);
}

/* A command that fails on what it is given leaves everything as it was. */
static void test_failures_change_nothing(void **state)
{
	struct session *s = open_session();

	(void)state;
	refused(s, "step", ERR_VALUE, "no search is open");
	refused(s, "why", ERR_VALUE, "no search is open");
	sessionrun_quietly(s, "beam 1");
	refused(s, "load model /no/such/model", ERR_IO, "/no/such/model");
	refused(s, "load data /no/such/data", ERR_IO, "/no/such/data");
	refused(s, "load adapter x", ERR_UNSUPPORTED, "adapter 'x' goes with a transformer");
	refused(s, "beam 9", ERR_NOT_FOUND, "'9'");
	refused(s, "beam 1 --split valid", ERR_NOT_FOUND, "valid");
	refused(s, "beam 1 --model /no/such/model", ERR_IO, "/no/such/model");
	refused(s, "item nothing", ERR_NOT_FOUND, "'nothing'");
	refused(s, "score 1 --item nothing", ERR_NOT_FOUND, "'nothing'");
	refused(s, "tokenize x", ERR_VALUE, "no tokenizer");
	refused(s, "info data --joined", ERR_UNSUPPORTED, "token ids");
	check_record(s, "step", "step", "2");
	check_record(s, "goto 3", "step", "3");
	refused(s, "step", ERR_VALUE, "no step 4");
	check_record(s, "back 2", "step", "1");
	check_record(s, "goto pruned", "step", "1");
	refused(s, "beam 2 --output /no/such/directory/file", ERR_IO, "/no/such/directory/file");
	check_record(s, "goto pruned", "case", "\"1\"");
	sessionrun_quietly(s, "beam 2");
	refused(s, "goto pruned", ERR_VALUE, "was not pruned");
	refused(s, "goto prune", ERR_USAGE, "STEP is a number or 'pruned', not 'prune'");
	refused(s, "tree prune", ERR_USAGE, "STEP is a number or 'pruned', not 'prune'");
	refused(s, "goto 1.5", ERR_USAGE, "'1.5' is not a whole number");
	check_record(s, "why", "verdict.kind", "\"retrieved\"");
	session_free(s);
}

static void put(const char *dir, const char *name, const char *text)
{
	char *path = file_join(dir, name);
	struct err err;

	check_ok(file_write(path, text, strlen(text), &err), &err);
	free(path);
}

static void drop(const char *dir, const char *name)
{
	char *path = file_join(dir, name);

	unlink(path);
	free(path);
}

/* A dataset that is read before it turns out not to go with the model leaves none of its settings behind. */
static void test_failed_load_keeps_settings(void **state)
{
	struct session *s = open_session();
	char dir[] = "t_session_data.XXXXXX", *line;
	const struct snapshot *snap;

	(void)state;
	assert_non_null(mkdtemp(dir));
	put(dir, "items.csv", "item_id,tokens\na,4000 2\n");
	put(dir, "cases.csv", "case_id,prompt_tokens,item_id\n1,1,a\n");
	put(dir, "meta.json", "{\"eos_token_id\": 2, \"settings\": {\"beam\": 77, \"tau\": 0.5}}");
	sessionrun_quietly(s, "beam 1");
	line = xasprintf("beam 1 --data %s --model %s/lesson/table.csv", dir, session_datadir(s));
	refused(s, line, ERR_VALUE, "holds token 4000");
	free(line);
	snap = session_snapshot(s);
	assert_non_null(strstr(snap->settings_shown, "B 2 "));
	snapshot_release(snap);
	line = xasprintf("set model %s/lesson/table.csv", session_datadir(s));
	sessionrun_quietly(s, line);
	free(line);
	line = xasprintf("load data %s", dir);
	refused(s, line, ERR_VALUE, "holds token 4000");
	free(line);
	snap = session_snapshot(s);
	assert_non_null(strstr(snap->settings_shown, "B 2 "));
	snapshot_release(snap);
	drop(dir, "items.csv");
	drop(dir, "cases.csv");
	drop(dir, "meta.json");
	rmdir(dir);
	session_free(s);
}

static void test_half_loaded(void **state)
{
	struct session *s = sessionrun_open();
	char *lesson = file_join(session_datadir(s), "lesson"), *table = file_join(lesson, "table.csv");
	struct err err;

	(void)state;
	/* The bundled demo goes with nothing of the user's own. */
	check_record(s, "info model", "model.vocabulary", "924");
	refused(s, "load adapter x", ERR_USAGE, "adapter 'x' is given but no model");
	refused(s, "beam 1 --model /no/such/model", ERR_USAGE, "no dataset");
	check_ok(session_set(s, "data", lesson, &err), &err);
	check_record(s, "case 1", "positive.item", "\"tin\"");
	refused(s, "beam 1", ERR_USAGE, "no model");
	check_ok(session_set(s, "model", table, &err), &err);
	check_record(s, "beam 1", "verdict.kind", "\"incorrectly-pruned\"");
	check_ok(session_set(s, "data", "", &err), &err);
	refused(s, "cases", ERR_USAGE, "no dataset");
	check_record(s, "info model", "model.vocabulary", "23");
	free(lesson);
	free(table);
	session_free(s);
}

/* On the screens too a model alone is a beginning: a case is asked for in vain, and nothing worse. */
static void test_half_loaded_in_the_worker(void **state)
{
	static const char *const lines[] = {"exact 1 --budget 100", "beam 1", "case 1"};
	struct session *s = sessionrun_open();
	char *table = xasprintf("%s/lesson/table.csv", session_datadir(s));
	const struct snapshot *snap;
	struct err err;

	(void)state;
	check_ok(session_set(s, "model", table, &err), &err);
	sessionrun_quietly(s, "info model");
	for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) {
		if (session_start(s, lines[i], &err) == 0)
			sessionrun_wait(s);
		snap = session_snapshot(s);
		assert_true(snap->message_is_error);
		snapshot_release(snap);
	}
	free(table);
	session_free(s);
}

static void test_cancelled(void **state)
{
	struct session *s = open_session();

	(void)state;
	session_cancel(s);
	refused(s, "beam 1", ERR_CANCELLED, "cancelled");
	session_free(s);
}

static void test_worker(void **state)
{
	struct session *s = open_session();
	const struct snapshot *before, *during, *after;
	struct err err;
	char *text;

	(void)state;
	before = session_snapshot(s);
	assert_null(before->trace);
	assert_int_equal(before->job, JOB_IDLE);
	check_ok(session_start(s, "beam 1", &err), &err);
	assert_true(session_busy(s));
	during = session_snapshot(s);
	assert_int_equal(during->job, JOB_RUNNING);
	assert_string_equal(during->job_shown, "beam 1");
	check_refused(session_start(s, "beam 2", &err), &err, ERR_VALUE, "a job is running");
	check_refused(session_set(s, "beam", "3", &err), &err, ERR_VALUE, "a job is running");
	check_refused(session_start(s, "step", &err), &err, ERR_VALUE, "no search is open");
	check_refused(session_start(s, "help --beam 3", &err), &err, ERR_VALUE, "a job is running");
	check_ok(session_start(s, "cases --help", &err), &err);
	text = session_take_text(s);
	assert_non_null(strstr(text, "cases [--"));
	free(text);
	check_ok(session_start(s, "help beam", &err), &err);
	text = session_take_text(s);
	assert_non_null(strstr(text, "beam CASE"));
	free(text);
	sessionrun_wait(s);
	after = session_snapshot(s);
	assert_int_equal(after->job, JOB_IDLE);
	assert_true(after->serial > during->serial && during->serial > before->serial);
	assert_non_null(after->trace);
	assert_int_equal(after->trace->verdict, SNAP_PRUNED);
	/* Its result is in the views; nothing is left to be read. */
	assert_null(session_take_text(s));
	/* What walks through the trace is the front-end's own, with options too. */
	check_ok(session_start(s, "step --beam 3", &err), &err);
	assert_false(session_busy(s));
	snapshot_release(before);
	snapshot_release(during);
	snapshot_release(after);
	session_free(s);
}

static const struct snapshot *after_line(struct session *s, const char *line)
{
	struct err err;

	check_ok(session_start(s, line, &err), &err);
	sessionrun_wait(s);
	return session_snapshot(s);
}

/* An edit is made by the worker at the step that was looked at when it was asked for. Views know the original by its
 * address, before and after. */
static void test_branches(void **state)
{
	struct session *s = open_session();
	const struct snapshot *plain, *forced, *wider, *undone;
	const struct snap_candidate *tin;
	struct err err;
	char *text;

	(void)state;
	plain = after_line(s, "beam 1");
	assert_null(plain->original);
	assert_string_equal(plain->trace->edits_shown, "");
	check_ok(session_start(s, "force positive", &err), &err);
	check_refused(session_start(s, "undo", &err), &err, ERR_VALUE, "a job is running");
	check_ok(session_start(s, "step", &err), &err); /* of the search as it is until the edit is made */
	check_ok(session_start(s, "export trace - --as csv", &err), &err); /* the same */
	text = session_take_text(s);
	assert_true(strncmp(text, "step,rank,", 10) == 0);
	free(text);
	check_refused(session_start(s, "export cases - --as csv", &err), &err, ERR_VALUE, "a job is running");
	check_refused(session_start(s, "export trace - --as csv --case 1", &err), &err, ERR_VALUE, "a job is running");
	sessionrun_wait(s);
	forced = session_snapshot(s);
	assert_ptr_equal(forced->original, plain->trace);
	assert_int_equal(forced->step, 2);
	assert_string_equal(forced->trace->edits_shown, "force '\"Tin' at step 1");
	assert_string_equal(forced->trace->fate_shown, "returned at rank 1");
	assert_string_equal(forced->original->fate_shown, "pruned at step 1");
	tin = &forced->trace->steps[0].candidates[2];
	assert_true(tin->forced && tin->kept && tin->logp < forced->trace->steps[0].cutoff);
	wider = after_line(s, "change beam 1");
	assert_ptr_equal(wider->original, plain->trace);
	assert_int_equal(wider->trace->steps[0].width, 2);
	assert_int_equal(wider->trace->steps[1].width, 1);
	undone = after_line(s, "undo 2 --format json");
	assert_ptr_equal(undone->trace, plain->trace);
	assert_null(undone->original);
	assert_int_equal(undone->step, 2);
	snapshot_release(plain);
	snapshot_release(forced);
	snapshot_release(wider);
	snapshot_release(undone);
	session_free(s);
}

static void test_worker_errors(void **state)
{
	struct session *s = open_session();
	const struct snapshot *snap;
	struct err err;
	char *text;

	(void)state;
	check_ok(session_start(s, "beam 9", &err), &err);
	sessionrun_wait(s);
	snap = session_snapshot(s);
	assert_true(snap->message_is_error);
	assert_non_null(strstr(snap->message_shown, "no case '9'"));
	snapshot_release(snap);
	check_refused(session_start(s, "baem 1", &err), &err, ERR_USAGE, "did you mean");
	snap = session_snapshot(s);
	assert_true(snap->message_is_error);
	snapshot_release(snap);
	check_ok(session_start(s, "info catalogue", &err), &err);
	sessionrun_wait(s);
	snap = session_snapshot(s);
	assert_string_equal(snap->message_shown, "");
	snapshot_release(snap);
	text = session_take_text(s);
	assert_non_null(strstr(text, "branching nodes"));
	free(text);
	assert_null(session_take_text(s));
	/* A session that is freed waits for its job. */
	check_ok(session_start(s, "beam 1", &err), &err);
	session_free(s);
}

static void test_snapshot(void **state)
{
	struct session *s = open_session();
	const struct snapshot *snap, *stepped;
	const struct snap_trace *t;

	(void)state;
	sessionrun_quietly(s, "beam 1");
	snap = session_snapshot(s);
	t = snap->trace;
	assert_string_equal(snap->data_shown, "lesson");
	assert_string_equal(snap->split_shown, "test");
	assert_non_null(strstr(snap->settings_shown, "B 2"));
	assert_non_null(strstr(snap->settings_shown, "mask after"));
	assert_string_equal(snap->case_id, "1");
	assert_int_equal(snap->case_index, 1);
	assert_int_equal(snap->n_cases, 3);
	assert_int_equal(snap->step, 1);
	assert_int_equal(t->width, 2);
	assert_int_equal(t->n_steps, 3);
	assert_int_equal(t->n_positive, 3);
	assert_int_equal(t->n_results, 2);
	assert_string_equal(t->title_shown, "Tin Lighthouse");
	assert_string_equal(t->results[0].title_shown, "Cobalt Orchard");
	assert_int_equal(t->steps[0].n, 3);
	assert_int_equal(t->steps[0].kept, 2);
	assert_true(t->steps[0].candidates[2].positive && !t->steps[0].candidates[2].kept);
	assert_string_equal(t->steps[0].candidates[0].text_shown, "\"Cobalt");
	assert_true(fabs(t->steps[0].cutoff - log(0.30)) < 1e-6);
	assert_true(fabs(t->positive[0].prefix_margin - log(0.25 / 0.30)) < 1e-6);
	assert_int_equal(t->positive[0].token_rank, 3);
	assert_int_equal(t->pruned_at, 1);
	assert_int_equal(t->exact_rank, 1);
	assert_int_equal(t->n_sequences, 3);
	assert_int_equal(t->smallest_width, 3);
	assert_true(t->exact_proved && !t->condition_holds);
	assert_non_null(strstr(t->sentence_shown, "Incorrectly pruned"));
	sessionrun_quietly(s, "step");
	stepped = session_snapshot(s);
	assert_int_equal(stepped->step, 2);
	assert_int_equal(snap->step, 1);
	/* One search is kept once, however many pictures show it. */
	assert_ptr_equal(stepped->trace, t);
	sessionrun_quietly(s, "beam 2");
	session_free(s);
	/* Pictures outlive what they show. */
	assert_string_equal(snap->trace->title_shown, "Tin Lighthouse");
	snapshot_release(snap);
	snapshot_release(stepped);
}

static char config_dir[] = "t_session.XXXXXX";

static int read_config(struct session *s, const char *text, struct err *err)
{
	char *dir = file_join(config_dir, "beamscope"), *path = file_join(dir, "config");
	int failed;

	mkdir(dir, 0700);
	check_ok(file_write(path, text, strlen(text), err), err);
	setenv("XDG_CONFIG_HOME", config_dir, 1);
	failed = session_read_config(s, err);
	unlink(path);
	rmdir(dir);
	free(path);
	free(dir);
	return failed;
}

static void test_config(void **state)
{
	struct session *s = open_session();
	struct err err;

	(void)state;
	assert_non_null(mkdtemp(config_dir));
	check_ok(read_config(s, "# mine\n\n tau = 2 \nformat=json\r\nbeam = 7\ntemplate = bear-train\n", &err), &err);
	assert_true(session_options(s)->tau == 2);
	assert_int_equal(session_options(s)->format, OUT_JSON);
	assert_string_equal(session_options(s)->template_name, "bear-train");
	/* The lesson asks for a beam of two, which is more special than the file. */
	check_record(s, "beam 1", "settings.beam", "2");
	check_record(s, "beam 1", "settings.tau", "2.0");
	check_refused(read_config(s, "tau = 2\nbeam 7\n", &err), &err, ERR_FORMAT, "config:2: 'beam 7'");
	check_refused(read_config(s, "baem = 7\n", &err), &err, ERR_FORMAT, "config:1: there is no option 'baem'");
	check_refused(read_config(s, "beam = seven", &err), &err, ERR_FORMAT, "config:1: option 'beam'");
	check_ok(session_read_config(s, &err), &err);
	rmdir(config_dir);
	session_free(s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_lesson),
		cmocka_unit_test(test_settings),
		cmocka_unit_test(test_failures_change_nothing),
		cmocka_unit_test(test_failed_load_keeps_settings),
		cmocka_unit_test(test_half_loaded),
		cmocka_unit_test(test_half_loaded_in_the_worker),
		cmocka_unit_test(test_cancelled),
		cmocka_unit_test(test_worker),
		cmocka_unit_test(test_branches),
		cmocka_unit_test(test_worker_errors),
		cmocka_unit_test(test_snapshot),
		cmocka_unit_test(test_config),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
