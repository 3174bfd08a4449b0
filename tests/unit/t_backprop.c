/*
 * Forward and backward over packed batches: gradients against central differences of a plain pass in double, and what
 * must not change a bit of them.
 */
#include "check.h"

#include <malloc.h>
#include <math.h>

#include "kern/kern.h"
#include "kern/linear.h"
#include "passcase.h"

/* Of a tensor's largest gradient. */
#define TOLERANCE 2e-5

static const struct tiny_shape small = {
	.type = "llama",
	.vocab = 13,
	.hidden = 10,
	.layers = 2,
	.heads = 4,
	.kv_heads = 2,
	.head_dim = 4,
	.intermediate = 12,
	.max_positions = 64,
	.theta = 100,
	.eps = 1e-5,
	.scale = 1.2,
};

/* Large enough for its work to be split over threads. */
static const struct tiny_shape large = {
	.type = "qwen2",
	.vocab = 61,
	.hidden = 96,
	.layers = 3,
	.heads = 6,
	.kv_heads = 2,
	.head_dim = 16,
	.intermediate = 200,
	.max_positions = 256,
	.theta = 10000,
	.eps = 1e-5,
	.scale = 1,
};

static const struct tiny_shape large_qwen3 = {
	.type = "qwen3",
	.vocab = 61,
	.hidden = 96,
	.layers = 3,
	.heads = 8,
	.kv_heads = 2,
	.head_dim = 16,
	.intermediate = 200,
	.max_positions = 256,
	.tied = true,
	.theta = 10000,
	.eps = 1e-6,
	.scale = 1,
};

static const struct tiny_shape large_gpt2 = {
	.type = "gpt2",
	.vocab = 61,
	.hidden = 96,
	.layers = 3,
	.heads = 6,
	.kv_heads = 6,
	.head_dim = 16,
	.intermediate = 384,
	.max_positions = 80,
	.tied = true,
	.eps = 1e-5,
	.scale = 1,
};

static const size_t few[] = {5, 1, 4, 0}, one[] = {6, 0}, many[] = {70, 3, 41, 66, 0};

#define ALL_LINEAR "q_proj,k_proj,v_proj,o_proj,gate_proj,up_proj,down_proj"
#define ALL_GPT2 "c_attn,c_proj,c_fc"

static struct kern *kern;

static int open_kern(void **state)
{
	struct err err;

	(void)state;
	check_ok(kern_new(&kern, 2, &err), &err);
	return 0;
}

static int close_kern(void **state)
{
	(void)state;
	kern_free(kern);
	return 0;
}

/* top and gradients of one pass, over fresh storage. */
struct result {
	float *top, *grad; /* owned */
	size_t n_top, n_grad;
};

static void result_init(struct result *r, const struct passcase *p, struct kern *with, bool recompute)
{
	struct backprop *b;
	struct err err;

	r->n_top = p->wanted.n * p->t.config->hidden;
	r->n_grad = p->t.elements;
	r->top = xcalloc(r->n_top, sizeof(float));
	r->grad = xcalloc(r->n_grad, sizeof(float));
	check_ok(backprop_new(&b, with, recompute, &err), &err);
	passcase_run(p, b, r->top, r->grad);
	backprop_free(b);
}

static void result_release(struct result *r)
{
	free(r->top);
	free(r->grad);
}

static void assert_same_bits(const struct result *a, const struct result *b)
{
	assert_memory_equal(a->top, b->top, a->n_top * sizeof(float));
	assert_memory_equal(a->grad, b->grad, a->n_grad * sizeof(float));
}

/* No entry is further from the other than so much of the largest of them. */
static void assert_near(const char *what, const float *ours, const double *theirs, size_t n, double tolerance)
{
	double largest = 0;

	for (size_t i = 0; i < n; i++)
		largest = fmax(largest, fabs(theirs[i]));
	for (size_t i = 0; i < n; i++) {
		if (!(fabs(ours[i] - theirs[i]) <= tolerance * largest))
			fail_msg("%s[%zu]: %.9g, where %.9g is expected and the largest is %.3g", what, i, ours[i],
				theirs[i], largest);
	}
}

/* The loss's slope along one stored value, which is left as it was. */
static double slope_stored(struct passcase *p, float *at)
{
	const float was = *at;
	float up = was + 1e-4F, down = was - 1e-4F;
	double high, low;

	*at = up;
	high = passcase_value(p, kern);
	*at = down;
	low = passcase_value(p, kern);
	*at = was;
	return (high - low) / ((double)up - down);
}

