/*
 * Datasets in the forms of D3 and MiniOneRec, MovieLens and plain CSV files: read as written, every fault refused with
 * file and line.
 */
#include "data/dataset.h"
#include "data/pylist.h"
#include "store/file.h"
#include "tempdir.h"

/* The test's directory, empty at its beginning. */
static const char *dir;

static int make_dir(void **state)
{
	int result = tempdir_make(state);

	dir = *state;
	return result;
}

static void empty_dir(void)
{
	assert_int_equal(nftw(dir, tempdir_unlink, 8, FTW_DEPTH | FTW_PHYS), 0);
	assert_int_equal(mkdir(dir, 0700), 0);
}

static void put_bytes(const char *name, const void *bytes, size_t len)
{
	char *path = file_join(dir, name);
	struct err err;
	FILE *f;

	check_ok(file_make_folders(path, &err), &err);
	f = fopen(path, "wb");
	assert_non_null(f);
	assert_int_equal(fwrite(bytes, 1, len, f), len);
	assert_int_equal(fclose(f), 0);
	free(path);
}

static void put(const char *name, const char *text)
{
	put_bytes(name, text, strlen(text));
}

static struct dataset *open_path(const char *name)
{
	char *path = *name ? file_join(dir, name) : strdup(dir);
	struct dataset *d = NULL;
	struct err err = {0};

	check_ok(dataset_open(&d, path, &err), &err);
	free(path);
	return d;
}

/* Opening fails, and the message says all of these; NULL ends them. */
static void refused_with(const char *const *parts)
{
	struct dataset *d = NULL;
	struct err err = {0};

	if (dataset_open(&d, dir, &err) == 0)
		fail_msg("accepted, where \"%s\" was expected", *parts);
	assert_null(d);
	for (; *parts; parts++)
		if (!strstr(err.msg, *parts))
			fail_msg("\"%s\" does not say \"%s\"", err.msg, *parts);
}

#define refused(...) refused_with((const char *const[]){__VA_ARGS__, NULL})

/* The case's user, time and positive item, and the ids of its history joined by spaces. */
static void check_case(const struct dataset *d, enum split_kind split, size_t i, const char *user, int64_t time,
	const char *positive, const char *history)
{
	const struct rec_case *c = &d->splits[split].cases[i];
	struct buf ids = {0};

	assert_true(i < d->splits[split].n);
	assert_string_equal(c->user, user);
	assert_int_equal(c->timestamp, time);
	assert_string_equal(c->positive_id, positive);
	assert_int_equal(c->positive, catalogue_find(&d->catalogue, positive));
	for (size_t h = 0; h < c->n_history; h++)
		buf_addf(&ids, "%s%s", h > 0 ? " " : "", d->catalogue.items[c->history[h]].id);
	assert_string_equal(buf_str(&ids), history);
	buf_release(&ids);
}

/* The elements joined by "|", and where it is no list after them: "!" and the character. */
static void check_list(const char *text, const char *wanted)
{
	struct pylist l = {0};
	struct buf all = {0};
	const char *element;
	size_t len;
	int more;

	pylist_begin(&l, text);
	while ((more = pylist_next(&l, &element, &len)) > 0) {
		assert_int_equal(strlen(element), len);
		buf_addf(&all, "%s%s", element, "|");
	}
	if (more < 0)
		buf_addf(&all, "!%zu", pylist_wrong(&l));
	assert_string_equal(buf_str(&all), wanted);
	buf_release(&all);
	pylist_release(&l);
}

