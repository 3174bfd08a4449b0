/* The figures of an evaluation as a log line has them: each under its name, then counts and intervals. */
#ifndef TRAIN_EVALFIGURES_H
#define TRAIN_EVALFIGURES_H

#include <stdbool.h>

#include "diagnose/metrics.h"
#include "store/json.h"

/* {"hr@10": …, …, "cases": …, "undecided": …, "low": {"hr@10": …}, "high": {…}, "count": {…}, "n": {…}}; null where
 * there was nothing to measure. A new reference. */
json_t *evalfigures_json(const struct metrics *m);

/* The other way; false where something is missing that beams of this width would have. */
bool evalfigures_read(struct metrics *m, const json_t *eval, size_t width);

#endif
