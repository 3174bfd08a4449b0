/*
 * What a front-end needs to offer a race, beside `train`'s arguments in the command table. Constant: any thread.
 */
#ifndef SESSION_TRAINING_H
#define SESSION_TRAINING_H

#include <stdbool.h>
#include <stddef.h>

struct training_objective {
	const char *name, *summary; /* constant */
	bool regularises;           /* K, xi and lambda play a part */
};

/* The i-th objective that `train` knows, from 0; false past the last one. */
bool training_objective(size_t i, struct training_objective *o);

/* The k-th parameter that may follow its name, "lambda" as in "bear:lambda=4", from 0; NULL past the last one. */
const char *training_parameter(const struct training_objective *o, size_t k);

/* A name for a run's folder that is free here: "race-1", "race-2", … Caller frees. */
char *training_folder(void);
char *training_newest(void); /* the last one before it; NULL: there is none. Caller frees. */

#endif
