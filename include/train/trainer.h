/*
 * A race: one or more objectives from the same weights on the same batches, step by step in turn.
 *
 * Where it goes (`dir`):
 *
 *     run.json                 every setting, the data's and the model's paths; written before the first step
 *     log.jsonl                one line a step and an evaluation (or where `log` says); its form: src/train/trainlog.h
 *     NAME/step-000300/        a checkpoint of one runner, whole or not there at all (written beside, synced, renamed):
 *                              a Hugging Face directory or a PEFT adapter, and trainer.json, trainer.safetensors
 *     NAME/last -> step-…      the newest; NAME/best -> step-… where early stopping looks for one
 *
 * All runners are saved at the same step, and older checkpoints go only when every runner has the new one, so that a
 * race goes on from one step wherever it was killed. Steps, batches, dropout masks and schedules are functions of the
 * seed and the step's number: a run that was stopped gives the curve of one that was not, bit for bit with the same
 * number of threads.
 */
#ifndef TRAIN_TRAINER_H
#define TRAIN_TRAINER_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/cancel.h"
#include "base/err.h"
#include "base/tensor.h"
#include "diagnose/metrics.h"
#include "kern/kern.h"
#include "model/adapter.h"
#include "model/lm.h"
#include "store/json.h"
#include "train/examples.h"
#include "train/objective.h"

#define TRAIN_RUNNERS 8
#define RUNNER_NAME 48

enum schedule { SCHEDULE_CONSTANT, SCHEDULE_LINEAR, SCHEDULE_COSINE };

/* The factor of the learning rate at update `step` (0-based) of `total`: step/warmup over the first `warmup` updates
 * (the first is 0, as in HF), then constant, or falling to 0 at `total` along a line or half a cosine. */
double schedule_factor(enum schedule s, size_t step, size_t warmup, size_t total);

const char *schedule_name(enum schedule s);

/* One contestant: an objective with its own parameters. */
struct runner_config {
	char name[RUNNER_NAME]; /* "bear", or "bear-lambda4-xi0.5": names its folder; distinct in a race */
	const struct objective *objective;
	struct objective_params params;
};

/* What can be set behind an objective's name, the i-th from 0: "tau", which all have, then those of its regulariser;
 * NULL past the last. */
const char *runners_setting(size_t i);

/* "sft,msl,bear:lambda=4:xi=0.5": objectives with parameters of their own over the given ones. ERR_USAGE. */
int runners_parse(struct runner_config *runners, size_t *n, const char *text, const struct objective_params *params,
	struct err *err) MUST_CHECK;

struct train_config {
	struct runner_config runners[TRAIN_RUNNERS];
	size_t n_runners;
	bool full;                  /* all weights; otherwise LoRA */
	struct adapter_config lora; /* of a fresh adapter */
	size_t steps;               /* updates; 0: epochs times the epoch's batches */
	size_t epochs;
	size_t batch;               /* examples in a batch */
	size_t accumulate;          /* batches an update; the gradient is their mean */
	const char *batches;        /* file of batches, or NULL */
	double lr;
	enum schedule schedule;
	size_t warmup;              /* updates */
	double clip;                /* largest norm of the gradient; 0: none */
	double weight_decay;        /* of matrices, not of vectors */
	size_t eval_every;          /* updates; 0: only at the end */
	size_t eval_cases;          /* 0: no evaluation */
	size_t patience;            /* stop a runner after so many evaluations without a better NDCG; 0: never */
	size_t save_every;          /* updates; 0: only at the end */
	size_t keep;                /* checkpoints kept of each runner, >= 1 */
	enum dtype save_dtype;      /* of full weights in checkpoints */
	uint64_t seed;
	bool recompute;
	size_t max_memory;          /* bytes; 0: what the machine has */
	const char *dir;            /* NULL: nothing is written */
	const char *log;            /* NULL: dir/log.jsonl */
	bool resume;                /* from dir's newest common checkpoint */
	json_t *settings;           /* what run.json and the log's first line hold beside the above */
};