static double slope_lora(struct passcase *p, double *at)
{
	const double was = *at, h = 1e-4;
	double high, low;

	*at = was + h;
	high = passcase_value(p, kern);
	*at = was - h;
	low = passcase_value(p, kern);
	*at = was;
	return (high - low) / (2 * h);
}

/* Entry j of the i-th trained parameter in the file, which may hold its matrix as [in, out]. */
static float *stored_value(struct passcase *p, size_t i, size_t j)
{
	const struct param *param = &p->t.params.at[i];

	if (param->transposed)
		j = j % param->cols * param->rows + j / param->cols;
	return (float *)tiny_find(&p->tiny, param->name)->data + j;
}

/* Every entry of every trained tensor. */
static void check_slopes(struct passcase *p)
{
	struct result r;

	result_init(&r, p, kern, false);
	for (size_t i = 0; i < p->t.n; i++) {
		const struct trainable_tensor *at = &p->t.table[i];
		size_t n = at->rows * at->cols;
		double *slopes = xcalloc(n, sizeof(*slopes));

		for (size_t j = 0; j < n; j++) {
			if (p->t.full)
				slopes[j] = slope_stored(p, stored_value(p, i, j));
			else
				slopes[j] = slope_lora(p, (i % 2 == 0 ? p->a : p->b)[i / 2] + j);
		}
		assert_near(at->name, r.grad + at->offset, slopes, n, TOLERANCE);
		free(slopes);
	}
	result_release(&r);
}

static void check_shape(const struct pass_shape *shape, double dropout, uint64_t seed)
{
	struct passcase p;

	passcase_init(&p, shape, kern, seed);
	p.dropout = dropout;
	check_slopes(&p);
	passcase_release(&p);
}

static void test_slopes_of_all_parameters(void **state)
{
	struct tiny_shape shapes[] = {small, small, small, small};

	(void)state;
	shapes[1].tied = shapes[1].attention_bias = shapes[1].mlp_bias = true;
	shapes[2].type = "qwen2";
	shapes[2].kv_heads = 4;
	shapes[2].layers = 1;
	shapes[3].tied = true;
	shapes[3].kv_heads = 1;
	shapes[3].layers = 3;
	check_shape(&(struct pass_shape){&shapes[0], NULL, few, 50}, 0, 1);
	check_shape(&(struct pass_shape){&shapes[1], NULL, few, 40}, 0, 2);
	check_shape(&(struct pass_shape){&shapes[2], NULL, one, 0}, 0, 3);
	check_shape(&(struct pass_shape){&shapes[3], NULL, few, 100}, 0, 4);
}

/* The small model as one of another kind, which heads of its hidden size make possible for all. */
static struct tiny_shape small_of(const char *type)
{
	struct tiny_shape shape = small;

	shape.type = type;
	if (strcmp(type, "gpt2") == 0) {
		shape.hidden = 12;
		shape.heads = shape.kv_heads = 3;
	}
	return shape;
}

static void test_slopes_of_every_architecture(void **state)
{
	static const char *const types[] = {"mistral", "qwen3", "gpt2"};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(types); i++) {
		struct tiny_shape shape = small_of(types[i]);

		check_shape(&(struct pass_shape){&shape, NULL, few, 50}, 0, 5 + i);
		shape.tied = true;
		shape.layers = 1;
		check_shape(&(struct pass_shape){&shape, NULL, few, 100}, 0, 10 + i);
	}
}

/* Where q, k and v are one matrix, and where heads are normed between it and attention. */
static void test_slopes_of_adapters_of_every_architecture(void **state)
{
	static const char *const gpt2[] = {"c_attn", "attn.c_proj", "c_fc", "mlp.c_proj", "h.1.attn.c_attn", ALL_GPT2};
	static const char *const qwen3[] = {"q_proj", "k_proj", "layers.1.self_attn.v_proj", ALL_LINEAR};
	struct tiny_shape shape = small_of("gpt2");

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(gpt2); i++)
		check_shape(&(struct pass_shape){&shape, gpt2[i], few, i % 2 == 0 ? 100 : 40}, 0, 150 + i);
	check_shape(&(struct pass_shape){&shape, ALL_GPT2, few, 40}, 0.3, 160);
	shape.dtype = DTYPE_BF16;
	check_shape(&(struct pass_shape){&shape, ALL_GPT2, few, 40}, 0.1, 161);
	shape = small_of("qwen3");
	for (size_t i = 0; i < ARRAY_LEN(qwen3); i++)
		check_shape(&(struct pass_shape){&shape, qwen3[i], few, i % 2 == 0 ? 100 : 40}, 0, 170 + i);
	shape.dtype = DTYPE_F16;
	check_shape(&(struct pass_shape){&shape, ALL_LINEAR, few, 40}, 0.2, 180);
}

