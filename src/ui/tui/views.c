#include <stddef.h>

#include "view.h"

const struct view_ops *const view_table[] = {
	&view_cases,
	&view_beam,
	&view_tree,
	&view_margins,
	&view_train,
	&view_compare,
	&view_lessons,
	NULL,
};

void view_name_candidate(const struct snap_candidate *k, struct buf *out)
{
	if (!k)
		buf_addstr(out, "positive");
	else if (k->forbidden)
		buf_addstr(out, k->prefix_shown);
	else
		buf_addf(out, "%u", k->rank);
}

/* ASCII only: titles are compared byte by byte otherwise. */
static char lower(char c)
{
	return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

bool view_begins(const char *text, const char *words)
{
	while (*words && lower(*text) == lower(*words)) {
		text++;
		words++;
	}
	return !*words;
}

bool view_has(const char *text, const char *words)
{
	while (*text && !view_begins(text, words))
		text++;
	return *text;
}
