/*
 * What is trained on. Whatever the template, every target must stand behind the very tokens that a search for it would
 * be given as its prompt, and its labels must be its item's tokens.
 */
#include "data/dataset.h"
#include "tempdir.h"
#include "train/examples.h"

/* Letters and a comma; "ab" and "b," are tokens of their own, so that a comma behind a "b" is spelt with it. */
static const char tokenizer_json[] =
	"{\"version\": \"1.0\", \"truncation\": null, \"padding\": null, \"normalizer\": null,"
	" \"pre_tokenizer\": null, \"decoder\": null,"
	" \"post_processor\": {\"type\": \"TemplateProcessing\", \"single\": [{\"SpecialToken\": {\"id\": \"<s>\","
	"   \"type_id\": 0}}, {\"Sequence\": {\"id\": \"A\", \"type_id\": 0}}], \"pair\": [{\"Sequence\":"
	"   {\"id\": \"A\", \"type_id\": 0}}, {\"Sequence\": {\"id\": \"B\", \"type_id\": 0}}],"
	"   \"special_tokens\": {\"<s>\": {\"id\": \"<s>\", \"ids\": [8], \"tokens\": [\"<s>\"]}}},"
	" \"added_tokens\": [{\"id\": 0, \"content\": \"</s>\", \"single_word\": false, \"lstrip\": false,"
	"   \"rstrip\": false, \"normalized\": false, \"special\": true}, {\"id\": 8, \"content\": \"<s>\","
	"   \"single_word\": false, \"lstrip\": false, \"rstrip\": false, \"normalized\": false, \"special\": true}],"
	" \"model\": {\"type\": \"BPE\", \"dropout\": null, \"unk_token\": \"<unk>\", \"fuse_unk\": true,"
	"   \"continuing_subword_prefix\": null, \"end_of_word_suffix\": null, \"byte_fallback\": false,"
	"   \"vocab\": {\"</s>\": 0, \"<unk>\": 1, \"a\": 2, \"b\": 3, \"c\": 4, \",\": 5, \"ab\": 6, \"b,\": 7,"
	"   \"<s>\": 8}, \"merges\": [\"a b\", \"b ,\"]}}";

#define EOS 0

static const char sequence[] = "item: {title}\nseparator: </s>\nanswer: {title}\n---\n{history}</s>";
static const char framed[] = "item: {title}\nseparator: ,\nanswer: {title}\n---\naa{history}cc";
static const char commas[] = "item: {title}\nseparator: ,\nanswer: {title}\n---\n{history},";
static const char nothing_between[] = "item: {title}c\nseparator: c\nanswer: {title}c\n---\n{history}";

/* Item 3 is empty, item 4 begins item 1. */
static const char *const titles[] = {"abc", "cab", "b", "", "c", "aabbcc", "bb", "ca"};

struct world {
	struct tokenizer *tokenizer;
	struct template *template;
	struct dataset data;
	struct trie trie;
	struct example_source source;
};

static void world_init(struct world *w, const char *dir, const char *template, enum end_rule end)
{
	char *tokens = tempdir_put(dir, "tokenizer.json", tokenizer_json, sizeof(tokenizer_json) - 1);
	char *prompt = tempdir_put(dir, "template", template, strlen(template));
	struct catalogue *c = &w->data.catalogue;
	struct err err;

	memset(w, 0, sizeof(*w));
	w->data.name = "made";
	check_ok(tokenizer_load(&w->tokenizer, tokens, &err), &err);
	check_ok(template_load(&w->template, prompt, "", &err), &err);
	catalogue_init(c);
	for (size_t i = 0; i < ARRAY_LEN(titles); i++) {
		char id[] = {(char)('0' + i), '\0'};

		check_ok(catalogue_add(c, id, titles[i], &err), &err);
	}
	check_ok(catalogue_encode(c, w->tokenizer, w->template, EOS, &err), &err);
	check_ok(trie_init(&w->trie, c->tokens, c->first, c->n, EOS, end, &err), &err);
	w->source = (struct example_source){&w->data, w->tokenizer, w->template, &w->trie, 0, 0, 0};
	free(tokens);
	free(prompt);
}

