/*
 * Opening a dataset, and what can be asked of any form of it.
 */
#include "data/dataset.h"

#include <errno.h>
#include <fnmatch.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "data/popularity.h"
#include "data/reader.h"
#include "store/file.h"

const char *split_name(enum split_kind kind)
{
	static const char *const names[SPLIT_COUNT] = {
		[SPLIT_TEST] = "test",
		[SPLIT_VALID] = "valid",
		[SPLIT_TRAIN] = "train",
	};

	return names[kind];
}

/* The last component of a path that names something; of "." and the like, the one they stand for. Caller frees. */
static char *directory_name(const char *path)
{
	size_t end = strlen(path), start;
	char *real, *name;

	while (end > 0 && path[end - 1] == '/')
		end--;
	for (start = end; start > 0 && path[start - 1] != '/'; start--)
		;
	name = xstrndup(path + start, end - start);
	if (*name && strcmp(name, ".") && strcmp(name, ".."))
		return name;
	real = realpath(path, NULL);
	if (real) {
		free(name);
		name = xstrdup(strrchr(real, '/') + 1);
		free(real);
	}
	return name;
}

/* The reader of the forms of which a file of that name stands for the whole; NULL: there is none. */
static const struct reader *reader_of_file(const char *path)
{
	for (const struct reader *const *r = dataset_readers; *r; r++)
		if ((*r)->chosen && !fnmatch((*r)->chosen, file_last_part(path), FNM_EXTMATCH))
			return *r;
	return NULL;
}

/* The directory of the dataset that one of its files stands for: the file's own, or where that is the reader's folder,
 * the one above. Caller frees. */
static char *directory_of_file(const char *path, const char *folder)
{
	size_t len = (size_t)(file_last_part(path) - path), name = folder ? strlen(folder) : 0;

	if (folder && len > name && !memcmp(path + len - name - 1, folder, name) &&
		(len == name + 1 || path[len - name - 2] == '/'))
		len -= name + 1;
	return len > 0 ? xstrndup(path, len) : xstrdup(".");
}

/* Where the dataset is that a path means, and what reads it; *reader stays as it is where the path is a directory: then
 * its files say it. Caller frees; NULL after a failure. */
static char *find_directory(const char *path, const struct reader **reader, struct err *err)
{
	const struct reader *found = reader_of_file(path);
	struct stat st;

	if (stat(path, &st)) {
		err_errno(err, errno, "dataset '%s'", path);
		return NULL;
	}
	if (S_ISDIR(st.st_mode))
		return xstrdup(path);
	if (S_ISREG(st.st_mode) && found) {
		*reader = found;
		return directory_of_file(path, found->folder);
	}
	err_set(err, ERR_FORMAT, "dataset '%s' is not a directory", path);
	return NULL;
}

static const struct reader *find_reader(const char *path)
{
	for (const struct reader *const *r = dataset_readers; *r; r++)
		if ((*r)->match(path))
			return *r;
	return NULL;
}

/* Is there a dataset in one of the directory's folders? Then it is that one that was meant. */
static bool is_below(const char *path, struct err *err)
{
	struct file_names names = {0};
	struct err ignored;
	bool found = false;

	if (file_list_dirs(&names, path, &ignored))
		goto out;
	for (size_t i = 0; i < names.n && !found; i++) {
		char *folder = file_join(path, names.at[i]);
		const struct reader *reader = find_reader(folder);

		found = reader != NULL;
		if (found)
			err_set(err, ERR_FORMAT, "'%s' holds no dataset of a known form; its folder '%s' does (%s)",
				path, folder, reader->form);
		free(folder);
	}
out:
	file_names_release(&names);
	return found;
}

static void unknown_form(const char *path, struct err *err)
{
	struct buf forms = {0};

	if (is_below(path, err))
		return;
	for (const struct reader *const *r = dataset_readers; *r; r++)
		buf_addf(&forms, "%s%s (%s)", forms.len ? "; " : "", (*r)->files, (*r)->form);
	err_set(err, ERR_FORMAT, "'%s' holds no dataset of a known form: looked for %s", path, buf_str(&forms));
	buf_release(&forms);
}

/* By the cases: a user without one is in no file. */
static size_t count_users(const struct dataset *d)
{
	struct map users;
	bool added;
	size_t n;

	map_init(&users, 0);
	for (enum split_kind kind = 0; kind < SPLIT_COUNT; kind++)
		for (size_t i = 0; i < d->splits[kind].n; i++) {
			const char *user = d->splits[kind].cases[i].user;

			if (*user)
				map_put(&users, user, strlen(user), 0, &added);
		}
	n = users.n;
	map_release(&users);
	return n;
}

static int read_all(struct dataset *d, const struct reader *reader, struct err *err)
{
	if (reader->read(d, err) || reader_meta(d, err) || popularity_count(d, err))
		return -1;
	if (d->n_users == 0)
		d->n_users = count_users(d);
	return 0;
}

