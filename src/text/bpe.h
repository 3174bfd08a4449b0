/*
 * The byte-pair merges of a vocabulary (Sennrich, Haddow and Birch 2016), applied as Hugging Face's BPE model does: a
 * word starts as one symbol a character; the adjacent pair whose merge was listed first (the leftmost of equals)
 * becomes one symbol, until no adjacent pair has a merge.
 *
 * A character without a token of its own becomes, in this order: its UTF-8 bytes as tokens <0xNN>, where byte fallback
 * is on and the vocabulary has all of them; the unknown token; nothing.
 */
#ifndef TEXT_BPE_H
#define TEXT_BPE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/vec.h"
#include "text/vocab.h"

/* Characters below this are looked up in a table; it covers the alphabet of byte-level vocabularies. */
#define BPE_TABLE_CHARS 0x180

struct merge {
	uint32_t left, right; /* left is TOKEN_NONE in a free slot */
	uint32_t rank, result;
};

struct bpe {
	const struct vocab *vocab; /* borrowed */
	struct merge *merges;     /* owned; open addressing, merge_cap is 0 or a power of two */
	size_t merge_count, merge_cap;
	uint32_t char_ids[BPE_TABLE_CHARS]; /* set by bpe_finish, as is byte_ids; TOKEN_NONE where there is no token */
	uint32_t byte_ids[256];             /* of <0xNN> */
	uint32_t unk;                       /* of unk_name, or TOKEN_NONE */
	const char *unk_name;               /* NULL: the file names no unknown token */
	bool byte_fallback, fuse_unk, ignore_merges;
};

/* vocab is borrowed until the release; tokens are added to it before the merges that need them. merges: how many are to
 * come, for sizing. */
void bpe_init(struct bpe *b, const struct vocab *vocab, size_t merges);
void bpe_release(struct bpe *b); /* a zeroed one is fine */

/* Merges are added in the order of their ranks. Both parts and the whole must be tokens of the model. The later of two
 * equal merges counts. */
int bpe_add_merge(struct bpe *b, const char *left, size_t left_len, const char *right, size_t right_len,
	struct err *err) MUST_CHECK;
/* The merges that count, by rank. Of one rank those to one token stand together, that with the longer left part first:
 * the order in which Hugging Face's converter lists merges that it makes of scores. Caller frees. */
struct merge *bpe_merges(const struct bpe *b, size_t *n);
/* Adds one of tokens that are known by their ids, with a rank of the caller's; several may have one rank. Either all
 * merges are added so or none. */
void bpe_add_ranked(struct bpe *b, const struct merge *merge);
void bpe_finish(struct bpe *b); /* after the last token and merge, and after unk_name was set */

/* Scratch for bpe_word: zeroed is empty, kept from word to word, one thread at a time. */
struct bpe_scratch {
	VEC(struct symbol) symbols;
	VEC(struct candidate) heap;
};
void bpe_scratch_release(struct bpe_scratch *s);

/* Appends the ids of a word (valid UTF-8). *unknown grows by the ids of the unknown token and by the characters that
 * were dropped. */
int bpe_word(const struct bpe *b, struct bpe_scratch *s, const char *word, size_t len, struct vec_u32 *ids,
	size_t *unknown, struct err *err) MUST_CHECK;

#endif
