/*
 * Where records go. Commands emit records (JSON objects); the format decides how they are shown: JSON (one object a
 * line), TSV (the command's columns) or text (the command's own rendering of the same record). So the three can never
 * say different things.
 */
#ifndef SESSION_OUT_H
#define SESSION_OUT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include "base/buf.h"
#include "base/compiler.h"
#include "store/json.h"

enum out_format { OUT_TEXT, OUT_TSV, OUT_JSON };

struct out_column {
	const char *key;   /* dotted path inside a row: "verdict.kind" */
	const char *head;  /* heading in text tables */
	const char *form;  /* printf form for a number in text, e.g. "%.2f"; NULL: as it is */
	bool right;        /* aligned right in text */
	bool shown;        /* titles and texts: put through title_show in text output */
};

struct cmd_entry;

struct out {
	enum out_format format;
	FILE *file;       /* borrowed, or NULL: into buf */
	struct buf buf;   /* owned */
	size_t columns;   /* cells of the terminal; 0: no limit */
	bool ascii;       /* no characters beyond ASCII in text */
	bool colour;
	const struct cmd_entry *command; /* whose records these are; set by session_run */
	size_t n_records;
	bool failed;      /* a write failed; reported once by the front-end */
};

/* Takes over one reference to the record. */
void out_record(struct out *o, json_t *record);

/* Text pieces, for the commands' text functions only. */
void out_text(struct out *o, const char *fmt, ...) PRINTF_LIKE(2, 3);
void out_table(struct out *o, const json_t *rows, const struct out_column *columns);

/* Flushes and reports what went wrong in writing; releases buf. */
int out_finish(struct out *o, struct err *err) MUST_CHECK;

#endif
