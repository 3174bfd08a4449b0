/*
 * A dataset in one of the published forms: a catalogue and up to three splits of cases.
 */
#ifndef DATA_DATASET_H
#define DATA_DATASET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/vec.h"
#include "data/catalogue.h"

enum split_kind {
	SPLIT_TEST,
	SPLIT_VALID,
	SPLIT_TRAIN,
	SPLIT_COUNT
};

/* One question put to a recommender: a history and the item that really came next. */
struct rec_case {
	const char *id;          /* "1" … in the order of the file; a token dataset gives its own */
	const char *user;        /* "" if unknown */
	const uint32_t *history; /* [n_history] item indices, oldest first */
	size_t n_history;
	uint32_t positive;       /* item index; ITEM_NONE if the file names none of the catalogue */
	const char *positive_id; /* as in the file, in the catalogue or not; "" if it names none */
	int64_t timestamp;       /* as in the file; 0 if unknown */
	const uint32_t *prompt;  /* [n_prompt] complete prompt tokens of a token dataset; NULL otherwise */
	size_t n_prompt;
};

struct split {
	char *file;             /* owned; path it was read from, NULL if the dataset has no such split */
	struct rec_case *cases; /* owned, [n] */
	size_t n, cap;
	struct map by_id;
	size_t n_untitled;    /* ids in histories that the catalogue lacks: left out, as the published readers do */
	size_t n_no_positive; /* cases whose positive item is not in the catalogue, or that name none */
	size_t n_too_short;   /* users without a case here: their sequences are too short for this split */
};

/* What a token dataset's optional vocab.csv says a token stands for. */
struct piece {
	uint32_t token;
	const char *text;
};

/* An option that the dataset asks for, in its meta.json or by its form, as `set NAME VALUE` takes it. */
struct dataset_setting {
	const char *name, *value;
};

struct dataset {
	char *path, *name; /* owned; name: the directory's, e.g. "bear-office" */
	const char *form;  /* "BEAR", "LC-Rec", "tokens" …: how it is published */
	char *chosen;      /* owned; the file of it by which it was named, NULL if it was by its directory */
	bool tokens_only;  /* items and prompts are token ids; no tokenizer is needed */
	char *index_file;  /* owned; where the semantic ids were read, NULL if there are none */
	size_t n_index_files; /* that there are to choose from */
	struct catalogue catalogue;
	struct split splits[SPLIT_COUNT];
	size_t n_users;        /* that the files name */
	size_t n_interactions; /* of users with items, where the files list them user by user; 0: they do not */
	struct piece *pieces; /* owned, [n_pieces], by rising token */
	size_t n_pieces;
	struct dataset_setting *settings; /* owned, [n_settings], in the file's order */
	size_t n_settings;
	const char *templates[2]; /* names of the prompt templates that models of its form were made with, by enum
				     item_text; NULL: none is known */
	const char *first_case; /* of the test split, to be shown first; NULL: the dataset does not say */
	struct arena arena; /* owns the cases' arrays and all strings */
};

/* Finds the form by the files that are there and reads all of it. path: a directory, or a file in it that says which of
 * several datasets, or which semantic ids of several, are meant (X.index.json, X.inter.json, info/X.txt). An unknown
 * form lists what was looked for. Caller frees. */
int dataset_open(struct dataset **out, const char *path, struct err *err) MUST_CHECK;
void dataset_free(struct dataset *d); /* NULL is fine */

/* Makes the dataset ask for an option, unless it does so already; both texts are copied. */
void dataset_ask(struct dataset *d, const char *name, const char *value);
const char *dataset_asks(const struct dataset *d, const char *name); /* the value; NULL: it does not ask */

const char *split_name(enum split_kind kind); /* "test" */

/* A case by its id in a split; NULL and ERR_NOT_FOUND with the range of ids otherwise. */
const struct rec_case *dataset_case(const struct dataset *d, enum split_kind split, const char *id, struct err *err);

/* The id of the case to be shown first: the one that the dataset names, in another split its first; NULL: none. */
const char *dataset_first_case(const struct dataset *d, enum split_kind split);

/* What a token dataset says a token stands for; NULL if it does not say. Raw text: utf8_show it. */
const char *dataset_piece(const struct dataset *d, uint32_t token);

/* The prompt's text for a case, without the items of its history that have none; max_history > 0 keeps only that many
 * of the latest others. Not for token datasets. */
void dataset_prompt_text(const struct dataset *d, const struct rec_case *c, const struct template *tm,
	size_t max_history, struct buf *out);

/* Appends the prompt's tokens: encoded with special tokens, or as the token dataset gives them. */
int dataset_prompt(const struct dataset *d, const struct rec_case *c, const struct tokenizer *t,
	const struct template *tm, size_t max_history, struct vec_u32 *ids, struct err *err) MUST_CHECK;

#endif
