/*
 * Diagnosing many cases of what is loaded: the loop behind diagnose, sweep and compare.
 */
#ifndef SESSION_SURVEY_RUN_H
#define SESSION_SURVEY_RUN_H

#include "diagnose/survey.h"
#include "session/session_priv.h"

struct survey_plan {
	const char *what;     /* for the progress: "diagnose", a contender's name */
	const char *where;    /* which cases: an expression over columns that need no search; NULL: all */
	size_t limit;         /* only the first so many of these; 0: all */
	size_t shard, shards; /* of these, those at places shard, shard + shards, …, from 1; shards 1: all */
	const size_t *widths; /* [n_widths] of the survival by B */
	size_t n_widths;
	size_t rank_limit;    /* 0: 100 */
	size_t turn, turns;   /* of so many runs over these cases this is number turn, from 0; turns 0: it is alone */
	const char *file;     /* JSON lines, gone on with where it holds some already; NULL: only in memory */
	bool shown;           /* the screens' table of cases is told what is found */
	bool goes_on;         /* without a file: after the cases of the session's survey, if that was made alike */
};

struct survey_told {
	size_t planned;    /* cases that the plan names */
	size_t there;      /* of these, in the file or the session's survey already */
	size_t done;       /* made by this call */
	size_t failed;     /* that could not be searched: a prompt that is too long, a prefix without a distribution */
	struct err failure; /* of the first of these, with the case's id */
	bool stopped;      /* by the user, before all were done */
	bool fed;          /* the screens' table was told of all that the survey holds */
};

#define SURVEY_FAILURES 20 /* so many at the beginning, and nothing else, and the run is given up */

/*
 * Diagnoses the cases of the plan with the model, data and settings as they stand (session_prepare was called with
 * CMD_NEEDS_SEARCH); the survey, initialised by the caller, holds them in the order of the split at the end. A
 * cancelled run is no failure: it keeps what is done and says so in told->stopped, so that its figures can be shown.
 * Nor is a case that cannot be searched: it is left out, and told->failed counts it. A run of which nothing is left is
 * one, with the error of its first case.
 */
int survey_run(struct survey *survey, struct survey_told *told, struct session *s, const struct survey_plan *plan,
	struct err *err) MUST_CHECK;

/* The settings of a survey of what is loaded (see survey_set). One reference. */
json_t *survey_settings(const struct session *s, const struct survey_plan *plan);

/* A list of numbers "1,5,10" from 1 to `most`, at most `room` of them; sorted, each once. ERR_USAGE begins with `what`.
 */
int survey_numbers(size_t *list, size_t *n, size_t room, size_t most, const char *text, const char *what,
	struct err *err) MUST_CHECK;

/* A list of widths "1,2,5,10", "none" for no widths; sorted, each once. ERR_USAGE. */
int survey_widths(size_t widths[SURVEY_WIDTHS], size_t *n, const char *text, struct err *err) MUST_CHECK;

/* Appends to an array of notes which cases could not be searched, if there are any. */
void survey_add_failed(json_t *notes, const struct survey_told *told);

/* What there is of what was planned: "81 of 1,925 cases". */
void survey_add_done(struct buf *out, const struct survey_told *told);

/* Whether a survey is of the cases that have this digest (digest_cases), whatever model found them. */
bool survey_is_of(const struct survey *survey, const char *cases);

/* The survey that was made or read last becomes the session's: `cases --where` and `export report` look at it. Takes
 * over what it holds; the survey is then as after survey_init. */
void session_keep_survey(struct session *s, struct survey *survey);

#endif
