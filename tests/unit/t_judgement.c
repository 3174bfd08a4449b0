/*
 * Predictions judged: entries find their cases, figures are those of a hand's count, what fits no case is refused.
 */
#include "tempdir.h"

#include <math.h>

#include "diagnose/judgement.h"

/* Items 1 and 4 share a title. Of case 5 the answer is not in the catalogue; cases 3 and 6 are alike. */
static const char titles[] = "{\"1\": \"Pen\", \"2\": \"Ink\", \"3\": \"Pad\", \"4\": \"Pen\", \"5\": \"Penknife\"}";
static const char cases[] =
	"item_ids\n\"[2, 3, 1]\"\n\"[3, 2]\"\n\"[1, 2, 3]\"\n\"[2, 4]\"\n\"[2, 1, 9]\"\n\"[1, 2, 3]\"\n";

#define ENTRY(input, output, predict) \
	"{\"input\": \"" input "\", \"output\": \"\\\"" output "\\\"\", \"predict\": [" predict "]}"
#define P(title) "\"\\\"" title "\\\"\""
#define FIRST ENTRY("\\\"Ink\\\", \\\"Pad\\\"", "Pen", P("Ink") ", " P("Pen") ", " P("Pad"))
#define SECOND ENTRY("\\\"Pad\\\"", "Ink", P("Pen") ", " P("Pen") ", " P("Pencil"))
#define THIRD ENTRY("\\\"Pen\\\", \\\"Ink\\\"", "Pad", P("Pad"))
#define FOURTH ENTRY("\\\"Ink\\\"", "Pen", P("Pen") ", " P("Quill") ", " P("Glue"))
#define FIFTH ENTRY("\\\"Ink\\\", \\\"Pen\\\"", "", P("Ink") ", " P("Pad") ", " P("Pen"))

struct court {
	struct dataset *d;
	struct predictions p;
	struct judgement j;
};

static void open_data(struct court *c, void **state)
{
	struct err err;

	free(tempdir_put(*state, "id2name4Rec.json", titles, strlen(titles)));
	free(tempdir_put(*state, "test.csv", cases, strlen(cases)));
	check_ok(dataset_open(&c->d, *state, &err), &err);
}

static void read_entries(struct court *c, void **state, const char *entries)
{
	char *text = xasprintf("[%s]", entries), *path = tempdir_put(*state, "p.json", text, strlen(text));
	struct err err;

	check_ok(predictions_read(&c->p, path, &err), &err);
	free(path);
	free(text);
}

static int judge(struct court *c, bool alone, size_t max_history, struct err *err)
{
	return judgement_init(&c->j, &c->p, alone ? NULL : c->d, SPLIT_TEST, max_history, err);
}

static void close_court(struct court *c)
{
	judgement_release(&c->j);
	predictions_release(&c->p);
	dataset_free(c->d);
}

static void figures_are_a_hands_count(void **state)
{
	const size_t k[] = {1, 2, 3};
	struct court c = {0};
	struct err err;

	open_data(&c, state);
	read_entries(&c, state, FIRST ", " SECOND ", " THIRD ", " FOURTH ", " FIFTH);
	check_ok(judge(&c, false, 0, &err), &err);
	check_ok(judgement_sum(&c.j, k, 3, 7, &err), &err);
	assert_true(c.j.in_order);
	/* By title: 2, none, 1, 1, none; by item 2, none, 1, 2, none: the fourth's pen is the second of its title. */
	assert_int_equal(c.j.at[0].rank, 2);
	assert_int_equal(c.j.at[1].rank, 0);
	assert_int_equal(c.j.at[3].rank, 1);
	assert_int_equal(c.j.at[4].rank, 0);
	assert_int_equal(c.j.at[0].item_rank, 2);
	assert_int_equal(c.j.at[3].item_rank, 2);
	assert_int_equal(c.j.at_k[0].hr.count, 2);
	assert_int_equal(c.j.at_k[1].hr.count, 3);
	assert_int_equal(c.j.at_k[2].hr.n, 5);
	assert_int_equal(c.j.at_k[0].item_hr.count, 1);
	assert_int_equal(c.j.at_k[1].item_hr.count, 3);
	assert_true(fabs(c.j.at_k[1].ndcg.value - (1 / log2(3) + 0 + 1 + 1 + 0) / 5) < 1e-15);
	assert_true(fabs(c.j.at_k[2].item_ndcg.value - (1 / log2(3) + 0 + 1 + 1 / log2(3) + 0) / 5) < 1e-15);
	/* Pencil, Quill and Glue of 13; the second says Pen twice; the third has one of three. */
	assert_int_equal(c.j.invalid.count, 3);
	assert_int_equal(c.j.invalid.n, 13);
	assert_int_equal(c.j.invalid_lists.count, 2);
	assert_int_equal(c.j.n_repeated, 1);
	assert_int_equal(c.j.at[1].repeated, 1);
	assert_int_equal(c.j.n_short, 1);
	assert_int_equal(c.j.n_searched, 0);
	close_court(&c);
}

