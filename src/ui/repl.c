#include "ui/repl.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/mem.h"
#include "session/option.h"
#include "session/out.h"
#include "session/statement.h"
#include "ui/headless.h"
#include "ui/line.h"
#include "ui/pager.h"
#include "ui/progress.h"

#define GOES_ON "      ...> " /* as wide as the prompt */

/* For the handler, which gets no argument; NULL while no line runs. */
static struct session *_Atomic running;

static void on_interrupt(int sig)
{
	struct session *s = running;

	(void)sig;
	if (s)
		session_cancel(s);
	line_interrupt(); /* a lesson that runs may be asking */
}

/* What lies between a lesson and the reader that it asks. */
struct reader {
	bool asked; /* by the running command */
};

/* A long answer goes through the pager; what a lesson shows between its questions does not. */
static void page(struct session *s, const struct reader *reader, struct out *out)
{
	if (session_options(s)->pager && !out->linear && !reader->asked &&
		pager_is_due(buf_str(&out->buf), out->buf.len) && pager_show(out->buf.at, out->buf.len))
		buf_clear(&out->buf);
}

static int run(struct session *s, const char *statement, struct progress *progress, struct reader *reader,
	struct err *err)
{
	struct err write_err;
	struct out out;

	out_init(&out, stdout);
	out.format = (enum out_format)session_options(s)->format;
	out.columns = headless_columns();
	out.ascii = headless_ascii(s);
	out.linear = headless_linear();
	out.colour = headless_colour(s);
	reader->asked = false;
	int failed = session_run_statement(s, statement, &out, err);
	progress_clear(progress);
	page(s, reader, &out);
	if (out_finish(&out, failed ? &write_err : err))
		failed = -1;
	return failed;
}

/* All that a line says, and the scripts that it names; Ctrl-C ends it wherever it is. */
static void run_line(struct session *s, const char *line, struct progress *progress, struct reader *reader)
{
	struct buf statement = {0};
	bool goes_on = true;
	struct err err;
	int more;

	session_uncancel(s);
	running = s;
	session_feed(s, line);
	while (goes_on && !session_wants_quit(s) && (more = session_next(s, &statement, &err)) != 0)
		if (more < 0 || run(s, buf_str(&statement), progress, reader, &err)) {
			goes_on = session_failed(s, &err);
			headless_fail(&err);
		}
	running = NULL;
	buf_release(&statement);
}

/* A lesson waits for its reader, where there is one. */
static char *ask(void *arg, const char *prompt)
{
	struct reader *reader = arg;
	bool dropped;

	reader->asked = true;
	return line_read(LINE_TEXT, prompt, NULL, &dropped);
}

/* A line, and those that it goes on in, as one; NULL at the end of input, and where the reader dropped it. */
static char *read_text(bool *dropped)
{
	char *text = line_read(LINE_COMMAND, "beamscope> ", NULL, dropped);

	while (text && statement_open(text)) {
		text[strlen(text) - 1] = '\0'; /* the backslash */
		char *more = line_read(LINE_COMMAND, GOES_ON, text, dropped);
		char *whole = more || !*dropped ? xasprintf("%s%s", text, more ? more : "") : NULL;
		free(more);
		free(text);
		text = whole;
	}
	return text;
}

/* The next text that is not dropped; NULL at the end of input. */
static char *next_text(void)
{
	const char *trouble;
	bool dropped;
	char *text;

	do {
		text = read_text(&dropped);
		if (text)
			line_remember(LINE_COMMAND, text);
		trouble = line_trouble();
		if (trouble)
			fprintf(stderr, "beamscope: %s\n", trouble);
	} while (dropped);
	return text;
}

/* What is loaded, so that Tab knows its cases and titles, and how to begin. What cannot be loaded is told: `load` and
 * `set` may mend it. */
static void greet(struct session *s)
{
	struct err err;
	struct out out;

	out_init(&out, stdout);
	out.ascii = headless_ascii(s);
	out.columns = headless_columns();
	running = s;
	if (session_load(s, &err))
		headless_fail(&err);
	else
		session_summary(s, &out);
	running = NULL;
	if (headless_linear())
		out_wrapped(&out,
			"This is beamscope in plain lines, as ACCESSIBLE asks. 'cases' lists cases, 'beam CASE' "
			"searches one, 'why' explains what became of its item, 'lesson' teaches, 'help' lists all "
			"commands, 'quit' ends.");
	else
		out_wrapped(&out, "'beam CASE' searches, 'why' explains, 'lesson' teaches; 'help' lists all commands, "
				  "Tab completes them, 'quit' ends.");
	if (out_finish(&out, &err))
		headless_fail(&err);
}

int repl_main(struct session *s)
{
	struct sigaction interrupt = {.sa_handler = on_interrupt}, before;
	struct reader reader = {.asked = false};
	struct progress progress;
	char *line = NULL;

	progress_init(&progress, s);
	line_begin(s, isatty(STDIN_FILENO));
	sigemptyset(&interrupt.sa_mask);
	sigaction(SIGINT, &interrupt, &before);
	if (isatty(STDIN_FILENO) && isatty(STDOUT_FILENO)) {
		session_ask_reader(s, ask, &reader);
		greet(s);
	}
	while (!session_wants_quit(s) && (line = next_text())) {
		run_line(s, line, &progress, &reader);
		free(line);
	}
	if (!session_wants_quit(s))
		putchar('\n');
	session_ask_reader(s, NULL, NULL);
	sigaction(SIGINT, &before, NULL);
	line_end();
	progress_release(&progress);
	return EXIT_SUCCESS;
}
