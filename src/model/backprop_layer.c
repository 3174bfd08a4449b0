/* The two halves of a layer, each forward and then backward. */
#include <string.h>

#include "backprop_priv.h"
#include "kern/attn.h"
#include "kern/layers.h"

static void attn_norm_fwd(struct backprop *b, const struct layer *l)
{
	backprop_norm_fwd(b, b->at.h, l->x, l->w->attn_norm, l->w->attn_norm_bias, l->all);
}

static void mlp_norm_fwd(struct backprop *b, const struct layer *l)
{
	backprop_norm_fwd(b, b->at.h, l->middle, l->w->mlp_norm, l->w->mlp_norm_bias, l->rows);
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

	if (b->t->params.positions == NULL)
		rope(b->kern, x, b->at.position, b->rotary.cos, b->rotary.sin, b->rows, heads, d, heads * d);
}

/* The heads of q or k as attention takes them: turned in place, or, where w norms them, in `room`. */
static const float *turned(struct backprop *b, float *x, float *room, const struct param *w, size_t heads)
{
	const struct model_config *c = b->t->config;

	if (w != NULL) {
		rmsnorm_fwd(b->kern, room, x, backprop_vector(b, w), b->rows * heads, c->head_dim, c->norm_eps);
		x = room;
	}
	turn(b, rope_fwd, x, heads);
	return x;
}

/* The gradient of a projection from that of its turned heads, dx, which may be overwritten; x is the projection where w
 * norms the heads, and then the result stands in at.dmixed. */
