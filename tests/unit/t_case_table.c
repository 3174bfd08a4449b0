/*
 * The table of cases for the screens: what it filters and sorts is what `cases` lists, what is found comes to it while
 * it is found and from the session's survey, findings of other cases are refused, and many rows are no burden.
 */
#include "tempdir.h"

#include <math.h>

#include "base/buf.h"
#include "diagnose/where.h"
#include "randfinding.h"
#include "sessionrun.h"
#include "session/session_priv.h"
#include "session/survey_run.h"

static void ask(struct session *s, const char *where, const char *sort)
{
	struct err err;

	check_ok(session_ask_cases(s, where, sort, &err), &err);
}

/* Ids of the shown rows, one a line. */
static void list_shown(struct session *s, struct buf *out)
{
	const struct snapshot *snap = session_snapshot(s);

	buf_clear(out);
	for (size_t i = 0; i < snap->cases->n; i++)
		buf_addf(out, "%s\n", snap->cases->rows[i]->id);
	snapshot_release(snap);
}

/* The same of the records of `cases`. */
static void list_printed(struct session *s, const char *where, const char *sort, struct buf *out)
{
	char *line = xasprintf("cases --where '%s' --sort %s", where, sort);
	char *text = sessionrun_output(s, OUT_JSON, line);

	buf_clear(out);
	for (char *at = text, *end; *at; at = end + 1) {
		json_t *v;

		end = strchr(at, '\n');
		v = json_loadb(at, (size_t)(end - at), 0, NULL);
		assert_non_null(v);
		buf_addf(out, "%s\n", json_string_value(json_object_get(v, "case")));
		json_decref(v);
	}
	free(text);
	free(line);
}

static void same_as_printed(struct session *s, const char *where, const char *sort)
{
	struct buf shown = {0}, printed = {0};

	ask(s, where, sort);
	list_shown(s, &shown);
	list_printed(s, where, sort, &printed);
	assert_string_equal(buf_str(&shown), buf_str(&printed));
	assert_true(shown.len > 0);
	buf_release(&shown);
	buf_release(&printed);
}

static void rows_are_those_that_cases_lists(void **state)
{
	struct session *s = sessionrun_open_demo();

	(void)state;
	same_as_printed(s, "", "index");
	same_as_printed(s, "popularity < 300 and (title ~ PEN or history > 12)", "-popularity");
	same_as_printed(s, "choices >= 3 first_token != \"\"", "first_token");
	same_as_printed(s, "", "-title");
	free(sessionrun_output(s, OUT_JSON, "diagnose --limit 90 --beams none"));
	same_as_printed(s, "pruned step <= 2", "margin");
	same_as_printed(s, "not pruned", "-exact_rank");
	same_as_printed(s, "kind = out-ranked or rank > 4", "rank");
	same_as_printed(s, "returned >= 0", "-lost");
	same_as_printed(s, "returned >= 0", "kind");
	same_as_printed(s, "returned >= 0", "-proved");
	same_as_printed(s, "", "item");
	session_free(s);
}

