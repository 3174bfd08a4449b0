/* Lines, scripts and what commands leave for the next ones, in a session over the lesson's three albums. */
#include "check.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "sessionrun.h"
#include "store/file.h"
#include "tempdir.h"

static struct session *open_small(void)
{
	struct session *s = sessionrun_open();

	sessionrun_quietly(s, "load model $data/lesson/table.csv; load data $data/lesson");
	return s;
}

static void says(struct session *s, const char *line, const char *expected)
{
	char *got = sessionrun_output(s, OUT_TSV, line);

	assert_string_equal(got, expected);
	free(got);
}

static void fails(struct session *s, const char *line, enum err_code code, const char *why)
{
	struct out out;
	struct err err;

	out_init(&out, NULL);
	check_refused(session_run_line(s, line, &out, &err), &err, code, why);
	out_release(&out);
}

static char *write_script(const char *dir, const char *name, const char *text)
{
	char *path = file_join(dir, name);
	struct err err;

	check_ok(file_write(path, text, strlen(text), &err), &err);
	return path;
}

static void a_line_holds_several_statements(void **state)
{
	struct session *s = open_small();

	(void)state;
	says(s, "let a 1; let b two words; let", "name\tvalue\na\t1\nb\ttwo words\n");
	fails(s, "let c 3; beam nobody; let d 4", ERR_NOT_FOUND, "no case 'nobody'");
	says(s, "let c", "name\tvalue\nc\t3\n");
	fails(s, "let d", ERR_NOT_FOUND, "'d'");
	says(s, "let c --unset # no more; let", "");
	says(s, "let", "name\tvalue\na\t1\nb\ttwo words\n");
	session_free(s);
}

static void names_of_variables(void **state)
{
	struct session *s = open_small();

	(void)state;
	fails(s, "let 2x 1", ERR_VALUE, "no digit comes first");
	fails(s, "let x-y 1", ERR_VALUE, "letters, digits and _");
	fails(s, "let '' 1", ERR_VALUE, "''");
	fails(s, "let last 1", ERR_VALUE, "'$last'");
	fails(s, "let x --unset", ERR_NOT_FOUND, "'x'");
	fails(s, "let --unset", ERR_USAGE, "--unset");
	fails(s, "find $nothing_of_the_kind", ERR_NOT_FOUND, "'$nothing_of_the_kind'");
	setenv("BEAMSCOPE_TEST_WORD", "of the environment", 1);
	says(s, "let x \"$BEAMSCOPE_TEST_WORD\"; let x", "name\tvalue\nx\tof the environment\n");
	says(s, "let BEAMSCOPE_TEST_WORD own; let x $BEAMSCOPE_TEST_WORD; let x", "name\tvalue\nx\town\n");
	unsetenv("BEAMSCOPE_TEST_WORD");
	session_free(s);
}

/* However the option that wants it is written. */
static void rows_for_options(void **state)
{
	static const char *const lines[] = {"score $1 --item $2", "score --item=$2 $1", "score 1 --item=\"$2\""};
	struct session *s = open_small();

	(void)state;
	sessionrun_quietly(s, "find e; cases"); /* marmalade, tin; 1, 2, 3 */
	for (size_t i = 0; i < ARRAY_LEN(lines); i++) {
		sessionrun_quietly(s, lines[i]);
		says(s, "let x $last.case $last.item; let x", "name\tvalue\nx\t1 tin\n");
	}
	sessionrun_quietly(s, "find e");
	fails(s, "loss sft --cas=2,$4", ERR_NOT_FOUND, "the last list of cases has the rows 1 to 3");
	session_free(s);
}

