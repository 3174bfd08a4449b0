/* The figures of a survey (tally_json) as text for people, and as TSV with one row a figure. */
#ifndef SESSION_TALLY_TEXT_H
#define SESSION_TALLY_TEXT_H

#include "session/out.h"

/* The record is tally_json's with, besides, "settings", "headline" (a sentence or two), "of" (cases that are meant) and
 * "notes". */
void tally_text(const json_t *record, struct out *out);
void tally_tsv(const json_t *record, struct out *out);

/* A figure or a number as a row of its own, which has its name; the caller's. */
json_t *tally_row(const char *name, const json_t *figure);

#endif
