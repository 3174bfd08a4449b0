#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "view.h"

const struct view_ops *const view_table[] = {
	&view_cases,
	&view_beam,
	&view_tree,
	&view_margins,
	&view_train,
	&view_compare,
	&view_lessons,
	NULL,
};

void view_name_candidate(const struct snap_candidate *k, struct buf *out)
{
	if (!k)
		buf_addstr(out, "positive");
	else if (k->forbidden)
		buf_addstr(out, k->prefix_shown);
	else
		buf_addf(out, "%u", k->rank);
}

const struct cmd_entry *view_command(const char *line)
{
	struct err ignored;
	char *word = xstrndup(line, strcspn(line, " "));
	const struct cmd_entry *cmd = cmd_find(word, &ignored);

	free(word);
	return cmd;
}

bool view_runs(const struct snapshot *snap, const char *command)
{
	const struct cmd_entry *cmd = snap->job != JOB_IDLE ? view_command(snap->job_shown) : NULL;

	return cmd && strcmp(cmd->name, command) == 0;
}

/* ASCII only: titles are compared byte by byte otherwise. */
static char lower(char c)
{
	return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

bool view_begins(const char *text, const char *words)
{
	while (*words && lower(*text) == lower(*words)) {
		text++;
		words++;
	}
	return !*words;
}

bool view_has(const char *text, const char *words)
{
	while (*text && !view_begins(text, words))
		text++;
	return *text;
}