static const float *turned_bwd(struct backprop *b, float *dx, const float *x, const struct param *w, size_t heads)
{
	const struct model_config *c = b->t->config;
	float *room = b->at.dmixed;
	size_t n = b->rows * heads;

	turn(b, rope_bwd, dx, heads);
	if (w == NULL)
		return dx;
	memset(room, 0, n * c->head_dim * sizeof(*room));
	rmsnorm_bwd(b->kern, room, backprop_grad(b, w), dx, x, backprop_vector(b, w), n, c->head_dim, c->norm_eps);
	return room;
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

/* middle = x + Wo · attention(turn(Wq h), turn(Wk h), Wv h), h = norm(x) */
static void attention_fwd(struct backprop *b, const struct layer *l)
{
	const struct model_config *c = b->t->config;
	const struct attn_shape shape = attention_shape(b);
	const float *q, *k;

	attn_norm_fwd(b, l);
	map_fwd(b, l, MAP_Q, l->q, b->at.h, false);
	map_fwd(b, l, MAP_K, l->k, b->at.h, false);
	map_fwd(b, l, MAP_V, l->v, b->at.h, false);
	q = turned(b, l->q, b->at.q, l->w->q_norm, c->heads);
	k = turned(b, l->k, b->at.k, l->w->k_norm, c->kv_heads);
	attn_packed_fwd(b->kern, l->mixed, l->lse, q, k, l->v, b->batch.first, b->batch.n, &shape);
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
	float *dh = below ? s->dh : NULL;

	if (trains_projection(b, l))
		attn_norm_fwd(b, l);
	if (below || map_trains(b, l, MAP_Q))
		map_bwd(b, l, MAP_Q, dh, turned_bwd(b, s->dq, l->q, l->w->q_norm, c->heads), s->h, false);
	if (below || map_trains(b, l, MAP_K))
		map_bwd(b, l, MAP_K, dh, turned_bwd(b, s->dk, l->k, l->w->k_norm, c->kv_heads), s->h, true);
	if (below || map_trains(b, l, MAP_V))
		map_bwd(b, l, MAP_V, dh, s->dv, s->h, true);
	if (below)
		backprop_norm_bwd(b, s->dx, s->dh, l->x, l->w->attn_norm, l->w->attn_norm_bias, l->all);
}

/* dmiddle [R, hidden]. Adds to it what `below` wants of the way through attention and leaves it in at.dx. */
static void attention_bwd(struct backprop *b, const struct layer *l, float *dmiddle, bool below)
{
	const struct scratch_rows *s = &b->at;
	const struct attn_shape shape = attention_shape(b);
	bool inside = below || trains_projection(b, l);
	bool all = l->rows == l->all;
	float *dmixed = all ? s->dmixed : s->wanted_mixed;
	const float *q = l->q, *k = l->k;

	if (inside || map_trains(b, l, MAP_O))
		map_bwd(b, l, MAP_O, inside ? dmixed : NULL, dmiddle, mixed_behind(b, l), false);
	if (!inside)
		return;
	if (!all)
		gather_bwd(b->kern, s->dmixed, dmixed, b->batch.wanted, l->rows, l->all, shape.heads * shape.d);
	if (!all && below)
		gather_bwd(b->kern, s->dx, dmiddle, b->batch.wanted, l->rows, l->all, b->t->config->hidden);
	if (l->w->q_norm != NULL) {
		q = turned(b, l->q, s->q, l->w->q_norm, shape.heads);
		k = turned(b, l->k, s->k, l->w->k_norm, shape.kv_heads);
	}
	attn_packed_bwd(
		b->kern, s->dq, s->dk, s->dv, s->dmixed, l->lse, q, k, l->v, b->batch.first, b->batch.n, &shape);
	projections_bwd(b, l, below);
}

/* inner = silu(gate) · up, or gelu(up) */
static void activation_fwd(struct backprop *b, const struct layer *l)
{
	size_t n = l->rows * b->t->config->intermediate;

	if (l->w->gate != NULL)
		swiglu_fwd(b->kern, b->at.inner, l->gate, l->up, n);
	else
		gelu_fwd(b->kern, b->at.inner, l->up, n);
}

/* The gradient of inner becomes that of up; the gradient of gate takes gate's place. */
static void activation_bwd(struct backprop *b, const struct layer *l)
{
	size_t n = l->rows * b->t->config->intermediate;
	float *inner = b->at.inner;

	if (l->w->gate != NULL)
		swiglu_bwd(b->kern, l->gate, inner, inner, l->gate, l->up, n);
	else
		gelu_bwd(b->kern, inner, inner, l->up, n);
}

/* y = middle + Wdown · inner, inner of Wgate h and Wup h, h = norm(middle) */
static void mlp_fwd(struct backprop *b, const struct layer *l, float *y)
{
	mlp_norm_fwd(b, l);
	if (l->w->gate != NULL)
		map_fwd(b, l, MAP_GATE, l->gate, b->at.h, false);
	map_fwd(b, l, MAP_UP, l->up, b->at.h, false);
	if (b->recalling)
		return;
	activation_fwd(b, l);
	gather_fwd(b->kern, y, l->middle, NULL, l->rows, b->t->config->hidden);
	map_fwd(b, l, MAP_DOWN, y, b->at.inner, true);
}

/* dy, the gradient of y, becomes that of the middle where it is wanted. */
static void mlp_bwd(struct backprop *b, const struct layer *l, float *dy, bool middle)
{
	const struct scratch_rows *s = &b->at;
	bool gate = map_trains(b, l, MAP_GATE), up = map_trains(b, l, MAP_UP), down = map_trains(b, l, MAP_DOWN);
	bool gated = l->w->gate != NULL, inside = middle || gate || up;

	if (down)
		activation_fwd(b, l);
	if (down || inside)
		map_bwd(b, l, MAP_DOWN, inside ? s->inner : NULL, dy, s->inner, false);
	if (!inside)
		return;
	activation_bwd(b, l);
	if (gate || up)
		mlp_norm_fwd(b, l);
	if (gated && (middle || gate))
		map_bwd(b, l, MAP_GATE, middle ? s->dh : NULL, l->gate, s->h, false);
	if (middle || up)
		map_bwd(b, l, MAP_UP, middle ? s->dh : NULL, s->inner, s->h, gated);
	if (middle)
		backprop_norm_bwd(b, dy, s->dh, l->middle, l->w->mlp_norm, l->w->mlp_norm_bias, l->rows);
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
