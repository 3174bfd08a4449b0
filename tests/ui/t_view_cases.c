/* The Cases view: what it shows of a table at several sizes, and how it is filtered, sorted and walked through. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/mem.h"
#include "diagnose/column.h"
#include "diagnose/finding.h"
#include "fake_cases.h"
#include "stage.h"

static struct stage *open_cases(struct fake_cases *f, int w, int h, bool ascii)
{
	struct stage *s = stage_open(&view_cases, w, h, ascii);

	s->host.cases = f ? &f->table : NULL;
	stage_news(s);
	buf_clear(&s->host.log);
	return s;
}

static void sort(struct fake_cases *f, const char *column, const char *head, bool descending)
{
	f->table.sort = column;
	f->table.sort_head = head;
	f->table.descending = descending;
}

/* Other rows in a table that is lent already. */
static void renew(struct fake_cases *f, size_t diagnosed)
{
	int refs = f->table.refs;

	fake_cases_init(f, diagnosed);
	f->table.refs = refs;
}

static void swap(struct fake_cases *f, size_t a, size_t b)
{
	const struct snap_case *was = f->order[a];

	f->order[a] = f->order[b];
	f->order[b] = was;
}

static void diagnosed_cases(void **state)
{
	struct fake_cases f;
	struct stage *s;

	(void)state;
	fake_cases_init(&f, FAKE_CASES);
	s = open_cases(&f, 80, 24, false);
	assert_golden_at(s, "cases");
	stage_close(s);
	s = open_cases(&f, 80, 24, true);
	assert_golden(s, "cases-80x24-ascii");
	stage_close(s);
}

static void typed_short(struct snapshot *snap, void *arg)
{
	(void)arg;
	snap->job = JOB_RUNNING;
	snap->job_shown = "diag --limit 60";
}

/* The command may have been typed in part. */
static void a_diagnosis_by_a_short_name_is_one(void **state)
{
	struct fake_cases f;
	struct stage *s;

	(void)state;
	fake_cases_init(&f, 25);
	s = open_cases(&f, 80, 24, false);
	assert_false(shows(s, "Esc stops, and keeps what is found"));
	s->host.alter = typed_short;
	stage_news(s);
	assert_true(shows(s, "Esc stops, and keeps what is found"));
	stage_close(s);
}

static void a_catalogue_before_any_diagnosis(void **state)
{
	struct fake_cases f;
	struct stage *s;

	(void)state;
	fake_cases_init(&f, 0);
	s = open_cases(&f, 80, 24, false);
	assert_golden_at(s, "cases-none");
	press(s, "w");
	assert_true(shows(s, "no case is diagnosed yet"));
	assert_log(s, "");
	stage_close(s);
}

static void as_a_diagnosis(struct snapshot *snap, void *arg)
{
	(void)arg;
	snap->job_shown = "diagnose";
}

static void while_it_is_diagnosed(void **state)
{
	struct fake_cases f;
	struct stage *s;

	(void)state;
	fake_cases_init(&f, 25);
	s = open_cases(&f, 80, 24, false);
	s->host.job = JOB_RUNNING;
	s->host.done = 25;
	s->host.total = FAKE_CASES;
	s->host.left = 95;
	s->host.alter = as_a_diagnosis;
	stage_news(s);
	assert_golden(s, "cases-live-80x24");
	press(s, "esc");
	assert_int_equal(s->host.job, JOB_CANCELLING);
	stage_close(s);
}

static void filtered_and_sorted(void **state)
{
	struct fake_cases f;
	struct stage *s;
	struct err err;

	(void)state;
	fake_cases_init(&f, FAKE_CASES);
	fake_cases_only(&f, SNAP_PRUNED, "pruned");
	sort(&f, "margin", "margin", false);
	s = open_cases(&f, 80, 24, false);
	assert_golden(s, "cases-pruned-80x24");
	stage_close(s);

	/* A column that is not among those that are seen is shown besides them. */
	fake_cases_init(&f, 20);
	sort(&f, "token_margin", "token margin", true);
	f.table.column = column_find("token_margin", strlen("token_margin"), &err);
	f.rows[0].finding = &(struct finding){.steps = &(struct finding_step){.token_margin = 0.5}, .n_steps = 1};
	s = open_cases(&f, 100, 30, false);
	assert_golden(s, "cases-key-100x30");
	stage_close(s);
}

