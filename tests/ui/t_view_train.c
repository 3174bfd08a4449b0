/* The Train view: the form, a race that runs, and what is done with one that has ended. */
#include <math.h>
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
#include "fake_race.h"
#include "stage.h"
#include "ui/tui/layout.h"
#include "ui/tui/race_chart.h"

static const struct fake_race two = {.runners = 2, .step = 120, .steps = 300, .eval_every = 50, .running = true};
static const struct fake_race ended = {.runners = 3, .step = 300, .steps = 300, .eval_every = 50};

static void small_model(struct snapshot *s, void *arg)
{
	(void)arg;
	s->model_weights = 165952;
}

/* Without a race: the form. */
static struct stage *open_view(const struct fake_race *f, int w, int h, bool ascii)
{
	struct stage *s = stage_open(&view_train, w, h, ascii);

	s->host.alter = small_model;
	if (f) {
		s->host.race = fake_race_new(f);
		s->host.job = f->running ? JOB_RUNNING : JOB_IDLE;
		s->host.done = f->step;
		s->host.total = f->steps;
		s->host.left = 90;
	}
	stage_news(s);
	return s;
}

static void close_view(struct stage *s)
{
	struct snap_race *race = s->host.race;

	stage_close(s);
	if (race)
		fake_race_free(race);
}

static void pages(const char *name, const struct fake_race *f, const char *keys)
{
	struct stage *s = open_view(f, 80, 24, false);

	press(s, keys);
	assert_golden_at(s, name);
	close_view(s);
}

static void ascii_page(const char *name, const struct fake_race *f, const char *keys)
{
	struct stage *s = open_view(f, 80, 24, true);

	press(s, keys);
	assert_golden(s, name);
	close_view(s);
}

static void pages_are_as_they_were(void **state)
{
	const struct fake_race lost = {.runners = 2, .step = 40, .steps = 300, .running = true, .diverges = true,
		.eval_every = 20};
	const struct fake_race early = {.runners = 2, .step = 30, .steps = 300, .running = true};

	(void)state;
	pages("train-form", NULL, "down down down");
	pages("train-running", &two, "");
	pages("train-log", &two, "L space");
	pages("train-zoomed", &two, "left left left left + +");
	pages("train-recall", &two, "] ] ] ] space j left");
	pages("train-ended", &ended, "j");
	pages("train-diverged", &lost, "");
	pages("train-not-evaluated", &early, "]");
	pages("train-alone", &ended, "] z");
	ascii_page("train-form-80x24-ascii", NULL, "");
	ascii_page("train-running-80x24-ascii", &two, "]");
}

static void the_form_edits_and_starts(void **state)
{
	struct stage *s = open_view(NULL, 80, 24, false);

	(void)state;
	assert_true(shows(s, "train sft,msl,bear --full --targets all --steps 300"));
	press(s, "space"); /* sft */
	assert_true(shows(s, "train msl,bear --full"));
	press(s, "down down down enter");
	assert_true(shows(s, "K: 10"));
	press(s, "backspace backspace 20 enter");
	assert_true(shows(s, "--K 20"));
	press(s, "enter backspace backspace 0 enter");
	assert_true(shows(s, "K"));
	assert_true(shows(s, "--K 20")); /* 0 was refused */
	press(s, "right");
	assert_true(shows(s, "--K 30"));
	assert_log(s, "");
	press(s, "s");
	assert_non_null(strstr(buf_str(&s->host.log), "train msl,bear --full"));
	buf_clear(&s->host.log);
	press(s, "end enter"); /* the button */
	assert_non_null(strstr(buf_str(&s->host.log), "train msl,bear --full"));
	close_view(s);
}

static void a_form_that_cannot_run_says_why(void **state)
{
	struct stage *s = open_view(NULL, 80, 24, false);

	(void)state;
	press(s, "space down space down space s");
	assert_true(shows(s, "no objective is chosen"));
	assert_log(s, "");
	close_view(s);
}

/* The form is made anew for another model as long as nobody has changed it. */
static void large_model(struct snapshot *s, void *arg)
{
	(void)arg;
	s->model_weights = 124000000;
}

