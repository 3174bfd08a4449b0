/* Which examples make up a batch: every one once an epoch, the same however a batch is come by; batches from files. */
#include "tempdir.h"
#include "train/examples.h"

static void test_every_example_once_an_epoch(void **state)
{
	static const size_t sizes[][2] = {{1, 1}, {1, 8}, {10, 3}, {12, 4}, {1000, 128}};

	(void)state;
	for (size_t k = 0; k < ARRAY_LEN(sizes); k++) {
		size_t n = sizes[k][0], per, *seen = xcalloc(n, sizeof(*seen));
		struct sampler s;

		sampler_init(&s, n, sizes[k][1], 5);
		per = sampler_epoch_batches(&s);
		assert_int_equal(per, (n + sizes[k][1] - 1) / sizes[k][1]);
		for (size_t b = 0; b < 3 * per; b++) {
			size_t in;
			const uint32_t *ids = sampler_batch(&s, b, &in);

			assert_int_equal(in, (b + 1) % per == 0 ? n - (per - 1) * sizes[k][1] : sizes[k][1]);
			for (size_t i = 0; i < in; i++)
				assert_int_equal(seen[ids[i]]++, b / per);
		}
		sampler_release(&s);
		free(seen);
	}
}

static void keep_batch(struct sampler *s, size_t batch, uint32_t kept[4])
{
	size_t n;
	const uint32_t *ids = sampler_batch(s, batch, &n);

	assert_int_equal(n, 4);
	memcpy(kept, ids, 4 * sizeof(*kept));
}

static void test_found_again_in_any_order(void **state)
{
	uint32_t forwards[24][4], again[4], other[4];
	struct sampler a, b, c;
	size_t differing = 0, as_before = 0;

	(void)state;
	sampler_init(&a, 32, 4, 77);
	sampler_init(&b, 32, 4, 77);
	sampler_init(&c, 32, 4, 78);
	for (size_t i = 0; i < 24; i++)
		keep_batch(&a, i, forwards[i]);
	for (size_t i = 24; i-- > 0;) {
		keep_batch(&b, i * 7 % 24, again);
		assert_memory_equal(again, forwards[i * 7 % 24], sizeof(again));
		keep_batch(&c, i, other);
		differing += memcmp(other, forwards[i], sizeof(other)) != 0;
		as_before += i >= 8 && memcmp(forwards[i], forwards[i - 8], sizeof(other)) == 0;
	}
	assert_true(differing > 20);
	assert_int_equal(as_before, 0);
	sampler_release(&a);
	sampler_release(&b);
	sampler_release(&c);
}

/* Case 7 has two examples; case 9 has none. */
static const struct rec_case cases[] = {{.id = "7"}, {.id = "8"}, {.id = "x-10"}};

static void make_examples(struct examples *e)
{
	static const size_t of[] = {0, 0, 1, 2};

	*e = (struct examples){.n_targets = 4};
	arena_init(&e->arena);
	for (size_t i = 0; i < ARRAY_LEN(of); i++)
		vec_push(&e->at, (struct example){.rc = &cases[of[i]]});
}

static void test_file(void **state)
{
	static const char text[] = "7 8\n\nx-10\t7\r\n  8 8 ";
	static const uint32_t wanted[3][3] = {{0, 1, 2}, {3, 0, 1}, {2, 2}};
	static const size_t sizes[] = {3, 3, 2};
	char *path = tempdir_put(*state, "batches", text, sizeof(text) - 1);
	struct examples e;
	struct sampler s;
	struct err err;

	make_examples(&e);
	sampler_init(&s, e.at.n, 2, 0);
	check_ok(sampler_read(&s, path, &e, &err), &err);
	assert_int_equal(sampler_epoch_batches(&s), 3);
	for (size_t b = 0; b < 7; b++) {
		size_t n;
		const uint32_t *ids = sampler_batch(&s, b, &n);

		assert_int_equal(n, sizes[b % 3]);
		assert_memory_equal(ids, wanted[b % 3], n * sizeof(*ids));
	}
	sampler_release(&s);
	examples_release(&e);
	free(path);
}

static void refused(const char *dir, const char *text, const char *says)
{
	char *path = tempdir_put(dir, "bad", text, strlen(text));
	struct examples e;
	struct sampler s;
	struct err err;

	make_examples(&e);
	sampler_init(&s, e.at.n, 2, 0);
	check_refused(sampler_read(&s, path, &e, &err), &err, ERR_FORMAT, says);
	assert_int_equal(sampler_epoch_batches(&s), 2);
	sampler_release(&s);
	examples_release(&e);
	free(path);
}

static void test_bad_files(void **state)
{
	struct examples e;
	struct sampler s;
	struct err err;

	refused(*state, "", "bad: no batches");
	refused(*state, " \n\t\n", "bad: no batches");
	refused(*state, "7 8\n\n8 9 7\n", "bad:3: '9' is no case to train on");
	refused(*state, "7,8\n", "bad:1: '7,8' is no case to train on");
	refused(*state, "x-1", "bad:1: 'x-1'");
	make_examples(&e);
	sampler_init(&s, e.at.n, 2, 0);
	check_refused(sampler_read(&s, "no/such/file", &e, &err), &err, ERR_IO, "no/such/file");
	sampler_release(&s);
	examples_release(&e);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_every_example_once_an_epoch),
		cmocka_unit_test(test_found_again_in_any_order),
		in_tempdir(test_file),
		in_tempdir(test_bad_files),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