/* Alone, so that in the first layer nothing leads to another one; in one layer of several; all together. */
static void test_slopes_of_adapters(void **state)
{
	static const char *const targets[] = {"q_proj", "k_proj", "v_proj", "o_proj", "gate_proj", "up_proj",
		"down_proj", "q_proj,v_proj", "layers.1.self_attn.o_proj",
		"layers.1.mlp.up_proj,layers.2.mlp.down_proj", "layers.2.self_attn.v_proj", "layers.2.mlp.gate_proj",
		ALL_LINEAR};
	struct tiny_shape shape = small;

	(void)state;
	shape.layers = 3;
	for (size_t i = 0; i < ARRAY_LEN(targets); i++) {
		shape.attention_bias = shape.mlp_bias = i % 2 == 0;
		check_shape(&(struct pass_shape){&shape, targets[i], few, i % 3 == 0 ? 100 : 40}, 0, 20 + i);
	}
}

static void test_slopes_under_dropout(void **state)
{
	struct tiny_shape shape = small;

	(void)state;
	check_shape(&(struct pass_shape){&shape, ALL_LINEAR, few, 40}, 0.3, 40);
	check_shape(&(struct pass_shape){&shape, ALL_LINEAR, few, 100}, 0.5, 41);
	check_shape(&(struct pass_shape){&shape, "q_proj,v_proj", few, 40}, 0.05, 42);
}

/* Weights that are frozen keep their stored type; norms and biases are widened as they are used. */
static void test_slopes_over_half_weights(void **state)
{
	struct tiny_shape shape = small;

	(void)state;
	shape.attention_bias = shape.mlp_bias = true;
	shape.dtype = DTYPE_BF16;
	check_shape(&(struct pass_shape){&shape, ALL_LINEAR, few, 40}, 0, 50);
	shape.dtype = DTYPE_F16;
	check_shape(&(struct pass_shape){&shape, "q_proj,down_proj", few, 100}, 0.2, 51);
}

static const struct pass_shape split_shapes[] = {
	{&large, NULL, many, 30},
	{&large, NULL, many, 100},
	{&large, "q_proj,v_proj", many, 30},
	{&large, ALL_LINEAR, many, 30},
	{&large, "layers.1.self_attn.v_proj,layers.2.mlp.gate_proj", many, 5},
	{&large_qwen3, NULL, many, 30},
	{&large_qwen3, "q_proj,v_proj,up_proj", many, 100},
	{&large_gpt2, NULL, many, 30},
	{&large_gpt2, ALL_GPT2, many, 30},
};

static void test_recomputed_to_the_same_bits(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(split_shapes); i++) {
		struct passcase p;
		struct result kept, again;

		passcase_init(&p, &split_shapes[i], kern, 60 + i);
		p.dropout = split_shapes[i].targets != NULL ? 0.1 : 0;
		result_init(&kept, &p, kern, false);
		result_init(&again, &p, kern, true);
		assert_same_bits(&kept, &again);
		result_release(&kept);
		result_release(&again);
		passcase_release(&p);
	}
}

static void test_same_bits_with_any_threads(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(split_shapes); i++) {
		struct passcase p;
		struct result two;

		passcase_init(&p, &split_shapes[i], kern, 70 + i);
		p.dropout = split_shapes[i].targets != NULL ? 0.1 : 0;
		result_init(&two, &p, kern, false);
		for (size_t threads = 1; threads <= 3; threads += 2) {
			struct result other;
			struct kern *own;
			struct err err;

			check_ok(kern_new(&own, threads, &err), &err);
			result_init(&other, &p, own, false);
			assert_same_bits(&two, &other);
			result_release(&other);
			kern_free(own);
		}
		result_release(&two);
		passcase_release(&p);
	}
}

