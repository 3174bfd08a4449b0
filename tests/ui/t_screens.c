/* The frame and the Beam view, with help and pager, on the test stage. */
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

#include "stage.h"
#include "ui/tui/layout.h"

static void golden(const char *name, int w, int h, bool ascii, const char *keys)
{
	struct stage *s = stage_open(NULL, w, h, ascii);

	press(s, keys);
	assert_golden(s, name);
	stage_close(s);
}

static void pages_are_as_they_were(void **state)
{
	(void)state;
	golden("beam-80x24", 80, 24, false, "");
	golden("beam-100x30", 100, 30, false, "");
	golden("beam-160x48", 160, 48, false, "");
	golden("beam-160x30", 160, 30, false, "");
	golden("beam-80x24-ascii", 80, 24, true, "");
	golden("beam-followed-80x24", 80, 24, false, "right right right");
	golden("beam-last-row-80x24", 80, 24, false, "right G k");
	golden("beam-last-step-100x30", 100, 30, false, "l l l l l l l");
	golden("row-100x30", 100, 30, false, "j enter");
	golden("row-followed-100x30", 100, 30, false, "l G enter");
	golden("error-80x24", 80, 24, false, "+ : bad-command-with-a-name-that-does-not-fit-beside-the-keys enter");
	golden("small-20x5", 20, 5, false, "");
}

static void a_running_job_is_shown(void **state)
{
	struct stage *s = stage_open(NULL, 100, 30, false);

	(void)state;
	press(s, ": long enter");
	assert_true(shows(s, "beam 17 · 72 s · Esc cancels"));
	press(s, "esc");
	stage_news(s);
	assert_true(shows(s, "stopping beam 17"));
	stage_close(s);
}

static void other_settings_than_the_options_are_said(void **state)
{
	struct stage *s = stage_open(NULL, 100, 30, false);

	(void)state;
	assert_false(shows(s, "· B 60 ·"));
	s->host.trace->settings_shown = "B 60 · mask after · plain"; /* :beam 17 --beam 60 --mask after */
	press(s, "j");
	assert_true(shows(s, "step 2 of 9 · 10 kept of 44 · B 60 · mask after · plain"));
	assert_false(shows(s, "for the next search"));
	s->host.settings = "B 10 · mask after · plain";
	stage_news(s);
	assert_true(shows(s, "these settings are for the next search: \":beam 17\" runs it"));
	stage_close(s);
}

/* Of the fake search: its second step with two candidates held in, one kept out and a wider beam. */
static void edit_trace(struct snap_trace *t)
{
	struct snap_step *step = &t->steps[1];

	step->candidates[2].kept = false;
	step->candidates[2].forbidden = true;
	step->candidates[1].forced = true;
	step->candidates[9].kept = false;
	step->candidates[13].kept = step->candidates[13].forced = true;
	step->cutoff = step->candidates[8].logp;
	step->total--;
	step->width = t->positive[1].width = 12;
	t->positive[1].token_rank = 12;
	t->condition_holds = true;
	t->pruned_at = 0;
	t->rank = 1;
	t->sentence_shown = "In this branch the item is returned at rank 1 of 10; without the edits it was pruned at "
			    "step 2, and the whole item ranks 3 of 2,411.";
	t->edits_shown = "forbid \"HP Tri-color\" at step 2; force '\"Canon CLI' at step 2; B 12 from step 2";
	t->fate_shown = "returned at rank 1";
}

static void a_branch_is_said_to_be_one(void **state)
{
	struct stage *s = stage_open(NULL, 80, 24, false);

	(void)state;
	s->host.original = s->host.trace;
	s->host.trace = fake_trace();
	edit_trace(s->host.trace);
	ui_poll(&s->ui);
	assert_log(s, ""); /* it stays at the step */
	ui_draw(&s->ui, &s->page);
	assert_golden(s, "branch-80x24");
	stage_resize(s, 160, 30);
	assert_golden(s, "branch-160x30");
	assert_true(shows(s, "original: pruned at step 2"));
	press(s, "g j j x +");
	assert_log(s, "forbid '\"HP Tri-color'\nchange beam 13\n");
	press(s, "enter");
	assert_true(shows(s, "forbidden, its rank if it competed"));
	press(s, "esc");
	fake_trace_release(s->host.trace); /* undone */
	s->host.trace = s->host.original;
	s->host.original = NULL;
	s->host.step = 3;
	ui_poll(&s->ui);
	assert_log(s, "");
	stage_close(s);
}

