/* The history on disk: what is kept, what is read back, and what other programs and dying ones do to it. */
#include "check.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "session/histfile.h"
#include "tempdir.h"

static char *history;

static void add(const char *entry)
{
	struct err err;

	check_ok(histfile_add(history, entry, &err), &err);
}

static void holds(size_t limit, size_t n, const char *const *wanted)
{
	struct histfile_entries e = {0};
	struct err err;

	check_ok(histfile_read(&e, history, limit, &err), &err);
	assert_int_equal(e.at.n, n);
	for (size_t i = 0; i < n; i++)
		assert_string_equal(e.at.at[i], wanted[i]);
	histfile_release(&e);
}

static void write_all(const char *bytes, size_t n)
{
	int fd = open(history, O_WRONLY | O_CREAT | O_TRUNC, 0600);

	assert_true(fd >= 0);
	assert_int_equal(write(fd, bytes, n), n);
	close(fd);
}

static off_t size_of(void)
{
	struct stat st;

	assert_int_equal(stat(history, &st), 0);
	return st.st_size;
}

static void test_path(void **state)
{
	char *path;

	(void)state;
	setenv("XDG_STATE_HOME", "/state", 1);
	setenv("HOME", "/home/x", 1);
	path = histfile_path();
	assert_string_equal(path, "/state/beamscope/history");
	free(path);
	setenv("XDG_STATE_HOME", "", 1);
	path = histfile_path();
	assert_string_equal(path, "/home/x/.local/state/beamscope/history");
	free(path);
	unsetenv("HOME");
	assert_null(histfile_path());
}

static void test_kept(void **state)
{
	static const char *const wanted[] = {"beam 1", "find 'two\nlines'", "why # \\ ", "cases"};
	struct stat st;

	history = xasprintf("%s/new/folders/history", (char *)*state);
	holds(100, 0, NULL);
	add("beam 1");
	add("find 'two\nlines'");
	add("why # \\");
	add("cases");
	holds(100, ARRAY_LEN(wanted), wanted);
	assert_int_equal(stat(history, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0600);
	free(history);
}

/* Reading cuts the file to the latest, and doubles in a row count once. */
static void test_cut(void **state)
{
	static const char *const wanted[] = {"c", "d", "e"};

	history = xasprintf("%s/history", (char *)*state);
	write_all("a\nb\nb\nc\nc\nc\nd\ne\n", 16);
	holds(3, 3, wanted);
	assert_int_equal(size_of(), 6);
	holds(3, 3, wanted);
	free(history);
}

static void test_broken(void **state)
{
	static const char bytes[] = "good\n\x1b[31mred\n\xc2\x9b" "31mred\n\xff\xfe\n\nx\0y\nbeam 1\nhalf a li";
	static const char *const wanted[] = {"good", "beam 1"};
	struct histfile_entries e = {0};
	struct err err;

	history = xasprintf("%s/history", (char *)*state);
	write_all(bytes, sizeof(bytes) - 1);
	holds(100, 2, wanted);
	add("why"); /* is no part of the line whose writer died; that one is what it is */
	check_ok(histfile_read(&e, history, 100, &err), &err);
	assert_int_equal(e.at.n, 4);
	assert_string_equal(e.at.at[2], "half a li");
	assert_string_equal(e.at.at[3], "why");
	histfile_release(&e);
	assert_int_equal(unlink(history), 0);
	assert_int_equal(mkdir(history, 0700), 0);
	check_refused(histfile_read(&e, history, 100, &err), &err, ERR_IO, "the history is not read");
	assert_int_equal(histfile_add(history, "x", &err), -1);
	assert_non_null(strstr(err.msg, history));
	free(history);
	history = xasprintf("%s/history/is/no/place", "/dev/null");
	assert_int_equal(histfile_add(history, "x", &err), -1);
	holds(100, 0, NULL);
	free(history);
}

#define WRITERS 4
#define LINES 200

/* Each adds its lines, while all of them keep cutting the file. */
static void write_lines(int writer)
{
	struct histfile_entries e = {0};
	struct err err;
	char line[64];

	for (int i = 0; i < LINES; i++) {
		snprintf(line, sizeof(line), "writer %d line %d", writer, i);
		if (histfile_add(history, line, &err))
			_exit(1);
		if (i % 10 == 0 && histfile_read(&e, history, WRITERS * LINES, &err))
			_exit(2);
	}
	_exit(0);
}

static void test_many_writers(void **state)
{
	struct histfile_entries e = {0};
	int next[WRITERS] = {0};
	struct err err;

	history = xasprintf("%s/history", (char *)*state);
	for (int i = 0; i < WRITERS * LINES; i++) /* every cut takes some of these away */
		add(i % 2 ? "an old line" : "an older line");
	for (int w = 0; w < WRITERS; w++)
		if (fork() == 0)
			write_lines(w);
	for (int w = 0; w < WRITERS; w++) {
		int status;
		assert_true(wait(&status) > 0);
		assert_int_equal(status, 0);
	}
	check_ok(histfile_read(&e, history, WRITERS * LINES, &err), &err);
	assert_int_equal(e.at.n, WRITERS * LINES);
	for (size_t i = 0; i < e.at.n; i++) {
		int writer, line;
		assert_int_equal(sscanf(e.at.at[i], "writer %d line %d", &writer, &line), 2);
		assert_int_equal(line, next[writer]++);
	}
	histfile_release(&e);
	free(history);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_path),
		in_tempdir(test_kept),
		in_tempdir(test_cut),
		in_tempdir(test_broken),
		in_tempdir(test_many_writers),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
