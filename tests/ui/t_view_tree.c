/* The Tree view: what it shows of a search, how its rows fold, and what they lead to. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/mem.h"
#include "stage.h"

static struct stage *open_tree(int w, int h, bool ascii)
{
	return stage_open(&view_tree, w, h, ascii);
}

/* The selected row begins so, tabs between the columns. */
static void assert_selected(struct stage *s, const char *begin)
{
	press(s, "y");
	if (strncmp(buf_str(&s->host.copied), begin, strlen(begin)) != 0)
		fail_msg("selected is \"%s\", not \"%s…\"", buf_str(&s->host.copied), begin);
	buf_clear(&s->host.copied);
}

static void pages_are_as_they_were(void **state)
{
	struct stage *s = open_tree(80, 24, false);

	(void)state;
	assert_golden_at(s, "tree");
	press(s, "right right");
	assert_golden_at(s, "tree-followed");
	press(s, "a");
	stage_resize(s, 100, 30);
	assert_golden(s, "tree-all-100x30");
	stage_close(s);
	s = open_tree(80, 24, true);
	assert_golden(s, "tree-80x24-ascii");
	press(s, "a right right right right right right right");
	stage_resize(s, 120, 30);
	assert_golden(s, "tree-last-120x30-ascii");
	stage_close(s);
}

/* Where nobody selected anything else, the positive item stays selected from step to step. */
static void the_positive_item_is_followed(void **state)
{
	struct stage *s = open_tree(80, 24, false);

	(void)state;
	assert_selected(s, "2\t14\tpruned positive\t");
	press(s, "right");
	assert_selected(s, "3\t21\tfollowed positive\t");
	press(s, "left left");
	assert_selected(s, "1\t3\tkept positive\t");
	press(s, "g right"); /* another prefix is followed likewise */
	assert_selected(s, "1\t1\tkept\t");
	press(s, "j right");
	assert_selected(s, "2\t1\tkept\t");
	press(s, "left left");
	assert_selected(s, "1\t1\tkept\t");
	stage_close(s);
}

static void rows_fold(void **state)
{
	struct stage *s = open_tree(100, 40, false);

	(void)state;
	press(s, "g");
	assert_true(shows(s, "├─␣Ink") && shows(s, "└─␣写真"));
	press(s, "space");
	assert_true(shows(s, "\"HP  … 2 in the beam") && !shows(s, "├─␣Ink"));
	assert_selected(s, "1\t1\tkept\t");
	press(s, "space");
	assert_true(shows(s, "├─␣Ink"));
	assert_true(shows(s, "… 16 pruned (best -7.60)"));
	press(s, "/ epson enter space"); /* k, with two that were pruned on its line */
	assert_true(shows(s, "… 2 pruned (best -12.86), shown above"));
	press(s, "space space");
	assert_true(shows(s, "\"Epson  … 2 pruned (best -12.86)") && !shows(s, "shown above"));
	press(s, "G k");
	assert_selected(s, "16 pruned\tbest\t-7.6");
	press(s, "enter");
	assert_true(shows(s, "… 16 pruned (best -7.60), shown above"));
	press(s, "o");
	assert_false(shows(s, "shown above"));
	press(s, "G space"); /* what was not traced cannot be shown */
	assert_true(shows(s, "… 20 more pruned"));
	stage_close(s);
}

static void all_is_shown_and_no_longer(void **state)
{
	struct stage *s = open_tree(100, 30, false);

	(void)state;
	press(s, "a");
	assert_true(shows(s, "all shown") && shows(s, "of 49"));
	assert_selected(s, "2\t14\tpruned positive\t");
	press(s, "esc");
	assert_false(shows(s, "all shown"));
	assert_selected(s, "2\t14\tpruned positive\t");
	stage_close(s);
}

static void rows_lead_to_their_step(void **state)
{
	struct stage *s = open_tree(80, 24, false);

	(void)state;
	press(s, "enter");
	assert_true(shows(s, "positive item") && shows(s, "step 2 of 9"));
	assert_log(s, "");
	press(s, "t right g enter");
	assert_log(s, "step\ngoto 1\n");
	assert_true(shows(s, "step 1 of 9"));
	assert_selected(s, "1\tkept\t\"HP");
	press(s, "right right right t");
	buf_clear(&s->host.log);
	assert_selected(s, "4\t1\tkept\t"); /* as in Beam */
	press(s, "/ positive enter n n enter");
	assert_log(s, "");
	assert_selected(s, "17\tpositive\t226");
	stage_close(s);
}

