/*
 * Datasets: both forms read as written, every fault refused with file and line, the published sets as counted by
 * others.
 */
#include "check.h"

#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "data/dataset.h"
#include "store/file.h"

/* A directory of a test's own, made and removed around it. */
static char dir[64];

static int make_dir(void **state)
{
	(void)state;
	strcpy(dir, "t_dataset.XXXXXX");
	return mkdtemp(dir) ? 0 : -1;
}

static int remove_dir(void **state)
{
	struct file_names names = {0};
	struct err err;

	(void)state;
	if (file_list(&names, dir, "*", &err))
		return -1;
	for (size_t i = 0; i < names.n; i++) {
		char *path = file_join(dir, names.at[i]);

		unlink(path);
		free(path);
	}
	file_names_release(&names);
	return rmdir(dir);
}

static void put_bytes(const char *name, const void *bytes, size_t len)
{
	char *path = file_join(dir, name);
	FILE *f = fopen(path, "wb");

	assert_non_null(f);
	assert_int_equal(fwrite(bytes, 1, len, f), len);
	assert_int_equal(fclose(f), 0);
	free(path);
}

static void put(const char *name, const char *text)
{
	put_bytes(name, text, strlen(text));
}

static struct dataset *open_ok(const char *path)
{
	struct dataset *d = NULL;
	struct err err = {0};

	if (dataset_open(&d, path, &err))
		fail_msg("%s", err.msg);
	return d;
}

/* Opening fails, and the message says all of these. */
#define refused(...) refused_with((const char *const[]){__VA_ARGS__, NULL})

static void refused_with(const char *const *parts)
{
	struct dataset *d = NULL;
	struct err err = {0};

	assert_int_equal(dataset_open(&d, dir, &err), -1);
	assert_null(d);
	assert_int_not_equal(err.code, ERR_NONE);
	for (; *parts; parts++)
		if (!strstr(err.msg, *parts))
			fail_msg("\"%s\" does not say \"%s\"", err.msg, *parts);
}

#define BEAR_TITLES "{\"10\": \"Blue &amp; Co\", \"2\": \"Tape\", \"7\": \"Tape\", \"33\": \"\"}"

static void bear_form(void **state)
{
	const struct rec_case *c;
	struct err err = {0};
	struct dataset *d;

	(void)state;
	put("id2name4Rec.json", BEAR_TITLES);
	put("test.csv", "user_id,item_ids,timestamp\nu1,\"[10, 2, 7]\",-5\nu2,\"[ 33 ]\",\n,\"[]\",9\n");
	d = open_ok(dir);
	assert_string_equal(d->form, "BEAR");
	assert_string_equal(d->name, dir);
	assert_false(d->tokens_only);

	assert_int_equal(d->catalogue.n, 4); /* in the file's order, which is not that of the ids */
	assert_string_equal(d->catalogue.items[0].id, "10");
	assert_string_equal(d->catalogue.items[0].title, "Blue &amp; Co");
	assert_int_equal(d->catalogue.n_titles, 3);
	assert_int_equal(d->catalogue.items[1].same_title, 1);
	assert_int_equal(d->catalogue.items[2].same_title, 1);
	assert_int_equal(d->catalogue.items[3].same_title, 3);
	assert_int_equal(catalogue_find(&d->catalogue, "7"), 2);
	assert_int_equal(catalogue_find(&d->catalogue, "07"), ITEM_NONE);

	assert_null(d->splits[SPLIT_TRAIN].file);
	assert_int_equal(d->splits[SPLIT_TEST].n, 3);
	c = dataset_case(d, SPLIT_TEST, "1", &err);
	assert_non_null(c);
	assert_string_equal(c->user, "u1");
	assert_int_equal(c->n_history, 2);
	assert_int_equal(c->history[0], 0);
	assert_int_equal(c->history[1], 1);
	assert_int_equal(c->positive, 2);
	assert_string_equal(c->positive_id, "7");
	assert_int_equal(c->timestamp, -5);
	c = dataset_case(d, SPLIT_TEST, "2", &err);
	assert_int_equal(c->n_history, 0);
	assert_int_equal(c->positive, 3);
	c = dataset_case(d, SPLIT_TEST, "3", &err);
	assert_int_equal(c->positive, ITEM_NONE);
	assert_string_equal(c->positive_id, "");
	assert_int_equal(d->splits[SPLIT_TEST].n_no_positive, 1);

	assert_null(dataset_case(d, SPLIT_TEST, "4", &err));
	assert_int_equal(err.code, ERR_NOT_FOUND);
	assert_non_null(strstr(err.msg, "'1' to '3'"));
	assert_null(dataset_case(d, SPLIT_TRAIN, "1", &err));
	assert_non_null(strstr(err.msg, "no train split"));
	dataset_free(d);
}

