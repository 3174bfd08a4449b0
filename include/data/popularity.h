/*
 * How often the items of a dataset occur in its training split.
 */
#ifndef DATA_POPULARITY_H
#define DATA_POPULARITY_H

#include "base/err.h"
#include "data/dataset.h"

/*
 * Counts the interactions of the training split into the items' `popularity`, each once, though a user's cases tell
 * most of them again: of a user, an item counts as often as in the one case that holds it most often, history and
 * positive item taken together. A case without a user counts by its positive item alone, since its history may be part
 * of others'. Zeroes throughout where the dataset has no training split. Once a dataset.
 */
int popularity_count(struct dataset *d, struct err *err) MUST_CHECK;

#endif