static void lists(void **state)
{
	(void)state;
	check_list("[]", "");
	check_list(" [ ] ", "");
	check_list("[3437, 642,642 ,-7]", "3437|642|642|-7|");
	check_list("['B00', \"6' cable\", 'say \"x\"']", "B00|6' cable|say \"x\"|");
	check_list("['a\\'b\\\\', \"\\\"\\t\\x41\\u00e9\\U0001F600\\101\\q\"]", "a'b\\|\"\tA\xc3\xa9\xf0\x9f\x98\x80"
										"A\\q|");
	check_list("['one\\\ntwo', 5, '']", "onetwo|5||");
	check_list("['\xc3\xa9', 1", "\xc3\xa9|1|!8");
	check_list("[1, 2", "1|2|!6");
	check_list("[1 2]", "1|!4");
	check_list("[1,]", "1|!4");
	check_list("[,1]", "!2");
	check_list("[01]", "!2");
	check_list("[1.5]", "1|!3");
	check_list("[1] x", "1|!5");
	check_list("['a", "!4");
	check_list("['a\n']", "!4");
	check_list("['\\x4']", "!3");
	check_list("['\\x00']", "!3");
	check_list("['\\ud800']", "!3");
	check_list("['\\U00110000']", "!3");
	check_list("['\\0']", "!3");
	check_list("['\\", "!4");
	check_list("", "!1");
	check_list("nan", "!1");
	check_list("[[1]]", "!2");
}

#define INFO "info/Toys_and_Games_5_2016-10-2018-11.txt"
#define TEST "test/Toys_and_Games_5_2016-10-2018-11.csv"
#define VALID "valid/Toys_and_Games_5_2016-10-2018-11.csv"
#define SIDS "<a_1><b_2>\tRed\t0\n<a_1><b_2>\tBlue\tTape\t1\n<a_1><b_10>\t\tB0X\n<a_1><b_2>\tRed\t7\n"
#define SID_CASES \
	"user_id,history_item_title,item_title,history_item_id,item_id,history_item_sid,item_sid\n" \
	"u1,\"['a', \"\"b's\"\"]\",Red,\"[1, 0]\",7,\"['<a_1><b_2>', '<a_1><b_2>']\",<a_1><b_2>\n" \
	"u2,[],Red,\"['B0X', 9]\",0,[],<a_1><b_2>\nu1,[],x,[],12,[],x\n"

static void minionerec(void **state)
{
	struct sharing s;
	struct dataset *d;

	(void)state;
	put(INFO, SIDS);
	put(TEST, SID_CASES);
	put("valid/other.csv", "item_id,history_item_id,timestamp\n1,\"[0, 7]\",-5\n");
	d = open_path("");
	assert_string_equal(d->form, "MiniOneRec");
	assert_string_equal(d->name, "Toys_and_Games");
	assert_non_null(strstr(d->index_file, "/" INFO));
	assert_int_equal(d->catalogue.n, 4);
	assert_string_equal(d->catalogue.items[1].title, "Blue\tTape");
	assert_string_equal(d->catalogue.items[1].index, "<a_1><b_2>");
	assert_true(d->catalogue.items[2].no_text);
	assert_int_equal(d->catalogue.n_titles, 2);
	assert_int_equal(d->catalogue.n_indexes, 2);
	s = catalogue_sharing(&d->catalogue, ITEM_INDEX);
	assert_int_equal(s.items, 3);
	assert_int_equal(s.largest, 3);
	s = catalogue_sharing(&d->catalogue, ITEM_TITLE);
	assert_int_equal(s.items, 2);
	assert_int_equal(s.largest, 2);
	assert_int_equal(d->n_users, 2);
	assert_int_equal(d->n_interactions, 0);
	assert_null(d->splits[SPLIT_TRAIN].file);
	assert_int_equal(d->splits[SPLIT_TEST].n, 3);
	check_case(d, SPLIT_TEST, 0, "u1", 0, "7", "1 0");
	check_case(d, SPLIT_TEST, 1, "u2", 0, "0", "B0X");
	check_case(d, SPLIT_TEST, 2, "u1", 0, "12", "");
	assert_int_equal(d->splits[SPLIT_TEST].n_untitled, 1);
	assert_int_equal(d->splits[SPLIT_TEST].n_no_positive, 1);
	check_case(d, SPLIT_VALID, 0, "", -5, "1", "0 7");
	dataset_free(d);
}

