/* The two halves of a layer, each forward and then backward. */
#include "backprop_priv.h"
#include "kern/attn.h"
#include "kern/layers.h"

static void norm_fwd(struct backprop *b, float *y, const float *x, const struct param *w, size_t rows)
{
	const struct model_config *c = b->t->config;

	rmsnorm_fwd(b->kern, y, x, backprop_vector(b, w), rows, c->hidden, c->norm_eps);
}

static void norm_bwd(struct backprop *b, float *dx, const float *dy, const float *x, const struct param *w, size_t rows)
{
	const struct model_config *c = b->t->config;

	rmsnorm_bwd(b->kern, dx, backprop_grad(b, w), dy, x, backprop_vector(b, w), rows, c->hidden, c->norm_eps);
}

static struct attn_shape attention_shape(const struct backprop *b)
{
	const struct model_config *c = b->t->config;

	return (struct attn_shape){c->heads, c->kv_heads, c->head_dim};
}

typedef void rope_fn(struct kern *k, float *x, const uint32_t *position, const float *cos, const float *sin, size_t T,
	size_t heads, size_t d, size_t stride);

static void turn(struct backprop *b, rope_fn *rope, float *x, size_t heads)
{
	size_t d = b->t->config->head_dim;

	rope(b->kern, x, b->at.position, b->rotary.cos, b->rotary.sin, b->rows, heads, d, heads * d);
}

/* The rows that go past attention; NULL: all. */
static const uint32_t *rows_behind(const struct backprop *b, const struct layer *l)
{
	return l->rows == l->all ? NULL : b->batch.wanted;
}

/* Wo's input: the attention's output in the rows that go on. */
static const float *mixed_behind(const struct backprop *b, const struct layer *l)
{
	return l->rows == l->all ? l->mixed : b->at.wanted_mixed;
}

/* middle = x + Wo · attention(rope(Wq h), rope(Wk h), Wv h), h = rmsnorm(x) */
static void attention_fwd(struct backprop *b, const struct layer *l)
{
	const struct model_config *c = b->t->config;
	const struct attn_shape shape = attention_shape(b);

	norm_fwd(b, b->at.h, l->x, l->w->attn_norm, l->all);
	map_fwd(b, l, MAP_Q, l->q, b->at.h, false);
	map_fwd(b, l, MAP_K, l->k, b->at.h, false);
	map_fwd(b, l, MAP_V, l->v, b->at.h, false);
	turn(b, rope_fwd, l->q, c->heads);
	turn(b, rope_fwd, l->k, c->kv_heads);
	attn_packed_fwd(b->kern, l->mixed, l->lse, l->q, l->k, l->v, b->batch.first, b->batch.n, &shape);
	gather_fwd(b->kern, l->middle, l->x, rows_behind(b, l), l->rows, c->hidden);
	if (l->rows < l->all)
		gather_fwd(b->kern, b->at.wanted_mixed, l->mixed, b->batch.wanted, l->rows, shape.heads * shape.d);
	map_fwd(b, l, MAP_O, l->middle, mixed_behind(b, l), true);
}

static bool trains_projection(const struct backprop *b, const struct layer *l)
{
	return map_trains(b, l, MAP_Q) || map_trains(b, l, MAP_K) || map_trains(b, l, MAP_V);
}

/* From the gradients of q, k and v to that of the layer's input, where it is wanted, and to their weights. */
static void projections_bwd(struct backprop *b, const struct layer *l, bool below)
{
	const struct scratch_rows *s = &b->at;
	const struct model_config *c = b->t->config;
	const struct {
		enum map_id id;
		float *dy;
	} maps[] = {{MAP_Q, s->dq}, {MAP_K, s->dk}, {MAP_V, s->dv}};

	turn(b, rope_bwd, s->dq, c->heads);
	turn(b, rope_bwd, s->dk, c->kv_heads);
	if (trains_projection(b, l))
		norm_fwd(b, s->h, l->x, l->w->attn_norm, l->all);
	for (size_t i = 0; i < ARRAY_LEN(maps); i++) {
		if (below || map_trains(b, l, maps[i].id))
			map_bwd(b, l, maps[i].id, below ? s->dh : NULL, maps[i].dy, s->h, i > 0);
	}
	if (below)
		norm_bwd(b, s->dx, s->dh, l->x, l->w->attn_norm, l->all);
}

