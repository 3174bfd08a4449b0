/* Drawing, clipping and widths on the canvas. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/rng.h"
#include "base/utf8.h"
#include "ui/tui/canvas.h"

static void assert_page(const struct canvas *c, const char *expected)
{
	struct buf page = {0};

	canvas_dump(c, &page);
	assert_string_equal(buf_str(&page), expected);
	buf_release(&page);
}

static void text_is_clipped_by_cells(void **state)
{
	struct canvas c;

	(void)state;
	canvas_init(&c, false);
	canvas_resize(&c, 8, 6);
	assert_int_equal(canvas_text(&c, 0, 0, 8, ROLE_TEXT, "Black Ink Tank"), 8);
	assert_int_equal(canvas_text(&c, 0, 1, 8, ROLE_TEXT, "写真用紙"), 8);
	assert_int_equal(canvas_text(&c, 0, 2, 7, ROLE_TEXT, "写真用紙"), 7);
	assert_int_equal(canvas_text(&c, 0, 3, 8, ROLE_TEXT, "Cafe\xcc\x81"), 4);
	assert_int_equal(canvas_right(&c, 0, 4, 8, ROLE_TEXT, "12"), 2);
	assert_int_equal(canvas_text(&c, 0, 5, 0, ROLE_TEXT, "none"), 0);
	assert_page(&c, "Black I…\n写真用紙\n写真用…\nCafe\xcc\x81\n      12\n\n");
	assert_int_equal(canvas_at(&c, 0, 1)->width, 2);
	assert_int_equal(canvas_at(&c, 1, 1)->width, 0);
	canvas_release(&c);
}

/* What begins alike is told apart by its end; where there is hardly any room the beginning says more. */
static void long_text_keeps_both_ends(void **state)
{
	struct canvas c;

	(void)state;
	canvas_init(&c, false);
	canvas_resize(&c, 18, 6);
	assert_int_equal(canvas_ends(&c, 0, 0, 18, ROLE_TEXT, "Ring Binder, White"), 18);
	assert_int_equal(canvas_ends(&c, 0, 1, 18, ROLE_TEXT, "Ring Binder, 2-Inch, White"), 18);
	/* There is no blank beside the dots. */
	assert_int_equal(canvas_ends(&c, 0, 2, 18, ROLE_TEXT, "Keyboard Tray, 2-Inch Rim"), 18);
	assert_int_equal(canvas_ends(&c, 0, 3, 18, ROLE_TEXT, "写真用紙光沢写真用紙光沢写真用紙光沢"), 17);
	assert_int_equal(canvas_ends(&c, 0, 4, 12, ROLE_TEXT, "Ring Binder, 2-Inch, White"), 12);
	assert_int_equal(canvas_ends(&c, 0, 5, 0, ROLE_TEXT, "none"), 0);
	assert_page(&c, "Ring Binder, White\nRing Bind…h, White\nKeyboard…-Inch Rim\n写真用紙…用紙光沢\nRing Binder…\n\n");
	canvas_release(&c);
	canvas_init(&c, true);
	canvas_resize(&c, 18, 1);
	assert_int_equal(canvas_ends(&c, 0, 0, 18, ROLE_TEXT, "Ring Binder, 2-Inch, White"), 17);
	assert_page(&c, "Ring Bind...White\n");
	canvas_release(&c);
}

static void half_a_wide_character_is_never_left(void **state)
{
	struct canvas c;

	(void)state;
	canvas_init(&c, false);
	canvas_resize(&c, 6, 3);
	canvas_text(&c, 0, 0, 6, ROLE_TEXT, "写真用");
	canvas_text(&c, 1, 0, 1, ROLE_TEXT, "a"); /* the right half of the first */
	canvas_text(&c, 2, 0, 1, ROLE_TEXT, "b"); /* the left half of the second */
	canvas_text(&c, 0, 1, 6, ROLE_TEXT, "写真用");
	canvas_text(&c, 1, 1, 2, ROLE_TEXT, "紙"); /* a half of both */
	canvas_text(&c, -1, 2, 6, ROLE_TEXT, "写真");
	canvas_text(&c, 5, 2, 2, ROLE_TEXT, "用");
	assert_page(&c, " ab 用\n 紙 用\n 真\n");
	canvas_release(&c);
}

static void control_characters_stay_out(void **state)
{
	struct canvas c;

	(void)state;
	canvas_init(&c, false);
	canvas_resize(&c, 20, 1);
	canvas_text(&c, 0, 0, 20, ROLE_TEXT,
		"a\033[31mb\r\n\x9b\x7f"
		"c\xe2\x80\xae");
	for (int x = 0; x < c.w; x++)
		for (const char *s = canvas_at(&c, x, 0)->text; *s; s++)
			assert_true((unsigned char)*s >= 0x20 && *s != 0x7f);
	assert_true(utf8_valid(canvas_at(&c, 0, 0)->text, strlen(canvas_at(&c, 0, 0)->text)));
	canvas_release(&c);
}