static void what_is_shown_of_a_row(void **state)
{
	struct session *s = sessionrun_open_demo();
	const struct snapshot *snap;
	const struct snap_cases *t;

	(void)state;
	snap = session_snapshot(s);
	t = snap->cases;
	assert_int_equal(t->n, 1000);
	assert_int_equal(t->n_all, 1000);
	assert_int_equal(t->n_searched, 0);
	assert_string_equal(t->settings_shown, "");
	assert_null(t->sort);
	assert_int_equal(t->rows[311]->index, 312);
	assert_string_equal(t->rows[311]->id, "312");
	assert_string_equal(t->rows[311]->title_shown, "Oxenhope Linen Canvas Panel");
	assert_int_equal(t->rows[311]->history, 11);
	assert_int_equal(t->rows[311]->popularity, 401);
	assert_true(t->rows[311]->item_tokens > 1 && *t->rows[311]->first_shown);
	assert_int_equal(t->rows[311]->verdict, SNAP_NONE);
	assert_true(isnan(t->rows[311]->worst_margin));
	snapshot_release(snap);
	free(sessionrun_output(s, OUT_JSON, "diagnose --where 'index = 312'"));
	snap = session_snapshot(s);
	t = snap->cases;
	assert_int_equal(t->n_searched, 1);
	assert_int_equal(t->kinds[SNAP_PRUNED], 1);
	assert_int_equal(t->kinds[SNAP_NONE], 999);
	assert_int_equal(t->rows[311]->verdict, SNAP_PRUNED);
	assert_int_equal(t->rows[311]->pruned_at, 4);
	assert_int_equal(t->rows[311]->exact_rank, 1);
	assert_true(t->rows[311]->exact_proved);
	assert_int_equal(t->rows[311]->smallest_width, 11);
	assert_int_equal(t->rows[311]->worst_step, 4);
	assert_true(t->rows[311]->worst_margin < 0);
	assert_ptr_equal(strstr(t->settings_shown, "sft · B 10"), t->settings_shown);
	snapshot_release(snap);
	session_free(s);
}

static void key_is(const struct snap_cases *t, size_t row, const char *expected)
{
	struct buf key = {0};

	snap_case_key(t, t->rows[row], &key);
	assert_string_equal(buf_str(&key), expected);
	buf_release(&key);
}

static void first_key_is(struct session *s, const char *sort, const char *expected)
{
	const struct snapshot *snap;

	ask(s, "", sort);
	snap = session_snapshot(s);
	key_is(snap->cases, 0, expected);
	snapshot_release(snap);
}

static void what_it_is_sorted_by_is_shown(void **state)
{
	struct session *s = sessionrun_open_demo();
	const struct snapshot *snap;

	(void)state;
	free(sessionrun_output(s, OUT_JSON, "diagnose --where 'index = 312' --beams none"));
	first_key_is(s, "", "");
	first_key_is(s, "popularity", "57");
	first_key_is(s, "-pruned", "yes");
	first_key_is(s, "proved", "yes");
	first_key_is(s, "retrieved", "no");
	first_key_is(s, "kind", "incorrectly-pruned");
	first_key_is(s, "case", "1");
	ask(s, "", "margin");
	snap = session_snapshot(s);
	assert_int_equal(snap->cases->rows[0]->index, 312);
	assert_true(snap->cases->rows[0]->worst_margin < 0);
	key_is(snap->cases, 1, ""); /* nothing is known of the others, and they stay in their order */
	assert_int_equal(snap->cases->rows[1]->index, 1);
	snapshot_release(snap);
	session_free(s);
}

static void a_wrong_question_changes_nothing(void **state)
{
	struct session *s = sessionrun_open_demo();
	const struct snapshot *snap;
	struct err err;

	(void)state;
	ask(s, "history > 12", "-popularity");
	check_refused(session_ask_cases(s, "history >", NULL, &err), &err, ERR_USAGE, "at 10");
	check_refused(session_ask_cases(s, NULL, "poplarity", &err), &err, ERR_USAGE, "'popularity'");
	snap = session_snapshot(s);
	assert_string_equal(snap->cases->where_shown, "history > 12");
	assert_string_equal(snap->cases->sort, "popularity");
	assert_true(snap->cases->descending);
	assert_true(snap->cases->n > 0 && snap->cases->n < 1000);
	snapshot_release(snap);
	ask(s, "  ", "");
	snap = session_snapshot(s);
	assert_string_equal(snap->cases->where_shown, "");
	assert_null(snap->cases->sort);
	assert_int_equal(snap->cases->n, 1000);
	snapshot_release(snap);
	session_free(s);
}

