/*
 * The normaliser, pre-tokeniser and decoder of a tokenizer.json as steps. Each is a member of the file's root, an
 * object with a "type", or absent or null for none. What is not handled is refused by its name.
 */
#ifndef TEXT_STEPS_LOAD_H
#define TEXT_STEPS_LOAD_H

#include "base/err.h"
#include "store/json.h"
#include "text/steps.h"

/* GPT-2's pre-tokeniser (Radford et al. 2019, published encoder). */
extern const char steps_gpt2_words[];

int steps_load_normalizer(struct steps *s, const struct json_node *root, struct err *err) MUST_CHECK;
int steps_load_pre_tokenizer(struct steps *s, const struct json_node *root, struct err *err) MUST_CHECK;
int steps_load_decoder(struct steps *s, const struct json_node *root, struct err *err) MUST_CHECK;

/* Refuses a value that is well-formed but not handled. */
int load_unsupported(const struct json_node *node, const char *value, struct err *err);
/* Says that the error in err is about node. */
int load_blame(const struct json_node *node, struct err *err);

#endif
