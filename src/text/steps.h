/*
 * The steps that a tokenizer.json's normaliser, pre-tokeniser and decoder consist of. A text under work is a sequence
 * of pieces; a step makes a new sequence from it. The many kinds that the files name (Prepend, Metaspace, ByteLevel,
 * Digits …) are all made of the few kinds here.
 */
#ifndef TEXT_STEPS_H
#define TEXT_STEPS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <utf8proc.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/vec.h"
#include "text/chars.h"
#include "text/charsmap.h"
#include "text/pattern.h"

struct pieces {
	struct buf text;  /* the pieces, end to end */
	VEC(size_t) ends; /* in text, of each piece */
	bool at_start;    /* the first piece begins where the text that is being encoded begins */
};

void pieces_clear(struct pieces *p);
void pieces_add(struct pieces *p, const char *text, size_t len);
const char *pieces_get(const struct pieces *p, size_t i, size_t *len); /* borrows until the next change */
void pieces_release(struct pieces *p);

enum step_kind {
	STEP_PREFIX,        /* put `text` before pieces */
	STEP_REPLACE,       /* every match of `pattern` becomes `text`; with only_at_start, in the first piece */
	STEP_UNICODE,       /* a Unicode normalisation form */
	STEP_CHARS,         /* every character becomes what `chars` says */
	STEP_CHARSMAP,      /* what `charsmap` has is replaced */
	STEP_TRIM,          /* white space goes: at the start of pieces with trim_start, at the end with trim_stop */
	STEP_SPLIT,         /* cut at the matches of `pattern`; empty pieces vanish */
	STEP_BYTES,         /* every byte becomes GPT-2's printable character for it */
	STEP_UNBYTE,        /* and back, all pieces joined; a piece with any other character stays as it is */
	STEP_BYTE_FALLBACK, /* a piece <0xNN> becomes that byte */
	STEP_JOIN,          /* one piece of all, `text` between them */
	STEP_STRIP,         /* up to strip_start times `text` from the start of pieces, strip_stop times from the end */
};

enum split_behavior {
	SPLIT_REMOVED,  /* matches vanish */
	SPLIT_ISOLATED, /* a match is a piece of its own */
	SPLIT_WITH_PREVIOUS,
	SPLIT_WITH_NEXT,
	SPLIT_CONTIGUOUS, /* matches that touch are one piece */
};

struct step {
	enum step_kind kind;
	struct pattern pattern; /* owned */
	char *text;             /* owned */
	size_t len;             /* of text */
	bool unless_present;    /* STEP_PREFIX: not where a piece begins with it */
	bool only_at_start;     /* STEP_PREFIX: only at the start of the encoded text */
	enum split_behavior behavior;
	bool invert; /* STEP_SPLIT: what does not match counts as the match */
	utf8proc_option_t form;
	chars_map *chars;
	struct charsmap charsmap; /* owned */
	bool trim_start, trim_stop;
	size_t strip_start, strip_stop;
};

struct steps {
	VEC(struct step) list;
};

/* A new last step, to be filled in by the caller; text, which may be NULL, is copied. Valid until the next is added. */
struct step *steps_add(struct steps *s, enum step_kind kind, const char *text);
void steps_release(struct steps *s);

/* GPT-2's printable character for a byte. */
uint32_t steps_byte_char(unsigned char byte);

/* Where the pieces are in the text that a decoder makes: what it does at the text's two ends is left out for pieces of
 * its middle. */
enum steps_place {
	STEPS_WHOLE,
	STEPS_MIDDLE,
};

/* Scratch for steps_run: zeroed is empty, kept from text to text, one thread at a time. */
struct steps_scratch {
	struct pieces spare;
	pcre2_match_data *match;
};
void steps_scratch_release(struct steps_scratch *s);

int steps_run(const struct steps *s, enum steps_place place, struct pieces *p, struct steps_scratch *scratch,
	struct err *err) MUST_CHECK;

#endif
