/*
 * Every lesson that is bundled, played from a clean start to its end through the real session and the frame, Space by
 * Space: all that it asks for succeeds, each question has the answer that the lesson says, and what was loaded before
 * is back at the end.
 */
#include <errno.h>
#include <poll.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "../unit/tempdir.h"
#include "base/mem.h"
#include "ui/tui/host.h"
#include "ui/tui/layout.h"

struct screens {
	struct session *session;
	struct host host;
	struct ui ui;
	struct canvas page;
};

static void settle(struct screens *s)
{
	struct pollfd news = {.fd = session_fd(s->session), .events = POLLIN};

	while (session_busy(s->session)) {
		assert_true(poll(&news, 1, -1) >= 0 || errno == EINTR);
		session_poll(s->session);
		ui_poll(&s->ui);
	}
	ui_draw(&s->ui, &s->page);
}

static void open_screens(struct screens *s, int w, int h)
{
	struct err err;

	if (session_new(&s->session, &err) || session_load(s->session, &err))
		fail_msg("%s", err.msg);
	host_init(&s->host, s->session, false);
	s->host.width = w;
	canvas_init(&s->page, false);
	canvas_resize(&s->page, w, h);
	host_begin(&s->host, &s->ui);
	settle(s);
	if (s->host.no_lessons)
		fail_msg("%s", s->host.no_lessons);
}

static void close_screens(struct screens *s)
{
	ui_release(&s->ui);
	host_release(&s->host);
	canvas_release(&s->page);
	session_free(s->session);
}

static void show_page(const struct screens *s)
{
	struct buf page = {0};

	canvas_dump(&s->page, &page);
	fputs(buf_str(&page), stderr);
	buf_release(&page);
}

static void press(struct screens *s, uint32_t key)
{
	const struct lesson *before = s->ui.player.lesson;

	ui_event(&s->ui, &(struct event){.type = EVENT_KEY, .key = key});
	settle(s);
	if ((s->ui.message_is_error && s->ui.message.len > 0) || s->ui.player.failed) {
		show_page(s);
		fail_msg("lesson '%s' page %zu: %s", before ? before->name : "none", s->ui.player.page + 1,
			buf_str(&s->ui.message));
	}
}

static void type(struct screens *s, const char *text)
{
	for (; *text; text++)
		press(s, (unsigned char)*text);
	press(s, UI_KEY_ENTER);
}

/* What a page of a lesson claims, and is to be seen when it is done: the view, and words in it. */
static const struct {
	const char *lesson, *heading, *view, *words;
} claims[] = {
	{"greedy", "Three albums", "Beam", "No search yet"},
	{"greedy", "Where it is lost", "Beam", "pruned at step 1"},
	{"greedy", "What it cannot know", "Beam", "step 2 of 3"},
	{"greedy", "What if", "Beam", "branch: returned at rank 1"},
	{"greedy", "By force", "Beam", "branch: returned at rank 1"},
	{"greedy", "The same table, another verdict", "Beam", "out-ranked"},
	{"five-minutes", "A case that went wrong", "Beam", "the whole item ranks 1 of 458"},
	{"five-minutes", "Why", "Beam", "has log P -3.78 (2.29%), the item's prefix -3.82 (2.19%)"},
	{"five-minutes", "The way to there", "Margins", "prefix margin +1.24"},
	{"five-minutes", "What if the beam were wider", "Beam", "branch: returned at rank 1"},
	{"five-minutes", "What if by force", "Beam", "branch: returned at rank 1"},
	{"five-minutes", "One case, or many?", "Cases", "115 wrongly pruned"},
	{"five-minutes", "Only those", "Cases", "115 cases"},
	{"five-minutes", "A race", "Train", "--steps 60 --lr 5e-4 --schedule cosine"},
	{"five-minutes", "Start", "Train", "NDCG@10"},
	{"five-minutes", "What came of it", "Train", "finished"},
	{"five-minutes", "The same case", "Beam", "race/bear"},
	{"five-minutes", "Longer training", "Compare", "retrieved at rank 1"},
	{"msl-and-bear", "What BEAR asks for", "Beam", "token 1 ranks 3 > 2"},
	{"msl-and-bear", "Necessary, not sufficient", "Beam", "BEAR's condition holds"},
	{"msl-and-bear", "How often", "Cases", "49 cases"},
	{"msl-and-bear", "What training for it does", "Cases", "33 cases"},
	{"masks", "The order turns round", "Beam", "the whole item ranks 3"},
	{"masks", "How much in earnest", "Beam", "-3.8207 with mask before, -3.8492 with mask after"},
	{"masks", "Long titles", "Beam", "retrieved at rank 2"},
	{"masks", "The same case, by average", "Beam", "pruned at step 13"},
	{"masks", "Tried", "Beam", "retrieved at rank 2"},
	{"race", "Three runners", "Train", "msl"},
	{"race", "The yardstick", "Train", "finished"},
	{"race", "Is it chance?", "Compare", "sft"},
};

static bool shows(const struct screens *s, const char *words)
{
	struct buf page = {0};

	canvas_dump(&s->page, &page);
	bool found = strstr(buf_str(&page), words) != NULL;
	buf_release(&page);
	return found;
}

static void check_claims(const struct screens *s, const struct lesson *l, const struct lesson_page *page)
{
	for (size_t i = 0; i < ARRAY_LEN(claims); i++) {
		if (strcmp(claims[i].lesson, l->name) != 0 || strcmp(claims[i].heading, page->heading) != 0)
			continue;
		assert_string_equal(s->ui.views[s->ui.current]->name, claims[i].view);
		if (!shows(s, claims[i].words)) {
			show_page(s);
			fail_msg("lesson '%s', page '%s': \"%s\" is not to be seen", l->name, page->heading,
				claims[i].words);
		}
	}
}

