/* The key table is sound: every key can be pressed, every action exists, every command's names can be filled in. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "ui/tui/keys.h"

/* A view may take a key that all have: which entries are left without one, tests/ui/t_keymap.c looks at. */
static void every_key_leads_to_an_entry(void **state)
{
	(void)state;
	for (const struct key_entry *e = key_table; e->keys; e++)
		for (const char *s = e->keys; *s;) {
			size_t n = strcspn(s, " ");
			uint32_t code = key_code(s, n);
			assert_int_not_equal(code, 0);
			for (unsigned context = 1; context <= IN_ANY; context <<= 1)
				if (e->contexts & context) {
					const struct key_entry *found = key_find(context, code);
					assert_non_null(found);
					assert_true(found <= e && (found->contexts & context));
				}
			s += n;
			s += strspn(s, " ");
		}
}

static void every_entry_says_what_it_does(void **state)
{
	(void)state;
	for (const struct key_entry *e = key_table; e->keys; e++) {
		assert_true(e->contexts && !(e->contexts & ~(unsigned)IN_ANY));
		assert_true(e->note && *e->note);
		if (strncmp(e->command, "ui ", 3) == 0)
			assert_true(key_view(e->command) || key_typed(e->command) ||
				key_action(e->command) != ACTION_NONE);
		else
			assert_int_equal(key_action(e->command), ACTION_NONE);
	}
}

static void commands_are_filled_in(void **state)
{
	struct snapshot snap = {
		.width = 10, .case_index = 17, .n_cases = 1925, .case_id = "u9", .previous_id = "u7", .next_id = "a1",
		.step = 2};
	struct snap_step steps[] = {{.width = 10}, {.width = 20}};
	struct snap_trace trace = {.steps = steps, .n_steps = 2};
	struct buf out = {0};
	struct err err;

	(void)state;
	assert_int_equal(keys_expand("set beam {wider}; beam {case}", &snap, NULL, &out, &err), 0);
	assert_string_equal(buf_str(&out), "set beam 11; beam u9");
	buf_clear(&out);
	assert_int_equal(keys_expand("beam {next}", &snap, NULL, &out, &err), 0);
	assert_string_equal(buf_str(&out), "beam a1");
	buf_clear(&out);
	assert_int_equal(keys_expand("force {selected}", &snap, "\"HP 61", &out, &err), 0);
	assert_string_equal(buf_str(&out), "force '\"HP 61'");
	buf_clear(&out);
	buf_clear(&out);
	assert_int_equal(keys_expand(key_typed("ui type compare {rival}"), &snap, NULL, &out, &err), 0);
	assert_string_equal(buf_str(&out), "compare ");
	snap.rival = "my bear";
	assert_int_equal(keys_expand("{rival}", &snap, NULL, &out, &err), 0);
	assert_string_equal(buf_str(&out), "compare 'my bear'");
	buf_clear(&out);
	snap.trace = &trace; /* its B at the step, not the next search's */
	assert_int_equal(keys_expand("change beam {narrower}", &snap, NULL, &out, &err), 0);
	assert_string_equal(buf_str(&out), "change beam 19");
	for (const struct key_entry *e = key_table; e->keys; e++)
		assert_int_equal(keys_expand(e->command, &snap, "1", &out, &err), 0);
	buf_release(&out);
}

static void what_is_missing_is_said(void **state)
{
	struct snapshot first = {.width = 1, .case_index = 1, .n_cases = 1, .case_id = "1"}, none = {.width = 10};
	struct buf out = {0};
	struct err err;

	(void)state;
	assert_int_equal(keys_expand("force {selected}", &first, NULL, &out, &err), -1);
	assert_non_null(strstr(err.msg, "selected"));
	assert_int_equal(keys_expand("set beam {narrower}", &first, NULL, &out, &err), -1);
	assert_non_null(strstr(err.msg, "1 wide"));
	assert_int_equal(keys_expand("beam {previous}", &first, NULL, &out, &err), -1);
	assert_int_equal(keys_expand("beam {next}", &first, NULL, &out, &err), -1);
	assert_int_equal(keys_expand("beam {case}", &none, NULL, &out, &err), -1);
	assert_non_null(strstr(err.msg, "no case"));
	buf_release(&out);
}

struct items {
	char text[400];
};

static void add_item(void *arg, const char *keys, const char *word, bool stays)
{
	struct items *items = arg;

	strcat(items->text, keys);
	strcat(items->text, " ");
	strcat(items->text, word);
	strcat(items->text, stays ? "!|" : "|");
}

static void foot_joins_neighbours(void **state)
{
	struct items items = {""};

	(void)state;
	keys_foot(IN_BEAM, add_item, &items);
	assert_ptr_equal(strstr(items.text, "←/→ step|"), items.text);
	assert_non_null(strstr(items.text, "-/+ beam|f/x edit|"));
	assert_null(strstr(items.text, "undo|"));
	assert_non_null(strstr(items.text, "|F2 menu!|? help!|Q quit!|[/] case|"));
	items.text[0] = '\0';
	keys_foot(IN_TREE | IN_BRANCH | IN_LESSON, add_item, &items); /* where Space is the lesson's */
	assert_non_null(strstr(items.text, "p pruned|u undo|o fold|"));
	items.text[0] = '\0';
	keys_foot(IN_COMPARE | IN_ZOOM, add_item, &items); /* z is named once */
	assert_ptr_equal(strstr(items.text, "z zoom|Esc all panels!|"), items.text);
	assert_null(strstr(items.text + 1, "z zoom|"));
	items.text[0] = '\0';
	keys_foot(IN_PAGER, add_item, &items);
	assert_ptr_equal(strstr(items.text, "q back!|"), items.text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_key_leads_to_an_entry),
		cmocka_unit_test(every_entry_says_what_it_does),
		cmocka_unit_test(commands_are_filled_in),
		cmocka_unit_test(what_is_missing_is_said),
		cmocka_unit_test(foot_joins_neighbours),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
