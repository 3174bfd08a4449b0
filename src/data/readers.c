/*
 * The list of dataset forms, and what their readers share.
 */
#include "data/reader.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "store/file.h"

extern const struct reader reader_bear, reader_lcrec, reader_tokens, reader_d3, reader_movielens, reader_plain;

const struct reader *const dataset_readers[] = {
	&reader_bear, &reader_lcrec, &reader_tokens, &reader_d3, &reader_movielens, &reader_plain, NULL};

/* How well the name of a file stem*.csv fits: 2 for stem.csv, 1 for stem_NUMBER.csv, 0 for any other. */
static int rank_name(const char *name, const char *stem)
{
	name += strlen(stem);
	if (!strcmp(name, ".csv"))
		return 2;
	return *name == '_' && !strcmp(name + 1 + strspn(name + 1, "0123456789"), ".csv");
}

/* strverscmp compares the numbers in names as numbers. */
static bool fits_better(const char *a, const char *b, const char *stem)
{
	int ra = rank_name(a, stem), rb = rank_name(b, stem);

	return ra != rb ? ra > rb : strverscmp(a, b) > 0;
}

int reader_find_split(char **file, const char *dir, const char *stem, struct err *err)
{
	char *pattern = xasprintf("%s*.csv", stem);
	struct file_names names = {0};
	const char *best = NULL;
	int ret = file_list(&names, dir, pattern, err);

	*file = NULL;
	for (size_t i = 0; ret == 0 && i < names.n; i++)
		if (!best || fits_better(names.at[i], best, stem))
			best = names.at[i];
	if (best)
		*file = file_join(dir, best);
	file_names_release(&names);
	free(pattern);
	return ret;
}

size_t reader_token_len(const char *s, size_t len)
{
	size_t n = 1;

	if (len == 0 || s[0] != '<')
		return 0;
	while (n < len && s[n] != '<' && s[n] != '>')
		n++;
	return n > 1 && n < len && s[n] == '>' ? n + 1 : 0;
}

int reader_members(struct dataset *d, const char *path, reader_member *read, struct err *err)
{
	struct json_doc doc = {0};
	const char *key;
	json_t *value;
	int ret = -1;

	if (json_doc_read(&doc, path, err) || json_as_object(&doc.root, err))
		goto out;
	json_object_foreach(doc.json, key, value) {
		struct json_node node = json_child(&doc.root, key, value);

		if (read(d, &node, err))
			goto out;
	}
	ret = 0;
out:
	json_doc_release(&doc);
	return ret;
}

int reader_add_case(struct split *s, const struct rec_case *c, struct err *err)
{
	size_t cap = s->cap ? s->cap * 2 : 1024;
	void *cases = s->cases;
	bool added;

	if (s->n == s->cap) {
		if (s->n >= UINT32_MAX)
			return err_set(err, ERR_UNSUPPORTED, "a split holds at most %u cases", UINT32_MAX);
		if (mem_try_grow(&cases, s->n, cap, sizeof(*s->cases), "the cases of a split", err))
			return -1;
		s->cases = cases;
		s->cap = cap;
	}
	map_put(&s->by_id, c->id, strlen(c->id), (uint32_t)s->n, &added);
	if (!added)
		return err_set(err, ERR_FORMAT, "case '%s' is given twice", c->id);
	s->cases[s->n++] = *c;
	s->n_no_positive += c->positive == ITEM_NONE;
	return 0;
}

const uint32_t *reader_keep(struct dataset *d, const struct vec_u32 *ids)
{
	uint32_t *kept;

	if (!ids->n)
		return NULL;
	kept = arena_alloc(&d->arena, ids->n * sizeof(*kept));
	return memcpy(kept, ids->at, ids->n * sizeof(*kept));
}

int reader_ids_read(struct reader_ids *ids, const struct dataset *d, const struct csvfile *f,
	const struct csvfile_row *row, size_t column, struct err *err)
{
	const char *id;
	size_t len;
	int more;

	vec_clear(&ids->items);
	pylist_begin(&ids->list, row->field[column]);
	while ((more = pylist_next(&ids->list, &id, &len)) > 0) {
		uint32_t item = ITEM_NONE;

		map_get(&d->catalogue.by_id, id, len, &item);
		vec_push(&ids->items, item);
	}
	if (more < 0)
		return csvfile_refuse(f, row, column, err,
			"must be a list of item ids like \"[12, 7]\"; it is not at character %zu",
			pylist_wrong(&ids->list));
	return 0;
}

const char *reader_ids_last(const struct reader_ids *ids)
{
	return buf_str(&ids->list.element);
}

size_t reader_ids_keep(struct reader_ids *ids, struct dataset *d, struct rec_case *c)
{
	size_t n = ids->items.n, kept = 0;

	for (size_t i = 0; i < n; i++)
		if (ids->items.at[i] != ITEM_NONE)
			ids->items.at[kept++] = ids->items.at[i];
	ids->items.n = kept;
	c->history = reader_keep(d, &ids->items);
	c->n_history = kept;
	return n - kept;
}

void reader_ids_release(struct reader_ids *ids)
{
	pylist_release(&ids->list);
	vec_release(&ids->items);
}

int reader_leave_last(struct dataset *d, const char *user, const struct visit *at, size_t n, struct err *err)
{
	static const enum split_kind from_last[] = {SPLIT_TEST, SPLIT_VALID, SPLIT_TRAIN};
	uint32_t *known = n > 0 ? arena_alloc(&d->arena, n * sizeof(*known)) : NULL;
	size_t n_known = 0;

	for (size_t i = 0; i < n; i++)
		if (at[i].item != ITEM_NONE)
			known[n_known++] = at[i].item;
	d->n_users++;
	d->n_interactions += n;
	for (size_t i = 0; i < ARRAY_LEN(from_last); i++) {
		struct split *split = &d->splits[from_last[i]];
		struct rec_case c = {.user = user, .history = known};
		const struct visit *positive;
		char id[24];

		if (n < i + 2) {
			split->n_too_short++;
			continue;
		}
		positive = &at[n - 1 - i];
		n_known -= positive->item != ITEM_NONE;
		snprintf(id, sizeof(id), "%zu", split->n + 1);
		c.id = arena_strdup(&d->arena, id);
		c.n_history = n_known;
		c.positive = positive->item;
		c.positive_id = positive->id;
		c.timestamp = positive->time;
		split->n_untitled += n - 1 - i - n_known;
		if (reader_add_case(split, &c, err))
			return -1;
	}
	return 0;
}
