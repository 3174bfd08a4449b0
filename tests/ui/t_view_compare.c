/* The Compare view: nothing yet, two searches in lockstep, a branch beside its original, figures and changed cases. */
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

#define LONG_NAME "a-model-with-a-name-that-is-much-longer-than-anyone-would-wish:tau=0.7:beam=20"

static struct stage *open_view(int w, int h)
{
	return stage_open(&view_compare, w, h, false);
}

/* A search that returns the item, with fewer steps and another B. */
static struct snap_trace *other_trace(void)
{
	struct snap_trace *t = fake_trace();

	t->n_steps = t->n_positive = 6;
	t->width = 12;
	t->verdict = SNAP_RETRIEVED;
	t->rank = 5;
	t->pruned_at = 0;
	t->smallest_width = 6;
	t->fate_shown = "returned at rank 5";
	for (size_t i = 0; i < t->n_steps; i++) {
		struct snap_step *s = &t->steps[i];
		s->width = s->kept = 12;
		for (size_t k = 0; k < 12; k++)
			s->candidates[k].kept = true;
		s->candidates[11].prefix_shown = "\"Fuji Instax";
		s->cutoff = s->candidates[11].logp;
		t->positive[i].prefix_rank = 4 + i % 3;
		t->positive[i].prefix_margin = 0.21 + 0.1 * (double)i;
		t->positive[i].width = 12;
		t->positive[i].in_beam = true;
	}
	return t;
}

/* A contender that cannot reach the item. */
static struct snap_trace *trace_without_item(void)
{
	struct snap_trace *t = fake_trace();

	for (size_t i = 0; i < t->n_steps; i++)
		for (size_t k = 0; k < t->steps[i].n; k++)
			t->steps[i].candidates[k].positive = false;
	t->n_positive = 0;
	t->pruned_at = t->exact_rank = t->smallest_width = 0;
	t->verdict = SNAP_UNREACHABLE;
	t->fate_shown = "not returned";
	return t;
}

static void set_pair(struct stage *s, struct snap_pair *p, const char *id, const char *second, struct snap_trace *t)
{
	*p = (struct snap_pair){.refs = 1, .case_id = id, .names_shown = {"sft", second}, .traces = {fake_trace(), t}};
	s->host.pair = p;
	stage_news(s);
}

static void forget_pair(struct snap_pair *p)
{
	for (size_t i = 0; i < 2; i++)
		fake_trace_release((struct snap_trace *)p->traces[i]);
}

static const struct snap_flip flips[] = {
	{"17", "Canon CLI-226 Black Ink Tank", SNAP_PRUNED, SNAP_RETRIEVED, 0, 5, 3, 4, true, true, 2, 0},
	{"u;8 {x}", "写真用紙 光沢 L判 100枚 写真用紙 光沢", SNAP_RETRIEVED, SNAP_OUTRANKED, 3, 0, 3, 100, true, false, 0, 4},
	{"21", "HP 61XL", SNAP_PRUNED, SNAP_OUTRANKED, 0, 0, 9, 12, true, true, 1, 3},
	{"30", "Avery Easy Peel Address Labels", SNAP_UNREACHABLE, SNAP_RETRIEVED, 0, 10, 0, 10, false, true, 0, 0},
	{"44", "", SNAP_UNDECIDED, SNAP_UNREACHABLE, 0, 0, 0, 0, false, false, 0, 0},
};
static const char *const figures[] = {"HR %", "search recall %", "nats of the positive item"};
static const char *const two_values[] = {"25.4", "25.5", "59.7", "80.5", "4.764", "-"};
static const char *const two_differences[] = {
	"", "+0.1 [-1.6, +1.7]", "", "+20.8 [+19.9, +21.7]", "", "-"};
static const bool two_beyond[] = {false, false, false, true, false, false};
static const char *const two_names[] = {"sft", "bear"};
static const struct snap_bout two_bouts[] = {
	{"bear --mask after",
		"Against sft, bear loses fewer items to the search; what it returns is no different beyond chance.",
		flips, ARRAY_LEN(flips)},
};

