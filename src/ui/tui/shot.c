#include "ui/shot.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>

#include "base/utf8.h"
#include "canvas_svg.h"
#include "host.h"
#include "ui/line.h"

#define USUAL_W 100
#define USUAL_H 30

struct shot {
	struct host host;
	struct ui ui;
	struct canvas page;
};

static int read_size(const char *text, int *w, int *h, struct err *err)
{
	int used = 0;

	*w = USUAL_W;
	*h = USUAL_H;
	if (!text)
		return 0;
	if (sscanf(text, "%4dx%4d%n", w, h, &used) != 2 || text[used] || *w < 1 || *h < 1 || *w > CANVAS_MAX_W ||
		*h > CANVAS_MAX_H)
		return err_set(err, ERR_USAGE, "the size '%s' is not of the form 100x30, of at most %dx%d cells", text,
			CANVAS_MAX_W, CANVAS_MAX_H);
	return 0;
}

/* Until nothing runs that comes to an end by itself, and nothing waits to be run. */
static int settle(struct shot *s, struct err *err)
{
	struct pollfd news = {.fd = session_fd(s->host.session), .events = POLLIN};

	while (session_busy(s->host.session) && s->ui.snap->job != JOB_PAUSED) {
		if (poll(&news, 1, -1) < 0 && errno != EINTR)
			return err_errno(err, errno, "waiting for the job");
		session_poll(s->host.session);
		ui_poll(&s->ui);
	}
	ui_draw(&s->ui, &s->page);
	return 0;
}

/* False, also in *go_on, when the key has left the screens. */
static int press(struct shot *s, uint32_t key, bool *go_on, struct err *err)
{
	*go_on = ui_event(&s->ui, &(struct event){.type = EVENT_KEY, .key = key}) != UI_QUIT &&
		 !session_wants_quit(s->host.session);
	return settle(s, err);
}

/* What stands between quotation marks, letter by letter. */
static int type(struct shot *s, const char *text, size_t len, bool *go_on, struct err *err)
{
	for (size_t i = 0; i < len && *go_on;) {
		uint32_t cp;
		size_t n = utf8_decode(text + i, len - i, &cp);
		if (n == 0)
			return err_set(err, ERR_USAGE, "the keys are not valid UTF-8");
		if (press(s, cp, go_on, err))
			return -1;
		i += n;
	}
	return 0;
}

static int press_all(struct shot *s, const char *keys, struct err *err)
{
	bool go_on = true;

	while (*(keys += strspn(keys, " ")) && go_on) {
		size_t n = strcspn(keys, " ");
		uint32_t code = key_code(keys, n);
		if (*keys == '"' || *keys == '\'') {
			const char *end = strchr(keys + 1, *keys);
			if (!end)
				return err_set(err, ERR_USAGE, "the keys end within quotation marks: %s", keys);
			if (type(s, keys + 1, (size_t)(end - keys - 1), &go_on, err))
				return -1;
			n = (size_t)(end - keys) + 1;
		} else if (code == 0) {
			return err_set(err, ERR_USAGE,
				"there is no key '%.*s': keys are called as in 'left enter ^P f2 ?', and \"text\" in "
				"quotation marks is typed",
				(int)n, keys);
		} else if (press(s, code, &go_on, err)) {
			return -1;
		}
		keys += n;
	}
	return 0;
}

int shot_main(struct session *session, const struct shot_options *o, struct err *err)
{
	struct shot s;
	int w, h;

	if (read_size(o->size, &w, &h, err) || session_begin(session, err))
		return -1;
	host_init(&s.host, session, o->ascii);
	s.host.width = w;
	canvas_init(&s.page, o->ascii);
	s.page.graph = (enum graph_kind)o->graph;
	canvas_resize(&s.page, w, h);
	line_begin(session, false);
	host_begin(&s.host, &s.ui);
	int failed = settle(&s, err);
	if (!failed)
		failed = press_all(&s, o->keys ? o->keys : "", err);
	if (!failed)
		failed = canvas_save(&s.page, o->path, err);
	ui_release(&s.ui);
	host_release(&s.host);
	line_end();
	canvas_release(&s.page);
	return failed ? -1 : session_end(session, err);
}
