/* Statements that wait to be run, one after another, whoever runs them. */
#include <stdio.h>
#include <stdlib.h>

#include "session/session_priv.h"

void session_feed(struct session *s, const char *line)
{
	feed_text(&s->script, line);
}

int session_feed_file(struct session *s, const char *path, struct err *err)
{
	return feed_file(&s->script, path, err);
}

int session_next(struct session *s, struct buf *statement, struct err *err)
{
	return feed_next(&s->script, 0, statement, err);
}

bool session_failed(struct session *s, struct err *err)
{
	if (s->script.name)
		err_prefix(err, "%s:%zu", s->script.name, s->script.line);
	if (s->options.keep_going && err->code != ERR_CANCELLED)
		return true;
	feed_drop(&s->script, 0);
	return false;
}

int session_ran(struct session *s, const char *statement, struct err *err)
{
	if (s->aside.in_lesson)
		return 0; /* it is about the lesson's data: `lesson NAME` runs it again */
	return recorder_add(&s->recorder, statement, s->script.depth, err);
}

int session_set_arguments(struct session *s, size_t n, char *const *words, struct err *err)
{
	for (size_t i = 0; i < n; i++) {
		char name[32];

		snprintf(name, sizeof(name), "arg%zu", i + 1);
		if (variables_set(&s->variables, name, words[i], err))
			return -1;
	}
	return 0;
}

int session_run_statement(struct session *s, const char *statement, struct out *out, struct err *err)
{
	struct cmd_line words;
	int failed;

	if (session_words(s, statement, &words, err))
		return -1;
	failed = session_run(s, words.argc, words.argv, out, err);
	cmd_line_release(&words);
	return failed ? -1 : session_ran(s, statement, err);
}

int session_run_line(struct session *s, const char *line, struct out *out, struct err *err)
{
	struct feed *f = &s->script;
	size_t waiting = f->n, number = f->line, depth = f->depth; /* of what this line does not speak of */
	char *name = f->name;
	struct buf statement = {0};
	bool quit = s->quit; /* what follows `quit` in this line is not run */
	int failed = 0, more;

	f->name = NULL;
	session_feed(s, line);
	while (!failed && s->quit == quit && (more = feed_next(f, waiting, &statement, err)) != 0)
		failed = more < 0 || session_run_statement(s, buf_str(&statement), out, err);
	if (failed && f->name)
		err_prefix(err, "%s:%zu", f->name, f->line);
	feed_drop(f, waiting);
	free(f->name);
	f->name = name;
	f->line = number;
	f->depth = depth;
	buf_release(&statement);
	return failed ? -1 : 0;
}
