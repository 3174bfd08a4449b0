#include "racecase.h"

#include "../unit/check.h"

#include <sys/stat.h>

#include "base/mem.h"
#include "kern/kern.h"
#include "model/transformer.h"
#include "npy.h"
#include "store/file.h"

static void add_tokens(struct buf *out, const struct vec_u32 *tokens)
{
	for (size_t i = 0; i < tokens->n; i++)
		buf_addf(out, "%s%u", i > 0 ? " " : "", tokens->at[i]);
}

static void write_text(const char *dir, const char *name, struct buf *text)
{
	char *path = file_join(dir, name);
	struct err err;

	check_ok(file_write(path, text->at, text->len, &err), &err);
	buf_release(text);
	free(path);
}

static void write_dataset(const struct racecase *c, const char *dir)
{
	struct buf items = {0}, cases = {0}, meta = {0};

	buf_addstr(&items, "item_id,tokens\n");
	for (size_t i = 0; i < c->ref.main.n; i++) {
		buf_addf(&items, "%zu,", i);
		add_tokens(&items, &c->ref.main.at[i]);
		buf_addch(&items, '\n');
	}
	buf_addstr(&cases, "case_id,prompt_tokens,item_id\n");
	for (size_t p = 0; p < c->ref.prompts.n; p++) {
		buf_addf(&cases, "p%zu,", p);
		add_tokens(&cases, &c->ref.prompts.at[p]);
		buf_addf(&cases, ",%u\n", c->ref.positives.at[p]);
	}
	buf_addf(&meta, "{\"eos_token_id\": %u}\n", c->ref.eos);
	write_text(dir, "items.csv", &items);
	write_text(dir, "cases.csv", &cases);
	write_text(dir, "meta.json", &meta);
}

void racecase_init(struct racecase *c, const char *dir, const char *adapter, size_t threads)
{
	char *model = ref_path("A/model"), *data = file_join(dir, "data");
	const struct catalogue *items;
	const struct split *split;
	struct err err;

	*c = (struct racecase){0};
	refdata_read(&c->ref, "A");
	assert_true(mkdir(data, 0700) == 0 || file_is_dir(data));
	write_dataset(c, data);
	check_ok(dataset_open(&c->data, data, &err), &err);
	items = &c->data->catalogue;
	split = &c->data->splits[SPLIT_TEST];
	check_ok(trie_init(&c->trie, items->tokens, items->first, items->n, items->eos, END_EOS, &err), &err);
	check_ok(kern_new(&c->kern, threads, &err), &err);
	check_ok(transformer_open(&c->base, model, c->kern, &err), &err);
	if (adapter) {
		char *path = ref_path(adapter);

		check_ok(transformer_adapt(c->base, path, &err), &err);
		free(path);
	}
	c->source = (struct example_source){.data = c->data, .trie = &c->trie};
	check_ok(examples_init(&c->examples, &c->source, split->cases, split->n, TARGETS_LAST, &err), &err);
	c->train = (struct train_data){.kern = c->kern,
		.base = c->base,
		.trie = &c->trie,
		.examples = &c->examples,
		.source = &c->source,
		.held_out = split->cases,
		.n_held_out = split->n,
		.mask = MASK_BEFORE,
		.tau = 1,
		.diagnose = {.beam = {.width = 5, .kind = SEARCH_PLAIN}}};
	free(data);
	free(model);
}

void racecase_release(struct racecase *c)
{
	examples_release(&c->examples);
	lm_close(c->base);
	kern_free(c->kern);
	trie_release(&c->trie);
	dataset_free(c->data);
	refdata_release(&c->ref);
}

struct train_config racecase_config(const char *objectives)
{
	static const struct objective_params usual = {.tau = 1, .K = 10, .xi = 2.75, .lambda = 0.25};
	static char targets[] = "q_proj,v_proj";
	struct train_config config = {.lora = {.r = 2, .alpha = 4, .dropout = 0.1, .targets = targets},
		.steps = 12,
		.batch = 4,
		.accumulate = 1,
		.lr = 1e-3,
		.keep = 1,
		.seed = 7};
	struct err err;

	check_ok(runners_parse(config.runners, &config.n_runners, objectives, &usual, &err), &err);
	return config;
}

void racecase_write_batches(const char *path, const json_t *pairs)
{
	struct buf text = {0};
	struct err err;

	for (size_t i = 0; i < json_array_size(pairs); i++) {
		const json_t *batch = json_array_get(pairs, i);

		for (size_t k = 0; k < json_array_size(batch); k++)
			buf_addf(&text, "%sp%lld", k > 0 ? " " : "",
				(long long)json_integer_value(json_array_get(batch, k)));
		buf_addch(&text, '\n');
	}
	check_ok(file_write(path, text.at, text.len, &err), &err);
	buf_release(&text);
}
