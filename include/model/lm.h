/*
 * A language model as the search sees it: one prompt, and below it a growing tree of tokens.
 *
 * Node LM_PROMPT stands for the end of the prompt; every other node is one token after its parent. A node costs nothing
 * until a query needs it: then the model runs the missing tokens of all queried paths through each layer as one matrix,
 * ancestors included, and keeps their keys and values. Nothing is copied when a beam is reordered, and a path that is
 * asked for again (by a wider beam, by the exact search) is already there.
 *
 * The implementations (a transformer, a probability table) stand behind struct lm_ops. An lm is used by one thread at a
 * time; the kernels inside it may use more.
 */
#ifndef MODEL_LM_H
#define MODEL_LM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/cancel.h"
#include "base/err.h"

typedef uint32_t lm_node;

#define LM_PROMPT ((lm_node)0)

/* What is wanted of the distribution that follows a node. */
struct lm_query {
	lm_node node;
	const uint32_t *ids; /* [n] vocabulary ids, each below the vocabulary size; borrowed for the call */
	size_t n;
	float *logits; /* out [n]: z of those ids; -inf where the model gives no probability. May be NULL if n is 0 */
	double *lse;   /* out, or NULL: log of the sum over the whole vocabulary of exp(z/tau) */
	float *all;    /* out [vocab], or NULL: z of the whole vocabulary */
};

/* What was computed since lm_open, for benchmarks and progress; a caller takes differences. */
struct lm_stats {
	uint64_t prompt_tokens; /* tokens of all prompts that were set */
	uint64_t prompt_reused; /* of these, found in the cache of the prompt before */
	uint64_t nodes;         /* tree tokens that went through the layers */
	uint64_t passes;        /* matrices that they went through in */
	uint64_t rows_picked;   /* rows of the output matrix used for single ids */
	uint64_t rows_full;     /* queries that needed the whole output matrix */
};

struct lm;

struct lm_ops {
	int (*prompt)(struct lm *lm, const uint32_t *tokens, size_t n, struct err *err);
	lm_node (*child)(struct lm *lm, lm_node parent, uint32_t token);
	int (*query)(struct lm *lm, struct lm_query *queries, size_t n, double tau, struct err *err);
	void (*close)(struct lm *lm);
};

struct lm {
	const struct lm_ops *ops;
	size_t vocab;              /* vocabulary size; ids are below it */
	size_t max_tokens;         /* longest prompt + path that can be computed; 0: no limit */
	const cancel_flag *cancel; /* borrowed; NULL: never cancelled. Read at least once a layer */
	bool ignores_prompt;       /* any prompt will do, the empty one too: the answers do not depend on it */
	bool prompted;             /* a prompt is set */
	struct lm_stats stats;
};

/* Sets the prompt and empties the tree. The prefix that it shares with the prompt before is not computed again where
 * that leaves the bits of all answers as they are: they never depend on the prompts before. An empty prompt, an id
 * outside the vocabulary or one token too many is ERR_VALUE (unless the model ignores prompts); after any failure there
 * is no prompt, and to ask or grow a tree without one is a BUG. */
int lm_prompt(struct lm *lm, const uint32_t *tokens, size_t n, struct err *err) MUST_CHECK;

/* The node for `token` after `parent`: the one that is there, or a new one. Ids outside the vocabulary are a BUG. Nodes
 * live until the next lm_prompt. */
lm_node lm_child(struct lm *lm, lm_node parent, uint32_t token);

/* Answers all queries, computing what is missing in as few passes as possible. tau > 0 counts for lse only: logits
 * are as the model gives them. The answer for a node does not depend on which others are asked with it, up to
 * rounding. Refusals: too long, memory (what was computed stays), ERR_CANCELLED, not-a-number logits (ERR_FORMAT). */
int lm_query(struct lm *lm, struct lm_query *queries, size_t n, double tau, struct err *err) MUST_CHECK;

void lm_close(struct lm *lm); /* NULL is fine */

#endif
