/*
 * Adapters that PyTorch and PEFT trained, live over the reference model: their logits after the probe's last token, as
 * one prompt, as a prompt and nodes below it, merged into all weights, and after saving and loading, bit for bit.
 *
 * Two logits agree when |ours - theirs| <= 1e-4 · max(1, |theirs|).
 */
#include "../unit/tempdir.h"

#include <jansson.h>
#include <math.h>

#include "base/vec.h"
#include "kern/kern.h"
#include "model/transformer.h"
#include "model/trainable.h"
#include "npy.h"
#include "store/file.h"

#define TOLERANCE 1e-4

static const char *const runs[] = {"lora_lml", "lora_bear"};

struct fixture {
	struct kern *kern;
	struct lm *lm;
	json_t *train;
	struct vec_u32 probe;
	void *tempdir;
};

static int set_up(void **state)
{
	struct fixture *f = xcalloc(1, sizeof(*f));
	char *model = ref_path("A/model"), *train = ref_path("A/train/train.json");
	const json_t *probe;
	struct err err;

	check_ok(kern_new(&f->kern, 2, &err), &err);
	check_ok(transformer_open(&f->lm, model, f->kern, &err), &err);
	f->train = json_load_file(train, 0, NULL);
	assert_non_null(f->train);
	probe = json_object_get(f->train, "probe_input_ids");
	for (size_t i = 0; i < json_array_size(probe); i++)
		vec_push(&f->probe, (uint32_t)json_integer_value(json_array_get(probe, i)));
	assert_true(f->probe.n > 2);
	free(model);
	free(train);
	assert_int_equal(tempdir_make(&f->tempdir), 0);
	*state = f;
	return 0;
}

static int tear_down(void **state)
{
	struct fixture *f = *state;

	lm_close(f->lm);
	kern_free(f->kern);
	json_decref(f->train);
	vec_release(&f->probe);
	tempdir_remove(&f->tempdir);
	free(f);
	return 0;
}

/* Logits after the probe, of which so many tokens are the prompt. [vocab]; caller frees. */
static float *probe_logits(const struct fixture *f, struct lm *lm, size_t prompt)
{
	float *z = xcalloc(lm->vocab, sizeof(*z));
	lm_node node = LM_PROMPT;
	struct err err;

	check_ok(lm_prompt(lm, f->probe.at, prompt, &err), &err);
	for (size_t i = prompt; i < f->probe.n; i++)
		node = lm_child(lm, node, f->probe.at[i]);
	check_ok(lm_query(lm, &(struct lm_query){.node = node, .all = z}, 1, 1, &err), &err);
	return z;
}

static double compare(const struct fixture *f, const float *z, const char *run)
{
	const json_t *wanted =
		json_object_get(json_object_get(json_object_get(f->train, "runs"), run), "probe_logits_last");
	double worst = 0;

	assert_int_equal(json_array_size(wanted), f->lm->vocab);
	for (size_t v = 0; v < f->lm->vocab; v++) {
		double reference = json_number_value(json_array_get(wanted, v));
		double off = fabs(z[v] - reference) / fmax(1, fabs(reference));

		if (!(off <= TOLERANCE))
			fail_msg("%s, token %zu: logit %.9g, reference %.9g", run, v, z[v], reference);
		worst = fmax(worst, off);
	}
	return worst;
}

static double check(const struct fixture *f, struct lm *lm, const char *run)
{
	static const size_t prompts[] = {1, 20, 40};
	double worst = 0;

	for (size_t i = 0; i < ARRAY_LEN(prompts); i++) {
		float *z = probe_logits(f, lm, prompts[i]);

		worst = fmax(worst, compare(f, z, run));
		free(z);
	}
	return worst;
}

static void put_on(struct fixture *f, const char *run)
{
	char *name = xasprintf("A/train/%s", run), *dir = ref_path(name);
	struct err err;

	check_ok(transformer_adapt(f->lm, dir, &err), &err);
	assert_int_equal(transformer_adapter(f->lm)->n, 4);
	free(name);
	free(dir);
}

static void test_live(void **state)
{
	struct fixture *f = *state;
	double worst = 0;

	assert_int_equal(f->probe.n, 40);
	for (size_t i = 0; i < ARRAY_LEN(runs); i++) {
		put_on(f, runs[i]);
		worst = fmax(worst, check(f, f->lm, runs[i]));
	}
	print_message("# worst %.2g\n", worst);
}

static void test_merged(void **state)
{
	struct fixture *f = *state;
	struct trainable t;
	struct err err;

	for (size_t i = 0; i < ARRAY_LEN(runs); i++) {
		put_on(f, runs[i]);
		check_ok(trainable_init_full(&t, f->lm, &err), &err);
		assert_null(transformer_adapter(t.lm));
		check(f, t.lm, runs[i]);
		trainable_release(&t);
	}
}

static void check_same(const struct fixture *f, struct lm *a, struct lm *b)
{
	float *x = probe_logits(f, a, 20), *y = probe_logits(f, b, 20);

	assert_memory_equal(x, y, a->vocab * sizeof(*x));
	free(x);
	free(y);
}

/* The adapter and the merged model, each saved and loaded by itself. */
static void test_saved(void **state)
{
	struct fixture *f = *state;
	char *base = ref_path("A/model");
	struct lm *again;
	struct trainable t;
	struct err err;

	put_on(f, "lora_bear");
	check_ok(trainable_init_lora(&t, f->lm, NULL, NULL, &err), &err);
	assert_int_equal(t.count, 1024);
	check_ok(trainable_save(&t, f->tempdir, DTYPE_F32, &err), &err);
	check_ok(transformer_open(&again, base, f->kern, &err), &err);
	check_ok(transformer_adapt(again, f->tempdir, &err), &err);
	check_same(f, f->lm, again);
	lm_close(again);
	trainable_release(&t);

	check_ok(trainable_init_full(&t, f->lm, &err), &err);
	check_ok(trainable_save(&t, f->tempdir, DTYPE_F32, &err), &err);
	check_ok(transformer_open(&again, f->tempdir, f->kern, &err), &err);
	check_same(f, t.lm, again);
	check(f, again, "lora_bear");
	lm_close(again);
	trainable_release(&t);
	free(base);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_live),
		cmocka_unit_test(test_merged),
		cmocka_unit_test(test_saved),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
