/* The probability table: its answers, and one clear refusal for each thing that is wrong with a file. */
#include "check.h"

#include <math.h>
#include <unistd.h>

#include "base/mem.h"
#include "model/table.h"

static char *path;

static int set_up(void **state)
{
	const char *tmp = getenv("TMPDIR");
	int fd;

	(void)state;
	path = xasprintf("%s/beamscope-table-XXXXXX", tmp != NULL ? tmp : "/tmp");
	fd = mkstemp(path);
	return fd < 0 ? -1 : close(fd);
}

static int tear_down(void **state)
{
	(void)state;
	unlink(path);
	free(path);
	return 0;
}

static void write_table(const char *text)
{
	FILE *f = fopen(path, "wb");

	assert_non_null(f);
	fputs(text, f);
	assert_int_equal(fclose(f), 0);
}

static struct lm *open_good(const char *text)
{
	struct lm *lm;
	struct err err;

	write_table(text);
	check_ok(table_open(&lm, path, &err), &err);
	check_ok(lm_prompt(lm, NULL, 0, &err), &err);
	return lm;
}

/* p of a token after a node; *lse as asked for at tau. */
static double ask(struct lm *lm, lm_node node, uint32_t token, double tau, double *lse)
{
	float z;
	struct lm_query query = {.node = node, .ids = &token, .n = 1, .logits = &z, .lse = lse};
	struct err err;

	assert_int_equal(lm_query(lm, &query, 1, tau, &err), 0);
	return exp(z);
}

static void assert_near(double a, double b)
{
	if (!(fabs(a - b) <= 1e-6))
		fail_msg("%.9g is not %.9g", a, b);
}

static const char lesson[] = "prefix,token,probability\n"
			     ",5,0.5\n"
			     ",6,0.3\n"
			     "5 7,2,1\n" /* before its parent's rows */
			     "5,7,0.25\n"
			     "5,8,0.75\n"
			     "6,7,0\n"
			     "6,2,0.9\n";

static void test_answers(void **state)
{
	struct lm *lm = open_good(lesson);
	lm_node five = lm_child(lm, LM_PROMPT, 5), six = lm_child(lm, LM_PROMPT, 6);
	lm_node five_seven = lm_child(lm, five, 7);

	(void)state;
	assert_int_equal(lm->vocab, 9);
	assert_int_equal(lm->max_tokens, 0);
	assert_near(ask(lm, LM_PROMPT, 5, 1, NULL), 0.5);
	assert_near(ask(lm, LM_PROMPT, 6, 1, NULL), 0.3);
	assert_true(ask(lm, LM_PROMPT, 7, 1, NULL) == 0);
	assert_near(ask(lm, five, 7, 1, NULL), 0.25);
	assert_near(ask(lm, five_seven, 2, 1, NULL), 1);
	assert_true(ask(lm, six, 7, 1, NULL) == 0);
	assert_near(ask(lm, six, 2, 1, NULL), 0.9);
	assert_true(lm_child(lm, five, 7) == five_seven);
	lm_close(lm);
}

/* What a prefix's rows leave to 1 belongs to some token that is not listed. */
static void test_log_sums(void **state)
{
	struct lm *lm = open_good(lesson);
	lm_node five = lm_child(lm, LM_PROMPT, 5), off = lm_child(lm, LM_PROMPT, 3);
	double lse;

	(void)state;
	ask(lm, LM_PROMPT, 5, 1, &lse);
	assert_near(lse, 0);
	ask(lm, LM_PROMPT, 5, 2, &lse);
	assert_near(lse, log(sqrt(0.5) + sqrt(0.3) + sqrt(0.2)));
	ask(lm, five, 7, 0.5, &lse);
	assert_near(lse, log(0.25 * 0.25 + 0.75 * 0.75));
	assert_true(ask(lm, off, 5, 1, &lse) == 0);
	assert_near(lse, 0);
	assert_true(ask(lm, lm_child(lm, off, 5), 7, 1, &lse) == 0);
	lm_close(lm);
}

/* At the lowest temperature no power of a probability but 1 is left in a double; their quotients are. */
static void test_low_temperature(void **state)
{
	struct lm *lm = open_good(lesson);
	lm_node five = lm_child(lm, LM_PROMPT, 5);
	double lse;

	(void)state;
	ask(lm, five, 7, 1e-4, &lse);
	assert_near(lse / 1e4, log(0.75));
	ask(lm, LM_PROMPT, 6, 1e-4, &lse);
	assert_near(lse / 1e4, log(0.5));
	lm_close(lm);
}

static void test_whole_rows(void **state)
{
	struct lm *lm = open_good(lesson);
	lm_node five = lm_child(lm, LM_PROMPT, 5), off = lm_child(lm, five, 3);
	float z[2][9];
	struct lm_query queries[] = {{.node = five, .all = z[0]}, {.node = off, .all = z[1]}};
	struct err err;

	(void)state;
	assert_int_equal(lm_query(lm, queries, 2, 1, &err), 0);
	for (size_t v = 0; v < 9; v++) {
		assert_near(exp(z[0][v]), v == 7 ? 0.25 : v == 8 ? 0.75 : 0);
		assert_true(z[1][v] == -INFINITY);
	}
	lm_close(lm);
}

static void test_prompts_do_not_matter(void **state)
{
	struct lm *lm = open_good(lesson);
	static const uint32_t tokens[] = {4000000, 1};
	struct err err;

	(void)state;
	lm_child(lm, LM_PROMPT, 5);
	assert_int_equal(lm_prompt(lm, tokens, 2, &err), 0);
	assert_near(ask(lm, LM_PROMPT, 5, 1, NULL), 0.5);
	assert_near(ask(lm, lm_child(lm, LM_PROMPT, 5), 7, 1, NULL), 0.25);
	lm_close(lm);
}

