/*
 * Rows of a record as CSV (RFC 4180, UTF-8, lines end with CR LF), the columns that a command's table has. Texts are
 * made visible as on a screen; lists are their values with blanks between.
 */
#include <string.h>

#include "base/utf8.h"
#include "data/title.h"
#include "session/export.h"
#include "store/csvfile.h"

static void add_value(const json_t *v, bool title, struct buf *cell)
{
	size_t i;
	json_t *e;

	switch (json_typeof(v)) {
	case JSON_STRING:
		if (title)
			title_show(cell, json_string_value(v), false);
		else
			utf8_show(cell, json_string_value(v), json_string_length(v), false);
		break;
	case JSON_ARRAY:
		json_array_foreach((json_t *)v, i, e) {
			if (i > 0)
				buf_addch(cell, ' ');
			add_value(e, title, cell);
		}
		break;
	case JSON_NULL:
	case JSON_OBJECT:
		break;
	default:
		json_add(cell, v);
	}
}

/* A log's figures give names to columns: they come from a file. */
static void add_heading(const char *key, struct buf *out)
{
	struct buf shown = {0};

	utf8_show(&shown, key, strlen(key), false);
	csvfile_add_text(out, buf_str(&shown));
	buf_release(&shown);
}

static void add_cell(const json_t *v, const struct out_column *c, struct buf *out)
{
	struct buf cell = {0};

	if (!v)
		return;
	add_value(v, c->shown, &cell);
	if (json_is_string(v) || json_is_array(v))
		csvfile_add_text(out, buf_str(&cell));
	else
		buf_add(out, buf_str(&cell), cell.len);
	buf_release(&cell);
}

void export_csv(const json_t *rows, const struct out_column *columns, struct buf *out)
{
	size_t i;
	json_t *row;

	for (const struct out_column *c = columns; c->key; c++) {
		if (c != columns)
			buf_addch(out, ',');
		add_heading(c->key, out);
	}
	buf_addstr(out, "\r\n");
	json_array_foreach((json_t *)rows, i, row) {
		for (const struct out_column *c = columns; c->key; c++) {
			if (c != columns)
				buf_addch(out, ',');
			add_cell(json_object_get(row, c->key), c, out);
		}
		buf_addstr(out, "\r\n");
	}
}
