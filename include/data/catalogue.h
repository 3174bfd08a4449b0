/*
 * The items that may be recommended, and the token sequences that spell them.
 */
#ifndef DATA_CATALOGUE_H
#define DATA_CATALOGUE_H

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/map.h"
#include "base/mem.h"
#include "base/vec.h"
#include "data/title.h"
#include "text/template.h"
#include "text/tokenizer.h"

#define ITEM_NONE UINT32_MAX

struct item {
	const char *id;      /* as the dataset names it */
	const char *title;   /* raw text as published; "" if the dataset has none */
	const char *index;   /* semantic id as one text, "<a_159><b_42>"; "" if the dataset has none */
	const char *text;    /* what the model reads and spells for it: title, shortened title or index. Never NULL */
	uint32_t same_title; /* index of the first item with this very title; its own index if it is the first or has
				none */
	uint32_t popularity; /* times it is a target or in a history of the training split; 0 without one */
};

struct catalogue {
	struct arena arena; /* owns ids and titles */
	struct item *items; /* owned, [n] */
	size_t n, cap;
	struct map by_id, by_title;
	size_t n_titles; /* distinct titles */
	/* Token sequences, EOS last: item i is tokens[first[i]] … tokens[first[i+1]-1]. An item without tokens is
	 * empty. */
	uint32_t *tokens; /* owned */
	size_t *first;    /* owned, [n + 1]; NULL until encoded */
	uint32_t eos;
	size_t n_empty;     /* items without tokens: counted and reported, never searched */
	size_t n_inner_eos; /* of these, items whose spelling holds EOS itself, as a title with "</s>" in it may */
	size_t n_unknown;   /* items with a token that stands for text the vocabulary cannot spell */
};

/* Token sequences in the making, one an item in the catalogue's order. Zeroed but for eos is empty. */
struct spelling {
	uint32_t eos;
	struct vec_u32 tokens;
	VEC(size_t) first; /* where each sequence begins */
	size_t n_empty, n_inner_eos, n_unknown;
};

void catalogue_init(struct catalogue *c);
void catalogue_release(struct catalogue *c);

/* Adds an item; id and title are copied. title NULL: the dataset has none. A second item of one id is ERR_FORMAT. */
int catalogue_add(struct catalogue *c, const char *id, const char *title, struct err *err) MUST_CHECK;
uint32_t catalogue_find(const struct catalogue *c, const char *id); /* ITEM_NONE if there is none */

/* Spells every item with the template's answer form and gives it its tokens and EOS. Replaces an earlier encoding,
 * which stays as it was after a failure. ERR_VALUE if eos is TOKEN_NONE. */
int catalogue_encode(struct catalogue *c, const struct tokenizer *t, const struct template *tm, uint32_t eos,
	struct err *err) MUST_CHECK;

/* Adds the next item's sequence, given without EOS; EOS is put after it. No ids, or EOS among them, make it empty. */
void spelling_add(struct spelling *s, const uint32_t *ids, size_t n);
void spelling_release(struct spelling *s);

/* Moves one sequence for every item into the catalogue, in place of those it had; s is empty after. */
void catalogue_spell(struct catalogue *c, struct spelling *s);

#endif