/* A row is of cases where a case is wanted and of items where an item is, whatever was listed last. */
static void rows_are_at_hand(void **state)
{
	struct session *s = open_small();
	char *items, *wanted;

	(void)state;
	fails(s, "beam $1", ERR_NOT_FOUND, "no cases were listed yet");
	sessionrun_quietly(s, "cases");
	sessionrun_quietly(s, "beam $2");
	items = sessionrun_output(s, OUT_TSV, "item $1");
	sessionrun_quietly(s, "score $2 --item $2");
	wanted = sessionrun_output(
		s, OUT_TSV, "let case $last.case; let item $last.item; let; beam 1; let r $2; let r");
	assert_non_null(strstr(wanted, "case\t2\n"));
	assert_non_null(strstr(items, "\t"));
	fails(s, "item $4", ERR_NOT_FOUND, "the last list of items has the rows 1 to");
	fails(s, "item $0", ERR_NOT_FOUND, "rows 1 to");
	fails(s, "item $99999999999999999999999", ERR_NOT_FOUND, "rows 1 to");
	free(items);
	free(wanted);
	session_free(s);
}

static void members_of_the_last_answer(void **state)
{
	struct session *s = sessionrun_open();

	(void)state;
	fails(s, "let x $last.case", ERR_NOT_FOUND, "no command has answered yet");
	fails(s, "last", ERR_VALUE, "no command has answered yet");
	sessionrun_quietly(s, "load model $data/lesson/table.csv; load data $data/lesson; beam 1");
	says(s, "let x $last.case $last.settings.beam $last.results.1.rank; let x", "name\tvalue\nx\t1 2 1\n");
	sessionrun_quietly(s, "let t ${last.positive.tokens}; beam 1 --beam 3");
	says(s, "let x ${last.verdict.pruned_at:-never} ${last.no.such:-0}; let x", "name\tvalue\nx\tnever 0\n");
	fails(s, "let x $last.verdict.pruned_at", ERR_NOT_FOUND, "is null");
	fails(s, "let x $last.verdict", ERR_VALUE, "no word or number");
	fails(s, "let x $last", ERR_VALUE, "no word or number");
	fails(s, "let x $last.results", ERR_VALUE, "$last.results.1");
	fails(s, "let x $last.results.0", ERR_NOT_FOUND, "the list has 3");
	fails(s, "let x $last.results.9", ERR_NOT_FOUND, "the list has 3");
	fails(s, "let x $last.cases", ERR_NOT_FOUND, "there are case, settings");
	fails(s, "let x $last.case.x", ERR_NOT_FOUND, "has none");
	session_free(s);
}

static void the_last_answer_in_other_forms(void **state)
{
	struct session *s = open_small();
	char *first = sessionrun_output(s, OUT_JSON, "find e"), *again = sessionrun_output(s, OUT_JSON, "last");
	char *rows = sessionrun_output(s, OUT_TSV, "find e"), *later;

	(void)state;
	sessionrun_quietly(s, "help; find --help");
	later = sessionrun_output(s, OUT_TSV, "last");
	assert_string_equal(first, again);
	assert_string_equal(rows, later);
	free(first);
	free(again);
	free(rows);
	free(later);
	session_free(s);
}

static void scripts_are_read_line_by_line(void **state)
{
	char *inner = write_script(*state, "inner", "let b 2\nlet c \\\n  3; let d 4\n");
	char *outer = write_script(
		*state, "outer", "#!/usr/bin/env -S beamscope -f\r\nlet a 1\r\nsource $dir/inner; let e 5\n");
	char *line = xasprintf("let dir %s; source %s; let --unset dir; let", (char *)*state, outer);
	struct session *s = open_small();

	says(s, line, "name\tvalue\na\t1\nb\t2\nc\t3\nd\t4\ne\t5\n");
	free(line);
	free(inner);
	free(outer);
	session_free(s);
}

