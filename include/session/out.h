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
#include "base/err.h"
#include "store/json.h"

enum out_format { OUT_TEXT, OUT_TSV, OUT_JSON };

struct out_column {
	const char *key;   /* dotted path inside a row: "verdict.kind" */
	const char *head;  /* heading in text tables; NULL: not in them, only in TSV */
	const char *form;  /* printf form for a number in text, e.g. "%.2f"; NULL: as it is */
	bool right;        /* aligned right in text */
	bool shown;        /* titles and other texts of files: title_show in text, clipped when space is short */
};

/* One that is its key alone, for TSV and CSV. NULL ends a list. */
#define OUT_KEY(key) {key, NULL, NULL, false, false}

/* What marks a candidate, in both character sets; see out_mark. */
enum out_mark { MARK_KEPT, MARK_PRUNED, MARK_POSITIVE, MARK_BLANK };

struct cmd_entry;

#define OUT_KEEPS 100000 /* records */

struct out {
	enum out_format format;
	FILE *file;       /* borrowed, or NULL: into buf */
	struct buf buf;   /* owned; what is not yet written */
	size_t columns;   /* cells of the terminal; 0: no limit */
	bool ascii;       /* no characters beyond ASCII in text */
	bool linear;      /* text to be heard or felt: lines that say all they mean, no marks, nothing drawn */
	bool colour;
	const struct cmd_entry *command; /* whose records these are; set by session_run */
	const struct out_column *list; /* columns of its tables in text; the command's own unless out_list_as says so */
	size_t n_records; /* of this command */
	json_t *pending;  /* owned: rows of a table that is laid out when the command is done; NULL: none */
	json_t *kept;     /* owned: the command's records, for the commands after it; NULL: before the first command */
	bool kept_cut;    /* there were more than OUT_KEEPS */
	bool as_is;       /* this record's text is shown line for line as it is, however wide (out_as_is) */
	int write_errno;  /* of the first write that failed; 0: none did */
};

void out_init(struct out *o, FILE *file); /* text, no limit of width; file may be NULL */
void out_release(struct out *o);

/* Takes over one reference to the record. */
void out_record(struct out *o, json_t *record);

/* Before the first and after the last record of a command. */
void out_begin(struct out *o, const struct cmd_entry *command);
void out_end(struct out *o);

/* For a command whose records are rows: other columns than its own for the table that text makes of them. Borrowed
 * until out_end; to be called before the first record. */
void out_list_as(struct out *o, const struct out_column *columns);

/* Text pieces, for the commands' text functions only. out_text is for our own words: what comes from a file goes
 * through out_shown (title_show: entities decoded, safe for a terminal). */
void out_text(struct out *o, const char *fmt, ...) PRINTF_LIKE(2, 3);
void out_shown(struct out *o, const char *text);
void out_quoted(struct out *o, const char *text);     /* where blanks count: " PG", or '"Canon' with the other mark */
void out_tokens(struct out *o, const json_t *ids, const json_t *pieces); /* 84 ". "  80 " " */
void out_wrapped(struct out *o, const char *text);    /* our own sentences, wrapped; NULL is an empty line */
void out_as_is(struct out *o); /* for texts of files, where line ends count: this record is not made to fit */
size_t out_line_width(const struct out *o);           /* cells that a line may have */
void out_mark(struct out *o, enum out_mark mark);     /* one cell, coloured where colour is wanted */
void out_table(struct out *o, const json_t *rows, const struct out_column *columns);
void out_notes(struct out *o, const json_t *notes); /* an array of texts, below an empty line; none is nothing */
void out_fields(struct out *o, const json_t *object); /* key: value lines; objects inside it indented */

/* Where no record of a list answers to what was asked: says so to people; programs see that there are no rows. */
void out_none(struct out *o, const char *what);

/* Breaks lines of what was written from this place of buf on where they are wider than the terminal: at blanks, so that
 * a longer word stays whole. Done with every record, after what text functions do themselves. */
void out_fit(struct out *o, size_t from);

/* TSV rows under the columns' keys; the heading once a command. */
void out_rows(struct out *o, const json_t *rows, const struct out_column *columns);

/* What is kept of a command that was written elsewhere, for the commands after it. */
void out_pass_on(struct out *from, struct out *to);

/* Hands what is buffered to the file; ERR_IO if this or an earlier write failed. A reader that went away is told apart
 * by write_errno being EPIPE. */
int out_flush(struct out *o, struct err *err) MUST_CHECK;

/* out_flush and out_release in one. */
int out_finish(struct out *o, struct err *err) MUST_CHECK;

/* Puts what is buffered in a file, which is replaced entirely or not at all. */
int out_save(struct out *o, const char *path, struct err *err) MUST_CHECK;

#endif