/* Ids without a title are left out of histories and counted; one that is the last leaves a case without a positive. */
static void bear_untitled(void **state)
{
	const struct rec_case *c;
	struct dataset *d;

	(void)state;
	put("id2name4Rec.json", BEAR_TITLES);
	put("test.csv", "item_ids\n\"[10, 99, -1, 2]\"\n\"[10, 2, 99]\"\n\"[99999999999999999999999, 98]\"\n");
	d = open_ok(dir);
	assert_int_equal(d->splits[SPLIT_TEST].n, 3);
	c = d->splits[SPLIT_TEST].cases;
	assert_int_equal(c[0].n_history, 1);
	assert_int_equal(c[0].positive, 1);
	assert_int_equal(c[0].timestamp, 0);
	assert_string_equal(c[0].user, "");
	assert_int_equal(c[1].n_history, 2);
	assert_int_equal(c[1].positive, ITEM_NONE);
	assert_string_equal(c[1].positive_id, "99");
	assert_int_equal(c[2].n_history, 0);
	assert_int_equal(d->splits[SPLIT_TEST].n_untitled, 3);
	assert_int_equal(d->splits[SPLIT_TEST].n_no_positive, 2);
	dataset_free(d);
}

/* The prompt holds the raw titles, oldest first; max_history keeps the latest. */
static void bear_prompt(void **state)
{
	static const struct {
		size_t max_history;
		const char *text;
	} prompts[] = {
		{0, "seen: <Blue &amp; Co>+<Tape>+<>"},
		{1, "seen: <>"},
		{2, "seen: <Tape>+<>"},
		{3, "seen: <Blue &amp; Co>+<Tape>+<>"},
		{SIZE_MAX, "seen: <Blue &amp; Co>+<Tape>+<>"},
	};
	struct template *form = NULL;
	struct buf text = {0};
	struct dataset *d;
	struct err err;
	char *path;

	(void)state;
	put("id2name4Rec.json", BEAR_TITLES);
	put("test.csv", "item_ids\n\"[10, 2, 33, 7]\"\n\"[7]\"\n");
	put("form.tmpl", "item: <{title}>\nseparator: +\nanswer: {title}\n---\nseen: {history}");
	path = file_join(dir, "form.tmpl");
	assert_int_equal(template_load(&form, path, "test", &err), 0);
	d = open_ok(dir);
	for (size_t i = 0; i < sizeof(prompts) / sizeof(prompts[0]); i++) {
		buf_clear(&text);
		dataset_prompt_text(d, &d->splits[SPLIT_TEST].cases[0], form, prompts[i].max_history, &text);
		assert_string_equal(buf_str(&text), prompts[i].text);
	}
	buf_clear(&text);
	dataset_prompt_text(d, &d->splits[SPLIT_TEST].cases[1], form, 0, &text);
	assert_string_equal(buf_str(&text), "seen: ");
	buf_release(&text);
	dataset_free(d);
	template_free(form);
	free(path);
}

static void bear_choice_of_file(void **state)
{
	static const char *const names[] = {
		"train.csv", "train_10000.csv", "train_9000.csv", "train_900.csv", "train-z.csv"};
	char *path;

	(void)state;
	put("id2name4Rec.json", BEAR_TITLES);
	put("trainee.txt", "");
	put("xtrain.csv", "");
	for (size_t i = 0; i < 5; i++)
		put(names[i], "item_ids\n");
	for (size_t i = 0; i < 5; i++) { /* the best is taken, then removed */
		struct dataset *d = open_ok(dir);

		path = file_join(dir, names[i]);
		assert_string_equal(d->splits[SPLIT_TRAIN].file, path);
		dataset_free(d);
		assert_int_equal(unlink(path), 0);
		free(path);
	}
	refused("no cases", "test*.csv");
}

static void bear_bad_titles(void **state)
{
	(void)state;
	put("test.csv", "item_ids\n\"[1]\"\n");
	put("id2name4Rec.json", "{\"1\": \"a\",\n \"1\": \"b\"}");
	refused("id2name4Rec.json:2");
	put("id2name4Rec.json", "{\"1\": 5}");
	refused("id2name4Rec.json", "\"1\"", "string");
	put("id2name4Rec.json", "{\"1\": null}");
	refused("\"1\"");
	put("id2name4Rec.json", "{\"one\": \"a\"}");
	refused("\"one\"", "decimal item id");
	put("id2name4Rec.json", "{\"01\": \"a\"}");
	refused("\"01\"", "decimal item id");
	put("id2name4Rec.json", "{\"\": \"a\"}");
	refused("decimal item id");
	put("id2name4Rec.json", "[\"a\"]");
	refused("id2name4Rec.json");
	put("id2name4Rec.json", "{\"1\": \"a\"");
	refused("id2name4Rec.json:1");
	put("id2name4Rec.json", "");
	refused("id2name4Rec.json");
	put("id2name4Rec.json", "{\"1\": \"a\\u0000b\"}");
	refused("id2name4Rec.json");
	put("id2name4Rec.json", "{\"1\": \"\xff\xfe\"}");
	refused("id2name4Rec.json");
}

