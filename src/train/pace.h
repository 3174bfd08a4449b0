/* How long something takes that is done again and again: the middle half of the latest durations, averaged, so that a
 * machine that was busy for a moment does not upset the time left. */
#ifndef TRAIN_PACE_H
#define TRAIN_PACE_H

#include <stddef.h>

#define PACE_KEPT 32

struct pace {
	double seconds[PACE_KEPT]; /* a ring */
	size_t n;                  /* added in all */
};

void pace_add(struct pace *p, double seconds);
double pace_typical(const struct pace *p); /* NaN before anything was added */

#endif
