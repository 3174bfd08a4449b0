/*
 * Added tokens: spellings that are found in the text before anything else is done with it. Those with `normalized` set
 * are looked for in normalised text, by their own normalised spelling; so a tokenizer has two sets.
 */
#ifndef TEXT_ADDED_H
#define TEXT_ADDED_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/vec.h"

struct added_token {
	char *text; /* owned; not empty */
	size_t len;
	uint32_t id;
	size_t order;        /* among the tokens put; set by added_put */
	bool single_word;    /* only where no word character touches it */
	bool lstrip, rstrip; /* takes the white space before, after it along */
};

struct added_set {
	VEC(struct added_token) tokens; /* sorted by bytes after added_finish, no two alike */
	bool starts[256];               /* some token starts with this byte */
};

/* A stretch of text: an added token, or what lies between two. A token with rstrip may reach into the next. */
struct segment {
	size_t start, end;
	uint32_t id; /* TOKEN_NONE: text between tokens */
};

struct segments {
	VEC(struct segment) list;
};

void added_put(struct added_set *a, const char *text, size_t len, const struct added_token *like); /* copies text */
void added_finish(struct added_set *a); /* after the last added_put; of two equal spellings the first counts */
void added_release(struct added_set *a);

/* Replaces *out by the segments of text: at every place the longest token counts, the leftmost place first. */
void added_split(const struct added_set *a, const char *text, size_t len, struct segments *out);

#endif
