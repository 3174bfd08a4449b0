/* The parameters that an adapter holds whole: found in its file, and named in it again. */
#ifndef SRC_MODEL_ADAPTER_SAVED_H
#define SRC_MODEL_ADAPTER_SAVED_H

#include <stdbool.h>

#include "adapter_config.h"

/* Fills a->saved from a->file, and notes in used[entries] what it took. What modules_to_save names must be there;
 * embedding and output matrix may be there unnamed, as PEFT stores them where the vocabulary was resized. */
int adapter_saved_bind(struct adapter *a, const struct adapter_spec *s, const struct params *params, bool *used,
	struct err *err) MUST_CHECK;

/* "base_model.model.lm_head.weight" */
void adapter_saved_name(char name[ADAPTER_NAME_MAX], const struct adapter_saved *saved);

#endif
