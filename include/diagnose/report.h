/*
 * A report: the figures, charts, slices and worst cases of one survey, or of several compared, as one file.
 */
#ifndef DIAGNOSE_REPORT_H
#define DIAGNOSE_REPORT_H

#include <stddef.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/mem.h"
#include "diagnose/contest.h"
#include "diagnose/page.h"
#include "diagnose/survey.h"
#include "diagnose/tally.h"

enum report_form { REPORT_HTML, REPORT_MARKDOWN, REPORT_JSON, REPORT_CSV };

struct report {
	const char *title;       /* NULL: made from model and data */
	const char *command;     /* the command lines that made it, one below the other */
	const char *version;     /* of the program */
	const struct contender *contenders; /* borrowed, [n] at least one; the first is what the report is of */
	size_t n;
	size_t worst;            /* wrongly pruned cases shown in full, by exact rank and margin */
};

/*
 * Appends the whole file. HTML: one page that loads nothing, runs nothing and prints in black and white; its first
 * screen says how many positives the search lost, at which steps, what B would save them, and whether the other model
 * is better. CSV: the table of cases, one column a struct column. JSON: the object of `diagnose` (of `compare`, where
 * there are several) with "worst". Titles are data: escaped, control and bidi characters made visible.
 */
int report_write(const struct report *r, enum report_form form, struct buf *out, struct err *err) MUST_CHECK;

/* Those that a report of one survey begins with; their texts are the arena's. */
#define REPORT_FIGURES 6
void report_key_figures(const struct tally *t, struct arena *a, struct key_figure k[REPORT_FIGURES]);

/* A sentence or two for people, as the report's head has them: how many were lost, where, what would save them.
 * Appends plain text. */
void report_headline(const struct tally *t, struct buf *out);

/* Whether a contender is better than the first, in one sentence without figures. Appends plain text. */
void report_outcome(const struct contest *c, size_t contender, struct buf *out);

/* That sentence, then the contender's figures against the first's. */
void report_comparison(const struct contest *c, size_t contender, struct buf *out);

#endif
