#include "session/help.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

void help_roff_text(struct buf *out, const char *text)
{
	for (const char *p = text; *p; p++) {
		if (*p == '\\')
			buf_addstr(out, "\\e");
		else if (*p == '-')
			buf_addstr(out, "\\-");
		else if ((*p == '.' || *p == '\'') && (p == text || p[-1] == '\n'))
			buf_addf(out, "\\&%c", *p);
		else
			buf_addch(out, *p);
	}
}

static void add_default(struct buf *out, const char *dflt)
{
	if (help_default_tells(dflt)) {
		buf_addstr(out, " (default ");
		help_roff_text(out, dflt);
		buf_addch(out, ')');
	}
}

void help_roff_paragraphs(struct buf *out, const char *text)
{
	while (*text) {
		const char *end = strstr(text, "\n\n");
		char *part = xstrndup(text, end ? (size_t)(end - text) : strlen(text));

		help_roff_text(out, part);
		buf_addch(out, '\n');
		free(part);
		text = end ? end + 2 : "";
		if (*text)
			buf_addstr(out, ".IP\n");
	}
}

static void roff_command(struct buf *out, const struct cmd_entry *e)
{
	struct buf usage = {0}, details = {0};

	cmd_usage(e, &usage);
	buf_addstr(out, ".TP\n.B ");
	help_roff_text(out, buf_str(&usage));
	buf_addch(out, '\n');
	help_roff_paragraphs(out, e->summary);
	if (e->details) {
		help_details(&details, e);
		buf_addstr(out, ".IP\n");
		help_roff_paragraphs(out, buf_str(&details));
	}
	for (const struct cmd_arg *arg = e->args; arg->name; arg++) {
		if (arg->heading) {
			buf_addstr(out, ".IP\n");
			help_roff_text(out, arg->heading);
			buf_addch(out, '\n');
		}
		buf_addstr(out, ".RS\n.TP\n.I ");
		help_roff_text(out, arg->name);
		if (cmd_value(arg)) {
			buf_addch(out, ' ');
			help_roff_text(out, cmd_value(arg));
		}
		buf_addch(out, '\n');
		help_roff_text(out, arg->help);
		add_default(out, arg->dflt);
		buf_addstr(out, "\n.RE\n");
	}
	for (const struct cmd_example *x = e->examples; x->line; x++) {
		buf_addstr(out, ".IP\n.EX\nbeamscope ");
		help_roff_text(out, x->line);
		buf_addstr(out, "  # ");
		help_roff_text(out, x->what);
		buf_addstr(out, "\n.EE\n");
	}
	buf_release(&usage);
	buf_release(&details);
}

static void roff_option(struct buf *out, const struct option_entry *o)
{
	struct buf usage = {0};

	help_option_usage(&usage, o);
	buf_addstr(out, ".TP\n.B ");
	help_roff_text(out, buf_str(&usage));
	buf_addch(out, '\n');
	help_roff_text(out, o->help);
	add_default(out, o->dflt);
	buf_addch(out, '\n');
	buf_release(&usage);
}

void help_roff(struct buf *out)
{
	const char *group = "";

	buf_addstr(out, ".SH OPTIONS\n");
	for (const struct option_entry *o = option_table; o->name; o++)
		roff_option(out, o);
	buf_addstr(out, ".SH COMMANDS\n");
	for (const struct cmd_entry *const *e = cmd_table; *e; e++) {
		if (strcmp(group, (*e)->group) != 0) {
			group = (*e)->group;
			buf_addf(out, ".SS %s\n", group);
		}
		roff_command(out, *e);
	}
}
