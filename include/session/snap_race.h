/*
 * A race in training as a front-end sees it: where every runner is, its curves and its evaluations.
 *
 * The thread that trains writes the race down as it goes; session_snapshot copies it at most every RACE_COPY_SECONDS
 * while it runs, and once more when it has ended. A copy is constant, counts its references and borrows nothing.
 *
 * Memory is bounded however long a race lasts. A curve is of at most RACE_POINTS steps: when it is full, every second
 * point goes, and from there on every second step is left out, then three of four, and so on. What is kept are true
 * values, evenly spaced; the smoothed loss has seen every step. The newest step is always the last point. Evaluations
 * are thinned in the same way at RACE_EVALS, and of the notes the first RACE_NOTES are kept.
 */
#ifndef SESSION_SNAP_RACE_H
#define SESSION_SNAP_RACE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/mem.h"

#define RACE_POINTS 4096
#define RACE_EVALS 512
#define RACE_NOTES 64
#define RACE_COPY_SECONDS 0.1

/* Weight of the past in the smoothed loss, a debiased exponential mean: m_t = a m_{t-1} + (1 - a) x_t, over 1 - a^t. */
#define RACE_SMOOTHING 0.95

struct snap_point {
	size_t step; /* 1 …; 0: none */
	double loss, smoothed;
	double grad_norm, lr;
	double tokens_per_second;
};

/* What an evaluation says, in the order in which it is shown. */
enum race_figure {
	RACE_NDCG,
	RACE_HR,
	RACE_EXACT_NDCG,
	RACE_EXACT_HR,
	RACE_PRUNING_RATE,
	RACE_SEARCH_RECALL,
	RACE_CONDITION_VIOLATED,
	RACE_LUCKY,
	RACE_NLL_BEFORE,
	RACE_NLL_AFTER,
	RACE_FIGURES
};

enum race_unit { RACE_SHARE, RACE_GAIN, RACE_NATS }; /* shown in per cent; between 0 and 1; a mean of nats */

struct race_figure_entry {
	const char *key;   /* as in JSON; followed by "@B" where at_width */
	const char *title; /* for people, likewise */
	bool at_width;
	bool less_is_better;
	enum race_unit unit;
};

extern const struct race_figure_entry race_figures[RACE_FIGURES];

/* "ndcg@10"; or with titles "NDCG@10". */
#define RACE_FIGURE_NAME 48
void race_figure_name(char name[RACE_FIGURE_NAME], enum race_figure f, size_t width, bool title);

struct snap_figure {
	double value, low, high; /* with its 95 % interval; NaN where n is 0 */
	size_t n;
};

struct snap_eval {
	size_t step;             /* after so many updates */
	size_t width;            /* B, and the K of the figures at K */
	size_t cases, undecided; /* undecided: the exact search's budget left their rank open */
	struct snap_figure figures[RACE_FIGURES];
};

enum snap_runner_state { RUNNER_READY, RUNNER_RUNNING, RUNNER_STOPPED_EARLY, RUNNER_DONE };

struct snap_runner {
	const char *name_shown;
	enum snap_runner_state state;
	size_t step;
	struct snap_point last;          /* the newest; its step is 0 before the first */
	const struct snap_point *points; /* [n_points] by rising step */
	size_t n_points;
	const struct snap_eval *evals;   /* [n_evals] by rising step */
	size_t n_evals;
	size_t tokens;                   /* that went through the layers, of all steps seen */
	double seconds, search_seconds;  /* spent in them, and of these in beam searches */
};

/* Stopped: on request, before its last step. Failed: a loss that is not finite, a full disk … */
enum race_ending { RACE_GOES_ON, RACE_FINISHED, RACE_STOPPED, RACE_FAILED };

struct snap_race {
	struct arena arena; /* owns all below */
	int refs;
	unsigned long number; /* of the session's races, from 1 */
	bool running;       /* otherwise it has ended, at the last step or before */
	enum race_ending ending;
	const char *ending_shown; /* what the command said of it, where it stands and how to go on; "" if nothing */
	size_t step, steps; /* updates that every runner has made that goes on, and in all */
	double left;        /* seconds until the end; NaN: not known yet */
	size_t judged;      /* the runner that is being evaluated, while cases > 0 … */
	size_t done, cases; /* … and how many of its cases are done */
	size_t memory;      /* bytes that were planned for */
	size_t saved_step;  /* of the newest checkpoints; 0: none */
	const char *settings_shown; /* "LoRA r 8 α 16 on q_proj,v_proj · 300 steps of 32 · …" */
	const char *dir_shown;      /* where it is saved; "" if nowhere */
	const char *dir;            /* the same, raw, for commands: DIR/NAME/last is a runner's newest checkpoint … */
	const char *open_with;      /* … and these commands open it when its path is added: "…; load model " */
	const char *eval_shown;     /* of evaluations: "200 cases of the valid split"; "": there are none */
	const char *eval_settings_shown; /* of the same: "B 10 · mask before"; "" likewise */
	const struct snap_runner *runners; /* [n_runners] */
	size_t n_runners;
	const char *const *notes_shown; /* [n_notes] */
	size_t n_notes;
};

/*
 * News of a race for a front-end whose own thread runs it (session_watch). Everything is borrowed for the call; the
 * runners come without points and evaluations.
 */
enum race_news_kind {
	RACE_STEPPED,
	RACE_JUDGING, /* one case more of an evaluation */
	RACE_EVALUATED,
	RACE_SAVED,
	RACE_NOTED,
	RACE_STOPPED_EARLY,
	RACE_PLANNED
};

struct race_news {
	enum race_news_kind kind;
	const struct snap_race *race;
	const struct snap_runner *runner; /* STEPPED, JUDGING, EVALUATED, STOPPED_EARLY */
	const struct snap_eval *eval;     /* EVALUATED */
	const char *text_shown;           /* SAVED: the folder; NOTED */
};

typedef void race_watch_fn(void *arg, const struct race_news *news);

#endif
