/*
 * The survival of a case, or of many, by beam width: records, and the same as text.
 */
#ifndef SESSION_SWEEP_H
#define SESSION_SWEEP_H

#include "diagnose/tally.h"
#include "session/session_priv.h"
#include "session/survey_run.h"

/* Searches a case with these beam widths, and with all from 1 to the option 'scan'. */
int sweep_case(json_t **record, struct session *s, const char *id, const size_t *widths, size_t n, struct err *err)
	MUST_CHECK;

/* The figures of a survey made with these widths. */
json_t *sweep_cases(const struct session *s, const struct survey *survey, const struct tally *t,
	const struct survey_told *told);

void sweep_text(const json_t *record, struct out *out);
void sweep_tsv(const json_t *record, struct out *out);

#endif
