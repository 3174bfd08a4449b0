#include "text/bpe.h"

#include <string.h>

#include "base/utf8.h"
#include "text/quote.h"

/* A symbol of the word being merged; symbols are a doubly linked list in one array, in the order of the text. */
struct symbol {
	uint32_t id;         /* TOKEN_NONE: merged into the one before it */
	uint32_t prev, next; /* NO_SYMBOL at the ends */
};

#define NO_SYMBOL UINT32_MAX

/* A merge that was possible when it was queued; outdated when the pair at `at` is another by now. */
struct candidate {
	uint32_t rank, at;
	uint32_t left, right, result;
};

void bpe_init(struct bpe *b, const struct vocab *vocab, size_t merges)
{
	*b = (struct bpe){.vocab = vocab, .unk = TOKEN_NONE};
	for (b->merge_cap = 16; b->merge_cap < 2 * merges;)
		b->merge_cap *= 2;
	b->merges = xreallocarray(NULL, b->merge_cap, sizeof(*b->merges));
	for (size_t i = 0; i < b->merge_cap; i++)
		b->merges[i].left = TOKEN_NONE;
}

void bpe_release(struct bpe *b)
{
	free(b->merges);
}

/* The slot that holds the pair, or the free one where it would go. */
static struct merge *merge_slot(const struct bpe *b, uint32_t left, uint32_t right)
{
	uint64_t hash = ((uint64_t)left << 32 | right) * 0x9E3779B97F4A7C15u; /* 2^64 over the golden ratio */
	size_t mask = b->merge_cap - 1;

	for (size_t i = (hash >> 32) & mask;; i = (i + 1) & mask) {
		struct merge *m = &b->merges[i];

		if (m->left == TOKEN_NONE || (m->left == left && m->right == right))
			return m;
	}
}

static int find_merge_part(const struct bpe *b, const char *text, size_t len, uint32_t *id, struct err *err)
{
	*id = vocab_find_in_model(b->vocab, text, len);
	if (*id == TOKEN_NONE)
		return err_set(err, ERR_FORMAT, "\"%.*s\" is not in the vocabulary", QUOTE(len, text));
	return 0;
}

int bpe_add_merge(
	struct bpe *b, const char *left, size_t left_len, const char *right, size_t right_len, struct err *err)
{
	struct merge m = {.rank = (uint32_t)b->merge_count}, *slot;
	char small[256];
	char *whole = small;
	int rc = -1;

	if (2 * b->merge_count >= b->merge_cap)
		BUG("more merges than announced");
	if (left_len + right_len > sizeof(small))
		whole = xmalloc(left_len + right_len);
	memcpy(whole, left, left_len);
	memcpy(whole + left_len, right, right_len);
	if (find_merge_part(b, left, left_len, &m.left, err) < 0 ||
		find_merge_part(b, right, right_len, &m.right, err) < 0 ||
		find_merge_part(b, whole, left_len + right_len, &m.result, err) < 0)
		goto out;
	slot = merge_slot(b, m.left, m.right);
	*slot = m;
	b->merge_count++;
	rc = 0;
out:
	if (whole != small)
		free(whole);
	return rc;
}

void bpe_add_ranked(struct bpe *b, const struct merge *merge)
{
	if (2 * b->merge_count >= b->merge_cap)
		BUG("more merges than announced");
	*merge_slot(b, merge->left, merge->right) = *merge;
	b->merge_count++;
}

struct listed_merge {
	struct merge merge;
	uint32_t left_len;
};

static int by_rank(const void *va, const void *vb)
{
	const struct listed_merge *a = va, *b = vb;

	if (a->merge.rank != b->merge.rank)
		return a->merge.rank < b->merge.rank ? -1 : 1;
	if (a->merge.result != b->merge.result)
		return a->merge.result < b->merge.result ? -1 : 1;
	return (a->left_len < b->left_len) - (a->left_len > b->left_len);
}

struct merge *bpe_merges(const struct bpe *b, size_t *n)
{
	struct listed_merge *list = xreallocarray(NULL, b->merge_count + 1, sizeof(*list));
	struct merge *merges = xreallocarray(NULL, b->merge_count + 1, sizeof(*merges));

	*n = 0;
	for (size_t i = 0; i < b->merge_cap; i++)
		if (b->merges[i].left != TOKEN_NONE)
			list[(*n)++] = (struct listed_merge){b->merges[i], b->vocab->tokens.at[b->merges[i].left].len};
	qsort(list, *n, sizeof(*list), by_rank);
	for (size_t i = 0; i < *n; i++)
		merges[i] = list[i].merge;
	free(list);
	return merges;
}

void bpe_finish(struct bpe *b)
{
	char text[8];

	for (uint32_t c = 0; c < BPE_TABLE_CHARS; c++)
		b->char_ids[c] = vocab_find_in_model(b->vocab, text, utf8_encode(c, text));
	vocab_byte_ids(b->vocab, b->byte_ids);
	if (b->unk_name)
		b->unk = vocab_find_in_model(b->vocab, b->unk_name, strlen(b->unk_name));
}

void bpe_scratch_release(struct bpe_scratch *s)
{
	vec_release(&s->symbols);
	vec_release(&s->heap);
}

