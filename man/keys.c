/* Writes the keys of the screens for the manual page, from the key table. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ui/tui/keys.h"

static const struct {
	unsigned context;
	const char *heading;
} views[] = {
	{IN_CASES, "Keys in Cases"},
	{IN_BEAM, "Keys in Beam"},
	{IN_TREE, "Keys in Tree"},
	{IN_MARGINS, "Keys in Margins, over one case"},
	{IN_SURVEY, "Keys in Margins, over all cases"},
	{IN_SETUP, "Keys in Train, where a race is set up"},
	{IN_TRAIN | IN_RACE, "Keys in Train, where a race is watched"},
	{IN_COMPARE, "Keys in Compare"},
	{IN_LESSONS, "Keys in Lessons"},
	{IN_LESSON, "Keys of a lesson, in any view"},
	{IN_ZOOM, "Keys where one panel stands alone, in any view"},
	{IN_PALETTE, "Keys in the menu"},
};

/* What would be read as roff, and arrows, which not every device has. */
static const struct {
	const char *text, *roff;
} escapes[] = {
	{"\\", "\\e"}, {"-", "\\-"}, {"←", "\\(<-"}, {"→", "\\(->"}, {"↑", "\\(ua"}, {"↓", "\\(da"}, {"…", "..."},
};

static void add_roff(struct buf *out, const char *text)
{
	while (*text) {
		size_t i = 0;
		while (i < ARRAY_LEN(escapes) && strncmp(text, escapes[i].text, strlen(escapes[i].text)) != 0)
			i++;
		if (i < ARRAY_LEN(escapes)) {
			buf_addstr(out, escapes[i].roff);
			text += strlen(escapes[i].text);
		} else {
			buf_addch(out, *text++);
		}
	}
}

/* Where another entry has taken all its keys, an entry is left out. */
static void add_entry(struct buf *out, const struct key_entry *e, unsigned context)
{
	struct buf keys = {0};

	key_labels(&keys, e, context);
	if (keys.len > 0) {
		buf_addstr(out, ".TP 20n\n.B ");
		add_roff(out, buf_str(&keys));
		buf_addch(out, '\n');
		add_roff(out, e->note);
		buf_addch(out, '\n');
	}
	buf_release(&keys);
}

static void add_entries(struct buf *out, const char *heading, unsigned context, bool everywhere)
{
	buf_addf(out, ".SS %s\n.PD 0\n", heading);
	for (const struct key_entry *e = key_table; e->keys; e++)
		if ((e->contexts & context) && key_is_everywhere(e) == everywhere)
			add_entry(out, e, context);
	buf_addstr(out, ".PD\n");
}

int main(void)
{
	struct buf out = {0};

	add_entries(&out, "Keys in every view", IN_CASES, true);
	for (size_t i = 0; i < ARRAY_LEN(views); i++)
		add_entries(&out, views[i].heading, views[i].context, false);
	size_t n = fwrite(out.at, 1, out.len, stdout);
	int failed = n < out.len || fflush(stdout) != 0;
	buf_release(&out);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
