/*
 * Items and their token sequences.
 */
#include "data/catalogue.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void catalogue_init(struct catalogue *c)
{
	memset(c, 0, sizeof(*c));
	arena_init(&c->arena);
	map_init(&c->by_id, 0);
	map_init(&c->by_title, 0);
	map_init(&c->by_index, 0);
}

void catalogue_release(struct catalogue *c)
{
	map_release(&c->by_id);
	map_release(&c->by_title);
	map_release(&c->by_index);
	free(c->items);
	free(c->tokens);
	free(c->first);
	arena_release(&c->arena);
	memset(c, 0, sizeof(*c));
}

static int make_room(struct catalogue *c, struct err *err)
{
	size_t cap = c->cap ? c->cap * 2 : 256;
	void *items = c->items;

	if (c->n < c->cap)
		return 0;
	if (c->n >= ITEM_NONE)
		return err_set(err, ERR_UNSUPPORTED, "a catalogue holds at most %u items", ITEM_NONE);
	if (mem_try_grow(&items, c->n, cap, sizeof(*c->items), "the catalogue's items", err))
		return -1;
	c->items = items;
	c->cap = cap;
	return 0;
}

int catalogue_add(struct catalogue *c, const char *id, const char *title, struct err *err)
{
	struct item item = {.index = "", .no_text = !title, .same_title = (uint32_t)c->n, .same_index = (uint32_t)c->n};
	uint32_t known;
	bool first;

	if (map_get(&c->by_id, id, strlen(id), &known))
		return err_set(err, ERR_FORMAT, "item '%s' is given twice", id);
	if (make_room(c, err))
		return -1;
	item.id = arena_strdup(&c->arena, id);
	map_put(&c->by_id, item.id, strlen(id), (uint32_t)c->n, &first);
	if (title) {
		item.title = arena_strdup(&c->arena, title);
		item.same_title = *map_put(&c->by_title, item.title, strlen(title), (uint32_t)c->n, &first);
		c->n_titles += first;
	} else {
		item.title = "";
	}
	item.text = item.title;
	c->items[c->n++] = item;
	return 0;
}

uint32_t catalogue_find(const struct catalogue *c, const char *id)
{
	uint32_t item;

	return map_get(&c->by_id, id, strlen(id), &item) ? item : ITEM_NONE;
}

void catalogue_set_index(struct catalogue *c, uint32_t item, const char *index)
{
	struct item *it = &c->items[item];
	bool first;

	it->index = arena_strdup(&c->arena, index);
	it->same_index = *map_put(&c->by_index, it->index, strlen(it->index), item, &first);
	c->n_indexes += first;
}

struct sharing catalogue_sharing(const struct catalogue *c, enum item_text kind)
{
	uint32_t *like = xcalloc(c->n + 1, sizeof(*like)); /* of a first one: those that have the same */
	struct sharing s = {0};

	for (size_t i = 0; i < c->n; i++)
		like[kind == ITEM_INDEX ? c->items[i].same_index : c->items[i].same_title]++;
	for (size_t i = 0; i < c->n; i++) {
		if (like[i] < 2)
			continue;
		s.items += like[i];
		s.largest = like[i] > s.largest ? like[i] : s.largest;
	}
	free(like);
	return s;
}

struct codebook catalogue_codebook(const struct catalogue *c, const struct tokenizer *t)
{
	struct codebook b = {0};
	struct map known;

	map_init(&known, 0);
	for (size_t i = 0; i < c->n; i++)
		for (const char *at = c->items[i].index, *end; *at; at = end) {
			bool added;

			end = strchr(at, '>') + 1;
			map_put(&known, at, (size_t)(end - at), 0, &added);
			if (!added || tokenizer_find(t, at, (size_t)(end - at)) != TOKEN_NONE)
				continue;
			if (b.n_lacking++ == 0)
				snprintf(b.lacking, sizeof(b.lacking), "%.*s", (int)(end - at), at);
		}
	b.n = known.n;
	map_release(&known);
	return b;
}

static int set_indexes(struct catalogue *c, struct err *err)
{
	if (c->n_indexes == 0)
		return err_set(err, ERR_VALUE, "no item has a semantic id: set items title");
	for (size_t i = 0; i < c->n; i++) {
		c->items[i].text = c->items[i].index;
		c->items[i].no_text = !*c->items[i].index;
	}
	return 0;
}

/* A title's end sorts before a space and a space before all else, so that the titles which have their first k words in
 * common stand together, for every k. */
static int rank_byte(char c)
{
	return c == '\0' ? 0 : c == ' ' ? 1 : 2 + (unsigned char)c;
}

static int compare_titles(const void *a, const void *b)
{
	const char *s = (*(const struct item *const *)a)->title, *t = (*(const struct item *const *)b)->title;

	for (; *s && *s == *t; s++, t++)
		;
	return rank_byte(*s) - rank_byte(*t);
}

