#include "session/help.h"

void help_markdown(struct buf *out)
{
	buf_addstr(out, "| command | what it does |\n|---|---|\n");
	for (const struct cmd_entry *const *e = cmd_table; *e; e++) {
		struct buf usage = {0};

		cmd_usage(*e, &usage);
		buf_addstr(out, "| `");
		for (const char *p = buf_str(&usage); *p; p++)
			buf_addf(out, "%s%c", *p == '|' ? "\\" : "", *p);
		buf_addf(out, "` | %s |\n", (*e)->summary);
		buf_release(&usage);
	}
}
