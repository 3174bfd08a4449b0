/* How a comparison reads: the record of `compare` (contest_json and what the command adds) as text and as TSV. */
#ifndef SESSION_CONTEST_TEXT_H
#define SESSION_CONTEST_TEXT_H

#include "session/out.h"

void contest_text(const json_t *record, struct out *out);
void contest_tsv(const json_t *record, struct out *out);

#endif
