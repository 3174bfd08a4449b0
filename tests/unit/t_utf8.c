#include "check.h"

#include "base/rng.h"
#include "base/utf8.h"

#define S(literal) (literal), sizeof(literal) - 1

/* Encoding by the definition's table, for all scalar values; decoding is its inverse. */
static void every_scalar_value_goes_round(void **state)
{
	(void)state;
	for (uint32_t cp = 0; cp <= 0x10ffff; cp++) {
		unsigned char expected[4];
		size_t n;
		char out[4];
		uint32_t back;

		if (cp >= 0xd800 && cp <= 0xdfff)
			continue;
		if (cp < 0x80) {
			n = 1;
			expected[0] = (unsigned char)cp;
		} else if (cp < 0x800) {
			n = 2;
			expected[0] = (unsigned char)(192 + cp / 64);
			expected[1] = (unsigned char)(128 + cp % 64);
		} else if (cp < 0x10000) {
			n = 3;
			expected[0] = (unsigned char)(224 + cp / 4096);
			expected[1] = (unsigned char)(128 + cp / 64 % 64);
			expected[2] = (unsigned char)(128 + cp % 64);
		} else {
			n = 4;
			expected[0] = (unsigned char)(240 + cp / 262144);
			expected[1] = (unsigned char)(128 + cp / 4096 % 64);
			expected[2] = (unsigned char)(128 + cp / 64 % 64);
			expected[3] = (unsigned char)(128 + cp % 64);
		}
		assert_int_equal(utf8_encode(cp, out), n);
		assert_memory_equal(out, expected, n);
		assert_int_equal(utf8_decode(out, n, &back), n);
		assert_int_equal(back, cp);
		for (size_t cut = 0; cut < n; cut++)
			assert_int_equal(utf8_decode(out, cut, &back), 0);
	}
}

static void hostile_bytes_are_not_valid(void **state)
{
	static const struct {
		const char *s;
		size_t len, bad_at;
	} cases[] = {
		{S("\x80"), 0}, /* a continuation alone */
		{S("ab\xbf"), 2},
		{S("\xc0\xaf"), 0}, /* "/" in two bytes */
		{S("\xc1\xbf"), 0},
		{S("\xe0\x80\xaf"), 0}, /* in three */
		{S("\xe0\x9f\xbf"), 0},
		{S("\xf0\x80\x80\xaf"), 0}, /* in four */
		{S("\xf0\x8f\xbf\xbf"), 0},
		{S("\xed\xa0\x80"), 0}, /* surrogates, high and low, and a pair of them */
		{S("\xed\xbf\xbf"), 0},
		{S("x\xed\xa0\xbd\xed\xb8\x80"), 1},
		{S("\xf4\x90\x80\x80"), 0}, /* past U+10FFFF */
		{S("\xf5\x80\x80\x80"), 0},
		{S("\xf8\x88\x80\x80\x80"), 0},
		{S("\xfe"), 0},
		{S("\xff"), 0},
		{S("\xc3"), 0}, /* cut short */
		{S("ok\xe2\x82"), 2},
		{S("\xf0\x9f\x98"), 0},
		{S("\xc3\x41"), 0}, /* a start without its continuation */
		{S("\xe2\x82\x41"), 0},
		{S("\xc3\xc3\xa9"), 0},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct buf shown = {0};

		assert_false(utf8_valid(cases[i].s, cases[i].len));
		assert_int_equal(utf8_invalid_at(cases[i].s, cases[i].len), cases[i].bad_at);
		utf8_show(&shown, cases[i].s, cases[i].len, false);
		assert_true(utf8_valid(shown.at, shown.len));
		assert_non_null(strstr(shown.at, "\xef\xbf\xbd"));
		buf_release(&shown);
	}
	assert_int_equal(utf8_control(S("\n")), 1);
	assert_int_equal(utf8_control(S("\x7f")), 1);
	assert_int_equal(utf8_control(S("\xc2\x9b")), 2);
	assert_int_equal(utf8_control(S("\xc2\xa0")), 0);
	assert_int_equal(utf8_control(S("\xc2")), 0);
	assert_int_equal(utf8_control(S("a")), 0);
	assert_true(utf8_valid(S("")));
	assert_true(utf8_valid(S("a\0b")));
	assert_true(utf8_valid(S("\xed\x9f\xbf\xee\x80\x80\xf4\x8f\xbf\xbf")));
}

