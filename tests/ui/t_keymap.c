/* The key table as a whole: every entry can be reached, is handled, says something of its own, and leaves the bottom
 * line of a terminal of 80 columns room for help and the way out. */
#include "../unit/check.h"
#include "stage.h"
#include "store/file.h"

/* The names of an entry's keys, one after another; NULL after the last. */
static const char *next_key(const char *keys, const char *key, size_t *len)
{
	key = key ? key + *len : keys;
	key += strspn(key, " ");
	*len = strcspn(key, " ");
	return *len > 0 ? key : NULL;
}

/* The table's first entry with a key wins: a view may take a key away from what is common to all, if another is left,
 * or if the view has no rows to search. */
static void every_entry_can_be_reached(void **state)
{
	(void)state;
	for (unsigned context = 1; context & IN_ANY; context <<= 1)
		for (const struct key_entry *e = key_table; e->keys; e++) {
			const char *key = NULL;
			size_t len = 0, reached = 0;
			if (!(e->contexts & context) ||
				(context == IN_TRAIN && key_action(e->command) == ACTION_NEXT_MATCH))
				continue;
			while ((key = next_key(e->keys, key, &len)))
				reached += key_find(context, key_code(key, len)) == e;
			if (reached == 0)
				fail_msg("context %u: no key leads to '%s' (%s)", context, e->keys, e->note);
		}
}

/* Entries for the same command are ways to the same end. */
static void no_context_says_a_thing_twice(void **state)
{
	(void)state;
	for (unsigned context = 1; context & IN_ANY; context <<= 1)
		for (const struct key_entry *e = key_table; e->keys; e++)
			for (const struct key_entry *f = key_table; f < e; f++)
				if ((e->contexts & f->contexts & context) && strcmp(e->note, f->note) == 0 &&
					strcmp(e->command, f->command) != 0)
					fail_msg("context %u: '%s' and '%s' are both \"%s\"", context, f->keys, e->keys,
						e->note);
}

/* All sources of the screens but the key table. */
static void read_sources(struct buf *all)
{
	const char *top = getenv("top_srcdir");
	char *dir = xasprintf("%s/src/ui/tui", top ? top : ".");
	struct file_names names = {0};
	struct err err;

	check_ok(file_list(&names, dir, "*.c", &err), &err);
	for (size_t i = 0; i < names.n; i++) {
		char *path = file_join(dir, names.at[i]);
		if (strcmp(names.at[i], "keys.c") != 0)
			check_ok(file_read(all, path, 1 << 24, &err), &err);
		free(path);
	}
	file_names_release(&names);
	free(dir);
}

static bool has_word(const char *text, const char *word)
{
	size_t n = strlen(word);

	for (const char *at = strstr(text, word); at; at = strstr(at + n, word))
		if (!strchr("ABCDEFGHIJKLMNOPQRSTUVWXYZ_", at[n]))
			return true;
	return false;
}

/* "ui page-up" is handled where a source names ACTION_PAGE_UP. */
static void every_action_is_handled(void **state)
{
	struct buf all = {0};

	(void)state;
	read_sources(&all);
	for (const struct key_entry *e = key_table; e->keys; e++) {
		struct buf name = {0};
		if (key_action(e->command) == ACTION_NONE)
			continue;
		buf_addstr(&name, "ACTION_");
		for (const char *s = e->command + 3; *s; s++)
			buf_addch(&name, *s == '-' ? '_' : (char)(*s - 'a' + 'A'));
		if (!has_word(buf_str(&all), buf_str(&name)))
			fail_msg("nothing handles '%s' (%s)", e->command, e->keys);
		buf_release(&name);
	}
	buf_release(&all);
}

/* The bottom line of every view, help and the output of a command, as it is drawn. */
static void help_and_quit_are_in_every_bottom_line(void **state)
{
	struct stage *s = stage_open(NULL, 80, 24, false);

	(void)state;
	for (size_t i = 0; view_table[i]; i++) {
		char key[2] = {(char)('1' + i), '\0'};
		press(s, key);
		if (!shows(s, "? help") || !shows(s, "Q quit"))
			fail_msg("view '%s' at 80x24 hides help or quit", view_table[i]->name);
		press(s, "?");
		assert_true(shows(s, "q back"));
		press(s, "q");
	}
	stage_close(s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_entry_can_be_reached),
		cmocka_unit_test(no_context_says_a_thing_twice),
		cmocka_unit_test(every_action_is_handled),
		cmocka_unit_test(help_and_quit_are_in_every_bottom_line),
	};

	setenv("INPUTRC", "/dev/null", 1);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
