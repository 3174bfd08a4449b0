/* A search's record as text for people. */
#ifndef SESSION_BEAM_TEXT_H
#define SESSION_BEAM_TEXT_H

#include "session/out.h"

void beam_text_head(const json_t *record, struct out *out);    /* case, settings, history, positive item */
void beam_text_step(const json_t *step, struct out *out);      /* one step as a table with its cut-off line */
void beam_text_steps(const json_t *steps, struct out *out);    /* all of them; a run without pruning in a line */
void beam_tsv_step(const json_t *step, struct out *out);       /* its candidates as rows */
void beam_text_verdict(const json_t *record, struct out *out); /* the verdict's sentence */

#endif