static void edits_are_made_at_the_step_of_the_row(void **state)
{
	struct stage *s = open_tree(80, 40, false);

	(void)state;
	press(s, "f");
	assert_log(s, "force 14\n");
	press(s, "g x + M u");
	assert_log(s, "goto 1\nforbid 1\nchange beam 11\nchange mask after\nundo\n");
	press(s, "right right G f");
	assert_log(s, "step\nstep\n");
	assert_true(shows(s, "select a prefix to force"));
	s->host.trace->steps[2].candidates[0].forbidden = true;
	s->host.trace->steps[2].candidates[0].kept = false;
	stage_news(s);
	press(s, "g / é enter f");
	assert_log(s, "force '\"Brotheré'\n"); /* its rank is another's */
	s->host.trace->steps[2].candidates[0].prefix_shown = "a {step}; quit"; /* not one of the key table's names */
	stage_news(s);
	press(s, "f");
	assert_log(s, "force 'a {step}; quit'\n");
	stage_close(s);
}

static void mouse_selects_and_folds(void **state)
{
	struct stage *s = open_tree(80, 24, false);

	(void)state;
	press(s, "g");
	click(s, EVENT_CLICK, 20, 7);
	assert_selected(s, "1\t2\tkept\t");
	click(s, EVENT_CLICK, 20, 7);
	assert_true(shows(s, "… 2 in the beam"));
	click(s, EVENT_WHEEL_DOWN, 20, 7);
	assert_selected(s, "2\t6\tkept\t");
	click(s, EVENT_CLICK, 79, 23);
	click(s, EVENT_CLICK, 3, 3);
	assert_selected(s, "2\t6\tkept\t");
	stage_close(s);
}

static void a_side_panel_tells_more(void **state)
{
	struct stage *s = open_tree(120, 30, false);

	(void)state;
	assert_true(shows(s, "┌ selected ") && shows(s, "pruned at step 2: rank 14 of 44"));
	press(s, "g");
	assert_true(shows(s, "2 of the 10 in the beam"));
	press(s, "j");
	assert_true(shows(s, "in the beam: rank 1 of 44, 4.04 nats"));
	press(s, "/ epson enter");
	assert_true(shows(s, "kept up to step 1"));
	press(s, "G k");
	assert_true(shows(s, "16 that were pruned"));
	press(s, "G");
	assert_true(shows(s, "20 more candidates of step 2"));
	assert_false(shows(s, "all panels"));
	press(s, "z");
	assert_false(shows(s, "┌ selected ") || shows(s, "Incorrectly pruned"));
	assert_true(shows(s, "z zoom  Esc all panels"));
	press(s, "esc");
	assert_true(shows(s, "┌ selected ") && shows(s, "Incorrectly pruned"));
	press(s, "g / positive enter n right");
	assert_true(shows(s, "followed since"));
	stage_close(s);
}

static void search_finds_rows(void **state)
{
	struct stage *s = open_tree(100, 30, false);

	(void)state;
	press(s, "g / cyan enter");
	assert_selected(s, "2\t5\tkept\t");
	press(s, "/ canon enter n");
	assert_selected(s, "1\t2\tkept\t");
	press(s, "N");
	assert_selected(s, "1\t8\tended\t");
	press(s, "/ nowhere enter");
	assert_true(shows(s, "\"nowhere\" is not here"));
	stage_close(s);
}

/* The second step with an edit: what it did is on the rows. */
static void a_branch_is_one(void **state)
{
	struct stage *s = open_tree(100, 30, false);
	struct snap_trace *t = fake_trace();

	(void)state;
	press(s, "g j j"); /* is in the branch too, and stays selected */
	assert_selected(s, "2\t2\tkept\t");
	t->steps[1].candidates[9].kept = false;
	t->steps[1].candidates[9].forbidden = true;
	t->steps[1].candidates[13].kept = t->steps[1].candidates[13].forced = true;
	t->steps[1].total--;
	t->edits_shown = "forbid '\"Café 950' at step 2; force '\"Canon CLI' at step 2";
	t->fate_shown = "returned at rank 1";
	t->rank = 1;
	t->pruned_at = 0;
	s->host.original = s->host.trace;
	s->host.trace = t;
	stage_news(s);
	assert_golden(s, "tree-branch-100x30");
	assert_selected(s, "2\t2\tkept\t");
	stage_close(s);
}

