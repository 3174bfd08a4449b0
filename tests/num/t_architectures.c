/*
 * Every architecture against PyTorch (reference/architectures, written by its generate.py): random models whose every
 * parameter matters, alone and under adapters. Logits at every position, as prompts and as nodes; the loss and its
 * gradients, of all parameters or of an adapter's; beams and items under both masks.
 *
 * Two logits or log-probabilities agree when |ours - theirs| <= 1e-4 · max(1, |theirs|), a tensor of gradients when no
 * entry is off by more than 1e-4 of the reference's largest entry.
 */
#include "../unit/tempdir.h"

#include <jansson.h>
#include <math.h>

#include "base/vec.h"
#include "kern/kern.h"
#include "model/save.h"
#include "model/transformer.h"
#include "npy.h"
#include "search/beam.h"
#include "store/file.h"
#include "store/safetensors.h"
#include "train/loss.h"

#define TOLERANCE 1e-4

struct sequence {
	struct vec_u32 prompt, tokens; /* tokens: prompt, then its item without EOS */
	size_t item;
};

struct fixture {
	struct kern *kern;
	char *name;      /* "llama" */
	json_t *numbers; /* numbers.json */
	struct safetensors values;
	struct trie trie;
	VEC(struct sequence) sequences;
	struct lm *lm;
	double worst_logit, worst_gradient;
};

static char *path_of(const struct fixture *f, const char *file)
{
	char *name = xasprintf("architectures/%s%s%s", f->name, *file != '\0' ? "/" : "", file), *path = ref_path(name);

	free(name);
	return path;
}

static const json_t *get(const json_t *object, const char *key)
{
	const json_t *value = json_object_get(object, key);

	if (value == NULL)
		fail_msg("the reference numbers lack '%s'", key);
	return value;
}

static struct vec_u32 list(const json_t *array)
{
	struct vec_u32 v = {0};

	for (size_t i = 0; i < json_array_size(array); i++)
		vec_push(&v, (uint32_t)json_integer_value(json_array_get(array, i)));
	return v;
}

static void read_trie(struct fixture *f)
{
	const json_t *items = get(f->numbers, "items");
	uint32_t eos = (uint32_t)json_integer_value(get(f->numbers, "eos"));
	struct vec_u32 tokens = {0};
	VEC(size_t) first = {0};
	struct err err;

	for (size_t i = 0; i < json_array_size(items); i++) {
		struct vec_u32 item = list(json_array_get(items, i));

		vec_push(&first, tokens.n);
		for (size_t k = 0; k < item.n; k++)
			vec_push(&tokens, item.at[k]);
		vec_release(&item);
	}
	vec_push(&first, tokens.n);
	check_ok(trie_init(&f->trie, tokens.at, first.at, json_array_size(items), eos, END_EOS, &err), &err);
	vec_release(&tokens);
	vec_release(&first);
}

static void read_sequences(struct fixture *f)
{
	const json_t *prompts = get(f->numbers, "prompts"), *positives = get(f->numbers, "positives");

	for (size_t i = 0; i < json_array_size(prompts); i++) {
		size_t item = (size_t)json_integer_value(json_array_get(positives, i));
		struct vec_u32 path = list(json_array_get(get(f->numbers, "items"), item));
		struct sequence s = {.item = item};

		s.prompt = list(json_array_get(prompts, i));
		s.tokens = list(json_array_get(prompts, i));
		for (size_t k = 0; k + 1 < path.n; k++)
			vec_push(&s.tokens, path.at[k]);
		vec_push(&f->sequences, s);
		vec_release(&path);
	}
}

static void open_case(struct fixture *f, const char *name)
{
	char *numbers, *values, *dir;
	struct err err;

	*f = (struct fixture){.name = xstrdup(name)};
	numbers = path_of(f, "numbers.json");
	values = path_of(f, "numbers.safetensors");
	dir = path_of(f, "");
	f->numbers = json_load_file(numbers, 0, NULL);
	assert_non_null(f->numbers);
	check_ok(safetensors_open(&f->values, values, &err), &err);
	read_trie(f);
	read_sequences(f);
	check_ok(kern_new(&f->kern, 2, &err), &err);
	check_ok(transformer_open(&f->lm, dir, f->kern, &err), &err);
	assert_int_equal(transformer_unused_tensors(f->lm), 0);
	free(numbers);
	free(values);
	free(dir);
}

