/*
 * The record of a search's tree, as `tree` emits and `export tree` writes it.
 */
#ifndef SESSION_TREE_RECORD_H
#define SESSION_TREE_RECORD_H

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"
#include "session/out.h"
#include "store/json.h"

/* The step that a word names ("3", "pruned"); the last one for NULL. ERR_VALUE or ERR_USAGE: there is no such step. */
int tree_record_step(const json_t *record, const char *text, size_t *step, struct err *err) MUST_CHECK;

/* The tree after a step of a search's record, which has it; a new reference. all: nothing is folded. */
json_t *tree_record(const json_t *record, size_t step, bool all);

extern const struct out_column tree_columns[]; /* of its "lines"; ends with a NULL key */

#endif
