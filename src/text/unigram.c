#include "text/unigram.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/utf8.h"

#define UNKNOWN_PENALTY 10 /* below the lowest score */

/* The best way found so far from the word's beginning to a place in it. */
struct unigram_path {
	double score;
	uint32_t start; /* of its last piece; NO_PATH: none was found yet */
	uint32_t id;
};

#define NO_PATH UINT32_MAX

void unigram_init(struct unigram *u, const struct vocab *vocab)
{
	*u = (struct unigram){.vocab = vocab, .unk = TOKEN_NONE};
}

void unigram_release(struct unigram *u)
{
	vec_release(&u->scores);
	vec_release(&u->nodes);
}

void unigram_scratch_release(struct unigram_scratch *s)
{
	vec_release(&s->paths);
	vec_release(&s->ends);
}

/*
 * That reader takes the digits of the shortest decimal that means the score as one integer, which it rounds to a
 * double, and then multiplies or divides that by a power of ten, with a second rounding.
 */
double unigram_read_score(double score)
{
	char text[32], *at = text;
	uint64_t digits = 0;
	double power;
	long exponent = 0;

	for (int n = 14; n <= 16; n++) {
		snprintf(text, sizeof(text), "%.*e", n, fabs(score));
		if (strtod(text, NULL) == fabs(score))
			break;
	}
	for (; *at != 'e'; at++) {
		if (*at < '0' || *at > '9') /* the decimal point, whatever the locale writes for it */
			continue;
		digits = 10 * digits + (uint64_t)(*at - '0');
		exponent -= at > text;
	}
	for (; digits && digits % 10 == 0; digits /= 10)
		exponent++;
	exponent += strtol(at + 1, NULL, 10);
	snprintf(text, sizeof(text), "1e%ld", labs(exponent));
	power = strtod(text, NULL);
	if (isinf(power))
		return score;
	return copysign(exponent < 0 ? (double)digits / power : (double)digits * power, score);
}

static int by_bytes(const void *va, const void *vb)
{
	const struct token *a = *(const struct token *const *)va, *b = *(const struct token *const *)vb;
	int order = memcmp(a->text, b->text, a->len < b->len ? a->len : b->len);

	return order ? order : (a->len > b->len) - (a->len < b->len);
}

/* The model's pieces sorted by their bytes, and their number. Caller frees. */
static const struct token **sort_pieces(const struct vocab *v, size_t *n)
{
	const struct token **sorted = xreallocarray(NULL, v->tokens.n + 1, sizeof(*sorted));

	*n = 0;
	for (size_t i = 0; i < v->tokens.n; i++)
		if (v->tokens.at[i].in_model)
			sorted[(*n)++] = &v->tokens.at[i];
	qsort(sorted, *n, sizeof(*sorted), by_bytes);
	return sorted;
}

/* The sorted pieces below a node, lo … hi-1, which share their first `depth` bytes: the way to it. */
struct subtree {
	size_t lo, hi, depth;
};

static void build_trie(struct unigram *u, const struct token *const *sorted, size_t n)
{
	VEC(struct subtree) below = {0}; /* every node, in step with u->nodes */

	vec_push(&u->nodes, (struct unigram_node){.id = TOKEN_NONE});
	vec_push(&below, (struct subtree){0, n, 0});
	for (size_t i = 0; i < u->nodes.n; i++) {
		struct subtree s = below.at[i];

		if (s.lo < s.hi && sorted[s.lo]->len == s.depth) {
			u->nodes.at[i].id = (uint32_t)(sorted[s.lo++] - u->vocab->tokens.at);
			u->nodes.at[i].score = unigram_read_score(u->scores.at[u->nodes.at[i].id]);
		}
		u->nodes.at[i].first = (uint32_t)u->nodes.n;
		for (size_t end; s.lo < s.hi; s.lo = end) {
			unsigned char byte = (unsigned char)sorted[s.lo]->text[s.depth];

			for (end = s.lo + 1; end < s.hi && (unsigned char)sorted[end]->text[s.depth] == byte;)
				end++;
			vec_push(&u->nodes, (struct unigram_node){.id = TOKEN_NONE, .byte = byte});
			vec_push(&below, (struct subtree){s.lo, end, s.depth + 1});
			u->nodes.at[i].children++;
		}
	}
	vec_release(&below);
}

static int check_pieces(const struct vocab *v, struct err *err)
{
	size_t sum = 0;

	for (size_t i = 0; i < v->tokens.n; i++) {
		const struct token *piece = &v->tokens.at[i];

		if (!piece->in_model)
			continue;
		sum += piece->len;
		if (piece->len > UNIGRAM_MAX_PIECE)
			return err_set(err, ERR_FORMAT, "piece %zu of the vocabulary has %u bytes, more than %u", i,
				piece->len, UNIGRAM_MAX_PIECE);
		if (sum > UNIGRAM_MAX_BYTES)
			return err_set(err, ERR_FORMAT, "the pieces of the vocabulary have more than %zu bytes",
				UNIGRAM_MAX_BYTES);
	}
	return 0;
}

