/*
 * Diagnosing the cases of what is loaded: which of them a plan names, what is told on the way, what a stop leaves, and
 * what tells one model or dataset from another.
 */
#include "tempdir.h"
#include "sessionrun.h"

#include <math.h>

#include "session/digest.h"
#include "session/survey_run.h"
#include "store/file.h"

static void set(struct session *s, const char *name, const char *value)
{
	struct err err;

	check_ok(session_set(s, name, value, &err), &err);
}

static const size_t widths[] = {5, 10};

static struct survey_plan plan_of(size_t limit)
{
	return (struct survey_plan){
		.what = "test",
		.limit = limit,
		.shard = 1,
		.shards = 1,
		.widths = widths,
		.n_widths = ARRAY_LEN(widths)};
}

static void run(struct survey *v, struct survey_told *told, struct session *s, const struct survey_plan *plan)
{
	struct err err;

	survey_init(v);
	check_ok(session_prepare(s, CMD_NEEDS_SEARCH, &err), &err);
	check_ok(survey_run(v, told, s, plan, &err), &err);
}

static void shards_are_every_nth_case(void **state)
{
	struct session *s = sessionrun_open();
	struct survey_plan plan = plan_of(30);
	struct survey whole, part;
	struct survey_told told;

	(void)state;
	run(&whole, &told, s, &plan);
	assert_int_equal(told.planned, 30);
	assert_int_equal(told.done, 30);
	for (plan.shards = 2; plan.shards <= 7; plan.shards++) {
		for (plan.shard = 1; plan.shard <= plan.shards; plan.shard++) {
			run(&part, &told, s, &plan);
			assert_int_equal(told.done, part.findings.n);
			for (size_t i = 0; i < part.findings.n; i++) {
				size_t at = plan.shard - 1 + i * plan.shards;
				struct buf a = {0}, b = {0};

				assert_int_equal(part.findings.at[i].index, at + 1);
				survey_line(&part, &part.findings.at[i], &a);
				survey_line(&whole, &whole.findings.at[at], &b);
				assert_string_equal(a.at, b.at);
				buf_release(&a);
				buf_release(&b);
			}
			survey_release(&part);
		}
	}
	survey_release(&whole);
	session_free(s);
}

static void an_expression_names_the_cases(void **state)
{
	struct session *s = sessionrun_open();
	struct survey_plan plan = plan_of(3);
	struct survey_told told;
	struct survey v;
	struct err err;

	(void)state;
	plan.where = "item_tokens > 10";
	run(&v, &told, s, &plan);
	assert_int_equal(v.findings.n, 3);
	assert_true(v.meant > 3 && v.meant < v.split_cases);
	for (size_t i = 0; i < 3; i++)
		assert_true(v.findings.at[i].item_tokens > 10);
	survey_release(&v);
	plan.where = "item_tokens > 10 and rank = 1";
	survey_init(&v);
	check_refused(survey_run(&v, &told, s, &plan, &err), &err, ERR_USAGE,
		"column 'rank' is known only after a search");
	survey_release(&v);
	session_free(s);
}

/* The last news, and how many there were. */
struct heard {
	size_t n, done, total, there;
	bool left_known, ran_back;
};

static void hear(void *arg, const struct case_news *news)
{
	struct heard *h = arg;

	h->ran_back |= news->done < h->done;
	h->n++;
	h->done = news->done;
	h->total = news->total;
	h->there = news->there;
	h->left_known = !isnan(news->left);
	assert_string_equal(news->what_shown, "test");
}

static void a_watcher_hears_of_every_case(void **state)
{
	struct session *s = sessionrun_open();
	char *path = tempdir_path(*state, "lines");
	struct survey_plan plan = plan_of(4);
	struct heard first = {0}, second = {0};
	struct survey_told told;
	struct survey v;

	plan.file = path;
	session_watch_cases(s, hear, &first);
	run(&v, &told, s, &plan);
	survey_release(&v);
	assert_int_equal(first.n, 1 + 4);
	assert_int_equal(first.there, 0);
	session_watch_cases(s, hear, &second);
	plan.limit = 9;
	run(&v, &told, s, &plan);
	survey_release(&v);
	assert_int_equal(told.there, 4);
	assert_int_equal(told.done, 5);
	assert_int_equal(second.n, 1 + 5);
	assert_int_equal(second.done, 9);
	assert_int_equal(second.total, 9);
	assert_int_equal(second.there, 4);
	assert_true(second.left_known && !second.ran_back);
	session_free(s);
	free(path);
}

