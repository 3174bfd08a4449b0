#include "train/control.h"

#include <time.h>

/* A pause is noticed to be over after so long at most: the eye does not see it, and the processor sleeps. */
#define NAP_NANOSECONDS 20000000

bool control_stops(const struct control *c)
{
	const struct timespec nap = {.tv_nsec = NAP_NANOSECONDS};
	int wish;

	for (;;) {
		wish = c->wish ? atomic_load_explicit(c->wish, memory_order_relaxed) : TRAIN_GO;
		if (cancelled(c->cancel) || wish != TRAIN_PAUSE)
			return cancelled(c->cancel) || wish == TRAIN_STOP;
		nanosleep(&nap, NULL);
	}
}
