/*
 * A search as a picture: a column a step, in it the kept prefixes by rank, the cut-off, and the nearest of what was
 * pruned below it; lines lead from every prefix to those that go on with it. The positive item's way is drawn through
 * all of it, beside the beam where it had left that. The last column is the result.
 *
 * What is shown differs in mark and line, never in colour alone. Long searches go on in further bands below, wide beams
 * are shortened in their middle, long texts cut; every text is whole in its tooltip.
 */
#ifndef SESSION_TRACE_PICTURE_H
#define SESSION_TRACE_PICTURE_H

#include "base/buf.h"
#include "session/snapshot.h"

struct trace_picture; /* laid out; borrows the trace */

struct trace_picture *trace_picture_new(const struct snap_trace *t); /* which has steps */
void trace_picture_free(struct trace_picture *p);
double trace_picture_width(const struct trace_picture *p);
double trace_picture_height(const struct trace_picture *p);

/* Appends one <svg> element of that size, which holds no ids; its colour is the page's. */
void trace_picture_draw(const struct trace_picture *p, struct buf *out);

#endif
