/*
 * What the views show of a comparison, made of the records of `compare` by the thread that ran it.
 */
#ifndef SESSION_SNAP_COMPARE_H
#define SESSION_SNAP_COMPARE_H

#include "session/snapshot.h"
#include "store/json.h"

/* The first two contenders of a record of `compare --case`. One reference. */
struct snap_pair *snap_pair_new(const json_t *record);
void snap_pair_unref(struct snap_pair *p); /* NULL is fine */

/* words: [n - 1] of a command line, that name each contender but the first; "" where none can be searched with. One
 * reference. */
struct snap_contest *snap_contest_new(const json_t *record, const char *const *words);
void snap_contest_unref(struct snap_contest *c); /* NULL is fine */

#endif
