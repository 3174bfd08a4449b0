/*
 * The columns of the table of cases: the one place that says what can be asked of a finding by name. It gives
 * expressions (--where), slices, listings (`cases`), CSV, completion and help.
 *
 * To add a column: one line in src/diagnose/column.c.
 */
#ifndef DIAGNOSE_COLUMN_H
#define DIAGNOSE_COLUMN_H

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"
#include "diagnose/finding.h"

enum column_type { COLUMN_NUMBER, COLUMN_TEXT, COLUMN_FLAG };

struct column {
	const char *name;    /* "exact_rank": also its key in JSON and CSV */
	const char *alias;   /* "exact"; NULL: none */
	enum column_type type;
	bool searched;       /* known only after a search; otherwise of the case itself */
	bool spelt;          /* of the case itself, but known only with the model whose tokens spell its item */
	const char *head;    /* heading in text tables */
	const char *form;    /* printf form of a number in text; NULL: as it is */
	const char *choices; /* "retrieved|incorrectly-pruned|…" where only these can be; NULL otherwise */
	const char *help;    /* one line, no full stop */
	double (*number)(const struct finding *f);    /* NUMBER and FLAG (0 or 1); NaN: not known or there is none */
	const char *(*text)(const struct finding *f); /* TEXT; "": not known. Raw */
};

extern const struct column columns[]; /* ends with a NULL name */

/* The order of two numbers of a column, -1, 0 or 1, from the smallest up or from the largest down: what is not known
 * (NaN) comes last either way. */
int column_order(double x, double y, bool descending);

/* By name or alias; NULL and ERR_USAGE with the nearest names otherwise. */
const struct column *column_find(const char *name, size_t len, struct err *err);

/* Of a column with choices, the one that a word means: by its beginning, or by that of a part after a hyphen
 * ("pruned"), where no other has it. Its place from 0; -1: none or several. *choice: its text, of *len bytes. */
int column_choice(const struct column *c, const char *word, const char **choice, size_t *len);

#endif
