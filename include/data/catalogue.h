/*
 * The items that may be recommended.
 */
#ifndef DATA_CATALOGUE_H
#define DATA_CATALOGUE_H

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/map.h"
#include "base/mem.h"
#include "text/template.h"
#include "text/tokenizer.h"

#define ITEM_NONE UINT32_MAX

struct item {
	const char *id;    /* as the dataset names it */
	const char *title; /* raw text as published; "" if the dataset has none */
	uint32_t same_title; /* index of the first item with this very title; its own index if it is the first */
	uint32_t popularity; /* times it is a target or in a history of the training split; 0 without one */
};

struct catalogue {
	struct arena arena; /* owns ids, titles, tokens */
	struct item *items; /* owned, [n] */
	size_t n;
	struct map by_id;
	size_t n_titles; /* distinct titles */
	/* Token sequences, EOS last: item i is tokens[first[i]] … tokens[first[i+1]-1]. An item without tokens is empty. */
	uint32_t *tokens; /* owned */
	size_t *first;    /* owned, [n + 1]; NULL until encoded */
	uint32_t eos;
	size_t n_empty;   /* items without tokens: counted and reported, never searched */
	size_t n_unknown; /* items with a token that stands for text the vocabulary cannot spell */
};

void catalogue_init(struct catalogue *c);
void catalogue_release(struct catalogue *c);

/* Adds an item; id and title are copied. A second item of one id is ERR_FORMAT. */
int catalogue_add(struct catalogue *c, const char *id, const char *title, struct err *err) MUST_CHECK;
uint32_t catalogue_find(const struct catalogue *c, const char *id); /* ITEM_NONE if there is none */

/* Spells every item with the template's answer form and gives it its tokens and EOS. Replaces an earlier encoding. */
int catalogue_encode(struct catalogue *c, const struct tokenizer *t, const struct template *tm, uint32_t eos, struct err *err)
	MUST_CHECK;

/* Appends a title as a person should read it: HTML entities decoded, made safe by utf8_show. The model sees the raw text. */
void title_show(struct buf *out, const char *title, bool ascii);

#endif
