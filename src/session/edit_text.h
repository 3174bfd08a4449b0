/* A branch's edits and what came of them, in words. Texts of files are made safe to show. */
#ifndef SESSION_EDIT_TEXT_H
#define SESSION_EDIT_TEXT_H

#include "base/buf.h"
#include "session/out.h"

/* Appends "force '"Tin' at step 1", "B 20 from step 2". */
void edit_text(const json_t *edit, bool ascii, struct buf *out);

/* Appends all of them, "; " between. */
void edit_text_all(const json_t *edits, bool ascii, struct buf *out);

/* Appends what became of the positive item: "returned at rank 1", "pruned at step 2", "not returned". */
void edit_text_fate(const json_t *fate, struct buf *out);

/* Two lines above a step of a branch; nothing where the record is of no branch. */
void edit_text_head(const json_t *record, struct out *out);

#endif
