/*
 * Gradients of the reference losses (PyTorch, set A): what the losses' gradients at the logits make of every parameter,
 * and the logits on the way.
 *
 * A tensor agrees when no entry is off by more than 1e-4 of the reference's largest entry.
 */
#include "../unit/check.h"

#include <jansson.h>
#include <math.h>

#include "base/mem.h"
#include "base/vec.h"
#include "kern/kern.h"
#include "kern/linear.h"
#include "model/backprop.h"
#include "model/transformer.h"
#include "npy.h"
#include "store/safetensors.h"

#define TOLERANCE 1e-4

struct fixture {
	struct kern *kern;
	struct lm *lm;
	struct trainable full;
};

static int set_up(void **state)
{
	struct fixture *f = xcalloc(1, sizeof(*f));
	char *model = ref_path("A/model");
	struct err err;

	check_ok(kern_new(&f->kern, 2, &err), &err);
	check_ok(transformer_open(&f->lm, model, f->kern, &err), &err);
	check_ok(trainable_init_full(&f->full, f->lm, &err), &err);
	free(model);
	*state = f;
	return 0;
}

static int tear_down(void **state)
{
	struct fixture *f = *state;

	trainable_release(&f->full);
	lm_close(f->lm);
	kern_free(f->kern);
	free(f);
	return 0;
}

/* A batch without its padding. */
struct batch {
	struct vec_u32 tokens, wanted;
	VEC(size_t) first;
	struct packed packed;
};

static json_int_t at(const json_t *rows, size_t row, size_t column)
{
	const json_t *value = json_array_get(json_array_get(rows, row), column);

	assert_true(json_is_integer(value));
	return json_integer_value(value);
}

static void read_batch(struct batch *b, size_t number)
{
	char *name = xasprintf("A/loss/batch%zu.json", number), *path = ref_path(name);
	json_t *root = json_load_file(path, 0, NULL);
	const json_t *ids = json_object_get(root, "input_ids"), *mask = json_object_get(root, "attention_mask");
	const json_t *labels = json_object_get(root, "labels");

	assert_non_null(root);
	*b = (struct batch){0};
	for (size_t s = 0; s < json_array_size(ids); s++) {
		vec_push(&b->first, b->tokens.n);
		for (size_t i = 0; i < json_array_size(json_array_get(ids, s)); i++) {
			if (at(mask, s, i) == 0)
				continue;
			if (at(labels, s, i) >= 0)
				vec_push(&b->wanted, (uint32_t)b->tokens.n - 1);
			vec_push(&b->tokens, (uint32_t)at(ids, s, i));
		}
	}
	vec_push(&b->first, b->tokens.n);
	assert_int_equal(b->wanted.n, json_integer_value(json_object_get(root, "n_tokens")));
	b->packed = (struct packed){
		.tokens = b->tokens.at,
		.first = b->first.at,
		.n = b->first.n - 1,
		.wanted = b->wanted.at,
		.n_wanted = b->wanted.n,
	};
	json_decref(root);
	free(path);
	free(name);
}

static void release_batch(struct batch *b)
{
	vec_release(&b->tokens);
	vec_release(&b->wanted);
	vec_release(&b->first);
}

static void open_file(struct safetensors *file, const char *fmt, size_t number, const char *setting)
{
	char *name = xasprintf("A/loss/batch%zu_%s%s.safetensors", number, fmt, setting), *path = ref_path(name);
	struct err err;

	check_ok(safetensors_open(file, path, &err), &err);
	free(path);
	free(name);
}

/* Returns the largest difference as a share of the reference's largest entry. */
static double compare(const char *what, const float *ours, const struct tensor *reference)
{
	const float *theirs = reference->data;
	double largest = 0, off = 0;

	assert_int_equal(reference->dtype, DTYPE_F32);
	for (size_t i = 0; i < tensor_elements(reference); i++) {
		largest = fmax(largest, fabs(theirs[i]));
		off = isnan(ours[i]) ? INFINITY : fmax(off, fabs((double)ours[i] - theirs[i]));
	}
	if (!(off <= TOLERANCE * largest))
		fail_msg("%s: off by %g, where the largest entry is %g", what, off, largest);
	return off / largest;
}

/* From the gradient at the logits to that of every parameter. Returns the worst difference. */
static double check_setting(struct fixture *f, const struct packed *p, const struct safetensors *values,
	const struct safetensors *reference, const char *setting, bool recompute)
{
	struct trainable *t = &f->full;
	const struct param *head = t->params.head;
	size_t hidden = head->cols, vocab = head->rows, rows = p->n_wanted;
	float *top = xcalloc(rows * hidden, sizeof(float)), *dtop = xcalloc(rows * hidden, sizeof(float));
	float *z = xcalloc(rows * vocab, sizeof(float)), *grad = xcalloc(t->elements, sizeof(float));
	char *name = xasprintf("dlogits/%s", setting);
	struct tensor tensor;
	struct backprop *b;
	struct err err;
	double worst = 0;

	check_ok(backprop_new(&b, f->kern, recompute, &err), &err);
	check_ok(backprop_forward(b, t, p, 0, 0, top, NULL, &err), &err);
	linear_fwd(f->kern, z, top, &head->tensor, NULL, false, rows);
	check_ok(safetensors_tensor(values, "logits", &tensor, &err), &err);
	assert_int_equal(tensor_elements(&tensor), rows * vocab);
	compare("logits", z, &tensor);

	check_ok(safetensors_tensor(values, name, &tensor, &err), &err);
	assert_int_equal(tensor_elements(&tensor), rows * vocab);
	linear_bwd_x(f->kern, dtop, tensor.data, &head->tensor, false, rows);
	linear_bwd_w(f->kern, grad + trainable_offset(t, head), NULL, tensor.data, top, rows, vocab, hidden);
	check_ok(backprop_backward(b, dtop, grad, NULL, &err), &err);
	for (size_t i = 0; i < t->n; i++) {
		check_ok(safetensors_tensor(reference, t->table[i].name, &tensor, &err), &err);
		assert_int_equal(tensor_elements(&tensor), t->table[i].rows * t->table[i].cols);
		worst = fmax(worst, compare(t->table[i].name, grad + t->table[i].offset, &tensor));
	}
	backprop_free(b);
	free(name);
	free(grad);
	free(z);
	free(dtop);
	free(top);
	return worst;
}

static void test_every_parameter(void **state)
{
	static const struct {
		size_t batch;
		const char *setting;
		bool recompute;
	} cases[] = {
		{0, "lml", false},
		{0, "msl", true},
		{0, "bear_K10_xi2.75_lam0.25", false},
		{0, "bear_K5_xi0.5_lam1.0", false},
		{0, "bear_K10_xi1.0_lam0.0", true},
		{1, "lml", true},
		{1, "msl", false},
		{1, "bear_K10_xi2.75_lam0.25", false},
		{1, "bear_K5_xi0.5_lam1.0", false},
	};
	double worst = 0;

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct safetensors values, reference;
		struct batch b;

		read_batch(&b, cases[i].batch);
		open_file(&values, "dlogits", cases[i].batch, "");
		open_file(&reference, "grads_", cases[i].batch, cases[i].setting);
		worst = fmax(worst,
			check_setting(*state, &b.packed, &values, &reference, cases[i].setting, cases[i].recompute));
		safetensors_release(&reference);
		safetensors_release(&values);
		release_batch(&b);
	}
	print_message("# worst %.2g of a tensor's largest entry\n", worst);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_every_parameter),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
