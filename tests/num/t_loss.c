/*
 * Losses of the reference (PyTorch, set A): values, gradients at the logits, gradients of every parameter, and of LoRA
 * matrices at the first step of training. A tensor agrees when no entry is off by more than 1e-4 of the reference's
 * largest entry, a loss when it is off by no more than 1e-4 of itself.
 */
#include "../unit/check.h"

#include <jansson.h>
#include <math.h>
#include <stdbool.h>

#include "base/mem.h"
#include "kern/kern.h"
#include "model/transformer.h"
#include "npy.h"
#include "refdata.h"
#include "store/safetensors.h"
#include "train/loss.h"

#define TOLERANCE 1e-4

struct fixture {
	struct refdata data;
	struct trie trie;
	struct kern *kern;
	struct lm *lm;
	struct loss_work *work;
	double worst; /* share of the largest entry */
};

static int set_up(void **state)
{
	struct fixture *f = xcalloc(1, sizeof(*f));
	char *model = ref_path("A/model");
	struct vec_u32 tokens = {0};
	VEC(size_t) first = {0};
	struct err err;

	refdata_read(&f->data, "A");
	for (size_t i = 0; i < f->data.main.n; i++) {
		vec_push(&first, tokens.n);
		for (size_t k = 0; k < f->data.main.at[i].n; k++)
			vec_push(&tokens, f->data.main.at[i].at[k]);
	}
	vec_push(&first, tokens.n);
	check_ok(trie_init(&f->trie, tokens.at, first.at, f->data.main.n, f->data.eos, END_EOS, &err), &err);
	check_ok(kern_new(&f->kern, 2, &err), &err);
	check_ok(transformer_open(&f->lm, model, f->kern, &err), &err);
	check_ok(loss_new(&f->work, f->kern, &f->trie, false, &err), &err);
	vec_release(&tokens);
	vec_release(&first);
	free(model);
	*state = f;
	return 0;
}

static int tear_down(void **state)
{
	struct fixture *f = *state;

	loss_free(f->work);
	lm_close(f->lm);
	kern_free(f->kern);
	trie_release(&f->trie);
	refdata_release(&f->data);
	free(f);
	return 0;
}

static json_t *read_json(const char *name)
{
	char *path = ref_path(name);
	json_t *root = json_load_file(path, 0, NULL);

	if (!root)
		fail_msg("%s cannot be read", path);
	free(path);
	return root;
}

static void open_file(struct safetensors *file, const char *name)
{
	char *path = ref_path(name);
	struct err err;

	check_ok(safetensors_open(file, path, &err), &err);
	free(path);
}

/* An example of each of the pairs, which are indices of prompts. */
static void make_examples(struct examples *e, const struct fixture *f, const json_t *pairs)
{
	*e = (struct examples){.n_targets = json_array_size(pairs)};
	arena_init(&e->arena);
	for (size_t i = 0; i < json_array_size(pairs); i++) {
		size_t p = (size_t)json_integer_value(json_array_get(pairs, i));
		const struct vec_u32 *prompt = &f->data.prompts.at[p];
		const struct vec_u32 *item = &f->data.main.at[f->data.positives.at[p]];
		uint32_t *tokens = arena_alloc(&e->arena, (prompt->n + item->n) * sizeof(*tokens));
		struct target *target = arena_alloc(&e->arena, sizeof(*target));

		memcpy(tokens, prompt->at, prompt->n * sizeof(*tokens));
		memcpy(tokens + prompt->n, item->at, item->n * sizeof(*tokens));
		*target = (struct target){f->trie.item_leaf[f->data.positives.at[p]], (uint32_t)prompt->n,
			(uint32_t)item->n};
		vec_push(&e->at, (struct example){tokens, (uint32_t)(prompt->n + item->n - 1), target, 1, NULL});
	}
}

struct setting {
	const struct objective *objective;
	struct objective_params params;
};

