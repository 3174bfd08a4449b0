/*
 * The table of cases as the screens show it: the rows of the split that are asked for, in the order asked for, with
 * what a diagnosis has found of them so far.
 *
 * A table is constant, counts its references (the front-end's thread alone) and borrows nothing. While `diagnose` runs
 * a new one is made at most every CASES_COPY_SECONDS; the rows and their texts are shared between them.
 */
#ifndef SESSION_SNAP_CASES_H
#define SESSION_SNAP_CASES_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"
#include "base/mem.h"

#define CASES_COPY_SECONDS 0.05

enum snap_verdict { SNAP_NONE, SNAP_RETRIEVED, SNAP_PRUNED, SNAP_OUTRANKED, SNAP_UNREACHABLE, SNAP_UNDECIDED };
#define SNAP_VERDICTS (SNAP_UNDECIDED + 1)

struct column;
struct finding;

struct snap_case {
	size_t index;            /* place in the split, from 1 */
	const char *id;          /* raw, for commands */
	const char *title_shown; /* of the positive item; its id where it has none */
	size_t history, popularity;
	size_t item_tokens;      /* 0: not known */
	const char *first_shown; /* text of its first token; "" where that is not known */

	/* What a diagnosis has found; zeroed where it has not come here. */
	enum snap_verdict verdict; /* SNAP_NONE: not diagnosed */
	size_t rank;             /* in the beam's result; 0: not returned */
	size_t exact_rank;       /* 0: none, or not known */
	bool exact_proved;       /* otherwise the rank is at least exact_rank */
	size_t pruned_at;        /* 0: it was not */
	double worst_margin;     /* smallest prefix margin; NaN: not known */
	size_t worst_step;       /* where; 0: not known */
	size_t smallest_width;   /* smallest B of those scanned that returns the item; 0: none, or not known */

	const struct finding *finding; /* what the columns are asked of */
};

struct snap_cases {
	struct arena arena; /* owns the order of the rows */
	void *found;        /* one reference: what owns the rows and all that they point to */
	int refs;
	const struct snap_case *const *rows; /* [n] that are asked for, in order */
	size_t n;
	size_t n_all;       /* cases of the split */
	size_t n_searched;  /* of these, the diagnosed ones */
	size_t kinds[SNAP_VERDICTS];  /* of all of the split, by verdict */
	const char *where_shown;      /* the expression that rows are asked for with; "": all */
	const struct column *column;  /* that it is sorted by; NULL: the split's order */
	const char *sort;             /* name of the column; NULL: there is none */
	const char *sort_head;        /* its heading; "" for none */
	bool descending;
	const char *settings_shown;   /* that the findings were made with; "": none yet */
	bool elsewhere;     /* the session's last diagnosis is of other cases than these */
};

/* Appends what stands in the column that the table is sorted by, safe to show; nothing where that is not known. */
void snap_case_key(const struct snap_cases *t, const struct snap_case *k, struct buf *out);

/* The columns that a table can be asked for and sorted by: the name of the i-th, NULL past the last. *choices (may be
 * NULL): "retrieved|incorrectly-pruned|…" where a text can only be one of these, else NULL. */
const char *snap_case_column(size_t i, const char **choices);

#endif