/* dmiddle [R, hidden]. Adds to it what `below` wants of the way through attention and leaves it in at.dx. */
static void attention_bwd(struct backprop *b, const struct layer *l, float *dmiddle, bool below)
{
	const struct scratch_rows *s = &b->at;
	const struct attn_shape shape = attention_shape(b);
	bool inside = below || trains_projection(b, l);
	bool all = l->rows == l->all;
	float *dmixed = all ? s->dmixed : s->wanted_mixed;

	if (inside || map_trains(b, l, MAP_O))
		map_bwd(b, l, MAP_O, inside ? dmixed : NULL, dmiddle, mixed_behind(b, l), false);
	if (!inside)
		return;
	if (!all)
		gather_bwd(b->kern, s->dmixed, dmixed, b->batch.wanted, l->rows, l->all, shape.heads * shape.d);
	if (!all && below)
		gather_bwd(b->kern, s->dx, dmiddle, b->batch.wanted, l->rows, l->all, b->t->config->hidden);
	attn_packed_bwd(
		b->kern, s->dq, s->dk, s->dv, s->dmixed, l->lse, l->q, l->k, l->v, b->batch.first, b->batch.n, &shape);
	projections_bwd(b, l, below);
}

/* y = middle + Wdown · (silu(Wgate h) · (Wup h)), h = rmsnorm(middle) */
static void mlp_fwd(struct backprop *b, const struct layer *l, float *y)
{
	const struct model_config *c = b->t->config;

	norm_fwd(b, b->at.h, l->middle, l->w->mlp_norm, l->rows);
	map_fwd(b, l, MAP_GATE, l->gate, b->at.h, false);
	map_fwd(b, l, MAP_UP, l->up, b->at.h, false);
	if (b->recalling)
		return;
	swiglu_fwd(b->kern, b->at.inner, l->gate, l->up, l->rows * c->intermediate);
	gather_fwd(b->kern, y, l->middle, NULL, l->rows, c->hidden);
	map_fwd(b, l, MAP_DOWN, y, b->at.inner, true);
}

/* dy, the gradient of y, becomes that of the middle where it is wanted. The gradient of gate takes gate's place. */
static void mlp_bwd(struct backprop *b, const struct layer *l, float *dy, bool middle)
{
	const struct scratch_rows *s = &b->at;
	size_t n = l->rows * b->t->config->intermediate;
	bool gate = map_trains(b, l, MAP_GATE), up = map_trains(b, l, MAP_UP), down = map_trains(b, l, MAP_DOWN);
	bool inside = middle || gate || up;

	if (down)
		swiglu_fwd(b->kern, s->inner, l->gate, l->up, n);
	if (down || inside)
		map_bwd(b, l, MAP_DOWN, inside ? s->inner : NULL, dy, s->inner, false);
	if (!inside)
		return;
	swiglu_bwd(b->kern, l->gate, s->inner, s->inner, l->gate, l->up, n);
	if (gate || up)
		norm_fwd(b, s->h, l->middle, l->w->mlp_norm, l->rows);
	if (middle || gate)
		map_bwd(b, l, MAP_GATE, middle ? s->dh : NULL, l->gate, s->h, false);
	if (middle || up)
		map_bwd(b, l, MAP_UP, middle ? s->dh : NULL, s->inner, s->h, true);
	if (middle)
		norm_bwd(b, dy, s->dh, l->middle, l->w->mlp_norm, l->rows);
}

void layer_fwd(struct backprop *b, const struct layer *l, float *y)
{
	attention_fwd(b, l);
	mlp_fwd(b, l, y);
}

void layer_bwd(struct backprop *b, const struct layer *l, float *dy, bool below)
{
	bool middle = below || trains_projection(b, l) || map_trains(b, l, MAP_O);

	mlp_bwd(b, l, dy, middle);
	if (middle)
		attention_bwd(b, l, dy, below);
}
