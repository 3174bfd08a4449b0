/* See passcase.h. */
#include "passcase.h"

#include "base/rng.h"
#include "check.h"
#include "kern/dropout.h"

#define RANK 3

static void make_batch(struct passcase *p, const struct pass_shape *shape, struct rng *rng)
{
	size_t vocab = shape->model->vocab;

	for (size_t s = 0; shape->lengths[s] > 0; s++) {
		vec_push(&p->first, p->tokens.n);
		for (size_t i = 0; i < shape->lengths[s]; i++) {
			if (rng_below(rng, 100) < shape->wanted)
				vec_push(&p->wanted, (uint32_t)p->tokens.n);
			vec_push(&p->tokens, rng_below(rng, (uint32_t)vocab));
		}
	}
	vec_push(&p->first, p->tokens.n);
	if (p->wanted.n == 0)
		vec_push(&p->wanted, (uint32_t)p->tokens.n - 1);
	p->packed = (struct packed){
		.tokens = p->tokens.at,
		.first = p->first.at,
		.n = p->first.n - 1,
		.wanted = p->wanted.at,
		.n_wanted = p->wanted.n,
	};
	p->c = xcalloc(p->wanted.n * vocab, sizeof(*p->c));
	for (size_t i = 0; i < p->wanted.n * vocab; i++)
		p->c[i] = rng_normal(rng);
}

static double *widen(const float *narrow, size_t n)
{
	double *wide = xcalloc(n, sizeof(*wide));

	for (size_t i = 0; i < n; i++)
		wide[i] = narrow[i];
	return wide;
}

/* B is drawn too: at its beginning, 0, the gradients of A are 0. */
static void make_lora(struct passcase *p, const char *targets, struct rng *rng)
{
	struct adapter_config config = {.r = RANK, .alpha = 4, .targets = (char *)targets};
	const struct adapter *a = &p->t.adapter;
	struct err err;

	check_ok(trainable_init_lora(&p->t, p->lm, &config, rng, &err), &err);
	p->lora = xcalloc(a->n, sizeof(*p->lora));
	p->a = xcalloc(a->n, sizeof(*p->a));
	p->b = xcalloc(a->n, sizeof(*p->b));
	for (size_t i = 0; i < a->n; i++) {
		const struct lora *l = &a->at[i];
		float *b = p->t.values + p->t.table[2 * i + 1].offset;

		for (size_t j = 0; j < l->param->rows * RANK; j++)
			b[j] = (float)(0.3 * rng_normal(rng));
		p->a[i] = widen(p->t.values + p->t.table[2 * i].offset, RANK * l->param->cols);
		p->b[i] = widen(b, l->param->rows * RANK);
		p->lora[i] = (struct tiny_lora){
			.name = l->param->name, .r = RANK, .scale = l->scale, .a = p->a[i], .b = p->b[i]};
	}
	p->tiny.lora = p->lora;
	p->tiny.n_lora = a->n;
	trainable_changed(&p->t);
}

void passcase_init(struct passcase *p, const struct pass_shape *shape, struct kern *kern, uint64_t seed)
{
	struct rng rng;
	struct err err;

	*p = (struct passcase){.seed = seed};
	tiny_init(&p->tiny, shape->model, seed);
	tiny_write(&p->tiny);
	rng_seed(&rng, seed);
	check_ok(transformer_open(&p->lm, p->tiny.dir, kern, &err), &err);
	if (shape->targets != NULL)
		make_lora(p, shape->targets, &rng);
	else
		check_ok(trainable_init_full(&p->t, p->lm, &err), &err);
	make_batch(p, shape, &rng);
}

void passcase_release(struct passcase *p)
{
	for (size_t i = 0; i < p->tiny.n_lora; i++) {
		free(p->a[i]);
		free(p->b[i]);
	}
	free(p->a);
	free(p->b);
	free(p->lora);
	free(p->c);
	vec_release(&p->tokens);
	vec_release(&p->wanted);
	vec_release(&p->first);
	trainable_release(&p->t);
	lm_close(p->lm);
	tiny_release(&p->tiny);
}

