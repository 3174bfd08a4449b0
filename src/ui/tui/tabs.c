#include "tabs.h"

#include <string.h>

int tabs_draw(struct canvas *c, struct rect r, const char *const *names, size_t n, size_t current)
{
	int x = r.x, end = r.x + r.w;

	for (size_t i = 0; i < n; i++) {
		unsigned style = i == current ? ROLE_HOT | STYLE_STRONG | STYLE_SELECTED : ROLE_DIM;
		x += canvas_textf(c, x, r.y, end - x, style, i == current ? "[%s]" : " %s ", names[i]);
	}
	return x;
}

size_t tabs_at(struct rect r, const char *const *names, size_t n, int x, int y)
{
	int at = r.x;

	for (size_t i = 0; i < n && y == r.y && x >= at; i++) {
		at += (int)strlen(names[i]) + 2;
		if (x < at)
			return i;
	}
	return n;
}
