/* A made-up table of cases: verdicts of all kinds, numbers that are not there or not finite, titles that are hard to
 * draw. */
#ifndef TESTS_UI_FAKE_CASES_H
#define TESTS_UI_FAKE_CASES_H

#include "session/snap_cases.h"

#define FAKE_CASES 60

struct fake_cases {
	struct snap_cases table;
	const struct snap_case *order[FAKE_CASES]; /* the rows that are shown */
	struct snap_case rows[FAKE_CASES];
	char ids[FAKE_CASES][8];
};

/* In the split's order, the first so many of them diagnosed. To be lent to a stage; it holds nothing to be released. */
void fake_cases_init(struct fake_cases *f, size_t diagnosed);

/* Leaves the rows with this verdict, as if `where` had asked for them. */
void fake_cases_only(struct fake_cases *f, enum snap_verdict verdict, const char *where);

#endif
