#include "check.h"

#include "base/map.h"
#include "base/rng.h"

#define KEYS 4000

/* A list searched from the front, as simple as can be. */
struct list {
	struct {
		char key[12];
		size_t len;
		uint32_t value;
	} at[KEYS];
	size_t n;
};

static size_t list_find(const struct list *l, const char *key, size_t len)
{
	size_t i = 0;

	while (i < l->n && (l->at[i].len != len || memcmp(l->at[i].key, key, len) != 0))
		i++;
	return i;
}

/* Short keys over a small alphabet with NUL in it: many repeats, many keys that begin alike. */
static size_t random_key(struct rng *rng, char *key)
{
	size_t len = rng_below(rng, 12);

	for (size_t i = 0; i < len; i++)
		key[i] = (char)rng_below(rng, 3);
	return len;
}

static void agrees_with_a_list(void **state)
{
	static struct list list;
	struct rng rng;
	struct map m;

	(void)state;
	for (uint64_t seed = 0; seed < 6; seed++) {
		rng_seed(&rng, seed);
		map_init(&m, seed % 2 ? 500 : 0);
		list.n = 0;
		for (uint32_t step = 0; step < KEYS; step++) {
			char key[12];
			size_t len = random_key(&rng, key), at = list_find(&list, key, len);
			uint32_t value, *slot;
			bool added;

			assert_int_equal(map_get(&m, key, len, &value), at < list.n);
			if (at < list.n)
				assert_int_equal(value, list.at[at].value);
			if (rng_below(&rng, 2))
				continue;
			if (at == list.n) {
				memcpy(list.at[at].key, key, len);
				list.at[at].len = len;
				list.at[at].value = step;
				list.n++;
			}
			slot = map_put(&m, list.at[at].key, len, step, &added);
			assert_int_equal(added, list.at[at].value == step);
			assert_int_equal(*slot, list.at[at].value);
			assert_int_equal(m.n, list.n);
			if (!added)
				*slot = list.at[at].value = step;
		}
		assert_true(list.n > 500);
		for (size_t i = 0; i < list.n; i++) {
			uint32_t value;

			assert_true(map_get(&m, list.at[i].key, list.at[i].len, &value));
			assert_int_equal(value, list.at[i].value);
		}
		map_release(&m);
	}
}

static void an_empty_map_has_nothing(void **state)
{
	struct map m;
	uint32_t value;
	bool added;

	(void)state;
	map_init(&m, 0);
	assert_false(map_get(&m, "", 0, &value));
	assert_int_equal(*map_put(&m, NULL, 0, 7, &added), 7);
	assert_true(added);
	assert_true(map_get(&m, "", 0, &value));
	assert_int_equal(value, 7);
	map_release(&m);
	assert_int_equal(m.cap, 0);
}

static void expected_keys_need_no_growth(void **state)
{
	static char keys[10000][8];
	struct map m;
	bool added;
	size_t cap;

	(void)state;
	map_init(&m, ARRAY_LEN(keys));
	cap = m.cap;
	for (uint32_t i = 0; i < ARRAY_LEN(keys); i++) {
		snprintf(keys[i], sizeof(keys[i]), "%u", i);
		map_put(&m, keys[i], strlen(keys[i]), i, &added);
	}
	assert_int_equal(m.cap, cap);
	assert_true(m.n * 10 <= m.cap * 7);
	map_release(&m);
}

/* Numbers as decimal text spread over the low bits about as randomly drawn ones would: chi-squared, 255 degrees. */
static void low_bits_are_spread(void **state)
{
	enum {
		N = 25600,
		BINS = 256
	};
	unsigned count[BINS] = {0};
	double chi = 0;
	char key[16];

	(void)state;
	for (int i = 0; i < N; i++) {
		snprintf(key, sizeof(key), "%d", i);
		count[hash_bytes(key, strlen(key)) % BINS]++;
	}
	for (int i = 0; i < BINS; i++)
		chi += (count[i] - (double)N / BINS) * (count[i] - (double)N / BINS) / ((double)N / BINS);
	assert_true(chi < 255 + 6 * 22.6);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(agrees_with_a_list),
		cmocka_unit_test(an_empty_map_has_nothing),
		cmocka_unit_test(expected_keys_need_no_growth),
		cmocka_unit_test(low_bits_are_spread),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
