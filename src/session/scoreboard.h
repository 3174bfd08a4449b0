/*
 * The race that is in training, or was last: written down by the thread that trains, copied for the views by the
 * front-end's.
 */
#ifndef SESSION_SCOREBOARD_H
#define SESSION_SCOREBOARD_H

#include <pthread.h>

#include "base/buf.h"
#include "base/vec.h"
#include "session/snap_race.h"
#include "train/trainer.h"

/* Which of many events are kept: every stride-th. */
struct thinning {
	size_t seen, stride;
};

/* Of the smoothed loss, before its bias is taken away; begins zeroed. */
struct race_mean {
	double mean, weight;
};

/* Takes in the loss of a step: its point on the smoothed curve. */
double race_smooth(struct race_mean *m, double loss);

/* What is kept of a runner beside its head. */
struct race_runner {
	VEC(struct snap_point) points;
	VEC(struct snap_eval) evals;
	struct thinning point_thinning, eval_thinning;
	struct snap_eval newest; /* evaluation; without cases: none yet */
	struct race_mean mean;
};

struct scoreboard {
	pthread_mutex_t lock;  /* guards all below */
	unsigned long version; /* grows with every change; 0: there was no race yet */
	unsigned long races;   /* numbers given out */
	struct snap_race head; /* its arena owns the strings; without points and evaluations */
	struct snap_runner heads[TRAIN_RUNNERS]; /* head.runners */
	struct race_runner runners[TRAIN_RUNNERS];
	const char *notes[RACE_NOTES]; /* head.notes_shown */
	struct buf text;               /* of the last news */
};

struct scoreboard *scoreboard_new(void);
void scoreboard_free(struct scoreboard *b); /* NULL is fine */

/* The next race's number is beyond those of another board too. No race runs on either. */
void scoreboard_count_on(struct scoreboard *b, const struct scoreboard *other);

/* What is said of a race from its start on; raw text. */
struct scoreboard_words {
	const char *settings, *eval, *eval_settings;
	const char *dir; /* NULL: it is saved nowhere */
	const char *open_with;
};

/* The thread that trains. What was there of the race before is forgotten. */
void scoreboard_begin(struct scoreboard *b, const struct train_config *config, const struct scoreboard_words *words);
void scoreboard_end(struct scoreboard *b, enum race_ending ending, const char *words);

/* The thread that trains, before the first event: a step or an evaluation of the time before a run was resumed. */
void scoreboard_past(struct scoreboard *b, const struct train_event *e);

/* The thread that trains: takes in an event and says what a watcher is to be told, which holds until the next one. */
void scoreboard_event(struct scoreboard *b, const struct train_event *e, struct race_news *news);

/* The front-end's thread: a copy with one reference. NULL where *version is the present one, or there was no race. */
struct snap_race *scoreboard_copy(struct scoreboard *b, unsigned long *version);
unsigned long scoreboard_version(struct scoreboard *b);
void snap_race_unref(struct snap_race *s); /* NULL is fine */

/* The figures of an evaluation, for records too. */
void race_figures_find(struct snap_figure figures[RACE_FIGURES], const struct metrics *m);

#endif
