#include "layer_map.h"

static struct layer_map whole(const struct param *weight, const struct param *bias)
{
	return (struct layer_map){weight, bias, 0, weight == NULL ? 0 : weight->rows};
}

static struct layer_map part_of_qkv(const struct layer_params *w, const struct model_config *c, enum map_id id)
{
	size_t q = c->heads * c->head_dim, kv = c->kv_heads * c->head_dim;

	switch (id) {
	case MAP_Q:
		return (struct layer_map){w->qkv, w->qkv_bias, 0, q};
	case MAP_K:
		return (struct layer_map){w->qkv, w->qkv_bias, q, kv};
	default:
		return (struct layer_map){w->qkv, w->qkv_bias, q + kv, kv};
	}
}

struct layer_map layer_map(const struct layer_params *w, const struct model_config *c, enum map_id id)
{
	if (id <= MAP_V && w->qkv != NULL)
		return part_of_qkv(w, c, id);
	switch (id) {
	case MAP_Q:
		return whole(w->q, w->q_bias);
	case MAP_K:
		return whole(w->k, w->k_bias);
	case MAP_V:
		return whole(w->v, w->v_bias);
	case MAP_O:
		return whole(w->o, w->o_bias);
	case MAP_GATE:
		return whole(w->gate, w->gate_bias);
	case MAP_UP:
		return whole(w->up, w->up_bias);
	default:
		return whole(w->down, w->down_bias);
	}
}

struct tensor layer_map_rows(const struct layer_map *m, const struct tensor *t)
{
	struct tensor part = *t;

	part.data = (const char *)t->data + dtype_bytes(t->dtype, m->first * t->shape[1]);
	part.shape[0] = m->rows;
	return part;
}
