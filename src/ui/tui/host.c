#include "host.h"

/* Tables are laid out for the pager as it would be now. */
static int start(void *arg, const char *line, struct err *err)
{
	struct host *h = arg;

	session_text_form(h->session, (size_t)pager_columns(h->width), h->ascii);
	return session_start(h->session, line, err);
}

static void cancel(void *arg)
{
	session_cancel(((struct host *)arg)->session);
}

static const struct snapshot *snapshot(void *arg)
{
	return session_snapshot(((struct host *)arg)->session);
}

static char *take_text(void *arg)
{
	return session_take_text(((struct host *)arg)->session);
}

static int ask_cases(void *arg, const char *where, const char *sort, struct err *err)
{
	return session_ask_cases(((struct host *)arg)->session, where, sort, err);
}

static bool copy_nothing(void *arg, const char *text, size_t len)
{
	(void)arg;
	(void)text;
	(void)len;
	return false;
}

void host_init(struct host *h, struct session *s, bool ascii)
{
	*h = (struct host){.session = s, .ascii = ascii};
	h->ops = (struct ui_host){h, start, cancel, snapshot, take_text, ask_cases, copy_nothing};
}

void host_begin(struct host *h, struct ui *ui)
{
	ui_init(ui, &h->ops, view_table);
	ui_run(ui, "beam {next}");
}
