/*
 * Charts as a file of their own.
 */
#include <stdlib.h>

#include "base/chart.h"
#include "base/mem.h"
#include "base/svg.h"

static void draw(const void *what, double width, double height, struct buf *out)
{
	chart_svg(what, width, height, NULL, out);
}

void chart_page(const struct chart *charts, size_t n, double width, double height, struct buf *out)
{
	struct svg_block *blocks = xcalloc(n, sizeof(*blocks));

	for (size_t i = 0; i < n; i++)
		blocks[i] = (struct svg_block){charts[i].title, charts[i].note, height, draw, &charts[i]};
	svg_page(blocks, n, width, out);
	free(blocks);
}