static void ascii_has_twins_for_all(void **state)
{
	struct canvas c;

	(void)state;
	canvas_init(&c, true);
	canvas_resize(&c, 24, 5);
	canvas_text(&c, 0, 0, 24, ROLE_TEXT, "B ≥ 14 · 写é…");
	canvas_box(&c, (struct rect){0, 1, 10, 3}, ROLE_FRAME, NULL);
	for (int g = 0; g < GLYPH_COUNT; g++) {
		const char *s = canvas_glyph(&c, (enum glyph)g);
		assert_true(strlen(s) == 1 && *s > ' ' && *s < 0x7f);
	}
	canvas_bar(&c, 0, 4, 4, 0.5, false, ROLE_KEPT);
	canvas_bar(&c, 5, 4, 4, 1, true, ROLE_PRUNED);
	struct buf page = {0};
	canvas_dump(&c, &page);
	for (size_t i = 0; i < page.len; i++)
		assert_true((unsigned char)page.at[i] < 0x80);
	assert_non_null(strstr(buf_str(&page), "B >= 14 - ??"));
	assert_non_null(strstr(buf_str(&page), "+--------+\n|        |\n+--------+\n##   ===="));
	buf_release(&page);
	canvas_release(&c);
}

static void text_wraps_at_spaces(void **state)
{
	struct canvas c;
	struct buf folded = {0};

	(void)state;
	canvas_init(&c, false);
	canvas_resize(&c, 12, 3);
	assert_int_equal(canvas_fold(&c, 12, "Genuine ink cartridges, 写真用紙の紙\n\nlast", &folded), 5);
	assert_string_equal(buf_str(&folded), "Genuine ink\ncartridges,\n写真用紙の紙\n\nlast\n");
	buf_clear(&folded);
	assert_int_equal(canvas_fold(&c, 5, "  indented incompatible 写真用", &folded), 7);
	assert_string_equal(buf_str(&folded), "  ind\nented\nincom\npatib\nle\n写真\n用\n");
	buf_release(&folded);
	canvas_release(&c);
}

static void wrapped_text_says_that_it_was_cut(void **state)
{
	struct canvas c;

	(void)state;
	canvas_init(&c, false);
	canvas_resize(&c, 12, 3);
	assert_int_equal(canvas_wrap(&c, (struct rect){0, 0, 12, 2}, ROLE_TEXT, "one two three four five six"), 2);
	assert_page(&c, "one two\nthree four…\n\n");
	assert_int_equal(canvas_wrap(&c, (struct rect){0, 2, 12, 1}, ROLE_TEXT, "abcdefghijklmnop"), 1);
	assert_page(&c, "one two\nthree four…\nabcdefghijk…\n");
	canvas_release(&c);
}

static void bars_show_their_share(void **state)
{
	struct canvas c;

	(void)state;
	canvas_init(&c, false);
	canvas_resize(&c, 4, 6);
	canvas_bar(&c, 0, 0, 4, 0, false, ROLE_KEPT);
	canvas_bar(&c, 0, 1, 4, 0.07, false, ROLE_KEPT);
	canvas_bar(&c, 0, 2, 4, 0.5, false, ROLE_KEPT);
	canvas_bar(&c, 0, 3, 4, 0.63, false, ROLE_KEPT);
	canvas_bar(&c, 0, 4, 4, 7, true, ROLE_PRUNED);
	canvas_bar(&c, 0, 5, 4, -1, true, ROLE_PRUNED);
	assert_page(&c, "\n▌\n██\n██▌\n▒▒▒▒\n\n");
	canvas_release(&c);
}

/* Anything drawn anywhere keeps the rules of cells: a wide one is followed by its right half, no half stands alone. */
static void cells_stay_whole(void **state)
{
	static const char *const texts[] = {
		"plain",
		"写真",
		"e\xcc\x81",
		"👩‍👩‍👧‍👦 family",
		"🇩🇪",
		"\xf0\x9f\x96\xa8\xef\xb8\x8f",
		"\xff\xfe",
		"\t\033",
		"ﷺ",
		"Z\xcd\x91\xcd\x92\xcd\x93\xcd\x94\xcd\x95\xcd\x96\xcd\x97\xcd\x98\xcd\x99\xcd\x9a\xcd\x9b\xcd\x9c",
	};
	struct canvas c;
	struct rng rng;

	(void)state;
	rng_seed(&rng, 1);
	canvas_init(&c, false);
	for (int round = 0; round < 200; round++) {
		canvas_resize(&c, (int)rng_below(&rng, 30), (int)rng_below(&rng, 4));
		for (int i = 0; i < 40; i++)
			canvas_text(&c, (int)rng_below(&rng, 40) - 5, (int)rng_below(&rng, 6) - 1,
				(int)rng_below(&rng, 20), ROLE_TEXT,
				texts[rng_below(&rng, sizeof(texts) / sizeof(texts[0]))]);
		for (int y = 0; y < c.h; y++)
			for (int x = 0; x < c.w; x++) {
				const struct cell *cell = canvas_at(&c, x, y);
				size_t len = strlen(cell->text);
				assert_true(utf8_valid(cell->text, len) && utf8_width(cell->text, len) == cell->width);
				assert_true(cell->width <= 2);
				if (cell->width == 2)
					assert_true(x + 1 < c.w && canvas_at(&c, x + 1, y)->width == 0);
				if (cell->width == 0)
					assert_true(x > 0 && canvas_at(&c, x - 1, y)->width == 2);
			}
	}
	canvas_release(&c);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(text_is_clipped_by_cells),
		cmocka_unit_test(long_text_keeps_both_ends),
		cmocka_unit_test(half_a_wide_character_is_never_left),
		cmocka_unit_test(control_characters_stay_out),
		cmocka_unit_test(ascii_has_twins_for_all),
		cmocka_unit_test(text_wraps_at_spaces),
		cmocka_unit_test(wrapped_text_says_that_it_was_cut),
		cmocka_unit_test(bars_show_their_share),
		cmocka_unit_test(cells_stay_whole),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
