/* One linear map of a layer with what LoRA puts beside it, forward and backward. */
#include "backprop_priv.h"
#include "kern/dropout.h"
#include "kern/linear.h"

static struct layer_map map_of(const struct trainable *t, const struct layer *l, enum map_id id)
{
	return layer_map(l->w, t->config, id);
}

const struct lora *map_lora(const struct trainable *t, const struct layer *l, enum map_id id)
{
	const struct param *weight = map_of(t, l, id).weight;

	return t->full || weight == NULL ? NULL : t->adapter.of[weight - t->params.at];
}

size_t map_rows(const struct layer *l, enum map_id id)
{
	return id <= MAP_V ? l->all : l->rows;
}

bool map_trains(const struct backprop *b, const struct layer *l, enum map_id id)
{
	return b->t->full ? map_of(b->t, l, id).weight != NULL : map_lora(b->t, l, id) != NULL;
}

/* Every adapted matrix drops by itself, also where several have one input. */
static uint64_t mask_seed(const struct backprop *b, const struct lora *lora)
{
	return backprop_mask_seed(b->seed, (size_t)(lora - b->t->adapter.at));
}

static void scale(float *x, float by, size_t n)
{
	for (size_t i = 0; i < n; i++)
		x[i] *= by;
}

/* drop(x) for n values: x itself without dropout. */
static const float *dropped(struct backprop *b, const struct lora *lora, const float *x, size_t n)
{
	if (b->dropout == 0)
		return x;
	dropout_fwd(b->kern, b->at.dropped, x, b->dropout, mask_seed(b, lora), n);
	return b->at.dropped;
}

/* Of several parts of one matrix the first, which is the first to be computed, makes u for all. */
void map_fwd(struct backprop *b, const struct layer *l, enum map_id id, float *y, const float *x, bool add)
{
	const struct layer_map m = map_of(b->t, l, id);
	const struct tensor w = layer_map_rows(&m, &m.weight->tensor);
	const struct lora *lora = map_lora(b->t, l, id);
	const float *bias = backprop_vector(b, m.bias);
	size_t rows = map_rows(l, id);
	struct tensor low;

	linear_batch_fwd(b->kern, y, x, &w, bias != NULL ? bias + m.first : NULL, add, rows);
	if (lora == NULL)
		return;
	if (!b->recalling && m.first == 0) {
		x = dropped(b, lora, x, rows * m.weight->cols);
		linear_batch_fwd(b->kern, l->u[id], x, &lora->a, NULL, false, rows);
		scale(l->u[id], lora->scale, rows * lora->r);
	}
	low = layer_map_rows(&m, &lora->b);
	linear_batch_fwd(b->kern, y, l->u[id], &low, NULL, true, rows);
}

/* With u = scale · A drop(x):  dB += dyᵀ u,  dA += (scale · dy B)ᵀ drop(x). Leaves scale · dy B in at.du. */
static void lora_bwd_w(struct backprop *b, const struct layer_map *m, const struct lora *lora, const float *u,
	const float *dy, const float *x, size_t rows)
{
	const struct trainable_tensor *a = &b->t->table[2 * (lora - b->t->adapter.at)];
	const struct tensor low = layer_map_rows(m, &lora->b);
	size_t in = lora->param->cols, r = lora->r;
	float *du = b->at.du;

	linear_bwd_w(b->kern, b->grad + a[1].offset + m->first * r, NULL, dy, u, rows, m->rows, r);
	linear_bwd_x(b->kern, du, dy, &low, false, rows);
	scale(du, lora->scale, rows * r);
	linear_bwd_w(b->kern, b->grad + a[0].offset, NULL, du, dropped(b, lora, x, rows * in), rows, r, in);
}

/* dx += drop(du A), with the mask of the forward pass. */
static void lora_bwd_x(struct backprop *b, const struct lora *lora, float *dx, size_t rows)
{
	size_t n = rows * lora->param->cols;

	if (b->dropout == 0) {
		linear_bwd_x(b->kern, dx, b->at.du, &lora->a, true, rows);
		return;
	}
	linear_bwd_x(b->kern, b->at.dropped, b->at.du, &lora->a, false, rows);
	dropout_bwd(b->kern, dx, b->at.dropped, b->dropout, mask_seed(b, lora), n);
}

/* dw += and db += of the rows that are the map's. */
static void weight_bwd(struct backprop *b, const struct layer_map *m, const float *dy, const float *x, size_t rows)
{
	float *dw = backprop_grad(b, m->weight), *db = backprop_grad(b, m->bias);
	size_t in = m->weight->cols;

	linear_bwd_w(b->kern, dw + m->first * in, db != NULL ? db + m->first : NULL, dy, x, rows, m->rows, in);
}

void map_bwd(
	struct backprop *b, const struct layer *l, enum map_id id, float *dx, const float *dy, const float *x, bool add)
{
	const struct layer_map m = map_of(b->t, l, id);
	const struct tensor w = layer_map_rows(&m, &m.weight->tensor);
	const struct lora *lora = map_lora(b->t, l, id);
	size_t rows = map_rows(l, id);

	if (b->t->full)
		weight_bwd(b, &m, dy, x, rows);
	if (lora != NULL)
		lora_bwd_w(b, &m, lora, l->u[id], dy, x, rows);
	if (dx == NULL)
		return;
	linear_bwd_x(b->kern, dx, dy, &w, add, rows);
	if (lora != NULL)
		lora_bwd_x(b, lora, dx, rows);
}