static void close_case(struct fixture *f)
{
	print_message("# %s: worst logit %.2g, worst gradient %.2g\n", f->name, f->worst_logit, f->worst_gradient);
	lm_close(f->lm);
	kern_free(f->kern);
	trie_release(&f->trie);
	safetensors_release(&f->values);
	for (size_t i = 0; i < f->sequences.n; i++) {
		vec_release(&f->sequences.at[i].prompt);
		vec_release(&f->sequences.at[i].tokens);
	}
	vec_release(&f->sequences);
	json_decref(f->numbers);
	free(f->name);
}

static struct tensor reference(const struct fixture *f, const char *run, const char *name)
{
	char *key = xasprintf("%s/%s", run, name);
	struct tensor t;
	struct err err;

	check_ok(safetensors_tensor(&f->values, key, &t, &err), &err);
	assert_int_equal(t.dtype, DTYPE_F32);
	free(key);
	return t;
}

/* Returns how far off, relative to what is at least 1. */
static double check_close(const char *what, double ours, double theirs)
{
	double off = fabs(ours - theirs) / fmax(1, fabs(theirs));

	if (!(off <= TOLERANCE))
		fail_msg("%s: %.9g, reference %.9g", what, ours, theirs);
	return off;
}

static void compare_row(
	struct fixture *f, const char *run, const float *z, const float *wanted, size_t vocab, size_t place)
{
	char what[96];

	for (size_t v = 0; v < vocab; v++) {
		snprintf(what, sizeof(what), "%s, %s, row %zu, token %zu", f->name, run, place, v);
		f->worst_logit = fmax(f->worst_logit, check_close(what, z[v], wanted[v]));
	}
}

/* The first tokens as the prompt, the others as a chain of nodes asked for together. */
static void check_chain(
	struct fixture *f, struct lm *lm, const char *run, const struct sequence *s, size_t prompt, const float *wanted)
{
	size_t nodes = s->tokens.n - prompt + 1, vocab = lm->vocab;
	struct lm_query *queries = xcalloc(nodes, sizeof(*queries));
	float *z = xcalloc(nodes * vocab, sizeof(*z));
	struct err err;

	check_ok(lm_prompt(lm, s->tokens.at, prompt, &err), &err);
	for (size_t i = 0; i < nodes; i++)
		queries[i] = (struct lm_query){
			.node = i == 0 ? LM_PROMPT : lm_child(lm, queries[i - 1].node, s->tokens.at[prompt + i - 1]),
			.all = z + i * vocab,
		};
	check_ok(lm_query(lm, queries, nodes, 1, &err), &err);
	for (size_t i = 0; i < nodes; i++)
		compare_row(f, run, z + i * vocab, wanted + (prompt - 1 + i) * vocab, vocab, prompt - 1 + i);
	free(z);
	free(queries);
}

static void check_logits(struct fixture *f, struct lm *lm, const char *run)
{
	struct tensor wanted = reference(f, run, "logits");
	const float *rows = wanted.data;
	size_t n = 0;

	assert_int_equal(wanted.shape[1], lm->vocab);
	for (size_t i = 0; i < f->sequences.n; i++) {
		const struct sequence *s = &f->sequences.at[i];

		for (size_t prompt = 1; prompt <= s->tokens.n; prompt += prompt < 3 ? 1 : 4)
			check_chain(f, lm, run, s, prompt, rows + n * lm->vocab);
		n += s->tokens.n;
	}
	assert_int_equal(wanted.shape[0], n);
}

/* The item's log-probability under the trace's best results, which are all items. */
static void check_items(const struct trace *t, const struct trie *trie, const json_t *items)
{
	assert_int_equal(t->n_results, json_array_size(items));
	for (size_t i = 0; i < json_array_size(items); i++) {
		size_t rank = trace_rank(t, trie->item_leaf[i]);

		assert_true(rank > 0);
		check_close("an item's log-probability", t->results[rank - 1].logp,
			json_number_value(json_array_get(items, i)));
	}
}