static void places(const struct court *c, const size_t *wanted, size_t n)
{
	for (size_t i = 0; i < n; i++)
		assert_int_equal(c->j.at[i].index, wanted[i]);
}

/* Gaps keep the order; cases that are alike are taken one after the other; a shuffled file is matched
 * too; so is the answer that a published reader gives a case whose own has no title. */
static void entries_find_their_cases(void **state)
{
	static const struct {
		const char *entries;
		size_t index[4];
		bool in_order;
	} files[] = {
		{FIRST ", " THIRD ", " THIRD, {1, 3, 6}, true},
		{FOURTH ", " THIRD, {4, 6}, true},
		{FOURTH ", " THIRD ", " THIRD ", " FIRST, {4, 6, 3, 1}, false},
		{FIFTH ", " SECOND, {5, 2}, false},
		{FOURTH ", " FOURTH, {4, 5}, true},
		{ENTRY("Ann bought \\\"Ink\\\", \\\"Pad\\\".", "Pen", P("Pen")) ", " ENTRY(
			 "Bob: \\\"Pen\\\", \\\"Ink\\\" in June", "Pad", P("Pen")),
			{1, 3}, true},
	};

	for (size_t i = 0; i < ARRAY_LEN(files); i++) {
		struct court c = {0};
		struct err err;

		open_data(&c, state);
		read_entries(&c, state, files[i].entries);
		check_ok(judge(&c, false, 0, &err), &err);
		places(&c, files[i].index, c.p.n);
		assert_int_equal(c.j.in_order, files[i].in_order);
		close_court(&c);
	}
}

/* What an entry does not say is not asked of it, as far as that tells its case. */
static void entries_may_say_less(void **state)
{
	static const struct {
		const char *entries;
		size_t index[6];
	} files[] = {
		{"{\"output\": \"\\\"Ink\\\"\", \"predict\": [" P("Ink") "]}", {2}},
		{"{\"input\": \"\\\"Ink\\\", \\\"Pad\\\"\", \"predict\": [" P("Pen") "]}", {1}},
		{"{\"predict\": [" P("Pen") "]}, {\"predict\": []}, {\"predict\": []}, {\"predict\": []}, "
					    "{\"predict\": []}, {\"predict\": []}",
			{1, 2, 3, 4, 5, 6}},
	};

	for (size_t i = 0; i < ARRAY_LEN(files); i++) {
		struct court c = {0};
		struct err err;

		open_data(&c, state);
		read_entries(&c, state, files[i].entries);
		check_ok(judge(&c, false, 0, &err), &err);
		places(&c, files[i].index, c.p.n);
		assert_int_equal(c.j.at[0].rank, 1); /* by the dataset's answer where the file has none */
		assert_int_equal(c.j.n_untold, i == 1 ? 0 : c.p.n);
		close_court(&c);
	}
}

