/* The Margins view: one case by step, and the charts of a diagnosis. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <math.h>

#include "base/compiler.h"
#include "stage.h"

static const char *const steps[] = {"1", "2", "3", "4", "5", "6"};
static const char *const bins[] = {"< -4", "-4…-2", "-2…0", "0…2", "≥ 2"};
static const char *const slices[] = {"0", "1-5", "6-20", "> 20"};
static const double lost[] = {66, 34, 7, 0, 3, 5}, rightly[] = {291, 45, 9, 82, 72, 48};
static const double bin_lost[] = {2, 40, 73, 0, 0}, bin_others[] = {10, 35, 154, 331, 248};
static const double widths[] = {1, 2, 5, 10, 20, 50}, returned[] = {0.03, 0.06, 0.15, 0.25, 0.44, 0.68};
static const double share[] = {0.5, 0.4, 0.2, NAN}, low[] = {0.4, 0.3, 0.1, NAN}, high[] = {0.6, 0.5, 0.3, NAN};
static const double boxes[6][5] = {{-4.4, -0.2, 0.3, 1.3, 2.6}, {-5, -0.8, 0.7, 1.2, 2.1}, {-3.5, -0.4, 0.6, 1.5, 2},
	{NAN, NAN, NAN, NAN, NAN}, {-INFINITY, 0, 1, 2, 3}, {0, 0.5, 1, 1.5, 4}};

static const struct snap_key_figure figures[] = {
	{"Wrongly pruned", "35.5 %", "30.5 to 40.8; 115 of 324"},
	{"Search recall@10", "59.7 %", "58.6 to 60.9"},
	{"HR@10", "25.4 %", "22.8 to 28.2; 254 of 1,000"},
	{"NDCG@10", "0.1398", "0.1239 to 0.1560"},
};

/* A diagnosis of 1,000 cases; on the test's stack. */
static void make_survey(struct snap_survey *s)
{
	*s = (struct snap_survey){
		.refs = 1,
		.headline_shown =
			"The search lost 115 of the 324 positive items that are among the best 10 of the whole "
			"catalogue (35.5 %; 95 % interval 30.5 to 40.8). Most were lost at step 1 (66). "
			"Of the widths tried, B = 20 returns 113 of them, and B = 50 returns all of them.",
		.settings_shown = "B 10 · mask before · plain",
		.cases = 1000,
		.meant = 1925,
		.figures = figures,
		.n_figures = ARRAY_LEN(figures),
		.charts =
			{
				{.kind = CHART_BARS,
					.title = "Where items leave the beam",
					.x_title = "step",
					.y_title = "positive items",
					.categories = steps,
					.n_categories = 6,
					.n_series = 2,
					.note = "All positive items that left it.",
					.series = {{.name = "lost (wrongly pruned)", .y = lost, .n = 6},
						{.name = "rightly", .y = rightly, .n = 6, .open = true}}},
				{.kind = CHART_BARS,
					.title = "Smallest prefix margin of each case",
					.x_title = "nats above the cut-off",
					.y_title = "cases",
					.categories = bins,
					.n_categories = 5,
					.n_series = 2,
					.series = {{.name = "lost (wrongly pruned)", .y = bin_lost, .n = 5},
						{.name = "others", .y = bin_others, .n = 5, .open = true}}},
				{.kind = CHART_LINES,
					.title = "Survival, by beam width",
					.x_title = "beam width B",
					.y_title = "share of all positive items",
					.log_x = true,
					.percent = true,
					.n_series = 1,
					.series = {{.name = "returned", .x = widths, .y = returned, .n = 6}}},
				{.kind = CHART_BARS,
					.title = "Wrongly pruned, by popularity",
					.x_title = "times the item occurs",
					.y_title = "share of those among the exact best B",
					.percent = true,
					.categories = slices,
					.n_categories = 4,
					.n_series = 1,
					.series = {{.name = "Wrongly pruned",
						.y = share,
						.low = low,
						.high = high,
						.n = 4}}},
				{.kind = CHART_BOXES,
					.title = "Prefix margins, by step",
					.x_title = "step",
					.y_title = "nats above the cut-off",
					.zero_line = true,
					.categories = steps,
					.n_categories = 6,
					.n_series = 1,
					.series = {{.name = "prefix margin", .y = boxes[0], .n = 6}}},
			},
		.n_charts = 5,
	};
}

