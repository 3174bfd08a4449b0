/* Comparing as the screens do it: what the views get, and that what was loaded and searched stays as it was. */
#include "check.h"

#include <math.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/mem.h"
#include "session/rivals.h"
#include "session/session_priv.h"
#include "store/file.h"
#include "tempdir.h"
#include "sessionrun.h"

static const struct snapshot *after_line(struct session *s, const char *line)
{
	sessionrun_work(s, line);
	return session_snapshot(s);
}

static void test_pair(void **state)
{
	struct session *s = sessionrun_open_demo();
	const struct snapshot *open, *compared, *wider;
	const struct snap_pair *pair;

	(void)state;
	open = after_line(s, "beam 312");
	assert_null(open->pair);
	assert_string_equal(open->rival, "bear");
	compared = after_line(s, "compare bear --case 25");
	assert_false(compared->message_is_error);
	assert_string_equal(compared->message_shown, ""); /* the view says it all */
	assert_null(session_take_text(s));
	pair = compared->pair;
	assert_string_equal(pair->case_id, "25");
	assert_string_equal(pair->names_shown[0], "sft");
	assert_string_equal(pair->names_shown[1], "bear");
	assert_int_equal(pair->traces[0]->pruned_at, 4);
	assert_int_equal(pair->traces[1]->rank, 7);
	/* The open search is the one that it was, and can be edited: no other model is loaded. */
	assert_ptr_equal(compared->trace, open->trace);
	assert_string_equal(compared->model_shown, "sft");
	wider = after_line(s, "change beam 11");
	assert_string_equal(wider->message_shown, "");
	assert_ptr_equal(wider->original, open->trace);
	assert_string_equal(wider->trace->fate_shown, "returned at rank 1");
	assert_ptr_equal(wider->pair, pair);
	snapshot_release(open);
	snapshot_release(wider);
	session_free(s);
	assert_string_equal(pair->traces[1]->case_id, "25"); /* pictures outlive what they show */
	snapshot_release(compared);
}

/* Which of two returned it, as the record of the command tells flips. */
static size_t count_found(const struct snap_bout *b)
{
	size_t n = 0;

	for (size_t i = 0; i < b->n_flips; i++)
		n += b->flips[i].rank_before == 0 && b->flips[i].rank_after > 0;
	return n;
}

static void test_contest(void **state)
{
	struct session *s = sessionrun_open_demo();
	const struct snapshot *compared, *edited;
	const struct snap_contest *c;

	(void)state;
	snapshot_release(after_line(s, "beam 312"));
	compared = after_line(s, "compare bear --set tau=0.7 --limit 120 --beams none --mask after");
	c = compared->contest;
	assert_null(session_take_text(s));
	assert_string_equal(compared->message_shown, "120 cases compared");
	assert_int_equal(c->n, 3);
	assert_int_equal(c->common, 120);
	assert_int_equal(c->k, 10);
	assert_string_equal(c->names_shown[1], "tau=0.7");
	assert_string_equal(c->names_shown[2], "bear");
	assert_string_equal(c->bouts[0].against, "--set tau=0.7 --mask after");
	assert_string_equal(c->bouts[1].against, "bear --mask after");
	assert_int_equal(c->n_figures, 8);
	assert_string_equal(c->figures_shown[5], "search recall %");
	assert_string_equal(c->differences_shown[5 * 3], "");
	assert_int_equal(c->differences_shown[5 * 3 + 2][0], '+');
	assert_true(c->beyond_chance[5 * 3 + 2]);
	assert_true(fabs(atof(c->values_shown[5 * 3 + 2]) - atof(c->values_shown[5 * 3]) -
			    atof(c->differences_shown[5 * 3 + 2])) < 0.11);
	assert_true(c->bouts[1].n_flips > count_found(&c->bouts[1]) && count_found(&c->bouts[1]) > 0);
	edited = after_line(s, "force 1");
	assert_non_null(edited->original);
	snapshot_release(compared);
	snapshot_release(edited);
	session_free(s);
}

/* Cases of all contenders, as they were told of. */
struct heard {
	size_t done, total;
	bool backwards, changes;
};

static void hear(void *arg, const struct case_news *news)
{
	struct heard *h = arg;
	size_t done = news->earlier + news->done, total = news->earlier + news->total + news->later;

	h->backwards |= done < h->done;
	h->changes |= h->total > 0 && total != h->total;
	h->done = done;
	h->total = total;
}

/* The second contender goes on where the first has ended, and nobody is told of an end that is not there. */
static void test_progress_is_of_all_contenders(void **state)
{
	struct session *s = sessionrun_open_demo();
	struct heard h = {0};

	(void)state;
	session_watch_cases(s, hear, &h);
	snapshot_release(after_line(s, "compare bear --set tau=0.7 --limit 20"));
	assert_int_equal(h.done, 60);
	assert_int_equal(h.total, 60);
	assert_false(h.backwards);
	assert_false(h.changes);
	h = (struct heard){0};
	snapshot_release(after_line(s, "diagnose --limit 20"));
	assert_int_equal(h.done, 20);
	assert_int_equal(h.total, 20);
	session_free(s);
}

