#include "train/update.h"

#include <math.h>
#include <string.h>

#include "base/clock.h"
#include "base/rng.h"
#include "kern/adamw.h"

/* As torch.nn.utils.clip_grad_norm_ has it, so that a norm of 0 divides nothing. */
#define CLIP_EPS 1e-6

static const struct adamw usual = {.beta1 = 0.9, .beta2 = 0.999, .eps = 1e-8};

static uint64_t dropout_seed(uint64_t seed, size_t batch)
{
	struct rng r;

	rng_seed(&r, seed);
	rng_seed(&r, rng_u64(&r) ^ batch);
	return rng_u64(&r);
}

/* Adds up loss and gradient over the batches of a step; the loss becomes their mean. */
static int find_gradient(struct updater *u, struct runner *r, size_t step, struct step_figures *f, struct err *err)
{
	const struct train_config *c = u->config;
	struct loss_request q = {.trained = &r->trained,
		.objective = r->config->objective,
		.params = r->config->params,
		.examples = u->data->examples,
		.dropout = c->full ? 0 : r->trained.adapter.config.dropout,
		.grad = u->grad};
	struct loss_result result;

	memset(u->grad, 0, r->trained.elements * sizeof(*u->grad));
	for (size_t i = 0; i < c->accumulate; i++) {
		size_t batch = step * c->accumulate + i;

		q.ids = sampler_batch(&u->sampler, batch, &q.n);
		q.seed = dropout_seed(c->seed, batch);
		if (loss_run(u->loss, &q, &result, NULL, err) < 0)
			return -1;
		f->loss += result.loss / (double)c->accumulate;
		f->tokens += result.rows;
		f->search_seconds += result.search_seconds;
	}
	return 0;
}

/* by: what accumulation and clipping leave of the gradient. Vectors (norms, biases) are not decayed; LoRA has none, and
 * one of rank 1 is a matrix still. */
static void apply(struct updater *u, struct runner *r, const struct adamw *a, double by)
{
	for (size_t i = 0; i < r->trained.n; i++) {
		const struct trainable_tensor *t = &r->trained.table[i];
		struct adamw own = *a;

		if (r->trained.full && t->cols == 1)
			own.weight_decay = 0;
		adamw_update(u->data->kern, r->trained.values + t->offset, r->m + t->offset, r->v + t->offset,
			u->grad + t->offset, &own, by, t->rows * t->cols);
	}
	trainable_changed(&r->trained);
}

int update_make(struct updater *u, struct runner *r, size_t step, struct step_figures *f, struct err *err)
{
	const struct train_config *c = u->config;
	double start = clock_now(), by = 1 / (double)c->accumulate;
	struct adamw a = usual;

	*f = (struct step_figures){0};
	if (find_gradient(u, r, step, f, err) < 0)
		return -1;
	f->grad_norm = sqrt(sum_squares(u->data->kern, u->grad, r->trained.elements)) * by;
	if (!isfinite(f->grad_norm))
		return err_set(err, ERR_VALUE,
			"the gradient is not finite (its norm is %s): a smaller --lr or --clip may help",
			isnan(f->grad_norm) ? "nan" : "inf");
	if (c->clip > 0)
		by *= fmin(1, c->clip / (f->grad_norm + CLIP_EPS));
	f->lr = c->lr * schedule_factor(c->schedule, step, c->warmup, u->total);
	a.lr = f->lr;
	a.weight_decay = c->weight_decay;
	a.step = step + 1;
	apply(u, r, &a, by);
	f->seconds = clock_now() - start;
	r->state.updates = step + 1;
	r->state.loss = f->loss;
	r->state.tokens += f->tokens;
	r->state.seconds += f->seconds;
	r->state.search_seconds += f->search_seconds;
	return 0;
}
