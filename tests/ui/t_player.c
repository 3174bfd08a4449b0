/* The lesson panel and the Lessons view over a session that stands in: what Space, Backspace and Esc do, what is
 * noticed of the reader's own keys, and the pages at three sizes. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/mem.h"
#include "stage.h"
#include "ui/tui/layout.h"

static const char first[] =
	"title: A first lesson\n"
	"about: All that a page can have\n"
	"open: set beam 2\n"
	"open: beam 17\n"
	"== Keys\n"
	"Text to begin with, long enough that it takes more than one line on a screen of eighty cells.\n"
	"  a table   1\n"
	"  of two    2\n"
	"@ right \"p\" left\n"
	"> goto pruned\n"
	"@ : \"goto 5\" enter\n"
	"? What comes after this?\n"
	"= The end\n"
	"= 2.5\n"
	"! The end comes after this.\n"
	"== Commands\n"
	"Two commands.\n"
	"> goto 2\n"
	"> step\n"
	"! They were run.\n"
	"== Nothing to do\n"
	"Only a question without an answer.\n"
	"? What do you think?\n"
	"= nothing\n"
	"! Thank you.\n";

static const char second[] =
	"title: Another, 写真用紙 & \"a title that is much longer than any line of a small screen has room for, really\"\n"
	"about: It fails\n"
	"open: bad opening\n"
	"== One\n"
	"A job, and a command that is refused.\n"
	"> long\n"
	"@ : \"bad\" enter\n";

/* Lessons and a log of what was put aside. */
struct school {
	struct lesson *lessons[2];
	struct player_host host;
	const char *refuses; /* why a lesson cannot be left; NULL: it can */
};

static struct school school; /* a host's functions know only the stage */

static int enter(void *arg, const char *here, struct err *err)
{
	(void)err;
	buf_addf(&((struct fake_host *)arg)->log, "[enter %s]\n", here ? "anew" : "again");
	return 0;
}

static int leave(void *arg, bool keep, struct err *err)
{
	if (school.refuses)
		return err_set(err, ERR_VALUE, "%s", school.refuses);
	buf_addf(&((struct fake_host *)arg)->log, "[leave%s]\n", keep ? ", kept" : "");
	return 0;
}

static struct lesson *read_lesson(const char *name, const char *text)
{
	char *folder = xstrdup("/tmp/beamscope-test-XXXXXX");
	struct lesson *l;
	struct err err;

	assert_non_null(mkdtemp(folder));
	char *path = xasprintf("%s/%s.lesson", folder, name);
	FILE *f = fopen(path, "w");
	assert_non_null(f);
	fputs(text, f);
	assert_int_equal(fclose(f), 0);
	if (lesson_read(&l, path, &err))
		fail_msg("%s", err.msg);
	unlink(path);
	rmdir(folder);
	free(path);
	free(folder);
	return l;
}

static int open_school(void **state)
{
	(void)state;
	school = (struct school){.lessons = {read_lesson("first", first), read_lesson("second", second)}};
	school.host = (struct player_host){school.lessons, 2, NULL, enter, leave, NULL};
	return 0;
}

static int close_school(void **state)
{
	(void)state;
	lesson_free(school.lessons[0]);
	lesson_free(school.lessons[1]);
	return 0;
}

static struct stage *open_stage(int w, int h, bool ascii)
{
	struct stage *s = stage_open(&view_lessons, w, h, ascii);

	/* The frame was begun without lessons: begin it again. */
	ui_release(&s->ui);
	s->ops.lessons = &school.host;
	ui_init(&s->ui, &s->ops, view_table);
	buf_clear(&s->host.log);
	ui_run(&s->ui, "lesson");
	stage_news(s);
	return s;
}

static void lessons_are_listed(void **state)
{
	struct stage *s = open_stage(80, 24, false);

	(void)state;
	assert_golden_at(s, "lessons");
	stage_resize(s, 80, 24);
	press(s, "y");
	assert_string_equal(buf_str(&s->host.copied), "first\tA first lesson\tAll that a page can have");
	press(s, "/ fails enter r");
	assert_log(s, "[enter anew]\nbad opening\n");
	stage_close(s);
}

