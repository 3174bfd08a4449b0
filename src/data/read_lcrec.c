/*
 * The published form of LC-Rec, LETTER and APAO, NAME being the dataset's:
 *
 *     NAME.inter.json    {"user": [item, …]}, oldest first
 *     NAME.item.json     {"item": {"title": "…", …}}, where there are titles
 *     NAME.index*.json   {"item": ["<a_1>", "<b_2>", …]}, semantic ids, one file a way of making them
 *
 * Without interactions there are items and no cases. Of a folder with several datasets one is meant by one of its
 * files; of several files of semantic ids the first by name counts, unless another is meant so.
 *
 * An item is a string or an integer. Splits are made as the published code makes them, leave-last-out: the last item of
 * a user is the test's, the one before it the validation's, the one before that the training's, each with all that came
 * before it as its history. A user without any history for a split has no case there.
 */
#include "data/reader.h"

#include <fnmatch.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "store/file.h"
#include "store/json.h"

#define INTER ".inter.json"
#define ITEM ".item.json"
#define INDEX ".index"

/* Models that come in several files have an index of them, too. */
static bool is_of_model(const char *name)
{
	return !fnmatch("*.@(safetensors|bin)" INDEX ".json", name, FNM_EXTMATCH);
}

/* The names of the directory's files, those with interactions first: they say which datasets there are, where there are
 * some. */
static int list_files(struct file_names *names, const char *path, struct err *err)
{
	size_t n = 0;

	if (file_list(names, path, "*" INTER, err))
		return -1;
	if (names->n > 0)
		return 0;
	if (file_list(names, path, "*" INDEX "*.json", err))
		return -1;
	for (size_t i = 0; i < names->n; i++) {
		if (is_of_model(names->at[i]))
			free(names->at[i]);
		else
			names->at[n++] = names->at[i];
	}
	names->n = n;
	return 0;
}

static bool match(const char *path)
{
	struct file_names names = {0};
	struct err ignored;
	bool matches = list_files(&names, path, &ignored) == 0 && names.n > 0;

	file_names_release(&names);
	return matches;
}

/* Bytes of the NAME in the name of a file with interactions or semantic ids. */
static size_t name_len(const char *file)
{
	size_t len = strlen(file);
	const char *index = strstr(file, INDEX);

	if (len > strlen(INTER) && !strcmp(file + len - strlen(INTER), INTER))
		return len - strlen(INTER);
	return index ? (size_t)(index - file) : len;
}

/* The NAME of the files; caller frees, NULL after a failure. */
static char *find_name(const struct dataset *d, struct err *err)
{
	struct file_names names = {0};
	const char *first = d->chosen ? file_last_part(d->chosen) : NULL;
	char *name = NULL;

	if (!first && list_files(&names, d->path, err))
		goto out;
	if (!first && names.n == 0) {
		err_set(err, ERR_NOT_FOUND, "'%s' holds no *" INTER, d->path);
		goto out;
	}
	if (!first)
		first = names.at[0];
	for (size_t i = 1; i < names.n; i++)
		if (name_len(names.at[i]) != name_len(first) || memcmp(names.at[i], first, name_len(first)) != 0) {
			err_set(err, ERR_FORMAT, "'%s' holds several datasets: name one by its file, '%s/%s' or '%s'",
				d->path, d->path, first, names.at[i]);
			goto out;
		}
	name = xstrndup(first, name_len(first));
out:
	file_names_release(&names);
	return name;
}

/* One member of NAME.item.json. */
static int read_item(struct dataset *d, const struct json_node *node, struct err *err)
{
	const char *title = NULL;

	if (json_as_object(node, err) || json_opt_str(node, "title", &title, err))
		return -1;
	return catalogue_add(&d->catalogue, node->key, title && *title ? title : NULL, err);
}

static int join_tokens(struct buf *out, const struct json_node *list, struct err *err)
{
	size_t n;

	if (json_as_array(list, &n, err))
		return -1;
	if (n == 0)
		return json_refuse(list, err, "holds no token");
	for (size_t i = 0; i < n; i++) {
		struct json_node node = json_element(list, i);
		const char *token;

		if (json_as_str(&node, &token, NULL, err))
			return -1;
		if (!*token || reader_token_len(token, strlen(token)) != strlen(token))
			return json_refuse(&node, err, "must be a token like \"<a_12>\"");
		buf_addstr(out, token);
	}
	return 0;
}