static void add_symbol(struct bpe_scratch *s, uint32_t id)
{
	uint32_t at = (uint32_t)s->symbols.n;

	if (at > 0)
		s->symbols.at[at - 1].next = at;
	vec_push(&s->symbols, (struct symbol){.id = id, .prev = at > 0 ? at - 1 : NO_SYMBOL, .next = NO_SYMBOL});
}

static bool add_bytes(const struct bpe *b, struct bpe_scratch *s, const char *c, size_t len)
{
	for (size_t i = 0; i < len; i++)
		if (b->byte_ids[(unsigned char)c[i]] == TOKEN_NONE)
			return false;
	for (size_t i = 0; i < len; i++)
		add_symbol(s, b->byte_ids[(unsigned char)c[i]]);
	return true;
}

/* The word's characters as symbols. An unknown token is held back until a known character or the end of the word, so
 * that fuse_unk can make one of several; characters that were spelt in bytes do not release it (as in HF). */
static int split_characters(
	const struct bpe *b, struct bpe_scratch *s, const char *word, size_t len, size_t *unknown, struct err *err)
{
	bool held = false;

	for (size_t i = 0, n; i < len; i += n) {
		uint32_t c, id;

		n = utf8_decode(word + i, len - i, &c);
		if (n == 0)
			BUG("a word is not valid UTF-8");
		id = c < BPE_TABLE_CHARS ? b->char_ids[c] : vocab_find_in_model(b->vocab, word + i, n);
		if (id != TOKEN_NONE) {
			if (held)
				add_symbol(s, b->unk);
			held = false;
			add_symbol(s, id);
		} else if (b->byte_fallback && add_bytes(b, s, word + i, n)) {
			continue;
		} else if (!b->unk_name) {
			++*unknown;
		} else if (b->unk == TOKEN_NONE) {
			return err_set(err, ERR_VALUE,
				"character U+%04X has no token, and the unknown token \"%s\" is not in the vocabulary",
				c, b->unk_name);
		} else if (!held || !b->fuse_unk) {
			if (held)
				add_symbol(s, b->unk);
			held = true;
			++*unknown;
		}
	}
	if (held)
		add_symbol(s, b->unk);
	return 0;
}

static bool before(const struct candidate *a, const struct candidate *b)
{
	return a->rank < b->rank || (a->rank == b->rank && a->at < b->at);
}

/* Queues the merge of the symbol at `at` with its successor, if there is one. */
static void queue_pair(const struct bpe *b, struct bpe_scratch *s, uint32_t at)
{
	uint32_t next = at == NO_SYMBOL ? NO_SYMBOL : s->symbols.at[at].next;
	struct candidate c;
	const struct merge *m;
	size_t i;

	if (next == NO_SYMBOL)
		return;
	m = merge_slot(b, s->symbols.at[at].id, s->symbols.at[next].id);
	if (m->left == TOKEN_NONE)
		return;
	c = (struct candidate){m->rank, at, m->left, m->right, m->result};
	vec_push(&s->heap, c);
	for (i = s->heap.n - 1; i > 0 && before(&c, &s->heap.at[(i - 1) / 2]); i = (i - 1) / 2)
		s->heap.at[i] = s->heap.at[(i - 1) / 2];
	s->heap.at[i] = c;
}

static struct candidate pop_best(struct bpe_scratch *s)
{
	struct candidate best = s->heap.at[0], last = s->heap.at[--s->heap.n];
	size_t i = 0;

	for (size_t child; (child = 2 * i + 1) < s->heap.n; i = child) {
		if (child + 1 < s->heap.n && before(&s->heap.at[child + 1], &s->heap.at[child]))
			child++;
		if (!before(&s->heap.at[child], &last))
			break;
		s->heap.at[i] = s->heap.at[child];
	}
	s->heap.at[i] = last;
	return best;
}

static void merge_symbols(const struct bpe *b, struct bpe_scratch *s)
{
	for (uint32_t i = 0; i + 1 < s->symbols.n; i++)
		queue_pair(b, s, i);
	while (s->heap.n > 0) {
		struct candidate best = pop_best(s);
		struct symbol *left = &s->symbols.at[best.at], *right;

		if (left->id != best.left || left->next == NO_SYMBOL)
			continue;
		right = &s->symbols.at[left->next];
		if (right->id != best.right)
			continue;
		left->id = best.result;
		left->next = right->next;
		right->id = TOKEN_NONE;
		if (left->next != NO_SYMBOL)
			s->symbols.at[left->next].prev = best.at;
		queue_pair(b, s, left->prev);
		queue_pair(b, s, best.at);
	}
}

int bpe_word(const struct bpe *b, struct bpe_scratch *s, const char *word, size_t len, struct vec_u32 *ids,
	size_t *unknown, struct err *err)
{
	uint32_t whole = b->ignore_merges ? vocab_find_in_model(b->vocab, word, len) : TOKEN_NONE;

	if (whole != TOKEN_NONE) {
		vec_push(ids, whole);
		return 0;
	}
	if (len >= NO_SYMBOL)
		return err_set(err, ERR_VALUE, "a text of %zu bytes is too long", len);
	vec_clear(&s->symbols);
	if (split_characters(b, s, word, len, unknown, err) < 0)
		return -1;
	merge_symbols(b, s);
	for (uint32_t i = s->symbols.n > 0 ? 0 : NO_SYMBOL; i != NO_SYMBOL; i = s->symbols.at[i].next)
		vec_push(ids, s->symbols.at[i].id);
	return 0;
}
