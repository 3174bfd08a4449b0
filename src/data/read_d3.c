/*
 * The published forms of D3 and MiniOneRec, NAME being the dataset's:
 *
 *     info/NAME.txt                     title TAB id (D3), or semantic id TAB title TAB id (MiniOneRec), an item a line
 *     train|valid|test/NAME.csv         a case a row: history_item_id,item_id and, where there, user_id, timestamp and
 *                                       item_sid; other columns, titles among them, say again what the info file says
 *
 * or, in one folder, info*.txt (or the only *.txt) with train*.csv, valid*.csv and test*.csv. history_item_id is a
 * Python list of ids, numbers or strings, oldest first. Of a folder with several datasets one is meant by its info
 * file.
 *
 * The published readers take titles and semantic ids of histories from the rows; here the ids lead to the items. A
 * row whose item_sid is not that of its item is refused: then the files were not made together.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/utf8.h"
#include "data/reader.h"
#include "store/file.h"
#include "store/lines.h"

#define INFO "info"

/* The files that may say the items, with their folder; 0 of them is no failure. */
static int list_infos(struct file_names *names, char **folder, const char *path, struct err *err)
{
	*folder = file_join(path, INFO);
	if (file_is_dir(*folder))
		return file_list(names, *folder, "*.txt", err);
	free(*folder);
	*folder = xstrdup(path);
	if (file_list(names, path, INFO "*.txt", err))
		return -1;
	return names->n > 0 ? 0 : file_list(names, path, "*.txt", err);
}

/* A split's file in a folder without subfolders; NULL: there is none. Caller frees. */
static char *find_flat(const char *path, enum split_kind kind)
{
	struct err ignored;
	char *file;

	return reader_find_split(&file, path, split_name(kind), &ignored) ? NULL : file;
}

static bool has_flat(const char *path)
{
	bool any = false;

	for (enum split_kind kind = 0; kind < SPLIT_COUNT && !any; kind++) {
		char *file = find_flat(path, kind);

		any = file != NULL;
		free(file);
	}
	return any;
}

static bool match(const char *path)
{
	struct file_names names = {0};
	char *folder = NULL;
	struct err ignored;
	bool matches = list_infos(&names, &folder, path, &ignored) == 0 && names.n > 0 &&
		       (strcmp(folder, path) != 0 || has_flat(path));

	file_names_release(&names);
	free(folder);
	return matches;
}

/* The file of the items; caller frees, NULL after a failure. */
static char *find_info(const struct dataset *d, struct err *err)
{
	struct file_names names = {0};
	char *folder = NULL, *info = NULL;

	if (d->chosen)
		return xstrdup(d->chosen);
	if (list_infos(&names, &folder, d->path, err))
		goto out;
	if (names.n == 1)
		info = file_join(folder, names.at[0]);
	else if (names.n == 0)
		err_set(err, ERR_NOT_FOUND, "'%s' holds no " INFO "/*.txt", d->path);
	else
		err_set(err, ERR_FORMAT, "'%s' holds several datasets: name one by its file, '%s/%s' or '%s'", d->path,
			folder, names.at[0], names.at[1]);
out:
	file_names_release(&names);
	free(folder);
	return info;
}

static bool is_in_folder(const char *info)
{
	const char *end = file_last_part(info);
	size_t len = (size_t)(end - info), name = strlen(INFO "/");

	return len >= name && !memcmp(end - name, INFO "/", name) && (len == name || end[-(long)name - 1] == '/');
}

/* "Books" of "…/info/Books_5_2017-10-2018-11.txt": without what the published scripts add, the least number of
 * interactions and the months. Caller frees. */
static char *plain_name(const char *info)
{
	const char *name = file_last_part(info);
	size_t len = strlen(name) - strlen(".txt"), at = len;

	for (size_t part = 0; part < 5; part++) {
		size_t end = at;

		while (at > 0 && name[at - 1] >= '0' && name[at - 1] <= '9')
			at--;
		if (at == end || at < 2 || name[at - 1] != (part < 3 ? '-' : '_'))
			return xstrndup(name, len);
		at--;
	}
	return xstrndup(name, at);
}

static bool is_index(struct lines_field f)
{
	size_t at = 0, n;

	while (at < f.len && (n = reader_token_len(f.at + at, f.len - at)) > 0)
		at += n;
	return f.len > 0 && at == f.len;
}

