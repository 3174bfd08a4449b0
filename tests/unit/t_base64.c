/* The vectors of RFC 4648, section 10, and what is no base 64. */
#include "check.h"

#include "base/base64.h"
#include "base/mem.h"

static const struct {
	const char *bytes, *text;
} vectors[] = {
	{"", ""},
	{"f", "Zg=="},
	{"fo", "Zm8="},
	{"foo", "Zm9v"},
	{"foob", "Zm9vYg=="},
	{"fooba", "Zm9vYmE="},
	{"foobar", "Zm9vYmFy"},
	{"\xFB\xFF\xFE", "+//+"},
};

static void both_ways(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(vectors); i++) {
		struct buf text = {0}, bytes = {0};

		base64_encode(&text, vectors[i].bytes, strlen(vectors[i].bytes));
		assert_string_equal(buf_str(&text), vectors[i].text);
		assert_true(base64_decode(&bytes, vectors[i].text, strlen(vectors[i].text)));
		assert_string_equal(buf_str(&bytes), vectors[i].bytes);
		buf_release(&text);
		buf_release(&bytes);
	}
}

static void not_base64(void **state)
{
	static const char *const texts[] = {"Z", "Zg", "Zg=", "Zg==Zg==", "Z===", "====", "=", "Zm9*", "Zm9v\n",
		"Zh==", "Zm9=", "Zm=v", "Zm9v Zm9v"};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(texts); i++) {
		struct buf bytes = {0};

		buf_addstr(&bytes, "kept");
		if (base64_decode(&bytes, texts[i], strlen(texts[i])))
			fail_msg("\"%s\" is taken for base 64", texts[i]);
		assert_string_equal(buf_str(&bytes), "kept");
		buf_release(&bytes);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(both_ways),
		cmocka_unit_test(not_base64),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