static void text_is_shown_safely(void **state)
{
	static const struct {
		const char *s;
		size_t len;
		const char *shown, *ascii;
	} cases[] = {
		{S(""), "", ""},
		{S("plain \"title\""), "plain \"title\"", "plain \"title\""},
		/* What a terminal would act on. */
		{S("\033[31mred\033]0;title\a"), "␛[31mred␛]0;title␇", "?[31mred?]0;title?"},
		{S("a\nb\tc\r\0d\x7f"), "a␊b␉c␍␀d␡", "a?b?c??d?"},
		{S("\xc2\x9b"
		   "31m"),
			"␦31m", "?31m"},
		{S("\x80\xff"), "��", "??"},
		/* Order of letters and invisible formatting. */
		{S("user\u202exe.cod\u202c"), "user␦xe.cod␦", "user?xe.cod?"},
		{S("\u2066a\u2069\u200e\u200f\u061c"), "␦a␦␦␦␦", "?a????"},
		{S("pay\u200bpal\ufeff\u2060\u00ad"), "pay␦pal␦␦␦", "pay?pal???"},
		{S("a\u2028b\u2029c"), "a␦b␦c", "a?b?c"},
		{S("x\u3164y\u115fz"), "x␦y␦z", "x?y?z"},
		{S("\U000e0041\U000e0042"), "␦␦", "??"},
		{S("\ue000\u0378"), "��", "??"},
		/* Scripts and marks. */
		{S("caf\u00e9 \u2013 50\u2033"), "café – 50″", "cafe - 50\""},
		{S("cafe\u0301"), "cafe\u0301", "cafe"},
		{S("\u0301x"), "\u25cc\u0301x", "?x"},
		{S("\u6587\u5b57\u3000"), "\u6587\u5b57\u3000", "????  "},
		{S("\u05e9\u05dc\u05d5\u05dd"), "\u05e9\u05dc\u05d5\u05dd", "????"},
		{S("\u1112\u1161\u11ab"), "\u1112\u1161\u11ab", "??"},
		{S("\u1161"), "␦", "?"},
		{S("e\u0301\u0302\u0303\u0304\u0305"), "e\u0301\u0302\u0303\u0304␦", "e?"},
		/* Emoji: what only changes the picture is left out. */
		{S("\U0001f468\u200d\U0001f469\u200d\U0001f467"), "\U0001f468\U0001f469\U0001f467", "??????"},
		{S("\u2764\ufe0f\u200d\U0001f525"), "\u2764\U0001f525", "???"},
		{S("\U0001f44d\U0001f3fd!"), "\U0001f44d!", "?\?!"},
		{S("\U0001f1e9\U0001f1ea"), "\U0001f1e9\U0001f1ea", "??"},
		{S("a\u200db"), "a␦b", "a?b"},
		{S("a\ufe0f\ufe0f"), "a␦", "a?"},
		{S("\ufe0f"), "␦", "?"},
		{S("a\U0001f3fd"), "a␦", "a?"},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct buf out = {0};

		utf8_show(&out, cases[i].s, cases[i].len, false);
		assert_string_equal(buf_str(&out), cases[i].shown);
		buf_clear(&out);
		utf8_show(&out, cases[i].s, cases[i].len, true);
		assert_string_equal(buf_str(&out), cases[i].ascii);
		assert_int_equal(out.len, utf8_width(cases[i].shown, strlen(cases[i].shown)));
		buf_release(&out);
	}
}