/* As if a job ran that had no thread: what it would do, the test does. */
static void begin_job(struct session *s)
{
	snapshot_release(session_snapshot(s));
	s->worker.job.line = xstrdup("diagnose");
	s->worker.job.cmd = cmd_find("diagnose", &(struct err){0});
	s->worker.running = true;
}

static void end_job(struct session *s)
{
	free(s->worker.job.line);
	memset(&s->worker.job, 0, sizeof(s->worker.job));
	s->worker.running = false;
	s->worker.stale = true;
}

/* A picture at once, however new the last one is. */
static const struct snapshot *look(struct session *s)
{
	s->table.made = -INFINITY;
	return session_snapshot(s);
}

static json_t *settings_of(struct session *s, const char *cases)
{
	const struct survey_plan plan = {.what = "test"};
	json_t *v = survey_settings(s, &plan);

	if (cases)
		json_object_set_new(v, "cases_digest", json_string(cases));
	return v;
}

/* Findings for the demo's first cases. */
static void make_findings(struct survey *v, struct session *s, size_t n, const char *cases)
{
	struct rng r;

	rng_seed(&r, 7);
	randsurvey_init(v, &r, n, 10);
	v->settings = settings_of(s, cases);
}

static void findings_come_while_they_are_made(void **state)
{
	struct session *s = sessionrun_open_demo();
	const struct snapshot *before, *snap;
	struct survey v;

	(void)state;
	make_findings(&v, s, 300, NULL);
	ask(s, "kind = retrieved", "rank");
	begin_job(s);
	before = look(s);
	assert_int_equal(before->cases->n, 0);
	case_feed_begin(&s->feed, v.settings);
	for (size_t i = 0; i < 300; i++) {
		const struct snap_cases *t;
		size_t retrieved = 0;

		case_feed_add(&s->feed, &v.findings.at[i]);
		if (i % 50 != 49)
			continue;
		snap = look(s);
		t = snap->cases;
		for (size_t k = 0; k <= i; k++)
			retrieved += v.findings.at[k].outcome.kind == VERDICT_RETRIEVED;
		assert_int_equal(t->n_searched, i + 1);
		assert_int_equal(t->n, retrieved);
		for (size_t k = 0; k < t->n; k++)
			assert_int_equal(t->rows[k]->verdict, SNAP_RETRIEVED);
		for (size_t k = 1; k < t->n; k++) {
			const struct snap_case *x = t->rows[k - 1], *y = t->rows[k];

			assert_true(x->rank < y->rank || (x->rank == y->rank && x->index < y->index));
		}
		snapshot_release(snap);
	}
	/* Asked for anew beside the job; the strings are the same ones. */
	ask(s, NULL, "-margin");
	snap = session_snapshot(s);
	assert_int_equal(snap->cases->n, 1000);
	for (size_t k = 1; k < 1000; k++) {
		const struct snap_case *a = snap->cases->rows[k - 1], *b = snap->cases->rows[k];

		assert_true(a->verdict != SNAP_NONE || b->verdict == SNAP_NONE);
		assert_true(isnan(b->worst_margin) || a->worst_margin >= b->worst_margin);
	}
	key_is(snap->cases, 999, "");
	snapshot_release(snap);
	assert_int_equal(before->cases->n_searched, 0);
	snapshot_release(before);

	/* The job was given up: nothing of it stays, since the session's survey knows nothing of it. */
	end_job(s);
	snap = session_snapshot(s);
	assert_int_equal(snap->cases->n_searched, 0);
	snapshot_release(snap);

	/* It was kept: the table is the survey's. */
	session_keep_survey(s, &v);
	s->worker.stale = true;
	snap = session_snapshot(s);
	assert_int_equal(snap->cases->n_searched, 300);
	snapshot_release(snap);
	survey_release(&v);
	session_free(s);
}