static void what_fits_no_case_is_refused(void **state)
{
	static const struct {
		const char *entries, *message;
		bool alone;
	} wrong[] = {
		{FIRST ", " ENTRY("\\\"Pad\\\"", "Pen", P("Pen")),
			"\"[1]\" has the history and answer of no other case", false},
		{ENTRY("\\\"Pad\\\", \\\"Ink\\\"", "Pen", P("Pen")) ", " SECOND,
			"\"[0]\" has the history and answer of no case", false},
		{FIRST ", " ENTRY("\\\"Pen\\\", \\\"Ink\\\", \\\"Pad\\\"", "Pad", P("Pen")) ", " FOURTH,
			"\"[1]\" has the history and answer of no other case", false},
		{FIRST ", " ENTRY("\\\"Pen\\\"", "Pad", P("Pen")),
			"\"[1]\" has the history and answer of no other case", false},
		{ENTRY("Ann bought \\\"Ink\\\", \\\"Pad\\\".", "Pen", P("Pen")) ", " ENTRY(
			 "Bob: \\\"Ink\\\", \\\"Pen\\\", \\\"Ink\\\"", "Pad", P("Pen")),
			"\"[1]\" has the history and answer of no other case", false},
		{THIRD ", " THIRD ", " THIRD, "\"[2]\" has the history and answer of no other case", false},
		{"{\"output\": \"\\\"\\u001b[1m\\\"\", \"predict\": [" P("Pen") "]}",
			"\"[0]\" has the answer of no case", false},
		{"{\"input\": \"Glue\", \"predict\": [" P("Pen") "]}", "\"[0]\" has the history of no case", false},
		{FIRST ", {\"predict\": []}", "\"[1]\" has neither \"input\" nor \"output\"", false},
		{FIRST ", " FIRST ", " FIRST ", " FIRST ", " FIRST ", " FIRST ", " FIRST, "7 entries", false},
		{FIRST ", {\"predict\": []}", "\"[1]\" has no \"output\"", true},
	};

	for (size_t i = 0; i < ARRAY_LEN(wrong); i++) {
		struct court c = {0};
		struct err err;

		open_data(&c, state);
		read_entries(&c, state, wrong[i].entries);
		check_refused(judge(&c, wrong[i].alone, 0, &err), &err, ERR_VALUE, wrong[i].message);
		assert_null(strchr(err.msg, '\x1b'));
		close_court(&c);
	}
}

/* Prompts hold the latest titles only, where the option says so; a file whose prompts were not cut is known too. */
static void a_shortened_history_is_known(void **state)
{
	static const char cut[] = ENTRY("\\\"Pad\\\"", "Pen", P("Pen")) ", " SECOND;
	struct court c = {0};
	struct err err;

	open_data(&c, state);
	read_entries(&c, state, cut);
	check_ok(judge(&c, false, 1, &err), &err);
	assert_int_equal(c.j.at[0].index, 1);
	judgement_release(&c.j);
	check_refused(judge(&c, false, 0, &err), &err, ERR_VALUE, "\"[0]\" has the history and answer of no case");
	judgement_release(&c.j);
	predictions_release(&c.p);
	read_entries(&c, state, FIRST ", " SECOND);
	check_ok(judge(&c, false, 1, &err), &err);
	assert_int_equal(c.j.max_history, 0);
	close_court(&c);
}

static void a_file_is_judged_by_itself(void **state)
{
	struct court c = {0};
	struct err err;
	json_t *v;

	read_entries(&c, state, FIRST ", " SECOND);
	check_ok(judge(&c, true, 0, &err), &err);
	check_ok(judgement_sum(&c.j, NULL, 0, 0, &err), &err);
	assert_int_equal(c.j.n_at, 2); /* 1 and the width, 3: 5 is beyond it */
	assert_int_equal(c.j.at_k[1].k, 3);
	assert_int_equal(c.j.at_k[1].hr.count, 1);
	assert_int_equal(c.j.at_k[1].item_hr.n, 0);
	assert_int_equal(c.j.invalid.n, 0);
	v = judgement_entry_json(&c.j, 0);
	assert_true(json_is_null(json_object_get(v, "case")) && json_is_null(json_object_get(v, "invalid")));
	json_decref(v);
	close_court(&c);
}

