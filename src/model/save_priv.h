/*
 * What the forms of saved models have in common: the values of one parameter, in the type and order of the file.
 */
#ifndef SRC_MODEL_SAVE_PRIV_H
#define SRC_MODEL_SAVE_PRIV_H

#include "model/save.h"

struct save_form {
	enum dtype dtype;
	bool turned;         /* the file has the matrix as [cols, rows] */
	const size_t *order; /* [rows] which row stands at each place of the file; NULL: its own */
};

typedef int save_sink(void *arg, const void *bytes, size_t len, struct err *err);

/* Hands the data of s->params->at[param] to the sink, piece by piece. */
int save_values(const struct save *s, size_t param, const struct save_form *form, save_sink *sink, void *arg,
	struct err *err) MUST_CHECK;

/* Does the adapter change this parameter? */
bool save_is_adapted(const struct save *s, size_t param);

#endif