/* One backward pass after the other on the same storage, with shorter and longer batches between, into one block. */
static void test_packed_as_sequence_by_sequence(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(split_shapes); i++) {
		struct passcase p;
		struct result all;
		struct packed whole;
		float *grad, *top;
		double *sum;
		struct backprop *b;
		struct err err;
		size_t w = 0, vocab = large.vocab;
		double *c;

		passcase_init(&p, &split_shapes[i], kern, 80 + i);
		result_init(&all, &p, kern, false);
		grad = xcalloc(all.n_grad, sizeof(*grad));
		sum = xcalloc(all.n_grad, sizeof(*sum));
		top = xcalloc(all.n_top, sizeof(*top));
		check_ok(backprop_new(&b, kern, false, &err), &err);
		whole = p.packed;
		c = p.c;
		for (size_t s = 0; s < whole.n; s++) {
			const size_t first[] = {0, whole.first[s + 1] - whole.first[s]};
			struct vec_u32 wanted = {0};

			p.c = c + w * vocab;
			for (; w < whole.n_wanted && whole.wanted[w] < whole.first[s + 1]; w++)
				vec_push(&wanted, whole.wanted[w] - (uint32_t)whole.first[s]);
			p.packed = (struct packed){whole.tokens + whole.first[s], first, 1, wanted.at, wanted.n};
			p.wanted.n = wanted.n;
			passcase_run(&p, b, top, grad);
			vec_release(&wanted);
		}
		assert_int_equal(w, whole.n_wanted);
		for (size_t j = 0; j < all.n_grad; j++)
			sum[j] = grad[j];
		for (size_t j = 0; j < p.t.n; j++) {
			const struct trainable_tensor *at = &p.t.table[j];

			assert_near(at->name, all.grad + at->offset, sum + at->offset, at->rows * at->cols, 2e-5);
		}
		p.c = c;
		backprop_free(b);
		free(top);
		free(sum);
		free(grad);
		result_release(&all);
		passcase_release(&p);
	}
}

/* The search's own forward pass, a wanted row after the other. */
static void check_logits(struct passcase *p)
{
	size_t vocab = p->tiny.shape.vocab, hidden = p->tiny.shape.hidden, s = 0;
	float *ours = xcalloc(vocab, sizeof(*ours)), *theirs = xcalloc(vocab, sizeof(*theirs));
	double *wide = xcalloc(vocab, sizeof(*wide));
	struct lm_query query = {.node = LM_PROMPT, .all = theirs};
	struct result r;
	struct err err;

	result_init(&r, p, kern, false);
	for (size_t w = 0; w < p->wanted.n; w++) {
		size_t row = p->wanted.at[w];

		while (p->first.at[s + 1] <= row)
			s++;
		check_ok(lm_prompt(p->t.lm, p->tokens.at + p->first.at[s], row + 1 - p->first.at[s], &err), &err);
		check_ok(lm_query(p->t.lm, &query, 1, 1, &err), &err);
		linear_fwd(kern, ours, r.top + w * hidden, &p->t.params.head->tensor, NULL, false, 1);
		for (size_t v = 0; v < vocab; v++)
			wide[v] = theirs[v];
		assert_near("logits", ours, wide, vocab, 1e-5);
	}
	result_release(&r);
	free(wide);
	free(theirs);
	free(ours);
}

static void test_logits_of_the_search(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(split_shapes); i++) {
		struct passcase p;

		passcase_init(&p, &split_shapes[i], kern, 90 + i);
		check_logits(&p);
		passcase_release(&p);
	}
}

/* Takes the data of a layer's matrices away, those before `needed` in the order of the table; the others stay. */
static void take_away(struct passcase *p, size_t layer, const char *needed)
{
	struct param *at = p->t.params.layers[layer].attn_norm;

	for (; at < p->t.params.at + p->t.params.n && strstr(at->name, needed) == NULL; at++) {
		if (strstr(at->name, "_proj.weight") != NULL)
			at->tensor.data = NULL;
	}
}