static void bear_bad_cases(void **state)
{
	static const char *const lists[] = {"1, 2", "[1, 2", "[1 2]", "[1,, 2]", "[,1]", "[1,]", "[1.5]", "['1]",
		"[1] x", "[01]", "[-]", "", "[1e3]", "[ ", "]", "[[1]]", "[0x1]", "[+1]", "nan"};

	(void)state;
	put("id2name4Rec.json", BEAR_TITLES);
	for (size_t i = 0; i < sizeof(lists) / sizeof(lists[0]); i++) {
		struct buf text = {0};

		buf_addf(&text, "user_id,item_ids,timestamp\n1,\"[2]\",5\n1,\"%s\",5\n", lists[i]);
		put("test.csv", buf_str(&text));
		buf_release(&text);
		refused("test.csv:3", "item_ids", "list of item ids");
	}
	put("test.csv", "user_id,items,timestamp\n1,\"[2]\",5\n");
	refused("test.csv", "item_ids");
	put("test.csv", "");
	refused("test.csv");
	put("test.csv", "user_id,item_ids,timestamp\n1,\"[2]\"\n");
	refused("test.csv:2");
	put("test.csv", "user_id,item_ids,timestamp\n1,\"[2]\",soon\n");
	refused("test.csv:2", "timestamp");
	put("test.csv", "user_id,item_ids,timestamp\n1,\"[2]\",99999999999999999999\n");
	refused("test.csv:2", "timestamp");
	put("test.csv", "user_id,item_ids,timestamp\n1,\"[2]");
	refused("test.csv");
	put_bytes("test.csv", "item_ids\n\"[2\0]\"\n", 16);
	refused("test.csv");
	put("test.csv", "user_id,item_ids\n\xff,\"[2]\"\n");
	refused("test.csv:2");
}

#define LCREC_ITEMS \
	"{\"10\": {\"title\": \"Red Tape\", \"brand\": 5}, \"x\": {\"title\": \"\"}, \"7\": {}, \"8\": {\"title\": " \
	"null}}"
#define LCREC_INDEX "{\"x\": [\"<a_1>\", \"<b_2>\"], \"9\": [\"<a_1>\"], \"7\": [\"<a_1>\", \"<b_2>\"]}"

static void check_case(
	const struct dataset *d, enum split_kind split, size_t i, const char *user, const char *positive, size_t n, ...)
{
	const struct rec_case *c = &d->splits[split].cases[i];
	char id[24];
	va_list history;

	assert_true(i < d->splits[split].n);
	snprintf(id, sizeof(id), "%zu", i + 1);
	assert_string_equal(c->id, id);
	assert_string_equal(c->user, user);
	assert_string_equal(c->positive_id, positive);
	assert_int_equal(c->positive, catalogue_find(&d->catalogue, positive));
	assert_int_equal(c->n_history, n);
	va_start(history, n);
	for (size_t h = 0; h < n; h++)
		assert_string_equal(d->catalogue.items[c->history[h]].id, va_arg(history, const char *));
	va_end(history);
}

static void lcrec_form(void **state)
{
	struct dataset *d;

	(void)state;
	put("Toys.item.json", LCREC_ITEMS);
	put("Toys.index.rq-b.json", LCREC_INDEX);
	put("Toys.index.rq-c.json", "no JSON");
	put("Games.index.json", "no JSON");
	put("Toys.inter.json", "{\"b\": [10, \"x\", 7, 10], \"a\": [9, 8], \"\": [7, 9, 10], \"c\": [8], \"d\": []}");
	d = open_ok(dir);
	assert_string_equal(d->form, "LC-Rec");
	assert_non_null(strstr(d->index_file, "/Toys.index.rq-b.json"));
	assert_int_equal(d->n_index_files, 2);
	assert_int_equal(d->catalogue.n, 5); /* those with a title first, then those with a semantic id alone */
	assert_string_equal(d->catalogue.items[4].id, "9");
	assert_string_equal(d->catalogue.items[4].title, "");
	assert_string_equal(d->catalogue.items[4].index, "<a_1>");
	assert_string_equal(d->catalogue.items[1].index, "<a_1><b_2>");
	assert_string_equal(d->catalogue.items[0].index, "");
	assert_string_equal(d->catalogue.items[0].text, "Red Tape");
	assert_int_equal(d->catalogue.n_titles, 1); /* an empty one is none */
	assert_int_equal(d->catalogue.n_indexes, 2);
	for (size_t i = 0; i < 5; i++)
		assert_int_equal(d->catalogue.items[i].no_text, i > 0);

	assert_int_equal(d->splits[SPLIT_TEST].n, 3);
	check_case(d, SPLIT_TEST, 0, "b", "10", 3, "10", "x", "7");
	check_case(d, SPLIT_TEST, 1, "a", "8", 1, "9");
	check_case(d, SPLIT_TEST, 2, "", "10", 2, "7", "9");
	assert_int_equal(d->splits[SPLIT_TEST].n_too_short, 2);
	assert_int_equal(d->splits[SPLIT_VALID].n, 2);
	check_case(d, SPLIT_VALID, 0, "b", "7", 2, "10", "x");
	check_case(d, SPLIT_VALID, 1, "", "9", 1, "7");
	assert_int_equal(d->splits[SPLIT_VALID].n_too_short, 3);
	assert_int_equal(d->splits[SPLIT_TRAIN].n, 1);
	check_case(d, SPLIT_TRAIN, 0, "b", "x", 1, "10");
	assert_int_equal(d->splits[SPLIT_TRAIN].n_too_short, 4);
	assert_non_null(strstr(d->splits[SPLIT_TRAIN].file, "/Toys.inter.json"));
	assert_int_equal(d->catalogue.items[0].popularity, 1); /* in training only */
	dataset_free(d);
}

