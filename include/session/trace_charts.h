/*
 * The positive item's way through a search as charts: its margins and its ranks by step.
 */
#ifndef SESSION_TRACE_CHARTS_H
#define SESSION_TRACE_CHARTS_H

#include "base/chart.h"
#include "base/mem.h"
#include "session/snapshot.h"

enum { TRACE_MARGINS, TRACE_RANKS, TRACE_CHARTS };

/* What the charts hold is the arena's. Without a positive item they are empty. The prefix's curve is split where the
 * item was pruned: what follows is what it would have, had it stayed. */
void trace_charts(const struct snap_trace *t, struct arena *a, struct chart charts[TRACE_CHARTS]);

#endif