/* The line's parts; a title may hold tabs. */
struct info_line {
	struct lines_field index, title, id;
};

static int read_line(struct info_line *out, const struct lines *l, bool indexes, struct err *err)
{
	const char *end = l->at + l->len, *first = memchr(l->at, '\t', l->len), *last = memrchr(l->at, '\t', l->len);
	size_t bad = utf8_invalid_at(l->at, l->len);

	*out = (struct info_line){0};
	if (bad < l->len)
		return lines_refuse(l, err, "byte %zu is not valid UTF-8", bad + 1);
	if (!first || (indexes && first == last))
		return lines_refuse(
			l, err, "must be a%s title and an id, parted by tabs", indexes ? " semantic id, a" : "");
	out->id = (struct lines_field){last + 1, (size_t)(end - last) - 1};
	if (indexes) {
		out->index = (struct lines_field){l->at, (size_t)(first - l->at)};
		out->title = (struct lines_field){first + 1, (size_t)(last - first) - 1};
	} else {
		out->title = (struct lines_field){l->at, (size_t)(last - l->at)};
	}
	if (indexes && !is_index(out->index))
		return lines_refuse(
			l, err, "must begin with a semantic id like \"<a_12><b_3>\", as the first line does");
	return out->id.len > 0 ? 0 : lines_refuse(l, err, "must end with an item's id");
}

static int add_item(struct dataset *d, const struct lines *l, const struct info_line *line, struct err *err)
{
	char *id = xstrndup(line->id.at, line->id.len), *title = xstrndup(line->title.at, line->title.len);
	char *index = xstrndup(line->index.at ? line->index.at : "", line->index.len);
	int ret;

	if (catalogue_find(&d->catalogue, id) != ITEM_NONE)
		ret = lines_refuse(l, err, "names item '%s' a second time", id);
	else
		ret = catalogue_add(&d->catalogue, id, *title ? title : NULL, err);
	if (ret == 0 && *index)
		catalogue_set_index(&d->catalogue, (uint32_t)d->catalogue.n - 1, index);
	free(id);
	free(title);
	free(index);
	return ret;
}

/* Does the first line begin with a semantic id, and so all of them? */
static bool begins_with_index(const struct lines *l)
{
	struct lines_field field[3];

	return lines_split(l, "\t", field, ARRAY_LEN(field)) == 3 && is_index(field[0]);
}

static int read_info(struct dataset *d, const char *path, struct err *err)
{
	bool indexes = false;
	struct info_line line;
	struct lines l;
	int ret = lines_init(&l, path, err);

	while (ret == 0 && (ret = lines_next(&l, err)) > 0) {
		if (d->catalogue.n == 0)
			indexes = begins_with_index(&l);
		ret = read_line(&line, &l, indexes, err) || add_item(d, &l, &line, err) ? -1 : 0;
	}
	if (indexes) {
		d->index_file = xstrdup(path);
		d->n_index_files = 1;
	}
	d->form = indexes ? "MiniOneRec" : "D3";
	d->templates[ITEM_TITLE] = indexes ? NULL : "d3";
	d->templates[ITEM_INDEX] = "minionerec-inference";
	lines_release(&l);
	return ret;
}

struct columns {
	size_t item, history, user, timestamp, index;
	bool has_user, has_timestamp, has_index;
};

static int find_columns(struct columns *col, const struct csvfile *f, struct err *err)
{
	if (csvfile_column(f, "item_id", &col->item, err) || csvfile_column(f, "history_item_id", &col->history, err))
		return -1;
	col->has_user = csvfile_find(f, "user_id", &col->user);
	col->has_timestamp = csvfile_find(f, "timestamp", &col->timestamp);
	col->has_index = csvfile_find(f, "item_sid", &col->index);
	return 0;
}

static int check_index(const struct dataset *d, const struct rec_case *c, const struct csvfile *f,
	const struct csvfile_row *row, const struct columns *col, struct err *err)
{
	const char *index = c->positive == ITEM_NONE ? "" : d->catalogue.items[c->positive].index;

	if (!col->has_index || !*index || !strcmp(index, row->field[col->index]))
		return 0;
	return csvfile_refuse(f, row, col->index, err,
		"is \"%.80s\", but item '%.40s' has \"%.80s\" in '%.200s': the files do not belong together",
		row->field[col->index], c->positive_id, index, d->index_file);
}

