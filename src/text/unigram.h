/*
 * A unigram language model over the pieces of a vocabulary (Kudo 2018), applied as Hugging Face's Unigram does it: of
 * all ways to cut a word into pieces the one whose scores have the highest sum, added up from left to right in double
 * precision. Of equal sums the one counts whose last piece begins first, and so on leftwards.
 *
 * A character that is no piece by itself may stand alone as an unknown one, for 10 less than the lowest score. A run of
 * unknown characters becomes, in this order: the token that is spelt so; its UTF-8 bytes as tokens <0xNN>, where byte
 * fallback is on and the vocabulary has all of them; one unknown token.
 */
#ifndef TEXT_UNIGRAM_H
#define TEXT_UNIGRAM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/vec.h"
#include "text/vocab.h"

/* A node of the trie over the pieces' bytes. */
#define UNIGRAM_MAX_PIECE 1024u
#define UNIGRAM_MAX_BYTES ((size_t)1 << 24)

struct unigram_node {
	uint32_t first;    /* of its children, which stand side by side in the order of their bytes */
	uint32_t id;       /* of the piece that ends here; TOKEN_NONE: none does */
	double score;      /* of that piece */
	uint16_t children; /* how many: up to 256 */
	unsigned char byte;
};

struct unigram {
	const struct vocab *vocab; /* borrowed */
	struct vec_f64 scores;     /* by id, as the file gives them */
	uint32_t unk;              /* TOKEN_NONE: the file names none */
	bool byte_fallback;
	VEC(struct unigram_node) nodes; /* set by unigram_finish, as are the following; 0 is the root */
	double unknown_score;
	uint32_t byte_ids[256]; /* of <0xNN> */
};

/* vocab is borrowed until the release. Then scores, unk and byte_fallback are filled in, a score for every token of the
 * model, whose ids are 0, 1, 2 …; and unigram_finish, which refuses (ERR_FORMAT) what no vocabulary has: a piece of
 * more than UNIGRAM_MAX_PIECE bytes, which would make encoding slow, and more than UNIGRAM_MAX_BYTES of all together,
 * which take some dozens of times as much memory. */
void unigram_init(struct unigram *u, const struct vocab *vocab);
int unigram_finish(struct unigram *u, struct err *err) MUST_CHECK;
void unigram_release(struct unigram *u); /* a zeroed one is fine */

/* Scratch for unigram_word: zeroed is empty, kept from word to word, one thread at a time. */
struct unigram_scratch {
	VEC(struct unigram_path) paths;
	struct vec_u32 ends;
};
void unigram_scratch_release(struct unigram_scratch *s);

/* Appends the ids of a word (valid UTF-8). *unknown grows by the runs of characters that became the unknown token. A
 * character that would have to is an error where there is no unknown token. */
int unigram_word(const struct unigram *u, struct unigram_scratch *s, const char *word, size_t len, struct vec_u32 *ids,
	size_t *unknown, struct err *err) MUST_CHECK;

/* A score as Hugging Face's reader of JSON has it, which may be off by a unit in the last place; ties hang on that. */
double unigram_read_score(double score);

#endif