int unigram_finish(struct unigram *u, struct err *err)
{
	const struct token **sorted;
	double lowest = INFINITY;
	size_t n;

	if (check_pieces(u->vocab, err) < 0)
		return -1;
	sorted = sort_pieces(u->vocab, &n);
	build_trie(u, sorted, n);
	free(sorted);
	for (size_t i = 0; i < u->nodes.n; i++)
		if (u->nodes.at[i].id != TOKEN_NONE && u->nodes.at[i].score < lowest)
			lowest = u->nodes.at[i].score;
	u->unknown_score = lowest - UNKNOWN_PENALTY;
	vocab_byte_ids(u->vocab, u->byte_ids);
	return 0;
}

/* NULL where the node has no child for the byte. */
static const struct unigram_node *child(const struct unigram *u, const struct unigram_node *node, unsigned char byte)
{
	const struct unigram_node *children = &u->nodes.at[node->first];
	size_t lo = 0, hi = node->children;

	while (lo < hi) {
		size_t mid = lo + (hi - lo) / 2;

		if (children[mid].byte < byte)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo < node->children && children[lo].byte == byte ? &children[lo] : NULL;
}

/* Whether a path would be the best one to its end. */
static bool better(const struct unigram_path *known, double score)
{
	return known->start == NO_PATH || score > known->score;
}

/* Goes on from the place `at`, where a character of n bytes stands. */
static int extend_paths(const struct unigram *u, struct unigram_path *paths, const char *word, size_t len, size_t at,
	size_t n, struct err *err)
{
	const struct unigram_node *node = &u->nodes.at[0];
	double score = paths[at].score;
	bool is_piece = false;
	uint32_t c;

	for (size_t end = at; end < len;) {
		node = child(u, node, (unsigned char)word[end++]);
		if (!node)
			break;
		if (node->id == TOKEN_NONE)
			continue;
		is_piece |= end - at == n;
		if (better(&paths[end], score + node->score))
			paths[end] = (struct unigram_path){score + node->score, (uint32_t)at, node->id};
	}
	if (is_piece || !better(&paths[at + n], score + u->unknown_score))
		return 0;
	if (u->unk == TOKEN_NONE) {
		utf8_decode(word + at, len - at, &c);
		return err_set(
			err, ERR_VALUE, "character U+%04X has no token, and the model names no unknown token", c);
	}
	paths[at + n] = (struct unigram_path){score + u->unknown_score, (uint32_t)at, u->unk};
	return 0;
}

static bool add_bytes(const struct unigram *u, const char *text, size_t len, struct vec_u32 *ids)
{
	for (size_t i = 0; i < len; i++)
		if (u->byte_ids[(unsigned char)text[i]] == TOKEN_NONE)
			return false;
	for (size_t i = 0; i < len; i++)
		vec_push(ids, u->byte_ids[(unsigned char)text[i]]);
	return true;
}

static void add_unknown(const struct unigram *u, const char *text, size_t len, struct vec_u32 *ids, size_t *unknown)
{
	uint32_t id = vocab_find_in_model(u->vocab, text, len);

	if (id == TOKEN_NONE && u->byte_fallback && add_bytes(u, text, len, ids))
		return;
	*unknown += id == TOKEN_NONE;
	vec_push(ids, id != TOKEN_NONE ? id : u->unk);
}

int unigram_word(const struct unigram *u, struct unigram_scratch *s, const char *word, size_t len, struct vec_u32 *ids,
	size_t *unknown, struct err *err)
{
	uint32_t c;

	if (len >= NO_PATH)
		return err_set(err, ERR_VALUE, "a text of %zu bytes is too long", len);
	vec_clear(&s->paths);
	vec_clear(&s->ends);
	for (size_t i = 0; i <= len; i++)
		vec_push(&s->paths, (struct unigram_path){.start = NO_PATH});
	for (size_t at = 0, n; at < len; at += n) {
		n = utf8_decode(word + at, len - at, &c);
		if (n == 0)
			BUG("a word is not valid UTF-8");
		if (extend_paths(u, s->paths.at, word, len, at, n, err) < 0)
			return -1;
	}
	for (uint32_t end = (uint32_t)len; end > 0; end = s->paths.at[end].start)
		vec_push(&s->ends, end);
	while (s->ends.n > 0) {
		const struct unigram_path *path = &s->paths.at[s->ends.at[--s->ends.n]];
		uint32_t end = s->ends.at[s->ends.n], start = path->start;

		if (path->id != u->unk) {
			vec_push(ids, path->id);
			continue;
		}
		for (; s->ends.n > 0 && s->paths.at[s->ends.at[s->ends.n - 1]].id == u->unk; s->ends.n--)
			end = s->ends.at[s->ends.n - 1];
		add_unknown(u, word + start, end - start, ids, unknown);
	}
	return 0;
}
