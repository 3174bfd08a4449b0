/*
 * Surveys of findings made up at random, each in itself as a search would leave it: what was returned is retrieved,
 * what was lost within the best B is wrongly pruned, and so on.
 */
#ifndef TESTS_UNIT_RANDFINDING_H
#define TESTS_UNIT_RANDFINDING_H

#include "base/rng.h"
#include "diagnose/survey.h"

/* n findings at B = width, with a survival at 1, 2, 5, 10 and 20. Released with survey_release. */
void randsurvey_init(struct survey *s, struct rng *r, size_t n, size_t width);

#endif
