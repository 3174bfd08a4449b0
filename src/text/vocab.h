/*
 * A vocabulary: which spelling has which id, both ways. What a model makes of a text with it is the model's matter.
 */
#ifndef TEXT_VOCAB_H
#define TEXT_VOCAB_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/map.h"
#include "base/mem.h"
#include "base/vec.h"
#include "text/tokenizer.h"

#define VOCAB_MAX_ID ((1u << 21) - 1) /* far above any vocabulary; bounds what a hostile id makes us allocate */

struct token {
	const char *text; /* owned by the arena; NULL: no token has this id */
	uint32_t len;
	bool in_model; /* words may be spelt with it; false for a token that is only listed under added_tokens */
	bool special;  /* left out of decoded text on request */
};

struct vocab {
	struct arena spellings;
	VEC(struct token) tokens; /* by id */
	struct map ids;           /* by spelling */
};

void vocab_init(struct vocab *v, size_t tokens); /* the number of tokens to come, for sizing */
void vocab_release(struct vocab *v);

/* One spelling, one id: a second spelling for an id, or a second id for a spelling, is an error. Adding the same token
 * again as part of the model marks it so. */
int vocab_add(struct vocab *v, const char *text, size_t len, uint32_t id, bool in_model, struct err *err) MUST_CHECK;

uint32_t vocab_find(const struct vocab *v, const char *text, size_t len);          /* TOKEN_NONE if there is none */
uint32_t vocab_find_in_model(const struct vocab *v, const char *text, size_t len); /* the same of the model's tokens */
bool vocab_has(const struct vocab *v, uint32_t id);

/* The model's tokens <0xNN>, by byte; TOKEN_NONE where there is none. */
void vocab_byte_ids(const struct vocab *v, uint32_t ids[256]);

#endif