static void a_step_whose_places_are_all_forced(void **state)
{
	struct stage *s = stage_open(NULL, 100, 30, true);
	struct snap_step *step = &s->host.trace->steps[1];

	(void)state;
	for (size_t i = 0; i < step->n; i++)
		step->candidates[i].kept = step->candidates[i].forced = i == 4;
	step->kept = 1;
	step->cutoff = (double)INFINITY;
	ui_poll(&s->ui);
	press(s, "g");
	assert_true(shows(s, "every place is forced"));
	press(s, "enter");
	assert_false(shows(s, "cut-off  "));
	stage_close(s);
}

/* It fell further under the cut-off than the trace reaches. */
static void untraced_pruning_is_said(void **state)
{
	struct stage *s = stage_open(NULL, 100, 30, false);
	struct snap_step *step = &s->host.trace->steps[1];

	(void)state;
	assert_false(shows(s, "pruned here"));
	for (size_t i = 0; i < step->n; i++)
		step->candidates[i].positive = false;
	ui_poll(&s->ui);
	press(s, "j G");
	assert_true(shows(s, "14 ✂★  ␣CLI"));
	assert_true(shows(s, "pruned here"));
	press(s, "enter");
	assert_true(shows(s, "The positive item at step 2: pruned"));
	press(s, "esc right");
	assert_true(shows(s, "had it stayed"));
	stage_close(s);
}

static void no_search_yet_says_what_to_do(void **state)
{
	struct stage *s = stage_open(NULL, 80, 24, false);

	(void)state;
	stage_forget_trace(s);
	ui_poll(&s->ui);
	press(s, "j enter y");
	assert_true(shows(s, "No search yet"));
	assert_true(shows(s, "nothing to copy"));
	stage_close(s);
}

static void keys_run_commands(void **state)
{
	struct stage *s = stage_open(NULL, 80, 24, false);

	(void)state;
	press(s, "right left p + - [ ] w");
	assert_log(s, "step\nback\ngoto pruned\nchange beam 11\nchange beam 9\nbeam 16\nbeam 18\nwhy\n");
	press(s, "g j f x u");
	assert_log(s, "force 2\nforbid 2\nundo\n");
	press(s, "right G f");
	assert_log(s, "step\nforce positive\n");
	press(s, "left");
	assert_log(s, "back\n");
	press(s, ": 5 enter");
	assert_log(s, "goto 5\n");
	assert_true(shows(s, "step 5 of 9"));
	press(s, ": find space tank enter");
	assert_log(s, "find tank\n");
	press(s, ": abc esc : enter");
	assert_log(s, "");
	stage_close(s);
}

static void a_new_search_opens_at_the_pruning_step(void **state)
{
	struct stage *s = stage_open(NULL, 80, 24, false);

	(void)state;
	stage_forget_trace(s);
	s->host.trace = fake_trace();
	s->host.step = 1;
	ui_poll(&s->ui);
	assert_log(s, "goto 2\n");
	press(s, "right right");
	stage_forget_trace(s);
	s->host.trace = fake_trace();
	s->host.trace->pruned_at = 0; /* where it was not pruned, the step stays */
	s->host.step = 1;
	buf_clear(&s->host.log);
	ui_poll(&s->ui);
	assert_log(s, "goto 4\n");
	ui_draw(&s->ui, &s->page);
	assert_true(shows(s, "step 4 of 9"));
	stage_close(s);
}

static void an_error_drops_what_was_to_follow(void **state)
{
	struct stage *s = stage_open(NULL, 80, 24, false);

	(void)state;
	ui_run(&s->ui, "step; bad; step");
	assert_log(s, "step\nbad\n");
	ui_draw(&s->ui, &s->page);
	assert_true(shows(s, "there is no command \"bad\""));
	press(s, "j");
	assert_false(shows(s, "there is no command"));
	stage_close(s);
}

static void commands_wait_for_a_job_and_new_ones_do_not(void **state)
{
	struct stage *s = stage_open(NULL, 80, 24, false);

	(void)state;
	ui_run(&s->ui, "long; goto 7");
	assert_log(s, "long\n");
	press(s, "right");
	assert_log(s, "step\n");
	s->host.job = JOB_IDLE;
	ui_poll(&s->ui);
	assert_log(s, "goto 7\n");
	ui_run(&s->ui, "long; goto 8");
	s->host.job = JOB_IDLE;
	s->host.message = "cancelled";
	ui_poll(&s->ui);
	assert_log(s, "long\n");
	ui_draw(&s->ui, &s->page);
	assert_true(shows(s, "cancelled"));
	stage_close(s);
}