static void pictures_are_not_made_all_the_time(void **state)
{
	struct session *s = sessionrun_open_demo();
	const struct snapshot *a, *b;
	struct survey v;

	(void)state;
	make_findings(&v, s, 2, NULL);
	begin_job(s);
	case_feed_begin(&s->feed, v.settings);
	case_feed_add(&s->feed, &v.findings.at[0]);
	a = look(s);
	s->table.made = INFINITY; /* just now, however long this takes */
	case_feed_add(&s->feed, &v.findings.at[1]);
	b = session_snapshot(s);
	assert_ptr_equal(a->cases, b->cases);
	assert_int_equal(a->cases->n_searched, 1);
	snapshot_release(a);
	snapshot_release(b);
	b = look(s);
	assert_int_equal(b->cases->n_searched, 2);
	snapshot_release(b);
	end_job(s);
	survey_release(&v);
	session_free(s);
}

static void findings_of_other_cases_are_refused(void **state)
{
	struct session *s = sessionrun_open_demo();
	const struct snapshot *snap;
	struct survey v;

	(void)state;
	make_findings(&v, s, 20, "0123456789abcdef");
	begin_job(s);
	case_feed_begin(&s->feed, v.settings);
	case_feed_add(&s->feed, &v.findings.at[0]);
	snap = look(s);
	assert_int_equal(snap->cases->n_searched, 0);
	snapshot_release(snap);
	end_job(s);
	session_keep_survey(s, &v);
	s->worker.stale = true;
	snap = session_snapshot(s);
	assert_int_equal(snap->cases->n_searched, 0);
	assert_string_equal(snap->cases->settings_shown, "");
	assert_true(snap->cases->elsewhere);
	snapshot_release(snap);
	survey_release(&v);
	session_free(s);
}

static void nothing_is_kept_that_nobody_looks_at(void **state)
{
	struct session *s = sessionrun_open_demo();
	struct survey v;

	(void)state;
	make_findings(&v, s, 2, NULL);
	case_feed_begin(&s->feed, v.settings);
	case_feed_add(&s->feed, &v.findings.at[0]);
	assert_int_equal(s->feed.batch.findings.n, 0);
	free(sessionrun_output(s, OUT_JSON, "diagnose --limit 3 --beams none"));
	assert_int_equal(s->feed.batch.findings.n, 0);
	assert_null(s->table.rows);
	survey_release(&v);
	session_free(s);
}

static void another_split_is_another_table(void **state)
{
	struct session *s = sessionrun_open_demo();
	const struct snapshot *test, *valid;
	struct err err;

	(void)state;
	free(sessionrun_output(s, OUT_JSON, "diagnose --limit 3 --beams none"));
	test = session_snapshot(s);
	check_ok(session_set(s, "split", "valid", &err), &err);
	valid = session_snapshot(s);
	assert_int_equal(test->cases->n_searched, 3);
	assert_int_equal(valid->cases->n_searched, 0);
	assert_true(valid->cases->elsewhere);
	assert_string_not_equal(test->cases->rows[0]->title_shown, valid->cases->rows[0]->title_shown);
	snapshot_release(test);
	snapshot_release(valid);
	session_free(s);
}

#define MANY 50000

/* A dataset of many cases over a few items with hard titles. */
static void make_large(const char *dir)
{
	static const char titles[] = "{\"1\": \"Ink &amp; paper\", \"2\": \"caf\xC3\xA9 \\u001b[31m\", \"3\": \"\"}";
	struct buf b = {0};

	buf_addstr(&b, "user_id,item_ids,timestamp\n");
	for (size_t i = 0; i < MANY; i++)
		buf_addf(&b, "%zu,\"[%zu, %zu]\",1\n", i, 1 + i % 3, 1 + i % 7 % 3);
	free(tempdir_put(dir, "test.csv", buf_str(&b), b.len));
	free(tempdir_put(dir, "id2name4Rec.json", titles, strlen(titles)));
	buf_release(&b);
}

