#include "check.h"

#include "store/bytes.h"

static const unsigned char data[] = {0x01, 0x02, 0x03, 0x04, 0x05, 0x06, 0x07, 0x88, 0x99};

static void numbers_are_little_endian(void **state)
{
	static const uint64_t expected[] = {0, 0x01, 0x0201, 0x030201, 0x04030201, 0x0504030201, 0x060504030201,
		0x07060504030201, 0x8807060504030201};

	(void)state;
	for (size_t width = 1; width <= 8; width++) {
		struct bytes b = {.at = data, .len = sizeof(data)};
		uint64_t value;

		assert_true(bytes_uint(&b, width, &value));
		assert_true(value == expected[width]);
		assert_int_equal(b.pos, width);
	}
}

static void nothing_is_read_past_the_end(void **state)
{
	(void)state;
	for (size_t pos = 0; pos <= sizeof(data); pos++) {
		for (size_t width = 1; width <= 8; width++) {
			struct bytes b = {.at = data, .len = sizeof(data), .pos = pos};
			const unsigned char *taken = NULL;
			uint64_t value = 42;

			if (pos + width <= sizeof(data)) {
				assert_true(bytes_take(&b, width, &taken));
				assert_ptr_equal(taken, data + pos);
				continue;
			}
			assert_false(bytes_uint(&b, width, &value));
			assert_false(bytes_take(&b, width, &taken));
			assert_int_equal(value, 42);
			assert_null(taken);
			assert_int_equal(b.pos, pos);
		}
	}
}

static void huge_lengths_do_not_wrap(void **state)
{
	struct bytes b = {.at = data, .len = sizeof(data), .pos = 4};
	const unsigned char *taken;

	(void)state;
	assert_false(bytes_take(&b, UINT64_MAX, &taken));
	assert_false(bytes_take(&b, UINT64_MAX - 3, &taken));
	assert_true(bytes_take(&b, 0, &taken));
	assert_int_equal(b.pos, 4);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(numbers_are_little_endian),
		cmocka_unit_test(nothing_is_read_past_the_end),
		cmocka_unit_test(huge_lengths_do_not_wrap),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
