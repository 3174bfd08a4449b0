/*
 * A search as views see it, made of the record of `beam`.
 */
#ifndef SESSION_SNAP_TRACE_H
#define SESSION_SNAP_TRACE_H

#include "diagnose/diagnosis.h"
#include "session/snapshot.h"
#include "store/json.h"

/* One reference. */
struct snap_trace *snap_trace_new(const json_t *record);
void snap_trace_unref(struct snap_trace *t); /* NULL is fine */

enum snap_verdict snap_verdict_kind(enum verdict_kind kind);

/* The "kind" of a record's verdict; SNAP_NONE: it has none. */
enum snap_verdict snap_verdict_of(const json_t *verdict);

#endif