static size_t count_held(const struct survey *v, const char *text)
{
	struct where *w;
	struct err err;
	size_t n = 0;

	check_ok(where_new(&w, text, &err), &err);
	for (size_t i = 0; i < v->findings.n; i++)
		n += where_holds(w, &v->findings.at[i]);
	where_free(w);
	return n;
}

static void many_rows(void **state)
{
	const struct snapshot *a, *b;
	struct session *s;
	struct survey v;
	struct rng r;
	struct err err;

	make_large(*state);
	check_ok(session_new(&s, &err), &err);
	check_ok(session_set(s, "data", *state, &err), &err);
	check_ok(session_prepare(s, CMD_NEEDS_DATA, &err), &err);
	a = session_snapshot(s);
	assert_int_equal(a->cases->n, MANY);
	assert_string_equal(a->cases->rows[0]->title_shown, "Ink & paper");
	assert_null(strchr(a->cases->rows[1]->title_shown, '\033'));
	assert_string_equal(a->cases->rows[2]->title_shown, "3");
	rng_seed(&r, 3);
	randsurvey_init(&v, &r, MANY, 10);
	v.settings = json_pack("{s:s, s:s, s:i, s:s, s:s}", "cases_digest", s->table.cases, "model", "m", "beam", 10,
		"mask", "before", "search", "plain");
	begin_job(s);
	case_feed_begin(&s->feed, v.settings);
	for (size_t i = 0; i < MANY; i++) {
		case_feed_add(&s->feed, &v.findings.at[(i * 7919) % MANY]);
		if (i % 5000 == 0)
			snapshot_release(look(s));
	}
	ask(s, "pruned margin < 1", "margin");
	b = look(s);
	assert_int_equal(b->cases->n_searched, MANY);
	assert_int_equal(b->cases->n, count_held(&v, "pruned margin < 1"));
	for (size_t i = 1; i < b->cases->n; i++)
		assert_true(b->cases->rows[i - 1]->worst_margin <= b->cases->rows[i]->worst_margin);
	assert_ptr_equal(b->cases->rows[0]->title_shown,
		a->cases->rows[b->cases->rows[0]->index - 1]->title_shown); /* shared, not copied */
	snapshot_release(b);
	ask(s, "index <= 3", "-title");
	b = look(s);
	key_is(b->cases, 0, "caf\xC3\xA9 \u241B[31m");
	end_job(s);
	snapshot_release(b);
	session_free(s);
	assert_string_equal(a->cases->rows[MANY - 1]->id, "50000"); /* a picture owns what it shows */
	snapshot_release(a);
	survey_release(&v);
}

/* In the worker, with the front-end looking and asking all the time: for ThreadSanitizer too. */
static void a_worker_feeds_while_the_front_asks(void **state)
{
	static const char *const wheres[] = {"", "pruned", "title ~ pen", "retrieved rank < 5"};
	static const char *const sorts[] = {"", "margin", "-popularity", "title", "-exact_rank"};
	struct session *s = sessionrun_open_demo();
	const struct snapshot *snap, *last;
	size_t round = 0, before = 0;
	struct err err;

	(void)state;
	last = session_snapshot(s);
	check_ok(session_start(s, "diagnose --limit 150 --beams none", &err), &err);
	while (session_busy(s)) {
		sessionrun_news(s);
		ask(s, wheres[round % ARRAY_LEN(wheres)], sorts[round % ARRAY_LEN(sorts)]);
		round++;
		snap = look(s);
		assert_true(snap->cases->n_searched >= before && snap->cases->n_searched <= 150);
		before = snap->cases->n_searched;
		snapshot_release(last);
		last = snap;
	}
	snap = session_snapshot(s);
	assert_int_equal(snap->cases->n_searched, 150);
	assert_false(s->table.live);
	if (before > 0)
		assert_ptr_equal(snap->cases->found, last->cases->found); /* gone on with, not taken anew */
	snapshot_release(last);
	assert_int_equal(s->survey.findings.n, 150);
	assert_false(snap->message_is_error);
	assert_non_null(strstr(snap->message_shown, "150 cases diagnosed: "));
	snapshot_release(snap);
	assert_null(session_take_text(s)); /* the views show it */
	session_free(s);
}