static struct setting read_setting(const json_t *v)
{
	const char *kind = json_string_value(json_object_get(v, "kind"));
	struct setting s = {.params = {1, 10, 2.75, 0.25}};
	struct err err;

	s.objective = objective_find(strcmp(kind, "lml") ? kind : "sft", &err);
	if (!s.objective)
		fail_msg("%s", err.msg);
	if (json_object_get(v, "K")) {
		s.params.K = (size_t)json_integer_value(json_object_get(v, "K"));
		s.params.xi = json_number_value(json_object_get(v, "xi"));
		s.params.lambda = json_number_value(json_object_get(v, "lam"));
	}
	return s;
}

/* The loss over all examples; gradients are added to grad unless it is NULL. */
static double run(
	struct fixture *f, struct trainable *t, const struct setting *s, const struct examples *e, float *grad)
{
	static const uint32_t ids[] = {0, 1, 2, 3, 4, 5, 6, 7};
	const struct loss_request request = {
		.trained = t, .objective = s->objective, .params = s->params, .examples = e, .ids = ids, .n = e->at.n,
		.grad = grad};
	struct loss_result result;
	struct err err;

	assert_true(e->at.n <= ARRAY_LEN(ids));
	check_ok(loss_run(f->work, &request, &result, NULL, &err), &err);
	return result.loss;
}

static void check_loss(const char *name, double loss, double wanted)
{
	if (!(fabs(loss - wanted) <= TOLERANCE * fabs(wanted)))
		fail_msg("%s: the loss is %.9g, not %.9g", name, loss, wanted);
}

static void compare(struct fixture *f, const char *what, const float *ours, const struct tensor *reference)
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
	f->worst = fmax(f->worst, largest > 0 ? off / largest : 0);
}

static void check_gradients(struct fixture *f, const struct trainable *t, const float *grad, const char *file)
{
	struct safetensors reference;
	struct tensor tensor;
	struct err err;

	open_file(&reference, file);
	for (size_t i = 0; i < t->n; i++) {
		check_ok(safetensors_tensor(&reference, t->table[i].name, &tensor, &err), &err);
		assert_int_equal(tensor_elements(&tensor), t->table[i].rows * t->table[i].cols);
		compare(f, t->table[i].name, grad + t->table[i].offset, &tensor);
	}
	safetensors_release(&reference);
}

/* d loss / d z of one label token, from d loss / d log p and the reference's logits. ids: what competes, NULL: all. */
static void spread(float *dz, const float *z, double dlogp, uint32_t label, const json_t *ids, size_t vocab)
{
	size_t n = ids ? json_array_size(ids) : vocab;
	double sum = 0;

	memset(dz, 0, vocab * sizeof(*dz));
	for (size_t j = 0; j < n; j++)
		sum += exp(z[ids ? (size_t)json_integer_value(json_array_get(ids, j)) : j]);
	for (size_t j = 0; j < n; j++) {
		size_t v = ids ? (size_t)json_integer_value(json_array_get(ids, j)) : j;

		dz[v] = (float)(dlogp * ((v == label) - exp(z[v]) / sum));
	}
}

static void check_logits(struct fixture *f, const json_t *batch, const char *name, const struct safetensors *values,
	bool vocab)
{
	const struct loss_tokens seen = loss_last(f->work);
	const json_t *tokens = json_object_get(batch, "tokens");
	char *key = xasprintf("dlogits/%s", name);
	struct tensor logits, wanted;
	struct err err;
	float *dz;
	size_t width;

	check_ok(safetensors_tensor(values, "logits", &logits, &err), &err);
	check_ok(safetensors_tensor(values, key, &wanted, &err), &err);
	width = logits.shape[1];
	assert_int_equal(seen.batch->first[seen.batch->n_items], logits.shape[0]);
	dz = xcalloc(tensor_elements(&logits), sizeof(*dz));
	for (size_t t = 0; t < logits.shape[0]; t++) {
		const json_t *token = json_array_get(tokens, t), *children = json_object_get(token, "children");

		assert_int_equal(seen.batch->valid[t], json_array_size(children));
		spread(dz + t * width, (const float *)logits.data + t * width, seen.dlogp[t],
			(uint32_t)json_integer_value(json_object_get(token, "label")), vocab ? NULL : children, width);
	}
	compare(f, key, dz, &wanted);
	free(dz);
	free(key);
}

