/*
 * The form that sets up a race, and the command that it stands for. Ranges, choices and explanations are those of
 * `train` in the command table.
 */
#ifndef UI_TUI_RACE_FORM_H
#define UI_TUI_RACE_FORM_H

#include "base/buf.h"
#include "base/err.h"
#include "form.h"

#define RACE_FORM_PARAMS 3 /* K, xi, lambda */
#define RACE_FORM_OBJECTIVES 8

/* An objective in the form. */
struct race_pick {
	const char *name;
	struct form_field *taken, *params[RACE_FORM_PARAMS]; /* params: NULL where they play no part */
};

enum race_field {
	RACE_OUT,
	RACE_SAVE_EVERY,
	RACE_SEED,
	RACE_WEIGHTS,
	RACE_LORA_RANK,
	RACE_LORA_ALPHA,
	RACE_LORA_TARGETS,
	RACE_TARGETS,
	RACE_STEPS,
	RACE_BATCH,
	RACE_LR,
	RACE_SCHEDULE,
	RACE_TAU,
	RACE_MORE,
	RACE_EVAL_EVERY,
	RACE_EVAL_CASES,
	RACE_FIELDS
};

struct race_form {
	struct form form;
	struct race_pick picks[RACE_FORM_OBJECTIVES];
	size_t n_picks;
	struct form_field *fields[RACE_FIELDS];
	struct form_field *start;
	char *proposed; /* owned: the folder */
};

/* Begins with what suits a model of so many weights: a small one is trained whole, a large one through an adapter. */
void race_form_init(struct race_form *f, size_t weights);
void race_form_release(struct race_form *f);

/* The folder becomes one that is free; race_form_free_folder does so only where it still is the one that was
 * proposed. */
void race_form_new_folder(struct race_form *f);
void race_form_free_folder(struct race_form *f);

/* After a change: hides what plays no part. */
void race_form_settle(struct race_form *f);

/* Appends the command; what it would do by itself is left out. */
void race_form_command(const struct race_form *f, struct buf *out);

/* Whether it can be run, by the command's own argument table. ERR_USAGE with what to mend. */
int race_form_check(const struct race_form *f, struct err *err) MUST_CHECK;

#endif
