/*
 * What stands at the path that was given as a model, and, where it is none that can be opened, what would mend it.
 */
#ifndef SRC_SESSION_MODEL_PLACE_H
#define SRC_SESSION_MODEL_PLACE_H

#include <stdbool.h>

#include "base/err.h"

/* Is it a probability table, or a transformer? Looks at names only; what is in the files is for their readers. Refusals
 * are one sentence: weights in a form that is not read (pickled ones, those of other frameworks), a file of a model's
 * directory, a training run, an adapter, a folder of the Hugging Face cache or a name on its hub. */
int model_place_check(bool *is_table, const char *path, struct err *err) MUST_CHECK;

/* Is it a directory with a PEFT adapter? The same for what -a gives. */
int model_place_check_adapter(const char *path, struct err *err) MUST_CHECK;

/* Says that a transformer has no tokenizer, and how its tokenizer.json is to be had; returns -1. */
int model_place_no_tokenizer(const char *path, struct err *err);

#endif
