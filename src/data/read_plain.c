/*
 * Any dataset, in two files that are easily made:
 *
 *     items.csv          item_id,title               a title may be empty
 *     interactions.csv   user_id,item_id[,timestamp] in any order
 *
 * Further columns are passed over. Interactions are put in the order of their times, which are integers, or, without
 * them, of their rows. Splits are made leave-last-out, as for LC-Rec.
 */
#include <stdlib.h>

#include "data/reader.h"
#include "store/file.h"

#define ITEMS "items.csv"
#define INTERACTIONS "interactions.csv"

static bool match(const char *path)
{
	return file_exists_in(path, ITEMS) || file_exists_in(path, INTERACTIONS);
}

static int read_all(struct dataset *d, struct err *err)
{
	char *items = file_join(d->path, ITEMS), *interactions = file_join(d->path, INTERACTIONS);
	int ret;

	if (!file_exists(interactions))
		ret = err_set(err, ERR_FORMAT,
			"'%s' holds " ITEMS " but no cases: " INTERACTIONS " (plain) or cases.csv (tokens) is missing",
			d->path);
	else if (!file_exists(items))
		ret = err_set(err, ERR_FORMAT,
			"'%s' holds " INTERACTIONS " but no items: " ITEMS " with item_id,title is missing", d->path);
	else
		ret = reader_csv_items(d, items, "item_id", err) ||
				      reader_csv_interactions(d, interactions, "user_id", "item_id", err)
			      ? -1
			      : 0;
	free(items);
	free(interactions);
	return ret;
}

const struct reader reader_plain = {
	.form = "plain",
	.files = ITEMS ", " INTERACTIONS,
	.match = match,
	.read = read_all,
};
