#include "ui/headless.h"

#include "config.h"

#include <errno.h>
#include <langinfo.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "base/mem.h"
#include "base/utf8.h"
#include "session/command.h"
#include "session/option.h"
#include "session/out.h"
#include "ui/progress.h"
#include "ui/repl.h"

bool headless_ascii(const struct session *s)
{
	return session_options(s)->ascii || strcmp(nl_langinfo(CODESET), "UTF-8") != 0;
}

bool headless_colour(const struct session *s)
{
	const char *term = getenv("TERM"), *none = getenv("NO_COLOR");

	return isatty(STDOUT_FILENO) && !session_options(s)->no_color && !(none && *none) && term && *term &&
		strcmp(term, "dumb") != 0 && !headless_linear();
}

bool headless_linear(void)
{
	const char *accessible = getenv("ACCESSIBLE");

	return accessible && *accessible;
}

int headless_fail(const struct err *err)
{
	struct buf b = {0};

	utf8_show(&b, err->msg, strlen(err->msg), strcmp(nl_langinfo(CODESET), "UTF-8") != 0);
	fprintf(stderr, "beamscope: %s\n", buf_str(&b));
	buf_release(&b);
	return err->code == ERR_USAGE ? EXIT_USAGE : EXIT_FAILURE;
}

size_t headless_columns(void)
{
	const char *columns = getenv("COLUMNS");
	struct winsize size;

	if (columns && strtoul(columns, NULL, 10) > 0)
		return strtoul(columns, NULL, 10);
	if (isatty(STDOUT_FILENO) && ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0)
		return size.ws_col;
	return 0;
}

/* Where the results of a run go: stdout as they come, or a file once all is done. */
struct run {
	struct session *s;
	struct out out;
	char *path;  /* owned; NULL: stdout */
	char *taken; /* owned: the file that a command wrote itself (CMD_OWN_OUTPUT); NULL: none did */
	int status;  /* of the first command that failed while others went on */
	struct progress progress;
};

/* Points the results to a file, or to stdout. */
static void run_aim(struct run *r, const char *path)
{
	free(r->path);
	r->path = path ? xstrdup(path) : NULL;
	r->out.file = path ? NULL : stdout;
	r->out.columns = path ? 0 : headless_columns();
	r->out.linear = !path && headless_linear();
	r->out.colour = !path && headless_colour(r->s);
}

static void run_init(struct run *r, struct session *s)
{
	r->s = s;
	r->path = r->taken = NULL;
	r->status = EXIT_SUCCESS;
	out_init(&r->out, NULL);
	progress_init(&r->progress, s);
	run_aim(r, NULL);
}

/* The file that is named is the command's own from here on; the results go to stdout. */
static int run_give_file(struct run *r, const struct cmd_entry *e, const char *path, struct err *err)
{
	if (r->path && !strcmp(r->path, path)) {
		if (r->out.buf.len > 0)
			return err_set(err, ERR_USAGE,
				"'%s' is to hold the results of the commands before '%s': give that one a file of its "
				"own, '%s -o FILE'",
				path, e->name, e->name);
		run_aim(r, NULL);
	}
	free(r->taken);
	r->taken = xstrdup(path);
	return 0;
}

/* Before a command (NULL: none): what `set` has changed since the last one. A file that is no longer written to is
 * complete. */
static int run_prepare(struct run *r, const struct cmd_entry *e, struct err *err)
{
	const struct options *o = session_options(r->s);
	const char *path = o->output;

	if (path && e && (e->flags & CMD_OWN_OUTPUT) && run_give_file(r, e, path, err))
		return -1;
	if (path && r->taken && !strcmp(path, r->taken))
		path = NULL;
	if (strcmp(path ? path : "", r->path ? r->path : "") != 0) {
		bool lost = r->path && out_save(&r->out, r->path, err);

		if (lost)
			buf_clear(&r->out.buf); /* told once; what comes after it may go on */
		run_aim(r, path);
		if (lost)
			return -1;
	}
	r->out.format = (enum out_format)o->format;
	r->out.ascii = headless_ascii(r->s);
	return 0;
}

static void run_release(struct run *r)
{
	progress_release(&r->progress);
	out_release(&r->out);
	free(r->path);
	free(r->taken);
}