/* One member of NAME.index*.json. */
static int read_index(struct dataset *d, const struct json_node *node, struct err *err)
{
	uint32_t item = catalogue_find(&d->catalogue, node->key);
	struct buf text = {0};
	int ret = -1;

	if (join_tokens(&text, node, err))
		goto out;
	if (item == ITEM_NONE) {
		item = (uint32_t)d->catalogue.n;
		if (catalogue_add(&d->catalogue, node->key, NULL, err))
			goto out;
	}
	catalogue_set_index(&d->catalogue, item, buf_str(&text));
	ret = 0;
out:
	buf_release(&text);
	return ret;
}

/* Sets d->index_file to the first by name, unless the user has named one. */
static int find_index(struct dataset *d, const char *name, struct err *err)
{
	struct file_names names = {0};
	char *prefix = xasprintf("%s" INDEX, name);
	bool chosen = d->chosen && !fnmatch("*" INDEX "*.json", file_last_part(d->chosen), 0);
	int ret = file_list(&names, d->path, "*" INDEX "*.json", err);

	if (chosen)
		d->index_file = xstrdup(d->chosen);
	for (size_t i = 0; ret == 0 && i < names.n; i++) {
		if (strncmp(names.at[i], prefix, strlen(prefix)) != 0)
			continue;
		if (!d->index_file)
			d->index_file = file_join(d->path, names.at[i]);
		d->n_index_files++;
	}
	file_names_release(&names);
	free(prefix);
	return ret;
}

static int read_catalogue(struct dataset *d, const char *name, struct err *err)
{
	char *file = xasprintf("%s" ITEM, name);
	char *path = file_join(d->path, file);
	bool titles = file_exists(path);
	int ret = -1;

	if (find_index(d, name, err))
		goto out;
	if (!titles && !d->index_file) {
		err_set(err, ERR_FORMAT,
			"'%s' holds %s" INTER " but no items: %s" ITEM " or %s" INDEX ".json is missing", d->path, name,
			name, name);
		goto out;
	}
	if (titles && reader_members(d, path, read_item, err))
		goto out;
	ret = d->index_file ? reader_members(d, d->index_file, read_index, err) : 0;
out:
	free(path);
	free(file);
	return ret;
}

/* The id as the other files spell it: a string, or an integer's decimal digits in `number`. */
static const char *item_id(const struct json_node *node, char number[24], struct err *err)
{
	const char *id;
	int64_t n;

	if (json_is_string(node->value))
		return json_as_str(node, &id, NULL, err) ? NULL : id;
	if (!json_is_number(node->value)) {
		json_refuse(node, err, "must be an item's id, a string or an integer");
		return NULL;
	}
	if (json_as_int(node, INT64_MIN, INT64_MAX, &n, err))
		return NULL;
	snprintf(number, 24, "%lld", (long long)n);
	return number;
}

static int read_visit(struct dataset *d, const struct json_node *node, struct visit *v, struct err *err)
{
	char number[24];
	const char *id = item_id(node, number, err);

	if (!id)
		return -1;
	v->item = catalogue_find(&d->catalogue, id);
	v->id = v->item == ITEM_NONE ? arena_strdup(&d->arena, id) : d->catalogue.items[v->item].id;
	return 0;
}

static int read_user(struct dataset *d, const struct json_node *user, struct err *err)
{
	VEC(struct visit) visits = {0};
	size_t n;
	int ret = -1;

	if (json_as_array(user, &n, err))
		return -1;
	for (size_t i = 0; i < n; i++) {
		struct json_node node = json_element(user, i);
		struct visit v = {0};

		if (read_visit(d, &node, &v, err))
			goto out;
		vec_push(&visits, v);
	}
	ret = reader_leave_last(d, arena_strdup(&d->arena, user->key), visits.at, n, err);
out:
	vec_release(&visits);
	return ret;
}

static int read_cases(struct dataset *d, const char *path, struct err *err)
{
	for (enum split_kind kind = 0; kind < SPLIT_COUNT; kind++)
		d->splits[kind].file = xstrdup(path);
	return reader_members(d, path, read_user, err);
}

static int read_all(struct dataset *d, struct err *err)
{
	char *name = find_name(d, err), *file, *path;
	int ret;

	if (!name)
		return -1;
	file = xasprintf("%s" INTER, name);
	path = file_join(d->path, file);
	ret = read_catalogue(d, name, err);
	if (ret == 0 && file_exists(path))
		ret = read_cases(d, path, err);
	free(path);
	free(file);
	free(name);
	return ret;
}

const struct reader reader_lcrec = {
	.form = "LC-Rec",
	.files = "*" INTER " with *" ITEM ", *" INDEX "*.json",
	.chosen = "*.@(inter|index*).json",
	.match = match,
	.read = read_all,
};