/* What it works on; all borrowed. */
struct train_data {
	struct kern *kern;
	const struct lm *base;
	const struct tokenizer *tokenizer; /* the base's, for checkpoints of all weights; NULL: it has none */
	const struct trie *trie;
	const struct examples *examples;
	/* Evaluation: the held-out cases, in order; the first eval_cases are taken. */
	const struct example_source *source;
	const struct rec_case *held_out;
	size_t n_held_out;
	enum mask_rule mask;
	double tau;                 /* of the evaluation's softmax, > 0 */
	struct diagnose_options diagnose;
};

enum train_event_kind {
	TRAIN_PLANNED, /* once, before the first step: steps, memory */
	TRAIN_STEP,
	TRAIN_CASE,    /* one case more of an evaluation: done, cases */
	TRAIN_EVAL,    /* metrics */
	TRAIN_SAVED,   /* all runners, at `step`; text: the folder */
	TRAIN_NOTE,    /* text: something to be told, "no whole checkpoint in …: from the beginning" */
	TRAIN_STOPPED, /* a runner has stopped early */
};

struct train_event {
	enum train_event_kind kind;
	size_t runner;
	size_t step, steps;  /* updates done, and in all */
	double loss, lr, grad_norm;
	size_t tokens;       /* that went through the layers in this step */
	double seconds, search_seconds;
	double left;         /* seconds until the end, of all runners; NaN: not known yet */
	size_t done, cases;
	const struct metrics *metrics;
	size_t memory;       /* TRAIN_PLANNED: bytes */
	const char *text;
};

/* Called by the thread that runs the race. */
struct train_observer {
	void (*event)(void *arg, const struct train_event *e);
	void *arg;
};

/* Set by another thread at any time. A pause or stop takes effect after the step that is being made; a stop saves. */
enum train_wish { TRAIN_GO, TRAIN_PAUSE, TRAIN_STOP };
typedef _Atomic int train_control;

struct trainer;

/*
 * Plans memory, makes the runners, resumes. What config points to is borrowed for the call, what data points to until
 * trainer_free. After a failure nothing was written. ERR_MEMORY says how much is needed and there, and what would make
 * it smaller. ERR_VALUE: settings that do not belong together; a directory that holds a run and is not to be resumed,
 * or that another process trains in; a run to be resumed that was made with other settings (the first one is named).
 * Settings of evaluations, saving and threads may differ, and there may be more steps.
 */
int trainer_new(struct trainer **out, const struct train_config *config, const struct train_data *data,
	const struct train_observer *observer, struct err *err) MUST_CHECK;
void trainer_free(struct trainer *t); /* NULL is fine */

/*
 * Runs until the last step, a stop or a failure. `cancel` is a wish to stop too (the step is finished and saved; an
 * evaluation is broken off, and made before the next step when the run goes on); *finished says whether all was done. A
 * failure (a loss or gradient that is not finite, a full disk) leaves the last whole checkpoint as it was and names it.
 * control and cancel may be NULL.
 */
int trainer_run(struct trainer *t, train_control *control, const cancel_flag *cancel, bool *finished,
	struct err *err) MUST_CHECK;

/* After the run. */
struct runner_report {
	const char *name;
	size_t step;
	double loss;             /* of the last step */
	const char *checkpoint;  /* path of the newest, or NULL. Borrowed until trainer_free */
	bool evaluated, stopped_early;
	struct metrics metrics;  /* of the last evaluation */
	double seconds, search_seconds; /* spent in steps */
	size_t tokens;
};
size_t trainer_reports(const struct trainer *t, struct runner_report reports[TRAIN_RUNNERS]);

/* What run.json says of this race, whether it is written or not. Borrowed until trainer_free. */
const json_t *trainer_settings(const struct trainer *t);

/* Tells the observer what a log says of a race's runners up to a step, as the race told it then (TRAIN_STEP and
 * TRAIN_EVAL). Lines that are not whole, and evaluations by beams of another width, are left out. */
int train_read_log(const char *path, const struct train_config *config, size_t step, size_t width,
	const struct train_observer *observer, struct err *err) MUST_CHECK;

/* What run.json of a directory says; caller json_decrefs. For `--resume`, to find model, data and settings again. */
json_t *train_read_run(const char *dir, struct err *err);

#endif
