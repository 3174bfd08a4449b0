/*
 * Token datasets: items and prompts as token ids separated by spaces, for models without a tokenizer.
 *
 *     items.csv   item_id,tokens[,title]             EOS at the end of tokens or not: it is put there
 *     cases.csv   case_id,prompt_tokens,item_id      the test split; item_id may be empty
 *     cases_valid.csv, cases_train.csv               likewise, if there
 *     vocab.csv   token_id,text                      optional: what to show for a token; rising ids
 *     meta.json   {"eos_token_id": 2}
 */
#include "data/reader.h"

#include <stdlib.h>
#include <string.h>

#include "store/csvfile.h"
#include "store/file.h"
#include "store/json.h"

const char *const reader_tokens_files[SPLIT_COUNT] = {
	[SPLIT_TEST] = "cases.csv",
	[SPLIT_VALID] = "cases_valid.csv",
	[SPLIT_TRAIN] = "cases_train.csv",
};

static bool match(const char *path)
{
	return file_exists_in(path, "items.csv") && file_exists_in(path, reader_tokens_files[SPLIT_TEST]);
}

static int read_eos(const struct dataset *d, uint32_t *eos, struct err *err)
{
	char *path = file_join(d->path, "meta.json");
	struct json_doc doc = {0};
	size_t id;
	int ret = -1;

	if (json_doc_read(&doc, path, err) || json_as_object(&doc.root, err) ||
		json_get_size(&doc.root, "eos_token_id", 0, TOKEN_NONE - 1, &id, err))
		goto out;
	*eos = (uint32_t)id;
	ret = 0;
out:
	json_doc_release(&doc);
	free(path);
	return ret;
}

/* A file being read row by row. */
struct table {
	struct csvfile *f;
	struct csvfile_row row;
	size_t col[3]; /* where the columns are that it must have */
	size_t title;
	bool has_title;
	struct vec_u32 ids; /* scratch */
};

/* The field's token ids, separated by spaces, into t->ids. */
static int read_ids(struct table *t, size_t column, struct err *err)
{
	const char *text = t->row.field[column], *at = text;

	vec_clear(&t->ids);
	for (at += strspn(at, " "); *at; at += strspn(at, " ")) {
		size_t digits = strspn(at, "0123456789");
		unsigned long long id = strtoull(at, NULL, 10); /* its largest value where it would overflow */

		if (digits == 0 || (at[digits] && at[digits] != ' '))
			return csvfile_refuse(t->f, &t->row, column, err,
				"must be token ids separated by spaces; it is not at character %zu",
				(size_t)(at - text) + 1);
		if (id >= TOKEN_NONE)
			return csvfile_refuse(t->f, &t->row, column, err, "has a token id over %u at character %zu",
				TOKEN_NONE - 1, (size_t)(at - text) + 1);
		vec_push(&t->ids, (uint32_t)id);
		at += digits;
	}
	return 0;
}

/* A row of items.csv; arg is the spelling in the making. */
static int read_item(struct dataset *d, struct table *t, void *arg, struct err *err)
{
	const char *id = t->row.field[t->col[0]], *title = t->has_title ? t->row.field[t->title] : "";
	struct spelling *spelling = arg;
	size_t n;

	if (!*id)
		return csvfile_refuse(t->f, &t->row, t->col[0], err, "must not be empty");
	if (catalogue_find(&d->catalogue, id) != ITEM_NONE)
		return csvfile_refuse(t->f, &t->row, t->col[0], err, "names item '%s' a second time", id);
	if (read_ids(t, t->col[1], err))
		return -1;
	n = t->ids.n;
	if (n && t->ids.at[n - 1] == spelling->eos)
		n--;
	for (size_t i = 0; i < n; i++)
		if (t->ids.at[i] == spelling->eos)
			return csvfile_refuse(t->f, &t->row, t->col[1], err,
				"has the end-of-sequence token %u before its end", spelling->eos);
	if (catalogue_add(&d->catalogue, id, *title ? title : NULL, err))
		return -1;
	spelling_add(spelling, t->ids.at, n);
	return 0;
}

