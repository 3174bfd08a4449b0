/* What a line says: its statements, their words, and what stands in a variable's place. */
#include "check.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "session/statement.h"

/* $name is "<name>", after how many words it stands said too; $none is none, and $bad cannot be had. */
static int value(void *arg, const char *name, const struct variable_place *at, struct buf *out, struct err *err)
{
	(void)arg;
	if (!strcmp(name, "none"))
		return err_set(err, ERR_NOT_FOUND, "there is no variable '$none'");
	if (!strcmp(name, "bad"))
		return err_set(err, ERR_VALUE, "'$bad' is bad");
	buf_addf(out, "<%s %d>", name, at->before->argc);
	return 0;
}

static char *joined(const char *line, variable_fn *fn)
{
	struct buf b = {0};
	struct cmd_line l;
	struct err err;

	check_ok(statement_split(&l, line, fn, NULL, &err), &err);
	assert_null(l.argv[l.argc]);
	for (int i = 0; i < l.argc; i++)
		buf_addf(&b, "[%s]", l.argv[i]);
	cmd_line_release(&l);
	return b.at ? buf_detach(&b) : xstrdup("");
}

static void splits(const char *line, variable_fn *fn, const char *expected)
{
	char *got = joined(line, fn);

	assert_string_equal(got, expected);
	free(got);
}

static void refused(const char *line, enum err_code code, const char *why)
{
	struct cmd_line l;
	struct err err;

	check_refused(statement_split(&l, line, value, NULL, &err), &err, code, why);
}

static void words(void **state)
{
	(void)state;
	splits("", NULL, "");
	splits("  \t \r", NULL, "");
	splits("# all of it", NULL, "");
	splits("beam 17 # a comment", NULL, "[beam][17]");
	splits("find a#b", NULL, "[find][a#b]");
	splits("find 'two  words' \"and \\\" one\" \\'", NULL, "[find][two  words][and \" one][']");
	splits("find '' x''y", NULL, "[find][][xy]");
	splits("a b c d e f g h i j k l m n o p q r", NULL, "[a][b][c][d][e][f][g][h][i][j][k][l][m][n][o][p][q][r]");
	splits("beam 17\\\n --trace", NULL, "[beam][17][--trace]");
	splits("be\\\nam \\\r\n 17", NULL, "[beam][17]");
	splits("find '\\' \"a;b\" c;d \\;", NULL, "[find][\\][a;b][c;d][;]");
}

static void variables(void **state)
{
	(void)state;
	splits("beam $1 x$case/${item}y", value, "[beam][<1 1>][x<case 2>/<item 2>y]");
	splits("a \"$b c\" '$d' \\$e $ $- $", value, "[a][<b 1> c][$d][$e][$][$-][$]");
	splits("$12a $a1.b $last.x.y_z.1 $last. $lastly.x", value,
		"[<12 0>a][<a1 1>.b][<last.x.y_z.1 2>][<last 3>.][<lastly 4>.x]");
	splits("~ ~/a/~ b~ \"~\" '~/' \\~ ~b ~\t~", value,
		"[<HOME 0>][<HOME 1>/a/~][b~][~][~/][~][~b][<HOME 7>][<HOME 8>]");
	splits("${none:-a b}c ${x:-y} ${none:-}", value, "[a bc][<x 1>][]");
	splits("$a ${b:-c} ${d}", NULL, "[$a][${b:-c}][${d}]");
	refused("beam $none", ERR_NOT_FOUND, "'$none'");
	refused("beam ${bad:-x}", ERR_VALUE, "'$bad'");
	refused("beam ${x", ERR_USAGE, "'${'");
	refused("beam ${}", ERR_USAGE, "'${'");
	refused("beam ${x y}", ERR_USAGE, "'${'");
	refused("beam ${x:-y\nz}", ERR_USAGE, "'${'");
}

static void open_ends_are_refused(void **state)
{
	(void)state;
	refused("find 'x", ERR_USAGE, "quote is not closed: '");
	refused("find \"x'", ERR_USAGE, "quote is not closed: \"");
	refused("find x\\", ERR_USAGE, "backslash");
	refused("find \"x\\", ERR_USAGE, "backslash");
	refused("find '\\", ERR_USAGE, "quote is not closed");
}

/* The statements of a text, each in brackets. */
static void parts(const char *text, const char *expected)
{
	struct buf b = {0};

	for (const char *s = text;;) {
		size_t n = statement_end(s);

		buf_addf(&b, "[%.*s]", (int)n, s);
		if (!s[n])
			break;
		s += n + 1;
	}
	assert_string_equal(buf_str(&b), expected);
	buf_release(&b);
}

/* Looked at line by line it is what it is as a whole. */
static void growing(void **state)
{
	static const char *const lines[] = {
		"let a 'x' \\", "\"b\\", "'c\\", "' d\" e\\", "\\", "# f \\", "g; h\\", "${i \\", "'j\\", "",
	};
	struct buf text = {0};
	struct statement_scan scan = {0};

	(void)state;
	for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) {
		if (i > 0)
			buf_addch(&text, '\n');
		buf_addstr(&text, lines[i]);
		assert_int_equal(statement_open_still(&scan, buf_str(&text)), statement_open(buf_str(&text)));
	}
	buf_release(&text);
}

static void statements(void **state)
{
	(void)state;
	parts("", "[]");
	parts("beam 1; why", "[beam 1][ why]");
	parts("beam 1 ;why;", "[beam 1 ;why][]");
	parts("a;; b;;c ;;; d", "[a][][ b][;c ][][][ d]");
	parts("a;b 'c; d' \"e; f\" g\\; h", "[a;b 'c; d' \"e; f\" g\\; h]");
	parts("a # b; c\nd", "[a # b; c][d]");
	parts("a \\\n b\nc;", "[a \\\n b][c][]");
	parts("a 'b\nc'", "[a 'b][c']");
	assert_false(statement_open("beam 1; why"));
	assert_false(statement_open("find 'a"));
	assert_false(statement_open("# a comment \\"));
	assert_false(statement_open("find '\\"));
	assert_true(statement_open("beam 1; why \\"));
	assert_true(statement_open("a\nb \\\nc\\"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(words),
		cmocka_unit_test(variables),
		cmocka_unit_test(open_ends_are_refused),
		cmocka_unit_test(statements),
		cmocka_unit_test(growing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