static void output_is_paged(void **state)
{
	struct stage *s = stage_open(NULL, 80, 24, false);
	struct buf text = {0};

	(void)state;
	for (int i = 1; i <= 60; i++)
		buf_addf(&text, "line %d of the output\n", i);
	s->host.says = buf_str(&text);
	press(s, ": info enter");
	assert_true(shows(s, "┌ info ") && shows(s, "line 1 of") && shows(s, "of 60"));
	press(s, "G");
	assert_true(shows(s, "line 60 of") && !shows(s, "line 1 of"));
	press(s, "g / 47 enter");
	assert_true(shows(s, "line 47 of"));
	press(s, "q");
	assert_false(shows(s, "of the output"));
	s->host.says = "one line is a message\n";
	press(s, ": x enter");
	assert_true(shows(s, "one line is a message") && shows(s, "step 2 of 9"));
	buf_release(&text);
	stage_close(s);
}

static void search_finds_rows(void **state)
{
	struct stage *s = stage_open(NULL, 80, 24, false);

	(void)state;
	press(s, "g / laserjet enter y");
	assert_non_null(strstr(buf_str(&s->host.copied), " LaserJet\t"));
	buf_clear(&s->host.copied);
	press(s, "/ canon enter y n y N y");
	const char *first = buf_str(&s->host.copied);
	assert_non_null(strstr(first, "\"Canon"));
	press(s, "/ nowhere enter");
	assert_true(shows(s, "\"nowhere\" is not here"));
	stage_close(s);
}

/* In the help too, also in lines that are further down. */
static void search_finds_lines_of_the_help(void **state)
{
	struct stage *s = stage_open(NULL, 80, 24, false);

	(void)state;
	press(s, "?");
	assert_false(shows(s, "a token's leading or trailing space"));
	press(s, "/ trailing enter");
	assert_true(shows(s, "a token's leading or trailing space"));
	press(s, "/ narrower enter");
	assert_true(shows(s, "what if: a beam one narrower"));
	press(s, "/ nowhere enter");
	assert_true(shows(s, "\"nowhere\" is not here"));
	stage_close(s);
}

static void quitting_asks_while_a_job_runs(void **state)
{
	struct stage *s = stage_open(NULL, 80, 24, false);

	(void)state;
	assert_int_equal(press(s, "Q"), UI_QUIT);
	assert_int_equal(press(s, "q"), UI_GO_ON); /* one key too often loses nothing */
	assert_true(shows(s, "Q quits"));
	assert_int_equal(press(s, ": quit enter"), UI_QUIT);
	assert_int_equal(press(s, "? q"), UI_GO_ON);
	press(s, ": long enter");
	assert_int_equal(press(s, "Q"), UI_GO_ON);
	assert_true(shows(s, "stop it and quit? y/n"));
	assert_int_equal(press(s, "n"), UI_GO_ON);
	assert_int_equal(press(s, ": quit enter"), UI_GO_ON);
	assert_int_equal(press(s, "y"), UI_QUIT);
	stage_close(s);
}

/* A race says how far it is; how to end it is left out where the line is short. */
static void training_shows_its_progress(void **state)
{
	struct stage *s = stage_open(NULL, 120, 30, false);

	(void)state;
	s->host.job = JOB_RUNNING;
	s->host.done = 120;
	s->host.total = 300;
	s->host.left = 80;
	stage_news(s);
	assert_true(shows(s, "train 120/300 · 1 min 20 s left · Esc stops"));
	stage_resize(s, 80, 24);
	assert_true(shows(s, "train 120/300 · 1 min 20 s left"));
	assert_false(shows(s, "Esc stops"));
	s->host.left = (double)NAN;
	stage_news(s);
	assert_true(shows(s, "train 120/300 · Esc stops"));
	s->host.job = JOB_PAUSED;
	stage_news(s);
	assert_true(shows(s, "paused train 120/300"));
	assert_false(shows(s, "Esc"));
	s->host.job = JOB_STOPPING;
	stage_news(s);
	assert_true(shows(s, "stopping train 120/300"));
	stage_close(s);
}

static void mouse_selects_and_scrolls(void **state)
{
	struct stage *s = stage_open(NULL, 80, 24, false);

	(void)state;
	click(s, EVENT_CLICK, 10, 6);
	press(s, "y");
	assert_int_equal(strncmp(buf_str(&s->host.copied), "3\tkept\t", 7), 0);
	buf_clear(&s->host.copied);
	click(s, EVENT_WHEEL_DOWN, 10, 6);
	press(s, "y");
	assert_int_equal(strncmp(buf_str(&s->host.copied), "6\tkept\t", 7), 0);
	click(s, EVENT_CLICK, 60, 13); /* a row of the positive item's table */
	assert_int_equal(strncmp(buf_str(&s->host.log), "goto ", 5), 0);
	click(s, EVENT_CLICK, 79, 23);
	click(s, EVENT_CLICK, 0, 0);
	stage_close(s);
}