static bool ends_word(const char *title, size_t at)
{
	return at > 0 && title[at - 1] != ' ' && (title[at] == ' ' || title[at] == '\0');
}

/* How many first words two distinct titles share, the spaces before and between them included. */
static size_t shared_words(const char *a, const char *b)
{
	size_t n = 0;

	for (size_t i = 0; i == 0 || (a[i - 1] && a[i - 1] == b[i - 1]); i++)
		n += ends_word(a, i) && ends_word(b, i);
	return n;
}

/* Where the n-th word of a title ends; its length where it has no more than these. */
static size_t words_end(const char *title, size_t n)
{
	size_t at = 0;

	for (; title[at]; at++) {
		n -= ends_word(title, at);
		if (n == 0)
			break;
	}
	return at;
}

static void cut_titles(struct catalogue *c, size_t words)
{
	struct item **order = xcalloc(c->n_titles, sizeof(*order));
	size_t n = 0;

	for (uint32_t i = 0; i < c->n; i++)
		if (!c->items[i].no_text && c->items[i].same_title == i)
			order[n++] = &c->items[i];
	qsort(order, n, sizeof(*order), compare_titles);
	for (size_t i = 0; i < n; i++) {
		const char *title = order[i]->title;
		size_t before = i > 0 ? shared_words(order[i - 1]->title, title) : 0;
		size_t after = i + 1 < n ? shared_words(title, order[i + 1]->title) : 0;
		size_t keep = (before > after ? before : after) + 1;

		order[i]->text = arena_strndup(&c->arena, title, words_end(title, keep > words ? keep : words));
	}
	for (size_t i = 0; i < c->n; i++)
		if (!c->items[i].no_text)
			c->items[i].text = c->items[c->items[i].same_title].text;
	free(order);
}

int catalogue_set_texts(struct catalogue *c, enum item_text kind, size_t words, struct err *err)
{
	if (kind == ITEM_INDEX)
		return set_indexes(c, err);
	if (c->n_titles == 0 && c->n > 0)
		return err_set(err, ERR_VALUE, "no item has a title%s", c->n_indexes ? ": set items index" : "");
	if (words > 0 && c->n_titles > 0)
		cut_titles(c, words);
	return 0;
}

int catalogue_encode(
	struct catalogue *c, const struct tokenizer *t, const struct template *tm, uint32_t eos, struct err *err)
{
	struct spelling s = {.eos = eos};
	struct vec_u32 ids = {0};
	struct buf text = {0};
	int ret = -1;

	if (eos == TOKEN_NONE)
		return err_set(err, ERR_VALUE, "the model names no end-of-sequence token to end the items with");
	for (size_t i = 0; i < c->n; i++) {
		size_t unknown = 0;

		buf_clear(&text);
		vec_clear(&ids);
		if (!c->items[i].no_text)
			template_answer(tm, c->items[i].text, &text);
		if (tokenizer_encode(t, buf_str(&text), text.len, false, &ids, &unknown, err)) {
			err_prefix(err, "text of item '%s'", c->items[i].id);
			goto out;
		}
		s.n_unknown += unknown > 0;
		spelling_add(&s, ids.at, ids.n);
	}
	catalogue_spell(c, &s);
	ret = 0;
out:
	spelling_release(&s);
	vec_release(&ids);
	buf_release(&text);
	return ret;
}

void spelling_add(struct spelling *s, const uint32_t *ids, size_t n)
{
	bool inner_eos = false;

	for (size_t i = 0; i < n; i++)
		inner_eos |= ids[i] == s->eos;
	vec_push(&s->first, s->tokens.n);
	s->n_inner_eos += inner_eos;
	s->n_empty += inner_eos || n == 0;
	if (inner_eos || n == 0)
		return;
	vec_reserve(&s->tokens, s->tokens.n + n + 1);
	memcpy(s->tokens.at + s->tokens.n, ids, n * sizeof(*ids));
	s->tokens.n += n;
	vec_push(&s->tokens, s->eos);
}

void spelling_release(struct spelling *s)
{
	vec_release(&s->tokens);
	vec_release(&s->first);
}

void catalogue_spell(struct catalogue *c, struct spelling *s)
{
	if (s->first.n != c->n)
		BUG("%zu token sequences for %zu items", s->first.n, c->n);
	vec_push(&s->first, s->tokens.n);
	free(c->tokens);
	free(c->first);
	c->tokens = s->tokens.at;
	c->first = s->first.at;
	c->eos = s->eos;
	c->n_empty = s->n_empty;
	c->n_inner_eos = s->n_inner_eos;
	c->n_unknown = s->n_unknown;
	memset(s, 0, sizeof(*s));
}
