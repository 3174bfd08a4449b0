/*
 * What a training is to do: from the words of `train`, the run that it goes on with, and the options.
 */
#ifndef SESSION_TRAIN_SETUP_H
#define SESSION_TRAIN_SETUP_H

#include "session/session_priv.h"
#include "train/trainer.h"

/* The places of cmd_train's arguments. */
enum train_arg {
	TRAIN_OBJECTIVES,
	TRAIN_FULL,
	TRAIN_LORA_RANK,
	TRAIN_LORA_ALPHA,
	TRAIN_LORA_DROPOUT,
	TRAIN_LORA_TARGETS,
	TRAIN_STEPS,
	TRAIN_EPOCHS,
	TRAIN_BATCH,
	TRAIN_BATCHES,
	TRAIN_ACCUMULATE,
	TRAIN_TARGETS,
	TRAIN_PROTOCOL,
	TRAIN_LR,
	TRAIN_SCHEDULE,
	TRAIN_WARMUP,
	TRAIN_CLIP,
	TRAIN_WEIGHT_DECAY,
	TRAIN_K,
	TRAIN_XI,
	TRAIN_LAMBDA,
	TRAIN_EVAL_EVERY,
	TRAIN_EVAL_CASES,
	TRAIN_EVAL_SPLIT,
	TRAIN_PATIENCE,
	TRAIN_OUT,
	TRAIN_SAVE_EVERY,
	TRAIN_KEEP,
	TRAIN_SAVE_DTYPE,
	TRAIN_RESUME,
	TRAIN_LOG,
	TRAIN_RECOMPUTE,
	TRAIN_MAX_MEMORY,
	TRAIN_ARGS
};

#define TRAIN_TARGETS_CHOICES "last|all"
#define TRAIN_SCHEDULES "constant|linear|cosine"
#define TRAIN_DTYPES "f32|f16|bf16" /* in the order of enum dtype */
#define TRAIN_SPLITS "test|valid"   /* in the order of enum split_kind */

struct train_setup {
	struct train_config config;
	enum targets_rule targets;
	enum split_kind eval_split;
	bool eval_fallback;    /* the test split, because there is no validation split */
	json_t *run;           /* owned: the run that is gone on with, or NULL */
	json_t *settings;      /* owned: config.settings */
	char *dir, *log, *batches, *lora_targets; /* owned: what config points to */
	bool eval_split_said;
};

/*
 * Before anything is loaded. With --resume the session's options become those of the run where the user has said
 * nothing: the caller sets them back (session_set_back), also after a failure.
 */
int train_setup_init(struct train_setup *t, struct session *s, const struct cmd_args *a, struct err *err) MUST_CHECK;

/* After session_prepare: objectives, settings, and what depends on model and dataset. */
int train_setup_finish(struct train_setup *t, const struct session *s, const struct cmd_args *a, struct err *err)
	MUST_CHECK;

void train_setup_release(struct train_setup *t); /* after a failure too */

#endif
