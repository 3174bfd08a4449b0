/* The Beam view beyond its pages: what z shows alone, a branch beside its original, rows that other views select. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/mem.h"
#include "stage.h"

static struct stage *open_beam(int w, int h)
{
	return stage_open(&view_beam, w, h, false);
}

static void each_panel_alone(void **state)
{
	struct stage *s = open_beam(80, 24);

	(void)state;
	press(s, "z");
	assert_true(shows(s, "step 2 of 9") && !shows(s, "positive item"));
	press(s, "z");
	assert_golden(s, "beam-positive-80x24");
	click(s, EVENT_CLICK, 10, 13); /* its table goes to steps wherever it is drawn */
	assert_int_equal(strncmp(buf_str(&s->host.log), "goto ", 5), 0);
	press(s, "z");
	assert_golden(s, "beam-results-80x24");
	click(s, EVENT_CLICK, 10, 13);
	press(s, "z");
	assert_true(shows(s, "positive item") && shows(s, "Incorrectly pruned"));
	press(s, "z z esc");
	assert_true(shows(s, "positive item") && shows(s, "Incorrectly pruned"));
	stage_close(s);
}

/* A click selects; on the selected row it is Enter. */
static void a_click_selects_and_opens(void **state)
{
	struct stage *s = open_beam(80, 24);

	(void)state;
	press(s, "g");
	click(s, EVENT_CLICK, 10, 6);
	assert_false(shows(s, "log p(token)"));
	click(s, EVENT_CLICK, 10, 6);
	assert_true(shows(s, "Rank 3 of 44 at step 2"));
	assert_true(shows(s, "log p(token)"));
	stage_close(s);
}

static void without_results_none_are_alone(void **state)
{
	struct stage *s = open_beam(80, 24);

	(void)state;
	s->host.trace->n_results = 0;
	press(s, "z z z");
	assert_true(shows(s, "positive item") && shows(s, "Incorrectly pruned"));
	stage_close(s);
}

/* Long tokens leave the last column a few cells: the margin is in them, and not what is no longer searched. */
static void a_margin_stays_beside_long_tokens(void **state)
{
	struct stage *s = open_beam(80, 24);

	(void)state;
	for (size_t i = 0; i < s->host.trace->steps[2].n; i++)
		s->host.trace->steps[2].candidates[i].text_shown = " multifunction";
	s->host.step = 3;
	stage_news(s);
	assert_true(shows(s, "step 3 of 9"));
	assert_true(shows(s, "-0.31 ││"));
	assert_false(shows(s, "not s"));
	stage_close(s);
}

/* A rank is cut nowhere, however large: of how many it is goes first. */
static void large_ranks_are_whole(void **state)
{
	struct stage *s = open_beam(80, 24);

	(void)state;
	s->host.trace->exact_rank = 15525;
	s->host.trace->exact_proved = false;
	s->host.trace->n_sequences = 22728;
	stage_news(s);
	assert_true(shows(s, "exact rank >15,524 "));
	stage_resize(s, 120, 40);
	assert_true(shows(s, "exact rank >15,524 of 22,728 "));
	stage_close(s);
}

/* Of the fake search: the second step with its tenth candidate pruned and the positive item's held in. */
static void make_branch(struct stage *s)
{
	struct snap_trace *t = fake_trace();

	t->steps[1].candidates[9].kept = false;
	t->steps[1].candidates[13].kept = t->steps[1].candidates[13].forced = true;
	t->steps[1].cutoff = t->steps[1].candidates[8].logp;
	t->steps[2].candidates[0].node = 77777; /* so that the original's is gone */
	t->results[4].item = "another";
	t->results[4].title_shown = "Canon CLI-226 Black Ink Tank";
	t->edits_shown = "force '\"Canon CLI' at step 2";
	t->fate_shown = "returned at rank 5";
	t->rank = 5;
	t->pruned_at = 0;
	t->sentence_shown = "In this branch the item is returned at rank 5 of 10.";
	s->host.original = s->host.trace;
	s->host.trace = t;
	stage_news(s);
}

static void a_branch_stands_beside_its_original(void **state)
{
	struct stage *s = open_beam(200, 60);

	(void)state;
	make_branch(s);
	assert_golden(s, "beam-beside-200x60");
	assert_true(shows(s, "◇ now pruned") && shows(s, "· now kept"));
	assert_true(shows(s, "entered the result: Canon CLI-226 Black Ink Tank; left it: Canon PG-245XL"));
	press(s, "right");
	assert_true(shows(s, "◇ gone"));
	stage_resize(s, 120, 30);
	assert_golden(s, "beam-beside-120x30");
	press(s, "left");
	stage_resize(s, 100, 30);
	assert_golden(s, "beam-branch-100x30");
	press(s, "z"); /* alone there is room for both */
	assert_true(shows(s, "original: pruned at step 2"));
	s->host.original->n_steps = 1;
	press(s, "j");
	assert_true(shows(s, "ended with step 1"));
	stage_close(s);
}

static void keys_make_other_edits(void **state)
{
	struct stage *s = open_beam(100, 30);

	(void)state;
	press(s, "M H U e");
	assert_log(s, "change mask after\nchange search hf\nredo\nexact 17\n");
	s->host.trace->steps[1].mask_after = s->host.trace->steps[1].hf = true;
	press(s, "M H");
	assert_log(s, "change mask before\nchange search plain\n");
	stage_forget_trace(s);
	stage_news(s);
	press(s, "M");
	assert_log(s, "");
	assert_true(shows(s, "no search is open"));
	stage_close(s);
}

static void a_row_is_selected_in_both_views(void **state)
{
	struct stage *s = open_beam(80, 24);

	(void)state;
	press(s, "g j j t y");
	assert_int_equal(strncmp(buf_str(&s->host.copied), "2\t3\tkept\t", 9), 0);
	buf_clear(&s->host.copied);
	press(s, "k t y");
	assert_int_equal(strncmp(buf_str(&s->host.copied), "3\tkept\t", 7), 0); /* that row is no candidate here */
	buf_clear(&s->host.copied);
	press(s, "g t j j t y");
	assert_int_equal(strncmp(buf_str(&s->host.copied), "1\tkept\t", 7), 0);
	stage_close(s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_panel_alone),
		cmocka_unit_test(a_click_selects_and_opens),
		cmocka_unit_test(without_results_none_are_alone),
		cmocka_unit_test(large_ranks_are_whole),
		cmocka_unit_test(a_margin_stays_beside_long_tokens),
		cmocka_unit_test(a_branch_stands_beside_its_original),
		cmocka_unit_test(keys_make_other_edits),
		cmocka_unit_test(a_row_is_selected_in_both_views),
	};

	setenv("INPUTRC", "/dev/null", 1); /* the user's readline settings are not under test */
	return cmocka_run_group_tests(tests, NULL, NULL);
}
