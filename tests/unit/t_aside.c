/* What a lesson puts aside comes back as it was, its own is kept or gone, and it begins from the defaults. */
#include "sessionrun.h"

#include <sys/stat.h>

#include "base/mem.h"
#include "session/option.h"
#include "session/session.h"

static void open_lesson(struct session *s, bool anew)
{
	struct err err;

	check_ok(session_lesson_enter(s, anew ? "." : NULL, &err), &err);
}

static void leave_lesson(struct session *s, bool keep)
{
	struct err err;

	check_ok(session_lesson_leave(s, keep, &err), &err);
}

/* The snapshot says so; NULL: no case is open. */
static void check_shows(struct session *s, const char *model, const char *data, const char *case_id, size_t step,
	size_t width)
{
	const struct snapshot *snap = session_snapshot(s);

	assert_string_equal(snap->model_shown, model);
	assert_string_equal(snap->data_shown, data);
	if (case_id)
		assert_string_equal(snap->case_id, case_id);
	else
		assert_null(snap->case_id);
	assert_int_equal(snap->step, step);
	assert_int_equal(snap->width, width);
	snapshot_release(snap);
}

static void the_users_things_come_back(void **state)
{
	struct session *s = sessionrun_open();

	(void)state;
	sessionrun_quietly(s, "set beam 12");
	sessionrun_quietly(s, "set threads 1");
	sessionrun_quietly(s, "beam 312");
	sessionrun_quietly(s, "goto 3");
	sessionrun_quietly(s, "diagnose --limit 3 --beams none");
	check_shows(s, "sft", "demo", "312", 3, 12);
	open_lesson(s, true);
	check_shows(s, "", "", NULL, 0, 10);
	assert_int_equal(session_options(s)->threads, 1);
	sessionrun_quietly(s, "load model $data/lesson/table.csv");
	sessionrun_quietly(s, "load data $data/lesson");
	sessionrun_quietly(s, "beam 1");
	sessionrun_quietly(s, "change beam 3");
	check_shows(s, "table.csv", "lesson", "1", 1, 2);
	leave_lesson(s, false);
	check_shows(s, "sft", "demo", "312", 3, 12);
	const struct snapshot *snap = session_snapshot(s);
	assert_int_equal(snap->cases->n_searched, 3);
	snapshot_release(snap);
	sessionrun_quietly(s, "step"); /* the search can still be gone on with, by model and trie */
	sessionrun_quietly(s, "force 1");
	check_shows(s, "sft", "demo", "312", 4, 12);
	session_free(s);
}

#define RACE "train sft --full --batch 2 --eval-cases 2 --steps "

/* What was diagnosed, compared and trained is not the lesson's, and the lesson's is not the user's. */
static void what_was_found_is_put_aside_too(void **state)
{
	struct session *s = sessionrun_open();
	const struct snapshot *before, *lesson, *after;

	(void)state;
	sessionrun_work(s, "diagnose --limit 3 --beams none");
	sessionrun_work(s, "compare --set tau=0.5 --limit 2 --beams none");
	sessionrun_work(s, "compare --set tau=0.5 --case 1");
	sessionrun_work(s, RACE "1");
	before = session_snapshot(s);
	assert_true(before->survey && before->contest && before->pair && before->race);
	open_lesson(s, true);
	lesson = session_snapshot(s);
	assert_true(!lesson->survey && !lesson->contest && !lesson->pair && !lesson->race);
	snapshot_release(lesson);
	sessionrun_work(s, "diagnose --limit 4 --beams none");
	sessionrun_work(s, RACE "2");
	lesson = session_snapshot(s);
	assert_int_equal(lesson->survey->cases, 4);
	assert_int_equal(lesson->race->steps, 2);
	assert_true(lesson->race->number != before->race->number);
	leave_lesson(s, false);
	after = session_snapshot(s);
	assert_ptr_equal(after->survey, before->survey);
	assert_ptr_equal(after->contest, before->contest);
	assert_ptr_equal(after->pair, before->pair);
	assert_int_equal(after->race->steps, 1);
	assert_int_equal(after->race->number, before->race->number);
	snapshot_release(after);
	sessionrun_work(s, RACE "1");
	after = session_snapshot(s);
	assert_true(after->race->number != before->race->number && after->race->number != lesson->race->number);
	snapshot_release(after);
	snapshot_release(lesson);
	snapshot_release(before);
	session_free(s);
}

