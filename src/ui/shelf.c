#include "ui/shelf.h"

#include <string.h>

#include "base/utf8.h"

static size_t widest(const char *const *names, size_t n, size_t most)
{
	size_t width = 1;

	for (size_t i = 0; i < n; i++) {
		size_t w = utf8_width(names[i], strlen(names[i]));
		width = w > width ? w : width;
	}
	return width < most ? width : most;
}

static size_t columns_of(size_t width, size_t cell)
{
	size_t n = (width + SHELF_GAP) / (cell + SHELF_GAP);

	return n > 0 ? n : 1;
}

void shelf_init(struct shelf *s, const char *const *names, size_t n, size_t n_all, size_t width, size_t rows)
{
	size_t room = width > 1 ? width - 1 : 1;

	*s = (struct shelf){.names = names, .cell = widest(names, n, room)};
	s->columns = columns_of(room, s->cell);
	s->n_shown = n;
	if (n_all > n || n > s->columns * rows) {
		size_t fit = s->columns * (rows > 1 ? rows - 1 : 1);
		s->n_shown = n < fit ? n : fit;
	}
	s->n_more = n_all > s->n_shown ? n_all - s->n_shown : 0;
	s->rows = (s->n_shown + s->columns - 1) / s->columns;
}

void shelf_rows(const struct shelf *s, struct buf *out)
{
	for (size_t i = 0; i < s->n_shown; i++) {
		bool last = (i + 1) % s->columns == 0 || i + 1 == s->n_shown;
		utf8_fit(out, s->names[i], strlen(s->names[i]), s->cell, !last, true);
		buf_addstr(out, last ? "\n" : "  ");
	}
	if (s->n_more > 0) {
		buf_addstr(out, "and ");
		buf_addcount(out, s->n_more);
		buf_addstr(out, " more\n");
	}
}

void shelf_list(const struct shelf *s, struct buf *out)
{
	buf_addcount(out, s->n_shown + s->n_more);
	buf_addstr(out, " candidates: ");
	for (size_t i = 0; i < s->n_shown; i++)
		buf_addf(out, "%s%s", i > 0 ? ", " : "", s->names[i]);
	if (s->n_more > 0) {
		buf_addstr(out, ", and ");
		buf_addcount(out, s->n_more);
		buf_addstr(out, " more");
	}
	buf_addch(out, '\n');
}