/* A row of one of the files of cases; arg is the split. */
static int read_case(struct dataset *d, struct table *t, void *arg, struct err *err)
{
	const char *id = t->row.field[t->col[0]], *item = t->row.field[t->col[2]];
	struct rec_case c = {.user = "", .positive = catalogue_find(&d->catalogue, item)};
	struct split *s = arg;
	uint32_t earlier;

	if (!*id)
		return csvfile_refuse(t->f, &t->row, t->col[0], err, "must not be empty");
	if (map_get(&s->by_id, id, strlen(id), &earlier))
		return csvfile_refuse(t->f, &t->row, t->col[0], err, "names case '%s' a second time", id);
	if (read_ids(t, t->col[1], err))
		return -1;
	if (!t->ids.n)
		return csvfile_refuse(t->f, &t->row, t->col[1], err, "must hold at least one token");
	c.id = arena_strdup(&d->arena, id);
	c.positive_id = arena_strdup(&d->arena, item);
	c.prompt = reader_keep(d, &t->ids);
	c.n_prompt = t->ids.n;
	return reader_add_case(s, &c, err);
}

struct pieces {
	struct piece *at;
	size_t n, cap;
};

/* A row of vocab.csv; arg is the pieces so far. */
static int read_piece(struct dataset *d, struct table *t, void *arg, struct err *err)
{
	struct pieces *pieces = arg;
	const struct piece *last = pieces->n ? &pieces->at[pieces->n - 1] : NULL;
	int64_t token;

	if (csvfile_int(t->f, &t->row, t->col[0], 0, TOKEN_NONE - 1, &token, err))
		return -1;
	if (last && token <= last->token)
		return csvfile_refuse(
			t->f, &t->row, t->col[0], err, "must rise from row to row; %u is before it", last->token);
	vec_push(pieces, (struct piece){
				 .token = (uint32_t)token,
				 .text = arena_strdup(&d->arena, t->row.field[t->col[1]]),
			 });
	return 0;
}

typedef int (*row_reader)(struct dataset *d, struct table *t, void *arg, struct err *err);

/* Hands every row of a file to `read`. columns: the names of those that it must have, ending with NULL. */
static int read_table(
	struct dataset *d, const char *path, const char *const *columns, row_reader read, void *arg, struct err *err)
{
	struct table t = {0};
	int ret = -1;

	if (csvfile_open(&t.f, path, err))
		return -1;
	for (size_t i = 0; columns[i]; i++)
		if (csvfile_column(t.f, columns[i], &t.col[i], err))
			goto out;
	t.has_title = csvfile_find(t.f, "title", &t.title);
	while ((ret = csvfile_next(t.f, &t.row, err)) > 0)
		if (read(d, &t, arg, err)) {
			ret = -1;
			break;
		}
out:
	csvfile_close(t.f);
	vec_release(&t.ids);
	return ret;
}

static int read_items(struct dataset *d, uint32_t eos, struct err *err)
{
	static const char *const columns[] = {"item_id", "tokens", NULL};
	char *path = file_join(d->path, "items.csv");
	struct spelling spelling = {.eos = eos};
	int ret = read_table(d, path, columns, read_item, &spelling, err);

	if (ret == 0)
		catalogue_spell(&d->catalogue, &spelling);
	spelling_release(&spelling);
	free(path);
	return ret;
}

/* A file that is not there leaves the split without one. */
static int read_split(struct dataset *d, enum split_kind kind, struct err *err)
{
	static const char *const columns[] = {"case_id", "prompt_tokens", "item_id", NULL};
	struct split *s = &d->splits[kind];

	if (!file_exists_in(d->path, reader_tokens_files[kind]))
		return 0;
	s->file = file_join(d->path, reader_tokens_files[kind]);
	return read_table(d, s->file, columns, read_case, s, err);
}

static int read_vocabulary(struct dataset *d, struct err *err)
{
	static const char *const columns[] = {"token_id", "text", NULL};
	char *path = file_join(d->path, "vocab.csv");
	struct pieces pieces = {0};
	int ret = file_exists(path) ? read_table(d, path, columns, read_piece, &pieces, err) : 0;

	d->pieces = pieces.at;
	d->n_pieces = pieces.n;
	free(path);
	return ret;
}

static int read_all(struct dataset *d, struct err *err)
{
	uint32_t eos;

	d->tokens_only = true;
	if (read_eos(d, &eos, err) || read_items(d, eos, err))
		return -1;
	for (enum split_kind kind = 0; kind < SPLIT_COUNT; kind++)
		if (read_split(d, kind, err))
			return -1;
	return read_vocabulary(d, err);
}

const struct reader reader_tokens = {
	.form = "tokens",
	.files = "items.csv, cases.csv and meta.json",
	.match = match,
	.read = read_all,
};
