#include "session/help.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

#define EXAMPLE_CELLS 66 /* of a line that is not filled, where the screen has 80 */

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

/* How a text is laid out that stands as it is. */
struct lines {
	const char *first, *next; /* what stands before its words, and at the beginning of each further line */
	const char *more;         /* behind each but the last */
	bool is_command;          /* a blank in quotation marks is part of a word, and so is an option's value */
};

static const struct lines comment_lines = {"#", "# ", "", false};
static const struct lines command_lines = {"beamscope", "    ", " \\", true};

static size_t word_length(const char *text, bool is_command)
{
	char mark = '\0';
	size_t n = 0;

	for (; text[n] && (mark || text[n] != ' '); n++) {
		if (is_command && text[n] == mark)
			mark = '\0';
		else if (is_command && !mark && strchr("'\"", text[n]))
			mark = text[n];
	}
	return n;
}

/* Bytes up to where a line may end. */
static size_t unbroken(const char *text, bool is_command)
{
	size_t n = word_length(text, is_command);

	if (is_command && *text == '-' && text[n] && text[n + 1] != '-')
		n += 1 + word_length(text + n + 1, is_command);
	return n;
}

static void roff_lines(struct buf *out, const char *text, const struct lines *l)
{
	struct buf line = {0};

	buf_addstr(&line, l->first);
	while (*text) {
		size_t n = unbroken(text, l->is_command);

		if (line.len + 1 + n + strlen(l->more) > EXAMPLE_CELLS) {
			buf_addf(&line, "%s\n", l->more);
			help_roff_text(out, buf_str(&line));
			buf_clear(&line);
			buf_addstr(&line, l->next);
		} else {
			buf_addch(&line, ' ');
		}
		buf_add(&line, text, n);
		text += n;
		text += strspn(text, " ");
	}
	help_roff_text(out, buf_str(&line));
	buf_addch(out, '\n');
	buf_release(&line);
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
		buf_addstr(out, ".IP\n.EX\n");
		roff_lines(out, x->what, &comment_lines);
		roff_lines(out, x->line, &command_lines);
		buf_addstr(out, ".EE\n");
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
