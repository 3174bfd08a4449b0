/*
 * The items that may be recommended, and the token sequences that spell them.
 */
#ifndef DATA_CATALOGUE_H
#define DATA_CATALOGUE_H

#include <stdbool.h>
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
	bool no_text;        /* there is none: text is "", prompts leave the item out and it gets no tokens */
	uint32_t same_title; /* index of the first item with this very title; its own index if it is the first or has
				none */
	uint32_t same_index; /* likewise of the semantic id */
	uint32_t popularity; /* interactions with it in the training split (data/popularity.h) */
};

struct catalogue {
	struct arena arena; /* owns ids, titles, semantic ids and shortened titles */
	struct item *items; /* owned, [n] */
	size_t n, cap;
	struct map by_id, by_title, by_index;
	size_t n_titles;  /* distinct titles */
	size_t n_indexes; /* distinct semantic ids */
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

/* Adds an item; id and title are copied. title NULL: the dataset has none, and so the item no text. A second item of
 * one id is ERR_FORMAT. */
int catalogue_add(struct catalogue *c, const char *id, const char *title, struct err *err) MUST_CHECK;
uint32_t catalogue_find(const struct catalogue *c, const char *id); /* ITEM_NONE if there is none */

/* Gives an item its semantic id, which is copied and not empty. Once an item. */
void catalogue_set_index(struct catalogue *c, uint32_t item, const char *index);

enum item_text {
	ITEM_TITLE,
	ITEM_INDEX,
};

/* Items whose title or semantic id another item has too. */
struct sharing {
	size_t items;   /* all of them, the first of each included */
	size_t largest; /* most that have one in common; 0 where none do */
};

struct sharing catalogue_sharing(const struct catalogue *c, enum item_text kind);

/* The tokens that semantic ids are made of, "<a_159>", and those of them that a vocabulary has not as its own. */
struct codebook {
	size_t n, n_lacking;
	char lacking[80]; /* the first of these, clipped; "" if there is none */
};

struct codebook catalogue_codebook(const struct catalogue *c, const struct tokenizer *t);

/*
 * Says what the texts of the items are; without this call they are the whole titles. ITEM_TITLE with words > 0: a title
 * is cut to its first `words` words, or to as few more as no other title begins with, so that distinct titles keep
 * distinct texts; one that is the beginning of another stays whole. Words are separated by spaces. ERR_VALUE where no
 * item has a text of this kind. To be called before the items are encoded, and once.
 */
int catalogue_set_texts(struct catalogue *c, enum item_text kind, size_t words, struct err *err) MUST_CHECK;

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
