/*
 * The linear maps of a layer. Where q, k and v are one matrix, each of the three maps is a part of its rows; the matrix
 * itself, and its adapter, are still one.
 */
#ifndef SRC_MODEL_LAYER_MAP_H
#define SRC_MODEL_LAYER_MAP_H

#include <stddef.h>

#include "base/tensor.h"
#include "model/config.h"
#include "model/params.h"

enum map_id {
	MAP_Q,
	MAP_K,
	MAP_V,
	MAP_O,
	MAP_GATE,
	MAP_UP,
	MAP_DOWN,
	MAP_COUNT
};

struct layer_map {
	const struct param *weight, *bias; /* NULL: the layer has none */
	size_t first, rows;                /* of both */
};

struct layer_map layer_map(const struct layer_params *w, const struct model_config *c, enum map_id id);

/* The map's rows of a matrix that has as many rows as its weight. */
struct tensor layer_map_rows(const struct layer_map *m, const struct tensor *t);

#endif
