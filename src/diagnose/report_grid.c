/*
 * Tables of a report, before a form writes them.
 */
#include <stdarg.h>
#include <stdio.h>

#include "report_priv.h"

void grid_init(struct grid *g, struct arena *a, const char *caption)
{
	*g = (struct grid){.arena = a, .caption = caption, .strong = GRID_NONE, .cut = GRID_NONE};
}

void grid_release(struct grid *g)
{
	vec_release(&g->cells);
}

void grid_column(struct grid *g, const char *head, bool words)
{
	if (g->n_columns == GRID_COLUMNS)
		BUG("a table of more than %d columns", GRID_COLUMNS);
	g->heads[g->n_columns] = head;
	g->words[g->n_columns++] = words;
}

void grid_take(struct grid *g, struct buf *b)
{
	vec_push(&g->cells, arena_strndup(g->arena, buf_str(b), b->len));
	buf_release(b);
}

void grid_cell(struct grid *g, const char *fmt, ...)
{
	struct buf b = {0};
	va_list args;
	char *text;

	va_start(args, fmt);
	if (vasprintf(&text, fmt, args) < 0)
		BUG("format \"%s\" cannot be printed", fmt);
	va_end(args);
	buf_addstr(&b, text);
	free(text);
	grid_take(g, &b);
}

void grid_count(struct grid *g, size_t n)
{
	struct buf b = {0};

	buf_addcount(&b, n);
	grid_take(g, &b);
}

void grid_share(struct grid *g, const struct figure *f)
{
	struct buf b = {0};

	words_figure(f, true, &b);
	grid_take(g, &b);
}

void grid_number(struct grid *g, double v, int decimals, bool sign)
{
	struct buf b = {0};

	if (sign && v > 0)
		buf_addch(&b, '+');
	chart_number(v, decimals, &b);
	grid_take(g, &b);
}

void grid_write(struct grid *g, struct page *p)
{
	p->ops->table(p, g);
	grid_release(g);
}
