#include "text/bpe_learn.h"

#include <stdint.h>
#include <string.h>

#include "base/map.h"
#include "base/mem.h"
#include "base/utf8.h"
#include "base/vec.h"
#include "text/quote.h"
#include "text/steps_load.h"
#include "text/tokenizer_write.h"
#include "text/vocab.h"

#define WORD_MAX 1000 /* bytes */

/* A distinct word of the texts, as the tokens that it consists of so far. */
struct word {
	uint32_t *ids; /* [n], in the arena */
	uint32_t n;
	size_t count; /* times it occurs */
};

/* Two tokens that stand side by side somewhere. */
struct pair {
	uint32_t left, right;
	size_t count;         /* places in all texts where it stands now; "aaa" has two of "aa" */
	struct vec_u32 words; /* every word that has it, and some that had it */
	bool refused;         /* it would spell a special token */
	bool touched;         /* its count has grown since it was queued */
};

/* A pair as it was when it was queued. Its priority may have fallen since, but not grown. */
struct candidate {
	size_t priority;
	uint32_t left, right, pair;
};

struct learner {
	struct arena arena;
	VEC(const char *) tokens; /* spellings in GPT-2's characters, by id */
	struct map ids;           /* by spelling */
	uint32_t first_byte;      /* id of the byte 0 */
	VEC(struct word) words;
	struct map by_text; /* words */
	VEC(struct pair) pairs;
	struct map by_ids; /* pairs */
	VEC(struct candidate) heap;
	struct vec_u32 touched; /* pairs */
	struct vec_u32 merges;  /* pairs in the order of their merging */
};

static void learner_init(struct learner *l)
{
	*l = (struct learner){0};
	arena_init(&l->arena);
	map_init(&l->ids, 0);
	map_init(&l->by_text, 0);
	map_init(&l->by_ids, 0);
}

static void learner_release(struct learner *l)
{
	for (size_t i = 0; i < l->pairs.n; i++)
		vec_release(&l->pairs.at[i].words);
	vec_release(&l->pairs);
	vec_release(&l->tokens);
	vec_release(&l->words);
	vec_release(&l->heap);
	vec_release(&l->touched);
	vec_release(&l->merges);
	map_release(&l->ids);
	map_release(&l->by_text);
	map_release(&l->by_ids);
	arena_release(&l->arena);
}

/* A new token, which must not be there yet. */
static int add_token(struct learner *l, const char *spelling, struct err *err)
{
	const char *kept = arena_strdup(&l->arena, spelling);
	bool added;

	map_put(&l->ids, kept, strlen(kept), (uint32_t)l->tokens.n, &added);
	if (!added)
		return err_set(err, ERR_VALUE, "token \"%.*s\" is given twice, or is a special token",
			QUOTE(strlen(kept), kept));
	vec_push(&l->tokens, kept);
	return 0;
}

static int add_specials(struct learner *l, const struct bpe_special *specials, size_t n, struct err *err)
{
	for (size_t i = 0; i < n; i++)
		if (add_token(l, specials[i].text, err))
			return -1;
	return 0;
}

static int add_bytes(struct learner *l, struct err *err)
{
	l->first_byte = (uint32_t)l->tokens.n;
	for (unsigned byte = 0; byte < 256; byte++) {
		char spelling[5] = "";

		utf8_encode(steps_byte_char((unsigned char)byte), spelling);
		if (add_token(l, spelling, err))
			return -1;
	}
	return 0;
}

static void add_word(struct learner *l, const char *text, size_t len)
{
	struct word w = {.n = (uint32_t)len, .count = 1};
	uint32_t known;
	bool added;

	if (len > WORD_MAX || len == 0)
		return;
	if (map_get(&l->by_text, text, len, &known)) {
		l->words.at[known].count++;
		return;
	}
	map_put(&l->by_text, arena_strndup(&l->arena, text, len), len, (uint32_t)l->words.n, &added);
	w.ids = arena_alloc(&l->arena, len * sizeof(*w.ids));
	for (size_t i = 0; i < len; i++)
		w.ids[i] = l->first_byte + (unsigned char)text[i];
	vec_push(&l->words, w);
}

static int add_words(
	struct learner *l, const struct pattern *words, const char *text, pcre2_match_data *match, struct err *err)
{
	size_t len = strlen(text), start, end;
	struct pattern_walk walk;
	bool found = true;