static void a_script_says_where_it_failed(void **state)
{
	struct session *s = open_small();
	char *bad = write_script(*state, "bad", "let a 1\n\nlet b 2; beam \\\n nobody; let c 3\n");
	char *nul = file_join(*state, "nul"), *self = NULL, *where = xasprintf("source %s", bad);
	struct err err;

	fails(s, where, ERR_NOT_FOUND, "/bad:3: there is no case 'nobody'");
	says(s, "let", "name\tvalue\na\t1\nb\t2\n");
	free(where);
	check_ok(file_write(nul, "let x 1\nlet\0y", 13, &err), &err);
	where = xasprintf("source %s", nul);
	fails(s, where, ERR_FORMAT, "/nul:2: the line holds a NUL byte");
	free(where);
	where = xasprintf("source %s/self", (char *)*state);
	self = write_script(*state, "self", where);
	fails(s, where, ERR_VALUE, "does one run itself?");
	free(where);
	free(self);
	self = write_script(*state, "end", "let a 2\nlet b \\");
	where = xasprintf("source %s", self);
	fails(s, where, ERR_USAGE, "/end:2: a backslash ends the line");
	fails(s, "source /nonexistent/script", ERR_IO, "/nonexistent/script");
	fails(s, "source x --beam 3", ERR_USAGE, "options after 'source'");
	fails(s, "source -", ERR_USAGE, "'-' would take what is typed");
	fails(s, "source /dev/null", ERR_VALUE, "'/dev/null' is no regular file");
	fails(s, "source .", ERR_VALUE, "'.' is no regular file");
	free(where);
	free(self);
	free(bad);
	free(nul);
	session_free(s);
}

/* As a lesson runs lines of its own: what waited before waits still, and is told with its place. */
static void a_line_within_a_script_is_its_own(void **state)
{
	char *path = write_script(*state, "three", "let a 1\nlet b 2\nbeam nobody\n"), *wanted;
	struct session *s = open_small();
	struct buf statement = {0};
	struct err err;

	check_ok(session_feed_file(s, path, &err), &err);
	assert_int_equal(session_next(s, &statement, &err), 1);
	assert_string_equal(buf_str(&statement), "let a 1");
	sessionrun_quietly(s, "let c 3; # nothing more\n");
	assert_int_equal(session_next(s, &statement, &err), 1);
	assert_string_equal(buf_str(&statement), "let b 2");
	assert_int_equal(session_next(s, &statement, &err), 1);
	fails(s, buf_str(&statement), ERR_NOT_FOUND, "there is no case 'nobody'");
	err_set(&err, ERR_VALUE, "bad");
	assert_false(session_failed(s, &err));
	wanted = xasprintf("%s:3: bad", path);
	assert_string_equal(err.msg, wanted);
	free(wanted);
	free(path);
	buf_release(&statement);
	session_free(s);
}

/* The screens run one statement at a time, the next when the job is done. */
static void the_screens_go_on(void **state)
{
	struct session *s = open_small();
	char *line = NULL;
	struct err err;

	(void)state;
	check_ok(session_start(s, "beam 1; let a 1; let b 2", &err), &err);
	assert_true(session_busy(s));
	assert_int_equal(session_go_on(s, &line, &err), 0);
	sessionrun_wait(s);
	assert_int_equal(session_go_on(s, &line, &err), 1);
	assert_string_equal(line, " let a 1");
	free(line);
	assert_int_equal(session_go_on(s, &line, &err), 1);
	free(line);
	assert_int_equal(session_go_on(s, &line, &err), 0);
	says(s, "let", "name\tvalue\na\t1\nb\t2\n");
	check_ok(session_start(s, "beam 1 --adapter nothing; let a 3", &err), &err);
	sessionrun_wait(s);
	assert_int_equal(session_go_on(s, &line, &err), 0);
	says(s, "let a", "name\tvalue\na\t1\n");
	check_refused(session_start(s, "nonsense; let a 3", &err), &err, ERR_USAGE, "nonsense");
	assert_int_equal(session_go_on(s, &line, &err), 0);
	check_ok(session_start(s, "set keep-going on; let nothing --unset; let a 4", &err), &err);
	assert_int_equal(session_go_on(s, &line, &err), -1);
	assert_int_equal(session_go_on(s, &line, &err), 1);
	free(line);
	says(s, "let a", "name\tvalue\na\t4\n");
	session_free(s);
}

/* What the Cases view shows is the last list of cases, until a command lists others. */
static void rows_of_the_view(void **state)
{
	struct session *s = open_small();
	struct err err;

	(void)state;
	snapshot_release(session_snapshot(s));
	check_ok(session_start(s, "cases --where 'case=3'", &err), &err);
	snapshot_release(session_snapshot(s));
	says(s, "let a $1; let a", "name\tvalue\na\t3\n");
	fails(s, "beam $2", ERR_NOT_FOUND, "the rows 1 to 1");
	sessionrun_quietly(s, "cases --limit 2");
	says(s, "let a $1 $2; let a", "name\tvalue\na\t1 2\n");
	session_free(s);
}

