/*
 * Steps as members of a tokenizer.json: the reverse of steps_load. What is written is read as the same steps again, by
 * us and by Hugging Face. Steps in an order that no file of theirs can say are refused.
 */
#ifndef TEXT_STEPS_SAVE_H
#define TEXT_STEPS_SAVE_H

#include "base/err.h"
#include "store/json.h"
#include "text/steps.h"

/* *out: a new reference. */
int steps_save_normalizer(json_t **out, const struct steps *s, struct err *err) MUST_CHECK;
int steps_save_pre_tokenizer(json_t **out, const struct steps *s, struct err *err) MUST_CHECK;
int steps_save_decoder(json_t **out, const struct steps *s, struct err *err) MUST_CHECK;

#endif