/* What a command wrote is out before the next begins. A reader that went away ends the run without a word. */
static int run_flush(struct run *r, int failed, struct err *err)
{
	struct err write_err;

	progress_clear(&r->progress);
	if (out_flush(&r->out, &write_err) && !failed) {
		*err = write_err;
		return -1;
	}
	return failed;
}

static int run_words(struct run *r, int argc, char *const *argv, struct err *err)
{
	struct err unknown; /* session_run says it */

	if (run_prepare(r, cmd_find(argv[0], &unknown), err))
		return -1;
	return run_flush(r, session_run(r->s, argc, argv, &r->out, err), err);
}

static int run_statement(struct run *r, const char *statement, struct err *err)
{
	struct cmd_line words;
	int failed;

	if (session_words(r->s, statement, &words, err))
		return -1;
	failed = words.argc > 0 ? run_words(r, words.argc, words.argv, err) : 0;
	cmd_line_release(&words);
	return failed ? -1 : session_ran(r->s, statement, err);
}

/* Does the run go on after a failure? It is told then, and stays the run's status if it is the first. */
static bool run_goes_on(struct run *r, struct err *err)
{
	int status;

	if (!session_failed(r->s, err) || r->out.write_errno)
		return false;
	status = headless_fail(err);
	if (r->status == EXIT_SUCCESS)
		r->status = status;
	return true;
}

/* All that waits to be run. */
static int run_waiting(struct run *r, struct err *err)
{
	struct buf statement = {0};
	int failed = 0, more;

	while (!failed && !session_wants_quit(r->s) && (more = session_next(r->s, &statement, err)) != 0)
		if (more < 0 || run_statement(r, buf_str(&statement), err))
			failed = run_goes_on(r, err) ? 0 : -1;
	buf_release(&statement);
	return failed;
}

static int run_script(struct run *r, const struct cmdline_script *script, struct err *err)
{
	if (!script->is_file)
		session_feed(r->s, script->text);
	else if (session_feed_file(r->s, script->text, err))
		return run_goes_on(r, err) ? 0 : -1;
	return run_waiting(r, err);
}

static int run_scripts(struct run *r, const struct cmdline *c, struct err *err)
{
	for (size_t i = 0; i < c->scripts.n && !session_wants_quit(r->s); i++)
		if (run_script(r, &c->scripts.at[i], err))
			return -1;
	return 0;
}

/* The step at which the positive item of the open search was lost, or else the first. */
static int run_telling_step(struct run *r, struct err *err)
{
	const struct snapshot *snap = session_snapshot(r->s);
	bool lost = snap->trace && snap->trace->pruned_at > 0;

	snapshot_release(snap);
	return run_words(r, 2, (char *[]){"goto", lost ? "pruned" : "1"}, err);
}

static void say_how_to_go_on(struct run *r, const char *id)
{
	out_text(&r->out,
		"\n"
		"How to go on:\n"
		"  beamscope                      the screens, on a terminal\n"
		"  beamscope beam %-15s this search again; --trace shows all steps, --beam N another width\n"
		"  beamscope why %-16s the verdict explained\n"
		"  beamscope exact %-14s the items that really are the most probable\n"
		"  beamscope -m MODEL -d DATA beam CASE    your own model and dataset\n"
		"  beamscope help                 all commands and options\n",
		id, id, id);
}

/* In the demo alone: the model beside it that was trained otherwise, and the lesson. */
static void say_what_else_there_is(struct run *r, const char *id)
{
	const char *dir = session_datadir(r->s);

	if (session_options(r->s)->model || session_options(r->s)->data)
		return;
	out_text(&r->out,
		"\nThe same shop with a model that BEAR trained, and the first of the lessons, three items to reckon "
		"by hand:\n  beamscope -m ");
	out_shown(&r->out, dir);
	out_text(&r->out, "/demo/bear -d ");
	out_shown(&r->out, dir);
	out_text(&r->out, "/demo why %s\n  beamscope lesson greedy\n", id);
}