static void widths_are_those_of_cells(void **state)
{
	static const struct {
		const char *s;
		size_t cells;
	} cases[] = {
		{"", 0},
		{"abc", 3},
		{"caf\u00e9", 4},
		{"cafe\u0301", 4},
		{"\u6587\u5b57", 4},
		{"\uff21\uff71\uff9e", 4}, /* full width, half width with its mark */
		{"\U0001f600", 2},
		{"\U0001f468\u200d\U0001f469", 2},
		{"\U0001f1e9\U0001f1ea\U0001f1eb\U0001f1f7", 4},
		{"\u1112\u1161\u11ab", 2},
		{"\ud55c\uae00", 4},
		{"…", 1},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++)
		assert_int_equal(utf8_width(cases[i].s, strlen(cases[i].s)), cases[i].cells);
}

static void clusters_are_what_a_person_sees(void **state)
{
	static const struct {
		const char *s;
		size_t bytes;
		unsigned cells;
	} cases[] = {
		{"ab", 1, 1},
		{"e\u0301\u0302x", 5, 1},
		{"\u6587\u5b57", 3, 2},
		{"\U0001f468\u200d\U0001f469x", 11, 2},
		{"\U0001f44d\U0001f3fdx", 8, 2},
		{"\U0001f1e9\U0001f1ea\U0001f1eb", 8, 2},
		{"\xffz", 1, 1},
		{"a\xff", 1, 1},
	};
	unsigned cells = 9;

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		assert_int_equal(utf8_cluster(cases[i].s, strlen(cases[i].s), &cells), cases[i].bytes);
		assert_int_equal(cells, cases[i].cells);
	}
	assert_int_equal(utf8_cluster("", 0, &cells), 0);
	assert_int_equal(cells, 0);
}

static void text_is_fitted_to_cells(void **state)
{
	static const struct {
		const char *s;
		size_t cells;
		const char *fitted, *padded, *ascii;
	} cases[] = {
		{"abc", 5, "abc", "abc  ", "abc  "},
		{"abc", 3, "abc", "abc", "abc"},
		{"abcdef", 5, "abcd…", "abcd…", "ab..."},
		{"abcdef", 2, "a…", "a…", ".."},
		{"abcdef", 1, "…", "…", "."},
		{"abcdef", 0, "", "", ""},
		{"", 2, "", "  ", "  "},
		{"\u6587\u5b57\u5316", 6, "\u6587\u5b57\u5316", "\u6587\u5b57\u5316", "\u6587\u5b57\u5316"},
		{"\u6587\u5b57\u5316", 5, "\u6587\u5b57…", "\u6587\u5b57…", "\u6587..."},
		{"\u6587\u5b57\u5316", 4, "\u6587…", "\u6587… ", "... "}, /* a wide character is not split */
		{"ae\u0301i", 2, "a…", "a…", ".."},
		{"ae\u0301", 2, "ae\u0301", "ae\u0301", "ae\u0301"},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		size_t len = strlen(cases[i].s);
		struct buf out = {0};

		utf8_fit(&out, cases[i].s, len, cases[i].cells, false, false);
		assert_string_equal(buf_str(&out), cases[i].fitted);
		buf_clear(&out);
		utf8_fit(&out, cases[i].s, len, cases[i].cells, true, false);
		assert_string_equal(buf_str(&out), cases[i].padded);
		assert_int_equal(utf8_width(buf_str(&out), out.len), cases[i].cells);
		buf_clear(&out);
		utf8_fit(&out, cases[i].s, len, cases[i].cells, true, true);
		assert_string_equal(buf_str(&out), cases[i].ascii);
		buf_release(&out);
	}
}

