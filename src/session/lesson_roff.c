#include "session/lesson_play.h"

#include "session/help.h"

static void add_lesson(struct buf *out, const struct lesson *l)
{
	buf_addstr(out, ".SS ");
	help_roff_text(out, l->name);
	buf_addstr(out, "\n.B ");
	help_roff_text(out, l->title);
	buf_addstr(out, "\n.br\n");
	help_roff_text(out, l->about);
	buf_addf(out, ".\n.PP\n%zu pages: ", l->n_pages);
	for (size_t i = 0; i < l->n_pages; i++) {
		help_roff_text(out, l->pages[i].heading);
		buf_addstr(out, i + 1 < l->n_pages ? "; " : ".\n");
	}
}

void lessons_roff(struct buf *out, struct lesson *const *lessons, size_t n)
{
	for (size_t i = 0; i < n; i++)
		add_lesson(out, lessons[i]);
}