/* Items that no file knows are left out of histories and counted; as the last they leave a case without a positive. */
static void lcrec_unknown_items(void **state)
{
	struct dataset *d;

	(void)state;
	put("Toys.item.json", LCREC_ITEMS);
	put("Toys.inter.json", "{\"b\": [10, 99, 7, 98, \"x\", \"no such\"]}");
	d = open_ok(dir);
	assert_null(d->index_file);
	check_case(d, SPLIT_TEST, 0, "b", "no such", 3, "10", "7", "x");
	check_case(d, SPLIT_VALID, 0, "b", "x", 2, "10", "7");
	check_case(d, SPLIT_TRAIN, 0, "b", "98", 2, "10", "7");
	assert_int_equal(d->splits[SPLIT_TEST].n_untitled, 2);
	assert_int_equal(d->splits[SPLIT_VALID].n_untitled, 2);
	assert_int_equal(d->splits[SPLIT_TRAIN].n_untitled, 1);
	assert_int_equal(d->splits[SPLIT_TEST].n_no_positive, 1);
	assert_int_equal(d->splits[SPLIT_VALID].n_no_positive, 0);
	assert_int_equal(d->splits[SPLIT_TRAIN].n_no_positive, 1);
	dataset_free(d);
}

/* Without titles; and with the file of semantic ids that the user names. */
static void lcrec_index_files(void **state)
{
	static const char *const names[] = {"Toys.index.a.json", "Toys.index.b.json"};

	(void)state;
	put("Toys.inter.json", "{\"u\": [1, 2]}");
	put(names[0], "{\"1\": [\"<a>\"]}");
	put(names[1], "{\"2\": [\"<b>\"]}");
	for (size_t i = 0; i < ARRAY_LEN(names); i++) {
		char *path = file_join(dir, names[i]);
		struct dataset *d = open_ok(path);

		assert_string_equal(d->name, dir);
		assert_string_equal(d->index_file, path);
		assert_int_equal(d->catalogue.n, 1);
		assert_string_equal(d->catalogue.items[0].index, i ? "<b>" : "<a>");
		dataset_free(d);
		free(path);
	}
}

/* The history's items that have no text are not in the prompt, and do not count against max_history. */
static void lcrec_prompt(void **state)
{
	struct template *form = NULL;
	struct buf text = {0};
	struct dataset *d;
	struct err err;
	char *path;

	(void)state;
	put("Toys.item.json", LCREC_ITEMS);
	put("Toys.index.json", LCREC_INDEX);
	put("Toys.inter.json", "{\"b\": [9, \"x\", 7, 10, 8]}");
	put("form.tmpl", "item: <{title}>\nseparator: +\nanswer: {title}\n---\n{history}");
	path = file_join(dir, "form.tmpl");
	assert_int_equal(template_load(&form, path, "test", &err), 0);
	d = open_ok(dir);
	assert_int_equal(catalogue_set_texts(&d->catalogue, ITEM_INDEX, 0, &err), 0);
	dataset_prompt_text(d, &d->splits[SPLIT_TEST].cases[0], form, 0, &text);
	assert_string_equal(buf_str(&text), "<<a_1>>+<<a_1><b_2>>+<<a_1><b_2>>");
	buf_clear(&text);
	dataset_prompt_text(d, &d->splits[SPLIT_TEST].cases[0], form, 1, &text);
	assert_string_equal(buf_str(&text), "<<a_1><b_2>>");
	buf_release(&text);
	dataset_free(d);
	template_free(form);
	free(path);
}

