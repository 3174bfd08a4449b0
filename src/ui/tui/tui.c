#include "ui/tui.h"

#include "host.h"
#include "term.h"
#include "ui/line.h"

#define TICK_MS 200 /* how often a running job's time and progress are shown */

struct screens {
	struct host host; /* first: what the frame hands back as its host is also this */
	struct term *term;
};

static bool copy(void *arg, const char *text, size_t len)
{
	return term_copy(((struct screens *)arg)->term, text, len);
}

static void draw(struct screens *s, struct ui *ui, struct canvas *page)
{
	int h;

	term_size(s->term, &s->host.width, &h);
	canvas_resize(page, s->host.width, h);
	ui_draw(ui, page);
	term_draw(s->term, page);
}

/* A race that is saved as it goes is not lost with the program. */
static void prepare_last_words(struct screens *s, const struct ui *ui)
{
	const struct snap_race *race = ui->snap->race;
	struct buf text = {0};

	if (race && race->running && race->saved_step > 0) {
		buf_addf(&text, "beamscope: the race is saved in '%s' up to step %zu: 'beamscope train --resume ",
			race->dir_shown, race->saved_step);
		buf_addword(&text, race->dir_shown);
		buf_addstr(&text, "' goes on\n");
	}
	term_last_words(s->term, buf_str(&text));
	buf_release(&text);
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
	struct session *session = s->host.session;

	for (;;) {
		draw(s, ui, page);
		bool busy = session_busy(session);
		term_ask_to_end(s->term, session_trains(session));
		prepare_last_words(s, ui);
		unsigned wake = term_wait(s->term, session_fd(session), busy ? TICK_MS : -1);
		if (wake & TERM_GONE)
			return;
		if (wake & TERM_STOP)
			term_suspend(s->term);
		if (wake & TERM_NEWS)
			session_poll(session);
		if ((wake & TERM_NEWS) || busy)
			ui_poll(ui);
		if (!take_events(s->term, ui) || session_wants_quit(session))
			return;
	}
}

bool tui_knows_key(const char *name, size_t len)
{
	return key_code(name, len) != 0;
}

int tui_main(struct session *s, const struct tui_options *o, struct err *err)
{
	struct screens screens = {0};
	struct term_options term = {.ascii = o->ascii, .no_color = o->no_color, .no_mouse = o->no_mouse};
	struct canvas page;
	struct ui ui;
	int h;

	if (session_begin(s, err) < 0 || term_start(&screens.term, &term, err) < 0)
		return -1;
	host_init(&screens.host, s, term_ascii(screens.term));
	screens.host.ops.copy = copy;
	term_size(screens.term, &screens.host.width, &h);
	canvas_init(&page, screens.host.ascii);
	page.graph = (enum graph_kind)o->graph;
	if (page.graph == GRAPH_AUTO && term_console(screens.term))
		page.graph = GRAPH_ASCII;
	line_begin(s, true);
	host_begin(&screens.host, &ui);
	run(&screens, &ui, &page);
	ui_release(&ui);
	host_release(&screens.host);
	canvas_release(&page);
	term_stop(screens.term);
	line_end();
	return session_end(s, err);
}