/* A code point as likely to be troublesome as not. */
static uint32_t random_code_point(struct rng *rng)
{
	static const struct {
		uint32_t first, last;
	} ranges[] = {
		{0x00, 0xff},
		{0x300, 0x36f},
		{0x600, 0x6ff},
		{0x900, 0x97f},
		{0xe00, 0xe7f},
		{0x1000, 0x109f},
		{0x1100, 0x11ff},
		{0x2000, 0x206f},
		{0x20d0, 0x20ff},
		{0x3000, 0x30ff},
		{0xac00, 0xac20},
		{0xfe00, 0xfe0f},
		{0xff00, 0xffff},
		{0x1f1e6, 0x1f1ff},
		{0x1f3f0, 0x1f400},
		{0x1f466, 0x1f46f},
		{0x200d, 0x200d},
		{0x1f3fb, 0x1f3ff},
		{0, 0xd7ff},
		{0xe000, 0x10ffff},
		{0x110bd, 0x110cd},
		{0xd4e, 0xd4e},
	};
	uint32_t k = rng_below(rng, ARRAY_LEN(ranges));

	return ranges[k].first + rng_below(rng, ranges[k].last - ranges[k].first + 1);
}

static bool acts_on_a_terminal(uint32_t cp)
{
	return cp < 0x20 || (cp >= 0x7f && cp < 0xa0) || cp == 0xad || cp == 0x61c || (cp >= 0x200b && cp <= 0x200f) ||
	       (cp >= 0x2028 && cp <= 0x202e) || (cp >= 0x2060 && cp <= 0x206f) || cp == 0xfeff ||
	       (cp >= 0xfe00 && cp <= 0xfe0f) || cp >= 0xe0000;
}

/* Random text with invalid bytes: what is shown is valid, harmless, shown again as itself, and cut at any width. */
static void random_text_is_shown_safely(void **state)
{
	struct buf text = {0}, shown = {0}, again = {0}, ascii = {0}, fitted = {0};
	struct rng rng;

	(void)state;
	rng_seed(&rng, 11);
	for (int round = 0; round < 20000; round++) {
		uint32_t cp;
		size_t n, cells, width;

		buf_clear(&text);
		for (uint32_t i = rng_below(&rng, 12); i > 0; i--) {
			char bytes[4];

			if (rng_below(&rng, 10) == 0)
				buf_addch(&text, (char)rng_below(&rng, 256));
			else
				buf_add(&text, bytes, utf8_encode(random_code_point(&rng), bytes));
		}
		buf_clear(&shown);
		utf8_show(&shown, buf_str(&text), text.len, false);
		for (size_t at = 0; at < shown.len; at += n) {
			n = utf8_decode(shown.at + at, shown.len - at, &cp);
			assert_true(n > 0);
			assert_false(acts_on_a_terminal(cp));
		}
		width = utf8_width(buf_str(&shown), shown.len);

		buf_clear(&again);
		utf8_show(&again, buf_str(&shown), shown.len, false);
		assert_string_equal(buf_str(&again), buf_str(&shown));

		buf_clear(&ascii);
		utf8_show(&ascii, buf_str(&text), text.len, true);
		assert_int_equal(ascii.len, width);
		for (size_t i = 0; i < ascii.len; i++)
			assert_true(ascii.at[i] >= 0x20 && ascii.at[i] < 0x7f);

		cells = rng_below(&rng, 16);
		buf_clear(&fitted);
		utf8_fit(&fitted, buf_str(&shown), shown.len, cells, true, rng_below(&rng, 2));
		assert_int_equal(utf8_width(buf_str(&fitted), fitted.len), cells);
	}
	buf_release(&text);
	buf_release(&shown);
	buf_release(&again);
	buf_release(&ascii);
	buf_release(&fitted);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_scalar_value_goes_round),
		cmocka_unit_test(hostile_bytes_are_not_valid),
		cmocka_unit_test(text_is_shown_safely),
		cmocka_unit_test(widths_are_those_of_cells),
		cmocka_unit_test(clusters_are_what_a_person_sees),
		cmocka_unit_test(text_is_fitted_to_cells),
		cmocka_unit_test(random_text_is_shown_safely),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