static void world_release(struct world *w)
{
	trie_release(&w->trie);
	catalogue_release(&w->data.catalogue);
	template_free(w->template);
	tokenizer_free(w->tokenizer);
}

/* The items of a case in order, and how often each place of it was a target. */
struct places {
	uint32_t item[16];
	size_t n, times[16], apart;
};

static void places_init(struct places *p, const struct rec_case *rc)
{
	*p = (struct places){.n = rc->n_history};
	memcpy(p->item, rc->history, rc->n_history * sizeof(*rc->history));
	if (rc->positive != ITEM_NONE)
		p->item[p->n++] = rc->positive;
}

/* Do the prompt of the items before place `i`, from place `from` on, and then the item's tokens stand there? */
static bool stands(const struct world *w, const struct example *e, const struct target *t, const struct places *p,
	size_t from, size_t i)
{
	struct rec_case before = *e->rc;
	struct vec_u32 ids = {0};
	struct err err;
	bool same;

	if (w->trie.item_leaf[p->item[i]] != t->leaf)
		return false;
	before.history = p->item + from;
	before.n_history = i - from;
	check_ok(dataset_prompt(&w->data, &before, w->tokenizer, w->template, 0, &ids, &err), &err);
	same = ids.n == t->at && !memcmp(ids.at, e->tokens, ids.n * sizeof(*ids.at));
	vec_release(&ids);
	return same;
}

static void check_target(const struct world *w, const struct example *e, const struct target *t, struct places *p)
{
	uint32_t path[16];
	size_t n = trie_path(&w->trie, t->leaf, path), most = w->source.max_history;

	assert_int_equal(t->n, n);
	assert_true(t->at >= 1 && t->at + t->n - 1 <= e->n);
	assert_memory_equal(e->tokens + t->at, path, (n - 1) * sizeof(*path));
	for (size_t i = 1; i < p->n; i++)
		for (size_t from = 0; from < i; from++)
			if ((most == 0 ? from == 0 : i - from <= most) && p->times[i] == 0 &&
				stands(w, e, t, p, from, i)) {
				p->times[i]++;
				return;
			}
	fail_msg("case %s: a target at %u stands behind no prompt of the case", e->rc->id, (unsigned)t->at);
}

/* Every example's targets, one case. */
static void check_case(const struct world *w, const struct examples *e, const struct rec_case *rc, struct places *p)
{
	places_init(p, rc);
	for (size_t i = 0; i < e->at.n; i++) {
		const struct example *x = &e->at.at[i];
		const struct target *last = &x->targets[x->n_targets - 1];

		if (x->rc != rc)
			continue;
		p->apart++;
		assert_int_equal(x->n, last->at + last->n - 1);
		for (size_t k = 0; k < x->n_targets; k++) {
			check_target(w, x, &x->targets[k], p);
			if (k > 0)
				assert_true(x->targets[k].at >= x->targets[k - 1].at + x->targets[k - 1].n);
		}
	}
}

static const uint32_t first_history[] = {0, 1, 2, 5, 6, 7, 4, 1, 0};
static const uint32_t second_history[] = {6, 2}, odd_history[] = {2, 3, 5, 0};

static const struct rec_case cases[] = {
	{.id = "1", .history = first_history, .n_history = 9, .positive = 5},
	{.id = "2", .history = second_history, .n_history = 2, .positive = 0},
	{.id = "3", .history = odd_history, .n_history = 4, .positive = 2},
	{.id = "4", .history = second_history, .n_history = 2, .positive = ITEM_NONE},
	{.id = "5", .history = NULL, .n_history = 0, .positive = 2},
	{.id = "6", .history = second_history, .n_history = 2, .positive = 3},
};

