/* A page as a picture: well-formed, safe, small, and with shapes where a font may fail. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/utf8.h"
#include "stage.h"
#include "ui/tui/canvas_svg.h"

/* The elements open and close in order, attributes are quoted, and nothing stands for markup that is not. */
static void assert_well_formed(const char *s)
{
	const char *open[16];
	size_t lengths[16], depth = 0;

	assert_true(utf8_valid(s, strlen(s)));
	while (*s) {
		if (*s == '&') {
			assert_true(!strncmp(s, "&amp;", 5) || !strncmp(s, "&lt;", 4) || !strncmp(s, "&gt;", 4) ||
				!strncmp(s, "&quot;", 6));
		} else if (*s == '<' && s[1] == '/') {
			assert_true(depth > 0);
			depth--;
			assert_int_equal(strncmp(s + 2, open[depth], lengths[depth]), 0);
			assert_int_equal(s[2 + lengths[depth]], '>');
		} else if (*s == '<') {
			assert_true(depth < 16);
			open[depth] = s + 1;
			lengths[depth] = strspn(s + 1, "abcdefghijklmnopqrstuvwxyz");
			assert_true(lengths[depth++] > 0);
			for (; *s != '>'; s++)
				if (*s == '"') {
					s = strchr(s + 1, '"');
					assert_non_null(s);
				} else {
					assert_int_not_equal(*s, '\0');
				}
			depth -= s[-1] == '/';
		} else {
			assert_true((unsigned char)*s >= ' ' || *s == '\n');
		}
		s++;
	}
	assert_int_equal(depth, 0);
}

static char *picture(const struct canvas *c)
{
	struct buf out = {0};

	canvas_svg(c, &out);
	assert_well_formed(buf_str(&out));
	return buf_detach(&out);
}

static char *picture_of(const char *text, unsigned style)
{
	struct canvas c;

	canvas_init(&c, false);
	canvas_resize(&c, 40, 2);
	canvas_text(&c, 1, 1, 38, style, text);
	char *svg = picture(&c);
	canvas_release(&c);
	return svg;
}

static void text_is_escaped(void **state)
{
	char *svg = picture_of("</text><script>&\"'\033[31m\xff\xef\xbf\xbe", ROLE_TEXT);

	(void)state;
	assert_non_null(strstr(svg, ">&lt;/text&gt;&lt;script&gt;&amp;&quot;'"));
	assert_null(strstr(svg, "<script"));
	assert_null(strstr(svg, "\xef\xbf\xbe")); /* U+FFFE, which XML does not allow */
	free(svg);
}

/* Letters keep their cells whatever the font: a run is as long as it says, and two blanks end it. */
static void runs_stand_in_their_cells(void **state)
{
	char *svg = picture_of("ab  cd e", ROLE_TEXT);

	(void)state;
	assert_non_null(strstr(svg, "<text x=\"16\" y=\"38\" textLength=\"16\">ab</text>"));
	assert_non_null(strstr(svg, "<text x=\"48\" y=\"38\" textLength=\"32\">cd e</text>"));
	free(svg);
	svg = picture_of("写★é", ROLE_TEXT);
	assert_non_null(strstr(svg, "<text class=\"m\" x=\"24\" y=\"38\">写</text>"));
	assert_non_null(strstr(svg, "<text class=\"m\" x=\"36\" y=\"38\">★</text>"));
	assert_non_null(strstr(svg, "<text x=\"40\" y=\"38\">é</text>"));
	free(svg);
}

static void lines_blocks_and_dots_are_shapes(void **state)
{
	static const char *const texts[] = {"┌─┬╌┐│├┼┤└┴┘╭╮╰╯", "█▌▐▀▄▁▂▃▅▆▇▏▎▍▋▊▉▔▕░▒▓▖▗▘▝▚▞▙▛▜▟", "⠁⠂⠄⡀⠈⠐⠠⢀⣿"};

	(void)state;
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		char *svg = picture_of(texts[i], ROLE_FRAME);
		assert_null(strstr(svg, "<text"));
		assert_non_null(strstr(svg, "<path class=\""));
		free(svg);
	}
	char *svg = picture_of("────", ROLE_FRAME); /* one line, not four */
	assert_non_null(strstr(svg, "d=\"M16 33.5h8h8h8h8\""));
	free(svg);
	svg = picture_of("⣿", ROLE_FRAME);
	size_t dots = 0;
	for (const char *s = svg; (s = strstr(s, "h0")); s++)
		dots++;
	assert_int_equal(dots, 8);
	free(svg);
}

static void grounds_are_drawn(void **state)
{
	char *svg = picture_of("on our own ground", ROLE_TEXT | STYLE_SELECTED);

	(void)state;
	assert_non_null(strstr(svg, "fill=\"#444444\" d=\"M16 25h136v17h-136z\""));
	assert_non_null(strstr(svg, "<g class=\"d0\">"));
	free(svg);
	svg = picture_of("strong", ROLE_KEPT | STYLE_STRONG);
	assert_non_null(strstr(svg, " bold\">"));
	assert_non_null(strstr(svg, "prefers-color-scheme:dark"));
	free(svg);
}

static void a_view_is_small(void **state)
{
	struct stage *s = stage_open(&view_beam, 100, 30, false);
	char *svg = picture(&s->page);

	(void)state;
	assert_true(strlen(svg) < 40000);
	assert_non_null(strstr(svg, ">Tri-color<"));
	free(svg);
	press(s, "f2");
	svg = picture(&s->page); /* with the cursor */
	free(svg);
	stage_resize(s, 1, 1);
	svg = picture(&s->page);
	free(svg);
	stage_close(s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(text_is_escaped),
		cmocka_unit_test(runs_stand_in_their_cells),
		cmocka_unit_test(lines_blocks_and_dots_are_shapes),
		cmocka_unit_test(grounds_are_drawn),
		cmocka_unit_test(a_view_is_small),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
