/*
 * The lines of a race, for what is written of it: from the log of a run's folder, or from the scoreboard.
 *
 * A line is an object as the log has it (train/trainlog.h): {"objective", "step", "loss", "lr", "grad_norm", …}, or
 * {"objective", "step", "eval": {…}}. Steps get "smoothed" besides. A log holds every step; of a long race that is
 * saved nowhere the scoreboard has kept an even part.
 */
#ifndef SESSION_RACE_LOG_H
#define SESSION_RACE_LOG_H

#include "session/scoreboard.h"
#include "store/json.h"

struct race_log {
	json_t *settings;       /* owned reference: the log's first line; NULL: it is not known */
	json_t *lines;          /* owned reference: an array, in the log's order */
	struct snap_race *race; /* owned reference: the same as curves */
	bool thinned;           /* steps are left out */
};

/* From DIR/log.jsonl, or from that file itself. The log comes from anywhere: ERR_FORMAT where it is none; lines that
 * are not whole or not of its runners are left out. Released also after a failure. */
int race_log_read(struct race_log *l, const char *path, struct err *err) MUST_CHECK;

/* From the scoreboard's race or, where that has a folder with a log, from there. ERR_VALUE: there was no race. */
int race_log_of_board(struct race_log *l, struct scoreboard *b, struct err *err) MUST_CHECK;

void race_log_release(struct race_log *l);

#endif