static void k_is_within_the_lists(void **state)
{
	const size_t four = 4, none = 0, many[9] = {1, 1, 1, 1, 1, 1, 1, 1, 1};
	struct court c = {0};
	struct err err;

	read_entries(&c, state, FIRST);
	check_ok(judge(&c, true, 0, &err), &err);
	check_refused(judgement_sum(&c.j, &four, 1, 0, &err), &err, ERR_VALUE, "has lists of 3");
	check_refused(judgement_sum(&c.j, &none, 1, 0, &err), &err, ERR_VALUE, "K = 0 is out of range");
	check_refused(judgement_sum(&c.j, many, 9, 0, &err), &err, ERR_VALUE, "8 are the most");
	close_court(&c);
}

/* What the model said is counted by the file's B. */
static void verdicts_are_counted(void **state)
{
	struct court c = {0};
	struct err err;
	json_t *v;

	open_data(&c, state);
	read_entries(&c, state, FIRST ", " SECOND ", " THIRD ", " FOURTH ", " FIFTH);
	check_ok(judge(&c, false, 0, &err), &err);
	for (size_t i = 0; i < 5; i++)
		c.j.at[i].searched = i != 2;
	c.j.at[0].kind = VERDICT_RETRIEVED;
	c.j.at[0].exact_rank = c.j.at[0].exact_rank_most = 3;
	c.j.at[0].same_list = true;
	c.j.at[1].kind = VERDICT_PRUNED;
	c.j.at[1].exact_rank = c.j.at[1].exact_rank_most = 2;
	c.j.at[3].kind = VERDICT_OUTRANKED;
	c.j.at[3].exact_rank = c.j.at[3].exact_rank_most = 4;
	c.j.at[4].kind = VERDICT_UNREACHABLE;
	c.j.at[4].why = UNREACHABLE_NO_POSITIVE;
	check_ok(judgement_sum(&c.j, NULL, 0, 0, &err), &err);
	assert_int_equal(c.j.n_searched, 4);
	assert_int_equal(c.j.kinds[VERDICT_UNREACHABLE], 1);
	assert_int_equal(c.j.pruning_rate.count, 1);
	assert_int_equal(c.j.pruning_rate.n, 2);
	assert_int_equal(c.j.same_lists.count, 1);
	assert_int_equal(c.j.same_lists.n, 4);
	v = judgement_entry_json(&c.j, 4);
	assert_string_equal(json_string_value(json_object_get(v, "unreachable")), "not-in-catalogue");
	assert_string_equal(json_string_value(json_object_get(v, "kind")), "unreachable");
	json_decref(v);
	v = judgement_entry_json(&c.j, 2);
	assert_true(json_is_null(json_object_get(v, "kind")) && json_is_null(json_object_get(v, "same_list")));
	json_decref(v);
	close_court(&c);
}

/* A file calls the items by titles or by semantic ids, whatever the model reads. */
static void names_are_found(void **state)
{
	static const char inter[] = "{\"u\": [1, 2, 3], \"v\": [2, 1]}",
			  items[] = "{\"1\": {\"title\": \"Red Pen\"}, \"2\": {\"title\": \"Red Ink\"}, "
				    "\"3\": {\"title\": \"Pad, A5\"}}",
			  index[] = "{\"1\": [\"<a_1>\", \"<b_1>\"], \"2\": [\"<a_1>\", \"<b_2>\"], "
				    "\"3\": [\"<a_2>\", \"<b_1>\"]}";
	static const char by_title[] = ENTRY("\\\"Red Pen\\\", \\\"Red Ink\\\"", "Pad, A5", P("Pad, A5")) ", " ENTRY(
		"\\\"Red Ink\\\"", "Red Pen", P("Pad, A5") ", " P("Red Pen")),
			  by_index[] = "{\"input\": \"<a_1><b_1>, <a_1><b_2>\", \"output\": \"<a_2><b_1>\\n\", "
				       "\"predict\": [\"<a_2><b_1>\"]}, "
				       "{\"input\": \"<a_1><b_2>\", \"output\": \"<a_1><b_1>\\n\", "
				       "\"predict\": [\"<a_2><b_1>\", \"<a_1><b_1>\"]}",
			  shortened[] = ENTRY("Red Pen, Red Ink", "Pad,", P("Pad,")) ", " ENTRY(
				  "Red Ink", "Red Pen", P("Pad,") ", " P("Red Pen"));
	static const struct {
		const char *entries;
		enum item_text kind;
		size_t words;
		enum judged_names names;
	} files[] = {
		{by_title, ITEM_TITLE, 0, JUDGED_TEXTS},
		{by_title, ITEM_INDEX, 0, JUDGED_TITLES},
		{by_index, ITEM_TITLE, 0, JUDGED_INDEXES},
		{by_index, ITEM_INDEX, 0, JUDGED_TEXTS},
		{shortened, ITEM_TITLE, 1, JUDGED_TEXTS},
		{by_title, ITEM_TITLE, 1, JUDGED_TITLES},
	};

	free(tempdir_put(*state, "s.inter.json", inter, strlen(inter)));
	free(tempdir_put(*state, "s.item.json", items, strlen(items)));
	free(tempdir_put(*state, "s.index.json", index, strlen(index)));
	for (size_t i = 0; i < ARRAY_LEN(files); i++) {
		struct court c = {0};
		struct err err;

		check_ok(dataset_open(&c.d, *state, &err), &err);
		check_ok(catalogue_set_texts(&c.d->catalogue, files[i].kind, files[i].words, &err), &err);
		read_entries(&c, state, files[i].entries);
		check_ok(judge(&c, false, 0, &err), &err);
		assert_int_equal(c.j.names, files[i].names);
		assert_int_equal(c.j.at[0].item_rank, 1);
		assert_int_equal(c.j.at[1].item_rank, 2);
		assert_int_equal(c.j.at[1].invalid, 0);
		close_court(&c);
	}
}