static void check_beam(const struct trace *t, const struct trie *trie, const json_t *beam)
{
	assert_int_equal(t->n_results, json_array_size(beam));
	for (size_t i = 0; i < t->n_results; i++) {
		const json_t *wanted = json_array_get(beam, i);

		assert_int_equal(t->results[i].leaf, trie->item_leaf[json_integer_value(get(wanted, "item"))]);
		check_close("a result", t->results[i].logp, json_number_value(get(wanted, "logp")));
	}
}

static void search(struct trace *t, struct scorer *s, size_t width)
{
	const struct beam_options o = {.width = width, .kind = SEARCH_PLAIN};
	struct err err;

	check_ok(beam_search(t, s, &o, false, &err), &err);
}

static void check_searches(struct fixture *f, struct lm *lm, const json_t *run)
{
	const json_t *searches = get(run, "searches");

	assert_int_equal(json_array_size(searches), 2 * f->sequences.n);
	for (size_t i = 0; i < json_array_size(searches); i++) {
		const json_t *wanted = json_array_get(searches, i);
		const struct vec_u32 *prompt = &f->sequences.at[json_integer_value(get(wanted, "prompt"))].prompt;
		bool before = strcmp(json_string_value(get(wanted, "mask")), "before") == 0;
		struct scorer s;
		struct trace t;
		struct err err;

		check_ok(scorer_init(&s, lm, &f->trie, before ? MASK_BEFORE : MASK_AFTER, 1, &err), &err);
		check_ok(scorer_prompt(&s, prompt->at, prompt->n, &err), &err);
		search(&t, &s, (size_t)json_integer_value(get(f->numbers, "width")));
		check_beam(&t, &f->trie, get(wanted, "beam"));
		trace_release(&t);
		search(&t, &s, f->trie.n_items);
		check_items(&t, &f->trie, get(wanted, "items"));
		trace_release(&t);
		scorer_release(&s);
	}
}

static void make_examples(struct examples *e, const struct fixture *f)
{
	*e = (struct examples){.n_targets = f->sequences.n};
	arena_init(&e->arena);
	for (size_t i = 0; i < f->sequences.n; i++) {
		const struct sequence *s = &f->sequences.at[i];
		struct target *target = arena_alloc(&e->arena, sizeof(*target));

		*target = (struct target){
			f->trie.item_leaf[s->item], (uint32_t)s->prompt.n, (uint32_t)(s->tokens.n - s->prompt.n + 1)};
		vec_push(&e->at, (struct example){s->tokens.at, (uint32_t)s->tokens.n, target, 1, NULL});
	}
}

/* turned: the reference has it as [in, out]. */
static void compare_gradient(
	struct fixture *f, const char *run, const struct trainable_tensor *at, const float *grad, bool turned)
{
	struct tensor wanted = reference(f, run, at->name);
	const float *theirs = wanted.data;
	double largest = 0, off = 0;

	assert_int_equal(tensor_elements(&wanted), at->rows * at->cols);
	for (size_t i = 0; i < at->rows; i++) {
		for (size_t k = 0; k < at->cols; k++) {
			double w = turned ? theirs[k * at->rows + i] : theirs[i * at->cols + k];
			double ours = grad[i * at->cols + k];

			largest = fmax(largest, fabs(w));
			off = isnan(ours) ? INFINITY : fmax(off, fabs(ours - w));
		}
	}
	if (!(off <= TOLERANCE * largest))
		fail_msg("%s, %s, %s: off by %g, where the largest entry is %g", f->name, run, at->name, off, largest);
	f->worst_gradient = fmax(f->worst_gradient, off / largest);
}

static size_t tensors_of(const struct fixture *f, const char *run)
{
	size_t n = 0;

	for (size_t i = 0; i < f->values.entries.n; i++) {
		const char *name = f->values.entries.at[i].name;

		n += strncmp(name, run, strlen(run)) == 0 && name[strlen(run)] == '/';
	}
	return n - 1; /* the logits */
}

