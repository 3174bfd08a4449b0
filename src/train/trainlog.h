/*
 * The log of a race: JSON Lines. The first line holds every setting; then one line a step of a runner, and one an
 * evaluation:
 *
 *     {"objective": "bear", "step": 300, "loss": …, "lr": …, "grad_norm": …, "tokens": …, "seconds": …}
 *     {"objective": "bear", "step": 300, "eval": {"hr@10": …, …}, "seconds": …}
 *
 * "objective" is the runner's name, "step" the number of updates made by then. Where an objective searches, a step has
 * "search_seconds" too. Every line is written whole, at once.
 */
#ifndef TRAIN_TRAINLOG_H
#define TRAIN_TRAINLOG_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "base/err.h"
#include "diagnose/metrics.h"
#include "store/json.h"

struct trainlog {
	char *path;   /* owned; NULL: no log is wanted, and all calls succeed */
	int fd;       /* -1 before trainlog_begin */
	off_t length; /* of what was written whole */
};

/* What a log that is there keeps of a runner: its lines up to a step. */
struct trainlog_mark {
	const char *name;
	size_t step;
	bool evaluated;         /* an evaluation at that very step stays too */
	size_t width;           /* beams of the evaluation */
	bool found;             /* out: that evaluation was there */
	struct metrics metrics; /* out: what it said */
};

void trainlog_init(struct trainlog *l, const char *path); /* path is copied; NULL: no log */
void trainlog_release(struct trainlog *l);

/* Puts a log with these settings in place of the one that is there, of which the marked lines stay, each once; nothing
 * is lost when the disk is full. Then lines can be added. ERR_FORMAT: with marks, a file that is no log of a race. */
int trainlog_begin(
	struct trainlog *l, const json_t *settings, struct trainlog_mark *marks, size_t n, struct err *err) MUST_CHECK;

struct step_figures {
	double loss, lr, grad_norm;
	size_t tokens; /* that went through the layers */
	double seconds, search_seconds;
};

int trainlog_step(struct trainlog *l, const char *name, size_t step, const struct step_figures *f, bool searches,
	struct err *err) MUST_CHECK;
int trainlog_eval(struct trainlog *l, const char *name, size_t step, const struct metrics *m, double seconds,
	struct err *err) MUST_CHECK;

/* Makes durable what was written. */
int trainlog_sync(struct trainlog *l, struct err *err) MUST_CHECK;

#endif
