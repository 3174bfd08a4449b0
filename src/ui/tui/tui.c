#include "ui/tui.h"

#include "canvas.h"
#include "term.h"
#include "ui.h"

#define TICK_MS 200 /* how often a running job's time and progress are shown */

struct screens {
	struct session *session;
	struct term *term;
};

/* Tables are laid out for the pager as it would be now. */
static int start(void *arg, const char *line, struct err *err)
{
	struct screens *s = arg;
	int w, h;

	term_size(s->term, &w, &h);
	session_text_form(s->session, (size_t)pager_columns(w), term_ascii(s->term));
	return session_start(s->session, line, err);
}

static void cancel(void *arg)
{
	session_cancel(((struct screens *)arg)->session);
}

static const struct snapshot *snapshot(void *arg)
{
	return session_snapshot(((struct screens *)arg)->session);
}

static char *take_text(void *arg)
{
	return session_take_text(((struct screens *)arg)->session);
}

static int ask_cases(void *arg, const char *where, const char *sort, struct err *err)
{
	return session_ask_cases(((struct screens *)arg)->session, where, sort, err);
}

static bool copy(void *arg, const char *text, size_t len)
{
	return term_copy(((struct screens *)arg)->term, text, len);
}

static void draw(struct term *t, struct ui *ui, struct canvas *page)
{
	int w, h;

	term_size(t, &w, &h);
	canvas_resize(page, w, h);
	ui_draw(ui, page);
	term_draw(t, page);
}

/* All events that wait; false when the user quits. */
static bool take_events(struct term *t, struct ui *ui)
{
	struct event e;

	while (term_read(t, &e)) {
		switch (ui_event(ui, &e)) {
		case UI_QUIT:
			return false;
		case UI_REDRAW:
			term_redraw(t);
			break;
		case UI_SUSPEND:
			term_suspend(t);
			break;
		case UI_GO_ON:
			break;
		}
	}
	return true;
}

static void run(struct screens *s, struct ui *ui, struct canvas *page)
{
	for (;;) {
		draw(s->term, ui, page);
		bool busy = session_busy(s->session);
		term_ask_to_end(s->term, session_trains(s->session));
		unsigned wake = term_wait(s->term, session_fd(s->session), busy ? TICK_MS : -1);
		if (wake & TERM_GONE)
			return;
		if (wake & TERM_STOP)
			term_suspend(s->term);
		if (wake & TERM_NEWS)
			session_poll(s->session);
		if ((wake & TERM_NEWS) || busy)
			ui_poll(ui);
		if (!take_events(s->term, ui))
			return;
	}
}

int tui_main(struct session *s, const struct tui_options *o, struct err *err)
{
	struct screens screens = {.session = s};
	struct term_options term = {.ascii = o->ascii, .no_color = o->no_color, .no_mouse = o->no_mouse};
	struct ui_host host = {&screens, start, cancel, snapshot, take_text, ask_cases, copy};
	struct canvas page;
	struct ui ui;

	if (session_load(s, err) < 0 || term_start(&screens.term, &term, err) < 0)
		return -1;
	canvas_init(&page, term_ascii(screens.term));
	ui_init(&ui, &host, view_table);
	ui_run(&ui, "beam {next}"); /* the first case */
	run(&screens, &ui, &page);
	ui_release(&ui);
	canvas_release(&page);
	term_stop(screens.term);
	return session_end(s, err);
}