static void nothing_to_list(void **state)
{
	struct fake_cases f;
	struct stage *s;

	(void)state;
	fake_cases_init(&f, FAKE_CASES);
	fake_cases_only(&f, SNAP_NONE, "title ~ \"nowhere\"");
	s = open_cases(&f, 80, 24, false);
	assert_golden(s, "cases-empty-80x24");
	press(s, "down enter y");
	assert_log(s, "");
	assert_true(shows(s, "there is nothing to copy here"));
	stage_close(s);

	fake_cases_init(&f, 0);
	f.table.n = f.table.n_all = 0;
	s = open_cases(&f, 80, 24, false);
	assert_true(shows(s, "0 cases") && shows(s, "This split has no cases"));
	stage_close(s);

	s = open_cases(NULL, 80, 24, false);
	assert_true(shows(s, "No dataset is loaded"));
	press(s, "w d s r \\ enter down");
	assert_log(s, "");
	stage_close(s);
}

static void other_settings_than_now(void **state)
{
	struct fake_cases f;
	struct stage *s;

	(void)state;
	fake_cases_init(&f, FAKE_CASES);
	s = open_cases(&f, 100, 30, false);
	press(s, "d");
	assert_log(s, "");
	assert_true(shows(s, "all cases are diagnosed with these settings"));
	s->host.settings = "B 20 · mask before · plain";
	stage_news(s);
	press(s, "d");
	assert_log(s, "diagnose\n");
	f.table.elsewhere = true;
	f.table.n_searched = 0;
	stage_news(s);
	assert_true(shows(s, "none diagnosed, the last diagnosis is of others"));
	stage_close(s);
}

static void keys_ask(void **state)
{
	struct fake_cases f;
	struct stage *s;

	(void)state;
	fake_cases_init(&f, 20);
	s = open_cases(&f, 80, 24, false);
	press(s, "g down down enter");
	assert_log(s, "beam 3\n");
	press(s, "1 d");
	assert_log(s, "diagnose\n");
	press(s, "1 w");
	assert_log(s, "[cases where 'pruned' sort '']\n");
	press(s, "s S r");
	assert_log(s, "[cases where '' sort 'kind']\n[cases where '' sort 'title']\n[cases where '' sort '-index']\n");
	f.table.where_shown = "pruned";
	sort(&f, "margin", "margin", true);
	stage_news(s);
	press(s, "s S r w esc");
	assert_log(s, "[cases where 'pruned' sort '-popularity']\n"
		      "[cases where 'pruned' sort 'step']\n"
		      "[cases where 'pruned' sort 'margin']\n"
		      "[cases where '' sort '-margin']\n"
		      "[cases where '' sort '-margin']\n");
	stage_close(s);
}

static void a_filter_is_typed(void **state)
{
	struct fake_cases f;
	struct stage *s;

	(void)state;
	fake_cases_init(&f, 20);
	sort(&f, "margin", "margin", false);
	s = open_cases(&f, 80, 24, false);
	press(s, "\\ hist tab");
	assert_true(shows(s, "filter: history"));
	press(s, ">3 space kind=out tab enter");
	assert_log(s, "[cases where 'history >3 kind=out-ranked ' sort 'margin']\n");
	/* It did not become the filter: it is there again, to be mended. */
	press(s, "\\");
	assert_true(shows(s, "filter: history >3 kind=out-ranked"));
	press(s, "esc");
	f.table.where_shown = "step = 2";
	stage_news(s);
	press(s, "\\");
	assert_true(shows(s, "filter: step = 2"));
	press(s, "^U enter");
	assert_log(s, "[cases where '' sort 'margin']\n");
	press(s, "\\ ^U c tab");
	assert_true(shows(s, "case") && shows(s, "choices") && shows(s, "condition"));
	press(s, "esc");
	stage_close(s);
}

static void the_selection_stays_on_its_case(void **state)
{
	struct fake_cases f;
	struct stage *s;

	(void)state;
	fake_cases_init(&f, 20);
	s = open_cases(&f, 80, 24, false);
	assert_true(shows(s, " case 17 ·")); /* the open one */
	press(s, "g down down down");
	assert_true(shows(s, " case 4 ·"));
	swap(&f, 3, 30);
	stage_news(s);
	assert_true(shows(s, " case 4 ·"));
	press(s, "enter");
	assert_log(s, "beam 4\n");
	press(s, "1");
	/* It is no longer there: what stands in its place is selected; after another filter, the first one. */
	f.rows[3].index = 1000;
	f.rows[3].id = "gone";
	stage_news(s);
	assert_true(shows(s, " case gone ·"));
	renew(&f, 20);
	fake_cases_only(&f, SNAP_PRUNED, "pruned");
	stage_news(s);
	assert_true(shows(s, " case 2 ·"));
	press(s, "down");
	assert_true(shows(s, " case 9 ·"));
	/* Sorted anew, one looks at the first. */
	sort(&f, "margin", "margin", false);
	stage_news(s);
	assert_true(shows(s, " case 2 ·"));
	stage_close(s);
}

