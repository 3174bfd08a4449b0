#include "check.h"

#include <errno.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/mem.h"
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

/* What is wrong, and with what, can still be read. */
static void enormous_words_lose_their_middle(void **state)
{
	char text[3000], path[301];
	struct err err;

	(void)state;
	memset(text, 'a', sizeof(text) - 1);
	text[0] = 'b';
	text[sizeof(text) - 1] = '\0';
	err_set(&err, ERR_VALUE, "there is no command '%s'; did you mean 'set'?", text);
	assert_memory_equal(err.msg, "there is no command 'baaaaaaa", 29);
	assert_non_null(strstr(err.msg, "aaa...aaa"));
	assert_non_null(strstr(err.msg, "aaa'; did you mean 'set'?"));
	assert_in_range(strlen(err.msg), 60, 200);
	err_errno(&err, ENOENT, "%s", text);
	assert_non_null(strstr(err.msg, "aaa: No such file or directory"));
	err_set(&err, ERR_VALUE, "short");
	err_prefix(&err, "%s", text);
	assert_non_null(strstr(err.msg, "aaa: short"));

	/* A path as long as paths are is given whole. */
	memset(path, 'p', sizeof(path) - 1);
	path[sizeof(path) - 1] = '\0';
	err_set(&err, ERR_IO, "cannot open '%s'", path);
	assert_non_null(strstr(err.msg, path));
}

static void long_texts_lose_their_middle(void **state)
{
	char text[3000];
	struct err err;

	(void)state;
	for (size_t i = 0; i < sizeof(text); i++)
		text[i] = i % 4 == 3 ? ' ' : 'n';
	text[sizeof(text) - 1] = '\0';
	err_set(&err, ERR_VALUE, "no title has '%s': give less", text);
	assert_memory_equal(err.msg, "no title has 'nnn nnn ", 22);
	assert_non_null(strstr(err.msg, "nnn': give less"));
	assert_in_range(strlen(err.msg), 60, 200);
	err_set(&err, ERR_VALUE, "%s", text);
	assert_in_range(strlen(err.msg), 60, 400);
	for (size_t i = 0; i + 1 < sizeof(text); i++)
		text[i] = i % 2 ? ' ' : '\'';
	err_set(&err, ERR_VALUE, "it is %s: so it is", text);
	assert_int_equal(strlen(err.msg), 400);
	assert_memory_equal(err.msg, "it is ", 6);
	assert_string_equal(err.msg + 400 - 10, ": so it is");
}

/* As a file may hold it: what stands around it is still said, and at once. */
static void a_text_of_a_megabyte_loses_its_middle(void **state)
{
	size_t len = 1 << 20;
	char *text = xmalloc(len + 1);
	struct err err;

	(void)state;
	for (size_t i = 0; i < len; i++)
		text[i] = i % 100 ? 'n' : ' ';
	text[len] = '\0';
	err_set(&err, ERR_VALUE, "no title has '%s': give less", text);
	assert_memory_equal(err.msg, "no title has '", 14);
	assert_non_null(strstr(err.msg, "nnn': give less"));
	assert_in_range(strlen(err.msg), 60, 400);
	free(text);
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
	for (size_t n = 1000; n < 1012; n++) { /* three bytes each when shown: a cut may go through one */
		memset(text, '\n', n);
		text[n] = '\0';
		err_set(&err, ERR_VALUE, "xx%s", text);
		assert_true(utf8_valid(err.msg, strlen(err.msg)));
		assert_in_range(strlen(err.msg), 60, 400);
	}
}

/* Words hardly longer than what is kept of one, cut within characters at both ends: each try must leave less. */
static void shortens_words_of_wide_characters(void **state)
{
	static const char *const characters[] = {"\u00e9", "\u25b6", "\U0001F600"};
	struct err err;

	(void)state;
	for (size_t c = 0; c < ARRAY_LEN(characters); c++) {
		for (size_t len = 80; len < 100; len++) {
			struct buf text = {0};

			for (size_t begin = 0; begin < 4; begin++) {
				size_t left = len - begin, width = strlen(characters[c]);

				buf_add(&text, "nnn", begin);
				for (; left >= width; left -= width)
					buf_addstr(&text, characters[c]);
				buf_add(&text, "nnn", left);
				buf_addch(&text, ' ');
			}
			err_set(&err, ERR_VALUE, "%s%s", buf_str(&text), buf_str(&text));
			assert_true(utf8_valid(err.msg, strlen(err.msg)));
			assert_in_range(strlen(err.msg), 60, 400);
			buf_release(&text);
		}
	}
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
		cmocka_unit_test(enormous_words_lose_their_middle),
		cmocka_unit_test(long_texts_lose_their_middle),
		cmocka_unit_test(shortens_words_of_wide_characters),
		cmocka_unit_test(a_text_of_a_megabyte_loses_its_middle),
		cmocka_unit_test(quotes_safely),
		cmocka_unit_test(bug_aborts_and_says_where),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