static void d3(void **state)
{
	struct dataset *d;

	(void)state;
	put("info.txt", "\xef\xbb\xbf<a_1>\t0\r\nTab\there\t1\r\n\n\"Quoted\"\t2");
	put("test.csv", ",history_item_id,item_id\n0,\"[0]\",1\n");
	put("train_10.csv", "history_item_id,item_id\r\n\"[1, 0]\",2\r\n");
	put("readme.txt", "no items");
	d = open_path("");
	assert_string_equal(d->form, "D3");
	assert_string_equal(d->name, file_last_part(dir));
	assert_null(d->index_file);
	assert_int_equal(d->catalogue.n_indexes, 0);
	assert_string_equal(d->catalogue.items[0].title, "<a_1>");
	assert_string_equal(d->catalogue.items[1].title, "Tab\there");
	assert_string_equal(d->catalogue.items[2].title, "\"Quoted\"");
	check_case(d, SPLIT_TEST, 0, "", 0, "1", "0");
	check_case(d, SPLIT_TRAIN, 0, "", 0, "2", "1 0");
	assert_int_equal(d->catalogue.items[2].popularity, 1);
	dataset_free(d);
}

/* Of several datasets in one folder one is named by its file. */
static void several(void **state)
{
	static const char *const names[] = {"info/Books.txt", "info/CDs_5_2017-1-2018-2.txt"};
	struct dataset *d;

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(names); i++)
		put(names[i], i ? "Song\t0\n" : "Novel\t0\n");
	put("test/Books.csv", "history_item_id,item_id\n[0],0\n");
	put("test/CDs_5_2017-1-2018-2.csv", "history_item_id,item_id\n[0],0\n[],0\n");
	refused("holds several datasets: name one by its file", "/info/Books.txt' or 'CDs_5");
	for (size_t i = 0; i < ARRAY_LEN(names); i++) {
		d = open_path(names[i]);
		assert_string_equal(d->name, i ? "CDs" : "Books");
		assert_string_equal(d->catalogue.items[0].title, i ? "Song" : "Novel");
		assert_int_equal(d->splits[SPLIT_TEST].n, i + 1);
		dataset_free(d);
	}
	empty_dir();
	put("A.inter.json", "{\"u\": [1, 2]}");
	put("A.index.json", "{\"1\": [\"<a>\"]}");
	put("B.inter.json", "{\"u\": [1, 2, 3]}");
	put("B.index.rq.json", "{\"1\": [\"<b>\"]}");
	refused("holds several datasets", "/A.inter.json' or 'B.inter.json'");
	d = open_path("B.inter.json");
	assert_int_equal(d->n_interactions, 3);
	assert_string_equal(d->catalogue.items[0].index, "<b>");
	dataset_free(d);
	d = open_path("A.index.json");
	assert_int_equal(d->n_interactions, 2);
	assert_string_equal(d->catalogue.items[0].index, "<a>");
	dataset_free(d);
}

/* Semantic ids alone are a catalogue without cases; the index of a model in several files is no dataset. */
static void index_only(void **state)
{
	struct dataset *d;
	struct err err;

	(void)state;
	put("model.safetensors.index.json", "{\"metadata\": {}}");
	refused("no dataset of a known form");
	put("Yelp.index.epoch10.json", "{\"5\": [\"<a_1>\", \"<b_1>\"]}");
	d = open_path("");
	assert_string_equal(d->form, "LC-Rec");
	assert_int_equal(d->catalogue.n, 1);
	assert_int_equal(d->n_users, 0);
	assert_null(dataset_case(d, SPLIT_TEST, "1", &err));
	assert_non_null(strstr(err.msg, "has no test split"));
	dataset_free(d);
}

#define ITEM "1|Toy Story (1995)|01-Jan-1995||http|0\n2|Mis\xe9rables, Les (1995)||\n3||x\n4|Caf\xc3\xa9|\n"
#define DATA "7\t1\t5\t30\n8\t2\t1\t5\n7\t2\t3\t10\n7\t9\t3\t20\n7\t4\t1\t10\n9\t1\t1\t1\n"