static void a_lesson_is_played(void **state)
{
	struct stage *s = open_stage(80, 24, false);

	(void)state;
	press(s, "enter");
	assert_log(s, "[enter anew]\nset beam 2\nbeam 17\n");
	assert_golden_at(s, "player-text");
	stage_resize(s, 80, 24);
	press(s, "space"); /* keys, pressed in the Beam view */
	assert_log(s, "step\ngoto pruned\nback\n");
	assert_true(shows(s, "Press : \"goto 5\" Enter"));
	press(s, "space");
	assert_log(s, "goto 5\n");
	press(s, "space");
	assert_golden(s, "player-question-80x24");
	assert_true(shows(s, "Your prediction:"));
	press(s, "esc 2 . 5"); /* a digit begins the prediction, and shows no other view */
	assert_true(shows(s, "Your prediction: 2.5") && shows(s, "┌ step "));
	press(s, "^U : xend enter"); /* ":" is a letter here */
	assert_true(shows(s, "You said: :xend. Not this time; it is: The end"));
	assert_golden_at(s, "player-reveal");
	stage_resize(s, 80, 24);
	press(s, "space");
	assert_true(shows(s, "2 of 3 · Commands"));
	assert_false(shows(s, "They were run."));
	press(s, "space");
	assert_log(s, "goto 2\nstep\n");
	assert_true(shows(s, "They were run."));
	press(s, "backspace");
	assert_true(shows(s, "1 of 3 · Keys") && shows(s, "The end comes after this."));
	press(s, "backspace space");
	assert_true(shows(s, "They were run."));
	press(s, "space 3");
	assert_true(shows(s, "┌ tree ") && !shows(s, "Your prediction")); /* of a word it begins none */
	press(s, "2 space enter"); /* no prediction is fine */
	assert_true(shows(s, "Thank you.") && !shows(s, "You said"));
	assert_true(shows(s, "Space ends"));
	press(s, "space");
	assert_log(s, "[leave]\n");
	assert_true(shows(s, "the lesson is over") && shows(s, "played, 3 pages"));
	stage_close(s);
}

static void ascii_is_enough(void **state)
{
	struct stage *s = open_stage(80, 24, true);

	(void)state;
	press(s, "enter space");
	assert_golden(s, "player-80x24-ascii");
	stage_close(s);
}

/* The reader's own keys do it as well, others between them do no harm, and Space does what is left. */
static void the_readers_keys_are_noticed(void **state)
{
	struct stage *s = open_stage(80, 24, false);

	(void)state;
	press(s, "enter");
	buf_clear(&s->host.log);
	press(s, "right");
	assert_true(shows(s, "Go on with \"p\" ←"));
	press(s, "j p");
	assert_true(shows(s, "Go on with ←"));
	press(s, "space");
	assert_log(s, "step\ngoto pruned\nback\n");
	press(s, ": goto");
	assert_true(shows(s, "to 5\"") == false && shows(s, "Go on with \" 5\" Enter"));
	press(s, "space 5 enter");
	assert_log(s, "goto 5\n");
	assert_true(shows(s, "What comes after this?"));
	stage_close(s);
}

static void a_lesson_is_left_and_gone_on_with(void **state)
{
	struct stage *s = open_stage(80, 24, false);

	(void)state;
	press(s, "enter space");
	buf_clear(&s->host.log);
	press(s, "? esc"); /* what lies on top goes first */
	assert_true(shows(s, "1 of 3 · Keys"));
	school.refuses = "a job is running";
	press(s, "esc");
	assert_true(shows(s, "a job is running") && shows(s, "1 of 3 · Keys"));
	school.refuses = NULL;
	press(s, "esc");
	assert_log(s, "[leave, kept]\n");
	assert_true(shows(s, "up to page 1 of 3"));
	press(s, "enter");
	assert_log(s, "[enter again]\n");
	assert_true(shows(s, "Press : \"goto 5\" Enter"));
	ui_run(&s->ui, "lesson second"); /* another one ends this */
	assert_log(s, "[leave]\n[enter anew]\nbad opening\n");
	press(s, "^X");
	assert_log(s, "[leave, kept]\n");
	ui_run(&s->ui, "lesson first");
	assert_log(s, "[enter anew]\nset beam 2\nbeam 17\n");
	ui_run(&s->ui, "lesson first");
	assert_log(s, "");
	ui_run(&s->ui, "lesson first --page 1");
	assert_log(s, "[leave]\n[enter anew]\nset beam 2\nbeam 17\n");
	ui_run(&s->ui, "lesson third");
	stage_news(s);
	assert_true(shows(s, "there is no lesson 'third'") && shows(s, "1 of 3 · Keys"));
	assert_log(s, "");
	stage_close(s);
}

