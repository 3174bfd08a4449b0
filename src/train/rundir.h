/*
 * The folder of a race: its lock, and the checkpoint folders of its runners, which appear and go whole.
 *
 *     DIR/bear/step-000300            whole
 *     DIR/bear/step-000400.….tmp      being written (store/folder.h) or removed; what a killed run leaves is swept away
 *     DIR/bear/last -> step-000300
 *
 * A number of more than six digits is written with as many as it has.
 */
#ifndef TRAIN_RUNDIR_H
#define TRAIN_RUNDIR_H

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"
#include "base/vec.h"

struct rundir {
	char *path; /* owned; NULL: nothing is written */
	int lock;   /* descriptor that holds the lock; -1 */
};

struct step_list {
	size_t *at; /* owned, rising */
	size_t n, cap;
};

void rundir_init(struct rundir *d, const char *path); /* path is copied, or NULL */
void rundir_release(struct rundir *d);                /* gives the lock back */

/* Makes the folder where it is missing, locks it, and removes what a killed run left half written directly in it.
 * ERR_VALUE when another process trains there. Twice is fine. */
int rundir_claim(struct rundir *d, struct err *err) MUST_CHECK;

/* Paths; the caller frees. */
char *rundir_runner(const struct rundir *d, const char *runner);
char *rundir_step(const struct rundir *d, const char *runner, size_t step);

/* Appends the steps of which the runner has a checkpoint folder; none where it has no folder. */
int rundir_steps(const struct rundir *d, const char *runner, struct step_list *steps, struct err *err) MUST_CHECK;

int rundir_make_runner(const struct rundir *d, const char *runner, struct err *err) MUST_CHECK; /* its folder */
int rundir_remove_step(const struct rundir *d, const char *runner, size_t step, struct err *err) MUST_CHECK;

/* Removes what killed runs left half written or half removed. */
int rundir_sweep(const struct rundir *d, const char *runner, struct err *err) MUST_CHECK;

/* Points DIR/RUNNER/NAME at a checkpoint, in one stroke. */
int rundir_link(const struct rundir *d, const char *runner, const char *name, size_t step, struct err *err) MUST_CHECK;

#endif