static void pages_are_as_they_were(void **state)
{
	struct stage *s = stage_open(&view_margins, 80, 24, false);
	struct snap_survey survey;

	(void)state;
	assert_golden_at(s, "margins-case");
	stage_resize(s, 100, 30);
	press(s, "z");
	assert_golden(s, "margins-zoomed-100x30");
	press(s, "esc");
	make_survey(&survey);
	s->host.survey = &survey;
	stage_news(s);
	assert_golden_at(s, "margins-all");
	stage_resize(s, 80, 24);
	press(s, ". . right right z");
	assert_golden(s, "margins-all-zoomed-80x24");
	stage_close(s);
	s = stage_open(&view_margins, 80, 24, true);
	s->host.survey = &survey;
	assert_golden(s, "margins-case-80x24-ascii");
	stage_news(s);
	assert_golden(s, "margins-all-80x24-ascii");
	stage_close(s);
	assert_int_equal(survey.refs, 1);
}

/* What to do is said where there is nothing yet. */
static void nothing_yet_says_what_to_do(void **state)
{
	struct stage *s = stage_open(&view_margins, 80, 24, false);

	(void)state;
	press(s, "m");
	assert_golden(s, "margins-no-survey-80x24");
	press(s, "left right . , enter z space y");
	assert_log(s, "");
	press(s, "d");
	assert_log(s, "diagnose\n");
	s->host.job = JOB_RUNNING;
	s->host.done = 12;
	s->host.total = 1925;
	stage_news(s);
	assert_true(shows(s, "12 of 1925"));
	s->host.job = JOB_IDLE;
	stage_forget_trace(s);
	press(s, "m");
	stage_news(s);
	assert_golden(s, "margins-no-search-80x24");
	press(s, "enter z y up down");
	stage_close(s);
}

/* The arrows step through the search, as in Beam, and the words follow. */
static void arrows_step(void **state)
{
	struct stage *s = stage_open(&view_margins, 100, 30, false);

	(void)state;
	assert_true(shows(s, "step 2 of 9") && shows(s, "is pruned here"));
	press(s, "left");
	assert_true(shows(s, "step 1 of 9") && shows(s, "+0.920, rank 3 (B 10): stays in the beam"));
	press(s, "right right");
	assert_true(shows(s, "step 3 of 9") && shows(s, "had it stayed"));
	assert_true(shows(s, "[this case]"));
	assert_log(s, "back\nstep\nstep\n");
	press(s, "]");
	assert_log(s, "beam 18\n");
	assert_true(shows(s, "[this case]"));
	press(s, "y");
	assert_string_equal(buf_str(&s->host.copied),
		"step\ttoken\tprefix margin\tprefix rank\tB\ttoken margin\ttoken rank\tvalid\n"
		"3\t-\t-0.31\t21\t10\t0.4\t3\t37");
	stage_close(s);
}

static void a_click_goes_to_the_tab(void **state)
{
	struct stage *s = stage_open(&view_margins, 80, 24, false);

	(void)state;
	click(s, EVENT_CLICK, 15, 2);
	assert_true(shows(s, "[all cases]"));
	click(s, EVENT_CLICK, 40, 2); /* behind them */
	assert_true(shows(s, "[all cases]"));
	click(s, EVENT_CLICK, 1, 2);
	assert_true(shows(s, "[this case]"));
	stage_close(s);
}

/* Where a step's points are drawn, a click goes to the step. */
static void a_click_goes_to_the_step(void **state)
{
	struct stage *s = stage_open(&view_margins, 200, 60, true);
	size_t found = 0;

	(void)state;
	for (int y = 6; y < 30; y++)
		for (int x = 1; x < 199; x++) {
			if (strcmp(canvas_at(&s->page, x, y)->text, "o") != 0 ||
				canvas_at(&s->page, x, y)->style != ROLE_SERIES_1 + 1)
				continue;
			found++;
			click(s, EVENT_CLICK, x, y);
		}
	assert_int_equal(found, 9); /* token margins */
	assert_int_equal(s->host.log.len, 9 * strlen("goto 1\n"));
	for (int step = 1; step <= 9; step++) {
		char line[16];

		snprintf(line, sizeof(line), "goto %d\n", step);
		assert_non_null(strstr(buf_str(&s->host.log), line));
	}
	stage_close(s);
}

