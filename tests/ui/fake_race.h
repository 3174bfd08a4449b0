/* A made-up race for the tests of the Train view: round numbers, the same in every run. */
#ifndef TESTS_UI_FAKE_RACE_H
#define TESTS_UI_FAKE_RACE_H

#include "session/snap_race.h"

struct fake_race {
	size_t runners, step, steps; /* runners: at most 8 */
	size_t eval_every;           /* 0: never evaluated */
	bool running;
	bool diverges;               /* the last runner's losses are no numbers from half of its steps on */
};

/* One reference; fake_race_free takes it back. */
struct snap_race *fake_race_new(const struct fake_race *f);
void fake_race_free(struct snap_race *race);

#endif
