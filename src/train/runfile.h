/*
 * Every setting of a race as one JSON object: run.json, and the first line of the log.
 */
#ifndef TRAIN_RUNFILE_H
#define TRAIN_RUNFILE_H

#include "base/err.h"
#include "store/json.h"
#include "train/trainer.h"

#define RUN_FILE "run.json"

/* lora: the adapter's as it is, NULL with full; updates: steps in all. What c->settings adds comes last. A new
 * reference. */
json_t *runfile_json(
	const struct train_config *c, const struct train_data *d, const struct adapter_config *lora, size_t updates);

/* ERR_VALUE names the first setting in which a race that is to go on differs from the one that was begun in `dir`. What
 * only says how long it runs, what it measures on the way and what it keeps may differ, and steps may only grow. */
int runfile_check(const json_t *old, const json_t *new, const char *dir, struct err *err) MUST_CHECK;

/* A number for the settings that may not differ, but for where the model and the data are found. */
uint64_t runfile_fingerprint(const json_t *settings);

#endif
