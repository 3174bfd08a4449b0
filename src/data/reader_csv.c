/*
 * Items and interactions in CSV files, whose columns' names are the forms' own.
 */
#include "data/interactions.h"
#include "data/reader.h"

int reader_csv_items(struct dataset *d, const char *path, const char *id_name, struct err *err)
{
	struct csvfile *f = NULL;
	struct csvfile_row row;
	size_t id, title;
	int ret = -1;

	if (csvfile_open(&f, path, err) || csvfile_column(f, id_name, &id, err) ||
		csvfile_column(f, "title", &title, err))
		goto out;
	while ((ret = csvfile_next(f, &row, err)) > 0) {
		const char *text = row.field[title];

		if (!row.len[id])
			ret = csvfile_refuse(f, &row, id, err, "must not be empty");
		else if (catalogue_find(&d->catalogue, row.field[id]) != ITEM_NONE)
			ret = csvfile_refuse(f, &row, id, err, "names item '%s' a second time", row.field[id]);
		else
			ret = catalogue_add(&d->catalogue, row.field[id], *text ? text : NULL, err);
		if (ret)
			break;
	}
out:
	csvfile_close(f);
	return ret;
}

int reader_csv_interactions(
	struct dataset *d, const char *path, const char *user_name, const char *item_name, struct err *err)
{
	struct csvfile *f = NULL;
	struct csvfile_row row;
	struct interactions t;
	size_t user, item, stamp;
	bool dated;
	int ret = -1;

	interactions_init(&t, d);
	if (csvfile_open(&f, path, err) || csvfile_column(f, user_name, &user, err) ||
		csvfile_column(f, item_name, &item, err))
		goto out;
	dated = csvfile_find(f, "timestamp", &stamp);
	while ((ret = csvfile_next(f, &row, err)) > 0) {
		size_t empty = row.len[user] ? item : user;
		int64_t time = 0;

		if (!row.len[empty])
			ret = csvfile_refuse(f, &row, empty, err, "must not be empty");
		else if (dated && csvfile_int(f, &row, stamp, INT64_MIN, INT64_MAX, &time, err))
			ret = -1;
		else
			ret = interactions_add(
				&t, row.field[user], row.len[user], row.field[item], row.len[item], time, err);
		if (ret)
			break;
	}
	if (ret == 0)
		ret = interactions_part(&t, path, err);
out:
	interactions_release(&t);
	csvfile_close(f);
	return ret;
}
