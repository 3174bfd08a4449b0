/*
 * How often the items of a dataset occur in its training split.
 */
#ifndef DATA_POPULARITY_H
#define DATA_POPULARITY_H

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "data/dataset.h"

/*
 * The interactions of the training split, each counted once: the positive item of every case, and the history of a
 * user's first case (the histories of that user's later cases tell the same again). Cases without a user are counted by
 * their positive items alone.
 */
struct popularity {
	uint32_t *count; /* owned, [items of the catalogue] */
	size_t total;    /* interactions */
};

/* Zeroes throughout where the dataset has no training split. */
int popularity_init(struct popularity *p, const struct dataset *d, struct err *err) MUST_CHECK;
void popularity_release(struct popularity *p); /* a zeroed one is fine */

#endif
