/* A made-up snapshot, so that views are tested without a model: the case of the design sketch (Canon ink, pruned at step 2
 * of 9), with titles that are hard to draw. */
#ifndef TESTS_UI_FAKE_H
#define TESTS_UI_FAKE_H

#include "session/snapshot.h"

/* The search looked at from a step, 1 … 9. Released with snapshot_release. */
struct snapshot *fake_snapshot(size_t step);

#endif