/* A way back that reads a matrix which is not there would end the program. */
static void test_nothing_goes_back_in_vain(void **state)
{
	static const struct {
		const char *target, *needed; /* the first matrix of layer 1 that the gradient goes through */
	} cases[] = {
		{"layers.1.self_attn.q_proj", "layers.1.self_attn.o_proj"},
		{"layers.1.self_attn.k_proj,layers.1.self_attn.v_proj", "layers.1.self_attn.o_proj"},
		{"layers.1.self_attn.o_proj", "layers.1.mlp.gate_proj"},
		{"layers.1.mlp.up_proj", "layers.1.mlp.down_proj"},
		{"layers.1.mlp.down_proj", "layers.2"},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		const struct pass_shape shape = {&large, cases[i].target, many, 30};
		struct result all, sparse;
		struct passcase p;
		struct param *params;
		struct backprop *b;
		struct err err;
		float *dtop;

		passcase_init(&p, &shape, kern, 140 + i);
		params = xcalloc(p.t.params.n, sizeof(*params));
		memcpy(params, p.t.params.at, p.t.params.n * sizeof(*params));
		result_init(&all, &p, kern, false);
		sparse = all;
		sparse.grad = xcalloc(all.n_grad, sizeof(float));
		sparse.top = xcalloc(all.n_top, sizeof(float));
		dtop = xcalloc(all.n_top, sizeof(float));
		check_ok(backprop_new(&b, kern, false, &err), &err);
		check_ok(backprop_forward(b, &p.t, &p.packed, 0, 0, sparse.top, NULL, &err), &err);
		passcase_dtop(&p, dtop);
		take_away(&p, 0, "layers.1");
		take_away(&p, 1, cases[i].needed);
		check_ok(backprop_backward(b, dtop, sparse.grad, NULL, &err), &err);
		assert_same_bits(&all, &sparse);
		memcpy(p.t.params.at, params, p.t.params.n * sizeof(*params));
		backprop_free(b);
		free(params);
		free(dtop);
		result_release(&all);
		result_release(&sparse);
		passcase_release(&p);
	}
}

static void test_every_matrix_drops_by_itself(void **state)
{
	(void)state;
	for (uint64_t seed = 0; seed < 50; seed++) {
		for (size_t i = 0; i < 14; i++) {
			assert_int_equal(backprop_mask_seed(seed, i), backprop_mask_seed(seed, i));
			assert_int_not_equal(backprop_mask_seed(seed, i), backprop_mask_seed(seed, i + 1));
			assert_int_not_equal(backprop_mask_seed(seed, i), backprop_mask_seed(seed + 1, i));
		}
	}
}

/* Bytes in use, as the allocator counts them; 0 where it does not. */
static size_t held(void)
{
	struct mallinfo2 m = mallinfo2();

	return m.uordblks + m.hblkhd;
}

static void test_bytes_as_foretold(void **state)
{
	(void)state;
	if (held() == 0)
		skip();
	for (size_t i = 0; i < 2 * ARRAY_LEN(split_shapes); i++) {
		bool recompute = i % 2 == 1;
		struct passcase p;
		struct backprop *b;
		struct err err;
		size_t before, bytes, taken;
		float *top;

		passcase_init(&p, &split_shapes[i / 2], kern, 100 + i);
		top = xcalloc(p.wanted.n * large.hidden, sizeof(*top));
		check_ok(backprop_new(&b, kern, recompute, &err), &err);
		bytes = backprop_bytes(&p.t, p.tokens.n, p.wanted.n, recompute);
		/* The kernels' scratch is there after the first pass. */
		check_ok(backprop_forward(b, &p.t, &p.packed, 0.1, 1, top, NULL, &err), &err);
		backprop_free(b);
		check_ok(backprop_new(&b, kern, recompute, &err), &err);
		before = held();
		check_ok(backprop_forward(b, &p.t, &p.packed, 0.1, 1, top, NULL, &err), &err);
		taken = held() - before;
		/* Beside the activations there are rotary tables, and a list of layers. */
		assert_in_range(taken, bytes, bytes + 24 * 1024);
		check_ok(backprop_forward(b, &p.t, &p.packed, 0.1, 1, top, NULL, &err), &err);
		assert_in_range(held(), before + taken - 1024, before + taken + 1024);
		backprop_free(b);
		free(top);
		passcase_release(&p);
	}
}

static void test_bytes_follow_what_is_trained(void **state)
{
	static const char *const targets[] = {
		"layers.0.self_attn.q_proj", "layers.1.self_attn.q_proj", "layers.2.self_attn.q_proj"};
	size_t bytes[ARRAY_LEN(targets)];

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(targets); i++) {
		const struct pass_shape shape = {&large, targets[i], one, 100};
		struct passcase p;

		passcase_init(&p, &shape, kern, 110);
		bytes[i] = backprop_bytes(&p.t, 1000, 10, false);
		assert_true(backprop_bytes(&p.t, 1000, 10, true) <= bytes[i]);
		assert_int_equal(backprop_bytes(&p.t, SIZE_MAX / 64, 10, false), SIZE_MAX);
		assert_int_equal(backprop_bytes(&p.t, SIZE_MAX / 4, 10, true), SIZE_MAX);
		passcase_release(&p);
	}
	assert_true(bytes[0] > bytes[1] && bytes[1] > bytes[2]);
}

