/* Command lines at random, for the soak: good ones that end soon, any line that the command table allows, and broken
 * ones. Files are named within the folder that one is in. */
#ifndef TESTS_UI_SOAK_WORDS_H
#define TESTS_UI_SOAK_WORDS_H

#include "base/buf.h"
#include "base/rng.h"

/* Appends a line. data: the folder of the bundled data. */
void soak_line(struct buf *out, struct rng *rng, const char *data);

#endif
