/*
 * The published form of LC-Rec, LETTER and APAO, NAME being the dataset's:
 *
 *     NAME.inter.json    {"user": [item, …]}, oldest first
 *     NAME.item.json     {"item": {"title": "…", …}}, where there are titles
 *     NAME.index*.json   {"item": ["<a_1>", "<b_2>", …]}, semantic ids, one file a way of making them
 *
 * An item is a string or an integer. Splits are made as the published code makes them, leave-last-out: the last item of
 * a user is the test's, the one before it the validation's, the one before that the training's, each with all that came
 * before it as its history. A user without any history for a split has no case there.
 */
#include "data/reader.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "store/file.h"
#include "store/json.h"

#define INTER ".inter.json"
#define ITEM ".item.json"
#define INDEX ".index"

static bool match(const char *path)
{
	struct file_names names = {0};
	struct err ignored;
	bool matches = file_list(&names, path, "*" INTER, &ignored) == 0 && names.n > 0;

	file_names_release(&names);
	return matches;
}

/* The NAME of the files; caller frees, NULL after a failure. */
static char *find_name(const struct dataset *d, struct err *err)
{
	struct file_names names = {0};
	char *name = NULL;

	if (file_list(&names, d->path, "*" INTER, err))
		goto out;
	if (names.n == 1)
		name = xstrndup(names.at[0], strlen(names.at[0]) - strlen(INTER));
	else if (names.n == 0)
		err_set(err, ERR_NOT_FOUND, "'%s' holds no *" INTER, d->path);
	else
		err_set(err, ERR_FORMAT,
			"'%s' holds %zu datasets, '%s' and '%s' among them: put each into a "
			"folder of its own",
			d->path, names.n, names.at[0], names.at[1]);
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

/* The codebook's form of a token, by which it can be told where in a joined text one ends. */
static bool is_token(const char *s)
{
	size_t len = strlen(s);

	return len > 2 && s[0] == '<' && s[len - 1] == '>' && strcspn(s + 1, "<>") == len - 2;
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
		if (!is_token(token))
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
	int ret = file_list(&names, d->path, "*" INDEX "*.json", err);

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

/* A user's interactions. */
struct sequence {
	struct vec_u32 known;   /* those of the catalogue */
	struct vec_u32 n_known; /* [i]: of the first i interactions, how many */
};

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

static int read_sequence(struct dataset *d, const struct json_node *user, struct sequence *s, struct err *err)
{
	char number[24];
	size_t n;

	if (json_as_array(user, &n, err))
		return -1;
	vec_clear(&s->known);
	vec_clear(&s->n_known);
	for (size_t i = 0; i < n; i++) {
		struct json_node node = json_element(user, i);
		const char *id = item_id(&node, number, err);
		uint32_t item;

		if (!id)
			return -1;
		item = catalogue_find(&d->catalogue, id);
		vec_push(&s->n_known, (uint32_t)s->known.n);
		if (item != ITEM_NONE)
			vec_push(&s->known, item);
	}
	return 0;
}

/* The case whose positive item is interaction `at` of the user; history: the kept s->known. */
static int add_case(struct dataset *d, struct split *split, const struct json_node *user, const char *name, size_t at,
	const struct sequence *s, const uint32_t *history, struct err *err)
{
	struct json_node node = json_element(user, at);
	struct rec_case c = {
		.user = name,
		.history = history,
		.n_history = s->n_known.at[at],
	};
	char number[24];
	const char *id = item_id(&node, number, err);

	if (!id)
		return -1;
	c.positive = catalogue_find(&d->catalogue, id);
	c.positive_id = c.positive == ITEM_NONE ? arena_strdup(&d->arena, id) : d->catalogue.items[c.positive].id;
	snprintf(number, sizeof(number), "%zu", split->n + 1);
	c.id = arena_strdup(&d->arena, number);
	split->n_untitled += at - c.n_history;
	return reader_add_case(split, &c, err);
}

static int read_user(struct dataset *d, const struct json_node *user, struct err *err)
{
	static const enum split_kind from_last[] = {SPLIT_TEST, SPLIT_VALID, SPLIT_TRAIN};
	const char *name = arena_strdup(&d->arena, user->key);
	struct sequence s = {0};
	const uint32_t *history;
	int ret = read_sequence(d, user, &s, err);

	if (ret)
		goto out;
	history = reader_keep(d, &s.known);
	for (size_t i = 0; ret == 0 && i < ARRAY_LEN(from_last); i++) {
		struct split *split = &d->splits[from_last[i]];

		if (s.n_known.n < i + 2)
			split->n_too_short++;
		else
			ret = add_case(d, split, user, name, s.n_known.n - 1 - i, &s, history, err);
	}
out:
	vec_release(&s.known);
	vec_release(&s.n_known);
	return ret;
}

static int read_all(struct dataset *d, struct err *err)
{
	char *name = find_name(d, err), *file, *path;
	int ret = -1;

	if (!name)
		return -1;
	file = xasprintf("%s" INTER, name);
	path = file_join(d->path, file);
	if (read_catalogue(d, name, err))
		goto out;
	for (enum split_kind kind = 0; kind < SPLIT_COUNT; kind++)
		d->splits[kind].file = xstrdup(path);
	ret = reader_members(d, path, read_user, err);
out:
	free(path);
	free(file);
	free(name);
	return ret;
}

const struct reader reader_lcrec = {
	.form = "LC-Rec",
	.files = "*" INTER " with *" ITEM ", *" INDEX "*.json",
	.match = match,
	.read = read_all,
};
