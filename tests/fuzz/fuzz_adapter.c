/*
 * Any bytes as the adapter_config.json of an adapter that is there: it is refused and the model goes on alone, or it
 * runs with the matrices that it fits, and comes back from its own saving as it was.
 */
#include "fuzz.h"

#include <stdlib.h>
#include <string.h>

#include "../num/tiny.h"
#include "base/mem.h"
#include "model/transformer.h"

static const struct tiny_shape shape = {
	.type = "llama",
	.vocab = 20,
	.hidden = 8,
	.layers = 2,
	.heads = 2,
	.kv_heads = 1,
	.head_dim = 4,
	.intermediate = 12,
	.max_positions = 64,
	.theta = 10000,
	.eps = 1e-5,
	.scale = 1,
};

/* Made at the first input and kept for the next ones: the model, and in `saved` what an adapter is saved to. */
static struct tiny model, saved;
static struct kern *kern;
static struct lm *base;

static void clean_up(void)
{
	lm_close(base);
	kern_free(kern);
	tiny_release(&model);
	tiny_release(&saved);
}

/* Matrices of rank 2 on q_proj and v_proj, and an output matrix held whole, beside the model's own files. */
static void write_matrices(void)
{
	static char targets[] = "q_proj,v_proj";
	static const float values[64] = {0.5F, -0.25F, 1.0F, 0.125F};
	const struct adapter_config config = {.r = 2, .alpha = 4, .targets = targets};
	struct adapter a;
	struct err err;

	FUZZ_CHECK(adapter_init(&a, &config, transformer_params(base), &err) == 0 && a.n == 4);
	for (size_t i = 0; i < a.n; i++)
		a.at[i].a.data = a.at[i].b.data = values;
	a.saved = xcalloc(1, sizeof(*a.saved));
	a.n_saved = 1;
	a.saved[0].param = *transformer_params(base)->head;
	a.saved[0].stored = a.saved[0].param.tensor;
	FUZZ_CHECK(adapter_save(&a, model.dir, "base", &err) == 0);
	adapter_release(&a);
}

static void set_up(void)
{
	struct err err;

	if (kern != NULL)
		return;
	FUZZ_CHECK(kern_new(&kern, 1, &err) == 0);
	tiny_init(&model, &shape, 1);
	tiny_init(&saved, &shape, 1);
	tiny_write(&model);
	FUZZ_CHECK(transformer_open(&base, model.dir, kern, &err) == 0);
	write_matrices();
	atexit(clean_up);
}

static void run(struct lm *lm)
{
	static const uint32_t tokens[] = {1, 2, 3};
	float z;
	struct lm_query query = {.node = LM_PROMPT, .ids = tokens, .n = 1, .logits = &z};
	struct err err;

	FUZZ_CHECK(lm_prompt(lm, tokens, 3, &err) == 0);
	FUZZ_CHECK(lm_query(lm, &query, 1, 1, &err) == 0);
}

static void save_and_open(const struct adapter *a)
{
	struct adapter again;
	struct err err;

	FUZZ_CHECK(adapter_save(a, saved.dir, "base", &err) == 0);
	if (adapter_open(&again, saved.dir, transformer_params(base), &err) != 0)
		BUG("%s", err.msg);
	FUZZ_CHECK(again.n_saved == a->n_saved);
	FUZZ_CHECK(again.n == a->n && again.config.r == a->config.r && again.config.dropout == a->config.dropout);
	for (size_t i = 0; i < a->n; i++) {
		FUZZ_CHECK(strcmp(again.at[i].param->name, a->at[i].param->name) == 0);
		FUZZ_CHECK(again.at[i].r == a->at[i].r);
		FUZZ_CHECK(again.at[i].alpha == a->at[i].alpha && again.at[i].scale == a->at[i].scale);
	}
	adapter_release(&again);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct lm *lm;
	struct err err;

	set_up();
	tiny_write_file(&model, "adapter_config.json", data, len);
	FUZZ_CHECK(transformer_over(&lm, base, transformer_params(base), NULL, &err) == 0);
	if (transformer_adapt(lm, model.dir, &err) == 0) {
		FUZZ_CHECK(transformer_adapter(lm)->n == 4);
		save_and_open(transformer_adapter(lm));
	} else {
		FUZZ_CHECK(transformer_adapter(lm) == NULL);
	}
	run(lm);
	lm_close(lm);
	return 0;
}