/* A script that was written by hand, or cut off, may end without a line end. */
static void a_record_goes_on_in_a_line_of_its_own(void **state)
{
	char *path = write_script(*state, "kept", "let a 1"), *line = xasprintf("record --append %s; let b 2", path);
	struct session *s = sessionrun_open();
	struct buf text = {0};
	struct err err;

	sessionrun_quietly(s, line);
	check_ok(file_read(&text, path, 10000, &err), &err);
	assert_string_equal(buf_str(&text), "let a 1\nlet b 2\n");
	sessionrun_quietly(s, "record --stop");
	sessionrun_quietly(s, line);
	buf_clear(&text);
	check_ok(file_read(&text, path, 10000, &err), &err);
	assert_string_equal(buf_str(&text), "let a 1\nlet b 2\nlet b 2\n");
	free(line);
	free(path);
	buf_release(&text);
	session_free(s);
}

/* What a lesson runs is about data of its own, and would be run twice. */
static void a_lesson_is_recorded_as_one_command(void **state)
{
	struct session *s = open_small();
	char *path = file_join(*state, "kept"), *line = xasprintf("record %s; lesson greedy; record --stop", path);
	struct buf text = {0};
	struct err err;

	sessionrun_quietly(s, line);
	check_ok(file_read(&text, path, 10000, &err), &err);
	assert_non_null(strstr(buf_str(&text), "\nlesson greedy\n"));
	assert_null(strstr(buf_str(&text), "\nload "));
	free(line);
	free(path);
	buf_release(&text);
	session_free(s);
}

static void what_is_recorded_can_be_run_again(void **state)
{
	struct session *s = open_small();
	char *path = file_join(*state, "kept"), *inner = write_script(*state, "inner", "let hidden 1\n");
	char *line = xasprintf("record %s; let a 1; find \"a b\" ; help; source %s; record; step", path, inner), *again;
	struct buf text = {0};
	struct err err;

	fails(s, line, ERR_VALUE, "no search is open");
	fails(s, "record elsewhere", ERR_VALUE, "/kept'");
	sessionrun_quietly(s, "record --stop");
	fails(s, "record --stop", ERR_VALUE, "nothing is recorded");
	check_ok(file_read(&text, path, 10000, &err), &err);
	assert_non_null(strstr(buf_str(&text), "set model "));
	assert_non_null(strstr(buf_str(&text), "\nlet a 1\nfind \"a b\" \nsource "));
	assert_null(strstr(buf_str(&text), "hidden"));
	assert_null(strstr(buf_str(&text), "help"));
	assert_null(strstr(buf_str(&text), "step"));
	free(line);
	line = xasprintf("record %s", path);
	fails(s, line, ERR_VALUE, "is there already");
	session_free(s);

	s = sessionrun_open();
	again = xasprintf("record --append %s; let b 2; record --stop; source %s; let", path, path);
	says(s, again, "name\tvalue\nb\t2\na\t1\nhidden\t1\n");
	free(again);
	free(line);
	free(path);
	free(inner);
	buf_release(&text);
	session_free(s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_line_holds_several_statements),
		cmocka_unit_test(names_of_variables),
		cmocka_unit_test(rows_are_at_hand),
		cmocka_unit_test(rows_for_options),
		cmocka_unit_test(members_of_the_last_answer),
		cmocka_unit_test(the_last_answer_in_other_forms),
		in_tempdir(scripts_are_read_line_by_line),
		in_tempdir(a_script_says_where_it_failed),
		in_tempdir(a_line_within_a_script_is_its_own),
		cmocka_unit_test(the_screens_go_on),
		cmocka_unit_test(rows_of_the_view),
		in_tempdir(what_is_recorded_can_be_run_again),
		in_tempdir(a_record_goes_on_in_a_line_of_its_own),
		in_tempdir(a_lesson_is_recorded_as_one_command),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
