/* A list's selection, its page and its search. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "ui/tui/list.h"

static const char *const words[] = {"ash", "beech", "ash", "oak"};

static bool is_word(const void *rows, size_t row, const char *text)
{
	return strcmp(((const char *const *)rows)[row], text) == 0;
}

/* Where a search from row `from` ends; 9: it finds nothing. */
static size_t found(size_t from, int direction, const char *text)
{
	struct list l = {.n = 4, .sel = from};

	return list_find(&l, direction, is_word, words, text) ? l.sel : 9;
}

static void test_find(void **state)
{
	struct list empty = {.n = 0};

	(void)state;
	assert_int_equal(found(0, 0, "ash"), 0);
	assert_int_equal(found(1, 0, "ash"), 2);
	assert_int_equal(found(0, 1, "ash"), 2);
	assert_int_equal(found(2, 1, "ash"), 0);
	assert_int_equal(found(0, -1, "ash"), 2);
	assert_int_equal(found(3, -1, "ash"), 2);
	assert_int_equal(found(1, 1, "beech"), 1); /* the only one */
	assert_int_equal(found(1, -1, "beech"), 1);
	assert_int_equal(found(1, 0, "fir"), 9);
	assert_false(list_find(&empty, 1, is_word, words, "ash"));
	assert_false(list_find(&empty, 0, is_word, words, "ash"));
	assert_false(list_find(&empty, -1, is_word, words, "ash"));
}

static void test_wheel(void **state)
{
	struct list l = {.n = 20, .page = 5};

	(void)state;
	assert_true(list_wheel_select(&l, EVENT_WHEEL_DOWN));
	assert_int_equal(l.sel, 3);
	assert_int_equal(l.top, 0); /* which the next drawing moves */
	assert_true(list_wheel_scroll(&l, EVENT_WHEEL_DOWN));
	assert_int_equal(l.top, 3);
	for (int i = 0; i < 9; i++)
		list_wheel_scroll(&l, EVENT_WHEEL_DOWN);
	assert_int_equal(l.top, 15);
	list_wheel_scroll(&l, EVENT_WHEEL_UP);
	assert_int_equal(l.top, 12);
	assert_int_equal(l.sel, 3);
	assert_false(list_wheel_select(&l, EVENT_CLICK));
	assert_false(list_wheel_scroll(&l, EVENT_CLICK));
	assert_int_equal(l.sel, 3);
}

/* The selection is followed by as little scrolling as will do. */
static void test_show(void **state)
{
	struct list l = {.n = 2000, .sel = 0};

	(void)state;
	list_show(&l, 7, 2000, 5);
	assert_int_equal(l.top, 3);
	list_show(&l, 5, 2000, 5);
	assert_int_equal(l.top, 3);
	list_show(&l, 2, 2000, 5);
	assert_int_equal(l.top, 2);
	list_show(&l, 1999, 2000, 5);
	assert_int_equal(l.top, 1995);
	list_show(&l, 2, 4, 5); /* the list got shorter than the page */
	assert_int_equal(l.top, 0);
}

static void test_place(void **state)
{
	struct list l = {.n = 2000, .page = 10, .top = 1990};
	struct buf text = {0};

	(void)state;
	list_add_place(&l, 2000, &text);
	assert_string_equal(buf_str(&text), "1,991-2,000 of 2,000");
	buf_clear(&text);
	list_add_place(&l, 10, &text);
	assert_string_equal(buf_str(&text), "");
	buf_release(&text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_find),
		cmocka_unit_test(test_wheel),
		cmocka_unit_test(test_show),
		cmocka_unit_test(test_place),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
