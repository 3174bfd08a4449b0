/*
 * What a view draws. A snapshot is constant, counts its references, and borrows nothing: a view may keep it while the
 * worker goes on. Strings are raw text as the model or the file has it; a view passes them through
 * utf8_show/title_show, except those named *_shown, which are safe as they are.
 *
 * References are counted by the front-end's thread alone.
 */
#ifndef SESSION_SNAPSHOT_H
#define SESSION_SNAPSHOT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/mem.h"
#include "session/snap_cases.h"
#include "session/snap_race.h"
#include "session/snap_survey.h"

struct snap_candidate {
	uint32_t rank, parent;
	uint32_t token;
	uint32_t node, above;     /* the prefix's number in the trace, and that of what its last token was added to */
	uint32_t result;          /* rank in the result of a finished item; 0: it is not there */
	const char *text_shown;   /* the token's text; its id where nothing says what it stands for */
	const char *prefix_shown; /* the whole prefix's text, this token included */
	const char *item_shown;   /* title of a finished item, else NULL */
	double step_logp, logp;
	bool kept, finished, carried, positive, tie;
	bool forced, forbidden; /* by an edit of the search */
};

struct snap_step {
	struct snap_candidate *candidates; /* [n] by rank */
	size_t n, kept, total;             /* total: candidates that competed */
	double cutoff; /* inf where all that stays is forced */
	size_t width;  /* B at this step: edits change it, and the two below */
	bool mask_after, hf; /* else mask before, and the plain search */
};

/* The positive item, token by token. */
struct snap_positive {
	uint32_t token;
	uint32_t node; /* of its prefix, as the candidates' */
	const char *text_shown;
	size_t token_rank, prefix_rank, valid;
	double step_logp, logp, beta_logp, token_margin;
	double prefix_margin; /* NaN where the search had ended; -inf where no log P would have been enough */
	bool in_beam;
	size_t width; /* B at this step */
};

struct snap_result {
	uint32_t rank;
	const char *item; /* its id; never shown as it is */
	const char *title_shown;
	double logp, score;
	bool positive;
};

/* A traced search over one case; absent until there is one. Shared by the snapshots that show it. */
struct snap_trace {
	struct arena arena; /* owns all below */
	int refs;
	const char *case_id;
	size_t width;
	struct snap_step *steps;
	size_t n_steps;
	struct snap_positive *positive; /* [n_positive] */
	size_t n_positive;
	struct snap_result *results;
	size_t n_results;
	const char *settings_shown;       /* that it was made with, as the snapshot's own */
	size_t settings_first;
	const char *title_shown;          /* the positive item's; "" if there is none */
	const char *const *history_shown; /* [n_history] titles, oldest first */
	size_t n_history;
	enum snap_verdict verdict;
	size_t pruned_at, rank, exact_rank, n_sequences; /* 0: none; n_sequences: distinct reachable items */
	size_t smallest_width;            /* smallest B that retrieves the item; 0: none up to widths_scanned */
	size_t widths_scanned;
	bool exact_proved, condition_holds;
	const char *sentence_shown; /* the verdict in one sentence */
	const char *explain_shown;  /* a few sentences, newlines between paragraphs */
	const char *notes_shown;    /* fewer items than B, ties, hidden items; "" if none */
	const char *edits_shown;    /* "force '"Tin' at step 1; B 20 from step 2"; "" where there are none */
	const char *fate_shown;     /* of the positive item, in a few words: "pruned at step 2" */
};

/* Paused: once the step that is being made is done. Stopping, of a race: it is saved after that step. */
enum snap_job { JOB_IDLE, JOB_RUNNING, JOB_PAUSED, JOB_STOPPING, JOB_CANCELLING };

struct snapshot {
	struct arena arena; /* owns all strings below */
	int refs;
	unsigned long serial; /* grows with every change */

	const char *model_shown, *data_shown, *split_shown; /* for the top line; "" before anything is loaded */
	size_t model_weights; /* of the loaded model; 0: none is loaded, or it has none */
	const char *settings_shown; /* "B 10 · mask before · plain", then what is not at its default */
	size_t settings_first;      /* bytes of the three that are always said */
	size_t width;
	size_t case_index, n_cases; /* 1-based; 0: none selected */
	const char *case_id;        /* NULL: none selected */
	const char *previous_id, *next_id; /* its neighbours; NULL: none. Without it, next is what to begin with */

	const char *rival;          /* a model beside the loaded one, as `compare` takes it; NULL: there is none */

	struct snap_trace *trace; /* one reference; NULL: none */
	/* One reference: the search that trace is a branch of; NULL: trace is without edits. */
	const struct snap_trace *original;
	const char *file_shown;   /* the last part of the file's name that trace was read from; NULL: it was searched */
	size_t step;              /* the step that is looked at, 1 … trace->n_steps */

	struct snap_race *race; /* one reference: the race that is trained or was last; NULL: none */

	/* One reference each. */
	const struct snap_cases *cases;     /* the table of cases; NULL: no dataset is loaded */
	const struct snap_survey *survey;   /* the last diagnosis of many cases; NULL: none */
	const struct snap_contest *contest; /* the last comparison of many; NULL: none */
	const struct snap_pair *pair;       /* the last comparison of one case; NULL: none */

	enum snap_job job;
	const char *job_shown;     /* what runs: "beam 17"; "" if nothing */
	double job_seconds;        /* how long it has been running */
	size_t job_done, job_total; /* how far it has got; total 0: nothing says */
	double job_left;           /* seconds until its end; NaN: not known */

	const char *message_shown; /* the last message or error; "" if none */
	bool message_is_error;
};

void snapshot_release(const struct snapshot *s); /* NULL is fine */

#endif