/* In the screens a diagnosis that was stopped goes on where it was, and gives what one that was not stopped gives. */
static void what_was_stopped_goes_on(void **state)
{
	struct session *s = sessionrun_open_demo(), *whole = sessionrun_open_demo();
	const struct snapshot *snap;
	size_t kept;
	struct err err;

	(void)state;
	snapshot_release(session_snapshot(s));
	check_ok(session_start(s, "diagnose --limit 30 --beams none", &err), &err);
	while (session_busy(s))
		sessionrun_news(s);
	kept = s->survey.findings.n;
	assert_int_equal(kept, 30);
	check_ok(session_start(s, "diagnose --limit 50 --beams none", &err), &err);
	while (session_busy(s)) {
		snap = look(s);
		if (snap->job_total > 0)
			assert_true(snap->job_done >= kept && snap->job_total == 50);
		snapshot_release(snap);
		sessionrun_news(s);
	}
	free(sessionrun_output(whole, OUT_JSON, "diagnose --limit 50 --beams none"));
	assert_int_equal(s->survey.findings.n, 50);
	for (size_t i = 0; i < 50; i++) {
		struct buf a = {0}, b = {0};

		survey_line(&s->survey, &s->survey.findings.at[i], &a);
		survey_line(&whole->survey, &whole->survey.findings.at[i], &b);
		assert_string_equal(buf_str(&a), buf_str(&b));
		buf_release(&a);
		buf_release(&b);
	}
	/* With other settings it begins anew. */
	check_ok(session_start(s, "diagnose --limit 5 --beams none --beam 7", &err), &err);
	while (session_busy(s))
		sessionrun_news(s);
	assert_int_equal(s->survey.findings.n, 5);
	session_free(s);
	session_free(whole);
}

/* `cases` with no more than a question is the views' own; with more it is a page of text. */
static void the_command_asks_the_table(void **state)
{
	struct session *s = sessionrun_open_demo();
	const struct snapshot *snap;
	struct err err;
	char *text;

	(void)state;
	snapshot_release(session_snapshot(s));
	check_ok(session_start(s, "cases --where 'history > 12' --sort -popularity", &err), &err);
	assert_false(session_busy(s));
	assert_null(session_take_text(s));
	snap = session_snapshot(s);
	assert_string_equal(snap->cases->where_shown, "history > 12");
	assert_string_equal(snap->cases->sort, "popularity");
	snapshot_release(snap);
	check_refused(session_start(s, "cases --where 'history >'", &err), &err, ERR_USAGE, "at 10");
	check_ok(session_start(s, "cases --limit 2", &err), &err);
	while (session_busy(s))
		sessionrun_news(s);
	text = session_take_text(s);
	assert_non_null(text);
	free(text);
	session_free(s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(rows_are_those_that_cases_lists),
		cmocka_unit_test(what_is_shown_of_a_row),
		cmocka_unit_test(what_it_is_sorted_by_is_shown),
		cmocka_unit_test(a_wrong_question_changes_nothing),
		cmocka_unit_test(findings_come_while_they_are_made),
		cmocka_unit_test(pictures_are_not_made_all_the_time),
		cmocka_unit_test(findings_of_other_cases_are_refused),
		cmocka_unit_test(nothing_is_kept_that_nobody_looks_at),
		cmocka_unit_test(another_split_is_another_table),
		in_tempdir(many_rows),
		cmocka_unit_test(a_worker_feeds_while_the_front_asks),
		cmocka_unit_test(what_was_stopped_goes_on),
		cmocka_unit_test(the_command_asks_the_table),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
