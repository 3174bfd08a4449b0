/*
 * Datasets from any bytes. An input is a bundle of files: each begins with a line "=== NAME", where NAME is one of
 * those that readers look for; what comes before the first such line, and files of other names, are passed over.
 */
#include "fuzz.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/utf8.h"
#include "data/dataset.h"
#include "store/file.h"

static const char *const names[] = {"id2name4Rec.json", "train.csv", "train_5.csv", "valid.csv", "test.csv",
	"items.csv", "cases.csv", "cases_valid.csv", "cases_train.csv", "vocab.csv", "meta.json", "X.inter.json",
	"X.item.json", "X.index.json", "X.index.b.json", "Y.inter.json", "info.txt", "interactions.csv", "u.item",
	"u.data", "movies.dat", "ratings.dat", "movies.csv", "ratings.csv"};

static char dir[] = "fuzz_dataset.XXXXXX";

static void remove_dir(void)
{
	rmdir(dir);
}

static void make_dir(void)
{
	static bool made;

	if (made)
		return;
	if (!mkdtemp(dir))
		BUG("cannot make a directory to work in");
	atexit(remove_dir);
	made = true;
}

static void put(const char *name, const char *bytes, size_t len)
{
	char *path = file_join(dir, name);
	FILE *f = fopen(path, "wb");

	if (!f || fwrite(bytes, 1, len, f) != len || fclose(f))
		BUG("cannot write '%s'", path);
	free(path);
}

/* The line "=== NAME\n" at or after `at`: where it begins, and where the file's content does; end if there is none. */
static const char *next_file(const char *at, const char *end, const char **name, const char **content)
{
	for (; at && end - at > 4; at = memchr(at, '\n', (size_t)(end - at)), at = at ? at + 1 : NULL) {
		const char *eol = memchr(at, '\n', (size_t)(end - at));

		if (memcmp(at, "=== ", 4) || !eol)
			continue;
		*name = at + 4;
		*content = eol + 1;
		return at;
	}
	return end;
}

static void unpack(const char *text, size_t len)
{
	const char *end = text + len, *name, *content, *next_name, *next_content;
	const char *at = next_file(text, end, &name, &content);

	while (at < end) {
		const char *next = next_file(content, end, &next_name, &next_content);
		size_t name_len = (size_t)(content - name) - 1;

		for (size_t i = 0; i < ARRAY_LEN(names); i++)
			if (strlen(names[i]) == name_len && !memcmp(name, names[i], name_len))
				put(names[i], content, (size_t)(next - content));
		at = next;
		name = next_name;
		content = next_content;
	}
}

static void check_item(const struct dataset *d, uint32_t i)
{
	const struct catalogue *c = &d->catalogue;
	const struct item *item = &c->items[i];
	struct buf shown = {0};

	if (catalogue_find(c, item->id) != i || item->same_title > i ||
		strcmp(c->items[item->same_title].title, item->title))
		BUG("item '%s' is not where it should be", item->id);
	if (d->tokens_only && c->first[i + 1] > c->first[i] && c->tokens[c->first[i + 1] - 1] != c->eos)
		BUG("item '%s' has no end", item->id);
	if ((item->no_text && *item->text) || (*item->index && !d->index_file))
		BUG("item '%s' has a text that was not read", item->id);
	title_show(&shown, item->title, false);
	if (!utf8_valid(buf_str(&shown), shown.len))
		BUG("the title of '%s' is shown as invalid UTF-8", item->id);
	buf_release(&shown);
}

static void check_split(const struct dataset *d, enum split_kind kind)
{
	const struct split *s = &d->splits[kind];
	struct err err;

	for (size_t i = 0; i < s->n; i++) {
		const struct rec_case *c = &s->cases[i];

		if (dataset_case(d, kind, c->id, &err) != c)
			BUG("case '%s' is not found", c->id);
		if (!utf8_valid(c->user, strlen(c->user)) || !utf8_valid(c->positive_id, strlen(c->positive_id)))
			BUG("case '%s' names what is no text", c->id);
		if (c->positive != ITEM_NONE && strcmp(d->catalogue.items[c->positive].id, c->positive_id))
			BUG("case '%s' has another positive item than it says", c->id);
		for (size_t j = 0; j < c->n_history; j++)
			if (c->history[j] >= d->catalogue.n)
				BUG("the history of case '%s' leaves the catalogue", c->id);
		if (d->tokens_only != (c->n_prompt > 0))
			BUG("case '%s' has a prompt of %zu tokens", c->id, c->n_prompt);
	}
}

static void check_sharing(const struct dataset *d, enum item_text kind, size_t distinct)
{
	struct sharing s = catalogue_sharing(&d->catalogue, kind);

	if (s.largest == 1 || s.largest > s.items || s.items > d->catalogue.n || (s.items > 0) != (s.largest > 0) ||
		distinct + s.items > d->catalogue.n + s.items / 2)
		BUG("%zu of %zu items share, at most %zu", s.items, d->catalogue.n, s.largest);
}

static void check(struct dataset *d)
{
	struct err err;

	check_sharing(d, ITEM_TITLE, d->catalogue.n_titles);
	check_sharing(d, ITEM_INDEX, d->catalogue.n_indexes);

	for (uint32_t i = 0; i < d->catalogue.n; i++)
		check_item(d, i);
	for (enum split_kind kind = 0; kind < SPLIT_COUNT; kind++)
		check_split(d, kind);
	if (catalogue_set_texts(&d->catalogue, d->catalogue.n_titles ? ITEM_TITLE : ITEM_INDEX, 2, &err) &&
		d->catalogue.n_titles + d->catalogue.n_indexes)
		BUG("texts are there and cannot be had: %s", err.msg);
	for (size_t i = 0; i < d->n_pieces; i++)
		if (dataset_piece(d, d->pieces[i].token) != d->pieces[i].text)
			BUG("token %u is not found", d->pieces[i].token);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct err err = {0};
	struct dataset *d;

	make_dir();
	unpack((const char *)data, len);
	if (dataset_open(&d, dir, &err) == 0) {
		check(d);
		dataset_free(d);
	} else if (err.code == ERR_NONE || !*err.msg || strchr(err.msg, '\n')) {
		BUG("refused without one line that says why: \"%s\"", err.msg);
	}
	for (size_t i = 0; i < ARRAY_LEN(names); i++) {
		char *path = file_join(dir, names[i]);

		unlink(path);
		free(path);
	}
	return 0;
}
