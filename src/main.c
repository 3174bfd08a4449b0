/* Picks a front-end. */
#include <fcntl.h>
#include <locale.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "session/option.h"
#include "session/session.h"
#include "ui/cmdline.h"
#include "ui/headless.h"
#include "ui/repl.h"
#include "ui/shot.h"
#include "ui/tui.h"

static bool is_set(const char *variable)
{
	const char *value = getenv(variable);

	return value && *value;
}

/* The user sits at a terminal and has asked for nothing in particular. */
static bool is_at_terminal(const struct cmdline *c)
{
	return !cmdline_has_command(c) && !c->no_screens && isatty(STDIN_FILENO) && isatty(STDOUT_FILENO);
}

static bool has_screens(void)
{
	const char *term = getenv("TERM");

	return term && *term && strcmp(term, "dumb") != 0;
}

static int run_screens(struct session *s)
{
	const struct tui_options o = {
		.ascii = headless_ascii(s),
		.no_color = session_options(s)->no_color || is_set("NO_COLOR"),
		.no_mouse = session_options(s)->no_mouse,
		.graph = session_options(s)->graph,
	};
	struct err err;

	return tui_main(s, &o, &err) ? headless_fail(&err) : EXIT_SUCCESS;
}

static int run_shot(struct session *s, const struct cmdline *c)
{
	const struct shot_options o = {
		.path = c->shot,
		.keys = c->keys,
		.size = c->size,
		.ascii = headless_ascii(s),
		.graph = session_options(s)->graph,
	};
	struct err err;

	return shot_main(s, &o, &err) ? headless_fail(&err) : EXIT_SUCCESS;
}

/* What we open must not take the place of standard input or output that were closed. */
static void open_what_is_closed(void)
{
	for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++)
		if (fcntl(fd, F_GETFD) < 0 && open("/dev/null", O_RDONLY) < 0)
			_exit(EXIT_FAILURE);
}

int main(int argc, char **argv)
{
	struct cmdline c = {0};
	struct session *s;
	struct err err;
	int status;

	open_what_is_closed();
	/* Character widths follow the locale; numbers are written with a point everywhere. */
	setlocale(LC_CTYPE, "");
	/* A write beyond the limit of a file's size fails like any other, and is told. */
	signal(SIGXFSZ, SIG_IGN);
	if (session_new(&s, &err))
		return headless_fail(&err);
	session_know_keys(s, tui_knows_key);
	if (session_read_config(s, &err) || cmdline_parse(&c, s, argc, argv, &err))
		status = headless_fail(&err);
	else if (c.shot)
		status = run_shot(s, &c);
	else if (is_at_terminal(&c) && headless_linear())
		status = repl_main(s);
	else if (is_at_terminal(&c) && has_screens())
		status = run_screens(s);
	else
		status = headless_main(s, &c);
	cmdline_release(&c);
	session_free(s);
	return status;
}
