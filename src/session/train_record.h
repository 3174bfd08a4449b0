/*
 * What `train` gives: its record, how that reads for people and in rows, and what is said where it was broken off.
 */
#ifndef SESSION_TRAIN_RECORD_H
#define SESSION_TRAIN_RECORD_H

#include "session/out.h"
#include "session/train_setup.h"

/* What the trainer told while it ran. */
struct train_told {
	json_t *notes;      /* list of texts */
	size_t step, steps; /* updates made by all, and in all */
	size_t memory;      /* bytes that were planned for */
	bool finished;
};

json_t *train_record(const struct trainer *t, const struct train_setup *setup, const struct train_data *data,
	const struct train_told *told, const struct session *s);

/* ERR_CANCELLED: where it stands and how to go on; returns -1. */
int train_stopped(const struct train_setup *setup, const struct train_told *told, struct err *err);

/* Appends "200 cases of the valid split" and "B 10 · mask before"; nothing where nothing is evaluated. */
void train_eval_words(
	const struct train_data *data, const struct train_setup *setup, struct buf *cases, struct buf *settings);

void train_text(const json_t *record, struct out *out);
void train_tsv(const json_t *record, struct out *out);

#endif
