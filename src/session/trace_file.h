/*
 * A search that was saved: what `export trace FILE.json` writes, or a line of `beam --trace --format json`.
 *
 * The record that is read comes from strangers, and everything that shows a search trusts its record (snap_trace.h,
 * snap_tree.h, the texts of the commands). So all of it is checked first: that every member is there and of its type,
 * that numbers are finite and in range, that steps count from 1, that every candidate is added to a prefix which the
 * step before kept, that no prefix stands twice at a step, that no more of them are listed than competed, that the
 * positive item's prefixes follow each other, and that what steps and candidates say of the positive item is what the
 * item's own list says. Members that nothing knows are let be, and written again.
 */
#ifndef SESSION_TRACE_FILE_H
#define SESSION_TRACE_FILE_H

#include <stddef.h>

#include "base/err.h"
#include "store/json.h"

/* Steps of a search, as many as an item may have tokens. What walks down a tree of prefixes recurs so deep. */
#define TRACE_FILE_STEPS 4096

/* *record: a new reference, without "exported". ERR_FORMAT with the file and the place of what is wrong. */
int trace_file_read(const char *path, json_t **record, struct err *err) MUST_CHECK;

/* Checks a record with the way to it; trace_file_read does. */
int trace_file_check(const struct json_node *record, struct err *err) MUST_CHECK;

#endif