static void stop_in_the_middle(const char *line, const char *message, bool viewed)
{
	struct session *s = sessionrun_open();
	const struct snapshot *snap;
	size_t done = 0;
	struct err err;
	char *text;

	check_ok(session_start(s, line, &err), &err);
	while (done == 0) {
		assert_true(session_busy(s));
		sessionrun_news(s);
		snap = session_snapshot(s);
		done = snap->job_done;
		if (done > 0)
			assert_int_equal(snap->job_total, 1000);
		snapshot_release(snap);
	}
	session_cancel(s);
	sessionrun_wait(s);
	snap = session_snapshot(s);
	assert_int_equal(snap->job_total, 0);
	assert_true(snap->message_is_error);
	assert_non_null(strstr(snap->message_shown, message));
	snapshot_release(snap);
	text = session_take_text(s);
	assert_int_equal(text == NULL, viewed);
	assert_true(viewed || strstr(text, "stopped"));
	assert_true(s->survey.findings.n >= done && s->survey.findings.n < 1000);
	free(text);
	session_free(s);
}

/* In the worker: the snapshots say how far it is, and a stop keeps the figures of what is done. What the views show is
 * no text besides. */
static void a_stop_keeps_what_is_done(void **state)
{
	(void)state;
	stop_in_the_middle("diagnose", "of 1,000 cases: the same command goes on", true);
	stop_in_the_middle("sweep all", "of 1,000 cases: the figures are of these", false);
}

static void copy_file(const char *from, const char *to, const char *old, const char *new)
{
	struct buf b = {0};
	struct err err;
	char *at;

	check_ok(file_read(&b, from, (size_t)1 << 24, &err), &err);
	if (old) {
		at = strstr(b.at, old);
		assert_true(at && strlen(old) == strlen(new));
		memcpy(at, new, strlen(new));
	} else if (new) {
		b.at[b.len - 1] ^= 1; /* of the last weight */
	}
	check_ok(file_write(to, b.at, b.len, &err), &err);
	buf_release(&b);
}

/* All files of a folder; in the one that is named, old becomes new. */
static void copy_folder(const char *from, const char *to, const char *changed, const char *old, const char *new)
{
	struct file_names names = {0};
	struct err err;

	assert_int_equal(mkdir(to, 0700), 0);
	check_ok(file_list(&names, from, "*", &err), &err);
	for (size_t i = 0; i < names.n; i++) {
		char *a = file_join(from, names.at[i]), *b = file_join(to, names.at[i]);
		bool here = changed && !strcmp(names.at[i], changed);

		copy_file(a, b, here ? old : NULL, here ? new : NULL);
		free(a);
		free(b);
	}
	file_names_release(&names);
}

/* The digests of a model and of a dataset's test split. */
static void digests(const char *model, const char *data, char *of_model, char *of_data)
{
	struct session *s = sessionrun_open();
	struct err err;

	set(s, "model", model);
	set(s, "data", data);
	check_ok(session_prepare(s, CMD_NEEDS_SEARCH, &err), &err);
	strcpy(of_model, digest_model(s->loaded.model));
	strcpy(of_data, digest_data(s->loaded.data, s->loaded.model, SPLIT_TEST));
	session_free(s);
}

static void digests_tell_what_was_loaded(void **state)
{
	struct session *s = sessionrun_open();
	const char *dir = *state;
	char *demo = file_join(session_datadir(s), "demo"), *sft = file_join(demo, "sft");
	char *same = tempdir_path(dir, "same"), *other = tempdir_path(dir, "other");
	char *title = tempdir_path(dir, "title"), *cases = tempdir_path(dir, "cases");
	char m[DIGEST_TEXT], d[DIGEST_TEXT], m2[DIGEST_TEXT], d2[DIGEST_TEXT];

	copy_folder(sft, same, NULL, NULL, NULL);
	copy_folder(sft, other, "model.safetensors", NULL, "");
	copy_folder(demo, title, "id2name4Rec.json", "Shield, Steel", "Shield, Stool");
	copy_folder(demo, cases, "test.csv", "\n1,", "\n0,");
	digests(sft, demo, m, d);
	digests(same, demo, m2, d2);
	assert_string_equal(m, m2);
	assert_string_equal(d, d2);
	digests(other, demo, m2, d2);
	assert_string_not_equal(m, m2);
	assert_string_equal(d, d2);
	digests(same, title, m2, d2);
	assert_string_equal(m, m2);
	assert_string_not_equal(d, d2);
	digests(same, cases, m2, d2);
	assert_string_not_equal(d, d2);
	session_free(s);
	free(demo);
	free(sft);
	free(same);
	free(other);
	free(title);
	free(cases);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(shards_are_every_nth_case),
		cmocka_unit_test(an_expression_names_the_cases),
		in_tempdir(a_watcher_hears_of_every_case),
		cmocka_unit_test(a_stop_keeps_what_is_done),
		in_tempdir(digests_tell_what_was_loaded),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