	if (!utf8_valid(text, len))
		return err_set(err, ERR_VALUE, "text \"%.*s\" is not valid UTF-8", QUOTE(len, text));
	pattern_walk_start(&walk, words, text, len, match);
	while (found) {
		if (pattern_walk_next(&walk, &found, &start, &end, err))
			return -1;
		if (found)
			add_word(l, text + start, end - start);
	}
	return 0;
}

static int read_texts(struct learner *l, const char *const *texts, size_t n, struct err *err)
{
	pcre2_match_data *match = pcre2_match_data_create(1, NULL);
	struct pattern words = {0};
	int ret = -1;

	if (!match) {
		err_set(err, ERR_MEMORY, "no memory for a search");
		goto out;
	}
	if (pattern_regex(&words, steps_gpt2_words, strlen(steps_gpt2_words), err))
		goto out;
	for (size_t i = 0; i < n; i++)
		if (add_words(l, &words, texts[i], match, err))
			goto out;
	ret = 0;
out:
	pattern_release(&words);
	pcre2_match_data_free(match);
	return ret;
}

static uint32_t find_pair(struct learner *l, uint32_t left, uint32_t right)
{
	uint32_t ids[2] = {left, right}, *key, known;
	bool added;

	if (map_get(&l->by_ids, (const char *)ids, sizeof(ids), &known))
		return known;
	key = memcpy(arena_alloc(&l->arena, sizeof(ids)), ids, sizeof(ids));
	map_put(&l->by_ids, (const char *)key, sizeof(ids), (uint32_t)l->pairs.n, &added);
	vec_push(&l->pairs, (struct pair){.left = left, .right = right});
	return (uint32_t)(l->pairs.n - 1);
}

static void count_pairs(struct learner *l, uint32_t word)
{
	const struct word *w = &l->words.at[word];

	for (uint32_t i = 0; i + 1 < w->n; i++) {
		uint32_t at = find_pair(l, w->ids[i], w->ids[i + 1]);
		struct pair *p = &l->pairs.at[at];

		p->count += w->count;
		if (p->words.n == 0 || p->words.at[p->words.n - 1] != word)
			vec_push(&p->words, word);
		if (!p->touched)
			vec_push(&l->touched, at);
		p->touched = true;
	}
}

static void uncount_pairs(struct learner *l, uint32_t word)
{
	const struct word *w = &l->words.at[word];

	for (uint32_t i = 0; i + 1 < w->n; i++)
		l->pairs.at[find_pair(l, w->ids[i], w->ids[i + 1])].count -= w->count;
}

/* What is to be merged next has the highest priority; 0: nothing. */
static size_t priority(const struct pair *p)
{
	return p->refused || p->count < 2 ? 0 : p->count;
}

static bool before(const struct candidate *a, const struct candidate *b)
{
	if (a->priority != b->priority)
		return a->priority > b->priority;
	return a->left != b->left ? a->left < b->left : a->right < b->right;
}

static void queue(struct learner *l, uint32_t pair)
{
	struct pair *p = &l->pairs.at[pair];
	struct candidate c = {priority(p), p->left, p->right, pair};
	size_t i;

	p->touched = false;
	if (c.priority == 0)
		return;
	vec_push(&l->heap, c);
	for (i = l->heap.n - 1; i > 0 && before(&c, &l->heap.at[(i - 1) / 2]); i = (i - 1) / 2)
		l->heap.at[i] = l->heap.at[(i - 1) / 2];
	l->heap.at[i] = c;
}

static void queue_touched(struct learner *l)
{
	for (size_t i = 0; i < l->touched.n; i++)
		queue(l, l->touched.at[i]);
	vec_clear(&l->touched);
}

static struct candidate pop(struct learner *l)
{
	struct candidate best = l->heap.at[0], last = l->heap.at[--l->heap.n];
	size_t i = 0;

	for (size_t child; (child = 2 * i + 1) < l->heap.n; i = child) {
		if (child + 1 < l->heap.n && before(&l->heap.at[child + 1], &l->heap.at[child]))
			child++;
		if (!before(&l->heap.at[child], &last))
			break;
		l->heap.at[i] = l->heap.at[child];
	}
	l->heap.at[i] = last;
	return best;
}

/* The pair to be merged next; NULL when there is none. */
static struct pair *next_pair(struct learner *l)
{
	while (l->heap.n > 0) {
		struct candidate c = pop(l);
		struct pair *p = &l->pairs.at[c.pair];

		if (c.priority == priority(p))
			return p;
		queue(l, c.pair);
	}
	return NULL;
}

/* Makes a token of a pair, or refuses it where there is one of its spelling. That can only be a special token: two
 * pairs never spell the same, since how a stretch of text is spelt up to a merge depends on nothing but the stretch. */