static void check_movies(const struct dataset *d, const char *first_title)
{
	assert_string_equal(d->form, "MovieLens");
	assert_int_equal(d->catalogue.n, 4);
	assert_string_equal(d->catalogue.items[0].title, first_title);
	assert_true(d->catalogue.items[2].no_text);
	assert_string_equal(d->catalogue.items[3].title, "Caf\xc3\xa9");
	assert_int_equal(d->n_users, 3);
	assert_int_equal(d->n_interactions, 6);
	/* By time; those of one time in the order of the file; movie 9 is not among the movies. */
	check_case(d, SPLIT_TEST, 0, "7", 30, "1", "2 4");
	check_case(d, SPLIT_VALID, 0, "7", 20, "9", "2 4");
	check_case(d, SPLIT_TRAIN, 0, "7", 10, "4", "2");
	assert_int_equal(d->splits[SPLIT_TEST].n, 1);
	assert_int_equal(d->splits[SPLIT_TEST].n_untitled, 1);
	assert_int_equal(d->splits[SPLIT_TEST].n_too_short, 2);
	assert_int_equal(d->splits[SPLIT_VALID].n_no_positive, 1);
}

static void movielens(void **state)
{
	struct dataset *d;

	(void)state;
	put("README", "");
	put("u.item", ITEM);
	put("u.data", DATA);
	d = open_path("");
	check_movies(d, "Toy Story (1995)");
	assert_string_equal(d->catalogue.items[1].title, "Mis\xc3\xa9rables, Les (1995)"); /* was Latin 1 */
	dataset_free(d);
	empty_dir();
	put("movies.dat", "1::A: B (1995)::Drama\n2::Mis\xe9rables::\n3::::x\n4::Caf\xc3\xa9::");
	put("ratings.dat", "7::1::5::30\n8::2::1::5\n7::2::3.5::10\n7::9::3::20\n7::4::1::10\n9::1::1::1\n");
	d = open_path("");
	check_movies(d, "A: B (1995)");
	dataset_free(d);
	empty_dir();
	put("links.csv", "movieId\n");
	put("movies.csv", "movieId,title,genres\r\n1,\"American President, The (1995)\",x\r\n2,Two,x\r\n3,,\r\n"
			  "4,Caf\xc3\xa9,\r\n");
	put("ratings.csv", "userId,movieId,rating,timestamp\r\n7,1,5.0,30\r\n8,2,1,5\r\n7,2,3,10\r\n7,9,3,20\r\n"
			   "7,4,1,10\r\n9,1,0.5,1\r\n");
	d = open_path("");
	check_movies(d, "American President, The (1995)");
	dataset_free(d);
}

static void plain(void **state)
{
	struct dataset *d;

	(void)state;
	put("items.csv", "title,year,item_id\n\"Red, blue\",1,a\n,2,b\nGreen,3,c\n");
	put("interactions.csv", "item_id,weight,user_id,timestamp\nc,1,u,2\na,1,v,9\nb,1,u,1\na,1,u,-3\n");
	d = open_path("");
	assert_string_equal(d->form, "plain");
	check_case(d, SPLIT_TEST, 0, "u", 2, "c", "a b");
	check_case(d, SPLIT_VALID, 0, "u", 1, "b", "a");
	assert_int_equal(d->splits[SPLIT_TRAIN].n, 0);
	assert_int_equal(d->splits[SPLIT_TRAIN].n_too_short, 2);
	dataset_free(d);
	put("interactions.csv", "item_id,user_id\nc,u\na,v\nb,u\na,u\n"); /* without times, in the order of the rows */
	d = open_path("");
	check_case(d, SPLIT_TEST, 0, "u", 0, "a", "c b");
	dataset_free(d);
	put("interactions.csv", "item_id,user_id\n");
	d = open_path("");
	assert_int_equal(d->splits[SPLIT_TEST].n, 0);
	assert_non_null(d->splits[SPLIT_TEST].file);
	dataset_free(d);
}

