/*
 * The list of dataset forms, and what their readers share.
 */
#include "data/reader.h"

#include <stdlib.h>
#include <string.h>

#include "store/file.h"

extern const struct reader reader_bear, reader_lcrec, reader_tokens;

const struct reader *const dataset_readers[] = {&reader_bear, &reader_lcrec, &reader_tokens, NULL};

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
