/*
 * The probability-table model: a CSV with the columns prefix,token,probability, written by hand for teaching.
 *
 * `prefix` is the item's token ids so far, separated by spaces (empty at the start); `token` one id; `probability` a
 * number from 0 to 1. Rows may stand in any order. A prefix's probabilities may sum to less than 1: the rest belongs to
 * some token that is not listed, and counts in the sum over the vocabulary (lse), so that at temperature 1 a listed
 * token's probability is the number in the table. They may not sum to more than 1 + 1e-6. A prefix that is not listed
 * leaves nothing but such tokens.
 *
 * The vocabulary ends with the largest id that is seen. The prompt is ignored: every case has the same distribution,
 * and any prompt will do. Logits are log probabilities, -inf for what is not listed.
 */
#ifndef MODEL_TABLE_H
#define MODEL_TABLE_H

#include "base/err.h"
#include "model/lm.h"

/* Refuses by file and line what is no such table: numbers that are none, a token listed twice after a prefix, a sum
 * above 1. Caller closes with lm_close. */
int table_open(struct lm **out, const char *path, struct err *err) MUST_CHECK;

#endif
