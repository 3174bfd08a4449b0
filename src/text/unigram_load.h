/* A tokenizer.json's model of type Unigram. */
#ifndef TEXT_UNIGRAM_LOAD_H
#define TEXT_UNIGRAM_LOAD_H

#include "store/json.h"
#include "text/unigram.h"

/* vocab: not initialised yet; filled with the pieces, which u then borrows. */
int unigram_load(struct unigram *u, struct vocab *vocab, const struct json_node *model, struct err *err) MUST_CHECK;

#endif
