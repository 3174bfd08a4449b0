/* Titles: entities are decoded once, and nothing that they decode to can reach the terminal as a control character. */
#include "check.h"

#include "base/compiler.h"
#include "base/utf8.h"
#include "data/title.h"

static void check(const char *title, const char *expected)
{
	struct buf out = {0};

	title_decode(&out, title);
	assert_string_equal(buf_str(&out), expected);
	buf_release(&out);
}

static void named_entities(void **state)
{
	(void)state;
	check("", "");
	check("plain", "plain");
	check("3&quot; x 5&quot; &amp; up", "3\" x 5\" & up");
	check("Pok&eacute;mon&reg;", "Pokémon®");
	check("&frac12; inch&nbsp;tape", "½ inch tape");
	check("&AElig;&zwnj;", "Æ\u200c"); /* the first and the last of the table */
	check("&thetasym;&euro;&apos;", "ϑ€'");
	check("&Scaron;&scaron;", "Šš"); /* case counts */
}

static void numbered_entities(void **state)
{
	(void)state;
	check("&#65;&#x42;&#X43;&#x6a;&#x6A;", "ABCjj");
	check("Avery&#153;", "Avery™"); /* Windows-1252, as browsers have it */
	check("&#128;&#159;", "€Ÿ");
	check("&#x1F600;", "😀");
	check("&#0;&#xD800;&#x110000;&#65533;", "\uFFFD\uFFFD\uFFFD\uFFFD");
	check("&#4294967361;&#99999999999999999999999999;", "\uFFFD\uFFFD"); /* 2^32 + 65 is no "A" */
	check("&#0000000000000000000000000000065;", "A");
	check("&#160;", " ");
}

static void decoded_once(void **state)
{
	(void)state;
	check("&amp;quot;", "&quot;");
	check("&amp;amp;amp;", "&amp;amp;");
	check("&#38;lt;", "&lt;");
}

static void left_alone(void **state)
{
	static const char *const same[] = {
		"AT&T",
		"&",
		"&;",
		"&#;",
		"&#x;",
		"&#xg;",
		"&#12",
		"&#12a;",
		"&amp",
		"&amp x;",
		"&unknown;",
		"&AMP;",
		"&&&",
		"&averyverylongname;",
		"&#-1;",
		"& amp;",
		"R&D;",
		"&#x",
		"&#",
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(same); i++)
		check(same[i], same[i]);
	check("&&amp;", "&&");
	check("&a&amp;b;", "&a&b;");
}

/* Every name is found, which it would not be if the table were out of order. */
static void table_in_order(void **state)
{
	static const char *const names[] = {"AElig", "Aacute", "Zeta", "aacute", "apos", "yuml", "zeta", "zwj", "zwnj",
		"quot", "lt", "gt", "nbsp", "iexcl", "yen", "sup1", "sup2", "sup3", "there4", "frac34", "Prime",
		"prime"};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(names); i++) {
		struct buf title = {0}, out = {0};

		buf_addf(&title, "&%s;", names[i]);
		title_decode(&out, buf_str(&title));
		assert_string_not_equal(buf_str(&out), buf_str(&title));
		buf_release(&title);
		buf_release(&out);
	}
}

static void shown_safely(void **state)
{
	static const char *const hostile[] = {
		"\x1b[2J",
		"&#27;[2J",
		"&#x1b;]0;x&#7;",
		"&#155;31m",
		"a\rb",
		"&#10;",
		"&#x202E;",
		"&rlm;",
		"&#127;",
		"\xc2\x9b",
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(hostile); i++) {
		struct buf out = {0};

		title_show(&out, hostile[i], false);
		assert_true(utf8_valid(buf_str(&out), out.len));
		for (size_t at = 0, n; at < out.len; at += n) {
			uint32_t cp;

			n = utf8_decode(out.at + at, out.len - at, &cp);
			assert_true(cp >= 0x20 && cp != 0x7F && !(cp >= 0x80 && cp < 0xA0));
			assert_true(cp != 0x202E && cp != 0x200F);
		}
		buf_clear(&out);
		title_show(&out, hostile[i], true);
		for (size_t at = 0; at < out.len; at++)
			assert_in_range(out.at[at], 0x20, 0x7E);
		buf_release(&out);
	}
}

static void shown_whole(void **state)
{
	struct buf out = {0};

	(void)state;
	title_show(&out, "Caf&eacute; &amp; bar", false);
	assert_string_equal(buf_str(&out), "Café & bar");
	buf_release(&out);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(named_entities),
		cmocka_unit_test(numbered_entities),
		cmocka_unit_test(decoded_once),
		cmocka_unit_test(left_alone),
		cmocka_unit_test(table_in_order),
		cmocka_unit_test(shown_safely),
		cmocka_unit_test(shown_whole),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