/* The keys of a lesson count on views as they are at the start, whatever its reader did to them before. */
static void a_lesson_has_views_of_its_own(void **state)
{
	struct stage *s = open_stage(80, 24, false);

	(void)state;
	press(s, "5 down 7"); /* the second objective is selected */
	void *readers = s->ui.states[4], *list = s->ui.states[6];
	press(s, "enter");
	void *lessons = s->ui.states[4];
	assert_ptr_not_equal(lessons, readers);
	press(s, "5 left");
	assert_true(shows(s, "[ ] sft") && shows(s, "[x] msl"));
	assert_ptr_equal(s->ui.states[6], list);
	press(s, "esc");
	assert_ptr_equal(s->ui.states[4], readers);
	press(s, "5 left");
	assert_true(shows(s, "[x] sft") && shows(s, "[ ] msl"));
	press(s, "7 enter"); /* goes on where it was left */
	assert_ptr_equal(s->ui.states[4], lessons);
	press(s, "5");
	assert_true(shows(s, "[ ] sft") && shows(s, "[x] msl"));
	ui_run(&s->ui, "lesson first --page 1");
	press(s, "5");
	assert_true(shows(s, "[x] sft") && shows(s, "[x] msl"));
	stage_close(s);
}

static void what_fails_is_said_and_jobs_are_waited_for(void **state)
{
	struct stage *s = open_stage(80, 24, false);

	(void)state;
	press(s, "down enter");
	assert_true(shows(s, "there is no command \"bad opening\""));
	press(s, "space");
	assert_true(shows(s, "waits until \"beam\" is done"));
	press(s, "space space"); /* once is enough */
	assert_true(shows(s, "waits until"));
	s->host.job = JOB_IDLE;
	stage_news(s);
	assert_true(shows(s, "Press : \"bad\" Enter"));
	buf_clear(&s->host.log);
	press(s, "space");
	assert_log(s, "bad\n");
	assert_true(shows(s, "That did not work") && shows(s, "Space ends"));
	stage_close(s);
}

static void a_race_may_go_on(void **state)
{
	struct snap_race race = {.refs = 1, .running = true};
	struct stage *s = open_stage(80, 24, false);

	(void)state;
	press(s, "down enter");
	s->host.race = &race;
	press(s, "space");
	assert_true(shows(s, "Press : \"bad\" Enter"));
	buf_clear(&s->host.log);
	press(s, "space"); /* the program's keys wait for its end all the same */
	assert_log(s, "");
	assert_true(shows(s, "waits until"));
	s->host.job = JOB_IDLE;
	stage_news(s);
	assert_log(s, "bad\n");
	stage_close(s);
}

static void the_mouse_goes_on_too(void **state)
{
	struct stage *s = open_stage(80, 24, false);

	(void)state;
	click(s, EVENT_CLICK, 10, 12); /* the second lesson */
	assert_log(s, "");
	click(s, EVENT_CLICK, 10, 12); /* it is selected: begin */
	assert_log(s, "[enter anew]\nbad opening\n");
	click(s, EVENT_CLICK, 10, 20);
	assert_log(s, "long\n");
	click(s, EVENT_WHEEL_DOWN, 10, 20);
	assert_log(s, "");
	stage_close(s);
}

static void no_lessons_are_said(void **state)
{
	const struct player_host none = {NULL, 0, "x.lesson:1: it is wrong", NULL, NULL, NULL};
	struct stage *s = open_stage(80, 24, false);

	(void)state;
	ui_release(&s->ui);
	s->ops.lessons = &none;
	ui_init(&s->ui, &s->ops, view_table);
	ui_run(&s->ui, "lesson");
	stage_news(s);
	assert_true(shows(s, "x.lesson:1: it is wrong"));
	press(s, "enter j space r y");
	stage_close(s);
}

static void every_size_draws(void **state)
{
	struct stage *s = open_stage(80, 24, false);

	(void)state;
	for (int k = 0; k < 4; k++) {
		for (int h = 1; h < 60; h += 1 + h / 8)
			for (int w = 1; w < 220; w += 1 + w / 8) {
				stage_resize(s, w, h);
				if (!layout_too_small(w, h))
					assert_true(shows(s, "Lessons"));
			}
		stage_resize(s, 80, 24);
		press(s, k == 0 ? "enter" : "space");
	}
	stage_close(s);
}

#define IN_SCHOOL(test) cmocka_unit_test_setup_teardown(test, open_school, close_school)

int main(void)
{
	const struct CMUnitTest tests[] = {
		IN_SCHOOL(lessons_are_listed),
		IN_SCHOOL(a_lesson_is_played),
		IN_SCHOOL(ascii_is_enough),
		IN_SCHOOL(the_readers_keys_are_noticed),
		IN_SCHOOL(a_lesson_is_left_and_gone_on_with),
		IN_SCHOOL(a_lesson_has_views_of_its_own),
		IN_SCHOOL(what_fails_is_said_and_jobs_are_waited_for),
		IN_SCHOOL(a_race_may_go_on),
		IN_SCHOOL(the_mouse_goes_on_too),
		IN_SCHOOL(no_lessons_are_said),
		IN_SCHOOL(every_size_draws),
	};

	setenv("INPUTRC", "/dev/null", 1);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
