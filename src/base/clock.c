#include "base/clock.h"

#include <math.h>
#include <stdio.h>
#include <time.h>

double clock_now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

void clock_span(char text[CLOCK_SPAN], double seconds)
{
	static const double most = 1e9; /* days beyond this are as good as for ever */
	unsigned long s;

	if (!(seconds >= 0)) {
		snprintf(text, CLOCK_SPAN, "?");
		return;
	}
	s = (unsigned long)(seconds < most ? round(seconds) : most);
	if (s < 60)
		snprintf(text, CLOCK_SPAN, "%lu s", s);
	else if (s < 3600)
		snprintf(text, CLOCK_SPAN, "%lu min %02lu s", s / 60, s % 60);
	else if (s < 86400)
		snprintf(text, CLOCK_SPAN, "%lu h %02lu min", s / 3600, s / 60 % 60);
	else
		snprintf(text, CLOCK_SPAN, "%lu d %02lu h", s / 86400, s / 3600 % 24);
}