/* More interactions than one block of them holds, in an order that a sort which is not stable would spoil. */
static void many(void **state)
{
	struct buf rows = {0};
	struct dataset *d;
	const struct rec_case *c;

	(void)state;
	put("items.csv", "item_id,title\n0,a\n1,b\n2,c\n3,d\n4,e\n");
	buf_addstr(&rows, "user_id,item_id,timestamp\n");
	for (size_t i = 0; i < 150000; i++)
		buf_addf(&rows, "%zu,%zu,%zu\n", i % 3, i / 3 % 5, (150000 - i) / 30000);
	put("interactions.csv", buf_str(&rows));
	d = open_path("");
	assert_int_equal(d->n_interactions, 150000);
	assert_int_equal(d->splits[SPLIT_TEST].n, 3);
	for (size_t u = 0; u < 3; u++) {
		c = &d->splits[SPLIT_TEST].cases[u];
		assert_int_equal(c->n_history, 49999);
		/* The latest time, 5 for the first row alone, is at the end; before it the rows of 4 in their order. */
		for (size_t h = 1; h < 9000; h++)
			assert_int_equal(c->history[40000 + h], (c->history[40000 + h - 1] + 1) % 5);
	}
	dataset_free(d);
	buf_release(&rows);
}

static const struct fault {
	const char *files[6]; /* name, content; ends with NULL */
	const char *says[4];  /* ends with NULL */
} faults[] = {
	{{INFO, "Red\n", TEST, SID_CASES}, {"2018-11.txt:1: must be a title and an id, parted by tabs"}},
	{{INFO, "Red\t\n", TEST, SID_CASES}, {"2018-11.txt:1: must end with an item's id"}},
	{{INFO, "Red\t1\nBlue\t1\n", TEST, SID_CASES}, {"2018-11.txt:2: names item '1' a second time"}},
	{{INFO, "Red\t1\n\xff\t2\n", TEST, SID_CASES}, {"2018-11.txt:2: byte 1 is not valid UTF-8"}},
	{{INFO, SIDS "Red\tx\t8\n", TEST, SID_CASES}, {"2018-11.txt:5: must begin with a semantic id"}},
	{{INFO, SIDS "<a_1>\t8\n", TEST, SID_CASES}, {"2018-11.txt:5: must be a semantic id, a title and an id"}},
	{{INFO, SIDS, TEST, "item_id\n1\n"}, {"2018-11.csv:1: there is no column \"history_item_id\"", "item_id"}},
	{{INFO, SIDS, TEST, "history_item_id\n[1]\n"}, {"2018-11.csv:1: there is no column \"item_id\""}},
	{{INFO, SIDS, TEST, "item_id,history_item_id\n1,[1\n"},
		{"2018-11.csv:2", "\"history_item_id\"", "character 3"}},
	{{INFO, SIDS, TEST, "item_id,history_item_id\n1,[1]\n1\n"}, {"2018-11.csv:3: 1 fields in the row, 2 in the"}},
	{{INFO, SIDS, TEST, "item_id,history_item_id,timestamp\n1,[1],now\n"}, {"2018-11.csv:2", "\"timestamp\""}},
	{{INFO, SIDS, TEST, "item_id,history_item_id,item_sid\n1,[1],<a_1>\n"},
		{"2018-11.csv:2", "\"item_sid\"", "item '1' has \"<a_1><b_2>\""}},
	{{INFO, SIDS}, {"holds items but no cases", "test/*.csv"}},
	{{INFO, SIDS, "test/a.csv", "", "test/b.csv", ""}, {"/test' holds 2 CSV files", "'Toys_and_Games_5_2016-10"}},
	{{"info/x.csv", ""}, {"no dataset of a known form", "info/*.txt, test/*.csv (D3, MiniOneRec)"}},
	{{"a/x", "", "b/u.data", "", "c/u.data", ""},
		{"no dataset of a known form; its folder '", "/b' does (MovieLens)"}},
	{{"a.txt", "Red\t1\n", "b.txt", "Red\t1\n", "test.csv", ""}, {"/a.txt' or 'b.txt'"}},
	{{"u.item", ITEM}, {"holds u.item of MovieLens, but u.data is missing"}},
	{{"ratings.dat", ""}, {"holds ratings.dat of MovieLens, but movies.dat is missing"}},
	{{"u.item", "1\n", "u.data", DATA}, {"u.item:1: must begin with a movie's number and title, parted by \"|\""}},
	{{"u.item", "one|x\n", "u.data", DATA}, {"u.item:1: must begin with a movie's number"}},
	{{"u.item", "1|x\n1|y", "u.data", DATA}, {"u.item:2: names movie '1' a second time"}},
	{{"u.item", ITEM, "u.data", "1\t2\t3\n"}, {"u.data:1: must be the numbers of a user", "parted by tabs"}},
	{{"u.item", ITEM, "u.data", "1\t2\t3\t4\t5\n"}, {"u.data:1"}},
	{{"u.item", ITEM, "u.data", "\n1\t-2\t3\t4\n"}, {"u.data:2"}},
	{{"u.item", ITEM, "u.data", "1\t2\t3\t1234567890123456789\n"}, {"u.data:1"}},
	{{"movies.dat", "1::x\n", "ratings.dat", "1:2:3:4\n"}, {"ratings.dat:1", "parted by \"::\""}},
	{{"movies.csv", "movieId,genres\n", "ratings.csv", ""}, {"movies.csv:1: there is no column \"title\""}},
	{{"movies.csv", "movieId,title\n1,\"x\"y\n", "ratings.csv", ""}, {"movies.csv:2"}},
	{{"movies.csv", "movieId,title\n", "ratings.csv", "userId,rating\n"}, {"ratings.csv:1", "\"movieId\""}},
	{{"items.csv", "item_id,title\n"}, {"interactions.csv (plain) or cases.csv (tokens) is missing"}},
	{{"interactions.csv", "user_id,item_id\n"}, {"but no items: items.csv with item_id,title is missing"}},
	{{"items.csv", "item_id,title\na,x\na,y\n", "interactions.csv", ""}, {"items.csv:3", "'a' a second time"}},
	{{"items.csv", "item_id,title\n,x\n", "interactions.csv", ""},
		{"items.csv:2", "\"item_id\": must not be empty"}},
	{{"items.csv", "item_id,title\na,x\n", "interactions.csv", "user_id,item_id\n,a\n"},
		{"interactions.csv:2", "\"user_id\": must not be empty"}},
	{{"items.csv", "item_id,title\na,x\n", "interactions.csv", "user_id,item_id\nu,\n"},
		{"interactions.csv:2", "\"item_id\": must not be empty"}},
	{{"items.csv", "item_id,title\na,x\n", "interactions.csv", "user_id,item_id,timestamp\nu,a,1.5\n"},
		{"interactions.csv:2", "\"timestamp\": must be an integer"}},
};