static void check_gradients(struct fixture *f, struct trainable *t, const char *run, bool recompute)
{
	static const uint32_t ids[] = {0, 1, 2};
	const json_t *wanted = get(get(get(f->numbers, "runs"), run), "loss");
	struct loss_work *work;
	struct loss_result result;
	struct examples e;
	struct loss_request request = {.trained = t, .params = {1, 10, 2.75, 0.25}, .examples = &e, .ids = ids};
	struct err err;

	make_examples(&e, f);
	request.n = e.at.n;
	request.grad = xcalloc(t->elements, sizeof(float));
	request.objective = objective_find("sft", &err);
	assert_non_null(request.objective);
	check_ok(loss_new(&work, f->kern, &f->trie, recompute, &err), &err);
	check_ok(loss_run(work, &request, &result, NULL, &err), &err);
	check_close("the loss", result.loss, json_number_value(wanted));
	assert_int_equal(t->n, tensors_of(f, run));
	for (size_t i = 0; i < t->n; i++)
		compare_gradient(
			f, run, &t->table[i], request.grad + t->table[i].offset, t->full && t->params.at[i].transposed);
	loss_free(work);
	free(request.grad);
	examples_release(&e);
}

static void check_base(struct fixture *f)
{
	struct trainable t;
	struct err err;

	check_logits(f, f->lm, "base");
	check_searches(f, f->lm, get(get(f->numbers, "runs"), "base"));
	check_ok(trainable_init_full(&t, f->lm, &err), &err);
	check_gradients(f, &t, "base", false);
	check_gradients(f, &t, "base", true);
	trainable_release(&t);
}

static void check_lora(struct fixture *f, const char *run)
{
	struct trainable t;
	struct err err;

	check_ok(trainable_init_lora(&t, f->lm, NULL, NULL, &err), &err);
	check_gradients(f, &t, run, false);
	check_gradients(f, &t, run, true);
	trainable_release(&t);
}

/* The adapter merged into the model: in memory, and on the way into a file. */
static void check_merged(struct fixture *f, const char *run)
{
	const struct save save = {
		.config = transformer_config(f->lm),
		.params = transformer_params(f->lm),
		.adapter = transformer_adapter(f->lm),
		.dir = transformer_dir(f->lm),
		.dtype = DTYPE_F32,
	};
	struct trainable t;
	struct lm *again;
	struct err err;
	void *dir;

	assert_int_equal(tempdir_make(&dir), 0);
	check_ok(trainable_init_full(&t, f->lm, &err), &err);
	check_logits(f, t.lm, run);
	trainable_release(&t);
	check_ok(save_hf(&save, dir, &err), &err);
	check_ok(transformer_open(&again, dir, f->kern, &err), &err);
	check_logits(f, again, run);
	lm_close(again);
	tempdir_remove(&dir);
}

/* The adapter saved by itself, and put over the model again: the same bits. */
static void check_saved(struct fixture *f, const char *run, const char *from)
{
	const struct vec_u32 *tokens = &f->sequences.at[0].tokens;
	float *z = xcalloc(f->lm->vocab, sizeof(*z)), *again = xcalloc(f->lm->vocab, sizeof(*again));
	struct err err;
	void *dir;

	assert_int_equal(tempdir_make(&dir), 0);
	check_ok(lm_prompt(f->lm, tokens->at, tokens->n, &err), &err);
	check_ok(lm_query(f->lm, &(struct lm_query){.node = LM_PROMPT, .all = z}, 1, 1, &err), &err);
	check_ok(adapter_save(transformer_adapter(f->lm), dir, "base", &err), &err);
	check_ok(transformer_adapt(f->lm, from, &err), &err);
	check_ok(transformer_adapt(f->lm, dir, &err), &err);
	check_ok(lm_prompt(f->lm, tokens->at, tokens->n, &err), &err);
	check_ok(lm_query(f->lm, &(struct lm_query){.node = LM_PROMPT, .all = again}, 1, 1, &err), &err);
	assert_memory_equal(z, again, f->lm->vocab * sizeof(*z));
	check_logits(f, f->lm, run);
	tempdir_remove(&dir);
	free(z);
	free(again);
}