/* The same of a saved search: why, and the step that decided it. */
static int run_saved_tour(struct run *r, const char *file, struct err *err)
{
	int failed = run_words(r, 1, (char *[]){"why"}, err);

	if (!failed) {
		out_text(&r->out, "\n");
		failed = run_telling_step(r, err);
	}
	if (failed)
		return -1;
	out_text(&r->out, "\nHow to go on: beamscope --trace ");
	out_shown(&r->out, file);
	out_text(&r->out, " on a terminal shows every step; so do -c 'goto STEP', tree, export.\n");
	return run_flush(r, 0, err);
}

/* One page: what is loaded, one case with its verdict, the step that decided it, how to go on. */
static int run_tour(struct run *r, struct err *err)
{
	struct buf shown = {0};
	char *first;
	int failed;

	if (run_prepare(r, NULL, err) || session_load(r->s, err))
		return -1;
	first = session_first_case(r->s, err);
	if (!first)
		return -1;
	out_text(&r->out, "beamscope %s: why did beam search lose the right item?\n\n", PACKAGE_VERSION);
	session_summary(r->s, &r->out);
	out_text(&r->out, "\n");
	failed = run_words(r, 5, (char *[]){"beam", "--others", "3", "--", first}, err);
	if (!failed) {
		out_text(&r->out, "\n");
		failed = run_telling_step(r, err);
	}
	if (!failed) {
		utf8_show(&shown, first, strlen(first), r->out.ascii);
		say_how_to_go_on(r, buf_str(&shown));
		say_what_else_there_is(r, buf_str(&shown));
		failed = run_flush(r, 0, err);
	}
	buf_release(&shown);
	free(first);
	return failed;
}

static bool is_repl(const struct cmdline *c)
{
	return c->argc == 1 && !strcmp(c->argv[0], "repl");
}

static int run_all(struct run *r, const struct cmdline *c, struct err *err)
{
	int failed;

	if (run_prepare(r, NULL, err)) {
		failed = -1;
	} else if (c->version) {
		out_text(&r->out, "beamscope %s\n", PACKAGE_VERSION);
		failed = run_flush(r, 0, err);
	} else if (c->help) {
		failed = run_words(r, c->argc > 0 ? 2 : 1, (char *[]){"help", c->argc > 0 ? c->argv[0] : NULL}, err);
	} else if (c->scripts.n > 0) {
		failed = session_set_arguments(r->s, (size_t)c->argc, c->argv, err) || run_scripts(r, c, err);
	} else if (c->argc > 0) {
		failed = run_words(r, c->argc, c->argv, err) || run_waiting(r, err);
	} else if (c->trace) {
		failed = run_saved_tour(r, c->trace, err);
	} else {
		failed = run_tour(r, err);
	}
	if (!failed && r->path)
		failed = out_save(&r->out, r->path, err);
	return failed ? -1 : 0;
}

/* A handler takes no argument, so this is the one place with state of its own: the session to be cancelled. */
static struct session *_Atomic signalled;

static void on_signal(int number)
{
	struct session *s = signalled;

	(void)number;
	if (s)
		session_cancel(s);
}

/* The first SIGINT, SIGTERM or SIGHUP raises the session's cancel flag: the command ends with "cancelled" and leaves no
 * half-written file. What does not hear the flag is ended by the second one, as the system does it. */
static void catch_signals(struct session *s)
{
	static const int numbers[] = {SIGINT, SIGTERM, SIGHUP};
	struct sigaction action = {.sa_handler = on_signal, .sa_flags = SA_RESTART | SA_RESETHAND}, before;

	signalled = s;
	sigemptyset(&action.sa_mask);
	for (size_t i = 0; i < ARRAY_LEN(numbers); i++)
		if (sigaction(numbers[i], NULL, &before) == 0 && before.sa_handler != SIG_IGN)
			sigaction(numbers[i], &action, NULL);
}

int headless_main(struct session *s, const struct cmdline *c)
{
	struct err err = {0};
	struct run r;
	int status = EXIT_SUCCESS;

	if (is_repl(c))
		return repl_main(s);
	catch_signals(s);
	run_init(&r, s);
	if (run_all(&r, c, &err))
		status = r.out.write_errno == EPIPE ? EXIT_FAILURE : headless_fail(&err);
	else
		status = r.status;
	run_release(&r);
	signalled = NULL;
	return status;
}