static void test_last(void **state)
{
	static const uint32_t second[] = {8, 3, 3, 0, 3, 0, 6, 4};
	struct world w;
	struct examples e;
	struct err err;

	world_init(&w, *state, sequence, END_EOS);
	check_ok(examples_init(&e, &w.source, cases, ARRAY_LEN(cases), TARGETS_LAST, &err), &err);
	assert_int_equal(e.at.n, 4);
	assert_int_equal(e.n_targets, 4);
	assert_int_equal(e.n_unreachable, 2);
	assert_ptr_equal(e.at.at[1].rc, &cases[1]);
	assert_int_equal(e.at.at[1].n, ARRAY_LEN(second));
	assert_memory_equal(e.at.at[1].tokens, second, sizeof(second));
	assert_int_equal(e.at.at[1].n_targets, 1);
	assert_int_equal(e.at.at[1].targets[0].at, 6);
	assert_int_equal(e.at.at[1].targets[0].n, 3);
	assert_int_equal(e.at.at[1].targets[0].leaf, w.trie.item_leaf[0]);
	assert_int_equal(e.longest, e.at.at[0].n);
	examples_release(&e);
	w.source.max_history = 1;
	check_ok(examples_init(&e, &w.source, cases, ARRAY_LEN(cases), TARGETS_LAST, &err), &err);
	assert_int_equal(e.at.at[1].targets[0].at, 3);
	examples_release(&e);
	world_release(&w);
}

/* How many sequences the targets of the cases are in, and that each place but the first is a target once. */
static void check_all(const char *dir, const char *template, size_t max_history, const size_t sequences[3])
{
	struct world w;
	struct examples e;
	struct places p;
	struct err err;

	world_init(&w, dir, template, END_EOS);
	w.source.max_history = max_history;
	check_ok(examples_init(&e, &w.source, cases, ARRAY_LEN(cases), TARGETS_ALL, &err), &err);
	for (size_t c = 0; c < 3; c++) {
		check_case(&w, &e, &cases[c], &p);
		assert_int_equal(p.times[0], 0);
		for (size_t i = 1; i < p.n; i++)
			assert_int_equal(p.times[i], w.trie.item_leaf[p.item[i]] != TRIE_NONE);
		assert_int_equal(p.apart, sequences[c]);
	}
	/* Case 1: 9, case 2: 2, case 3: 3 and the empty item, case 4: 1 and none, case 5: none, case 6: 1 and empty. */
	assert_int_equal(e.n_targets, w.trie.item_leaf[3] == TRIE_NONE ? 16 : 19);
	assert_int_equal(e.n_unreachable, w.trie.item_leaf[3] == TRIE_NONE ? 3 : 1);
	examples_release(&e);
	world_release(&w);
}

/* The template `sequence` lets prompts go on from each other; not so where the empty item stands between. */
static void test_all_joined(void **state)
{
	check_all(*state, sequence, 0, (size_t[]){1, 1, 3});
}

/* A window that cannot be joined teaches nothing of the template, and keeps no later one from being joined. */
static void test_joined_after_a_refusal(void **state)
{
	struct world w;
	struct examples e;
	struct err err;

	world_init(&w, *state, sequence, END_EOS);
	check_ok(examples_init(&e, &w.source, (struct rec_case[]){cases[2], cases[0]}, 2, TARGETS_ALL, &err), &err);
	assert_int_equal(e.at.n, 4);
	assert_int_equal(e.at.at[3].n_targets, 9);
	examples_release(&e);
	world_release(&w);
}

/* Nine targets in windows of 1, 4 and 4. */
static void test_all_in_windows(void **state)
{
	check_all(*state, sequence, 4, (size_t[]){3, 1, 3});
	check_all(*state, sequence, 9, (size_t[]){1, 1, 3});
	check_all(*state, sequence, 1, (size_t[]){9, 2, 3});
}

static void test_all_apart(void **state)
{
	check_all(*state, framed, 0, (size_t[]){9, 2, 3});
	check_all(*state, framed, 3, (size_t[]){9, 2, 3});
}

/* The prompts continue each other as texts; as tokens they do not where an item ends in "b". */
static void test_all_spelt_together(void **state)
{
	check_all(*state, commas, 0, (size_t[]){9, 2, 3});
}