static void refusals(void **state)
{
	char long_line[100];

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(faults); i++) {
		for (size_t f = 0; f < ARRAY_LEN(faults[i].files) && faults[i].files[f]; f += 2)
			put(faults[i].files[f], faults[i].files[f + 1]);
		refused_with(faults[i].says);
		empty_dir();
	}
	put("u.data", DATA);
	put_bytes("u.item", "1|x\n2|\0\n", 9);
	refused("u.item:2: holds a NUL byte");
	memset(long_line, 'x', sizeof(long_line));
	for (size_t i = 0; i < 20000; i++) {
		char *path = file_join(dir, "u.item");
		FILE *f = fopen(path, i ? "ab" : "wb");

		assert_non_null(f);
		assert_int_equal(fwrite(long_line, 1, sizeof(long_line), f), sizeof(long_line));
		assert_int_equal(fclose(f), 0);
		free(path);
	}
	refused("u.item:1: has more than 1048576 bytes");
}

#define IN_DIR(test) cmocka_unit_test_setup_teardown(test, make_dir, tempdir_remove)

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(lists),
		IN_DIR(minionerec),
		IN_DIR(d3),
		IN_DIR(several),
		IN_DIR(index_only),
		IN_DIR(movielens),
		IN_DIR(plain),
		IN_DIR(many),
		IN_DIR(refusals),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
