/*
 * Races run by tests: to their end or to a stop, watched, and compared.
 */
#ifndef TEST_RACERUN_H
#define TEST_RACERUN_H

#include "../num/racecase.h"
#include "store/json.h"

/* What the observer saw; and the step after which it asks for a stop. */
struct watch {
	train_control control;
	size_t stop_at; /* 0: never */
	size_t kinds[TRAIN_STOPPED + 1];
	size_t memory;
	double first_left, left; /* of the first and the last event */
	char note[2000];
	void (*on_saved)(void);
};

/* As racecase_config, with evaluations of 3 cases every 4 steps, saved every 5 in dir. */
struct train_config racerun_config(const char *objectives, bool full, const char *dir);

struct trainer *racerun_make(struct racecase *c, const struct train_config *config, struct watch *w);

/* Makes a race and runs it until it is stopped after a step, or (stop_at 0) to its end. w may be NULL. */
void racerun(struct racecase *c, const struct train_config *config, size_t stop_at, struct watch *w);

/* The records of a run's log but for what the clock says. A new reference. */
json_t *racerun_log(const char *run);

/* Two runs came to the same: every number of the logs, every bit of the last weights and moments. */
void racerun_same(const char *run, const char *other, const struct train_config *config);
void racerun_same_file(const char *run, const char *other, const char *name);

/* Lets the folders of tests be in memory where there is a file system for it: checkpoints are synced by the hundred. */
void racerun_in_memory(void);

#endif
