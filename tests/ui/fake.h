/* A made-up snapshot, so that views are tested without a model: the case of the design sketch (Canon ink, pruned at
 * step 2 of 9), with titles that are hard to draw. */
#ifndef TESTS_UI_FAKE_H
#define TESTS_UI_FAKE_H

#include "session/snapshot.h"

/* The search; each snapshot of it holds a reference, fake_trace gives the first one. */
struct snap_trace *fake_trace(void);
void fake_trace_release(struct snap_trace *t);

/* The search looked at from a step, 1 … 9; t NULL: no search yet. Released with snapshot_release. */
struct snapshot *fake_snapshot(size_t step, struct snap_trace *t);

#endif
