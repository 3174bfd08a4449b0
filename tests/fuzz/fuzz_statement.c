/*
 * Statements: a text falls into all its statements, whether it is fed as one line or read as a script; a variable's
 * value stays within its word; and words survive being quoted and split again.
 */
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/mem.h"
#include "session/feed.h"
#include "session/statement.h"

#include "fuzz.h"

/* What variables stand for here would fall into words and statements if it were read again. Those of one letter are
 * none. */
#define VALUE " 'a; $b\" # \\"

static int value(void *arg, const char *name, const struct variable_place *at, struct buf *out, struct err *err)
{
	(void)arg;
	FUZZ_CHECK(*name && at->before->argv[at->before->argc] == NULL);
	if (strlen(name) == 1)
		return err_set(err, ERR_NOT_FOUND, "there is no variable '$%s'", name);
	buf_addstr(out, VALUE);
	return 0;
}

static void check_quoted(const struct cmd_line *l)
{
	struct buf quoted = {0};
	struct cmd_line again;
	struct err err;

	for (int i = 0; i < l->argc; i++) {
		buf_addch(&quoted, ' ');
		buf_addword(&quoted, l->argv[i]);
	}
	FUZZ_CHECK(statement_end(buf_str(&quoted)) == quoted.len);
	FUZZ_CHECK(!statement_open(buf_str(&quoted)));
	FUZZ_CHECK(statement_split(&again, buf_str(&quoted), value, NULL, &err) == 0);
	FUZZ_CHECK(again.argc == l->argc);
	for (int i = 0; i < l->argc; i++)
		FUZZ_CHECK(strcmp(again.argv[i], l->argv[i]) == 0);
	cmd_line_release(&again);
	buf_release(&quoted);
}

static void check_statement(const char *statement)
{
	struct cmd_line plain, expanded;
	struct err err;

	FUZZ_CHECK(statement_end(statement) == strlen(statement));
	if (statement_split(&plain, statement, NULL, NULL, &err) < 0) {
		FUZZ_CHECK(err.code == ERR_USAGE);
		return;
	}
	check_quoted(&plain);
	if (statement_split(&expanded, statement, value, NULL, &err) == 0) {
		FUZZ_CHECK(expanded.argc == plain.argc);
		check_quoted(&expanded);
		cmd_line_release(&expanded);
	} else {
		FUZZ_CHECK(err.code == ERR_USAGE || err.code == ERR_NOT_FOUND);
	}
	cmd_line_release(&plain);
}

/* Checks each statement that is fed; the number of those that are not blank. */
static size_t drain(struct feed *f, size_t most, struct err *err)
{
	struct buf statement = {0};
	size_t n = 0, all = 0;
	int more;

	while ((more = feed_next(f, 0, &statement, err)) > 0) {
		FUZZ_CHECK(++all <= most);
		n += strspn(buf_str(&statement), " \t\r") < statement.len;
		check_statement(buf_str(&statement));
	}
	FUZZ_CHECK(f->n == 0);
	if (more == 0)
		err->code = ERR_NONE;
	buf_release(&statement);
	return n;
}

/* Looked at line by line it is what it is as a whole. */
static void check_growing(const char *text)
{
	struct statement_scan scan = {0};
	struct buf grown = {0};

	for (const char *s = text;; s++) {
		size_t n = strcspn(s, "\n");

		buf_add(&grown, s, n);
		s += n;
		FUZZ_CHECK(statement_open_still(&scan, buf_str(&grown)) == statement_open(buf_str(&grown)));
		if (!*s)
			break;
		buf_addch(&grown, '\n');
	}
	buf_release(&grown);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	char *text = xstrndup((const char *)data, len);
	size_t n = strlen(text), typed, read;
	struct fuzz_file file;
	struct feed f = {0};
	struct err err;

	check_growing(text);
	feed_text(&f, text);
	typed = drain(&f, n + 1, &err);
	FUZZ_CHECK(err.code == ERR_NONE);
	fuzz_file_init(&file, (const uint8_t *)text, n);
	FUZZ_CHECK(feed_file(&f, file.path, &err) == 0);
	read = drain(&f, n + 1, &err);
	FUZZ_CHECK(err.code != ERR_NONE || read == typed);
	fuzz_file_release(&file);
	feed_release(&f);
	free(text);
	return 0;
}
