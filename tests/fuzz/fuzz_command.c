/* A command line: what is accepted has its required arguments in range, and words survive being quoted and split again.
 */
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/mem.h"
#include "session/command.h"

#include "fuzz.h"

static void check_args(const struct cmd_entry *e, const struct cmd_args *a)
{
	for (size_t i = 0; e->args[i].name; i++) {
		const struct cmd_arg *arg = &e->args[i];
		bool number = arg->type == ARG_INT || arg->type == ARG_REAL;

		FUZZ_CHECK(!arg->required || a->given[i]);
		FUZZ_CHECK(!a->given[i] || arg->type == ARG_FLAG || a->text[i]);
		FUZZ_CHECK(!number || !a->text[i] || (arg->min == 0 && arg->max == 0) ||
			   (a->number[i] >= arg->min && a->number[i] <= arg->max));
	}
}

static void check_words(const struct cmd_line *l)
{
	struct buf quoted = {0};
	struct cmd_line again;
	struct err err;

	for (int i = 0; i < l->argc; i++) {
		buf_addstr(&quoted, " '");
		for (const char *p = l->argv[i]; *p; p++) {
			if (*p == '\'')
				buf_addstr(&quoted, "'\\''");
			else
				buf_addch(&quoted, *p);
		}
		buf_addch(&quoted, '\'');
	}
	FUZZ_CHECK(statement_split(&again, buf_str(&quoted), NULL, NULL, &err) == 0);
	FUZZ_CHECK(again.argc == l->argc);
	for (int i = 0; i < l->argc; i++)
		FUZZ_CHECK(strcmp(again.argv[i], l->argv[i]) == 0);
	cmd_line_release(&again);
	buf_release(&quoted);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	char *line = xstrndup((const char *)data, len);
	const struct cmd_entry *e;
	struct cmd_line l;
	struct cmd_args a;
	struct err err;

	if (statement_split(&l, line, NULL, NULL, &err) == 0) {
		check_words(&l);
		e = l.argc > 0 ? cmd_find(l.argv[0], &err) : NULL;
		if (e) {
			if (cmd_parse(e, l.argc - 1, l.argv + 1, &a, &err) == 0 && !a.help)
				check_args(e, &a);
			cmd_args_release(&a);
		}
		cmd_line_release(&l);
	}
	free(line);
	return 0;
}