/* Over all cases the arrows move the cursor, and the search is left alone. */
static void charts_are_walked(void **state)
{
	struct stage *s = stage_open(&view_margins, 100, 30, false);
	struct snap_survey survey;

	(void)state;
	make_survey(&survey);
	s->host.survey = &survey;
	stage_news(s);
	assert_true(shows(s, "1 of 5: Where items") && shows(s, "step 1: lost (wrongly pruned) 66, rightly 291"));
	press(s, "right right left");
	assert_true(shows(s, "step 2: lost (wrongly pruned) 34, rightly 45"));
	press(s, "y");
	assert_string_equal(buf_str(&s->host.copied), "step\tlost (wrongly pruned)\trightly\n2\t34\t45");
	press(s, ". .");
	assert_true(shows(s, "3 of 5: Survival"));
	press(s, "right");
	assert_true(shows(s, "beam width B 2: 6.0 %"));
	press(s, ", , ,");
	assert_true(shows(s, "5 of 5: Prefix margins"));
	press(s, "/ popularity enter");
	assert_true(shows(s, "4 of 5: Wrongly pruned, by popularity"));
	press(s, "enter");
	assert_true(shows(s, "Diagnosis of 1000 of 1925 cases") && shows(s, "NDCG@10"));
	press(s, "q m");
	assert_true(shows(s, "Margins by step"));
	press(s, "m");
	assert_true(shows(s, "4 of 5"));
	assert_log(s, "");
	stage_close(s);
}

/* A new search, or a new diagnosis, is what is shown. */
static void the_newest_is_shown(void **state)
{
	struct stage *s = stage_open(&view_margins, 100, 30, false);
	struct snap_survey first, second;

	(void)state;
	make_survey(&first);
	make_survey(&second);
	s->host.survey = &first;
	stage_news(s);
	assert_true(shows(s, "[all cases]"));
	press(s, ". . . . right");
	stage_forget_trace(s);
	s->host.trace = fake_trace();
	stage_news(s);
	assert_true(shows(s, "[this case]"));
	s->host.survey = &second;
	stage_news(s);
	assert_true(shows(s, "[all cases]") && shows(s, "1 of 5"));
	stage_close(s);
}

/* Margins that are no numbers, an item of one token, and one without any. */
static void odd_items_are_shown(void **state)
{
	struct stage *s = stage_open(&view_margins, 100, 30, false);
	struct snap_trace *t = s->host.trace;

	(void)state;
	for (size_t i = 0; i < t->n_positive; i++) {
		t->positive[i].prefix_margin = i % 3 == 0 ? -INFINITY : i % 3 == 1 ? INFINITY : (double)NAN;
		t->positive[i].token_margin = i % 2 ? (double)NAN : -INFINITY;
		t->positive[i].prefix_rank = i % 3 == 2 ? 0 : i + 1;
		t->positive[i].text_shown = "写真\xcc\x81";
	}
	s->host.step = 1;
	stage_news(s);
	assert_golden(s, "margins-infinite-100x30");
	press(s, "right right enter q");
	t->n_positive = 1;
	t->n_steps = 1;
	t->pruned_at = 1;
	s->host.step = 1;
	stage_news(s);
	assert_golden(s, "margins-one-token-100x30");
	t->n_positive = 0;
	stage_news(s);
	assert_true(shows(s, "cannot be reached"));
	press(s, "z enter y m m");
	stage_close(s);
}

/* At any size, in every state, with every key. */
static void any_size_will_do(void **state)
{
	static const char *const keys[] = {"z", "z", "z", "m", "z", ".", ".", ".", ".", "right", "z", "m"};
	struct stage *s = stage_open(&view_margins, 80, 24, false);
	struct snap_survey survey;

	(void)state;
	make_survey(&survey);
	s->host.survey = &survey;
	stage_news(s);
	for (size_t k = 0; k < ARRAY_LEN(keys); k++) {
		for (int w = 1; w < 240; w += 7)
			for (int h = 1; h < 70; h += 5)
				stage_resize(s, w, h);
		press(s, keys[k]);
		for (int i = 0; i < 10; i++)
			click(s, EVENT_CLICK, 7 * i, 5 * i);
	}
	stage_close(s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(pages_are_as_they_were),
		cmocka_unit_test(nothing_yet_says_what_to_do),
		cmocka_unit_test(arrows_step),
		cmocka_unit_test(a_click_goes_to_the_tab),
		cmocka_unit_test(a_click_goes_to_the_step),
		cmocka_unit_test(charts_are_walked),
		cmocka_unit_test(the_newest_is_shown),
		cmocka_unit_test(odd_items_are_shown),
		cmocka_unit_test(any_size_will_do),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