static void make_token(struct learner *l, struct pair *p)
{
	char *spelling = xasprintf("%s%s", l->tokens.at[p->left], l->tokens.at[p->right]);
	struct err ignored;

	p->refused = add_token(l, spelling, &ignored) < 0;
	free(spelling);
}

/* From left to right. */
static void merge_word(struct word *w, uint32_t left, uint32_t right, uint32_t result)
{
	uint32_t n = 0;

	for (uint32_t i = 0; i < w->n; i++) {
		bool merges = i + 1 < w->n && w->ids[i] == left && w->ids[i + 1] == right;

		w->ids[n++] = merges ? result : w->ids[i];
		i += merges;
	}
	w->n = n;
}

/* The pair's parts become the token in every word. */
static void merge_everywhere(struct learner *l, uint32_t pair, uint32_t token)
{
	struct pair p = l->pairs.at[pair]; /* which moves when others are added */

	l->pairs.at[pair].words = (struct vec_u32){0};
	for (size_t i = 0; i < p.words.n; i++) {
		uncount_pairs(l, p.words.at[i]);
		merge_word(&l->words.at[p.words.at[i]], p.left, p.right, token);
		count_pairs(l, p.words.at[i]);
	}
	vec_release(&p.words);
	queue_touched(l);
}

static void learn(struct learner *l, size_t vocab)
{
	for (uint32_t i = 0; i < l->words.n; i++)
		count_pairs(l, i);
	queue_touched(l);
	while (l->tokens.n < vocab) {
		struct pair *p = next_pair(l);
		uint32_t pair;

		if (!p)
			break;
		make_token(l, p);
		if (p->refused)
			continue;
		pair = (uint32_t)(p - l->pairs.at);
		vec_push(&l->merges, pair);
		merge_everywhere(l, pair, (uint32_t)l->tokens.n - 1);
	}
}

static json_t *vocabulary(const struct learner *l)
{
	json_t *vocab = json_object();

	for (size_t i = 0; i < l->tokens.n; i++)
		json_object_set_new(vocab, l->tokens.at[i], json_integer((json_int_t)i));
	return vocab;
}

static json_t *merge_list(const struct learner *l)
{
	json_t *merges = json_array();

	for (size_t i = 0; i < l->merges.n; i++) {
		const struct pair *p = &l->pairs.at[l->merges.at[i]];

		json_array_append_new(merges, json_sprintf("%s %s", l->tokens.at[p->left], l->tokens.at[p->right]));
	}
	return merges;
}

static int write_files(
	const struct learner *l, const char *dir, struct tokenizer_parts *parts, size_t *size, struct err *err)
{
	int ret;

	parts->vocab = vocabulary(l);
	parts->merges = merge_list(l);
	ret = tokenizer_write(dir, parts, err);
	json_decref(parts->vocab);
	json_decref(parts->merges);
	*size = l->tokens.n;
	return ret;
}

int bpe_learn(const char *dir, const char *const *texts, size_t n, size_t vocab, const struct bpe_special *specials,
	size_t n_specials, size_t *size, struct err *err)
{
	struct tokenizer_parts parts = {.specials = specials, .n_specials = n_specials, .byte_level = true};
	struct learner l;
	int ret = -1;

	if (vocab < n_specials + 256 || vocab > VOCAB_MAX_ID)
		return err_set(err, ERR_VALUE,
			"a vocabulary of %zu tokens cannot be: %zu special tokens and 256 bytes are always in it, and "
			"%u is the most",
			vocab, n_specials, VOCAB_MAX_ID);
	learner_init(&l);
	if (add_specials(&l, specials, n_specials, err) || add_bytes(&l, err) || read_texts(&l, texts, n, err))
		goto out;
	learn(&l, vocab);
	ret = write_files(&l, dir, &parts, size, err);
out:
	learner_release(&l);
	return ret;
}

int codebook_write(const char *dir, const char *const *tokens, size_t n, const struct bpe_special *specials,
	size_t n_specials, size_t *size, struct err *err)
{
	struct tokenizer_parts parts = {
		.specials = specials,
		.n_specials = n_specials,
		.added = tokens,
		.n_added = n,
	};
	struct learner l;
	int ret = -1;

	learner_init(&l);
	if (add_specials(&l, specials, n_specials, err))
		goto out;
	for (size_t i = 0; i < n; i++)
		if (add_token(&l, tokens[i], err))
			goto out;
	ret = write_files(&l, dir, &parts, size, err);
out:
	learner_release(&l);
	return ret;
}