static void line_is_edited_and_completed(void **state)
{
	struct stage *s = stage_open(NULL, 80, 24, false);

	(void)state;
	press(s, ": stex backspace p left left left delete t enter");
	assert_log(s, "step\n");
	press(s, ": up enter");
	assert_log(s, "step\n");
	press(s, ": bea tab 3 enter");
	assert_log(s, "beam 3\n");
	press(s, ": set space mas tab af tab enter");
	assert_log(s, "set mask after\n");
	press(s, ": ba");
	assert_int_equal(s->page.cursor_x, 3);
	press(s, "backspace backspace backspace");
	assert_int_equal(s->page.cursor_x, -1);
	press(s, ": tab");
	assert_true(shows(s, "detokenize"));
	press(s, "esc");
	assert_false(shows(s, "detokenize"));
	stage_close(s);
}

/* A line that is left in the middle of a search, or of a key, leaves nothing of that to the next. */
static void a_line_that_is_left_is_over(void **state)
{
	static const char *const halves[] = {"^R s t", "^X", "^V", "^]"};
	struct stage *s = stage_open(NULL, 80, 24, false);

	(void)state;
	press(s, ": step enter");
	assert_log(s, "step\n");
	press(s, ": ^R s t");
	assert_true(shows(s, "(reverse-i-search)`st': step"));
	press(s, "esc");
	for (size_t i = 0; i < ARRAY_LEN(halves); i++) {
		press(s, ":");
		press(s, halves[i]);
		press(s, "esc : b");
		assert_true(shows(s, ":b "));
		press(s, "a c k enter");
		assert_log(s, "back\n");
	}
	stage_close(s);
}

static void read_file(const char *name, struct buf *out)
{
	FILE *f = fopen(name, "r");
	char bytes[4096];
	size_t n;

	assert_non_null(f);
	while ((n = fread(bytes, 1, sizeof(bytes), f)) > 0)
		buf_add(out, bytes, n);
	fclose(f);
}

/* Under the name that is offered or another, without the line in which that is typed; nothing is overwritten. */
static void page_is_saved(void **state)
{
	char folder[] = "/tmp/beamscope-test-XXXXXX", home[4096];
	struct stage *s = stage_open(&view_beam, 80, 24, false);
	struct buf page = {0}, saved = {0};

	(void)state;
	assert_non_null(getcwd(home, sizeof(home)));
	assert_non_null(mkdtemp(folder));
	assert_int_equal(chdir(folder), 0);
	press(s, "j");
	canvas_dump(&s->page, &page);
	press(s, "P");
	assert_true(shows(s, "save this view as (.svg or .txt): beamscope-1.svg"));
	press(s, "enter");
	assert_true(shows(s, "saved as beamscope-1.svg"));
	press(s, "P ^U a.txt enter");
	assert_true(shows(s, "saved as a.txt"));
	read_file("a.txt", &saved);
	assert_string_equal(buf_str(&saved), buf_str(&page));
	press(s, "P ^U a.txt enter");
	assert_true(shows(s, "'a.txt' is there already"));
	press(s, "P ^U a.png enter");
	assert_true(shows(s, "ends neither in .svg"));
	press(s, "P ^U no/such/folder.txt enter");
	assert_true(shows(s, "'no/such/folder.txt'"));
	press(s, "P esc P");
	assert_true(shows(s, "beamscope-2.svg"));
	press(s, "^U enter");
	buf_clear(&saved);
	read_file("beamscope-1.svg", &saved);
	assert_ptr_equal(strstr(buf_str(&saved), "<svg "), buf_str(&saved));
	assert_int_equal(unlink("beamscope-1.svg") | unlink("a.txt"), 0);
	assert_int_equal(chdir(home), 0);
	assert_int_equal(rmdir(folder), 0); /* nothing else is there */
	buf_release(&page);
	buf_release(&saved);
	stage_close(s);
}

/* Every size from 1x1 draws without a fault, with what lies over the view too; below the minimum it says what is
 * needed. */
static void every_size_draws(void **state)
{
	static const char *const keys[] = {"?", "q enter", "q : bea", "esc : bad enter"};
	struct stage *s = stage_open(NULL, 80, 24, false);

	(void)state;
	for (size_t k = 0; k < sizeof(keys) / sizeof(keys[0]); k++) {
		press(s, keys[k]);
		for (int h = 1; h < 60; h += 1 + h / 8)
			for (int w = 1; w < 220; w += 1 + w / 8) {
				stage_resize(s, w, h);
				assert_true(layout_too_small(w, h) == !shows(s, "Beam"));
				if (w >= 20 && h >= 2 && layout_too_small(w, h))
					assert_true(shows(s, "needs 80x24"));
			}
	}
	stage_close(s);
}

