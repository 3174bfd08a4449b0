/*
 * A session under test: opened, given lines in the test's thread or in the worker, waited for.
 */
#ifndef TEST_SESSIONRUN_H
#define TEST_SESSIONRUN_H

#include "check.h"

#include <poll.h>

#include "session/session.h"

static inline struct session *sessionrun_open(void)
{
	struct session *s;
	struct err err;

	check_ok(session_new(&s, &err), &err);
	return s;
}

/* With the demo loaded. */
static inline struct session *sessionrun_open_demo(void)
{
	struct session *s = sessionrun_open();
	struct err err;

	check_ok(session_load(s, &err), &err);
	return s;
}

/* Runs a line in this thread and gives its output. Caller frees. */
static inline char *sessionrun_output(struct session *s, enum out_format format, const char *line)
{
	struct out out;
	struct err err;
	char *text;

	out_init(&out, NULL);
	out.format = format;
	check_ok(session_run_line(s, line, &out, &err), &err);
	text = buf_detach(&out.buf);
	out_release(&out);
	return text;
}

static inline void sessionrun_quietly(struct session *s, const char *line)
{
	free(sessionrun_output(s, OUT_TEXT, line));
}

static inline void sessionrun_news(struct session *s)
{
	struct pollfd p = {.fd = session_fd(s), .events = POLLIN};

	assert_int_equal(poll(&p, 1, 300000), 1);
	session_poll(s);
}

static inline void sessionrun_wait(struct session *s)
{
	while (session_busy(s))
		sessionrun_news(s);
}

/* Runs a line as the screens do, to its end. */
static inline void sessionrun_work(struct session *s, const char *line)
{
	struct err err;

	check_ok(session_start(s, line, &err), &err);
	sessionrun_wait(s);
}

#endif