/* Is there more text in the panel, above or below, than is seen? */
static bool is_cut(const struct screens *s, bool below)
{
	const struct rect r = s->ui.player.area;

	return strcmp(canvas_at(&s->page, r.x + r.w - 2, below ? r.y + r.h - 2 : r.y + 1)->text, " ") != 0;
}

/* What a page begins with must be seen whole, and so must what it comes to later, whatever is scrolled away above. */
static void check_room(const struct screens *s, const struct lesson_page *page, bool begins)
{
	if (!is_cut(s, true) && !(begins && is_cut(s, false)))
		return;
	show_page(s);
	fail_msg("page '%s' does not fit on the smallest screen", page->heading);
}

static void play(struct screens *s, const struct lesson *l)
{
	const struct player *p = &s->ui.player;
	char *command = xasprintf("lesson %s", l->name);
	size_t page = SIZE_MAX, presses = 0;

	ui_run(&s->ui, command);
	free(command);
	settle(s);
	assert_ptr_equal(p->lesson, l);
	while (p->lesson) {
		const struct lesson_page *now = &l->pages[p->page];
		check_room(s, now, p->page != page);
		page = p->page;
		press(s, ' ');
		assert_true(++presses < 200);
		if (s->ui.mode == MODE_ANSWER) {
			type(s, now->n_answers > 0 ? now->answers[0] : "I wonder");
			assert_true(now->n_answers == 0 || lesson_right(now, p->at->said));
		}
		if (p->lesson && p->page == page && p->at->stage >= now->n_actions)
			check_claims(s, l, now);
	}
	assert_string_equal(s->ui.views[s->ui.current]->name, "Lessons");
}

static void lessons_play_to_their_end(void **state)
{
	const char *only = getenv("LESSON");
	struct screens s;

	(void)state;
	open_screens(&s, LAYOUT_MIN_W, LAYOUT_MIN_H);
	assert_true(s.host.lesson_host.n >= 1);
	for (size_t i = 0; i < s.host.lesson_host.n; i++) {
		if (only && strcmp(only, s.host.lessons[i]->name) != 0)
			continue;
		play(&s, s.host.lessons[i]);
		assert_true(s.ui.player.marks[i].finished);
		assert_string_equal(s.ui.snap->model_shown, "sft");
		assert_string_equal(s.ui.snap->data_shown, "demo");
		assert_string_equal(s.ui.snap->case_id, "312");
		assert_int_equal(s.ui.snap->trace->pruned_at, 4);
		assert_int_equal(s.ui.snap->step, 4);
	}
	close_screens(&s);
}

static void write_lesson(const char *path, const char *heading, const char *keys)
{
	FILE *f = fopen(path, "w");

	assert_non_null(f);
	fprintf(f, "title: Mine\nabout: My own\nopen: load model $data/lesson/table.csv\nopen: load data $data/lesson\n"
		   "== %s\nText.\n@ %s\n> beam 1\n? Which comes first?\n= Cobalt Orchard\n! That one.\n",
		heading, keys);
	assert_int_equal(fclose(f), 0);
}

static void a_file_is_a_lesson_too(void **state)
{
	char *path = tempdir_path(*state, "my own.lesson"), *command = xasprintf("lesson '%s'", path);
	struct screens s;

	open_screens(&s, LAYOUT_MIN_W, LAYOUT_MIN_H);
	size_t n = s.host.lesson_host.n;
	write_lesson(path, "Before", ": \"beam 1\" enter");
	ui_run(&s.ui, command);
	settle(&s);
	assert_string_equal(s.ui.player.lesson->name, "my own");
	assert_int_equal(s.host.lesson_host.n, n + 1);
	for (const char *key = "  Cobalt Orchard"; *key; key++)
		press(&s, (unsigned char)*key);
	press(&s, UI_KEY_ENTER);
	assert_true(shows(&s, "You said: Cobalt Orchard. Yes."));

	/* It is changed while it is open; played anew it is read again, and has one place in the list. */
	write_lesson(path, "After", ": \"beam 1\" enter");
	press(&s, UI_KEY_ESC);
	assert_null(s.ui.player.lesson);
	assert_string_equal(s.ui.views[s.ui.current]->name, "Lessons");
	ui_run(&s.ui, "lesson my --page 1");
	settle(&s);
	assert_string_equal(s.ui.player.lesson->pages[0].heading, "After");
	assert_int_equal(s.host.lesson_host.n, n + 1);

	/* What is wrong with it ends nothing that is open. */
	write_lesson(path, "Wrong", "fly");
	free(command);
	command = xasprintf("lesson '%s' --page 1", path);
	ui_run(&s.ui, command);
	settle(&s);
	assert_non_null(strstr(buf_str(&s.ui.message), "my own.lesson:7: there is no key 'fly'"));
	assert_string_equal(s.ui.player.lesson->pages[0].heading, "After");
	free(command);
	free(path);
	close_screens(&s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(lessons_play_to_their_end),
		in_tempdir(a_file_is_a_lesson_too),
	};

	setenv("INPUTRC", "/dev/null", 1);
	setenv("XDG_CONFIG_HOME", "/nonexistent", 1);
	setenv("XDG_DATA_HOME", "/nonexistent", 1);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