static void a_lesson_is_gone_on_with(void **state)
{
	struct session *s = sessionrun_open();
	struct err err;

	(void)state;
	check_refused(session_lesson_enter(s, NULL, &err), &err, ERR_VALUE, "no lesson to go on with");
	open_lesson(s, true);
	sessionrun_quietly(s, "load model $data/lesson/table.csv");
	sessionrun_quietly(s, "load data $data/lesson");
	sessionrun_quietly(s, "beam 2");
	sessionrun_quietly(s, "goto 2");
	leave_lesson(s, true);
	check_shows(s, "", "", NULL, 0, 10);
	sessionrun_quietly(s, "beam 312");
	open_lesson(s, false);
	check_shows(s, "table.csv", "lesson", "2", 2, 2);
	sessionrun_quietly(s, "change beam 3");
	leave_lesson(s, false);
	check_shows(s, "sft", "demo", "312", 1, 10);
	check_refused(session_lesson_enter(s, NULL, &err), &err, ERR_VALUE, "no lesson to go on with");
	session_free(s);
}

static void one_lesson_at_a_time(void **state)
{
	struct session *s = sessionrun_open();
	struct err err;

	(void)state;
	check_refused(session_lesson_leave(s, false, &err), &err, ERR_VALUE, "no lesson is open");
	open_lesson(s, true);
	check_refused(session_lesson_enter(s, ".", &err), &err, ERR_VALUE, "a lesson is open");
	struct out out;
	out_init(&out, NULL);
	check_refused(session_run_line(s, "lesson greedy", &out, &err), &err, ERR_VALUE, "a lesson is open");
	out_release(&out);
	leave_lesson(s, false);
	session_free(s);
}

/* The folder that $work names, which is there, and gone with the lesson. */
static void a_lesson_has_a_folder(void **state)
{
	struct session *s = sessionrun_open();
	struct stat st;
	struct err err;
	char *path;

	(void)state;
	open_lesson(s, true);
	sessionrun_quietly(s, "set output $work/x");
	path = xstrdup(session_options(s)->output);
	*strrchr(path, '/') = '\0';
	assert_int_equal(stat(path, &st), 0);
	sessionrun_quietly(s, "set output");
	sessionrun_quietly(s, "load data $data/lesson");
	sessionrun_quietly(s, "load model $data/lesson/table.csv");
	sessionrun_quietly(s, "diagnose -o $work/found.jsonl --beams none");
	leave_lesson(s, true);
	assert_int_equal(stat(path, &st), 0);
	open_lesson(s, false);
	leave_lesson(s, false);
	assert_int_equal(stat(path, &st), -1);
	free(path);
	open_lesson(s, true); /* left open, the session's end takes it away */
	sessionrun_quietly(s, "set output $work/x");
	path = xstrdup(session_options(s)->output);
	*strrchr(path, '/') = '\0';
	session_free(s);
	assert_int_equal(stat(path, &st), -1);
	free(path);
	setenv("TMPDIR", "/nowhere", 1);
	s = sessionrun_open();
	check_refused(session_lesson_enter(s, ".", &err), &err, ERR_IO, "/nowhere/beamscope-lesson-");
	unsetenv("TMPDIR");
	check_shows(s, "", "", NULL, 0, 10);
	session_free(s);
}

static void the_bundled_data_has_a_name(void **state)
{
	struct session *s;
	struct out out;
	struct err err;

	(void)state;
	setenv("BEAMSCOPE_DATADIR", "/a 'b\\c#", 1);
	s = sessionrun_open();
	out_init(&out, NULL);
	check_refused(session_run_line(s, "load data $data/x", &out, &err), &err, ERR_IO, "'/a 'b\\c#/x'");
	check_refused(session_run_line(s, "load data $work/x", &out, &err), &err, ERR_NOT_FOUND, "variable '$work'");
	open_lesson(s, true);
	check_refused(session_run_line(s, "load data $data/x", &out, &err), &err, ERR_IO, "'/a 'b\\c#/x'");
	check_refused(session_run_line(s, "load data $work/x", &out, &err), &err, ERR_IO, "/x'");
	leave_lesson(s, false);
	out_release(&out);
	session_free(s);
	unsetenv("BEAMSCOPE_DATADIR");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_users_things_come_back),
		cmocka_unit_test(what_was_found_is_put_aside_too),
		cmocka_unit_test(a_lesson_is_gone_on_with),
		cmocka_unit_test(one_lesson_at_a_time),
		cmocka_unit_test(a_lesson_has_a_folder),
		cmocka_unit_test(the_bundled_data_has_a_name),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