/* One row as a case; history is scratch. */
static int read_case(struct dataset *d, struct split *s, const struct csvfile *f, const struct csvfile_row *row,
	const struct columns *col, struct reader_ids *history, struct err *err)
{
	struct rec_case c = {.user = "", .positive = catalogue_find(&d->catalogue, row->field[col->item])};
	char id[32];

	if (reader_ids_read(history, d, f, row, col->history, err))
		return -1;
	c.positive_id = c.positive == ITEM_NONE ? arena_strdup(&d->arena, row->field[col->item])
						: d->catalogue.items[c.positive].id;
	if (check_index(d, &c, f, row, col, err))
		return -1;
	if (col->has_user)
		c.user = arena_strdup(&d->arena, row->field[col->user]);
	if (col->has_timestamp && row->len[col->timestamp] &&
		csvfile_int(f, row, col->timestamp, INT64_MIN, INT64_MAX, &c.timestamp, err))
		return -1;
	snprintf(id, sizeof(id), "%zu", s->n + 1);
	c.id = arena_strdup(&d->arena, id);
	s->n_untitled += reader_ids_keep(history, d, &c);
	return reader_add_case(s, &c, err);
}

static int read_split(struct dataset *d, struct split *s, struct err *err)
{
	struct reader_ids history = {0};
	struct csvfile *f = NULL;
	struct csvfile_row row;
	struct columns col;
	int ret = -1;

	if (csvfile_open(&f, s->file, err) || find_columns(&col, f, err))
		goto out;
	while ((ret = csvfile_next(f, &row, err)) > 0)
		if (read_case(d, s, f, &row, &col, &history, err)) {
			ret = -1;
			break;
		}
out:
	csvfile_close(f);
	reader_ids_release(&history);
	return ret;
}

/* The file in a split's own folder: NAME.csv, info being …/NAME.txt, or else the only one. *file stays NULL where the
 * folder holds none. */
static int find_in_folder(char **file, const char *folder, const char *info, struct err *err)
{
	const char *name = file_last_part(info);
	char *wanted = xasprintf("%.*s.csv", (int)(strlen(name) - strlen(".txt")), name);
	struct file_names names = {0};
	int ret = file_list(&names, folder, "*.csv", err);

	if (ret == 0 && file_exists_in(folder, wanted))
		*file = file_join(folder, wanted);
	else if (ret == 0 && names.n == 1)
		*file = file_join(folder, names.at[0]);
	else if (ret == 0 && names.n > 1)
		ret = err_set(err, ERR_FORMAT, "'%s' holds %zu CSV files, none of which is called '%s'", folder,
			names.n, wanted);
	file_names_release(&names);
	free(wanted);
	return ret;
}

static int find_split(struct dataset *d, enum split_kind kind, const char *info, struct err *err)
{
	char *folder = file_join(d->path, split_name(kind));
	int ret = 0;

	if (file_is_dir(folder))
		ret = find_in_folder(&d->splits[kind].file, folder, info, err);
	else
		d->splits[kind].file = find_flat(d->path, kind);
	free(folder);
	return ret;
}

static int read_splits(struct dataset *d, const char *info, struct err *err)
{
	bool any = false;

	for (enum split_kind kind = 0; kind < SPLIT_COUNT; kind++) {
		if (find_split(d, kind, info, err) || (d->splits[kind].file && read_split(d, &d->splits[kind], err)))
			return -1;
		any |= d->splits[kind].file != NULL;
	}
	if (!any)
		return err_set(err, ERR_FORMAT,
			"'%s' holds items but no cases: test/*.csv, valid/*.csv or train/*.csv is missing", d->path);
	return 0;
}

static int read_all(struct dataset *d, struct err *err)
{
	char *info = find_info(d, err);
	int ret;

	if (!info)
		return -1;
	ret = read_info(d, info, err) || read_splits(d, info, err) ? -1 : 0;
	if (ret == 0 && is_in_folder(info)) {
		free(d->name);
		d->name = plain_name(info);
	}
	free(info);
	return ret;
}

const struct reader reader_d3 = {
	.form = "D3, MiniOneRec",
	.files = INFO "/*.txt, test/*.csv",
	.chosen = "*.txt",
	.folder = INFO,
	.match = match,
	.read = read_all,
};