static struct snap_contest two = {
	.refs = 1, .names_shown = two_names, .n = 2, .common = 1925, .k = 10, .figures_shown = figures,
	.values_shown = two_values, .differences_shown = two_differences, .beyond_chance = two_beyond, .n_figures = 3,
	.bouts = two_bouts,
};

static const char *const many_names[] = {"sft", LONG_NAME, "control"};
static const char *const many_values[] = {"25.4", "25.5", "1", "59.7", "80.5", "2", "4.764", "-", "3"};
static const char *const many_differences[] = {
	"", "+0.1 [-1.6, +1.7]", "+1", "", "+20.8 [+19.9, +21.7]", "+2", "", "-", "+3"};
static const bool many_beyond[9] = {[4] = true};
static const struct snap_bout many_bouts[] = {
	{"other", "Against sft, the other is no different.", flips, 1},
	{"", "Against sft, the control is no different.", flips + 1, 1},
};

static struct snap_contest many = {
	.refs = 1, .names_shown = many_names, .n = 3, .common = 1, .k = 10, .figures_shown = figures,
	.values_shown = many_values, .differences_shown = many_differences, .beyond_chance = many_beyond,
	.n_figures = 3, .bouts = many_bouts,
};

static void set_contest(struct stage *s, struct snap_contest *c)
{
	s->host.contest = c;
	stage_news(s);
}

static void know_rival(struct snapshot *s, void *arg)
{
	s->rival = arg;
}

static void nothing_says_how_to_begin(void **state)
{
	static char rival[] = "my bear";
	struct stage *s = open_view(80, 24);

	(void)state;
	assert_true(shows(s, ":compare --case 17 MODEL"));
	press(s, "c");
	assert_true(shows(s, ":compare --case 17"));
	press(s, "esc");
	s->host.alter = know_rival;
	s->host.alter_arg = rival;
	stage_news(s);
	assert_golden_at(s, "compare-nothing");
	stage_resize(s, 80, 24);
	press(s, "c");
	assert_true(shows(s, "\n:compare --case 17 'my bear' "));
	press(s, "enter");
	assert_log(s, "compare --case 17 'my bear'\n");
	press(s, "C");
	assert_true(shows(s, "\n:compare 'my bear' "));
	press(s, "esc enter z [ left down y");
	assert_log(s, "");
	stage_close(s);
}

static void two_searches_go_in_lockstep(void **state)
{
	struct stage *s = open_view(80, 24);
	struct snap_pair pair;

	(void)state;
	set_pair(s, &pair, "17", "bear", other_trace());
	assert_golden_at(s, "compare-pair");
	stage_resize(s, 80, 24);
	assert_true(shows(s, "step 2 of 9"));
	press(s, "right");
	assert_true(shows(s, "step 3 of 9"));
	assert_true(shows(s, "would rank 21, margin -0.31"));
	press(s, "left left left");
	assert_true(shows(s, "step 1 of 9"));
	for (int i = 0; i < 12; i++)
		press(s, "l");
	assert_true(shows(s, "step 9 of 9"));
	assert_true(shows(s, "ended after step 6"));
	assert_log(s, ""); /* the open search stays where it is */
	press(s, "enter");
	assert_true(shows(s, "case 17") && shows(s, "B ≥ 14 keeps it"));
	press(s, "esc y");
	assert_string_equal(buf_str(&s->host.copied), "17\tsft\tpruned at step 2\tbear\treturned at rank 5");
	press(s, "b");
	assert_log(s, "beam 17\n");
	stage_close(s);
	forget_pair(&pair);
}

/* Marked is what one side keeps and the other does not, on each side its own. */
static void what_one_keeps_alone_is_marked(void **state)
{
	struct stage *s = open_view(200, 60);
	struct snap_pair pair;
	struct buf page = {0};
	size_t marks = 0;

	(void)state;
	set_pair(s, &pair, "17", "bear", other_trace());
	canvas_dump(&s->page, &page);
	for (const char *at = buf_str(&page); (at = strstr(at, "◇")); at++)
		marks++;
	assert_int_equal(marks, 2); /* the eleventh, which the first prunes, and the one that only the second has */
	assert_true(shows(s, "◇"));
	buf_release(&page);
	stage_close(s);
	forget_pair(&pair);
}

