/*
 * What a diagnosis of many cases shows, and what a comparison does, for the views: made once by the thread that ran the
 * command, constant from then on. References are counted by the front-end's thread alone; both own all that they hold.
 */
#ifndef SESSION_SNAP_SURVEY_H
#define SESSION_SNAP_SURVEY_H

#include <stdbool.h>
#include <stddef.h>

#include "base/chart.h"
#include "base/mem.h"
#include "session/snap_cases.h"

/* A figure with its 95 % interval in words: {"search recall@10", "59.7 %", "[58.9, 60.4]"}. */
struct snap_key_figure {
	const char *name_shown, *value_shown, *interval_shown;
};

#define SURVEY_CHARTS 8

struct snap_survey {
	struct arena arena;
	int refs;
	const char *headline_shown;  /* a sentence */
	const char *settings_shown;  /* that it was made with */
	size_t cases, meant;         /* diagnosed, and how many it was to be */
	const struct snap_key_figure *figures; /* [n_figures] */
	size_t n_figures;
	/* Step of the pruning, margins, survival by B, by popularity, by length; all in the arena. */
	struct chart charts[SURVEY_CHARTS];
	size_t n_charts;
};

/* A case whose verdict differs between the first contender and another. */
struct snap_flip {
	const char *id; /* raw */
	const char *title_shown;
	enum snap_verdict before, after;
	size_t rank_before, rank_after;             /* 0: not returned */
	size_t exact_before, exact_after;           /* 0: none */
	bool proved_before, proved_after;           /* otherwise the exact rank is at least that */
	size_t pruned_before, pruned_after;         /* step; 0: none */
};

struct snap_bout {
	const char *against;           /* raw: words that make `compare` put these two side by side; "": a file did */
	const char *sentence_shown;    /* against the first, without figures */
	const struct snap_flip *flips; /* [n_flips] by place in the split */
	size_t n_flips;
};

struct snap_contest {
	struct arena arena;
	int refs;
	const char *const *names_shown; /* [n] */
	size_t n;
	size_t common, k;              /* cases that all have; K of the figures */
	/* A table, row by row, of [n_figures] names and [n_figures][n] values, the first contender's before the
	 * others'. */
	const char *const *figures_shown;
	const char *const *values_shown;
	/* [n_figures][n] of the difference to the first: "+7.7 [+7.2, +8.1]", "" of the first itself; and whether it is
	 * beyond chance. */
	const char *const *differences_shown;
	const bool *beyond_chance;
	size_t n_figures;
	const struct snap_bout *bouts; /* [n - 1] */
};

/* The same case searched by two contenders (`compare --case`). */
struct snap_trace;
struct snap_pair {
	struct arena arena;
	int refs;
	const char *case_id; /* raw */
	const char *names_shown[2];
	const struct snap_trace *traces[2]; /* one reference each */
};

#endif