static void lcrec_faults(void **state)
{
	static const struct {
		const char *file, *text, *says[4]; /* ends with NULL */
	} faults[] = {
		{"Toys.inter.json", "[1]", {"Toys.inter.json", "must be an object"}},
		{"Toys.inter.json", "{\"u\": {}}", {"Toys.inter.json", "\"u\"", "must be an array"}},
		{"Toys.inter.json", "{\"u\": [1, [2]]}", {"\"u[1]\"", "must be an item's id, a string or an integer"}},
		{"Toys.inter.json", "{\"u\": [1, 2.5]}", {"\"u[1]\"", "must be an integer"}},
		{"Toys.inter.json", "{\"u\": [null]}", {"\"u[0]\"", "must be an item's id"}},
		{"Toys.inter.json", "{\"u\": [\"a\\u0000b\"]}", {"\"u[0]\"", "U+0000"}},
		{"Toys.inter.json", "{\"u\": [],\n \"u\": []}", {"Toys.inter.json:2"}},
		{"Toys.inter.json", "{\"u\": [1", {"Toys.inter.json:1"}},
		{"Toys.inter.json", "", {"Toys.inter.json"}},
		{"Toys.item.json", "{\"1\": \"title\"}", {"Toys.item.json", "\"1\"", "must be an object"}},
		{"Toys.item.json", "{\"1\": {\"title\": 5}}", {"Toys.item.json", "\"1.title\"", "must be a string"}},
		{"Toys.item.json", "{\"1\": {\"title\": \"\\u0000\"}}", {"\"1.title\"", "U+0000"}},
		{"Toys.item.json", "{\"1\": {\"title\": \"\xff\"}}", {"Toys.item.json:1"}},
		{"Toys.item.json", "{\"1\": {},\n\"1\": {}}", {"Toys.item.json:2"}},
		{"Toys.index.json", "{\"1\": \"<a>\"}", {"Toys.index.json", "\"1\"", "must be an array"}},
		{"Toys.index.json", "{\"1\": []}", {"\"1\"", "holds no token"}},
		{"Toys.index.json", "{\"1\": [\"<a>\", 7]}", {"\"1[1]\"", "must be a string"}},
		{"Toys.index.json", "{\"1\": [\"a\"]}", {"\"1[0]\"", "must be a token like \"<a_12>\""}},
		{"Toys.index.json", "{\"1\": [\"<a><b>\"]}", {"\"1[0]\"", "must be a token like"}},
		{"Toys.index.json", "{\"1\": [\"<>\"]}", {"\"1[0]\"", "must be a token like"}},
		{"Toys.index.json", "{\"1\": [\"<a>\\n\"]}", {"\"1[0]\"", "must be a token like"}},
	};
	char *path;

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(faults); i++) {
		put("Toys.inter.json", "{\"u\": [1, 2]}");
		put("Toys.item.json", "{\"1\": {}, \"2\": {}}");
		put("Toys.index.json", "{\"1\": [\"<a>\"]}");
		dataset_free(open_ok(dir));
		put(faults[i].file, faults[i].text);
		refused_with(faults[i].says);
	}
	path = file_join(dir, "Toys.index.json");
	unlink(path);
	free(path);
	path = file_join(dir, "Toys.item.json");
	unlink(path);
	free(path);
	put("Toys.inter.json", "{}");
	refused("Toys.inter.json but no items", "Toys.item.json or Toys.index.json is missing");
	put("Games.inter.json", "{}");
	refused("holds several datasets: name one", "/Games.inter.json' or 'Toys.inter.json'");
}

static void put_tokens(const char *items, const char *cases, const char *meta)
{
	put("items.csv", items);
	put("cases.csv", cases);
	put("meta.json", meta);
}

static void token_form(void **state)
{
	static const uint32_t tokens[] = {5, 9, 2, 5, 8, 2, 4294967294u, 2}, prompt[] = {1, 7, 7};
	static const size_t first[] = {0, 3, 6, 6, 6, 8};
	struct vec_u32 ids = {0};
	const struct rec_case *c;
	struct err err = {0};
	struct dataset *d;

	(void)state;
	put_tokens("item_id,title,tokens\na,Red,5 9 2\nb,,5 8\nc,Red,\nd,,2\n\"e,1\",Blue, 4294967294  2 \n",
		"case_id,prompt_tokens,item_id\nx,1 7 7,b\ny,3,\nz,4,nosuch\n",
		"{\"eos_token_id\": 2, \"model\": \"A\"}");
	put("cases_train.csv", "case_id,prompt_tokens,item_id\nt,1,b\nu,1,b\nx,1,a\n");
	d = open_ok(dir);
	assert_string_equal(d->form, "tokens");
	assert_true(d->tokens_only);
	assert_int_equal(d->catalogue.n, 5);
	assert_int_equal(d->catalogue.eos, 2);
	assert_memory_equal(d->catalogue.first, first, sizeof(first));
	assert_memory_equal(d->catalogue.tokens, tokens, sizeof(tokens));
	assert_int_equal(d->catalogue.n_empty, 2);
	assert_int_equal(d->catalogue.n_titles, 2);
	assert_string_equal(d->catalogue.items[1].title, "");
	assert_int_equal(d->catalogue.items[2].same_title, 0);
	assert_int_equal(d->catalogue.items[3].same_title, 3); /* no title is not a title that is shared */
	assert_int_equal(catalogue_find(&d->catalogue, "e,1"), 4);
	assert_int_equal(d->catalogue.items[1].popularity, 2);

	c = dataset_case(d, SPLIT_TEST, "x", &err);
	assert_int_equal(c->positive, 1);
	assert_int_equal(c->n_history, 0);
	vec_push(&ids, 77);
	assert_int_equal(dataset_prompt(d, c, NULL, NULL, 1, &ids, &err), 0);
	assert_int_equal(ids.n, 4);
	assert_int_equal(ids.at[0], 77);
	assert_memory_equal(ids.at + 1, prompt, sizeof(prompt));
	vec_release(&ids);
	assert_int_equal(dataset_case(d, SPLIT_TEST, "y", &err)->positive, ITEM_NONE);
	assert_string_equal(dataset_case(d, SPLIT_TEST, "z", &err)->positive_id, "nosuch");
	assert_int_equal(d->splits[SPLIT_TEST].n_no_positive, 2);
	assert_int_equal(dataset_case(d, SPLIT_TRAIN, "x", &err)->positive, 0);
	assert_null(d->splits[SPLIT_VALID].file);
	assert_null(dataset_piece(d, 5));
	assert_int_equal(d->n_settings, 0);
	dataset_free(d);
}

