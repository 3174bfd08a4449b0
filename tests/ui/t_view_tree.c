/* The Tree view: what it shows of a search, how its rows fold, and what they lead to. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/mem.h"
#include "stage.h"

static struct stage *open_tree(int w, int h, bool ascii)
{
	return stage_open(&view_tree, w, h, ascii);
}

static void pages_are_as_they_were(void **state)
{
	struct stage *s = open_tree(80, 24, false);

	(void)state;
	assert_golden_at(s, "tree");
	press(s, "right right");
	assert_golden_at(s, "tree-followed");
	press(s, "a");
	stage_resize(s, 100, 30);
	assert_golden(s, "tree-all-100x30");
	stage_close(s);
	s = open_tree(80, 24, true);
	assert_golden(s, "tree-80x24-ascii");
	stage_close(s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(pages_are_as_they_were),
	};

	setenv("INPUTRC", "/dev/null", 1); /* the user's readline settings are not under test */
	return cmocka_run_group_tests(tests, NULL, NULL);
}
