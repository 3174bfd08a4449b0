/*
 * What `export` writes as charts: the margins of the open search, the curves of the last race.
 */
#ifndef SESSION_EXPORT_CHARTS_H
#define SESSION_EXPORT_CHARTS_H

#include "base/buf.h"
#include "session/session_priv.h"

/* Appends an SVG file and, to `told`, what it shows: "margins and ranks of case 17". ERR_VALUE where there is nothing
 * to show yet, with what to do. */
int export_margins(struct session *s, struct buf *page, struct buf *told, struct err *err) MUST_CHECK;
int export_curves(struct session *s, struct buf *page, struct buf *told, struct err *err) MUST_CHECK;

#endif