static void check_batch(struct fixture *f, struct trainable *t, size_t number)
{
	char *file = xasprintf("A/loss/batch%zu.json", number);
	char *logits = xasprintf("A/loss/batch%zu_dlogits.safetensors", number);
	float *grad = xcalloc(t->elements, sizeof(*grad));
	json_t *batch = read_json(file), *v;
	struct safetensors values;
	struct examples e;
	const char *name;
	size_t n = 0;

	open_file(&values, logits);
	make_examples(&e, f, json_object_get(batch, "pairs"));
	json_object_foreach(json_object_get(batch, "settings"), name, v) {
		struct setting s = read_setting(v);
		char *gradients = xasprintf("A/loss/batch%zu_grads_%s.safetensors", number, name);
		char *path = ref_path(gradients), *key = xasprintf("dlogits/%s", name);
		FILE *there = fopen(path, "rb");

		memset(grad, 0, t->elements * sizeof(*grad));
		check_loss(name, run(f, t, &s, &e, grad), json_number_value(json_object_get(v, "loss_f64")));
		if (safetensors_find(&values, key))
			check_logits(f, batch, name, &values, s.objective->needs & OBJECTIVE_VOCAB);
		if (there) {
			check_gradients(f, t, grad, gradients);
			fclose(there);
			n++;
		}
		free(key);
		free(path);
		free(gradients);
	}
	assert_true(n >= 4);
	examples_release(&e);
	safetensors_release(&values);
	json_decref(batch);
	free(grad);
	free(logits);
	free(file);
}

static void test_full(void **state)
{
	struct fixture *f = *state;
	struct trainable t;
	struct err err;

	check_ok(trainable_init_full(&t, f->lm, &err), &err);
	f->worst = 0;
	check_batch(f, &t, 0);
	check_batch(f, &t, 1);
	print_message("# worst %.2g of a tensor's largest entry\n", f->worst);
	trainable_release(&t);
}

static void test_lora(void **state)
{
	struct fixture *f = *state;
	char *dir = ref_path("A/train/lora_init");
	json_t *train = read_json("A/train/train.json"), *v;
	struct trainable t;
	struct examples e;
	struct err err;
	const char *name;
	float *grad;
	size_t n = 0;

	check_ok(transformer_adapt(f->lm, dir, &err), &err);
	check_ok(trainable_init_lora(&t, f->lm, NULL, NULL, &err), &err);
	grad = xcalloc(t.elements, sizeof(*grad));
	make_examples(&e, f, json_array_get(json_object_get(train, "batch_pairs"), 0));
	f->worst = 0;
	json_object_foreach(json_object_get(train, "runs"), name, v) {
		struct setting s = read_setting(v);
		char *file = xasprintf("A/train/lora_step0_grads_%s.safetensors", name + 5);

		if (strncmp(name, "lora_", 5) == 0) {
			memset(grad, 0, t.elements * sizeof(*grad));
			check_loss(name, run(f, &t, &s, &e, grad),
				json_number_value(json_array_get(json_object_get(v, "loss"), 0)));
			check_gradients(f, &t, grad, file);
			n++;
		}
		free(file);
	}
	assert_int_equal(n, 4);
	print_message("# worst %.2g of a tensor's largest entry\n", f->worst);
	examples_release(&e);
	free(grad);
	trainable_release(&t);
	json_decref(train);
	free(dir);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_full),
		cmocka_unit_test(test_lora),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
