/* A race as trainer.c makes it and race.c runs it. */
#ifndef TRAIN_TRAINER_PRIV_H
#define TRAIN_TRAINER_PRIV_H

#include "train/pace.h"
#include "train/runner.h"
#include "train/rundir.h"
#include "train/trainer.h"
#include "train/trainlog.h"
#include "train/update.h"

enum {
	PACE_STEP,
	PACE_EVAL,
	PACE_SAVE,
	PACES
};

struct trainer {
	struct train_config config; /* its pointers are NULL after trainer_new */
	struct train_data data;
	struct train_observer observer;
	json_t *settings; /* owned, all of them */
	uint64_t fingerprint;
	struct rundir dir;
	struct trainlog log;
	struct updater updater;
	struct runner runners[TRAIN_RUNNERS]; /* [config.n_runners] */
	size_t steps;                         /* in all */
	size_t step;                          /* made by every runner that has not stopped early */
	size_t saved;                         /* step of the newest checkpoint that all runners have, or STEP_NONE */
	size_t memory;                        /* planned, bytes */
	struct buf note;                      /* to be told when the race begins */
	bool resumed, begun;
	struct pace paces[PACES]; /* of all runners together */
};

/* ERR_VALUE unless the folder is free for a run that is not resumed. */
int trainer_check_free(const struct trainer *t, struct err *err) MUST_CHECK;

#endif
