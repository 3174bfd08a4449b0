/*
 * The parts of a loss: the storage of one batch (loss.c), the output matrix on the way up and back (loss_head.c), and
 * the searches that some objectives want (loss_search.c).
 */
#ifndef TRAIN_LOSS_PRIV_H
#define TRAIN_LOSS_PRIV_H

#include "train/loss.h"

#define VOCAB_BLOCK 256 /* rows that meet the whole output matrix at a time, while their logits are in the cache */

/*
 * Everything that one batch needs, in one block. A label token is one to be predicted; the wanted rows are those of the
 * label tokens that need the model, in the order of the tokens.
 */
struct loss_batch {
	struct batch_size size;
	bool vocab; /* wanted: every label token; otherwise those with a choice among valid children */
	size_t n_wanted;

	uint32_t *tokens; /* [rows] */
	size_t *first;    /* [sequences + 1] first row of each */
	size_t *item;     /* [items + 1] first label token of each */

	uint32_t *node;   /* [tokens] trie node that a label token leads to */
	uint32_t *valid;  /* [tokens] children of its parent */
	double *logp, *dlogp, *beta, *cutoff; /* [tokens] */

	uint32_t *wanted; /* [n_wanted] rows */
	uint32_t *token;  /* [n_wanted] label tokens that they predict */
	float *top, *dtop; /* [n_wanted, hidden] from the layers, and its gradient */

	/* The head's rows: as the wanted ones, or, with a mask, ordered by trie node so that those who choose among the
	 * same children stand together. */
	uint64_t *order;   /* [n_wanted] node above the label, and index of the wanted row; with a mask */
	float *x, *dx;     /* [n_wanted, hidden]; without a mask top and dtop themselves */
	uint32_t *label;   /* [n_wanted] index among the children; the token's id without a mask */
	double *head_logp, *head_dlogp, *lse; /* [n_wanted] */
	float *z;          /* logits: [children]; without a mask [slots · VOCAB_BLOCK, vocab] */
	size_t slots;      /* blocks of rows that z holds without a mask */
	double *child_logp; /* [widest] of one row, with OBJECTIVE_BETA */
};

struct loss_work {
	struct kern *kern;
	const struct trie *trie;
	struct backprop *backprop;
	bool recompute;
	void *storage; /* owned */
	size_t bytes;
	struct loss_batch at;
	struct objective_batch seen;
};

/* Fills in logp, and beta where it is asked for, of the label tokens that are wanted. */
int head_forward(struct loss_work *w, const struct loss_request *r, const cancel_flag *cancel, struct err *err);

/* From dlogp to dtop, and to the gradient of the output matrix in r->grad. With a mask top is overwritten. */
int head_backward(struct loss_work *w, const struct loss_request *r, const cancel_flag *cancel, struct err *err);

/* Fills in cutoff by a search for every target. */
int search_cutoffs(struct loss_work *w, const struct loss_request *r, double *seconds, const cancel_flag *cancel,
	struct err *err);

#endif
