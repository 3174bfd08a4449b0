/* Any bytes as the config.json of a model that is there: it is refused, or runs with the weights that it fits. */
#include "fuzz.h"

#include <stdlib.h>

#include "../num/tiny.h"
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

/* Made at the first input and kept for the next ones. */
static struct tiny model;
static struct kern *kern;

static void clean_up(void)
{
	kern_free(kern);
	tiny_release(&model);
}

static void set_up(void)
{
	struct err err;

	if (kern != NULL)
		return;
	FUZZ_CHECK(kern_new(&kern, 1, &err) == 0);
	tiny_init(&model, &shape, 1);
	tiny_write_weights(&model);
	atexit(clean_up);
}

static void run(struct lm *lm)
{
	static const uint32_t tokens[] = {1, 2, 3};
	float z;
	struct lm_query query = {.ids = &tokens[1], .n = 1, .logits = &z};
	struct err err;

	if (lm_prompt(lm, tokens, 3, &err) != 0) {
		FUZZ_CHECK(lm->max_tokens == 1 || lm->max_tokens == 2);
		return;
	}
	query.node = lm_child(lm, lm_child(lm, LM_PROMPT, 4), 5);
	if (lm_query(lm, &query, 1, 1, &err) != 0)
		FUZZ_CHECK(err.code == ERR_FORMAT || lm->max_tokens == 3 || lm->max_tokens == 4);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct lm *lm;
	struct err err;

	set_up();
	tiny_write_file(&model, "config.json", data, len);
	if (transformer_open(&lm, model.dir, kern, &err) == 0) {
		FUZZ_CHECK(lm->vocab == shape.vocab);
		run(lm);
		lm_close(lm);
	}
	return 0;
}