static void the_form_suits_the_model(void **state)
{
	struct stage *s = open_view(NULL, 80, 24, false);

	(void)state;
	assert_true(shows(s, "--full"));
	s->host.alter = large_model;
	stage_news(s);
	assert_false(shows(s, "--full"));
	press(s, "down space"); /* msl goes */
	s->host.alter = small_model;
	stage_news(s);
	assert_true(shows(s, "train sft,bear --steps"));
	close_view(s);
}

static void keys_ask_for_what_can_be_done(void **state)
{
	struct stage *s = open_view(&two, 100, 30, false);

	(void)state;
	press(s, "p");
	assert_log(s, "pause\n");
	s->host.job = JOB_PAUSED;
	stage_news(s);
	assert_true(shows(s, "paused"));
	press(s, "p S");
	assert_log(s, "resume\nstop\n");
	s->host.job = JOB_STOPPING;
	stage_news(s);
	assert_true(shows(s, " stopping"));
	press(s, "o");
	assert_true(shows(s, "the race still needs the model"));
	press(s, "c");
	assert_true(shows(s, "the race still needs the model"));
	press(s, "n");
	assert_true(shows(s, "this race still runs"));
	assert_log(s, "");
	close_view(s);
}

/* Esc goes out of what was narrowed, and never ends the race. */
static void esc_leaves_the_race_alone(void **state)
{
	struct stage *s = open_view(&two, 100, 30, false);

	(void)state;
	press(s, "z");
	assert_false(shows(s, "runner"));
	press(s, "esc");
	assert_true(shows(s, "runner"));
	press(s, "left +");
	assert_true(shows(s, "steps "));
	press(s, "esc");
	assert_false(shows(s, "steps 5"));
	press(s, "esc");
	assert_true(shows(s, "the race goes on"));
	press(s, "1 esc");
	assert_true(shows(s, "the race goes on"));
	assert_int_equal(s->host.job, JOB_RUNNING);
	press(s, "^C");
	assert_int_equal(s->host.job, JOB_CANCELLING);
	close_view(s);
}

static void a_checkpoint_is_opened_and_compared(void **state)
{
	struct stage *s = open_view(&ended, 100, 30, false);

	(void)state;
	press(s, "j j o");
	assert_log(s, "set data demo\nload model race-1/bear/last\nbeam 17\n");
	s->ui.current = 0; /* wherever the search is shown */
	close_view(s);

	s = open_view(&ended, 100, 30, false);
	press(s, "j c");
	assert_true(shows(s, ":compare race-1/msl/last --limit 200"));
	press(s, "enter");
	assert_log(s, "compare race-1/msl/last --limit 200\n");
	close_view(s);

	s = open_view(&ended, 100, 30, false); /* a model beside itself would show nothing */
	((struct snapshot *)s->ui.snap)->model_shown = "race-1/msl/last";
	press(s, "j c");
	assert_true(shows(s, "msl is the model that is loaded"));
	((struct snapshot *)s->ui.snap)->model_shown = "base + race-1/bear/last";
	press(s, "c");
	assert_true(shows(s, ":compare race-1/msl/last"));
	press(s, "esc j c");
	assert_true(shows(s, "bear is the model that is loaded"));
	close_view(s);

	s = open_view(&ended, 100, 30, false);
	press(s, "R");
	assert_true(shows(s, ":train --resume race-1 --steps 600"));
	press(s, "esc n");
	assert_true(shows(s, "what s runs"));
	press(s, "esc");
	assert_true(shows(s, "finished"));
	s->host.race->dir = "";
	press(s, "o");
	assert_true(shows(s, "nothing was saved"));
	s->host.race->dir = "{case}; quit";
	s->host.race->dir_shown = "{case}; quit";
	press(s, "o");
	assert_true(shows(s, "a key cannot name '{case}; quit'"));
	s->host.race->saved_step = 0;
	press(s, "o");
	assert_true(shows(s, "no checkpoint was saved yet"));
	assert_log(s, "");
	close_view(s);
}

static void without_a_case_the_first_one_is_searched(void **state)
{
	struct stage *s = open_view(&ended, 100, 30, false);

	(void)state;
	stage_forget_trace(s);
	stage_news(s);
	struct snapshot *snap = (struct snapshot *)s->ui.snap;
	snap->case_id = NULL;
	press(s, "o");
	assert_log(s, "set data demo\nload model race-1/sft/last\nbeam 18\n");
	close_view(s);
}

