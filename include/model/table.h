/*
 * The probability-table model: a CSV with the columns prefix,token,probability, written by hand for teaching.
 *
 * `prefix` is the item's token ids so far, separated by spaces (empty at the start); `token` one id; `probability` a
 * number from 0 to 1. A prefix's rows need not sum to 1, but not to more than 1 + 1e-6. The prompt is ignored: every
 * case has the same distribution unless a `case` column is there, which names the prompt tokens (separated by spaces) that
 * a row belongs to. Logits are log probabilities, -inf for what is not listed.
 */
#ifndef MODEL_TABLE_H
#define MODEL_TABLE_H

#include "base/err.h"
#include "model/lm.h"

int table_open(struct lm **out, const char *path, struct err *err) MUST_CHECK;

#endif