void passcase_dtop(const struct passcase *p, float *dtop)
{
	const struct param *head = p->t.params.head;
	size_t hidden = head->cols, vocab = head->rows;
	float *w = xcalloc(vocab * hidden, sizeof(*w));

	dtype_widen(w, head->tensor.data, head->tensor.dtype, 0, vocab * hidden);
	for (size_t r = 0; r < p->wanted.n; r++) {
		for (size_t h = 0; h < hidden; h++) {
			double sum = 0;

			for (size_t v = 0; v < vocab; v++)
				sum += p->c[r * vocab + v] * w[v * hidden + h];
			dtop[r * hidden + h] = (float)sum;
		}
	}
	free(w);
}

/* The output matrix's own gradient, cᵀ · top, where it is trained. */
static void add_head(const struct passcase *p, const float *top, float *grad)
{
	const struct param *head = p->t.params.head;
	size_t hidden = head->cols, vocab = head->rows, offset = trainable_offset(&p->t, head);

	for (size_t i = 0; offset != SIZE_MAX && i < vocab * hidden; i++) {
		double sum = 0;

		for (size_t r = 0; r < p->wanted.n; r++)
			sum += p->c[r * vocab + i / hidden] * top[r * hidden + i % hidden];
		grad[offset + i] += (float)sum;
	}
}

void passcase_run(const struct passcase *p, struct backprop *b, float *top, float *grad)
{
	float *dtop = xcalloc(p->wanted.n * p->t.config->hidden + 1, sizeof(*dtop)); /* without wanted rows too */
	struct err err;

	check_ok(backprop_forward(b, &p->t, &p->packed, p->dropout, p->seed, top, NULL, &err), &err);
	passcase_dtop(p, dtop);
	add_head(p, top, grad);
	check_ok(backprop_backward(b, dtop, grad, NULL, &err), &err);
	free(dtop);
}

/* Whether only wanted rows reach a matrix: behind the last layer's attention. */
static bool is_behind(const struct passcase *p, const struct param *w)
{
	const struct layer_params *last = &p->t.params.layers[p->t.config->layers - 1];

	return w == last->o || w == last->gate || w == last->up || w == last->down;
}

/* What dropout makes of ones in the rows of sequence s; rows that do not reach the matrix count nothing. Caller frees.
 */
static double *mask_of(const struct passcase *p, struct kern *kern, size_t i, size_t s)
{
	const struct param *w = p->t.adapter.at[i].param;
	size_t n = is_behind(p, w) ? p->wanted.n : p->tokens.n, in = w->cols;
	float *ones = xcalloc(n * in, sizeof(*ones));
	double *mask = xcalloc((p->first.at[s + 1] - p->first.at[s]) * in, sizeof(*mask));

	for (size_t j = 0; j < n * in; j++)
		ones[j] = 1;
	dropout_fwd(kern, ones, ones, p->dropout, backprop_mask_seed(p->seed, i), n * in);
	for (size_t r = 0; r < n; r++) {
		size_t row = is_behind(p, w) ? p->wanted.at[r] : r;

		for (size_t j = 0; row >= p->first.at[s] && row < p->first.at[s + 1] && j < in; j++)
			mask[(row - p->first.at[s]) * in + j] = ones[r * in + j];
	}
	free(ones);
	return mask;
}

double passcase_value(struct passcase *p, struct kern *kern)
{
	size_t vocab = p->tiny.shape.vocab, w = 0;
	double sum = 0;

	for (size_t s = 0; s < p->packed.n; s++) {
		size_t begin = p->first.at[s], n = p->first.at[s + 1] - begin;
		double *z = xcalloc(n * vocab, sizeof(*z)), **masks = xcalloc(p->tiny.n_lora + 1, sizeof(*masks));

		for (size_t i = 0; p->dropout > 0 && i < p->tiny.n_lora; i++)
			p->lora[i].mask = masks[i] = mask_of(p, kern, i, s);
		tiny_logits(&p->tiny, z, p->tokens.at + begin, n);
		for (; w < p->wanted.n && p->wanted.at[w] < begin + n; w++) {
			for (size_t v = 0; v < vocab; v++)
				sum += p->c[w * vocab + v] * z[(p->wanted.at[w] - begin) * vocab + v];
		}
		for (size_t i = 0; i < p->tiny.n_lora; i++) {
			p->lora[i].mask = NULL;
			free(masks[i]);
		}
		free(masks);
		free(z);
	}
	return sum;
}