/* The second file holds three of the first one's cases, in another order, and one that the first has not. */
static void files_are_compared_by_case(void **state)
{
	struct court a = {0}, b = {0};
	struct judgement_bout bout;
	const size_t k[] = {1, 2};
	struct err err;

	open_data(&a, state);
	b.d = a.d;
	read_entries(&a, state, FIRST ", " SECOND ", " THIRD ", " FIFTH);
	read_entries(&b, state,
		FOURTH ", " ENTRY("\\\"Pad\\\"", "Ink", P("Ink") ", " P("Pen") ", " P("Pad")) ", " ENTRY(
			"\\\"Pen\\\", \\\"Ink\\\"", "Pad", P("Pen") ", " P("Pad")) ", " FIRST);
	check_ok(judge(&a, false, 0, &err), &err);
	check_ok(judge(&b, false, 0, &err), &err);
	check_ok(judgement_sum(&a.j, k, 2, 0, &err), &err);
	check_ok(judgement_sum(&b.j, k, 1, 0, &err), &err);
	/* Ranks of the first, second and third case: 2, none, 1 and 2, 1, 2. */
	judgement_compare(&bout, &a.j, &b.j, 0);
	assert_int_equal(bout.cases, 3);
	assert_int_equal(bout.n_at, 1);
	assert_int_equal(bout.k[0], 1);
	assert_int_equal(bout.hit[0].gained, 1);
	assert_int_equal(bout.hit[0].lost, 1);
	assert_true(fabs(bout.ndcg[0].difference.value) < 1e-15);
	judgement_compare(&bout, &b.j, &b.j, 0);
	assert_int_equal(bout.cases, 4);
	assert_int_equal(bout.hit[0].gained + bout.hit[0].lost, 0);
	b.d = NULL;
	judgement_release(&b.j);
	check_ok(judge(&b, true, 0, &err), &err);
	check_ok(judgement_sum(&b.j, k, 2, 0, &err), &err);
	judgement_compare(&bout, &a.j, &b.j, 0);
	assert_int_equal(bout.cases, 0);
	close_court(&b);
	close_court(&a);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		in_tempdir(figures_are_a_hands_count),
		in_tempdir(entries_find_their_cases),
		in_tempdir(entries_may_say_less),
		in_tempdir(what_fits_no_case_is_refused),
		in_tempdir(a_shortened_history_is_known),
		in_tempdir(a_file_is_judged_by_itself),
		in_tempdir(k_is_within_the_lists),
		in_tempdir(verdicts_are_counted),
		in_tempdir(names_are_found),
		in_tempdir(files_are_compared_by_case),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
