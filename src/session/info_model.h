/* The loaded model as `info` describes it. */
#ifndef SRC_SESSION_INFO_MODEL_H
#define SRC_SESSION_INFO_MODEL_H

#include "session/loaded.h"
#include "store/json.h"

/* The members of fields_model (session/fields.h): what was recognised in the model's files, and what was not. The
 * caller's. */
json_t *info_model(const struct model_stage *m);

#endif
