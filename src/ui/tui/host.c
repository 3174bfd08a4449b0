#include "host.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "session/lesson.h"

/* Tables are laid out for the pager as it would be now. */
static int start(void *arg, const char *line, struct err *err)
{
	struct host *h = arg;

	session_text_form(h->session, (size_t)pager_columns(h->width), h->ascii);
	return session_start(h->session, line, err);
}

static int go_on(void *arg, char **line, struct err *err)
{
	struct host *h = arg;

	session_text_form(h->session, (size_t)pager_columns(h->width), h->ascii);
	return session_go_on(h->session, line, err);
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

static int enter_lesson(void *arg, const char *here, struct err *err)
{
	return session_lesson_enter(((struct host *)arg)->session, here, err);
}

static int leave_lesson(void *arg, bool keep, struct err *err)
{
	return session_lesson_leave(((struct host *)arg)->session, keep, err);
}

static int read_lesson(void *arg, const char *path, size_t *at, struct err *err)
{
	struct host *h = arg;
	struct player_host *list = &h->lesson_host;
	struct lesson *l;
	size_t i = 0;

	if (lesson_read(&l, path, err))
		return -1;
	while (i < list->n && strcmp(h->lessons[i]->path, path) != 0)
		i++;
	if (i < list->n)
		vec_push(&h->replaced, h->lessons[i]);
	else
		h->lessons = xreallocarray(h->lessons, ++list->n, sizeof(*h->lessons));
	h->lessons[i] = l;
	list->lessons = h->lessons;
	*at = i;
	return 0;
}

static void read_lessons(struct host *h)
{
	struct err err;
	size_t n = 0;

	if (lessons_list(&h->lessons, &n, session_datadir(h->session), &err))
		h->no_lessons = xstrdup(err.msg);
	h->lesson_host =
		(struct player_host){h->lessons, n, h->no_lessons, enter_lesson, leave_lesson, read_lesson};
}

void host_init(struct host *h, struct session *s, bool ascii)
{
	*h = (struct host){.session = s, .ascii = ascii};
	read_lessons(h);
	h->ops = (struct ui_host){
		h, start, go_on, cancel, snapshot, take_text, ask_cases, copy_nothing, &h->lesson_host};
}

void host_release(struct host *h)
{
	lessons_free(h->lessons, h->lesson_host.n);
	for (size_t i = 0; i < h->replaced.n; i++)
		lesson_free(h->replaced.at[i]);
	vec_release(&h->replaced);
	free(h->no_lessons);
}

void host_begin(struct host *h, struct ui *ui)
{
	ui_init(ui, &h->ops, view_table);
	if (!ui->snap->trace)
		ui_run(ui, "beam {next}");
	else if (ui->snap->trace->pruned_at > 0)
		ui_run(ui, "goto pruned");
}
