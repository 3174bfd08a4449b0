/*
 * How the prompts that two templates make of one case differ: byte by byte, and in their tokens.
 */
#ifndef SESSION_PROMPT_DIFF_H
#define SESSION_PROMPT_DIFF_H

#include "session/session_priv.h"

/* The record of `prompt CASE --diff`. against: a template by name or file, which the one that is set is compared with;
 * NULL: the published templates for training and inference, those of the set one's family where it has two. NULL after
 * a failure. */
json_t *prompt_diff_record(struct session *s, const struct rec_case *c, const char *against, struct err *err);

void prompt_diff_text(const json_t *record, struct out *out);
void prompt_diff_tsv(const json_t *record, struct out *out);

#endif
