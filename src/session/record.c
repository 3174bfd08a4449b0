#include "session/record.h"

#include <math.h>
#include <string.h>

#include "base/utf8.h"

json_t *record_text(const char *bytes, size_t len)
{
	return json_text(bytes, len);
}

json_t *record_string(const char *s)
{
	return s ? record_text(s, strlen(s)) : json_null();
}

json_t *record_real(double x)
{
	return isfinite(x) ? json_real(x) : json_null();
}

json_t *record_count(size_t n)
{
	return json_integer((json_int_t)n);
}

json_t *record_count_or_null(size_t n)
{
	return n > 0 ? record_count(n) : json_null();
}

json_t *record_tokens(const uint32_t *ids, size_t n)
{
	json_t *a = json_array();

	for (size_t i = 0; i < n; i++)
		json_array_append_new(a, json_integer(ids[i]));
	return a;
}

/* The tokenizer that says what the dataset's tokens stand for; NULL where the dataset itself does, or nothing does. */
static const struct tokenizer *spelt_by(const struct session *s)
{
	const struct loaded *l = &s->loaded;

	if (!l->model || (l->data && l->data->dataset->tokens_only))
		return NULL;
	return l->model->tokenizer;
}

/* False where nothing says what the token stands for. */
static bool add_piece(const struct session *s, uint32_t token, struct buf *out)
{
	const struct tokenizer *t = spelt_by(s);
	const char *text = NULL;
	struct err ignored;

	if (t)
		return tokenizer_piece(t, token, out, &ignored) == 0;
	if (s->loaded.data)
		text = dataset_piece(s->loaded.data->dataset, token);
	if (text)
		buf_addstr(out, text);
	return text != NULL;
}

json_t *record_piece(const struct session *s, uint32_t token)
{
	struct buf b = {0};
	json_t *v;

	v = add_piece(s, token, &b) ? record_text(buf_str(&b), b.len) : json_null();
	buf_release(&b);
	return v;
}

const char *record_token_text(const struct session *s, uint32_t token, struct arena *arena)
{
	json_t *v = token == TOKEN_NONE ? json_null() : record_piece(s, token);
	const char *text = arena_strdup(arena, json_is_string(v) ? json_string_value(v) : "");

	json_decref(v);
	return text;
}

json_t *record_path_text(const struct session *s, uint32_t node)
{
	const struct trie *trie = &s->loaded.search->trie;
	const struct tokenizer *t = spelt_by(s);
	uint32_t *path = xcalloc(trie->max_depth + 1, sizeof(*path));
	size_t n = trie_path(trie, node, path);
	struct buf b = {0};
	bool known = true;
	struct err ignored;
	json_t *v;

	if (n > 0 && path[n - 1] == trie->eos)
		n--;
	if (t) {
		known = tokenizer_decode(t, path, n, false, &b, &ignored) == 0;
	} else {
		for (size_t i = 0; i < n && known; i++)
			known = add_piece(s, path[i], &b);
	}
	if (!known) {
		buf_clear(&b);
		for (size_t i = 0; i < n; i++)
			buf_addf(&b, i > 0 ? " %u" : "%u", (unsigned)path[i]);
	}
	v = record_text(buf_str(&b), b.len);
	buf_release(&b);
	free(path);
	return v;
}

static json_t *option_value(const struct options *o, const struct option_entry *e)
{
	const void *at = option_field(o, e);
	struct buf b = {0};
	json_t *v;

	if (e->type == OPT_INT)
		return json_integer(*(const long *)at);
	if (e->type == OPT_REAL)
		return json_real(*(const double *)at);
	if (e->type == OPT_FLAG)
		return json_boolean(*(const bool *)at);
	option_get(o, e, &b);
	v = b.len > 0 ? record_text(buf_str(&b), b.len) : json_null();
	buf_release(&b);
	return v;
}

void record_setting_key(char key[RECORD_KEY], const struct option_entry *e)
{
	snprintf(key, RECORD_KEY, "%s", e->name);
	for (char *p = key; *p; p++)
		if (*p == '-')
			*p = '_';
}

json_t *record_settings(const struct session *s)
{
	const struct loaded *l = &s->loaded;
	json_t *v = json_object();

	json_object_set_new(v, "model", record_string(l->model ? l->model->path : NULL));
	json_object_set_new(v, "adapter", record_string(l->model ? l->model->adapter : NULL));
	json_object_set_new(v, "data", record_string(l->data ? l->data->dataset->name : NULL));
	for (const struct option_entry *e = option_table; e->name; e++) {
		char key[RECORD_KEY];

		if (!(e->flags & OPTION_SEARCH))
			continue;
		record_setting_key(key, e);
		json_object_set_new(v, key, option_value(&s->now, e));
	}
	/* A token dataset's prompts and items are token ids: neither is made of texts. */
	if (l->data && l->data->dataset->tokens_only) {
		json_object_set_new(v, "template", json_null());
		json_object_set_new(v, "items", json_null());
		json_object_set_new(v, "title_words", json_null());
	}
	return v;
}

static json_t *leaf_items(const struct session *s, uint32_t leaf)
{
	const struct trie *t = &s->loaded.search->trie;
	json_t *a = json_array();

	for (size_t i = t->leaf_first[leaf]; i < t->leaf_first[leaf + 1]; i++)
		json_array_append_new(a, record_string(s->loaded.data->dataset->catalogue.items[t->leaf_item[i]].id));
	return a;
}

void record_item(json_t *object, const struct session *s, uint32_t item)
{
	const struct catalogue *c = &s->loaded.data->dataset->catalogue;
	const struct item *it = &c->items[item];

	json_object_set_new(object, "item", record_string(it->id));
	json_object_set_new(object, "title", *it->title ? record_string(it->title) : json_null());
	if (c->n_indexes)
		json_object_set_new(object, "index", *it->index ? record_string(it->index) : json_null());
	if (c->first)
		json_object_set_new(object, "tokens",
			record_tokens(c->tokens + c->first[item], c->first[item + 1] - c->first[item]));
	else
		json_object_set_new(object, "tokens", json_null());
}

void record_leaf(json_t *object, const struct session *s, uint32_t leaf)
{
	const struct trie *t = &s->loaded.search->trie;

	record_item(object, s, t->leaf_item[t->leaf_first[leaf]]);
	json_object_set_new(object, "items", leaf_items(s, leaf));
}

static void add_words_piece(void *arg, uint32_t token, struct buf *out)
{
	const struct session *s = arg;
	struct buf b = {0};

	if (add_piece(s, token, &b))
		utf8_show(out, buf_str(&b), b.len, false);
	else
		buf_addf(out, "%u", token);
	buf_release(&b);
}

void record_words(struct verdict_words *w, struct session *s)
{
	w->piece = add_words_piece;
	w->arg = s;
	w->width = (size_t)s->now.beam;
	w->n_sequences = s->loaded.search->trie.n_leaves;
}

json_t *record_cell(const struct column *c, const struct finding *f)
{
	double x;

	if (c->type == COLUMN_TEXT)
		return *c->text(f) ? record_string(c->text(f)) : json_null();
	x = c->number(f);
	if (isnan(x))
		return json_null();
	if (c->type == COLUMN_FLAG)
		return json_boolean(x != 0);
	return c->form || !isfinite(x) ? record_real(x) : json_integer((json_int_t)x);
}
