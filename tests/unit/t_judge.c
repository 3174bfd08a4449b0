/*
 * Predictions written and judged in a session that is cancelled on the way: nothing half done is left, and what is
 * known is told.
 */
#include "sessionrun.h"
#include "tempdir.h"

#include "store/file.h"
#include "store/json.h"

/* Cancels when so many cases are done; counts what it is told. */
struct watcher {
	struct session *s;
	size_t at, told, total;
};

static void watch(void *arg, const struct case_news *news)
{
	struct watcher *w = arg;

	if (!news)
		return;
	w->told++;
	w->total = news->total;
	if (w->at > 0 && news->done == w->at)
		session_cancel(w->s);
}

static int run(struct session *s, struct out *out, const char *form, const char *path, struct err *err)
{
	char *line = xasprintf("%s '%s'", form, path);
	int failed = session_run_line(s, line, out, err);

	free(line);
	return failed;
}

static void written_whole_or_not_at_all(void **state)
{
	struct watcher w = {.s = sessionrun_open_demo(), .at = 3};
	char *path = tempdir_put(*state, "p.json", "before", 6);
	struct buf text = {0};
	struct out out;
	struct err err;

	out_init(&out, NULL);
	session_watch_cases(w.s, watch, &w);
	check_refused(run(w.s, &out, "export predictions --limit 5", path, &err), &err, ERR_CANCELLED,
		"after 3 of 5 cases: nothing was written");
	assert_int_equal(w.total, 5);
	check_ok(file_read(&text, path, 100, &err), &err);
	assert_string_equal(buf_str(&text), "before");
	assert_int_equal(tempdir_count(*state), 1);
	session_uncancel(w.s);
	w = (struct watcher){.s = w.s};
	check_ok(run(w.s, &out, "export predictions --limit 5", path, &err), &err);
	assert_int_equal(w.told, 6); /* the beginning, and every case */
	out_release(&out);
	buf_release(&text);
	free(path);
	session_free(w.s);
}

static void what_was_searched_is_told(void **state)
{
	struct watcher w = {.s = sessionrun_open_demo()};
	char *path = tempdir_path(*state, "p.json");
	const json_t *file, *verdicts;
	struct json_doc doc;
	json_int_t sum = 0;
	const char *name;
	struct out out;
	struct err err;
	json_t *v;

	out_init(&out, NULL);
	out.format = OUT_JSON;
	check_ok(run(w.s, &out, "export predictions --limit 5", path, &err), &err);
	buf_clear(&out.buf);
	w.at = 2;
	session_watch_cases(w.s, watch, &w);
	check_refused(run(w.s, &out, "judge", path, &err), &err, ERR_CANCELLED, "stopped");
	check_ok(json_doc_parse(&doc, "out", buf_str(&out.buf), out.buf.len, &err), &err);
	file = json_array_get(json_object_get(doc.json, "files"), 0);
	verdicts = json_object_get(file, "verdicts");
	json_object_foreach((json_t *)verdicts, name, v)
		sum += json_integer_value(v);
	assert_int_equal(sum, 2);
	assert_int_equal(json_integer_value(json_object_get(file, "searched")), 2);
	assert_int_equal(json_integer_value(json_object_get(file, "entries")), 5);
	assert_non_null(strstr(json_string_value(json_array_get(json_object_get(doc.json, "notes"), 0)),
		"stopped after 2 of 5 cases"));
	json_doc_release(&doc);
	out_release(&out);
	free(path);
	session_free(w.s);
}

/* Neither command touches the open search, nor the options that were set for it alone. */
static void the_session_stays_as_it_was(void **state)
{
	struct session *s = sessionrun_open_demo();
	char *path = tempdir_path(*state, "p.json"), *before, *after;
	struct out out;
	struct err err;

	out_init(&out, NULL);
	sessionrun_quietly(s, "beam 17");
	before = sessionrun_output(s, OUT_JSON, "why");
	check_ok(run(s, &out, "export predictions --limit 20 --beam 3", path, &err), &err);
	check_ok(run(s, &out, "judge", path, &err), &err);
	after = sessionrun_output(s, OUT_JSON, "why");
	assert_string_equal(before, after);
	sessionrun_work(s, "judge --alone nowhere.json"); /* refused in the worker, which goes on */
	free(before);
	free(after);
	free(path);
	out_release(&out);
	session_free(s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		in_tempdir(written_whole_or_not_at_all),
		in_tempdir(what_was_searched_is_told),
		in_tempdir(the_session_stays_as_it_was),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
