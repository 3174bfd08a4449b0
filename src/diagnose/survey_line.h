/*
 * One line of a survey's file, read.
 */
#ifndef DIAGNOSE_SURVEY_LINE_H
#define DIAGNOSE_SURVEY_LINE_H

#include "diagnose/survey.h"

#define SURVEY_STEPS 65536 /* most steps of a case in a file */

/* Takes a line's case into *f, its strings and arrays into the survey's arena. Every member is checked by itself and
 * against the others, so far as figures lean on it: ERR_FORMAT names file, line and member. */
int survey_line_read(struct finding *f, struct survey *s, const struct json_node *line, struct err *err) MUST_CHECK;

#endif
