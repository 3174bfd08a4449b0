/* Where a race that was stopped or killed goes on. */
#ifndef TRAIN_RESUME_H
#define TRAIN_RESUME_H

#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"
#include "train/rundir.h"
#include "train/runner.h"

/*
 * Puts the newest checkpoints that all runners have of one step into them. *step is STEP_NONE where there is none, and
 * the runners are as they were. What is there and not whole is passed over for what is older, and `note` says so.
 */
int resume_newest(const struct rundir *d, uint64_t fingerprint, struct runner *runners, size_t n, size_t *step,
	struct buf *note, struct err *err) MUST_CHECK;

/* Removes what a killed run left half done, and checkpoints after `step`, which not all runners have. */
int resume_tidy(
	const struct rundir *d, const struct runner *runners, size_t n, size_t step, struct err *err) MUST_CHECK;

#endif
