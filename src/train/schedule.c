#include <math.h>

#include "train/trainer.h"

const char *schedule_name(enum schedule s)
{
	static const char *const names[] = {
		[SCHEDULE_CONSTANT] = "constant",
		[SCHEDULE_LINEAR] = "linear",
		[SCHEDULE_COSINE] = "cosine",
	};

	return names[s];
}

double schedule_factor(enum schedule s, size_t step, size_t warmup, size_t total)
{
	double done;

	if (step < warmup)
		return (double)step / (double)warmup;
	if (s == SCHEDULE_CONSTANT)
		return 1;
	if (step >= total)
		return 0;
	done = (double)(step - warmup) / (double)(total - warmup);
	return s == SCHEDULE_LINEAR ? 1 - done : (1 + cos(M_PI * done)) / 2;
}
