/*
 * What is loaded, in three stages of which each leans on those before it: the model with its tokenizer; the dataset,
 * spelt in that tokenizer's ids; the trie over the catalogue and the scorer that joins both.
 *
 * A stage is built anew when what it was built from has changed. New stages are built beside the old ones and take
 * their place only when all succeeded: a failure leaves everything as it was.
 */
#ifndef SESSION_LOADED_H
#define SESSION_LOADED_H

#include "data/dataset.h"
#include "kern/kern.h"
#include "model/lm.h"
#include "search/scorer.h"
#include "session/option.h"
#include "store/file.h"
#include "text/template.h"
#include "text/tokenizer.h"

#define DIGEST_TEXT 17

struct model_stage {
	size_t serial;               /* tells apart the models of a session */
	char *path;                  /* owned */
	char *adapter;               /* owned; NULL: none */
	long threads;                /* as the option has it */
	bool is_table;               /* a probability table: no kern, no tokenizer, no adapter */
	struct kern *kern;           /* owned */
	struct lm *lm;               /* owned */
	struct tokenizer *tokenizer; /* owned; NULL: the directory holds none */
	size_t positions;            /* that the model was trained on; 0: it has no such thing */
	uint32_t eos;                /* the model's first, else the tokenizer's; TOKEN_NONE */
	char digest[DIGEST_TEXT];    /* see digest.h; "": not made yet */
	char *rival;                 /* owned: the first of those beside it, see rivals.h; NULL: there is none */
};

struct data_stage {
	size_t serial;             /* tells apart the datasets of a session */
	char *path;                /* owned */
	bool bundled;
	struct dataset *dataset;   /* owned */
	size_t spelt_for;          /* serial of the model in whose tokens the items are spelt; 0: not spelt */
	char *template_name;       /* owned, as the option has it */
	int items;                 /* the same */
	long title_words;          /* the same */
	char *template_path;       /* owned; NULL for token datasets */
	struct template *template; /* owned; NULL for token datasets */
	char digest[SPLIT_COUNT][DIGEST_TEXT]; /* with each split; "": not made yet */
};

struct search_stage {
	const struct model_stage *model; /* borrowed */
	const struct data_stage *data;   /* borrowed */
	struct trie trie;
	struct scorer scorer;
	const struct rec_case *prompted; /* case whose prompt the scorer holds; NULL: none */
	long max_history;                /* it was made with */
	size_t n_prompt;                 /* its tokens */
};

struct loaded {
	struct model_stage *model;   /* NULL: not loaded */
	struct data_stage *data;
	struct search_stage *search;
	size_t n_models, n_datasets; /* serials given out */
	unsigned again;  /* CMD_NEEDS_MODEL, CMD_NEEDS_DATA: the next loaded_update reads it anew, changed or not */
};

/* Brings the stages that `needs` (CMD_NEEDS_…) asks for up to date with the options as the user set them. *now,
 * initialised before, becomes these options with what the dataset asks for where the user said nothing. After a failure
 * both are as they were. */
int loaded_update(struct loaded *l, const struct options *user, struct options *now, const char *datadir,
	unsigned needs, const cancel_flag *cancel, struct err *err) MUST_CHECK;

/* The options as they stand for what is loaded: `user` and what the dataset asks for. */
int loaded_now(const struct loaded *l, const struct options *user, struct options *now, struct err *err) MUST_CHECK;

/* Would loaded_update have something to build? */
bool loaded_stale(const struct loaded *l, const struct options *user, const char *datadir, unsigned needs);

/* What was loaded, to be told when it is read anew. */
struct loaded_mark {
	size_t model, data; /* serials; 0: there was none */
	char model_digest[DIGEST_TEXT], data_digest[DIGEST_TEXT];
};

void loaded_mark(const struct loaded *l, enum split_kind split, struct loaded_mark *mark);

/* Others took the place of what was marked, and it was read again: where the digests are equal it is what it was, so
 * that a search that was made with it can be gone on with. */
void loaded_known_again(struct loaded *l, enum split_kind split, const struct loaded_mark *mark);

/* Frees the model and what leans on it, so that another need not stand beside it; the dataset stays. */
void loaded_release_model(struct loaded *l);

void loaded_release(struct loaded *l);

/* Appends the names of the bundled templates, as the option has them. */
int loaded_templates(struct file_names *names, const char *datadir, struct err *err) MUST_CHECK;

/* Loads a template for a dataset of that name: one of the bundled by its name, or a file. The caller frees it. */
int loaded_template(struct template **out, const char *name, const char *dataset, const char *datadir,
	struct err *err) MUST_CHECK;

#endif