static void the_mouse(void **state)
{
	struct fake_cases f;
	struct stage *s;

	(void)state;
	fake_cases_init(&f, FAKE_CASES);
	s = open_cases(&f, 80, 24, false);
	press(s, "g");
	click(s, EVENT_CLICK, 10, 8);
	assert_true(shows(s, " case 4 ·"));
	assert_log(s, "");
	click(s, EVENT_CLICK, 10, 8);
	assert_log(s, "beam 4\n");
	press(s, "1");
	f.rows[3].id = "{id}; quit"; /* not one of the key table's names */
	stage_news(s);
	click(s, EVENT_CLICK, 10, 8);
	assert_log(s, "beam '{id}; quit'\n");
	f.rows[3].id = "4";
	press(s, "1");
	click(s, EVENT_WHEEL_DOWN, 10, 8);
	assert_true(shows(s, " case 7 ·"));
	click(s, EVENT_CLICK, 38, 4);
	click(s, EVENT_CLICK, 46, 4);
	assert_log(s, "[cases where '' sort 'margin']\n[cases where '' sort '-popularity']\n");
	sort(&f, "margin", "margin", false);
	stage_news(s);
	click(s, EVENT_CLICK, 38, 4);
	assert_log(s, "[cases where '' sort '-margin']\n");
	stage_close(s);
}

static void search_and_copy(void **state)
{
	struct fake_cases f;
	struct stage *s;

	(void)state;
	fake_cases_init(&f, 20);
	s = open_cases(&f, 80, 24, false);
	press(s, "g / magic enter");
	assert_true(shows(s, " case 5 ·"));
	press(s, "n");
	assert_true(shows(s, " case 11 ·"));
	press(s, "N N");
	assert_true(shows(s, " case 59 ·"));
	press(s, "/ nowhere enter");
	assert_true(shows(s, "\"nowhere\" is not here"));
	press(s, "g down y");
	assert_string_equal(buf_str(&s->host.copied),
		"2\tpruned\t-\t8\t2\t-0.140000\t12\t1\t8\t9\t\"写真\t写真用紙 光沢 L判 100枚");
	stage_close(s);
}

/* An id may be any text: it is quoted in a command, and cut in its column. */
static void a_strange_id(void **state)
{
	struct fake_cases f;
	struct stage *s;

	(void)state;
	fake_cases_init(&f, 0);
	f.table.n = f.table.n_all = 1;
	f.rows[0].id = "user of 'many' words and more";
	s = open_cases(&f, 80, 24, false);
	assert_true(shows(s, "1 case ·"));
	press(s, "enter");
	assert_log(s, "beam 'user of '\\''many'\\'' words and more'\n");
	stage_close(s);
}

static void any_size(void **state)
{
	struct fake_cases f;
	struct stage *s;

	(void)state;
	fake_cases_init(&f, 20);
	sort(&f, "token_margin", "token margin", true);
	s = open_cases(&f, 80, 24, false);
	for (int w = 1; w < 220; w += 3)
		for (int h = 1; h < 70; h += 4) {
			stage_resize(s, w, h);
			press(s, "down s");
		}
	stage_close(s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(diagnosed_cases),
		cmocka_unit_test(a_diagnosis_by_a_short_name_is_one),
		cmocka_unit_test(a_catalogue_before_any_diagnosis),
		cmocka_unit_test(while_it_is_diagnosed),
		cmocka_unit_test(filtered_and_sorted),
		cmocka_unit_test(nothing_to_list),
		cmocka_unit_test(other_settings_than_now),
		cmocka_unit_test(keys_ask),
		cmocka_unit_test(a_filter_is_typed),
		cmocka_unit_test(the_selection_stays_on_its_case),
		cmocka_unit_test(the_mouse),
		cmocka_unit_test(search_and_copy),
		cmocka_unit_test(a_strange_id),
		cmocka_unit_test(any_size),
	};

	setenv("INPUTRC", "/dev/null", 1); /* the user's readline settings are not under test */
	return cmocka_run_group_tests(tests, NULL, NULL);
}
