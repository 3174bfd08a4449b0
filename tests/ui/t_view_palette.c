/* The command palette and the help, which are both made from the tables. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "session/command.h"
#include "stage.h"
#include "ui/tui/layout.h"

static void pages_are_as_they_were(void **state)
{
	struct stage *s = stage_open(&view_beam, 80, 24, false);

	(void)state;
	press(s, "f2 what space if");
	assert_golden_at(s, "palette");
	press(s, "backspace backspace");
	stage_close(s);
	s = stage_open(&view_beam, 80, 24, true);
	press(s, "^P zzz");
	assert_golden(s, "palette-nothing-80x24-ascii");
	stage_close(s);
}

/* Everything of the tables is found by its own words, with the cursor where one types. */
static void every_command_is_found(void **state)
{
	struct stage *s = stage_open(&view_beam, 120, 40, false);

	(void)state;
	for (size_t i = 0; cmd_table[i]; i++) {
		char row[80];
		if (strcmp(cmd_table[i]->name, "quit") == 0)
			continue;
		press(s, "f2");
		press(s, cmd_table[i]->name);
		assert_int_not_equal(s->page.cursor_x, -1);
		snprintf(row, sizeof(row), " :%s ", cmd_table[i]->name);
		assert_true(shows(s, row));
		press(s, "y"); /* typed, not copied */
		assert_int_equal(s->host.copied.len, 0);
		press(s, "esc");
	}
	stage_close(s);
}

static void words_narrow_in_any_order(void **state)
{
	struct stage *s = stage_open(&view_beam, 100, 30, false);

	(void)state;
	press(s, "f2 WIDER space beam");
	assert_true(shows(s, "what if: a beam one wider") && !shows(s, "one narrower"));
	press(s, "^U beam space wider");
	assert_true(shows(s, "what if: a beam one wider") && !shows(s, "one narrower"));
	press(s, "^U");
	assert_true(shows(s, "one narrower") && shows(s, "type words"));
	press(s, "wider backspace backspace");
	assert_true(shows(s, "> wid"));
	stage_close(s);
}

static void what_is_chosen_is_done(void **state)
{
	struct stage *s = stage_open(&view_beam, 100, 30, false);

	(void)state;
	press(s, "f2 pruned space step enter"); /* a key's command */
	assert_log(s, "goto pruned\n");
	press(s, "f2 wider enter"); /* with its names filled in */
	assert_log(s, "change beam 11\n");
	press(s, "f2 undo down up enter");
	assert_log(s, "undo\n");
	assert_int_equal(press(s, "f2 quit enter"), UI_QUIT); /* an action of the frame */
	press(s, "f2 keys space view enter");
	assert_true(shows(s, "Help"));
	press(s, "q f2 info enter"); /* a command without arguments */
	assert_log(s, "info\n");
	press(s, "f2 find enter"); /* one that wants some goes into the line */
	assert_log(s, "");
	press(s, "t a n k enter");
	assert_log(s, "find tank\n");
	press(s, "f2 zzz enter esc");
	assert_log(s, "");
	press(s, "f2 look space beam enter");
	assert_false(shows(s, "What one can do"));
	stage_close(s);
}

static void exact_names_come_first(void **state)
{
	struct stage *s = stage_open(&view_beam, 100, 30, false);

	(void)state;
	press(s, "f2 case enter");
	assert_true(shows(s, ":case"));
	assert_false(shows(s, "What one can do"));
	press(s, "esc");
	stage_close(s);
}

static void mouse_chooses(void **state)
{
	struct stage *s = stage_open(&view_beam, 100, 30, false);

	(void)state;
	press(s, "f2 pruned space step");
	click(s, EVENT_WHEEL_DOWN, 50, 10);
	click(s, EVENT_WHEEL_UP, 50, 10);
	click(s, EVENT_CLICK, 50, 29); /* beside the rows */
	assert_log(s, "");
	for (int y = 3; y < 12 && shows(s, "What one can do"); y++)
		click(s, EVENT_CLICK, 50, y);
	assert_log(s, "goto pruned\n");
	stage_close(s);
}

/* Keys, marks, commands; nothing of it is beyond what scrolling reaches. */
static void help_says_it_all(void **state)
{
	struct stage *s = stage_open(&view_beam, 80, 24, false);
	static const char *const said[] = {"Beam", "one step back", "Moving", "a page down", "In all views",
		"everything one can do", "Marks", "pruned at this step", "Commands", "run one beam search",
		"end the script"};
	bool seen[sizeof(said) / sizeof(said[0])] = {false};

	(void)state;
	press(s, "?");
	for (int page = 0; page < 20; page++) {
		for (size_t i = 0; i < sizeof(said) / sizeof(said[0]); i++)
			seen[i] = seen[i] || shows(s, said[i]);
		press(s, "pgdn");
	}
	for (size_t i = 0; i < sizeof(said) / sizeof(said[0]); i++)
		if (!seen[i])
			fail_msg("the help does not say '%s'", said[i]);
	stage_close(s);
}

static void every_size_draws(void **state)
{
	struct stage *s = stage_open(&view_beam, 80, 24, false);

	(void)state;
	for (int over = 0; over < 2; over++) {
		press(s, over ? "esc ?" : "f2 b e a m G");
		for (int h = 1; h < 60; h += 1 + h / 8)
			for (int w = 1; w < 220; w += 1 + w / 8) {
				stage_resize(s, w, h);
				assert_true(layout_too_small(w, h) == !shows(s, "Beam"));
			}
	}
	stage_close(s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(pages_are_as_they_were),
		cmocka_unit_test(every_command_is_found),
		cmocka_unit_test(words_narrow_in_any_order),
		cmocka_unit_test(what_is_chosen_is_done),
		cmocka_unit_test(exact_names_come_first),
		cmocka_unit_test(mouse_chooses),
		cmocka_unit_test(help_says_it_all),
		cmocka_unit_test(every_size_draws),
	};

	setenv("INPUTRC", "/dev/null", 1); /* the user's readline settings are not under test */
	return cmocka_run_group_tests(tests, NULL, NULL);
}
