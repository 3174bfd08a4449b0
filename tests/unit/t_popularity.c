/*
 * Popularity: small training splits counted by hand.
 */
#include "data/dataset.h"
#include "tempdir.h"

#define TITLES "{\"1\": \"One\", \"2\": \"Two\", \"3\": \"Three\", \"4\": \"Four\"}"

/* Counts of the items 1 to 4 with this training split. */
static void check_counts(const char *dir, const char *train, uint32_t one, uint32_t two, uint32_t three, uint32_t four)
{
	const char *test = "user_id,item_ids\na,\"[4, 4, 4]\"\n";
	char *titles = tempdir_put(dir, "id2name4Rec.json", TITLES, strlen(TITLES));
	char *tests = tempdir_put(dir, "test.csv", test, strlen(test));
	char *trains = tempdir_put(dir, "train.csv", train, strlen(train));
	const uint32_t expected[] = {one, two, three, four};
	struct dataset *d;
	struct err err;

	check_ok(dataset_open(&d, dir, &err), &err);
	for (size_t i = 0; i < 4; i++)
		assert_int_equal(d->catalogue.items[i].popularity, expected[i]);
	dataset_free(d);
	free(titles);
	free(tests);
	free(trains);
}

/* A user's later cases tell again what the first one told; what is said in a later one alone counts too. */
static void test_windows(void **state)
{
	check_counts(*state, "user_id,item_ids\na,\"[1, 2, 3]\"\na,\"[2, 3, 4]\"\n", 1, 1, 1, 1);
	check_counts(*state, "user_id,item_ids\na,\"[2, 3, 4]\"\na,\"[1, 2, 3]\"\n", 1, 1, 1, 1);
	check_counts(*state, "user_id,item_ids\na,\"[1, 2]\"\nb,\"[3, 4]\"\na,\"[3, 2, 4]\"\n", 1, 1, 2, 2);
}

/* Bought twice is twice, in whichever case that can be seen. */
static void test_repeats(void **state)
{
	check_counts(*state, "user_id,item_ids\na,\"[1, 1, 2, 1]\"\n", 3, 1, 0, 0);
	check_counts(*state, "user_id,item_ids\na,\"[1, 2]\"\na,\"[2, 1, 1]\"\na,\"[1, 1, 3]\"\n", 2, 1, 1, 0);
	check_counts(*state, "user_id,item_ids\na,\"[1, 2]\"\nb,\"[2, 1]\"\n", 2, 2, 0, 0);
}

/* An item that the catalogue lacks counts nowhere; a case without a positive item counts by its history. */
static void test_unknown(void **state)
{
	check_counts(*state, "user_id,item_ids\na,\"[1, 9, 2]\"\nb,\"[1, 9]\"\nc,\"[]\"\n", 2, 1, 0, 0);
}

static void test_no_users(void **state)
{
	check_counts(*state, "item_ids\n\"[1, 2, 3]\"\n\"[2, 3, 4]\"\n\"[1, 2, 3]\"\n\"[4, 9]\"\n", 0, 0, 2, 1);
	check_counts(*state, "user_id,item_ids\n,\"[1, 2, 3]\"\na,\"[1, 2]\"\n,\"[1, 3]\"\n", 1, 1, 2, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		in_tempdir(test_windows),
		in_tempdir(test_repeats),
		in_tempdir(test_unknown),
		in_tempdir(test_no_users),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
