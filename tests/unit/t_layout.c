/* Rectangles never overlap and cover their area exactly, whatever the size. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "ui/tui/layout.h"

enum { MAX_W = 300, MAX_H = 100 };

/* Counts how often each cell of the area is covered; nothing may lie outside. */
static void assert_tiles(struct rect area, const struct rect *rects, size_t n)
{
	static unsigned char cover[MAX_H][MAX_W];
	size_t cells = 0;

	for (int y = area.y; y < area.y + area.h; y++)
		memset(&cover[y][area.x], 0, (size_t)area.w);
	for (size_t i = 0; i < n; i++) {
		struct rect r = rects[i];
		assert_true(r.w >= 0 && r.h >= 0);
		if (r.w == 0 || r.h == 0)
			continue;
		assert_true(
			r.x >= area.x && r.y >= area.y && r.x + r.w <= area.x + area.w && r.y + r.h <= area.y + area.h);
		for (int y = r.y; y < r.y + r.h; y++)
			for (int x = r.x; x < r.x + r.w; x++) {
				assert_int_equal(cover[y][x]++, 0);
				cells++;
			}
	}
	assert_int_equal(cells, (size_t)area.w * (size_t)area.h);
}

static void frame_tiles_every_size(void **state)
{
	(void)state;
	for (int open = 0; open < 6; open++)
		for (int w = 1; w <= MAX_W; w++)
			for (int h = 1; h <= MAX_H; h++) {
				struct frame_layout l = layout_frame(w, h, open % 3 * 9, open / 3 * 4);
				struct rect rects[] = {l.tabs, l.top, l.body, l.lesson, l.message, l.bottom};
				assert_tiles((struct rect){0, 0, w, h}, rects, 6);
			}
	struct frame_layout l = layout_frame(LAYOUT_MIN_W, LAYOUT_MIN_H, 99, 99);
	assert_true(l.lesson.h >= 10 && l.message.h >= 10 && l.body.h >= 1);
}

static void tree_tiles_every_size(void **state)
{
	(void)state;
	for (int w = 1; w <= MAX_W; w++)
		for (int h = 1; h <= MAX_H; h++) {
			struct rect area = {0, 0, w, h};
			struct tree_layout l = layout_tree(area, h % 9);
			struct rect rects[] = {l.tree, l.side, l.verdict};
			assert_tiles(area, rects, 3);
		}
	assert_true(layout_tree((struct rect){0, 2, 120, 27}, 2).side.w >= 36);
	assert_int_equal(layout_tree((struct rect){0, 2, 80, 21}, 2).side.w, 0);
}

static void beam_tiles_every_size(void **state)
{
	static const struct beam_wish wishes[] = {
		{0, 0, 0, 0, false},
		{2, 45, 20, 13, false},
		{9, 500, 300, 200, false},
		{9, 500, 300, 200, true},
		{1, 9, 12, 0, false},
		{3, 7, 12, 5, false},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(wishes) / sizeof(wishes[0]); i++)
		for (int w = 1; w <= MAX_W; w += 1 + w / 50)
			for (int h = 1; h <= MAX_H; h++) {
				struct rect area = {0, 0, w, h};
				struct beam_layout l = layout_beam(area, wishes[i]);
				struct rect rects[] = {l.steps, l.positive, l.results, l.verdict};
				assert_tiles(area, rects, 4);
			}
}

/* At the smallest size that is promised, both panels and the verdict have room. */
static void smallest_size_shows_all_panels(void **state)
{
	struct frame_layout frame = layout_frame(LAYOUT_MIN_W, LAYOUT_MIN_H, 0, 0);
	struct beam_layout l = layout_beam(frame.body, (struct beam_wish){2, 45, 22, 13, false});

	(void)state;
	assert_false(layout_too_small(LAYOUT_MIN_W, LAYOUT_MIN_H));
	assert_true(
		layout_too_small(LAYOUT_MIN_W - 1, LAYOUT_MIN_H) && layout_too_small(LAYOUT_MIN_W, LAYOUT_MIN_H - 1));
	assert_true(l.steps.w >= 44 && l.positive.w >= 30 && l.steps.h >= 15 && l.verdict.h == 2);
	assert_int_equal(l.results.w, 0);
}

static void more_room_is_used(void **state)
{
	struct beam_wish wish = {2, 45, 22, 13, false};

	(void)state;
	assert_true(layout_beam((struct rect){0, 1, 160, 28}, wish).results.w > 0);
	assert_true(layout_beam((struct rect){0, 1, 100, 46}, wish).results.h >= wish.results);
	assert_true(layout_beam((struct rect){0, 1, 160, 46}, wish).steps.w > 90);
	struct beam_layout small = layout_beam((struct rect){0, 1, 80, 22}, (struct beam_wish){2, 8, 18, 5, false});
	assert_true(small.results.h >= 5 && small.results.y == small.steps.y + small.steps.h && small.steps.h == 8);
}

static void centre_stays_inside(void **state)
{
	(void)state;
	for (int w = 1; w < 120; w++)
		for (int h = 1; h < 60; h++) {
			struct rect r = layout_centre((struct rect){0, 1, w, h}, 104, 40);
			assert_true(r.x >= 0 && r.y >= 1 && r.x + r.w <= w && r.y + r.h <= 1 + h);
		}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(frame_tiles_every_size),
		cmocka_unit_test(tree_tiles_every_size),
		cmocka_unit_test(beam_tiles_every_size),
		cmocka_unit_test(smallest_size_shows_all_panels),
		cmocka_unit_test(more_room_is_used),
		cmocka_unit_test(centre_stays_inside),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