#define ITEMS "item_id,tokens\na,5\n"
#define CASES "case_id,prompt_tokens,item_id\n1,3,a\n"
#define META "{\"eos_token_id\": 2}"

static void token_extras(void **state)
{
	struct dataset *d;

	(void)state;
	put_tokens(ITEMS, CASES, "{\"eos_token_id\": 2, \"settings\": {\"mask\": \"after\", \"beam\": 2}}");
	put("vocab.csv", "token_id,text\n0,</s>\n5,\" \"\"x\"\n4294967294,\n");
	d = open_ok(dir);
	assert_string_equal(dataset_piece(d, 0), "</s>");
	assert_string_equal(dataset_piece(d, 5), " \"x");
	assert_string_equal(dataset_piece(d, 4294967294u), "");
	assert_null(dataset_piece(d, 4));
	assert_null(dataset_piece(d, TOKEN_NONE));
	assert_int_equal(d->n_settings, 2);
	assert_string_equal(d->settings[0].name, "mask");
	assert_string_equal(d->settings[0].value, "after");
	assert_string_equal(d->settings[1].name, "beam");
	assert_string_equal(d->settings[1].value, "2");
	dataset_free(d);

	put("vocab.csv", "token_id,text\n5,a\n5,b\n");
	refused("vocab.csv:3", "token_id", "rise");
	put("vocab.csv", "token_id,text\n-1,a\n");
	refused("vocab.csv:2", "token_id");
	put("vocab.csv", "token_id,name\n1,a\n");
	refused("vocab.csv", "text");
	put("vocab.csv", "token_id,text\n");
	put("meta.json", "{\"eos_token_id\": 2, \"settings\": {\"output\": \"/tmp/x\"}}");
	refused("meta.json", "output", "setting");
	put("meta.json", "{\"eos_token_id\": 2, \"settings\": {\"beam\": [2]}}");
	refused("meta.json", "beam");
	put("meta.json", "{\"eos_token_id\": 2, \"settings\": 5}");
	refused("meta.json", "settings");
}

/* Any form may say something of itself; its settings name no files. */
static void meta(void **state)
{
	struct dataset *d;

	(void)state;
	put("id2name4Rec.json", BEAR_TITLES);
	put("test.csv", "user_id,item_ids\nu1,\"[10, 2]\"\n");
	put("meta.json", "{}");
	d = open_ok(dir);
	assert_int_equal(d->n_settings, 0);
	dataset_free(d);
	put("meta.json", "{\"settings\": {\"template\": \"sequence\", \"max-history\": 10}}");
	d = open_ok(dir);
	assert_int_equal(d->n_settings, 2);
	assert_string_equal(d->settings[0].name, "template");
	assert_string_equal(d->settings[0].value, "sequence");
	assert_string_equal(d->settings[1].value, "10");
	dataset_free(d);
	put("meta.json", "{\"settings\": {\"template\": \"../../x\"}}");
	refused("meta.json", "template", "not the path of a file");
	put("meta.json", "[]");
	refused("meta.json", "object");
	put("test.csv", "user_id,item_ids\nu1,\"[10, 2]\"\nu2,\"[2, 10]\"\n");
	put("meta.json", "{\"first_case\": \"2\"}");
	d = open_ok(dir);
	assert_string_equal(dataset_first_case(d, SPLIT_TEST), "2");
	assert_null(dataset_first_case(d, SPLIT_VALID));
	dataset_free(d);
	put("meta.json", "{\"first_case\": \"3\"}");
	refused("meta.json", "first_case", "no case of the test split");
	put("meta.json", "{\"first_case\": 2}");
	refused("meta.json", "first_case");
}

