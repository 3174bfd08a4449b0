/* One linear map of a layer with what LoRA puts beside it, forward and backward. */
#include "backprop_priv.h"
#include "kern/dropout.h"
#include "kern/linear.h"

struct map_params {
	const struct param *weight, *bias;
};

static struct map_params params_of(const struct layer *l, enum map_id id)
{
	const struct layer_params *w = l->w;
	const struct map_params maps[MAP_COUNT] = {
		[MAP_Q] = {w->q, w->q_bias},
		[MAP_K] = {w->k, w->k_bias},
		[MAP_V] = {w->v, w->v_bias},
		[MAP_O] = {w->o, w->o_bias},
		[MAP_GATE] = {w->gate, w->gate_bias},
		[MAP_UP] = {w->up, w->up_bias},
		[MAP_DOWN] = {w->down, w->down_bias},
	};

	return maps[id];
}

const struct param *map_weight(const struct layer *l, enum map_id id)
{
	return params_of(l, id).weight;
}

const struct lora *map_lora(const struct trainable *t, const struct layer *l, enum map_id id)
{
	return t->full ? NULL : t->adapter.of[map_weight(l, id) - t->params.at];
}

size_t map_rows(const struct layer *l, enum map_id id)
{
	return id <= MAP_V ? l->all : l->rows;
}

bool map_trains(const struct backprop *b, const struct layer *l, enum map_id id)
{
	return b->t->full || map_lora(b->t, l, id) != NULL;
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

void map_fwd(struct backprop *b, const struct layer *l, enum map_id id, float *y, const float *x, bool add)
{
	const struct map_params p = params_of(l, id);
	const struct lora *lora = map_lora(b->t, l, id);
	size_t rows = map_rows(l, id);

	linear_batch_fwd(b->kern, y, x, &p.weight->tensor, backprop_vector(b, p.bias), add, rows);
	if (lora == NULL)
		return;
	if (!b->recalling) {
		x = dropped(b, lora, x, rows * p.weight->cols);
		linear_batch_fwd(b->kern, l->u[id], x, &lora->a, NULL, false, rows);
		scale(l->u[id], lora->scale, rows * lora->r);
	}
	linear_batch_fwd(b->kern, y, l->u[id], &lora->b, NULL, true, rows);
}

/* With u = scale · A drop(x):  dB += dyᵀ u,  dA += (scale · dy B)ᵀ drop(x). Leaves scale · dy B in at.du. */
static void lora_bwd_w(
	struct backprop *b, const struct lora *lora, const float *u, const float *dy, const float *x, size_t rows)
{
	const struct trainable_tensor *a = &b->t->table[2 * (lora - b->t->adapter.at)];
	size_t out = lora->param->rows, in = lora->param->cols, r = lora->r;
	float *du = b->at.du;

	linear_bwd_w(b->kern, b->grad + a[1].offset, NULL, dy, u, rows, out, r);
	linear_bwd_x(b->kern, du, dy, &lora->b, false, rows);
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

void map_bwd(
	struct backprop *b, const struct layer *l, enum map_id id, float *dx, const float *dy, const float *x, bool add)
{
	const struct map_params p = params_of(l, id);
	const struct lora *lora = map_lora(b->t, l, id);
	size_t rows = map_rows(l, id), out = p.weight->rows, in = p.weight->cols;

	if (b->t->full)
		linear_bwd_w(b->kern, backprop_grad(b, p.weight), backprop_grad(b, p.bias), dy, x, rows, out, in);
	if (lora != NULL)
		lora_bwd_w(b, lora, l->u[id], dy, x, rows);
	if (dx == NULL)
		return;
	linear_bwd_x(b->kern, dx, dy, &p.weight->tensor, add, rows);
	if (lora != NULL)
		lora_bwd_x(b, lora, dx, rows);
}
