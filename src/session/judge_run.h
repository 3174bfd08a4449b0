/*
 * What the model has to say of somebody's predictions: of an item that is not in its list, whether the search that made
 * the list lost it or the model prefers others.
 */
#ifndef SESSION_JUDGE_RUN_H
#define SESSION_JUDGE_RUN_H

#include "diagnose/judgement.h"
#include "session/session_priv.h"

struct judge_told {
	size_t done;
	size_t failed;      /* that could not be searched */
	struct err failure; /* of the first of these */
	bool stopped;       /* by the user, before all were done */
};

/*
 * Searches every case of a judgement, which must have been made with the session's dataset, with the settings as they
 * stand but for B, which is the file's: beam search, exact search as far as that rank, and the item followed through
 * both. A cancelled run keeps what it has. ERR_… of the first case where none could be searched.
 */
int judge_run(struct judgement *j, struct judge_told *told, struct session *s, struct err *err) MUST_CHECK;

/* The record of a `judge` as text for people, and as TSV. */
void judge_text(const json_t *record, struct out *out);
void judge_tsv(const json_t *record, struct out *out);

#endif