static void a_contender_may_lack_the_item(void **state)
{
	struct stage *s = open_view(100, 30);
	struct snap_pair pair;

	(void)state;
	set_pair(s, &pair, "u;8 {x}", LONG_NAME, trace_without_item());
	assert_golden(s, "compare-no-item");
	press(s, "b");
	assert_log(s, "beam 'u;8 {x}'\n");
	stage_close(s);
	forget_pair(&pair);
}

static void a_branch_is_beside_its_original(void **state)
{
	struct stage *s = open_view(100, 30);
	struct snap_pair pair;

	(void)state;
	s->host.original = s->host.trace;
	s->host.trace = other_trace();
	s->host.trace->edits_shown = "B 12 from step 1";
	stage_news(s);
	assert_golden_at(s, "compare-branch");
	stage_resize(s, 100, 30);
	set_pair(s, &pair, "30", "bear", other_trace()); /* the newer of both is shown */
	assert_true(shows(s, "case 30"));
	fake_trace_release(s->host.trace);
	s->host.trace = s->host.original; /* undone */
	s->host.original = NULL;
	stage_news(s);
	assert_true(shows(s, "case 30"));
	stage_close(s);
	forget_pair(&pair);
}

static void changed_cases_can_be_opened(void **state)
{
	struct stage *s = open_view(80, 24);
	struct snap_pair pair;

	(void)state;
	set_contest(s, &two);
	assert_golden_at(s, "compare-contest");
	stage_resize(s, 80, 24);
	press(s, "enter");
	assert_log(s, "compare bear --mask after --case 17\n");
	click(s, EVENT_CLICK, 10, 12); /* as Enter: it is the selected one */
	assert_log(s, "compare bear --mask after --case 17\n");
	press(s, "down down enter"); /* the lost one comes after those that are found; its id is one word */
	assert_log(s, "compare bear --mask after --case 'u;8 {x}'\n");
	set_pair(s, &pair, "u;8 {x}", "bear", other_trace());
	assert_true(shows(s, "step 2 of 9"));
	press(s, "]");
	assert_log(s, "compare bear --mask after --case 21\n");
	press(s, "[ [ [");
	assert_log(s, "compare bear --mask after --case 'u;8 {x}'\ncompare bear --mask after --case 30\n"
		      "compare bear --mask after --case 17\n");
	press(s, "[");
	assert_true(shows(s, "no changed case before"));
	press(s, "esc"); /* back to the list */
	assert_true(shows(s, "changed cases"));
	press(s, "esc");
	assert_true(shows(s, "changed cases"));
	assert_golden_at(s, "compare-both");
	stage_close(s);
	forget_pair(&pair);
}

static void changed_cases_are_sorted_filtered_and_searched(void **state)
{
	struct stage *s = open_view(100, 30);

	(void)state;
	set_contest(s, &two);
	press(s, "s y");
	assert_non_null(strstr(buf_str(&s->host.copied), "u;8 {x}\trank 3\tout-ranked, exact >99\t写真用紙"));
	buf_clear(&s->host.copied);
	assert_true(shows(s, "lost first"));
	press(s, "s down y");
	assert_non_null(strstr(buf_str(&s->host.copied), "u;8"));
	assert_true(shows(s, "in the split's order"));
	press(s, "f");
	assert_true(shows(s, "found only") && shows(s, "Canon CLI-226") && !shows(s, "HP 61XL"));
	press(s, "f");
	assert_true(shows(s, "lost only") && !shows(s, "Canon CLI-226"));
	press(s, "f");
	assert_true(shows(s, "others only") && shows(s, "HP 61XL") && shows(s, "? undecided"));
	press(s, "f / avery enter enter");
	assert_log(s, "compare bear --mask after --case 30\n");
	press(s, "/ out-ranked enter enter n enter N enter");
	assert_log(s, "compare bear --mask after --case 'u;8 {x}'\ncompare bear --mask after --case 21\n"
		      "compare bear --mask after --case 'u;8 {x}'\n");
	press(s, "z z");
	assert_true(!shows(s, "changed cases") && shows(s, "search recall"));
	press(s, "esc");
	assert_true(shows(s, "changed cases") && shows(s, "search recall"));
	press(s, "z");
	assert_true(shows(s, "changed cases") && !shows(s, "search recall"));
	press(s, "b");
	assert_log(s, "beam 'u;8 {x}'\n");
	stage_close(s);
}

