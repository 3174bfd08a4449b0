/*
 * Predictions that somebody's search has made, judged: what the published evaluation says of them, which of them are no
 * items, and, where a model was asked too (session/judge_run.h), whether the search or the model is to blame for an
 * item that is not in its list.
 */
#ifndef DIAGNOSE_JUDGEMENT_H
#define DIAGNOSE_JUDGEMENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/map.h"
#include "base/mem.h"
#include "data/dataset.h"
#include "data/predictions.h"
#include "diagnose/contest.h"
#include "diagnose/diagnosis.h"
#include "diagnose/figures.h"
#include "store/json.h"

#define JUDGEMENT_AT 8    /* most K of HR@K and NDCG@K */
#define JUDGEMENT_KINDS 5 /* of verdicts */

/* One entry of the file. */
struct judged {
	const struct rec_case *rc; /* borrowed from the dataset; NULL: without one */
	size_t index;              /* of the case in its split, from 1; 0 without a dataset */
	size_t rank;               /* by its text, as the published evaluation finds it; 0: not in the list */
	size_t item_rank; /* where the items that share a text are listed one by one; 0: not there, or no dataset */
	size_t invalid;   /* texts that are no item's */
	size_t repeated;  /* texts that stood before them in the list */

	/* What the model says; kind is VERDICT_RETRIEVED for all that are in their list. */
	bool searched;
	enum verdict_kind kind;
	enum unreachable_why why;
	size_t exact_rank, exact_rank_most; /* of the positive item, followed to the file's B; 0 if unreachable */
	size_t own_rank;  /* in the result of this model's own search of the same width; 0: not returned */
	size_t pruned_at; /* step at which that search lost it; 0: it did not */
	bool same_list;   /* that search returns the very list of the file */
};

struct judgement_at {
	size_t k;
	struct figure hr, ndcg, item_hr, item_ndcg; /* item_: n is 0 without a dataset */
};

/* What a file calls the items. */
enum judged_names {
	JUDGED_TEXTS,   /* what the session's model reads: see catalogue_set_texts */
	JUDGED_TITLES,
	JUDGED_INDEXES, /* semantic ids */
};

struct judgement {
	const struct predictions *predictions; /* borrowed */
	const struct dataset *data;            /* borrowed; NULL: none */
	enum split_kind split;
	enum judged_names names;
	size_t max_history;    /* of the latest titles that the inputs name; 0: all */
	size_t before, behind; /* bytes that all inputs begin and end with: no more stands around their histories */
	struct judged *at; /* owned, [predictions->n] in the file's order */
	bool in_order;     /* the entries follow the order of the split */
	size_t n_untold;   /* entries that name no history, and were told apart by answer and order alone */

	struct judgement_at at_k[JUDGEMENT_AT]; /* [n_at] */
	size_t n_at;
	size_t n_short, n_repeated;  /* lists shorter than the longest; lists that say a text twice */
	struct figure invalid;       /* of all predictions, those that are no item's; n is 0 without a dataset */
	struct figure invalid_lists; /* of the lists, those with one or more */
	size_t n_searched;
	size_t kinds[JUDGEMENT_KINDS]; /* of those searched, by enum verdict_kind */
	struct figure pruning_rate;    /* incorrectly pruned, of those whose exact rank is within B */
	struct figure same_lists;      /* of those searched */

	struct map items;     /* the catalogue's keys → the first item of each */
	uint32_t *next_alike; /* owned, [items] the next item of the same key; ITEM_NONE */
};

/*
 * Finds for every entry its case, and what can be said without a model. The entries are matched with the cases of the
 * split by what they say of themselves: the answer must be the text of the case's positive item, and the titles of its
 * history, no more and no fewer, must stand in the entry's input in their order: the latest max_history of them in all
 * entries, or all (max_history 0). Entries in the order of the split, gaps allowed, are matched in it; others wherever
 * one case fits that none before took. Without a dataset every entry is judged by its own answer.
 *
 * ERR_VALUE names the entry that fits no case, or that has no answer where there is no dataset to give it. Released by
 * the caller, also on failure.
 */
int judgement_init(struct judgement *j, const struct predictions *p, const struct dataset *d, enum split_kind split,
	size_t max_history, struct err *err) MUST_CHECK;
void judgement_release(struct judgement *j); /* a zeroed one is fine */

/* The items that a text of the list names, in the order of the catalogue: the first, and the one after; ITEM_NONE: no
 * (other) one. */
uint32_t judgement_item(const struct judgement *j, const char *text);
uint32_t judgement_next_item(const struct judgement *j, uint32_t item);

/* The figures, of all entries that were judged. k: [n_k] the K, each at most the file's B; none: 1, 5 and B where they
 * differ. ERR_VALUE otherwise. Intervals as in diagnose/figures.h, of the entries in their order. */
int judgement_sum(struct judgement *j, const size_t *k, size_t n_k, uint64_t seed, struct err *err) MUST_CHECK;

/* Two files over the cases that both hold, matched with one dataset: is what the second has more, or less, than chance?
 * The K are those that both were summed at. */
struct judgement_bout {
	size_t cases; /* 0: they share none, or there is no dataset; nothing else is known then */
	size_t k[JUDGEMENT_AT]; /* [n_at] */
	struct flip_test hit[JUDGEMENT_AT];
	struct mean_test ndcg[JUDGEMENT_AT];
	size_t n_at;
};

void judgement_compare(struct judgement_bout *b, const struct judgement *first, const struct judgement *second,
	uint64_t seed);
json_t *judgement_bout_json(const struct judgement_bout *b); /* null without cases */

/* The figures as JSON, and one entry (from 0). One reference each. */
json_t *judgement_json(const struct judgement *j);
json_t *judgement_entry_json(const struct judgement *j, size_t entry);

#endif
