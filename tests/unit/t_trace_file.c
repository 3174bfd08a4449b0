/*
 * A saved search is read back as it was; a damaged one is refused with the place of the damage, and whatever is let
 * through can be shown.
 */
#include "tempdir.h"

#include "base/mem.h"
#include "session/trace_file.h"
#include "sessionrun.h"
#include "store/file.h"
#include "traceuse.h"

#define FILE_NAME "trace.json"

/* The three searches that are damaged: plain, edited, and one whose positive item was not returned. */
static const char *const searches[][3] = {
	{"beam 1", NULL, NULL},
	{"beam 1", "force 3", NULL},
	{"beam 1 --beam 3 --search hf", NULL, NULL},
};

static void run(struct session *s, const char *fmt, const char *word)
{
	char *line = xasprintf(fmt, word);

	sessionrun_quietly(s, line);
	free(line);
}

/* The record of a search over the lesson's table, saved in the folder and read back. */
static json_t *make(const char *dir, const char *const lines[3])
{
	struct session *s = sessionrun_open();
	char *path = tempdir_path(dir, FILE_NAME);
	struct err err;
	json_t *record;

	run(s, "set model %s/lesson/table.csv", session_datadir(s));
	run(s, "set data %s/lesson", session_datadir(s));
	for (size_t i = 0; i < 3 && lines[i]; i++)
		sessionrun_quietly(s, lines[i]);
	run(s, "export trace %s", path);
	session_free(s);
	check_ok(trace_file_read(path, &record, &err), &err);
	free(path);
	return record;
}

static int check(const json_t *record, struct err *err)
{
	const struct json_node root = {.value = (json_t *)record, .file = FILE_NAME};

	return trace_file_check(&root, err);
}

static void what_was_saved_comes_back(void **state)
{
	char *path = tempdir_path(*state, FILE_NAME), *other = tempdir_path(*state, "again.json");

	for (size_t i = 0; i < ARRAY_LEN(searches); i++) {
		json_t *record = make(*state, searches[i]);
		struct session *s = sessionrun_open();
		struct buf first = {0}, again = {0};
		struct err err;

		assert_null(json_object_get(record, "exported"));
		traceuse_all(record);
		check_ok(session_open_trace(s, path, &err), &err);
		run(s, "export trace %s", other);
		check_ok(file_read(&first, path, 1 << 24, &err), &err);
		check_ok(file_read(&again, other, 1 << 24, &err), &err);
		assert_string_equal(buf_str(&first), buf_str(&again));
		session_free(s);
		buf_release(&first);
		buf_release(&again);
		json_decref(record);
	}
	free(path);
	free(other);
}

/* The value at "steps.0.candidates.1.node" becomes another; NULL: it is taken away. */
static void set_at(json_t *record, const char *path, json_t *value)
{
	char *own = xstrdup(path), *rest = own, *key;
	json_t *v = record;

	for (key = strsep(&rest, "."); rest; key = strsep(&rest, "."))
		v = json_is_array(v) ? json_array_get(v, strtoul(key, NULL, 10)) : json_object_get(v, key);
	assert_non_null(v);
	if (!value)
		json_object_del(v, key);
	else if (json_is_array(v))
		json_array_set_new(v, strtoul(key, NULL, 10), value);
	else
		json_object_set_new(v, key, value);
	free(own);
}

static void damage_is_named_with_its_place(void **state)
{
	static const struct {
		const char *path, *value; /* value NULL: taken away */
		const char *said;
	} damages[] = {
		{"case", "5", "\"case\" must be a text"},
		{"case", NULL, "lacks \"case\""},
		{"steps", "{}", "\"steps\" must be an array"},
		{"settings.beam", "0", "\"settings.beam\""},
		{"settings.beam", "2.5", "must be a whole number"},
		{"settings.mask", "[1]", "\"settings.mask\" must be a text"},
		{"verdict.kind", "\"lost\"", "is no verdict"},
		{"verdict.pruned_at", "900", "must be a step"},
		{"verdict.sentence", "null", "\"verdict.sentence\" must be a text"},
		{"positive.steps.0.node", "4294967295", "\"positive.steps[0].node\""},
		{"positive.steps.1.node", "4000000", "\"steps[1].positive\""},
		{"positive.steps.0.token_rank", "-1", "\"positive.steps[0].token_rank\""},
		{"positive.steps.0.logp", "\"NaN\"", "must be a number or null"},
		{"results.0.rank", "2", "results stand by their rank"},
		{"steps.0.step", "2", "steps count from 1"},
		{"steps.0.kept", "7", "as many candidates as are kept"},
		{"steps.0.candidates.0.above", "1", "\"steps[0].candidates[0].above\""},
		{"steps.1.candidates.0.above", "3999999", "is no prefix that step 1 kept"},
		{"steps.1.candidates.0.node", "0", "\"steps[1].candidates[0].node\""},
		{"steps.0.candidates.0.rank", "99999", "candidates stand by their rank"},
		{"steps.0.candidates.0.logp", "\"-inf\"", "must be a number or null"},
		{"steps.0.candidates.0.kept", "1", "must be true or false"},
		{"steps.0.candidates_total", "1", "must not be below"},
		{"steps.0.candidates.0.positive", "true", "\"steps[0].candidates[0].positive\" must be false"},
		{"steps.0.positive.logp", "-77", "the same as in the positive item's list"},
		{"notes", "[1]", "\"notes[0]\" must be a text"},
	};
	json_t *record = make(*state, searches[0]);

	for (size_t i = 0; i < ARRAY_LEN(damages); i++) {
		json_t *v = json_deep_copy(record);
		struct err err;

		set_at(v, damages[i].path,
			damages[i].value ? json_loads(damages[i].value, JSON_DECODE_ANY, NULL) : NULL);
		check_refused(check(v, &err), &err, ERR_FORMAT, damages[i].said);
		json_decref(v);
	}
	json_decref(record);
}

