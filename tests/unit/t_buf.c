#include "check.h"

#include "base/buf.h"
#include "base/mem.h"
#include "base/vec.h"

static void an_empty_buffer_is_an_empty_string(void **state)
{
	struct buf b = {0};
	char *s;

	(void)state;
	assert_string_equal(buf_str(&b), "");
	buf_add(&b, NULL, 0);
	assert_string_equal(buf_str(&b), "");
	buf_release(&b);
	s = buf_detach(&b);
	assert_string_equal(s, "");
	free(s);
}

/* Every way to add, against a plain array. */
static void adding_appends(void **state)
{
	char expected[40000];
	size_t len = 0;
	struct buf b = {0};

	(void)state;
	for (int i = 0; i < 1000; i++) {
		buf_addf(&b, "%d,", i);
		len += (size_t)sprintf(expected + len, "%d,", i);
		buf_addstr(&b, "ab");
		memcpy(expected + len, "ab", 2);
		buf_addch(&b, '\0');
		expected[len + 2] = '\0';
		buf_addrep(&b, 'x', (size_t)i % 7);
		memset(expected + len + 3, 'x', (size_t)i % 7);
		len += 3 + (size_t)i % 7;
		assert_int_equal(b.len, len);
		assert_int_equal(b.at[b.len], '\0');
	}
	assert_memory_equal(b.at, expected, len);
	buf_release(&b);
}

static void a_format_may_be_longer_than_the_room(void **state)
{
	char text[5000];
	struct buf b = {0};

	(void)state;
	for (size_t n = 0; n < sizeof(text) - 1; n = n * 3 / 2 + 1) {
		memset(text, 'q', n);
		text[n] = '\0';
		buf_clear(&b);
		assert_int_equal(b.len, 0);
		assert_string_equal(buf_str(&b), "");
		buf_addf(&b, "<%s>", text);
		assert_int_equal(b.len, n + 2);
		assert_memory_equal(b.at + 1, text, n);
		assert_int_equal(b.at[n + 1], '>');
	}
	buf_release(&b);
}

static void counts_have_commas(void **state)
{
	static const size_t counts[] = {0, 999, 1000, 2411, 1000005};
	struct buf b = {0};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(counts); i++) {
		buf_addcount(&b, counts[i]);
		buf_addch(&b, ' ');
	}
	assert_string_equal(buf_str(&b), "0 999 1,000 2,411 1,000,005 ");
	buf_release(&b);
}

/* What a shell makes of each is the word again. */
static void words_are_quoted_for_a_shell(void **state)
{
	static const char *const words[] = {"a/b-1.c", "two words", "it's", "$HOME", "", "~x"};
	struct buf b = {0};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(words); i++) {
		buf_addword(&b, words[i]);
		buf_addch(&b, ' ');
	}
	assert_string_equal(buf_str(&b), "a/b-1.c 'two words' 'it'\\''s' '$HOME' '' '~x' ");
	buf_release(&b);
}

static void markup_becomes_text(void **state)
{
	struct buf b = {0};

	(void)state;
	buf_addmarkup(&b, "<a href=\"x\">R&D &lt;</a>");
	assert_string_equal(buf_str(&b), "&lt;a href=&quot;x&quot;&gt;R&amp;D &amp;lt;&lt;/a&gt;");
	buf_release(&b);
}

static void detaching_gives_the_string_away(void **state)
{
	struct buf b = {0};
	char *s;

	(void)state;
	buf_addstr(&b, "mine");
	s = buf_detach(&b);
	assert_int_equal(b.len, 0);
	assert_null(b.at);
	buf_addstr(&b, "other");
	assert_string_equal(s, "mine");
	free(s);
	buf_release(&b);
}

static void keeping_moves_the_string_to_an_arena(void **state)
{
	struct buf b = {0};
	struct arena a;
	char *empty, *kept;

	(void)state;
	arena_init(&a);
	empty = buf_keep(&b, &a);
	buf_addstr(&b, "mine");
	kept = buf_keep(&b, &a);
	assert_null(b.at);
	buf_addstr(&b, "other");
	assert_string_equal(kept, "mine");
	assert_string_equal(empty, "");
	buf_release(&b);
	arena_release(&a);
}

static void vectors_grow(void **state)
{
	struct vec_u32 v = {0};

	(void)state;
	vec_reserve(&v, 3);
	assert_true(v.cap >= 3);
	for (uint32_t i = 0; i < 10000; i++)
		vec_push(&v, i ^ 0x55u);
	assert_int_equal(v.n, 10000);
	for (uint32_t i = 0; i < 10000; i++)
		assert_int_equal(v.at[i], i ^ 0x55u);
	vec_clear(&v);
	assert_int_equal(v.n, 0);
	vec_release(&v);
	assert_null(v.at);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_empty_buffer_is_an_empty_string),
		cmocka_unit_test(adding_appends),
		cmocka_unit_test(a_format_may_be_longer_than_the_room),
		cmocka_unit_test(counts_have_commas),
		cmocka_unit_test(words_are_quoted_for_a_shell),
		cmocka_unit_test(markup_becomes_text),
		cmocka_unit_test(detaching_gives_the_string_away),
		cmocka_unit_test(keeping_moves_the_string_to_an_arena),
		cmocka_unit_test(vectors_grow),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
