#include <stddef.h>

#include "view.h"

const struct view_ops *const view_table[] = {
	&view_beam,
	NULL,
};

/* ASCII only: titles are compared byte by byte otherwise. */
static char lower(char c)
{
	return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

bool view_has(const char *text, const char *words)
{
	for (; *text; text++) {
		size_t i = 0;
		while (words[i] && lower(text[i]) == lower(words[i]))
			i++;
		if (!words[i])
			return true;
	}
	return false;
}
