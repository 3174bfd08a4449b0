/*
 * The published form of BEAR and MSL: id2name4Rec.json, {"1": "title", …}, beside train*.csv, valid*.csv and
 * test*.csv with the columns user_id,item_ids,timestamp; item_ids is a Python list of item ids as text,
 * "[124, 2112, 1915]".
 *
 * The last id is the item that really came next. The published reader drops ids without a title first and takes the
 * last one that is left; here a case whose last id has no title keeps its history and has no positive item, since an
 * item that was seen earlier does not answer what came next. Such cases are counted.
 */
#include "data/reader.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "store/csvfile.h"
#include "store/file.h"
#include "store/json.h"

#define TITLES "id2name4Rec.json"

static bool match(const char *path)
{
	return file_exists_in(path, TITLES);
}

/* As Python writes an integer: decimal, no leading zeros. */
static bool is_id(const char *s)
{
	size_t sign = *s == '-', digits = strspn(s + sign, "0123456789");

	return digits > 0 && s[sign + digits] == '\0' && (s[sign] != '0' || sign + digits == 1);
}

/* One member of the titles' file. */
static int read_title(struct dataset *d, const struct json_node *node, struct err *err)
{
	const char *title;

	if (!is_id(node->key))
		return json_refuse(node, err, "has a key that is no decimal item id");
	return json_as_str(node, &title, NULL, err) ? -1 : catalogue_add(&d->catalogue, node->key, title, err);
}

struct columns {
	size_t item_ids, user_id, timestamp;
	bool has_user, has_timestamp;
};

/* One row as a case; list is scratch. */
static int read_case(struct dataset *d, struct split *s, const struct csvfile *f, const struct csvfile_row *row,
	const struct columns *col, struct reader_ids *list, struct err *err)
{
	struct rec_case c = {.user = "", .positive = ITEM_NONE, .positive_id = ""};
	char id[32];

	if (reader_ids_read(list, d, f, row, col->item_ids, err))
		return -1;
	if (list->items.n > 0) {
		c.positive = list->items.at[--list->items.n];
		c.positive_id = arena_strdup(&d->arena, reader_ids_last(list));
	}
	s->n_untitled += reader_ids_keep(list, d, &c);
	if (col->has_user)
		c.user = arena_strdup(&d->arena, row->field[col->user_id]);
	if (col->has_timestamp && row->len[col->timestamp] &&
		csvfile_int(f, row, col->timestamp, INT64_MIN, INT64_MAX, &c.timestamp, err))
		return -1;
	snprintf(id, sizeof(id), "%zu", s->n + 1);
	c.id = arena_strdup(&d->arena, id);
	return reader_add_case(s, &c, err);
}

static int read_split(struct dataset *d, enum split_kind kind, struct err *err)
{
	struct split *s = &d->splits[kind];
	struct reader_ids list = {0};
	struct csvfile *f = NULL;
	struct csvfile_row row;
	struct columns col;
	int ret = -1;

	if (reader_find_split(&s->file, d->path, split_name(kind), err))
		return -1;
	if (!s->file)
		return 0;
	if (csvfile_open(&f, s->file, err) || csvfile_column(f, "item_ids", &col.item_ids, err))
		goto out;
	col.has_user = csvfile_find(f, "user_id", &col.user_id);
	col.has_timestamp = csvfile_find(f, "timestamp", &col.timestamp);
	while ((ret = csvfile_next(f, &row, err)) > 0)
		if (read_case(d, s, f, &row, &col, &list, err)) {
			ret = -1;
			break;
		}
out:
	csvfile_close(f);
	reader_ids_release(&list);
	return ret;
}

static int read_all(struct dataset *d, struct err *err)
{
	char *titles = file_join(d->path, TITLES);
	int ret = reader_members(d, titles, read_title, err);
	bool any = false;

	free(titles);
	if (ret)
		return -1;
	for (enum split_kind kind = 0; kind < SPLIT_COUNT; kind++) {
		if (read_split(d, kind, err))
			return -1;
		any |= d->splits[kind].file != NULL;
	}
	if (!any)
		return err_set(err, ERR_FORMAT,
			"'%s' holds " TITLES " but no cases: train*.csv, valid*.csv or test*.csv is missing", d->path);
	return 0;
}

const struct reader reader_bear = {
	.form = "BEAR",
	.files = TITLES " with test*.csv, valid*.csv, train*.csv",
	.match = match,
	.read = read_all,
};