static void check_adapter(struct fixture *f, const char *run, const json_t *numbers)
{
	char *dir = path_of(f, run), *other = path_of(f, strncmp(f->name, "gpt2", 4) == 0 ? "attn" : "all");
	struct trainable t;
	struct err err;

	check_ok(transformer_adapt(f->lm, dir, &err), &err);
	check_logits(f, f->lm, run);
	check_searches(f, f->lm, numbers);
	if (transformer_adapter(f->lm)->n_saved == 0)
		check_lora(f, run);
	else
		check_refused(
			trainable_init_lora(&t, f->lm, NULL, NULL, &err), &err, ERR_UNSUPPORTED, "modules_to_save");
	check_merged(f, run);
	check_saved(f, run, other);
	free(other);
	free(dir);
}

static int write_gguf(const struct lm *lm, const char *path, struct err *err)
{
	const struct save save = {
		.config = transformer_config(lm), .params = transformer_params(lm), .dtype = DTYPE_F32};
	struct gguf_writer w;
	int rc;

	check_ok(gguf_writer_init(&w, path, err), err);
	gguf_put_str(&w, "general.architecture", save.config->arch->gguf);
	gguf_put_u32(&w, "tokenizer.ggml.eos_token_id", save.config->eos[0]);
	rc = save_gguf(&save, &w, err) != 0 || gguf_writer_commit(&w, err) != 0 ? -1 : 0;
	gguf_writer_release(&w);
	return rc;
}

/* The same weights from a GGUF file, whose rows and names are others, under the same adapters. */
static void check_gguf(struct fixture *f, const char *path)
{
	const char *run;
	json_t *numbers;
	struct lm *lm;
	struct err err;

	if (strcmp(f->name, "qwen3-yarn") == 0) {
		check_refused(write_gguf(f->lm, path, &err), &err, ERR_UNSUPPORTED, "have no place in a GGUF file");
		return;
	}
	check_ok(write_gguf(f->lm, path, &err), &err);
	check_ok(transformer_open(&lm, path, f->kern, &err), &err);
	check_logits(f, lm, "base");
	json_object_foreach((json_t *)get(f->numbers, "runs"), run, numbers) {
		char *adapter = path_of(f, run);

		if (strcmp(run, "base") != 0) {
			check_ok(transformer_adapt(lm, adapter, &err), &err);
			check_logits(f, lm, run);
		}
		free(adapter);
	}
	lm_close(lm);
}

static void check_case(const char *name)
{
	struct fixture f;
	const char *run;
	json_t *numbers;
	char *path;
	void *dir;

	open_case(&f, name);
	check_base(&f);
	assert_int_equal(tempdir_make(&dir), 0);
	path = file_join(dir, "model.gguf");
	check_gguf(&f, path);
	free(path);
	tempdir_remove(&dir);
	json_object_foreach((json_t *)get(f.numbers, "runs"), run, numbers) {
		if (strcmp(run, "base") != 0)
			check_adapter(&f, run, numbers);
	}
	close_case(&f);
}

#define CASE(test, name) \
	static void test(void **state) \
	{ \
		(void)state; \
		check_case(name); \
	}

CASE(test_llama, "llama")
CASE(test_llama_linear, "llama-linear")
CASE(test_llama3, "llama-llama3")
CASE(test_yarn, "llama-yarn")
CASE(test_mistral, "mistral")
CASE(test_qwen2, "qwen2")
CASE(test_qwen3, "qwen3")
CASE(test_qwen3_yarn, "qwen3-yarn")
CASE(test_gpt2, "gpt2")
CASE(test_gpt2_inner, "gpt2-inner")

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_llama),
		cmocka_unit_test(test_llama_linear),
		cmocka_unit_test(test_llama3),
		cmocka_unit_test(test_yarn),
		cmocka_unit_test(test_mistral),
		cmocka_unit_test(test_qwen2),
		cmocka_unit_test(test_qwen3),
		cmocka_unit_test(test_qwen3_yarn),
		cmocka_unit_test(test_gpt2),
		cmocka_unit_test(test_gpt2_inner),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
