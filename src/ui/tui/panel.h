/*
 * Panels that show one part of a snapshot's trace each; views put them together. Drawing only: they keep nothing, and
 * the trace must be there.
 */
#ifndef UI_TUI_PANEL_H
#define UI_TUI_PANEL_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"
#include "canvas.h"
#include "session/snapshot.h"

/* Where the table of steps was drawn, for the mouse. */
struct step_table {
	struct rect rows;
	size_t first; /* step in the first row, 1-based */
};

/* The positive item: title, history, one line a token with rank and margin, exact rank, condition. */
struct step_table panel_positive(struct canvas *c, struct rect r, const struct snapshot *snap);
int panel_positive_lines(const struct snapshot *snap); /* wished for, frame included */

/* The items that the search returned. */
void panel_results(struct canvas *c, struct rect r, const struct snapshot *snap);
int panel_results_lines(const struct snapshot *snap);

/* The verdict's sentence and the notes. */
void panel_verdict(struct canvas *c, struct rect r, const struct snapshot *snap);
int panel_verdict_lines(const struct canvas *c, int w, const struct snapshot *snap);

/* The verdict in a few words, for the top line, and its style. Appends. */
unsigned panel_verdict_words(const struct canvas *c, const struct snap_trace *t, struct buf *out);

/* Appends "exact rank 3 of 2,411"; false where there is none. */
bool panel_exact_rank(const struct snap_trace *t, struct buf *out);

/* Appends "10 kept of 2,411". */
void panel_add_kept(const struct snap_step *s, struct buf *out);

/* The last line of a list of candidates: how many were not traced. rank_w: cells of the column of ranks. */
void panel_untraced_line(struct canvas *c, struct rect in, int y, int rank_w, const struct snap_step *s);

/* The line after the last candidate that stays. */
void panel_cutoff(struct canvas *c, struct rect in, int y, double cutoff);

/* The probability that belongs to a log p, at the right of w cells: "41.2%". */
void panel_share(struct canvas *c, int x, int y, int w, unsigned style, double logp);

/* What is said where there is nothing to be shown, in the middle. */
void panel_message(struct canvas *c, struct rect area, const char *text);

/* Nothing was searched yet: how to get there, or that it is on its way. */
void panel_no_search(struct canvas *c, struct rect area, const struct snapshot *snap);

/* Of a step's candidates in a list: rows up to the last one that is kept by its rank, which the cut-off line follows;
 * and how many competed and were not traced. */
size_t panel_rows_to_cutoff(const struct snap_step *s);
size_t panel_untraced(const struct snap_step *s);

/* A token's text with its outer spaces made visible. Appends. */
void panel_token(const struct canvas *c, const char *text, struct buf *out);

#endif