static void test_cancelled(void **state)
{
	struct passcase p;
	struct result before, after;
	struct backprop *b;
	struct err err;
	float *dtop;
	cancel_flag flag = true;

	(void)state;
	passcase_init(&p, &split_shapes[0], kern, 120);
	result_init(&before, &p, kern, false);
	after = before;
	after.top = xcalloc(after.n_top, sizeof(float));
	after.grad = xcalloc(after.n_grad, sizeof(float));
	dtop = xcalloc(after.n_top, sizeof(float));
	check_ok(backprop_new(&b, kern, false, &err), &err);
	check_refused(backprop_forward(b, &p.t, &p.packed, 0, 0, after.top, &flag, &err), &err, ERR_CANCELLED, "");
	check_ok(backprop_forward(b, &p.t, &p.packed, 0, 0, after.top, NULL, &err), &err);
	check_refused(backprop_backward(b, dtop, after.grad, &flag, &err), &err, ERR_CANCELLED, "");
	passcase_run(&p, b, after.top, after.grad);
	assert_same_bits(&before, &after);
	backprop_free(b);
	free(dtop);
	result_release(&before);
	result_release(&after);
	passcase_release(&p);
}

/* A batch that no memory holds is refused before it is looked at, and a smaller one goes on. */
static void test_memory_refused(void **state)
{
	const size_t first[] = {0, (size_t)1 << 58};
	struct passcase p;
	struct backprop *b;
	struct packed huge;
	struct err err;
	float *top;

	(void)state;
	passcase_init(&p, &split_shapes[2], kern, 130);
	top = xcalloc(p.wanted.n * large.hidden, sizeof(*top));
	huge = p.packed;
	huge.first = first;
	huge.n = 1;
	check_ok(backprop_new(&b, kern, false, &err), &err);
	check_refused(backprop_forward(b, &p.t, &huge, 0, 0, top, NULL, &err), &err, ERR_MEMORY, "activations");
	check_ok(backprop_forward(b, &p.t, &p.packed, 0, 0, top, NULL, &err), &err);
	backprop_free(b);
	backprop_free(NULL);
	free(top);
	passcase_release(&p);
}

/* There is no position for another token. */
static void test_learned_positions_end(void **state)
{
	const size_t lengths[] = {large_gpt2.max_positions, large_gpt2.max_positions + 1, 0};
	const struct pass_shape shape = {&large_gpt2, "c_attn", lengths, 30};
	struct passcase p;
	struct backprop *b;
	struct err err;
	float *top;

	(void)state;
	passcase_init(&p, &shape, kern, 131);
	top = xcalloc(p.wanted.n * large_gpt2.hidden, sizeof(*top));
	check_ok(backprop_new(&b, kern, false, &err), &err);
	check_refused(backprop_forward(b, &p.t, &p.packed, 0, 0, top, NULL, &err), &err, ERR_VALUE,
		"a sequence of 81 tokens: the model takes 80");
	p.packed.n = 1;
	while (p.packed.n_wanted > 0 && p.packed.wanted[p.packed.n_wanted - 1] >= lengths[0])
		p.packed.n_wanted--;
	check_ok(backprop_forward(b, &p.t, &p.packed, 0, 0, top, NULL, &err), &err);
	backprop_free(b);
	free(top);
	passcase_release(&p);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_slopes_of_all_parameters),
		cmocka_unit_test(test_slopes_of_adapters),
		cmocka_unit_test(test_slopes_of_every_architecture),
		cmocka_unit_test(test_slopes_of_adapters_of_every_architecture),
		cmocka_unit_test(test_slopes_under_dropout),
		cmocka_unit_test(test_slopes_over_half_weights),
		cmocka_unit_test(test_recomputed_to_the_same_bits),
		cmocka_unit_test(test_same_bits_with_any_threads),
		cmocka_unit_test(test_packed_as_sequence_by_sequence),
		cmocka_unit_test(test_logits_of_the_search),
		cmocka_unit_test(test_nothing_goes_back_in_vain),
		cmocka_unit_test(test_every_matrix_drops_by_itself),
		cmocka_unit_test(test_bytes_as_foretold),
		cmocka_unit_test(test_bytes_follow_what_is_trained),
		cmocka_unit_test(test_cancelled),
		cmocka_unit_test(test_memory_refused),
		cmocka_unit_test(test_learned_positions_end),
	};

	return cmocka_run_group_tests(tests, open_kern, close_kern);
}
