/* What a tokenizer consists of: made by tokenizer_load.c, used by tokenizer.c. */
#ifndef TEXT_TOKENIZER_PRIV_H
#define TEXT_TOKENIZER_PRIV_H

#include "base/vec.h"
#include "store/json.h"
#include "text/added.h"
#include "text/bpe.h"
#include "text/steps.h"
#include "text/tokenizer.h"
#include "text/unigram.h"
#include "text/vocab.h"

enum tokenizer_model {
	MODEL_BPE,
	MODEL_UNIGRAM,
};

struct tokenizer {
	struct vocab vocab;
	enum tokenizer_model model;
	struct bpe bpe;         /* MODEL_BPE */
	struct unigram unigram; /* MODEL_UNIGRAM */
	struct added_set added_raw;        /* found in the text as it is given */
	struct added_set added_normalized; /* found after normalisation */
	struct steps normalizer, pre_tokenizer, decoder;
	struct vec_u32 before, after; /* ids that the post-processor puts around a text */
	uint32_t bos, eos, unk;
};

/* All but the special tokens' roles of a zeroed tokenizer, from what stands in a tokenizer.json. */
int tokenizer_read_json(struct tokenizer *t, const struct json_node *root, struct err *err) MUST_CHECK;

/* And the reverse. NULL: there is no tokenizer.json for it. */
json_t *tokenizer_json(const struct tokenizer *t, struct err *err);

/* The unknown token that the model itself names; TOKEN_NONE: none. */
static inline uint32_t tokenizer_model_unk(const struct tokenizer *t)
{
	return t->model == MODEL_UNIGRAM ? t->unigram.unk : t->bpe.unk;
}

static inline void ids_append(struct vec_u32 *ids, const struct vec_u32 *more)
{
	for (size_t i = 0; i < more->n; i++)
		vec_push(ids, more->at[i]);
}

#endif