static void no_search_yet_says_what_to_do(void **state)
{
	struct stage *s = open_tree(80, 24, false);

	(void)state;
	press(s, "space");
	stage_forget_trace(s);
	stage_news(s);
	press(s, "j enter space a z x y esc t t");
	assert_true(shows(s, "No search yet"));
	s->host.trace = fake_trace();
	stage_news(s);
	assert_true(shows(s, "tree after step 2"));
	stage_close(s);
}

static void make_odd(struct snap_trace *t, int which)
{
	static const char hostile[] =
		"\xe2\x80\xae evil \xff\x1b[2J \xf0\x9f\x96\xa8\xef\xb8\x8f e\xcc\x81\xcc\x81\xcc\x81";

	switch (which) {
	case 0: /* one step */
		t->n_steps = t->n_positive = 1;
		t->pruned_at = 0;
		break;
	case 1: /* all pruned */
		for (size_t i = 0; i < t->steps[1].n; i++)
			t->steps[1].candidates[i].kept = false;
		t->steps[1].kept = 0;
		t->steps[1].cutoff = -(double)INFINITY;
		t->n_steps = 2;
		break;
	case 2: /* nothing competed */
		t->steps[1].n = t->steps[1].total = t->steps[1].kept = 0;
		break;
	case 3: /* no positive item */
		t->n_positive = 0;
		break;
	case 4: /* texts that would harm a terminal, probabilities that are none */
		for (size_t i = 0; i < t->steps[1].n; i++) {
			t->steps[1].candidates[i].text_shown = t->steps[1].candidates[i].prefix_shown = hostile;
			t->steps[1].candidates[i].item_shown = hostile;
			t->steps[1].candidates[i].finished = i % 2;
			t->steps[1].candidates[i].logp = t->steps[1].candidates[i].step_logp = (double)NAN;
		}
		t->title_shown = hostile;
		break;
	default: /* numbers that nothing says anything about */
		for (size_t i = 0; i < t->steps[1].n; i++)
			t->steps[1].candidates[i].above = 123456;
		t->positive[3].node = t->positive[0].node;
	}
}

static void odd_searches_draw(void **state)
{
	static const char *const keys = "g j j enter t space a space G space a k f x j + esc z right left / e enter y";

	(void)state;
	for (int which = 0; which < 6; which++) {
		struct stage *s = open_tree(80, 24, which % 2);
		make_odd(s->host.trace, which);
		if (which == 0)
			s->host.step = 1;
		stage_news(s);
		press(s, keys);
		for (int w = 1; w < 220; w += 1 + w / 5)
			for (int h = 1; h < 60; h += 1 + h / 4)
				stage_resize(s, w, h);
		stage_resize(s, 120, 30);
		press(s, keys);
		assert_true(shows(s, "tree after step"));
		assert_false(shows(s, "\x1b"));
		stage_close(s);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(pages_are_as_they_were),
		cmocka_unit_test(the_positive_item_is_followed),
		cmocka_unit_test(rows_fold),
		cmocka_unit_test(all_is_shown_and_no_longer),
		cmocka_unit_test(rows_lead_to_their_step),
		cmocka_unit_test(edits_are_made_at_the_step_of_the_row),
		cmocka_unit_test(mouse_selects_and_folds),
		cmocka_unit_test(a_side_panel_tells_more),
		cmocka_unit_test(search_finds_rows),
		cmocka_unit_test(a_branch_is_one),
		cmocka_unit_test(no_search_yet_says_what_to_do),
		cmocka_unit_test(odd_searches_draw),
	};

	setenv("INPUTRC", "/dev/null", 1); /* the user's readline settings are not under test */
	return cmocka_run_group_tests(tests, NULL, NULL);
}
