/* A search's record as text for people. */
#ifndef SESSION_BEAM_TEXT_H
#define SESSION_BEAM_TEXT_H

#include "session/out.h"

/* The end of a prefix that is longer than there is room for, after an ellipsis; the whole of one that is not. */
void beam_text_tail(struct out *out, const char *text, size_t cells);

void beam_text_head(const json_t *record, struct out *out);    /* case, settings, history, positive item */
void beam_text_step(const json_t *step, struct out *out);      /* one step as a table with its cut-off line */
void beam_text_steps(const json_t *steps, struct out *out);    /* all of them; a run without pruning in a line */
void beam_tsv_step(const json_t *step, struct out *out);       /* its candidates as rows */
void beam_tsv_named(const json_t *name, const json_t *step, struct out *out); /* each behind a name */

/* A candidate in words, as a line for linear text; `margin` is the positive item's, which is said of its own row alone;
 * `more` is a last remark, or "". */
void beam_text_said(const json_t *row, const json_t *margin, const char *more, struct out *out);

void beam_text_verdict(const json_t *record, struct out *out); /* the verdict's sentence */

#endif