static void several_contenders_are_looked_at_in_turn(void **state)
{
	struct stage *s = open_view(80, 24);

	(void)state;
	set_contest(s, &many);
	assert_golden_at(s, "compare-many");
	stage_resize(s, 80, 24);
	press(s, "enter");
	assert_log(s, "compare other --case 17\n");
	press(s, "t");
	assert_true(shows(s, "the control is no different"));
	press(s, "enter");
	assert_log(s, "");
	assert_true(shows(s, "a file was compared"));
	press(s, "t enter");
	assert_log(s, "compare other --case 17\n");
	stage_close(s);
}

static void compare_runs(struct snapshot *snap, void *arg)
{
	(void)arg;
	snap->job_shown = "compare bear";
}

/* How far a comparison has got; while anything else runs, how to begin one. */
static void what_is_being_compared_is_said(void **state)
{
	struct stage *s = open_view(80, 24);

	(void)state;
	s->host.job = JOB_RUNNING;
	s->host.done = 1206;
	s->host.total = 3850;
	s->host.left = 65;
	stage_news(s);
	assert_true(shows(s, ":compare --case 17 MODEL"));
	s->host.alter = compare_runs;
	stage_news(s);
	assert_true(shows(s, "comparing · search 1,206 of 3,850 · 1 min 05 s left · Esc stops"));
	s->host.total = 0;
	s->host.left = (double)NAN;
	stage_news(s);
	assert_true(shows(s, "comparing · Esc stops"));
	stage_close(s);
}

static void nothing_changed(void **state)
{
	const struct snap_bout bouts[] = {{"bear", "No different.", NULL, 0}};
	struct snap_contest same = two;
	struct stage *s = open_view(80, 24);

	(void)state;
	same.bouts = bouts;
	set_contest(s, &same);
	assert_true(shows(s, "no case changed its verdict"));
	press(s, "down enter ] b s f t G g y");
	assert_log(s, "");
	stage_close(s);
}

static void any_size_and_any_steps_draw(void **state)
{
	struct stage *s = open_view(80, 24);
	struct snap_trace *empty = trace_without_item();
	struct snap_pair pair;

	(void)state;
	empty->n_steps = 0;
	set_pair(s, &pair, "17", "bear", empty);
	set_contest(s, &two);
	for (int w = 1; w < 220; w += 13)
		for (int h = 1; h < 70; h += 3) {
			stage_resize(s, w, h);
			press(s, "z right down pgdn");
			click(s, EVENT_WHEEL_DOWN, w / 2, h / 2);
			click(s, EVENT_CLICK, w / 3, h - 3);
		}
	stage_close(s);
	forget_pair(&pair);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(nothing_says_how_to_begin),
		cmocka_unit_test(two_searches_go_in_lockstep),
		cmocka_unit_test(what_one_keeps_alone_is_marked),
		cmocka_unit_test(a_contender_may_lack_the_item),
		cmocka_unit_test(a_branch_is_beside_its_original),
		cmocka_unit_test(changed_cases_can_be_opened),
		cmocka_unit_test(changed_cases_are_sorted_filtered_and_searched),
		cmocka_unit_test(several_contenders_are_looked_at_in_turn),
		cmocka_unit_test(what_is_being_compared_is_said),
		cmocka_unit_test(nothing_changed),
		cmocka_unit_test(any_size_and_any_steps_draw),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
