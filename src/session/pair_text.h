/* How one case under several contenders reads: the record of `compare --case` as text and as TSV. */
#ifndef SESSION_PAIR_TEXT_H
#define SESSION_PAIR_TEXT_H

#include "session/out.h"

void pair_text(const json_t *record, struct out *out);
void pair_tsv(const json_t *record, struct out *out);

#endif