/* A failed comparison leaves what was shown, and the open search usable. */
static void test_failure(void **state)
{
	struct session *s = sessionrun_open_demo();
	const struct snapshot *failed, *edited;

	(void)state;
	snapshot_release(after_line(s, "beam 312"));
	snapshot_release(after_line(s, "compare bear --case 312"));
	failed = after_line(s, "compare nothing --case 312");
	assert_true(failed->message_is_error);
	assert_string_equal(failed->pair->case_id, "312");
	edited = after_line(s, "change beam 11");
	assert_non_null(edited->original);
	snapshot_release(failed);
	snapshot_release(edited);
	session_free(s);
}

/* Only what is equal is known again: another model in the same place is another. */
static void test_known_again(void **state)
{
	struct session *s = sessionrun_open_demo();
	struct loaded_mark mark;
	size_t model, data;

	(void)state;
	loaded_mark(&s->loaded, SPLIT_TEST, &mark);
	assert_int_equal(mark.model, s->loaded.model->serial);
	snapshot_release(after_line(s, "beam 312"));
	snapshot_release(after_line(s, "compare bear --case 312"));
	assert_int_equal(s->loaded.model->serial, mark.model);
	assert_int_equal(s->loaded.data->serial, mark.data);
	mark.model_digest[0] ^= 1;
	model = ++s->loaded.model->serial;
	s->loaded.data->spelt_for = model;
	data = ++s->loaded.data->serial;
	loaded_known_again(&s->loaded, SPLIT_TEST, &mark);
	assert_int_equal(s->loaded.model->serial, model);
	assert_int_equal(s->loaded.data->serial, data);
	mark.model_digest[0] ^= 1;
	mark.data_digest[0] ^= 1;
	loaded_known_again(&s->loaded, SPLIT_TEST, &mark);
	assert_int_equal(s->loaded.model->serial, mark.model);
	assert_int_equal(s->loaded.data->spelt_for, mark.model);
	assert_int_equal(s->loaded.data->serial, data);
	session_free(s);
}

static void make_model(const char *root, const char *name, const char *file)
{
	char *path = file_join(root, name), *inner = file_join(path, file);
	struct err err;

	for (char *slash = path + strlen(root); slash; slash = strchr(slash + 1, '/')) {
		*slash = '\0';
		mkdir(path, 0700);
		*slash = '/';
	}
	mkdir(path, 0700);
	check_ok(file_write(inner, "{}", 2, &err), &err);
	free(inner);
	free(path);
}

static void check_rivals(const char *root, const char *model, const char *adapter, const char *expected)
{
	char *m = model ? file_join(root, model) : NULL, *a = adapter ? file_join(root, adapter) : NULL;
	struct buf got = {0};
	struct rivals r;

	rivals_init(&r, m, a);
	for (size_t i = 0; i < r.n; i++) {
		const char *word = r.at[i];

		buf_addstr(&got, i > 0 ? " " : "");
		if (strncmp(word, root, strlen(root)) == 0) {
			buf_addstr(&got, "ROOT");
			word += strlen(root);
		}
		buf_addstr(&got, word);
	}
	assert_string_equal(buf_str(&got), expected);
	rivals_release(&r);
	buf_release(&got);
	free(m);
	free(a);
}

static void test_rivals(void **state)
{
	const char *root = *state;

	make_model(root, "models/sft", "config.json");
	make_model(root, "models/bear", "config.json");
	make_model(root, "models/a b", "config.json");
	make_model(root, "models/no", "other.json");
	make_model(root, "models/lora", "adapter_config.json");
	make_model(root, "models/other", "adapter_config.json");
	make_model(root, "run/sft/last", "config.json");
	make_model(root, "run/bear/last", "config.json");
	make_model(root, "run/half/step-10", "config.json");
	make_model(root, "alone/one", "config.json");
	check_rivals(root, "models/sft", NULL, "a b bear");
	check_rivals(root, "models/sft/", NULL, "a b bear");
	check_rivals(root, "models/bear", NULL, "a b sft");
	check_rivals(root, "models/sft", "models/lora", "ROOT/models/other");
	make_model(root, "models/sft", "tokenizer.json");
	make_model(root, "models/bear", "tokenizer.json");
	check_rivals(root, "models/sft", NULL, "bear a b"); /* one with another tokenizer is for other data */
	check_rivals(root, "run/bear/last", NULL, "../sft/last");
	check_rivals(root, "run/bear/last/", NULL, "../sft/last");
	check_rivals(root, "alone/one", NULL, "");
	check_rivals(root, "nowhere/one", NULL, "");
	make_model(root, "packed", "q8.gguf");
	make_model(root, "packed", "f16.gguf");
	make_model(root, "packed/hf", "config.json");
	check_rivals(root, "packed/q8.gguf", NULL, "f16.gguf");
	check_rivals(root, NULL, NULL, "");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_pair),
		cmocka_unit_test(test_contest),
		cmocka_unit_test(test_progress_is_of_all_contenders),
		cmocka_unit_test(test_failure),
		cmocka_unit_test(test_known_again),
		in_tempdir(test_rivals),
	};

	unsetenv("XDG_CONFIG_HOME");
	return cmocka_run_group_tests(tests, NULL, NULL);
}