static void a_failure_is_said_whole(void **state)
{
	struct stage *s = open_view(&ended, 80, 24, false);

	(void)state;
	s->host.race->ending = RACE_FAILED;
	s->host.race->ending_shown =
		"'bear' at step 41: the loss is not finite: a smaller --lr would help; the checkpoint of step 40 in "
		"'race-1' is whole";
	stage_news(s);
	assert_golden(s, "train-failed-80x24");
	assert_true(shows(s, "failed"));
	assert_true(shows(s, "checkpoint of step 40"));
	close_view(s);
}

/* In the line below the selected runner, as many as there are figures, or as have room. */
static void every_figure_has_its_interval(void **state)
{
	struct stage *s = open_view(&ended, 110, 30, false);
	struct buf page = {0};
	size_t intervals = 0;

	(void)state;
	assert_true(shows(s, "exact NDCG@10")); /* the sixth figure */
	canvas_dump(&s->page, &page);
	const char *line = strstr(buf_str(&page), "95 %");
	assert_non_null(line);
	for (; *line != '\n'; line++)
		intervals += *line == '[';
	assert_int_equal(intervals, 6);
	buf_release(&page);
	close_view(s);
}

static void another_race_is_looked_at_from_its_start(void **state)
{
	struct stage *s = open_view(&ended, 100, 30, false);
	struct fake_race next = {.runners = 1, .step = 0, .steps = 50, .running = true};

	(void)state;
	press(s, "] j j left + z n");
	assert_true(shows(s, "what s runs"));
	struct snap_race *first = s->host.race;
	s->host.race = fake_race_new(&next);
	s->host.race->number = 2;
	s->host.job = JOB_RUNNING;
	stage_news(s);
	fake_race_free(first);
	assert_true(shows(s, "step 0 of 50"));
	assert_true(shows(s, "runner"));
	assert_true(shows(s, "nothing is evaluated")); /* the same curve */
	press(s, "[");
	assert_true(shows(s, "the first step is being made"));
	close_view(s);
}

static void evaluations_are_compared_at_one_step(void **state)
{
	struct stage *s = open_view(&two, 100, 30, false);
	struct snap_runner *r = (struct snap_runner *)s->host.race->runners;

	(void)state;
	assert_true(shows(s, "evaluated at 100 on"));
	r[1].n_evals--; /* bear's evaluation of step 100 is still to come */
	s->host.race->cases = 200;
	s->host.race->done = 30;
	s->host.race->judged = 1;
	stage_news(s);
	assert_true(shows(s, "evaluated at 50 on"));
	assert_true(shows(s, "msl: 30 of 200 cases"));
	close_view(s);
}

static void the_readout_follows_the_cursor(void **state)
{
	struct stage *s = open_view(&two, 100, 30, false);

	(void)state;
	assert_true(shows(s, "step 120: sft"));
	press(s, "left left");
	assert_true(shows(s, "step 116: sft 1.286 (raw 1.286), msl 2.286"));
	press(s, "right right right");
	assert_true(shows(s, "step 120: sft"));
	press(s, "y");
	assert_non_null(strstr(buf_str(&s->host.copied), "step 120: sft"));
	press(s, "[");
	assert_true(shows(s, "step 120: sft 100,000"));
	close_view(s);
}

/* The selected row, or none, by its ground. */
static bool is_selected(const struct stage *s, int y)
{
	return canvas_at(&s->page, 0, y)->style & STYLE_SELECTED;
}

static void the_mouse_reads_and_selects(void **state)
{
	struct stage *s = open_view(&two, 100, 30, false);
	int sft = 7, msl = 9, tabs = 11; /* lines */

	(void)state;
	assert_true(is_selected(s, sft) && !is_selected(s, msl));
	click(s, EVENT_CLICK, 40, msl);
	assert_true(is_selected(s, msl - 1)); /* the intervals stand below it now */
	click(s, EVENT_WHEEL_UP, 40, msl);
	assert_true(is_selected(s, sft));
	click(s, EVENT_WHEEL_DOWN, 40, msl);
	assert_true(is_selected(s, msl - 1));
	click(s, EVENT_CLICK, 16, tabs);
	assert_true(shows(s, "[HR]"));
	click(s, EVENT_CLICK, 95, tabs);
	assert_true(shows(s, "[HR]"));
	click(s, EVENT_CLICK, 50, tabs + 8);
	assert_false(shows(s, "step 120: sft")); /* read where the click was */
	close_view(s);
	s = open_view(NULL, 100, 30, false);
	for (int y = 2; y < 29; y++)
		click(s, EVENT_CLICK, 60, y);
	press(s, "esc");
	click(s, EVENT_CLICK, 4, 4);
	assert_true(shows(s, "train msl,bear"));
	close_view(s);
}

