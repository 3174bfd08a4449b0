/*
 * What the views show of a survey, made by the thread that ran the diagnosis.
 */
#ifndef SESSION_SURVEY_SHOWN_H
#define SESSION_SURVEY_SHOWN_H

#include "diagnose/survey.h"
#include "session/snap_survey.h"

/* The survey has settings, and may be empty. One reference. */
struct snap_survey *snap_survey_new(const struct survey *s);
void snap_survey_unref(struct snap_survey *s); /* NULL is fine */

#endif
