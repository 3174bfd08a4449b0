#include "ui/cmdline.h"

#include <string.h>

#include "session/option.h"

/* Options of the command line alone, by their name in the table. */
static void take_front(struct cmdline *c, const struct option_entry *e, const char *value)
{
	if (!strcmp(e->name, "help"))
		c->help = true;
	else if (!strcmp(e->name, "version"))
		c->version = true;
	else if (!strcmp(e->name, "no-screens"))
		c->no_screens = true;
	else if (!strcmp(e->name, "shot"))
		c->shot = value;
	else if (!strcmp(e->name, "trace"))
		c->trace = value;
	else if (!strcmp(e->name, "keys"))
		c->keys = value;
	else if (!strcmp(e->name, "size"))
		c->size = value;
	else if (!strcmp(e->name, "command"))
		vec_push(&c->scripts, (struct cmdline_script){.is_file = false, .text = value});
	else if (!strcmp(e->name, "file"))
		vec_push(&c->scripts, (struct cmdline_script){.is_file = true, .text = value});
	else
		BUG("option '%s'", e->name);
}

int cmdline_parse(struct cmdline *c, struct session *s, int argc, char *const *argv, struct err *err)
{
	int at = 1, used;

	memset(c, 0, sizeof(*c));
	for (; at < argc && argv[at][0] == '-' && argv[at][1]; at += used) {
		const struct option_entry *e;
		const char *value;

		if (!strcmp(argv[at], "--")) {
			at++;
			break;
		}
		if (option_word(&e, &value, &used, argv[at], at + 1 < argc ? argv[at + 1] : NULL, err))
			return -1;
		if (e->flags & OPTION_FRONT)
			take_front(c, e, value);
		else if (session_set(s, e->name, value, err))
			return -1;
	}
	c->argc = at < argc ? argc - at : 0;
	c->argv = argv + at;
	if (c->argc > 0 && c->scripts.n > 0 && !c->scripts.at[c->scripts.n - 1].is_file)
		return err_set(err, ERR_USAGE, "'%s' stands after -c: give one or the other", c->argv[0]);
	if (c->shot && cmdline_has_command(c))
		return err_set(err, ERR_USAGE,
			"option 'shot' is for the screens and takes no command: --keys '\":COMMAND\" enter' types one");
	if (!c->shot && (c->keys || c->size))
		return err_set(err, ERR_USAGE, "options 'keys' and 'size' are for a page of the screens: --shot FILE");
	return c->trace ? session_open_trace(s, c->trace, err) : 0;
}

void cmdline_release(struct cmdline *c)
{
	vec_release(&c->scripts);
}

bool cmdline_has_command(const struct cmdline *c)
{
	return c->argc > 0 || c->scripts.n > 0 || c->help || c->version;
}