int dataset_open(struct dataset **out, const char *path, struct err *err)
{
	const struct reader *reader = NULL;
	char *dir = find_directory(path, &reader, err);
	struct dataset *d;

	if (!dir)
		return -1;
	if (!reader)
		reader = find_reader(dir);
	if (!reader) {
		unknown_form(dir, err);
		free(dir);
		return -1;
	}
	d = xcalloc(1, sizeof(*d));
	d->path = dir;
	d->name = directory_name(dir);
	d->form = reader->form;
	d->chosen = file_is_dir(path) ? NULL : xstrdup(path);
	catalogue_init(&d->catalogue);
	arena_init(&d->arena);
	for (size_t i = 0; i < SPLIT_COUNT; i++)
		map_init(&d->splits[i].by_id, 0);
	if (read_all(d, reader, err)) {
		dataset_free(d);
		return -1;
	}
	*out = d;
	return 0;
}

void dataset_free(struct dataset *d)
{
	if (!d)
		return;
	for (size_t i = 0; i < SPLIT_COUNT; i++) {
		free(d->splits[i].file);
		free(d->splits[i].cases);
		map_release(&d->splits[i].by_id);
	}
	catalogue_release(&d->catalogue);
	arena_release(&d->arena);
	free(d->pieces);
	free(d->settings);
	free(d->chosen);
	free(d->index_file);
	free(d->path);
	free(d->name);
	free(d);
}

const char *dataset_asks(const struct dataset *d, const char *name)
{
	for (size_t i = 0; i < d->n_settings; i++)
		if (!strcmp(d->settings[i].name, name))
			return d->settings[i].value;
	return NULL;
}

void dataset_ask(struct dataset *d, const char *name, const char *value)
{
	if (dataset_asks(d, name))
		return;
	d->settings = xreallocarray(d->settings, d->n_settings + 1, sizeof(*d->settings));
	d->settings[d->n_settings++] = (struct dataset_setting){
		.name = arena_strdup(&d->arena, name),
		.value = arena_strdup(&d->arena, value),
	};
}

const char *dataset_first_case(const struct dataset *d, enum split_kind split)
{
	if (split == SPLIT_TEST && d->first_case)
		return d->first_case;
	return d->splits[split].n > 0 ? d->splits[split].cases[0].id : NULL;
}

const struct rec_case *dataset_case(const struct dataset *d, enum split_kind split, const char *id, struct err *err)
{
	const struct split *s = &d->splits[split];
	uint32_t at;

	if (map_get(&s->by_id, id, strlen(id), &at))
		return &s->cases[at];
	if (!s->file)
		err_set(err, ERR_NOT_FOUND, "dataset '%s' has no %s split", d->name, split_name(split));
	else if (s->n == 0)
		err_set(err, ERR_NOT_FOUND, "there is no case '%s': '%s' holds none", id, s->file);
	else
		err_set(err, ERR_NOT_FOUND,
			"there is no case '%s' in the %s split of '%s': its %zu cases are '%s' to '%s'", id,
			split_name(split), d->name, s->n, s->cases[0].id, s->cases[s->n - 1].id);
	return NULL;
}

static int piece_cmp(const void *token, const void *piece)
{
	uint32_t a = *(const uint32_t *)token, b = ((const struct piece *)piece)->token;

	return (a > b) - (a < b);
}

const char *dataset_piece(const struct dataset *d, uint32_t token)
{
	const struct piece *p = NULL;

	if (d->n_pieces)
		p = bsearch(&token, d->pieces, d->n_pieces, sizeof(*d->pieces), piece_cmp);
	return p ? p->text : NULL;
}

void dataset_prompt_text(const struct dataset *d, const struct rec_case *c, const struct template *tm,
	size_t max_history, struct buf *out)
{
	size_t limit = max_history && c->n_history > max_history ? max_history : c->n_history;
	const char **texts = xcalloc(c->n_history + 1, sizeof(*texts));
	size_t first = c->n_history;

	if (d->tokens_only)
		BUG("a token dataset has no prompt text");
	for (size_t i = c->n_history; i > 0 && c->n_history - first < limit; i--) {
		const struct item *item = &d->catalogue.items[c->history[i - 1]];

		if (!item->no_text)
			texts[--first] = item->text;
	}
	template_prompt(tm, texts + first, c->n_history - first, out);
	free(texts);
}

int dataset_prompt(const struct dataset *d, const struct rec_case *c, const struct tokenizer *t,
	const struct template *tm, size_t max_history, struct vec_u32 *ids, struct err *err)
{
	struct buf text = {0};
	int ret;

	if (d->tokens_only) {
		for (size_t i = 0; i < c->n_prompt; i++)
			vec_push(ids, c->prompt[i]);
		return 0;
	}
	dataset_prompt_text(d, c, tm, max_history, &text);
	ret = tokenizer_encode(t, buf_str(&text), text.len, true, ids, NULL, err);
	if (ret)
		err_prefix(err, "prompt of case '%s'", c->id);
	buf_release(&text);
	return ret;
}
