/* The tensors of the loaded model and its adapter, as `info tensors` lists them. */
#ifndef SESSION_INFO_TENSORS_H
#define SESSION_INFO_TENSORS_H

#include "session/loaded.h"
#include "session/out.h"
#include "store/json.h"

/* Rows {"name", "dtype", "shape", "elements"} of those whose name holds the part ("": all), in the order of the model;
 * ERR_NOT_FOUND where none does, ERR_VALUE for a model that has none. The caller's; NULL on failure. */
json_t *info_tensors(const struct model_stage *m, const char *part, struct err *err);

extern const struct out_column info_tensor_columns[];

#endif
