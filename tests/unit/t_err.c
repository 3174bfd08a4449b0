#include "check.h"

#include <errno.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/utf8.h"

static void sets_code_and_message(void **state)
{
	struct err err;

	(void)state;
	assert_int_equal(err_set(&err, ERR_VALUE, "%d is not %s", 3, "even"), -1);
	assert_int_equal(err.code, ERR_VALUE);
	assert_string_equal(err.msg, "3 is not even");
}

static void appends_the_systems_reason(void **state)
{
	struct err err;

	(void)state;
	assert_int_equal(err_errno(&err, ENOENT, "cannot open '%s'", "x"), -1);
	assert_int_equal(err.code, ERR_IO);
	assert_string_equal(err.msg, "cannot open 'x': No such file or directory");
}

static void prefixes_nest_and_keep_the_code(void **state)
{
	struct err err;

	(void)state;
	err_set(&err, ERR_FORMAT, "bad");
	assert_int_equal(err_prefix(&err, "row %d", 7), -1);
	err_prefix(&err, "file");
	assert_int_equal(err.code, ERR_FORMAT);
	assert_string_equal(err.msg, "file: row 7: bad");
}

static void long_messages_are_cut(void **state)
{
	char text[3000];
	struct err err;

	(void)state;
	memset(text, 'a', sizeof(text) - 1);
	text[sizeof(text) - 1] = '\0';
	err_set(&err, ERR_VALUE, "%s", text);
	assert_int_equal(strlen(err.msg), sizeof(err.msg) - 1);
	err_errno(&err, ENOENT, "%s", text);
	assert_int_equal(strlen(err.msg), sizeof(err.msg) - 1);
	err_set(&err, ERR_VALUE, "short");
	err_prefix(&err, "%s", text);
	assert_int_equal(strlen(err.msg), sizeof(err.msg) - 1);
}

static void quotes_safely(void **state)
{
	char text[3000];
	struct err err;

	(void)state;
	err_set(&err, ERR_FORMAT, "key '%s' is odd", "a\nb\x1b[2J\xff");
	assert_string_equal(err.msg, "key 'a␊b␛[2J\uFFFD' is odd");
	err_prefix(&err, "file\r");
	assert_string_equal(err.msg, "file␍: key 'a␊b␛[2J\uFFFD' is odd");
	err_errno(&err, ENOENT, "\x07");
	assert_string_equal(err.msg, "␇: No such file or directory");
	memset(text, '\n', sizeof(text) - 1); /* three bytes each when shown: the cut goes through one */
	text[sizeof(text) - 1] = '\0';
	err_set(&err, ERR_VALUE, "xx%s", text);
	assert_true(utf8_valid(err.msg, strlen(err.msg)));
	assert_true(strlen(err.msg) > sizeof(err.msg) - 4);
}

static void bug_aborts_and_says_where(void **state)
{
	char text[200] = "";
	int out[2], status;
	pid_t child;
	FILE *said;

	(void)state;
	assert_int_equal(pipe(out), 0);
	child = fork();
	if (child == 0) {
		dup2(out[1], 2);
		signal(SIGABRT, SIG_DFL);
		BUG("%d apples", 5);
	}
	close(out[1]);
	said = fdopen(out[0], "r");
	assert_non_null(said);
	assert_true(fread(text, 1, sizeof(text) - 1, said) > 0); /* until the child's end is closed */
	fclose(said);
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGABRT);
	assert_non_null(strstr(text, "t_err.c:"));
	assert_non_null(strstr(text, "bug: 5 apples"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(sets_code_and_message),
		cmocka_unit_test(appends_the_systems_reason),
		cmocka_unit_test(prefixes_nest_and_keep_the_code),
		cmocka_unit_test(long_messages_are_cut),
		cmocka_unit_test(quotes_safely),
		cmocka_unit_test(bug_aborts_and_says_where),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
