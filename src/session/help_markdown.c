#include "session/help.h"

#include <string.h>

void help_markdown(struct buf *out)
{
	const char *group = NULL;

	buf_addstr(out, "| | commands |\n|---|---|");
	for (const struct cmd_entry *const *e = cmd_table; *e; e++) {
		if (!group || strcmp(group, (*e)->group) != 0)
			buf_addf(out, "%s\n| %s | `%s`", group ? " |" : "", (*e)->group, (*e)->name);
		else
			buf_addf(out, ", `%s`", (*e)->name);
		group = (*e)->group;
	}
	buf_addstr(out, group ? " |\n" : "\n");
}
