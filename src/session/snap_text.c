#include "session/snap_text.h"

#include <stdlib.h>
#include <string.h>

#include "base/utf8.h"
#include "session/field.h"
#include "session/option.h"
#include "session/record.h"

const char *snap_keep_shown(struct arena *a, const char *text)
{
	struct buf b = {0};

	utf8_show(&b, text, strlen(text), false);
	return buf_keep(&b, a);
}

/* A path's last part; of a checkpoint, "last" or "best" alone, with its folder and that one's: "race-1/bear/last". */
static const char *base_name(const char *path)
{
	size_t end = strlen(path), start, parts = 1;

	while (end > 1 && path[end - 1] == '/')
		end--;
	if (end > 5 && (!strncmp(path + end - 5, "/last", 5) || !strncmp(path + end - 5, "/best", 5)))
		parts = 3;
	for (start = end; start > 0; start--)
		if (path[start - 1] == '/' && --parts == 0)
			break;
	return path + start;
}

const char *snap_keep_model(struct arena *a, const char *path, const char *adapter)
{
	const char *kept;
	char *both;

	if (!adapter)
		return snap_keep_shown(a, base_name(path));
	both = xasprintf("%s + %s", base_name(path), base_name(adapter));
	kept = snap_keep_shown(a, both);
	free(both);
	return kept;
}

/* Appends a setting that is not at its default. */
static void add_setting(struct buf *b, const struct option_entry *e, const json_t *v)
{
	const char *text = json_string_value(v);

	if (json_is_number(v) && json_number_value(v) != strtod(e->dflt, NULL)) {
		buf_addf(b, " · %s %g", e->name, json_number_value(v));
	} else if (text && strcmp(text, e->dflt) != 0) {
		buf_addf(b, " · %s ", e->name);
		utf8_show(b, text, strlen(text), false);
	}
}

/* A setting's word; those of a file may be anything. */
static void add_word(struct buf *b, const json_t *v)
{
	if (json_is_string(v))
		utf8_show(b, json_string_value(v), json_string_length(v), false);
	else
		buf_addch(b, '?');
}

/* After the three that are always said comes whatever else shapes the search. */
const char *snap_keep_settings(struct arena *a, const json_t *v, size_t *first)
{
	static const char *const always[] = {"split", "beam", "mask", "search"};
	struct buf b = {0};

	buf_addf(&b, "B %zu · mask ", field_count(v, "beam"));
	add_word(&b, json_object_get(v, "mask"));
	buf_addstr(&b, " · ");
	add_word(&b, json_object_get(v, "search"));
	if (first)
		*first = b.len;
	for (const struct option_entry *e = option_table; e->name; e++) {
		char key[RECORD_KEY];
		bool said = !(e->flags & OPTION_SEARCH);

		for (size_t i = 0; i < ARRAY_LEN(always); i++)
			said |= !strcmp(e->name, always[i]);
		record_setting_key(key, e);
		if (!said)
			add_setting(&b, e, json_object_get(v, key));
	}
	return buf_keep(&b, a);
}
