#include "data/write_tokens.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/utf8.h"
#include "data/reader.h"
#include "store/csvfile.h"
#include "store/file.h"

#define REPLACEMENT "\xEF\xBF\xBD"

/* A file in the making: rows are collected in `row` and handed over one by one. */
struct sheet {
	struct file_writer file;
	struct buf row;
};

static int sheet_add(struct sheet *s, struct err *err)
{
	buf_addch(&s->row, '\n');
	if (file_writer_add(&s->file, buf_str(&s->row), s->row.len, err))
		return -1;
	buf_clear(&s->row);
	return 0;
}

static int sheet_init(struct sheet *s, const char *dir, const char *name, const char *heading, struct err *err)
{
	char *path = file_join(dir, name);
	int failed;

	*s = (struct sheet){0};
	failed = file_writer_init(&s->file, path, err);
	free(path);
	if (failed)
		return -1;
	buf_addstr(&s->row, heading);
	return sheet_add(s, err);
}

/* Puts the file in its place unless something failed before; released either way. */
static int sheet_end(struct sheet *s, int failed, struct err *err)
{
	if (!failed)
		failed = file_writer_commit(&s->file, err);
	file_writer_release(&s->file);
	buf_release(&s->row);
	return failed;
}

static void add_ids(struct buf *row, const uint32_t *ids, size_t n)
{
	for (size_t i = 0; i < n; i++)
		buf_addf(row, "%s%" PRIu32, i > 0 ? " " : "", ids[i]);
}

static int write_items(struct write_tokens *w, const char *dir, struct err *err)
{
	const struct catalogue *c = &w->d->catalogue;
	struct sheet s;
	int failed = sheet_init(&s, dir, "items.csv", "item_id,tokens,title", err);

	for (size_t i = 0; i < c->n && !failed; i++) {
		const struct item *item = &c->items[i];

		if (!*item->id) {
			failed = err_set(err, ERR_VALUE,
				"item %zu of dataset '%s' has no id, and a token dataset names every item", i + 1,
				w->d->name);
			break;
		}
		csvfile_add_exact(&s.row, item->id);
		buf_addch(&s.row, ',');
		add_ids(&s.row, c->tokens + c->first[i], c->first[i + 1] - c->first[i]);
		buf_addch(&s.row, ',');
		csvfile_add_exact(&s.row, *item->title ? item->title : item->text);
		failed = sheet_add(&s, err);
	}
	return sheet_end(&s, failed, err);
}

static int add_case(
	struct write_tokens *w, struct sheet *s, enum split_kind kind, const struct rec_case *c, struct err *err)
{
	struct vec_u32 ids = {0};
	int failed;

	if (cancelled(w->cancel))
		return err_set(err, ERR_CANCELLED, "cancelled: nothing was written");
	failed = dataset_prompt(w->d, c, w->t, w->tm, w->max_history, &ids, err);
	if (!failed && ids.n == 0) {
		w->left_out++;
	} else if (!failed) {
		csvfile_add_exact(&s->row, c->id);
		buf_addch(&s->row, ',');
		add_ids(&s->row, ids.at, ids.n);
		buf_addch(&s->row, ',');
		csvfile_add_exact(&s->row, c->positive_id);
		failed = sheet_add(s, err);
		w->cases[kind]++;
	}
	vec_release(&ids);
	return failed;
}

/* The file of the test split is what tells a token dataset: it is there also without a case. */
static int write_split(struct write_tokens *w, const char *dir, enum split_kind kind, size_t *done, struct err *err)
{
	const struct split *split = &w->d->splits[kind];
	struct sheet s;
	int failed;

	if (!split->file && kind != SPLIT_TEST)
		return 0;
	failed = sheet_init(&s, dir, reader_tokens_files[kind], "case_id,prompt_tokens,item_id", err);
	for (size_t i = 0; i < split->n && !failed; i++) {
		failed = add_case(w, &s, kind, &split->cases[i], err);
		++*done;
		if (w->tell && !failed)
			w->tell(w->arg, *done);
	}
	return sheet_end(&s, failed, err);
}

/* A token may end inside a character, and one may be the byte 0, which no CSV holds. */
static void add_piece(struct buf *row, const char *piece, size_t len)
{
	struct buf text = {0};

	while (len > 0) {
		size_t good = utf8_invalid_at(piece, len), plain = strnlen(piece, good);

		buf_add(&text, piece, plain);
		if (plain == len)
			break;
		buf_addstr(&text, REPLACEMENT);
		piece += plain + 1;
		len -= plain + 1;
	}
	csvfile_add_exact(row, buf_str(&text));
	buf_release(&text);
}

static int add_token(struct write_tokens *w, struct sheet *s, uint32_t token, const char *piece, size_t len,
	struct err *err)
{
	buf_addf(&s->row, "%" PRIu32 ",", token);
	add_piece(&s->row, piece, len);
	w->pieces++;
	return sheet_add(s, err);
}

static int add_tokens(struct write_tokens *w, struct sheet *s, struct err *err)
{
	size_t n = w->t ? tokenizer_vocab_size(w->t) : 0;
	struct buf piece = {0};
	struct err none;
	int failed = 0;

	for (size_t i = 0; i < w->d->n_pieces && !w->t && !failed; i++) {
		const struct piece *p = &w->d->pieces[i];

		failed = add_token(w, s, p->token, p->text, strlen(p->text), err);
	}
	for (size_t id = 0; id < n && !failed; id++) {
		buf_clear(&piece);
		if (tokenizer_piece(w->t, (uint32_t)id, &piece, &none) == 0) /* an id that no token has is no failure */
			failed = add_token(w, s, (uint32_t)id, buf_str(&piece), piece.len, err);
	}
	buf_release(&piece);
	return failed;
}

static int write_vocabulary(struct write_tokens *w, const char *dir, struct err *err)
{
	struct sheet s;
	int failed;

	if (!w->t && w->d->n_pieces == 0)
		return 0;
	failed = sheet_init(&s, dir, "vocab.csv", "token_id,text", err);
	if (!failed)
		failed = add_tokens(w, &s, err);
	return sheet_end(&s, failed, err);
}

static int write_meta(struct write_tokens *w, const char *dir, struct err *err)
{
	json_t *meta = json_object();

	json_object_set_new(meta, "eos_token_id", json_integer((json_int_t)w->d->catalogue.eos));
	json_object_update(meta, (json_t *)w->meta);
	return json_write_new(dir, "meta.json", meta, err);
}

size_t write_tokens_cases(const struct dataset *d)
{
	size_t n = 0;

	for (size_t k = 0; k < SPLIT_COUNT; k++)
		n += d->splits[k].n;
	return n;
}

int write_tokens(struct write_tokens *w, const char *dir, struct err *err)
{
	size_t done = 0;

	if (write_items(w, dir, err))
		return -1;
	for (enum split_kind kind = 0; kind < SPLIT_COUNT; kind++)
		if (write_split(w, dir, kind, &done, err))
			return -1;
	return write_vocabulary(w, dir, err) || write_meta(w, dir, err) ? -1 : 0;
}