static void test_all_without_separator(void **state)
{
	struct world w;
	struct examples e;
	struct err err;

	world_init(&w, *state, nothing_between, END_EOS);
	check_ok(examples_init(&e, &w.source, cases, 2, TARGETS_ALL, &err), &err);
	assert_int_equal(e.at.n, 11);
	examples_release(&e);
	world_release(&w);
}

/* A hidden item is no target, but the sequence goes on over it. */
static void test_hidden(void **state)
{
	struct world w;
	struct examples e;
	struct places p;
	struct err err;

	world_init(&w, *state, sequence, END_LEAF);
	assert_true(w.trie.item_leaf[4] == TRIE_NONE);
	check_ok(examples_init(&e, &w.source, cases, 1, TARGETS_ALL, &err), &err);
	assert_int_equal(e.at.n, 1);
	check_case(&w, &e, &cases[0], &p);
	assert_int_equal(p.times[6], 0);
	assert_int_equal(e.n_targets + e.n_unreachable, 9);
	examples_release(&e);
	world_release(&w);
}

static void test_refusals(void **state)
{
	struct world w;
	struct examples e;
	struct err err;

	world_init(&w, *state, sequence, END_EOS);
	check_refused(examples_init(&e, &w.source, cases + 3, 1, TARGETS_LAST, &err), &err, ERR_VALUE,
		"nothing to train on in 1 case:");
	check_refused(examples_init(&e, &w.source, cases + 4, 1, TARGETS_ALL, &err), &err, ERR_VALUE,
		"nothing to train on");
	w.source.max_tokens = 7;
	check_refused(examples_init(&e, &w.source, cases + 1, 1, TARGETS_LAST, &err), &err, ERR_VALUE,
		"case '2' makes a sequence of 8 tokens, and the model takes at most 7");
	w.source.max_tokens = 8;
	w.source.vocab = 2;
	check_refused(examples_init(&e, &w.source, cases + 1, 1, TARGETS_LAST, &err), &err, ERR_VALUE,
		"and the model's vocabulary has 2 tokens");
	w.source.vocab = 0;
	check_ok(examples_init(&e, &w.source, cases + 1, 1, TARGETS_LAST, &err), &err);
	examples_release(&e);
	w.data.tokens_only = true;
	check_refused(examples_init(&e, &w.source, cases, 1, TARGETS_ALL, &err), &err, ERR_VALUE,
		"dataset 'made' is made of token ids");
	world_release(&w);
}

static void test_token_dataset(void **state)
{
	static const uint32_t prompt[] = {8, 2, 4};
	const struct rec_case complete = {.id = "x", .prompt = prompt, .n_prompt = 3, .positive = 6};
	struct rec_case empty = complete;
	struct world w;
	struct examples e;
	struct err err;

	world_init(&w, *state, sequence, END_EOS);
	w.data.tokens_only = true;
	w.source.tokenizer = NULL;
	w.source.template = NULL;
	check_ok(examples_init(&e, &w.source, &complete, 1, TARGETS_LAST, &err), &err);
	assert_int_equal(e.at.at[0].n, 5);
	assert_memory_equal(e.at.at[0].tokens, ((uint32_t[]){8, 2, 4, 3, 3}), 5 * sizeof(uint32_t));
	assert_int_equal(e.at.at[0].targets[0].at, 3);
	examples_release(&e);
	empty.n_prompt = 0;
	check_refused(examples_init(&e, &w.source, &empty, 1, TARGETS_LAST, &err), &err, ERR_VALUE,
		"case 'x' has an empty prompt");
	world_release(&w);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		in_tempdir(test_last),
		in_tempdir(test_all_joined),
		in_tempdir(test_joined_after_a_refusal),
		in_tempdir(test_all_in_windows),
		in_tempdir(test_all_apart),
		in_tempdir(test_all_spelt_together),
		in_tempdir(test_all_without_separator),
		in_tempdir(test_hidden),
		in_tempdir(test_refusals),
		in_tempdir(test_token_dataset),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