/* A table of many prefixes against the formula that it was written from. */
static void test_many_prefixes(void **state)
{
	FILE *f = fopen(path, "wb");
	struct lm *lm;
	struct err err;

	(void)state;
	assert_non_null(f);
	fprintf(f, "prefix,token,probability\n");
	for (unsigned a = 0; a < 40; a++) {
		for (unsigned b = 0; b < 25; b++)
			fprintf(f, "%u,%u,%.17g\n%u %u,%u,%.17g\n", a, b, 1.0 / (a + 26), a, b, (a * b) % 40,
				1.0 / (a + b + 1));
	}
	assert_int_equal(fclose(f), 0);
	assert_int_equal(table_open(&lm, path, &err), 0);
	assert_int_equal(lm->vocab, 40);
	assert_int_equal(lm_prompt(lm, NULL, 0, &err), 0);
	for (unsigned a = 0; a < 40; a++) {
		lm_node node = lm_child(lm, LM_PROMPT, a);

		for (unsigned b = 0; b < 25; b++) {
			assert_near(ask(lm, node, b, 1, NULL), 1.0 / (a + 26));
			assert_near(ask(lm, lm_child(lm, node, b), (a * b) % 40, 1, NULL), 1.0 / (a + b + 1));
		}
	}
	lm_close(lm);
}

static void test_refusals(void **state)
{
	static const struct {
		const char *text, *part, *other;
	} cases[] = {
		{"", "empty", "header"},
		{"prefix,token,probability\n", "without rows", ""},
		{"prefix,token\n,5\n", "\"probability\"", ":1: "},
		{"prefix,token,probability\n,5,0.5\n,x,0.5\n", ":3: column \"token\": must be", "\"x\""},
		{"prefix,token,probability\n,,0.5\n", ":2: column \"token\": must be", "\"\""},
		{"prefix,token,probability\n,-5,0.5\n", ":2: column \"token\": must be", "\"-5\""},
		{"prefix,token,probability\n,5 6,0.5\n", ":2: column \"token\": must be", "\"5 6\""},
		{"prefix,token,probability\n,16777216,0.5\n", ":2: column \"token\": must be", "\"16777216\""},
		{"prefix,token,probability\n,99999999999999999999999,0.5\n", ":2: column \"token\": must be",
			"\"99999999999999999999999\""},
		{"prefix,token,probability\n5 y,5,0.5\n", ":2: column \"prefix\": must be", "\"5 y\""},
		{"prefix,token,probability\n5;6,5,0.5\n", ":2: column \"prefix\": must be", "\"5;6\""},
		{"prefix,token,probability\n,5,half\n", ":2: column \"probability\": must be a number from 0 to 1",
			"not"},
		{"prefix,token,probability\n,5,\n", ":2: column \"probability\": must be a number from 0 to 1", "not"},
		{"prefix,token,probability\n,5,-0.1\n", ":2: column \"probability\": must be a number from 0 to 1",
			"not"},
		{"prefix,token,probability\n,5,1.1\n", ":2: column \"probability\": must be a number from 0 to 1",
			"not"},
		{"prefix,token,probability\n,5,nan\n", ":2: column \"probability\": must be a number from 0 to 1",
			"not"},
		{"prefix,token,probability\n,5,inf\n", ":2: column \"probability\": must be a number from 0 to 1",
			"not"},
		{"prefix,token,probability\n,5,0.5x\n", ":2: column \"probability\": must be a number from 0 to 1",
			"not"},
		{"prefix,token,probability\n3 4,5,0.5\n,6,1\n3 4,5,0.25\n", ":4: token 5 after '3 4'", "in line 2"},
		{"prefix,token,probability\n,6,1\n3 4,5,0.5\n3 4,6,0.6\n", ":4: the probabilities after '3 4'",
			"sum to 1.1"},
		{"prefix,token,probability\n,6,0.5\n,7,0.500002\n", ":3: ", "sum to 1.000002"},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct lm *lm;
		struct err err;

		write_table(cases[i].text);
		assert_int_equal(table_open(&lm, path, &err), -1);
		if (err.code != ERR_FORMAT || strstr(err.msg, path) == NULL || strstr(err.msg, cases[i].part) == NULL ||
			strstr(err.msg, cases[i].other) == NULL)
			fail_msg("case %zu: '%s' lacks '%s' or '%s'", i, err.msg, cases[i].part, cases[i].other);
	}
}

static void test_missing_file(void **state)
{
	struct lm *lm;
	struct err err;

	(void)state;
	assert_int_equal(table_open(&lm, "/nowhere/table.csv", &err), -1);
	assert_non_null(strstr(err.msg, "/nowhere/table.csv"));
}

static void test_slack(void **state)
{
	struct lm *lm = open_good("prefix,token,probability\n,6,0.5\n,7,0.5000005\n");
	double lse;

	(void)state;
	ask(lm, LM_PROMPT, 6, 1, &lse);
	assert_near(lse, 5e-7);
	lm_close(lm);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_answers),
		cmocka_unit_test(test_log_sums),
		cmocka_unit_test(test_low_temperature),
		cmocka_unit_test(test_whole_rows),
		cmocka_unit_test(test_prompts_do_not_matter),
		cmocka_unit_test(test_many_prefixes),
		cmocka_unit_test(test_refusals),
		cmocka_unit_test(test_missing_file),
		cmocka_unit_test(test_slack),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