static void token_faults(void **state)
{
	(void)state;
	put_tokens("item_id,tokens\na,5 2 6 2\n", CASES, META);
	refused("items.csv:2", "tokens", "end-of-sequence token 2");
	put_tokens("item_id,tokens\na,5\nb,2 2\n", CASES, META);
	refused("items.csv:3", "end-of-sequence");
	put_tokens("item_id,tokens\na,5\nb,6\na,7\n", CASES, META);
	refused("items.csv:4", "item 'a' a second time");
	put_tokens("item_id,tokens\n,5\n", CASES, META);
	refused("items.csv:2", "item_id", "empty");
	put_tokens("item_id,tokens\na,4294967295\n", CASES, META);
	refused("items.csv:2", "token id over 4294967294");
	put_tokens("item_id,tokens\na,1 99999999999999999999999999\n", CASES, META);
	refused("items.csv:2", "token id over", "character 3");
	put_tokens("item_id,tokens\na,5 x\n", CASES, META);
	refused("items.csv:2", "tokens", "character 3");
	put_tokens("item_id,tokens\na,-5\n", CASES, META);
	refused("items.csv:2", "character 1");
	put_tokens("item_id,tokens\na,5;6\n", CASES, META);
	refused("items.csv:2", "character 1");
	put_tokens("item_id,token\na,5\n", CASES, META);
	refused("items.csv", "tokens");
	put_tokens(ITEMS, "case_id,prompt_tokens,item_id\n1,3,a\n1,4,a\n", META);
	refused("cases.csv:3", "case '1' a second time");
	put_tokens(ITEMS, "case_id,prompt_tokens,item_id\n,3,a\n", META);
	refused("cases.csv:2", "case_id", "empty");
	put_tokens(ITEMS, "case_id,prompt_tokens,item_id\n1,,a\n", META);
	refused("cases.csv:2", "prompt_tokens");
	put_tokens(ITEMS, "case_id,prompt,item_id\n1,3,a\n", META);
	refused("cases.csv", "prompt_tokens");
	put_tokens(ITEMS, CASES, "{\"eos\": 2}");
	refused("meta.json", "eos_token_id");
	put_tokens(ITEMS, CASES, "{\"eos_token_id\": \"2\"}");
	refused("meta.json", "eos_token_id");
	put_tokens(ITEMS, CASES, "{\"eos_token_id\": -1}");
	refused("meta.json", "eos_token_id");
	put_tokens(ITEMS, CASES, "{\"eos_token_id\": 4294967295}");
	refused("meta.json", "eos_token_id");
	put_tokens(ITEMS, CASES, "{\"eos_token_id\": 2.5}");
	refused("meta.json", "eos_token_id");
	put_tokens(ITEMS, CASES, "");
	refused("meta.json");
	remove_dir(state);
	assert_int_equal(mkdir(dir, 0700), 0);
	put("items.csv", ITEMS);
	put("cases.csv", CASES);
	refused("meta.json");
}

static void unknown_forms(void **state)
{
	struct dataset *d = NULL;
	struct err err = {0};

	(void)state;
	refused("no dataset of a known form", "id2name4Rec.json", "items.csv", "(BEAR)", "(tokens)");
	put("file", "");
	assert_int_equal(chdir(dir), 0);
	assert_int_equal(dataset_open(&d, "file", &err), -1);
	assert_non_null(strstr(err.msg, "'file' is not a directory"));
	assert_int_equal(dataset_open(&d, "nowhere", &err), -1);
	assert_non_null(strstr(err.msg, "'nowhere'"));
	assert_null(d);
	assert_int_equal(chdir(".."), 0);
}

static void names_from_paths(void **state)
{
	struct buf path = {0};
	struct dataset *d;

	(void)state;
	put_tokens(ITEMS, CASES, META);
	buf_addf(&path, "./%s///", dir);
	d = open_ok(buf_str(&path));
	assert_string_equal(d->name, dir);
	assert_string_equal(d->path, buf_str(&path));
	dataset_free(d);
	buf_release(&path);
	assert_int_equal(chdir(dir), 0);
	d = open_ok(".");
	assert_string_equal(d->name, dir);
	dataset_free(d);
	assert_int_equal(chdir(".."), 0);
}

/* Path of something in ../shared, or NULL; caller frees. */
static char *shared(const char *what)
{
	const char *root = getenv("BEAMSCOPE_SHARED");
	char *path = file_join(root ? root : "../shared", what);

	if (file_is_dir(path))
		return path;
	print_message("# skipped: %s is not there\n", path);
	free(path);
	return NULL;
}

struct published {
	const char *path;
	size_t n, n_titles, n_train, n_test;
	const char *train; /* the file that is taken */
};

static void check_published(const struct published *p)
{
	char *path = shared(p->path);
	struct dataset *d;
	double start;

	if (!path)
		skip();
	start = clock_now();
	d = open_ok(path);
	print_message("# %s read in %.3f s\n", p->path, clock_now() - start);
	assert_int_equal(d->catalogue.n, p->n);
	assert_int_equal(d->catalogue.n_titles, p->n_titles);
	assert_int_equal(d->splits[SPLIT_TRAIN].n, p->n_train);
	assert_int_equal(d->splits[SPLIT_TEST].n, p->n_test);
	assert_null(d->splits[SPLIT_VALID].file);
	assert_non_null(strstr(d->splits[SPLIT_TRAIN].file, p->train));
	for (size_t s = 0; s < SPLIT_COUNT; s++) {
		assert_int_equal(d->splits[s].n_untitled, 0);
		assert_int_equal(d->splits[s].n_no_positive, 0);
	}
	dataset_free(d);
	free(path);
}

static void published_office(void **state)
{
	(void)state;
	check_published(&(struct published){"datasets/bear-office", 2414, 2411, 15400, 1925, "/train.csv"});
}

static void published_clothing(void **state)
{
	(void)state;
	check_published(&(struct published){"datasets/bear-clothing", 22948, 22728, 10000, 5544, "/train_10000.csv"});
}