/* Long races, many runners, every size. */
static void odd_races_draw(void **state)
{
	static const struct fake_race odd[] = {
		{.runners = 8, .step = 100000, .steps = 1000000, .eval_every = 10000, .running = true},
		{.runners = 8, .step = 1, .steps = 1, .eval_every = 1, .diverges = true},
		{.runners = 1, .step = 0, .steps = 1, .running = true},
		{.runners = 0, .step = 0, .steps = 0},
	};
	static const char *const keys[] = {"", "] space", "+ + + left left", "L G", "0 z [ [ [", "- - esc esc"};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(odd); i++) {
		struct stage *s = open_view(&odd[i], 80, 24, i % 2);
		s->host.race->notes_shown = (const char *const[]){"a note"};
		s->host.race->n_notes = 1;
		for (size_t k = 0; k < ARRAY_LEN(keys); k++) {
			press(s, keys[k]);
			for (int h = 1; h < 60; h += 1 + h / 4)
				for (int w = 1; w < 220; w += 1 + w / 3)
					stage_resize(s, w, h);
		}
		stage_resize(s, 200, 60);
		for (size_t tab = 0; tab < race_tabs(); tab++)
			press(s, "] L j");
		close_view(s);
	}
	for (int h = 1; h < 40; h++) {
		struct stage *s = open_view(NULL, 40 + 5 * h, h, h % 2);
		press(s, "space end right home left");
		close_view(s);
	}
}

static void a_raw_spike_is_never_left_out(void **state)
{
	const struct fake_race longest = {.runners = 1, .step = 4000, .steps = 4000};
	struct stage *s = open_view(&longest, 80, 24, false);
	struct snap_point *points = (struct snap_point *)s->host.race->runners[0].points;

	(void)state;
	assert_false(shows(s, "40 ┤"));
	points[1777].loss = 40; /* one point of four thousand, in 160 columns of dots */
	stage_news(s);
	press(s, "");
	assert_true(shows(s, "40 ┤"));
	close_view(s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(pages_are_as_they_were),
		cmocka_unit_test(the_form_edits_and_starts),
		cmocka_unit_test(a_form_that_cannot_run_says_why),
		cmocka_unit_test(the_form_suits_the_model),
		cmocka_unit_test(keys_ask_for_what_can_be_done),
		cmocka_unit_test(esc_leaves_the_race_alone),
		cmocka_unit_test(a_checkpoint_is_opened_and_compared),
		cmocka_unit_test(without_a_case_the_first_one_is_searched),
		cmocka_unit_test(a_failure_is_said_whole),
		cmocka_unit_test(every_figure_has_its_interval),
		cmocka_unit_test(another_race_is_looked_at_from_its_start),
		cmocka_unit_test(evaluations_are_compared_at_one_step),
		cmocka_unit_test(the_readout_follows_the_cursor),
		cmocka_unit_test(the_mouse_reads_and_selects),
		cmocka_unit_test(odd_races_draw),
		cmocka_unit_test(a_raw_spike_is_never_left_out),
	};
	char folder[] = "/tmp/beamscope-test-XXXXXX", *source = getenv("top_srcdir");
	char *top = realpath(source ? source : ".", NULL);

	/* The form looks for a free folder: there shall be none to be in its way. */
	if (!top || !mkdtemp(folder) || chdir(folder) != 0)
		return 99;
	setenv("top_srcdir", top, 1);
	setenv("INPUTRC", "/dev/null", 1); /* the user's readline settings are not under test */
	int failed = cmocka_run_group_tests(tests, NULL, NULL);
	free(top);
	if (chdir("/") != 0 || rmdir(folder) != 0)
		return 99;
	return failed;
}
