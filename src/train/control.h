/* What others want of a race, asked between steps and between the cases of an evaluation. */
#ifndef TRAIN_CONTROL_H
#define TRAIN_CONTROL_H

#include <stdbool.h>

#include "base/cancel.h"
#include "train/trainer.h"

struct control {
	train_control *wish;       /* NULL: TRAIN_GO */
	const cancel_flag *cancel; /* NULL: never */
};

/* Waits as long as a pause is wanted; true when the race shall stop. */
bool control_stops(const struct control *c);

#endif
