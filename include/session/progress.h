/*
 * How far a command has come that goes through many cases: diagnose, sweep, compare.
 */
#ifndef SESSION_PROGRESS_H
#define SESSION_PROGRESS_H

#include <stddef.h>

struct case_news {
	const char *what_shown;    /* what is at work: "diagnose", a contender's name */
	size_t done, total;        /* cases */
	size_t there;              /* of those done, found in a file and not made again */
	size_t earlier, later;     /* cases of the runs before and behind this one: a comparison has one a contender */
	double left;               /* seconds until the end of all runs; NaN: not known */
	const char *figures_shown; /* "12 of 103 within the best 10 wrongly pruned"; "" if there is nothing to say */
};

typedef void case_watch_fn(void *arg, const struct case_news *news);

#endif