/* A prefix that is its own, or that of one above it, would never end. */
static void no_prefix_stands_above_itself(void **state)
{
	json_t *record = make(*state, searches[0]), *v, *first, *second;
	struct err err;

	v = json_deep_copy(record);
	second = json_array_get(json_object_get(json_array_get(json_object_get(v, "steps"), 1), "candidates"), 0);
	json_object_set(second, "above", json_object_get(second, "node"));
	check_refused(check(v, &err), &err, ERR_FORMAT, "steps[1].candidates[0].above");
	json_decref(v);
	v = json_deep_copy(record);
	first = json_array_get(json_object_get(json_array_get(json_object_get(v, "steps"), 0), "candidates"), 0);
	second = json_array_get(json_object_get(json_array_get(json_object_get(v, "steps"), 1), "candidates"), 0);
	json_object_set(second, "node", json_object_get(first, "node"));
	check_refused(check(v, &err), &err, ERR_FORMAT, "steps[1].candidates[0].node");
	json_decref(v);
	json_decref(record);
}

static void a_deep_search_is_refused(void **state)
{
	json_t *record = make(*state, searches[0]), *steps = json_object_get(record, "steps");
	struct err err;

	while (json_array_size(steps) <= TRACE_FILE_STEPS)
		json_array_append(steps, json_array_get(steps, 0));
	check_refused(check(record, &err), &err, ERR_FORMAT, "holds more than 4096 steps");
	json_decref(record);
}

/* Every value of the record in turn becomes each of some others: refused, or shown without harm. */
static void change_each(json_t *root, json_t *v, size_t *accepted, size_t *refused)
{
	static const char *const others[] = {
		"null", "true", "\"\"", "\"\\u0000x\"", "[]", "{}", "[[]]", "0", "1", "-1", "4294967295",
		"9007199254740993", "1e300", "-1e-300"};
	json_t *child;
	const char *key;
	size_t n = json_is_array(v) ? json_array_size(v) : 0;
	void *next;

	for (size_t i = 0; i < n; i++) {
		child = json_incref(json_array_get(v, i));
		for (size_t k = 0; k < ARRAY_LEN(others); k++) {
			struct err err;

			json_array_set_new(v, i, json_loads(others[k], JSON_DECODE_ANY | JSON_ALLOW_NUL, NULL));
			if (check(root, &err) == 0) {
				traceuse_all(root);
				++*accepted;
			} else {
				++*refused;
			}
		}
		json_array_set(v, i, child);
		if (i < 3) /* the others are like these */
			change_each(root, child, accepted, refused);
		json_decref(child);
	}
	if (!json_is_object(v))
		return;
	json_object_foreach_safe(v, next, key, child) {
		char *own = xstrdup(key);

		json_incref(child);
		for (size_t k = 0; k < ARRAY_LEN(others); k++) {
			struct err err;

			json_object_set_new(v, own, json_loads(others[k], JSON_DECODE_ANY | JSON_ALLOW_NUL, NULL));
			if (check(root, &err) == 0) {
				traceuse_all(root);
				++*accepted;
			} else {
				++*refused;
			}
		}
		json_object_set(v, own, child);
		change_each(root, child, accepted, refused);
		json_decref(child);
		free(own);
	}
}

static void what_is_let_through_can_be_shown(void **state)
{
	size_t accepted = 0, refused = 0;

	for (size_t i = 0; i < ARRAY_LEN(searches); i++) {
		json_t *record = make(*state, searches[i]);

		change_each(record, record, &accepted, &refused);
		json_decref(record);
	}
	assert_true(accepted > 500 && refused > 5000);
}

static void a_file_cut_anywhere_is_refused(void **state)
{
	struct session *s = sessionrun_open();
	char *path = tempdir_path(*state, FILE_NAME), *cut = tempdir_path(*state, "cut.json");
	struct buf whole = {0};
	struct err err;

	json_decref(make(*state, searches[0]));
	check_ok(file_read(&whole, path, 1 << 24, &err), &err);
	for (size_t n = 0; n + 2 < whole.len; n += 1 + whole.len / 200) {
		check_ok(file_write(cut, buf_str(&whole), n, &err), &err);
		check_refused(session_open_trace(s, cut, &err), &err, ERR_FORMAT, "cut.json");
	}
	check_ok(file_write(cut, "{\"case\": \"1\"}\n", 14, &err), &err);
	check_refused(session_open_trace(s, cut, &err), &err, ERR_FORMAT, "holds no search with its steps");
	buf_release(&whole);
	free(path);
	free(cut);
	session_free(s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		in_tempdir(what_was_saved_comes_back),
		in_tempdir(damage_is_named_with_its_place),
		in_tempdir(no_prefix_stands_above_itself),
		in_tempdir(a_deep_search_is_refused),
		in_tempdir(what_is_let_through_can_be_shown),
		in_tempdir(a_file_cut_anywhere_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