static void odd_ones_out(struct snap_trace *t, int which)
{
	static const struct snap_step nothing = {.total = 0};

	if (which == 0) { /* no positive item at all */
		t->n_positive = 0;
		t->title_shown = "";
		t->n_history = 0;
		t->verdict = SNAP_UNREACHABLE;
		t->exact_rank = t->pruned_at = 0;
	} else if (which == 1) { /* nothing came back, nothing competed */
		t->n_results = 0;
		t->steps[1] = nothing;
		t->verdict = SNAP_UNDECIDED;
		t->exact_proved = false;
	} else if (which == 2) { /* probability zero */
		t->steps[1].candidates[13].logp = t->steps[1].candidates[13].step_logp = -(double)INFINITY;
		t->positive[1].prefix_margin = t->positive[1].logp = -(double)INFINITY;
		t->steps[1].cutoff = -(double)INFINITY;
		t->verdict = SNAP_OUTRANKED;
	} else if (which == 3) { /* the item is longer than the search was, all is kept */
		t->n_steps = 2;
		t->steps[1].n = t->steps[1].total = t->steps[1].kept;
		t->condition_holds = true;
	} else { /* the search was longer than the item */
		t->n_positive = 1;
		t->verdict = SNAP_RETRIEVED;
		t->rank = 1;
		t->pruned_at = 0;
	}
}

static void odd_searches_draw(void **state)
{
	static const char *const said[] = {"unreachable", "undecided", "-inf", "10 kept of 10", "retrieved at rank 1"};

	(void)state;
	for (int which = 0; which < 5; which++) {
		struct stage *s = stage_open(NULL, 100, 30, false);
		odd_ones_out(s->host.trace, which);
		ui_poll(&s->ui);
		press(s, "j G y enter");
		assert_true(shows(s, said[which]));
		press(s, "esc");
		for (int i = 0; i < 3; i++) {
			canvas_resize(&s->page, 80 + 60 * i, 24 + 16 * i);
			press(s, "right g pgdn k left");
		}
		click(s, EVENT_CLICK, 10, 10);
		click(s, EVENT_CLICK, 60, 10);
		stage_close(s);
	}
}

static void other_keys_have_their_effect(void **state)
{
	struct stage *s = stage_open(NULL, 80, 24, false);

	(void)state;
	assert_int_equal(press(s, "^L"), UI_REDRAW);
	assert_int_equal(press(s, "^Z"), UI_SUSPEND);
	assert_int_equal(press(s, "^C"), UI_GO_ON);
	assert_true(shows(s, "Q quits"));
	assert_int_equal(press(s, "esc 1 7 tab Z"), UI_GO_ON);
	assert_log(s, "");
	stage_close(s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(pages_are_as_they_were),
		cmocka_unit_test(a_running_job_is_shown),
		cmocka_unit_test(other_settings_than_the_options_are_said),
		cmocka_unit_test(a_branch_is_said_to_be_one),
		cmocka_unit_test(a_step_whose_places_are_all_forced),
		cmocka_unit_test(untraced_pruning_is_said),
		cmocka_unit_test(no_search_yet_says_what_to_do),
		cmocka_unit_test(keys_run_commands),
		cmocka_unit_test(a_new_search_opens_at_the_pruning_step),
		cmocka_unit_test(an_error_drops_what_was_to_follow),
		cmocka_unit_test(commands_wait_for_a_job_and_new_ones_do_not),
		cmocka_unit_test(output_is_paged),
		cmocka_unit_test(search_finds_rows),
		cmocka_unit_test(search_finds_lines_of_the_help),
		cmocka_unit_test(quitting_asks_while_a_job_runs),
		cmocka_unit_test(training_shows_its_progress),
		cmocka_unit_test(mouse_selects_and_scrolls),
		cmocka_unit_test(line_is_edited_and_completed),
		cmocka_unit_test(a_line_that_is_left_is_over),
		cmocka_unit_test(page_is_saved),
		cmocka_unit_test(every_size_draws),
		cmocka_unit_test(odd_searches_draw),
		cmocka_unit_test(other_keys_have_their_effect),
	};

	setenv("INPUTRC", "/dev/null", 1); /* the user's readline settings are not under test */
	return cmocka_run_group_tests(tests, NULL, NULL);
}