/* The first row of the published test split, read by eye. */
static void published_case(void **state)
{
	static const char *const history[] = {
		"124", "2112", "1915", "49", "133", "1523", "1707", "828", "1495", "1526"};
	char *path = shared("datasets/bear-office");
	const struct rec_case *c;
	struct dataset *d;
	struct err err;

	(void)state;
	if (!path)
		skip();
	d = open_ok(path);
	c = dataset_case(d, SPLIT_TEST, "1", &err);
	assert_string_equal(c->user, "239");
	assert_int_equal(c->timestamp, 1403740800);
	assert_int_equal(c->n_history, 10);
	for (size_t i = 0; i < 10; i++)
		assert_string_equal(d->catalogue.items[c->history[i]].id, history[i]);
	assert_string_equal(d->catalogue.items[c->positive].id, "2316");
	assert_string_equal(d->catalogue.items[0].title, "HP 12C Financial Calculator");
	dataset_free(d);
	free(path);
}

static void published_lcrec(void **state)
{
	char *path = shared("datasets/apao-office");
	uint64_t interactions = 0;
	struct dataset *d;
	double start;

	(void)state;
	if (!path)
		skip();
	start = clock_now();
	d = open_ok(path);
	print_message("# apao-office read in %.3f s\n", clock_now() - start);
	assert_string_equal(d->form, "LC-Rec");
	assert_int_equal(d->catalogue.n, 2420);
	assert_int_equal(d->catalogue.n_indexes, 2415);
	assert_int_equal(d->catalogue.n_titles, 2414);
	assert_non_null(strstr(d->index_file, "/Office.index.rq-kmeans.json"));
	assert_int_equal(d->n_index_files, 1);
	for (size_t s = 0; s < SPLIT_COUNT; s++) {
		assert_int_equal(d->splits[s].n, 4905);
		assert_int_equal(d->splits[s].n_untitled + d->splits[s].n_no_positive + d->splits[s].n_too_short, 0);
	}
	for (size_t i = 0; i < 4905; i++) {
		const struct rec_case *train = &d->splits[SPLIT_TRAIN].cases[i];
		const struct rec_case *valid = &d->splits[SPLIT_VALID].cases[i];
		const struct rec_case *test = &d->splits[SPLIT_TEST].cases[i];

		assert_int_equal(valid->n_history, train->n_history + 1);
		assert_int_equal(valid->history[train->n_history], train->positive);
		assert_int_equal(test->n_history, valid->n_history + 1);
		assert_int_equal(test->history[valid->n_history], valid->positive);
		interactions += test->n_history + 1;
	}
	assert_int_equal(interactions, 53258);
	dataset_free(d);
	free(path);
}

/* The bundled lesson: every token has a text, and an item's texts spell its title in quotation marks. */
static void lesson(void **state)
{
	const char *root = getenv("top_srcdir");
	char *path = file_join(root ? root : ".", "data/lesson");
	struct dataset *d = open_ok(path);
	struct buf text = {0}, title = {0};

	(void)state;
	assert_int_equal(d->catalogue.n, 3);
	assert_int_equal(d->splits[SPLIT_TEST].n, 3);
	assert_int_equal(d->splits[SPLIT_TEST].n_no_positive, 0);
	for (size_t i = 0; i < d->catalogue.n; i++) {
		buf_clear(&text);
		for (size_t t = d->catalogue.first[i]; t < d->catalogue.first[i + 1] - 1; t++)
			buf_addstr(&text, dataset_piece(d, d->catalogue.tokens[t]));
		buf_clear(&title);
		buf_addf(&title, "\"%s\"", d->catalogue.items[i].title);
		assert_string_equal(buf_str(&text), buf_str(&title));
	}
	buf_clear(&text);
	for (size_t t = 0; t < d->splits[SPLIT_TEST].cases[0].n_prompt; t++)
		buf_addstr(&text, dataset_piece(d, d->splits[SPLIT_TEST].cases[0].prompt[t]));
	assert_string_equal(
		buf_str(&text), "<s>Albums heard so far: \"Rain on the Tramway\", \"Small Hours Radio\". Next: ");
	assert_string_equal(d->settings[0].name, "beam");
	assert_string_equal(d->settings[1].value, "after");
	buf_release(&text);
	buf_release(&title);
	dataset_free(d);
	free(path);
}

#define IN_DIR(test) cmocka_unit_test_setup_teardown(test, make_dir, remove_dir)

int main(void)
{
	const struct CMUnitTest tests[] = {
		IN_DIR(bear_form),
		IN_DIR(bear_untitled),
		IN_DIR(bear_prompt),
		IN_DIR(bear_choice_of_file),
		IN_DIR(bear_bad_titles),
		IN_DIR(bear_bad_cases),
		IN_DIR(lcrec_form),
		IN_DIR(lcrec_unknown_items),
		IN_DIR(lcrec_index_files),
		IN_DIR(lcrec_prompt),
		IN_DIR(lcrec_faults),
		IN_DIR(token_form),
		IN_DIR(token_extras),
		IN_DIR(meta),
		IN_DIR(token_faults),
		IN_DIR(unknown_forms),
		IN_DIR(names_from_paths),
		cmocka_unit_test(published_office),
		cmocka_unit_test(published_clothing),
		cmocka_unit_test(published_case),
		cmocka_unit_test(published_lcrec),
		cmocka_unit_test(lesson),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
